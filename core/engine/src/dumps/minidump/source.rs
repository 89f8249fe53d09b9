//! The file, and reading of it that never leaves it.

use std::cell::{Cell, RefCell};

use minidump_common::format::{
    MINIDUMP_DIRECTORY, MINIDUMP_HEADER, MINIDUMP_LOCATION_DESCRIPTOR, MINIDUMP_STREAM_TYPE,
};
use scroll::ctx::{SizeWith, TryFromCtx};
use scroll::{BE, Endian, LE, Pread};

use super::MinidumpError;

const HEADER: usize = 32;
const MAX_STREAMS: usize = 4096;
/// Bytes of one text in the file.
const MAX_TEXT: usize = 256 * 1024;
/// Bytes of a name in UTF-16: Windows's paths have at most 32,767 units.
const MAX_NAME: usize = 64 * 1024;
/// Bytes of all texts together; one text that all modules share would else be there once for each.
const MAX_TEXTS: usize = 16 * 1024 * 1024;
const MAX_DAMAGE: usize = 50;

/// A stream: the bytes that are there of it.
#[derive(Clone, Copy)]
pub(super) struct Stream<'d> {
    pub bytes: &'d [u8],
    /// What the directory says.
    pub declared: usize,
}

/// The file.
pub(super) struct Source<'d> {
    pub bytes: &'d [u8],
    pub endian: Endian,
    pub timestamp: u32,
    pub flags: u64,
    streams: Vec<MINIDUMP_DIRECTORY>,
    text_left: Cell<usize>,
    damage: RefCell<Vec<String>>,
}

impl<'d> Source<'d> {
    pub fn new(bytes: &'d [u8]) -> Result<Self, MinidumpError> {
        let endian = match bytes.get(..4) {
            Some(b"MDMP") => LE,
            Some(b"PMDM") => BE,
            _ => return Err(MinidumpError("it does not begin with MDMP")),
        };
        let header: MINIDUMP_HEADER =
            bytes.pread_with(0, endian).map_err(|_| MinidumpError("its header is cut off"))?;
        let source = Self {
            bytes,
            endian,
            timestamp: header.time_date_stamp,
            flags: header.flags,
            streams: Vec::new(),
            text_left: Cell::new(MAX_TEXTS),
            damage: RefCell::default(),
        };
        let (count, start) = (as_len(header.stream_count), as_len(header.stream_directory_rva));
        let streams = source.entries(bytes.get(start..).unwrap_or_default(), count, MAX_STREAMS, "streams");
        Ok(Self { streams, ..source })
    }

    /// What is there of a stream; None if the directory has none of the kind.
    pub fn stream(&self, kind: u32) -> Option<Stream<'d>> {
        let entry = self.streams.iter().rfind(|entry| entry.stream_type == kind)?;
        let declared = as_len(entry.location.data_size);
        let bytes = self.slice(&entry.location);
        if bytes.len() < declared {
            self.note(format!("Stream {kind:#x} is cut off: {} of {declared} bytes are there.", bytes.len()));
        }
        Some(Stream { bytes, declared })
    }

    /// What is there of a stream of a known kind.
    pub fn known(&self, kind: MINIDUMP_STREAM_TYPE) -> Option<Stream<'d>> {
        self.stream(kind as u32)
    }

    /// The entries of a stream that is a list; of those that the stream's count announces what is there.
    pub fn list<T>(&self, kind: MINIDUMP_STREAM_TYPE, limit: usize, what: &str) -> Vec<T>
    where
        T: TryFromCtx<'d, Endian, [u8], Error = scroll::Error> + SizeWith<Endian>,
    {
        let Some(stream) = self.known(kind) else { return Vec::new() };
        let Some(count) = self.count(stream.bytes) else { return Vec::new() };
        let padded = count.checked_mul(T::size_with(&self.endian)).and_then(|len| len.checked_add(8));
        let start = if padded == Some(stream.declared) { 8 } else { 4 };
        self.entries(stream.bytes.get(start..).unwrap_or_default(), count, limit, what)
    }

    /// Up to `limit` of the `count` records that begin the bytes.
    pub fn entries<T>(&self, bytes: &'d [u8], count: usize, limit: usize, what: &str) -> Vec<T>
    where
        T: TryFromCtx<'d, Endian, [u8], Error = scroll::Error> + SizeWith<Endian>,
    {
        self.strided(bytes, T::size_with(&self.endian), count, limit, what)
    }

    /// The same, where the file says how long a record is.
    pub fn strided<T>(&self, bytes: &'d [u8], stride: usize, count: usize, limit: usize, what: &str) -> Vec<T>
    where
        T: TryFromCtx<'d, Endian, [u8], Error = scroll::Error>,
    {
        let records = bytes.chunks_exact(stride.max(1)).take(count.min(limit));
        let read: Vec<T> = records.map_while(|record| record.pread_with(0, self.endian).ok()).collect();
        if read.len() < count {
            self.note(format!("Of {count} {what} {} can be read.", read.len()));
        }
        read
    }

    /// The number that a list begins with.
    pub fn count(&self, bytes: &[u8]) -> Option<usize> {
        bytes.pread_with::<u32>(0, self.endian).ok().map(as_len)
    }

    /// The record at an offset of the file.
    pub fn at<T>(&self, offset: usize) -> Option<T>
    where
        T: TryFromCtx<'d, Endian, [u8], Error = scroll::Error>,
    {
        self.bytes.pread_with(offset, self.endian).ok()
    }

    /// What is there of a piece of the file.
    pub fn slice(&self, location: &MINIDUMP_LOCATION_DESCRIPTOR) -> &'d [u8] {
        self.piece(as_len(location.rva), as_len(location.data_size))
    }

    /// What is there of a piece of the file.
    pub fn piece(&self, offset: usize, len: usize) -> &'d [u8] {
        let rest = self.bytes.get(offset..).unwrap_or_default();
        rest.get(..len).unwrap_or(rest)
    }

    /// The text (UTF-16 behind its length in bytes) at an offset; what is cut off or too long is missing.
    pub fn utf16_at(&self, offset: u64) -> Option<String> {
        let bytes = self.counted(usize::try_from(offset).ok()?, MAX_NAME)?;
        let units = bytes.chunks_exact(2).filter_map(|unit| unit.pread_with::<u16>(0, self.endian).ok());
        Some(without_nul(
            &char::decode_utf16(units).map(|unit| unit.unwrap_or('\u{fffd}')).collect::<String>(),
        ))
    }

    /// The text (UTF-8 behind its length in bytes) at an offset.
    pub fn utf8_at(&self, offset: u32) -> Option<String> {
        Some(without_nul(&String::from_utf8_lossy(self.counted(as_len(offset), MAX_TEXT)?)))
    }

    /// Bytes behind their length, within the limits of text.
    fn counted(&self, offset: usize, limit: usize) -> Option<&'d [u8]> {
        if offset < HEADER {
            return None; // nothing lies in the header: there is no text
        }
        let len = as_len(self.at::<u32>(offset)?);
        let bytes = self.piece(offset.checked_add(4)?, len.min(limit).min(self.text_left.get()));
        self.text_left.set(self.text_left.get() - bytes.len());
        if bytes.len() < len {
            self.note(format!("A text of {len} bytes is cut off."));
        }
        Some(bytes)
    }

    /// Says that something is missing.
    pub fn note(&self, what: String) {
        let mut damage = self.damage.borrow_mut();
        if damage.len() < MAX_DAMAGE && !damage.contains(&what) {
            damage.push(what);
        }
    }

    pub fn into_damage(self) -> Vec<String> {
        self.damage.into_inner()
    }
}

/// A number of the file as a length. Saturates where addresses have 32 bits or fewer, and then is out of bounds.
pub(super) fn as_len(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A text up to its first NUL.
pub(super) fn without_nul(text: &str) -> String {
    text.split('\0').next().unwrap_or_default().to_owned()
}

/// UTF-16 in a field of fixed size.
pub(super) fn fixed_utf16(units: &[u16]) -> String {
    without_nul(&String::from_utf16_lossy(units))
}
