//! Stacks that the client walked itself (stream 0x53790001): "Sy", 0, 1.
//!
//! Four numbers (version 1, threads, frames, bytes of names), threads (id, first frame, frames), frames (address, start
//! and length of the name), names; threads and frames begin at multiples of eight bytes.

use scroll::Pread;

use super::source::{Source, as_len};
use super::values::{WalkedFrame, WalkedThread};

const STREAM: u32 = 0x5379_0001;
const VERSION: u32 = 1;
const MAX_THREADS: usize = 10_000;
/// In all threads together.
const MAX_FRAMES: usize = 100_000;
const MAX_NAME: usize = 4096;
const HEAD: usize = 16;
const THREAD: usize = 12;
const FRAME: usize = 16;

/// The three tables of the stream.
struct Tables<'d> {
    threads: &'d [u8],
    frames: &'d [u8],
    names: &'d [u8],
}

pub(super) fn read(source: &Source<'_>) -> Vec<WalkedThread> {
    let Some(stream) = source.stream(STREAM) else { return Vec::new() };
    let Some(tables) = tables(source, stream.bytes) else {
        source.note("The stacks that the client walked cannot be read.".to_owned());
        return Vec::new();
    };
    let mut left = MAX_FRAMES;
    tables
        .threads
        .chunks_exact(THREAD)
        .take(MAX_THREADS)
        .map(|thread| walked(source, &tables, thread, &mut left))
        .collect()
}

fn tables<'d>(source: &Source<'d>, bytes: &'d [u8]) -> Option<Tables<'d>> {
    let number = |index: usize| bytes.pread_with::<u32>(index * 4, source.endian).ok();
    if number(0)? != VERSION {
        return None;
    }
    let threads = as_len(number(1)?).checked_mul(THREAD)?;
    let frames = as_len(number(2)?).checked_mul(FRAME)?;
    let frames_at = HEAD.checked_add(threads)?.checked_next_multiple_of(8)?;
    let names_at = frames_at.checked_add(frames)?;
    let piece = |start: usize, len: usize| {
        let rest = bytes.get(start..).unwrap_or_default();
        rest.get(..len).unwrap_or(rest)
    };
    Some(Tables {
        threads: piece(HEAD, threads),
        frames: piece(frames_at, frames),
        names: piece(names_at, as_len(number(3)?)),
    })
}

fn walked(source: &Source<'_>, tables: &Tables<'_>, thread: &[u8], left: &mut usize) -> WalkedThread {
    let number = |offset| thread.pread_with::<u32>(offset, source.endian).unwrap_or_default();
    let (first, count) = (as_len(number(4)), as_len(number(8)).min(*left));
    let rows = tables.frames.chunks_exact(FRAME).skip(first).take(count);
    let frames: Vec<WalkedFrame> = rows.map_while(|row| frame(source, tables, row)).collect();
    *left -= frames.len();
    WalkedThread { id: number(0), frames }
}

fn frame(source: &Source<'_>, tables: &Tables<'_>, row: &[u8]) -> Option<WalkedFrame> {
    let number = |offset| row.pread_with::<u32>(offset, source.endian).ok().map(as_len);
    let (start, len) = (number(8)?, number(12)?.min(MAX_NAME));
    let name = start.checked_add(len).and_then(|end| tables.names.get(start..end)).unwrap_or_default();
    let address = row.pread_with::<u64>(0, source.endian).ok()?;
    Some(WalkedFrame { address, function: String::from_utf8_lossy(name).into_owned() })
}
