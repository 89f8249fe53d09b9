//! Formats that are no container of sections.

use super::conversion::{Frame, meta, write};
use super::debug_file::Summary;
use super::dwarf::UnitPieces;
use super::error::DebugFileError;
use super::symtab::Symbols;
use super::{breakpad, container, dotnet, jitdump, kallsyms, pdb, perf_map};
use crate::container::Writer;

/// Formats that are no container of sections.
#[derive(Clone, Copy)]
pub(super) enum Flat {
    Pdb,
    PortablePdb,
    Assembly,
    Breakpad,
    JitDump,
    Kallsyms,
    PerfMap,
}

impl Flat {
    /// By how the bytes begin; None for a container.
    pub(super) fn of(data: &[u8]) -> Option<Self> {
        let is_text = data.first().is_some_and(u8::is_ascii_hexdigit);
        match data {
            _ if data.starts_with(pdb::MAGIC) => Some(Self::Pdb),
            _ if data.starts_with(dotnet::MAGIC) => Some(Self::PortablePdb),
            _ if dotnet::is_assembly(data) => Some(Self::Assembly),
            _ if data.starts_with(breakpad::MAGIC) => Some(Self::Breakpad),
            _ if jitdump::is_dump(data) => Some(Self::JitDump),
            _ if is_text && kallsyms::is_list(data) => Some(Self::Kallsyms),
            _ if is_text && perf_map::is_map(data) => Some(Self::PerfMap),
            _ => None,
        }
    }

    /// Describes the file.
    pub(super) fn summarize(self, data: &[u8]) -> Result<Summary, DebugFileError> {
        match self {
            Self::Pdb => pdb::summarize(data),
            Self::PortablePdb => dotnet::summarize_pdb(data),
            Self::Assembly => Ok(dotnet::summarize_assembly(data, container(data)?.summarize())),
            Self::Breakpad => breakpad::summarize(data),
            Self::JitDump => jitdump::summarize(data),
            Self::Kallsyms => kallsyms::summarize(data),
            Self::PerfMap => Ok(perf_map::summarize()),
        }
    }

    /// Converts the file.
    pub(super) fn convert(self, data: &[u8], frame: Frame<'_>) -> Result<Writer, DebugFileError> {
        let summary = self.summarize(data)?;
        let frame = Frame { origin: summary.load_address, ..frame };
        let finish = |units: &[UnitPieces<'_>], symbols: &Symbols<'_>| {
            frame.cancel.check()?;
            write(meta(&summary, &[]), units, symbols, &frame)
        };
        let unit = match self {
            Self::Pdb => {
                let units = pdb::read(data, frame.cancel)?;
                return finish(&units.modules, &units.symbols());
            }
            Self::Breakpad => {
                let (unit, symbols) = breakpad::read(data, frame.cancel);
                return finish(&[unit], &symbols);
            }
            Self::PortablePdb => dotnet::read_pdb(data)?,
            Self::Assembly => dotnet::read_assembly(data)?,
            Self::JitDump => jitdump::read(data)?,
            Self::Kallsyms => return finish(&[], &kallsyms::read(data).symbols()),
            Self::PerfMap => return finish(&[], &perf_map::read(data)),
        };
        finish(&[unit], &Symbols::default())
    }
}
