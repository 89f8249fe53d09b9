//! The identifiers by which a debug file and the program it belongs to find each other.

use std::fmt;

use object::read::elf::{ElfFile, FileHeader, NoteIterator, ProgramHeader, SectionHeader};
use object::{File, Object, ObjectSection, elf};

/// Breakpad folds at most this much of `.text` into an identifier.
const HASHED_TEXT: usize = 4096;
/// Build ids have 8 to 32 bytes; whatever is longer is no id.
const MAX_BUILD_ID: usize = 64;

/// Sixteen bytes that identify a debug file, in the order in which they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DebugId([u8; 16]);

impl fmt::Display for DebugId {
    /// Lower case, hyphenated.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

/// The GNU build id, from the note sections or else the note segments.
///
/// Sections come first: in a debug companion the segments point at bytes that were left out.
pub(super) fn build_id<'d>(file: &File<'d>) -> Option<&'d [u8]> {
    match file {
        File::Elf32(file) => elf_build_id(file),
        File::Elf64(file) => elf_build_id(file),
        _ => None,
    }
}

fn elf_build_id<'d, H: FileHeader>(file: &ElfFile<'d, H>) -> Option<&'d [u8]> {
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
pub(super) fn debug_id(file: &File<'_>, build_id: Option<&[u8]>) -> Option<DebugId> {
    let mut bytes = [0; 16];
    match build_id {
        Some(id) => bytes.iter_mut().zip(id).for_each(|(to, from)| *to = *from),
        None => bytes = folded_text(file)?,
    }
    if file.is_little_endian() {
        bytes[..4].reverse();
        bytes[4..6].reverse();
        bytes[6..8].reverse();
    }
    Some(DebugId(bytes))
}

fn folded_text(file: &File<'_>) -> Option<[u8; 16]> {
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
        let id = DebugId(std::array::from_fn(|i| i as u8));
        assert_eq!(id.to_string(), "00010203-0405-0607-0809-0a0b0c0d0e0f");
    }
}
