//! `.eh_frame_hdr`: functions in order of address, each with the place of its entry in `.eh_frame`.
//!
//! ```text
//! u8 version (1), u8 encodings of: the pointer to .eh_frame, the count, the table
//! i32 pointer to .eh_frame, relative to itself (0x1b)
//! u32 count (0x03)
//! {i32 function, i32 entry} × count, relative to the section (0x3b), ascending
//! ```
//!
//! Linkers write no other encodings; where there are some, the entries themselves are read.
//! Source: Linux Standard Base 5.0, Core, 10.6.2.

use super::place::Place;

const ENCODINGS: [u8; 4] = [1, 0x1b, 0x03, 0x3b];
const HEADER: usize = 12;

/// The table of a file.
pub(super) struct Header {
    place: Place,
    address: u64,
    /// Virtual address of `.eh_frame`.
    pub(super) eh_frame: u64,
}

impl Header {
    /// Of the section at a virtual address; None if it has no table that can be searched.
    pub(super) fn parse(place: Place, address: u64, file: &[u8]) -> Option<Self> {
        let bytes = place.bytes(file);
        let (encodings, rest) = bytes.split_first_chunk::<4>()?;
        let relative = i32::from_le_bytes(*rest.first_chunk()?);
        let eh_frame = address.wrapping_add(4).wrapping_add_signed(relative.into());
        (*encodings == ENCODINGS && bytes.len() > HEADER).then_some(Self { place, address, eh_frame })
    }

    /// Offset in `.eh_frame` of the entry that may cover a virtual address.
    pub(super) fn find(&self, file: &[u8], address: u64) -> Option<usize> {
        let bytes = self.place.bytes(file);
        let count = u32::from_le_bytes(*bytes.get(8..)?.first_chunk()?);
        let (pairs, _) = bytes.get(HEADER..)?.as_chunks::<8>();
        let pairs = pairs.get(..usize::try_from(count).ok()?).unwrap_or(pairs);
        let after =
            pairs.partition_point(|pair| self.absolute(pair, 0).is_some_and(|start| start <= address));
        let entry = self.absolute(pairs.get(after.checked_sub(1)?)?, 4)?;
        usize::try_from(entry.checked_sub(self.eh_frame)?).ok()
    }

    fn absolute(&self, pair: &[u8; 8], at: usize) -> Option<u64> {
        let relative = i32::from_le_bytes(*pair.get(at..)?.first_chunk()?);
        Some(self.address.wrapping_add_signed(relative.into()))
    }
}
