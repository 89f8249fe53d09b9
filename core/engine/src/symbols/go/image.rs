//! The sections of a program, and the pointers in them as a loader would leave them.

use std::collections::HashMap;

use object::{Object, ObjectSection, RelocationFlags, RelocationTarget, SectionKind, elf};

/// Programs have a few dozen sections.
const MAX_SECTIONS: usize = 1024;
/// Relocations that are looked at: those of the largest programs.
const MAX_RELOCATIONS: usize = 1 << 22;

/// A section. Code may have been left out of the file.
pub(super) struct Section<'d> {
    pub(super) name: String,
    pub(super) address: u64,
    pub(super) size: u64,
    pub(super) data: &'d [u8],
    pub(super) is_code: bool,
}

/// A program as far as Go's tables need it.
pub(super) struct Image<'d> {
    pub(super) sections: Vec<Section<'d>>,
    pub(super) is_little_endian: bool,
    /// Whether the tables have no section of their own.
    pub(super) is_pe: bool,
    /// Pointers that only a relocation has, by the address where they lie.
    relocated: HashMap<u64, u64>,
}

impl<'d> Image<'d> {
    /// None if the bytes are no program.
    pub(super) fn parse(data: &'d [u8]) -> Option<Self> {
        let file = object::File::parse(data).ok()?;
        let section = |section: object::Section<'d, '_>| {
            Some(Section {
                name: section.name().ok()?.to_owned(),
                address: section.address(),
                size: section.size(),
                data: section.data().unwrap_or(&[]),
                is_code: section.kind() == SectionKind::Text,
            })
        };
        Some(Self {
            sections: file.sections().take(MAX_SECTIONS).filter_map(section).collect(),
            is_little_endian: file.is_little_endian(),
            is_pe: file.format() == object::BinaryFormat::Pe,
            relocated: HashMap::new(),
        })
    }

    /// Reads the relocations of a position-independent program.
    pub(super) fn read_relocations(&mut self, data: &'d [u8]) {
        let Ok(file) = object::File::parse(data) else { return };
        let Some(relocations) = file.dynamic_relocations() else { return };
        let relative = relocations.take(MAX_RELOCATIONS).filter(|(_, relocation)| {
            relocation.target() == RelocationTarget::Absolute && is_relative(relocation.flags())
        });
        self.relocated = relative
            .filter(|(_, relocation)| relocation.addend() != 0)
            .map(|(address, relocation)| (address, relocation.addend().cast_unsigned()))
            .collect();
    }

    /// Bytes from `address` to the end of its section.
    pub(super) fn bytes_at(&self, address: u64) -> Option<&'d [u8]> {
        self.sections.iter().find_map(|section| {
            let offset = usize::try_from(address.checked_sub(section.address)?).ok()?;
            section.data.get(offset..).filter(|rest| !rest.is_empty())
        })
    }

    /// The code section around `address`.
    pub(super) fn code_at(&self, address: u64) -> Option<&Section<'d>> {
        let holds = |section: &&Section<'_>| {
            section.is_code
                && address.checked_sub(section.address).is_some_and(|offset| offset < section.size)
        };
        self.sections.iter().find(holds)
    }

    /// The pointer of `size` bytes at `address`.
    pub(super) fn pointer_at(&self, address: u64, size: usize) -> Option<u64> {
        let relocated = self.relocated.get(&address).copied();
        relocated.or_else(|| self.number(self.bytes_at(address)?, 0, size))
    }

    /// An unsigned number of four or eight bytes at `offset`.
    pub(super) fn number(&self, bytes: &[u8], offset: usize, size: usize) -> Option<u64> {
        let bytes = bytes.get(offset..)?;
        let little = self.is_little_endian;
        if size == 8 {
            let bytes = *bytes.first_chunk::<8>()?;
            return Some(if little { u64::from_le_bytes(bytes) } else { u64::from_be_bytes(bytes) });
        }
        let bytes = *bytes.first_chunk::<4>()?;
        Some(u64::from(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) }))
    }

    /// Where pointers to `target` lie.
    pub(super) fn pointers_to(&self, target: u64, size: usize) -> Vec<u64> {
        let needle = if self.is_little_endian { target.to_le_bytes() } else { target.to_be_bytes() };
        let needle = if self.is_little_endian { &needle[..size] } else { &needle[8 - size..] };
        let data = self.sections.iter().filter(|section| !section.is_code);
        let found = data.flat_map(|section| {
            let places = memchr::memmem::find_iter(section.data, needle);
            places.map(|place| section.address + place as u64)
        });
        let moved = self.relocated.iter().filter(|(_, to)| **to == target).map(|(at, _)| *at);
        found.chain(moved).filter(|place| place % size as u64 == 0).take(MAX_SECTIONS).collect()
    }
}

/// Whether a relocation adds where the program was loaded and nothing else.
fn is_relative(flags: RelocationFlags) -> bool {
    let RelocationFlags::Elf { r_type } = flags else { return false };
    [
        elf::R_X86_64_RELATIVE,
        elf::R_AARCH64_RELATIVE,
        elf::R_386_RELATIVE,
        elf::R_ARM_RELATIVE,
        elf::R_RISCV_RELATIVE,
        elf::R_PPC64_RELATIVE,
        elf::R_390_RELATIVE,
    ]
    .contains(&r_type)
}
