//! Exception tables of 32-bit ARM: `.ARM.exidx` lists functions, `.ARM.extab` has what does not fit into the list.
//!
//! ```text
//! .ARM.exidx  {31 bits distance to the function, u32 1 (never unwound), instructions, or distance to their table}
//! ```
//!
//! Source: Exception Handling ABI for the Arm Architecture (IHI 0038), sections 6 and 10.3; what follows a personality
//! routine of GCC is as `__gnu_unwind_frame` reads it.

use super::arch::Register;
use super::exidx_program::Program;
use super::frame::{Frame, Unwound};
use super::info::UnwindInfo;

const ENTRY: usize = 8;
const CANNOT_UNWIND: u32 = 1;
const COMPACT: u32 = 1 << 31;
/// Words of instructions; a byte counts them.
const MAX_WORDS: u32 = 255;
const LR: Register = 14;
const PC: Register = 15;

/// Follows the rules for the frame's address. `table`: the bytes of `.ARM.exidx`, at a virtual address.
pub(super) fn unwind(info: &UnwindInfo, table: &[u8], at: u64, frame: &Frame<'_>) -> Option<Unwound> {
    let (entries, _) = table.as_chunks::<ENTRY>();
    let place = |index: usize| at.wrapping_add((index * ENTRY) as u64);
    let starts = |index: usize| Some(near(place(index), word(entries.get(index)?, 0)?));
    let mut after = 0..entries.len();
    while !after.is_empty() {
        let middle = after.start + after.len() / 2;
        if starts(middle)? <= frame.address { after.start = middle + 1 } else { after.end = middle }
    }
    let index = after.start.checked_sub(1)?;
    if frame.is_interrupted && starts(index)? == frame.address {
        return Some(leaf(frame));
    }
    match word(entries.get(index)?, 4)? {
        CANNOT_UNWIND => Some(Unwound::End),
        inline if inline & COMPACT != 0 => run(compact(info, inline, 0)?, frame),
        distance => run(listed(info, near(place(index).wrapping_add(4), distance))?, frame),
    }
}

/// The address at a distance of 31 bits.
fn near(place: u64, distance: u32) -> u64 {
    let distance = (distance << 1).cast_signed() >> 1;
    place.wrapping_add_signed(distance.into()) & u64::from(u32::MAX)
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Instructions in `.ARM.extab`.
fn listed(info: &UnwindInfo, address: u64) -> Option<Program> {
    let first = word(info.bytes(address, 4)?, 0)?;
    if first & COMPACT != 0 {
        return compact(info, first, address);
    }
    // A personality routine comes first; what follows is its own, but all of them let GCC's code read it.
    let counted = word(info.bytes(address.checked_add(4)?, 4)?, 0)?;
    more(info, counted << 8, 3, counted >> 24, address.checked_add(8)?)
}

/// Instructions behind a number of one of the ABI's own personality routines.
fn compact(info: &UnwindInfo, first: u32, address: u64) -> Option<Program> {
    match first >> 24 & 15 {
        0 => more(info, first << 8, 3, 0, 0),
        1 | 2 => more(info, first << 16, 2, first >> 16 & MAX_WORDS, address.checked_add(4)?),
        _ => None,
    }
}

/// `count` bytes from the top of a word, then words.
fn more(info: &UnwindInfo, first: u32, count: usize, words: u32, address: u64) -> Option<Program> {
    let mut code: Vec<u8> = first.to_be_bytes().into_iter().take(count).collect();
    let rest =
        if words == 0 { &[] } else { info.bytes(address, usize::try_from(words).ok()?.checked_mul(4)?)? };
    code.extend(rest.as_chunks::<4>().0.iter().flat_map(|word| u32::from_le_bytes(*word).to_be_bytes()));
    Some(Program::new(code))
}

fn run(program: Program, frame: &Frame<'_>) -> Option<Unwound> {
    program.run(frame).map(Unwound::guess)
}

/// A function that has done nothing yet.
fn leaf(frame: &Frame<'_>) -> Unwound {
    let mut caller = frame.registers.returned(frame.registers.get(LR), frame.registers.sp());
    caller.set(PC, frame.registers.get(LR));
    Unwound::guess(caller)
}
