//! Source files of a unit: compilation directory, include directory and name, joined.

use std::sync::Arc;

use gimli::{AttributeValue, DebugLineOffset, LineProgramHeader};

use super::forms::Value;
use super::shared::Shared;
use super::units::{Unit, Units};
use super::{Endian, NONE, Slice};
use crate::symbols::text::cut_at_nul;

/// File tables of the largest units are half of this, in bytes; of a hostile one each byte is a file.
const MAX_HEADER: u64 = 1 << 20;
/// Longer paths are left out.
const MAX_PATH: usize = 16 * 1024;
/// No id was given out yet.
const UNSEEN: u32 = NONE - 1;

/// The file table of a unit.
pub(super) struct Files<'a, 'u, 'd, E: Endian> {
    units: &'a Units<'u, 'd, E>,
    unit: &'a Unit<'u, E>,
    header: Option<Arc<LineProgramHeader<Slice<'u, E>>>>,
    /// By the number that debug info knows a file by.
    ids: Vec<u32>,
    paths: Vec<Vec<u8>>,
}

impl<'a, 'u, 'd, E: Endian> Files<'a, 'u, 'd, E> {
    pub(super) fn new(unit: &'a Unit<'u, E>, units: &'a Units<'u, 'd, E>) -> Self {
        let header = unit.line_program.and_then(|offset| read_header(units.shared, unit, offset));
        let files = header.as_ref().map_or(0, |header| header.file_names().len() + 1);
        Self { units, unit, header: header.map(Arc::new), ids: vec![UNSEEN; files], paths: Vec::new() }
    }

    /// The header of the line program; None if there is none or it cannot be read.
    pub(super) fn header(&self) -> Option<Arc<LineProgramHeader<Slice<'u, E>>>> {
        self.header.clone()
    }

    /// The joined paths; ids are indexes into them.
    pub(super) fn into_paths(self) -> Vec<Vec<u8>> {
        self.paths
    }

    /// Id of the file that debug info knows by `index`; [`NONE`] if it knows none.
    #[inline]
    pub(super) fn id(&mut self, index: u64) -> u32 {
        let known = usize::try_from(index).ok().and_then(|index| self.ids.get(index).copied());
        match known {
            Some(UNSEEN) => self.add(index),
            Some(id) => id,
            None => NONE,
        }
    }

    fn add(&mut self, index: u64) -> u32 {
        let budget = &self.units.shared.budget;
        let path = self.path(index).filter(|path| budget.take_path_bytes(path.len() as u64));
        let id = path.map_or(NONE, |path| {
            self.paths.push(path);
            (self.paths.len() - 1) as u32
        });
        self.ids[index as usize] = id;
        id
    }

    fn path(&self, index: u64) -> Option<Vec<u8>> {
        let header = self.header.as_ref()?;
        // Up to DWARF 4 files count from 1 and 0 means "none".
        if header.version() <= 4 && index == 0 {
            return None;
        }
        let entry = header.file(index)?;
        let (index, name) = (entry.directory_index(), self.text(entry.path_name())?);
        let directory = header.directory(index).and_then(|directory| self.text(directory));
        match (index, header.version()) {
            (0, ..=4) => join(self.unit.directory, None, name),
            // From DWARF 5 on directory 0 is the compilation directory itself.
            (0, _) => join(None, directory.or(self.unit.directory), name),
            _ => join(self.unit.directory, directory, name),
        }
    }

    fn text(&self, value: AttributeValue<Slice<'u, E>>) -> Option<&'u [u8]> {
        let value = match value {
            AttributeValue::String(text) => Value::Text(cut_at_nul(text.slice(), 0)?),
            AttributeValue::DebugStrRef(offset) => Value::TextAt(offset.0 as u64),
            AttributeValue::DebugLineStrRef(offset) => Value::LineTextAt(offset.0 as u64),
            AttributeValue::DebugStrOffsetsIndex(index) => Value::TextIndex(index.0 as u64),
            _ => return None,
        };
        self.units.bytes(self.unit, value)
    }
}

fn read_header<'u, E: Endian>(
    shared: &'u Shared<'_, E>,
    unit: &Unit<'u, E>,
    offset: usize,
) -> Option<LineProgramHeader<Slice<'u, E>>> {
    let length = header_length(shared.line_section().get(offset..)?, shared.endian)?;
    if length > MAX_HEADER || !shared.budget.take_line_bytes(length) {
        return None;
    }
    let size = unit.inner.header.address_size();
    let program = shared.dwarf.debug_line.program(DebugLineOffset(offset), size, None, None).ok()?;
    Some(program.header().clone())
}

/// Length of the header that starts here, read before anything is allocated for it.
fn header_length<E: Endian>(bytes: &[u8], endian: E) -> Option<u64> {
    use gimli::Reader;
    let mut reader = Slice::new(bytes, endian);
    let (_, format) = reader.read_initial_length().ok()?;
    if reader.read_u16().ok()? >= 5 {
        reader.skip(2).ok()?;
    }
    reader.read_length(format).ok().map(|length| length as u64)
}

fn join(compilation: Option<&[u8]>, directory: Option<&[u8]>, name: &[u8]) -> Option<Vec<u8>> {
    let mut path = Vec::new();
    for part in [compilation, directory, Some(name)].into_iter().flatten() {
        if is_absolute(part) {
            path.clear();
        } else if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(part);
        if path.len() > MAX_PATH {
            return None;
        }
    }
    Some(clean(&path))
}

fn is_absolute(path: &[u8]) -> bool {
    let drive = path.len() > 2 && path[0].is_ascii_alphabetic() && path[1] == b':';
    path.starts_with(b"/") || path.starts_with(b"\\") || (drive && matches!(path[2], b'/' | b'\\'))
}

/// Drops empty and `.` components, and `..` together with the component before it.
///
/// Compilers are called with paths such as `elf/../sysdeps`. Where `elf` is a symbolic link the cleaned path names
/// another file; that is rarer than the confusion of one file with two names. A `..` that nothing precedes stays.
fn clean(path: &[u8]) -> Vec<u8> {
    let rooted = path.starts_with(b"/");
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if parts.last().is_some_and(|last| *last != b"..") => {
                parts.pop();
            }
            b".." if rooted => {}
            part => parts.push(part),
        }
    }
    let cleaned = parts.join(&b'/');
    if rooted { [b"/", &cleaned[..]].concat() } else { cleaned }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(compilation: &str, directory: &str, name: &str) -> String {
        let part = |text: &'static str| (!text.is_empty()).then_some(text.as_bytes());
        let leak = |text: &str| -> &'static str { String::from(text).leak() };
        let path = join(part(leak(compilation)), part(leak(directory)), name.as_bytes()).unwrap();
        String::from_utf8(path).unwrap()
    }

    #[test]
    fn paths_are_joined_from_the_last_absolute_part() {
        assert_eq!(joined("/build", "include", "a.h"), "/build/include/a.h");
        assert_eq!(joined("/build", "/usr/include", "a.h"), "/usr/include/a.h");
        assert_eq!(joined("/build", "include", "/tmp/a.h"), "/tmp/a.h");
        assert_eq!(joined("", "src", "a.c"), "src/a.c");
        assert_eq!(joined("/build", "C:\\sdk", "a.h"), "C:\\sdk/a.h");
    }

    #[test]
    fn paths_are_cleaned_without_a_look_at_the_disk() {
        assert_eq!(joined("/build//x/", "./y", "./a.c"), "/build/x/y/a.c");
        assert_eq!(joined("/build/elf", "../sysdeps", "a.S"), "/build/sysdeps/a.S");
        assert_eq!(joined("", "../..", "a.c"), "../../a.c");
        assert_eq!(joined("/", "../..", "a.c"), "/a.c");
        assert_eq!(joined("", "", "<built-in>"), "<built-in>");
    }
}
