//! Compact encodings of arm64.
//!
//! Source: `<mach-o/compact_unwind_encoding.h>`, `UNWIND_ARM64_*`.

use super::arch::Register;
use super::arm64_code;
use super::compact::Function;
use super::frame::{Frame, Unwound};
use super::info::UnwindInfo;
use super::registers::Registers;

const FRAMELESS: u32 = 2;
const FRAMED: u32 = 4;
const FP: Register = 29;
/// Pairs of registers that may be saved, from the frame pointer downwards, by bit of the encoding from 0.
const PAIRS: [Register; 5] = [19, 21, 23, 25, 27];
/// Longer prologues are not looked at; instructions.
const MAX_PROLOGUE: u32 = 32;

/// Follows an encoding. `address`: the frame's, relative to the image.
pub(super) fn unwind(
    info: &UnwindInfo,
    function: Function,
    address: u32,
    frame: &Frame<'_>,
) -> Option<Unwound> {
    if frame.is_interrupted
        && let Some(depth) = depth(info, function, address)
    {
        return from_link_register(frame, depth).map(Unwound::caller);
    }
    let caller = match function.mode() {
        FRAMELESS => from_link_register(frame, function.bits(12, 12) * 16),
        FRAMED => framed(function, frame),
        _ => None,
    };
    caller.map(Unwound::caller)
}

/// Bytes that a prologue has taken so far, while the return address is still in its register.
fn depth(info: &UnwindInfo, function: Function, address: u32) -> Option<u64> {
    let code = |start: u32, len: u32| {
        info.bytes(info.load_address().checked_add(start.into())?, usize::try_from(len).ok()?)
    };
    if code(address, 4).is_some_and(arm64_code::returns) {
        return Some(0);
    }
    let len = address.checked_sub(function.start).filter(|len| *len <= MAX_PROLOGUE * 4)?;
    arm64_code::prologue(code(function.start, len)?)
}

fn from_link_register(frame: &Frame<'_>, depth: u64) -> Option<Registers> {
    let sp = frame.registers.sp()?.checked_add(depth)?;
    // Called functions leave their own return address there: only the innermost frame has its caller's.
    let lr = frame.registers.lr().filter(|_| frame.is_interrupted)?;
    Some(frame.registers.returned(Some(lr), Some(sp)))
}

fn framed(function: Function, frame: &Frame<'_>) -> Option<Registers> {
    let fp = frame.registers.fp()?;
    let pc = frame.word(fp.checked_add(8)?)?;
    let mut caller = frame.registers.returned(Some(pc), fp.checked_add(16));
    let mut at = fp;
    for (bit, first) in (0..).zip(PAIRS) {
        if function.bits(bit, 1) == 1 {
            caller.set(first, frame.word(at.checked_sub(8)?));
            caller.set(first + 1, frame.word(at.checked_sub(16)?));
            at = at.checked_sub(16)?;
        }
    }
    caller.set(FP, frame.word(fp));
    Some(caller)
}
