//! Unwind information of 64-bit Windows on arm64: `.pdata` lists functions, with their frames where those are simple;
//! `.xdata` has the others, one operation an instruction of the prologue.
//!
//! ```text
//! .pdata  {u32 begin, u2 0, u30 unwind information / 4} or {u32 begin, u2 1 or 2, packed frame} × n, ascending
//! .xdata  u18 length / 4, u2 version (0), u1, u1 only one epilogue, u5 epilogues, u5 words of operations
//!         both 0: a word follows with u16 epilogues, u8 words
//!         {u18 start / 4, u4, u10 its first operation} × epilogues, unless only one: it ends the function, and the
//!         number is its first operation; then operations, the last one of the prologue first
//! ```
//!
//! Source: Microsoft, "ARM64 exception handling".

use super::frame::{Frame, Unwound};
use super::info::UnwindInfo;
use super::pe_arm64_operations::{self as operations, Operation, State};

const ENTRY: usize = 8;
/// Words of operations; their number has eight bits.
const MAX_WORDS: u32 = 255;

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn bits(word: u32, first: u32, count: u32) -> u32 {
    word >> first & ((1 << count) - 1)
}

/// Follows the rules for the frame's address. `table`: the bytes of `.pdata`.
pub(super) fn unwind(info: &UnwindInfo, table: &[u8], frame: &Frame<'_>) -> Option<Unwound> {
    let address = u32::try_from(frame.address.checked_sub(info.load_address())?).ok()?;
    let (entries, _) = table.as_chunks::<ENTRY>();
    let after = entries.partition_point(|entry| word(entry, 0).is_some_and(|begin| begin <= address));
    let found = after.checked_sub(1).and_then(|index| entries.get(index));
    let (begin, rest) = (word(found?, 0)?, word(found?, 4)?);
    let offset = address.checked_sub(begin)?;
    // An instruction of a prologue that was not executed yet has nothing to undo.
    let at = frame.is_interrupted.then_some(offset);
    let steps = if rest & 3 == 0 { listed(info, rest, offset, at)? } else { packed(rest, offset, at)? };
    let mut state = State::new(frame);
    match steps {
        Some(steps) => steps.into_iter().try_for_each(|step| state.undo(step))?,
        // Behind the function: code without an entry calls nobody.
        None if !frame.is_interrupted => return None,
        None => {}
    }
    state.finish()
}

/// Operations of `.xdata` that are to be undone; None if the address lies behind the function.
fn listed(info: &UnwindInfo, rva: u32, offset: u32, at: Option<u32>) -> Option<Option<Vec<Operation>>> {
    let start = info.load_address().checked_add(rva.into())?;
    let read = |index: u32| word(info.bytes(start.checked_add(u64::from(index) * 4)?, 4)?, 0);
    let header = read(0)?;
    let length = bits(header, 0, 18) * 4;
    let (mut epilogues, mut words, mut next) = (bits(header, 22, 5), bits(header, 27, 5), 1_u32);
    if epilogues == 0 && words == 0 {
        let more = read(1)?;
        (epilogues, words, next) = (bits(more, 0, 16), bits(more, 16, 8).min(MAX_WORDS), 2);
    }
    let is_packed = bits(header, 21, 1) == 1;
    let scopes = if is_packed { 0 } else { epilogues };
    let code_at = start.checked_add(u64::from(next.checked_add(scopes)?) * 4)?;
    let code = info.bytes(code_at, usize::try_from(words).ok()? * 4)?;
    if bits(header, 18, 2) != 0 || offset >= length {
        return Some(None);
    }
    if let Some(at) = at {
        let of_scope = |scope: u32| Some((bits(read(scope)?, 0, 18) * 4, bits(read(scope)?, 22, 10)));
        let first = if is_packed {
            Some((operations::last_epilogue(code, epilogues, length)?, epilogues))
        } else {
            None
        };
        let scoped = (next..next + scopes).filter_map(of_scope);
        for (begin, index) in first.into_iter().chain(scoped) {
            if let Some(steps) = operations::in_epilogue(code, index, at.checked_sub(begin)) {
                return Some(Some(steps));
            }
        }
    }
    operations::prologue(code, at).map(Some)
}

/// A frame of the usual form; None if the address lies behind the function.
fn packed(frame: u32, offset: u32, at: Option<u32>) -> Option<Option<Vec<Operation>>> {
    if offset >= bits(frame, 2, 11) * 4 {
        return Some(None);
    }
    if at == Some(0) {
        return Some(Some(Vec::new()));
    }
    let (floats, integers) = (u64::from(bits(frame, 13, 3)), bits(frame, 16, 4));
    let (homes, chain) = (u64::from(bits(frame, 20, 1)), bits(frame, 21, 2));
    let with_lr = u32::from(chain == 1);
    let float_size = if floats > 0 { (floats + 1) * 8 } else { 0 };
    let saved = (u64::from(integers + with_lr) * 8 + float_size + homes * 64).next_multiple_of(16);
    let locals = (u64::from(bits(frame, 23, 9)) * 16).checked_sub(saved)?;
    let mut steps = Vec::new();
    if chain >= 2 {
        steps.extend([
            Operation::SetStack { below: 0 },
            Operation::Load { register: 29, count: 2, offset: 0 },
        ]);
    }
    steps.push(Operation::Release(locals));
    for index in 0..integers {
        let register = u16::try_from(19 + index).ok()?;
        steps.push(Operation::Load { register, count: 1, offset: u64::from(index) * 8 });
    }
    if with_lr == 1 {
        steps.push(Operation::Load { register: 30, count: 1, offset: u64::from(integers) * 8 });
    }
    steps.push(Operation::Release(saved));
    Some(Some(steps))
}
