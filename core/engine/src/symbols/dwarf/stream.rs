//! A compressed `.debug_info`, inflated and handed on unit by unit.
//!
//! Inflating is half of the work on a large file, and no two threads can share it. So one thread inflates while the
//! other reads the units that are there, and what was read is forgotten: the section is never in memory as a whole.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use flate2::bufread::ZlibDecoder;
use object::{CompressedData, CompressionFormat};
use ruzstd::decoding::StreamingDecoder;

use super::Endian;

/// Bytes of units that may wait before the inflating thread reads some itself.
const MAX_WAITING: usize = 24 << 20;
/// Buffers that are kept for use again.
const MAX_SPARE: usize = 64;
/// Marks a unit whose length has eight bytes (DWARF 5, section 7.4).
const LONG: u32 = u32::MAX;
/// No more than this is reserved on the word of a header.
const MAX_RESERVED: u64 = 4 << 20;

/// A section that is being inflated.
pub(super) struct UnitStream<'d, E> {
    inflating: Box<dyn Read + Send + 'd>,
    offset: usize,
    left: u64,
    endian: E,
}

impl<'d, E: Endian> UnitStream<'d, E> {
    /// None if nobody here can inflate the section.
    pub(super) fn new(packed: CompressedData<'d>, endian: E) -> Option<Self> {
        let inflating: Box<dyn Read + Send + 'd> = match packed.format {
            CompressionFormat::Zlib => Box::new(ZlibDecoder::new(packed.data)),
            CompressionFormat::Zstandard => Box::new(StreamingDecoder::new(packed.data).ok()?),
            _ => return None,
        };
        Some(Self { inflating, offset: 0, left: packed.uncompressed_size, endian })
    }

    /// Inflates the next unit, header included, into `buffer`. None at the end, and where the section is damaged.
    pub(super) fn next(&mut self, mut buffer: Vec<u8>) -> Option<Vec<u8>> {
        buffer.clear();
        self.extend(&mut buffer, 4)?;
        let short = self.endian.read_u32(&buffer);
        let length = if short == LONG {
            self.extend(&mut buffer, 8)?;
            self.endian.read_u64(buffer.get(4..)?)
        } else {
            short.into()
        };
        self.extend(&mut buffer, length)?;
        self.offset += buffer.len();
        Some(buffer)
    }

    /// Where the next unit starts.
    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    fn extend(&mut self, buffer: &mut Vec<u8>, count: u64) -> Option<()> {
        self.left = self.left.checked_sub(count)?;
        buffer.reserve(usize::try_from(count.min(MAX_RESERVED)).ok()?);
        let read = self.inflating.by_ref().take(count).read_to_end(buffer).ok()?;
        (read as u64 == count).then_some(())
    }
}

/// A unit and its offset in the section.
pub(super) type Placed = (usize, Vec<u8>);

/// Units that were inflated and are not read yet.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Placed>,
    bytes: usize,
    spare: Vec<Vec<u8>>,
    is_closed: bool,
}

impl Queue {
    pub(super) fn push(&self, unit: Placed) {
        let mut state = self.lock();
        state.bytes += unit.1.len();
        state.waiting.push_back(unit);
        self.changed.notify_one();
    }

    /// The next unit, waiting for it; None once there will be none.
    pub(super) fn pop(&self) -> Option<Placed> {
        let mut state = self.lock();
        while state.waiting.is_empty() && !state.is_closed {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        take(&mut state)
    }

    /// The next unit if so many wait that the inflating thread should rather read.
    pub(super) fn pop_surplus(&self) -> Option<Placed> {
        let mut state = self.lock();
        if state.bytes > MAX_WAITING { take(&mut state) } else { None }
    }

    /// A buffer to inflate into.
    pub(super) fn buffer(&self) -> Vec<u8> {
        self.lock().spare.pop().unwrap_or_default()
    }

    /// Takes the buffer of a unit that was read back.
    pub(super) fn give_back(&self, buffer: Vec<u8>) {
        let mut state = self.lock();
        if state.spare.len() < MAX_SPARE {
            state.spare.push(buffer);
        }
    }

    /// Closes the queue when what is returned goes, also if that is for a panic: nobody may wait for ever.
    pub(super) fn closing(&self) -> Closing<'_> {
        Closing(self)
    }

    // Whoever panics with the lock held leaves nothing half done.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn take(state: &mut State) -> Option<Placed> {
    let unit = state.waiting.pop_front()?;
    state.bytes -= unit.1.len();
    Some(unit)
}

/// See [`Queue::closing`].
pub(super) struct Closing<'q>(&'q Queue);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.lock().is_closed = true;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use gimli::LittleEndian;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        flate2::read::ZlibEncoder::new(bytes, flate2::Compression::fast()).read_to_end(&mut out).unwrap();
        out
    }

    fn units(data: &[u8], uncompressed_size: u64) -> Vec<Vec<u8>> {
        let data = CompressedData { format: CompressionFormat::Zlib, data, uncompressed_size };
        let mut stream = UnitStream::new(data, LittleEndian).unwrap();
        std::iter::from_fn(|| stream.next(Vec::new())).collect()
    }

    #[test]
    fn units_come_whole_and_a_damaged_one_ends_them() {
        let section = [&[2, 0, 0, 0, 7, 8][..], &[1, 0, 0, 0, 9], &[5, 0, 0, 0, 1]].concat();
        let zipped = packed(&section);
        assert_eq!(units(&zipped, 16), [vec![2, 0, 0, 0, 7, 8], vec![1, 0, 0, 0, 9]]);
        assert_eq!(units(&zipped, 6), [vec![2, 0, 0, 0, 7, 8]]);
        assert!(units(&zipped[..6], 16).is_empty());
    }

    #[test]
    fn a_length_of_eight_bytes_is_read() {
        let section = [&[0xff; 4][..], &[1, 0, 0, 0, 0, 0, 0, 0, 3]].concat();
        assert_eq!(units(&packed(&section), 13), [section]);
    }
}
