//! One Mach-O image: its load commands, and what they point at.
//!
//! An image need not begin with its file: kernel collections and shared caches hold hundreds of them, whose offsets
//! count from the start of the whole file.

use object::macho::{self, LinkeditDataCommand, SymtabCommand};
use object::read::macho::{LoadCommandData, MachHeader, Section, Segment};

use super::members::Member;
use super::table::Place;
use crate::symbols::code::Code;
use crate::symbols::error::DebugFileError;
use crate::symbols::loaded::Part;

/// Functions of the largest programs, by `LC_FUNCTION_STARTS`.
const MAX_STARTS: usize = 1 << 24;
/// The largest images have a few hundred; a section's header has 68 bytes.
const MAX_SECTIONS: usize = 1 << 16;

/// An image of which nothing but load commands has been read.
pub(super) struct Image<'d, H: MachHeader> {
    pub(super) header: &'d H,
    pub(super) endian: H::Endian,
    pub(super) uuid: Option<[u8; 16]>,
    /// Virtual address where the image begins: with its header, and that with `__TEXT`.
    pub(super) load_address: u64,
    /// Where the symbol table lies.
    pub(super) symbols: Option<Place>,
    /// The whole file, which offsets count from.
    data: &'d [u8],
    /// Each with its offset in the file.
    sections: Vec<(&'d H::Section, u64)>,
    starts: Option<&'d LinkeditDataCommand<H::Endian>>,
    /// Offset and size of the export trie.
    exports: (u64, u64),
}

impl<'d, H: MachHeader> Image<'d, H> {
    /// Reads the load commands up to the first one that is damaged.
    pub(super) fn parse(member: &Member<'d>) -> Result<Self, DebugFileError> {
        let header = H::parse(member.data, member.header)?;
        let endian = header.endian()?;
        let mut image = Self {
            header,
            endian,
            uuid: None,
            load_address: 0,
            symbols: None,
            data: member.data,
            sections: Vec::new(),
            starts: None,
            exports: (0, 0),
        };
        let mut commands = header.load_commands(endian, member.data, member.header)?;
        while let Some(command) = commands.next()? {
            image.take(command)?;
        }
        if !member.has_linkedit {
            (image.symbols, image.starts, image.exports) = (None, None, (0, 0));
        }
        Ok(image)
    }

    fn take(&mut self, command: LoadCommandData<'d, H::Endian>) -> Result<(), DebugFileError> {
        let endian = self.endian;
        match command.cmd() {
            macho::LC_SEGMENT | macho::LC_SEGMENT_64 => self.segment(command)?,
            macho::LC_UUID => self.uuid = command.uuid()?.map(|uuid| uuid.uuid),
            macho::LC_SYMTAB => self.symbols = command.symtab()?.map(|table| place(table, endian)),
            macho::LC_FUNCTION_STARTS => self.starts = command.data().ok(),
            macho::LC_DYLD_EXPORTS_TRIE => {
                if let Ok(trie) = command.data::<LinkeditDataCommand<H::Endian>>() {
                    self.exports = (trie.dataoff.get(endian).into(), trie.datasize.get(endian).into());
                }
            }
            macho::LC_DYLD_INFO | macho::LC_DYLD_INFO_ONLY => {
                if let Some(info) = command.dyld_info()? {
                    self.exports = (info.export_off.get(endian).into(), info.export_size.get(endian).into());
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn segment(&mut self, command: LoadCommandData<'d, H::Endian>) -> Result<(), DebugFileError> {
        let endian = self.endian;
        // A file for the other pointer width has no segments that its image would have.
        let Some((segment, rest)) = H::Segment::from_command(command)? else { return Ok(()) };
        if segment.name() == b"__TEXT" {
            self.load_address = segment.vmaddr(endian).into();
        }
        let sections = segment.sections(endian, rest)?;
        if self.sections.len() + sections.len() > MAX_SECTIONS {
            return Err(DebugFileError::TooLarge("more sections than any image has"));
        }
        let offsets = segment.section_offsets(endian, sections);
        self.sections.extend(offsets.map_while(Result::ok));
        Ok(())
    }

    /// Sections that hold instructions.
    pub(super) fn code(&self) -> Code {
        let endian = self.endian;
        let attributes = macho::S_ATTR_PURE_INSTRUCTIONS.0 | macho::S_ATTR_SOME_INSTRUCTIONS.0;
        let sections = self.sections.iter().map(|(section, _)| section);
        let code = sections.filter(|section| section.flags(endian).0 & attributes != 0);
        let range = |section: &&H::Section| {
            let start: u64 = section.addr(endian).into();
            start..start.saturating_add(section.size(endian).into())
        };
        Code::new(code.map(range).collect())
    }

    /// The bytes of a section by its name in Mach-O.
    pub(super) fn section(&self, name: &[u8]) -> Option<&'d [u8]> {
        let (section, offset) = self.sections.iter().find(|(section, _)| section.name() == name)?;
        section.data(self.endian, self.data, *offset).ok()
    }

    /// The virtual address of a section by its name in Mach-O.
    pub(super) fn section_address(&self, name: &[u8]) -> Option<u64> {
        let (section, _) = self.sections.iter().find(|(section, _)| section.name() == name)?;
        Some(section.addr(self.endian).into())
    }

    /// The bytes of every section that has some, with its virtual address.
    pub(super) fn parts(&self) -> Vec<Part<'d>> {
        let part = |(section, offset): &(&H::Section, u64)| {
            let bytes = section.data(self.endian, self.data, *offset).ok()?;
            Some(Part { address: section.addr(self.endian).into(), bytes })
        };
        self.sections.iter().filter_map(part).collect()
    }

    /// Where functions start, ascending, as `LC_FUNCTION_STARTS` has it: distances as ULEB128, the first one from the
    /// start of `__TEXT`; a distance of 0 ends the list.
    pub(super) fn function_starts(&self) -> Vec<u64> {
        let bytes = self.starts.and_then(|list| list.data(self.endian, self.data).ok()).unwrap_or(&[]);
        let mut reader = gimli::EndianSlice::new(bytes, gimli::LittleEndian);
        let mut starts = Vec::new();
        let mut at = self.load_address;
        while let Ok(distance @ 1..) = gimli::Reader::read_uleb128(&mut reader) {
            let Some(next) = at.checked_add(distance) else { break };
            if starts.len() == MAX_STARTS {
                break;
            }
            at = next;
            starts.push(self.without_thumb_bit(at));
        }
        starts
    }

    /// The bytes of the export trie.
    pub(super) fn export_trie(&self) -> &'d [u8] {
        let (offset, size) = self.exports;
        let start = usize::try_from(offset).ok();
        let end = offset.checked_add(size).and_then(|end| usize::try_from(end).ok());
        start.zip(end).and_then(|(start, end)| self.data.get(start..end)).unwrap_or(&[])
    }

    /// The address of an instruction. On 32-bit ARM the lowest bit says that it is Thumb code.
    pub(super) fn without_thumb_bit(&self, address: u64) -> u64 {
        if self.header.cputype(self.endian) == macho::CPU_TYPE_ARM { address & !1 } else { address }
    }
}

fn place<E: object::Endian>(table: &SymtabCommand<E>, endian: E) -> Place {
    Place {
        nlists: table.symoff.get(endian).into(),
        count: table.nsyms.get(endian).into(),
        strings: table.stroff.get(endian).into(),
        strings_len: table.strsize.get(endian).into(),
    }
}
