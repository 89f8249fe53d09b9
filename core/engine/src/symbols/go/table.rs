//! The header of `pclntab`, by version.
//!
//! | magic | since | what differs |
//! |---|---|---|
//! | `0xfffffffb` | Go 1.2 | one table; addresses are absolute; files are numbered |
//! | `0xfffffffa` | Go 1.16 | tables of their own for names, files, values; files are numbered by compilation unit |
//! | `0xfffffff0` | Go 1.18 | addresses are relative to the start of the code, and so is what functions point at |
//! | `0xfffffff1` | Go 1.20 | functions and inlined calls have their first line |

use super::image::{Image, Section};

const SECTIONS: [&str; 3] = [".gopclntab", ".data.rel.ro.gopclntab", "__gopclntab"];
/// Where linkers of C put it in a position-independent program.
const MERGED: &str = ".data.rel.ro";
const HEADER_LEN: usize = 8;

/// Format of the tables, by the Go version that brought it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Version {
    Go1_2,
    Go1_16,
    Go1_18,
    Go1_20,
}

const MAGICS: [(u32, Version); 4] = [
    (0xffff_fffb, Version::Go1_2),
    (0xffff_fffa, Version::Go1_16),
    (0xffff_fff0, Version::Go1_18),
    (0xffff_fff1, Version::Go1_20),
];

/// `pclntab`: functions, files, lines.
pub(super) struct Table<'d> {
    pub(super) version: Version,
    /// Where it lies in the program.
    pub(super) address: u64,
    /// Bytes of a pointer: 4 or 8.
    pub(super) pointer: usize,
    /// Instructions are aligned to this many bytes.
    pub(super) quantum: u64,
    /// Number of functions.
    pub(super) count: usize,
    /// Where the code starts; 0 if only the module data says so.
    pub(super) text_start: u64,
    pub(super) names: &'d [u8],
    /// Numbers of files by compilation unit; empty in the oldest version.
    pub(super) units: &'d [u8],
    pub(super) files: &'d [u8],
    pub(super) values: &'d [u8],
    /// Entries of functions, then the functions themselves.
    pub(super) functions: &'d [u8],
    /// What the offsets of functions count from.
    pub(super) records: &'d [u8],
    /// Offsets of the other tables in it, by which the module data is known.
    pub(super) names_offset: u64,
}

impl<'d> Table<'d> {
    /// Finds the table: by its section, and where it lies among other data by what it starts with.
    pub(super) fn find(image: &Image<'d>) -> Option<Self> {
        let named = image.sections.iter().filter(|section| SECTIONS.contains(&section.name.as_str()));
        let found = named.filter_map(|section| Self::parse(image, section.data, section.address)).next();
        let mixed = |section: &&Section<'_>| {
            if image.is_pe { !section.is_code } else { section.name == MERGED }
        };
        let mut data = image.sections.iter().filter(mixed);
        found.or_else(|| data.find_map(|section| Self::search(image, section)))
    }

    fn search(image: &Image<'d>, section: &Section<'d>) -> Option<Self> {
        MAGICS.iter().find_map(|(magic, _)| {
            let magic = magic.to_le_bytes();
            let mut places = memchr::memmem::find_iter(section.data, &magic).filter(|place| place % 4 == 0);
            places
                .find_map(|place| Self::parse(image, &section.data[place..], section.address + place as u64))
        })
    }

    fn parse(image: &Image<'d>, data: &'d [u8], address: u64) -> Option<Self> {
        let magic = image.number(data, 0, 4)? as u32;
        let version = MAGICS.iter().find(|(known, _)| *known == magic)?.1;
        let &[0, 0, quantum @ (1 | 2 | 4), pointer @ (4 | 8)] = data.get(4..HEADER_LEN)? else { return None };
        let pointer = usize::from(pointer);
        let word = |index: usize| image.number(data, HEADER_LEN + index * pointer, pointer);
        let part = |index| data.get(usize::try_from(word(index)?).ok()?..);
        let count = usize::try_from(word(0)?).ok()?;
        // Where the first of five offsets stands.
        let first = if version >= Version::Go1_18 { 3 } else { 2 };
        let (names, units, files, values, functions) = match version {
            Version::Go1_2 => {
                let functions = data.get(HEADER_LEN + pointer..)?;
                let at = functions.get(count.checked_mul(2)?.checked_add(1)?.checked_mul(pointer)?..)?;
                let files = data.get(image.number(at, 0, 4)? as usize..)?;
                (data, &data[..0], files, data, functions)
            }
            _ => (part(first)?, part(first + 1)?, part(first + 2)?, part(first + 3)?, part(first + 4)?),
        };
        let table = Self {
            version,
            address,
            pointer,
            quantum: u64::from(quantum),
            count,
            text_start: if version >= Version::Go1_18 { word(2)? } else { 0 },
            names,
            units,
            files,
            values,
            functions,
            records: if version == Version::Go1_2 { data } else { functions },
            names_offset: if version == Version::Go1_2 { 0 } else { word(first)? },
        };
        table.is_plausible(image).then_some(table)
    }

    /// Whether the functions fit in and the first ones ascend: the magic alone is found in other data too.
    fn is_plausible(&self, image: &Image<'_>) -> bool {
        let size = self.entry_size();
        let fits = self.count > 0 && self.count < self.functions.len() / (2 * size);
        let entry = |index: usize| image.number(self.functions, index * 2 * size, size);
        fits && (0..self.count.min(8)).all(|index| entry(index) <= entry(index + 1))
    }

    /// Bytes of an address in the list of functions.
    pub(super) fn entry_size(&self) -> usize {
        if self.version >= Version::Go1_18 { 4 } else { self.pointer }
    }
}
