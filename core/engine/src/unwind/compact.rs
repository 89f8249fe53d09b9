//! Compact unwind information of Mach-O: one number a function, in pages that are searched.
//!
//! ```text
//! u32 version (1), {u32 offset, u32 count} of: encodings that pages share, personalities, the index
//! index      {u32 function, u32 offset of its page, u32} × count, the last one only ends the range
//! page 2     u32 kind, u16 offset of its entries, u16 count; {u32 function, u32 encoding}
//! page 3     the same, u16 offset of its encodings, u16 count; u32: 24 bits function, 8 bits number of the encoding
//! ```
//!
//! Functions are relative to the image; in pages of kind 3 to the page's first one. What an encoding cannot say is in
//! `__eh_frame`. Source: `<mach-o/compact_unwind_encoding.h>`.

use super::arch::Arch;
use super::cfi::Cfi;
use super::compact_arm64;
use super::compact_x86;
use super::frame::{Frame, Unwound};
use super::info::UnwindInfo;

const INDEX_ENTRY: usize = 12;
const REGULAR: u32 = 2;
const COMPRESSED: u32 = 3;

/// A function's encoding, and where it begins relative to the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) start: u32,
    pub(super) encoding: u32,
}

impl Function {
    /// The four bits that say how the rest is to be read.
    pub(super) fn mode(self) -> u32 {
        self.encoding >> 24 & 15
    }

    /// Bits of the encoding.
    pub(super) fn bits(self, first: u32, count: u32) -> u64 {
        (self.encoding >> first & ((1 << count) - 1)).into()
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn half(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?).into())
}

fn size(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(word(bytes, at)?).ok()
}

/// Follows the rules for the frame's address. `section`: `__unwind_info`.
pub(super) fn unwind(
    info: &UnwindInfo,
    section: &[u8],
    eh_frame: Option<&Cfi>,
    frame: &Frame<'_>,
) -> Option<Unwound> {
    let address = u32::try_from(frame.address.checked_sub(info.load_address())?).ok()?;
    let function = find(section, address)?;
    let is_x86 = frame.registers.arch().is_x86();
    let dwarf_mode = if is_x86 { 4 } else { 3 };
    if function.mode() == dwarf_mode {
        let offset = usize::try_from(function.bits(0, 24)).ok()?;
        return info.follow_entry(eh_frame?, offset, frame);
    }
    match frame.registers.arch() {
        Arch::X86 | Arch::X86_64 => compact_x86::unwind(info, function, address, frame),
        Arch::Arm64 => compact_arm64::unwind(info, function, address, frame),
        // Compact encodings of 32-bit ARM are for watches, which nobody reports from any more.
        Arch::Arm => None,
    }
}

/// The function around an address relative to the image.
pub(super) fn find(section: &[u8], address: u32) -> Option<Function> {
    let (index_at, count) = (size(section, 20)?, size(section, 24)?);
    let index = section.get(index_at..)?.get(..count.checked_mul(INDEX_ENTRY)?)?;
    let (entries, _) = index.as_chunks::<INDEX_ENTRY>();
    let after = entries.partition_point(|entry| word(entry, 0).is_some_and(|start| start <= address));
    // The last entry is none: it ends the range.
    let entry = entries.get(..entries.len().checked_sub(1)?)?.get(after.checked_sub(1)?)?;
    let page = section.get(size(entry, 4)?..)?;
    match word(page, 0)? {
        REGULAR => regular(page, address),
        COMPRESSED => compressed(section, page, word(entry, 0)?, address),
        _ => None,
    }
}

fn regular(page: &[u8], address: u32) -> Option<Function> {
    let entries = page.get(half(page, 4)?..)?.get(..half(page, 6)?.checked_mul(8)?)?;
    let (entries, _) = entries.as_chunks::<8>();
    let after = entries.partition_point(|entry| word(entry, 0).is_some_and(|start| start <= address));
    let entry = entries.get(after.checked_sub(1)?)?;
    Some(Function { start: word(entry, 0)?, encoding: word(entry, 4)? })
}

fn compressed(section: &[u8], page: &[u8], first: u32, address: u32) -> Option<Function> {
    let entries = page.get(half(page, 4)?..)?.get(..half(page, 6)?.checked_mul(4)?)?;
    let (entries, _) = entries.as_chunks::<4>();
    let start = |entry: &[u8; 4]| first.wrapping_add(u32::from_le_bytes(*entry) & 0xff_ffff);
    let after = entries.partition_point(|entry| start(entry) <= address);
    let entry = entries.get(after.checked_sub(1)?)?;
    let (number, shared) = (usize::from(entry[3]), size(section, 8)?);
    let encoding = match number.checked_sub(shared) {
        None => word(section.get(size(section, 4)?..)?, number * 4)?,
        Some(own) if own < half(page, 10)? => word(page.get(half(page, 8)?..)?, own * 4)?,
        Some(_) => return None,
    };
    Some(Function { start: start(entry), encoding })
}
