//! The identifiers by which a debug file and the program it belongs to find each other.

use std::fmt;

use object::read::elf::{ElfFile, FileHeader, NoteIterator, ProgramHeader, SectionHeader};
use object::{Object, ObjectSection, elf};

/// Breakpad folds at most this much of `.text` into an identifier.
const HASHED_TEXT: usize = 4096;
/// Build ids have 8 to 32 bytes; whatever is longer is no id.
const MAX_BUILD_ID: usize = 64;

/// What identifies a debug file: sixteen bytes in the order in which they are written, and for a PDB its age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DebugId {
    uuid: [u8; 16],
    age: u32,
}

impl DebugId {
    /// Of bytes in the order in which they are written.
    pub(super) fn of_uuid(uuid: [u8; 16]) -> Self {
        Self { uuid, age: 0 }
    }

    /// Of a GUID as it lies in a little-endian file, and how often its PDB was written anew.
    pub(super) fn of_guid(guid: [u8; 16], age: u32) -> Self {
        Self { uuid: swapped(guid), age }
    }

    /// The same with another age.
    pub(super) fn with_age(self, age: u32) -> Self {
        Self { age, ..self }
    }

    /// Of hex digits: 32 of the UUID, then those of the age.
    pub(super) fn of_digits(digits: &[u8]) -> Option<Self> {
        let (uuid, age) = digits.split_at_checked(32)?;
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(uuid.chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        let age = std::str::from_utf8(age).ok().filter(|age| !age.is_empty());
        Some(Self { uuid: bytes, age: age.map_or(Some(0), |age| u32::from_str_radix(age, 16).ok())? })
    }
}

/// A GUID's first three fields in the other byte order.
fn swapped(mut guid: [u8; 16]) -> [u8; 16] {
    guid[..4].reverse();
    guid[4..6].reverse();
    guid[6..8].reverse();
    guid
}

impl fmt::Display for DebugId {
    /// Lower case, hyphenated; the age in hex at the end unless it is 0.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.uuid.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        if self.age > 0 { write!(f, "-{:x}", self.age) } else { Ok(()) }
    }
}

/// The GNU build id, from the note sections or else the note segments.
///
/// Sections come first: in a debug companion the segments point at bytes that were left out.
pub(super) fn build_id<'d, H: FileHeader>(file: &ElfFile<'d, H>) -> Option<&'d [u8]> {
    let (endian, data) = (file.endian(), file.data());
    let sections = file.elf_section_table().iter().filter_map(|s| s.notes(endian, data).ok().flatten());
    let segments = file.elf_program_headers().iter().filter_map(|s| s.notes(endian, data).ok().flatten());
    sections.chain(segments).find_map(|notes| build_id_among(notes, endian))
}

fn build_id_among<'d, H: FileHeader>(mut notes: NoteIterator<'d, H>, endian: H::Endian) -> Option<&'d [u8]> {
    while let Ok(Some(note)) = notes.next() {
        let id = note.desc();
        if note.name() == elf::ELF_NOTE_GNU
            && note.n_type(endian) == elf::NT_GNU_BUILD_ID
            && (1..=MAX_BUILD_ID).contains(&id.len())
        {
            return Some(id);
        }
    }
    None
}

/// The identifier after Breakpad's rule: sixteen bytes of the build id, or of a folded `.text`,
/// read as a GUID whose first three fields have the file's byte order.
pub(super) fn elf_debug_id<'d>(file: &impl Object<'d>, build_id: Option<&[u8]>) -> Option<DebugId> {
    let mut bytes = [0; 16];
    match build_id {
        Some(id) => bytes.iter_mut().zip(id).for_each(|(to, from)| *to = *from),
        None => bytes = folded_text(file)?,
    }
    Some(if file.is_little_endian() { DebugId::of_guid(bytes, 0) } else { DebugId::of_uuid(bytes) })
}

fn folded_text<'d>(file: &impl Object<'d>) -> Option<[u8; 16]> {
    let text = file.section_by_name(".text")?.data().ok()?;
    if text.is_empty() {
        return None;
    }
    let mut folded = [0; 16];
    for (index, byte) in text.iter().take(HASHED_TEXT).enumerate() {
        folded[index % 16] ^= byte;
    }
    Some(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_debug_id_is_written_as_breakpad_users_paste_it() {
        let bytes = std::array::from_fn(|i| i as u8);
        assert_eq!(DebugId::of_uuid(bytes).to_string(), "00010203-0405-0607-0809-0a0b0c0d0e0f");
        assert_eq!(DebugId::of_guid(bytes, 10).to_string(), "03020100-0504-0706-0809-0a0b0c0d0e0f-a");
    }

    #[test]
    fn breakpads_spelling_is_read() {
        let id = |digits: &[u8]| DebugId::of_digits(digits).map(|id| id.to_string());
        let known = "00010203-0405-0607-0809-0a0b0c0d0e0f";
        assert_eq!(id(b"000102030405060708090A0B0C0D0E0F0").as_deref(), Some(known));
        assert_eq!(id(b"000102030405060708090A0B0C0D0E0F1f"), Some(format!("{known}-1f")));
        assert_eq!(id(b"000102030405060708090A0B0C0D0E0"), None);
        assert_eq!(id(b"000102030405060708090A0B0C0D0E0Gx"), None);
    }
}
