//! From a debug file to its index.

use gimli::{BigEndian, LittleEndian};

use super::cancel::Cancel;
use super::companions::{Companions, Missing};
use super::debug_file::{Container, Summary};
use super::dwarf::{self, UnitPieces, Wanted};
use super::error::DebugFileError;
use super::flat::Flat;
use super::symcache::{Builder, Meta};
use super::symtab::{OwnedSymbol, Symbols};
use super::{assemble, container, elf_object, go, guarded, macho};
use crate::container::Writer;

/// Names may take this much more than the bytes that they are read from.
const STRING_SLACK: u64 = 64 << 20;

/// What is converted, and how.
#[derive(Debug, Clone, Default)]
pub struct Conversion<'a> {
    /// Which file of a universal binary; 0 for any other file.
    pub index: usize,
    /// Files that hold parts of the debug information (`.dwo`, `.dwp`, the supplementary file of dwz). What belongs to
    /// another file is not used; the index says what is missing.
    pub companions: &'a [&'a [u8]],
    /// Image-relative addresses that are asked for; None for all. Only what they need is read: a first answer without
    /// the wait for an index. What such an index says elsewhere means nothing, and it knows no function by its name.
    pub addresses: Option<&'a [u64]>,
    /// Ends the conversion with [`DebugFileError::Cancelled`] soon after somebody cancels it.
    pub cancel: Cancel,
}

impl Conversion<'_> {
    /// Converts a debug file to a SymCache file. Debug info that cannot be read is passed over, unit by unit.
    pub fn run(&self, data: &[u8]) -> Result<Vec<u8>, DebugFileError> {
        Ok(self.writer(data)?.finish())
    }

    /// The same, to be written piece by piece: an index may be long.
    pub fn writer(&self, data: &[u8]) -> Result<Writer, DebugFileError> {
        let wanted = self.addresses.map_or(Wanted::All, Wanted::Around);
        let frame = Frame { origin: 0, room: data.len() as u64, with_names: true, cancel: &self.cancel };
        guarded(|| match macho::members(data) {
            None if self.index == 0 => convert(data, self.companions, wanted, frame),
            None => Err(DebugFileError::Empty),
            Some(members) => {
                let member = members.get(self.index).ok_or(DebugFileError::Empty)?;
                convert_container(&*macho::parse_member(member)?, data, self.companions, wanted, frame)
            }
        })
    }
}

fn convert(
    data: &[u8],
    companions: &[&[u8]],
    wanted: Wanted<'_>,
    frame: Frame<'_>,
) -> Result<Writer, DebugFileError> {
    if let Some(format) = Flat::of(data) {
        return format.convert(data, frame);
    }
    match elf_object::laid_out(data)? {
        Some(file) => {
            let frame = Frame { room: file.len() as u64, ..frame };
            convert_container(&*container(&file)?, &file, companions, wanted, frame)
        }
        None => convert_container(&*container(data)?, data, companions, wanted, frame),
    }
}

fn convert_container<'d>(
    file: &dyn Container<'d>,
    data: &'d [u8],
    companions: &[&'d [u8]],
    wanted: Wanted<'_>,
    frame: Frame<'_>,
) -> Result<Writer, DebugFileError> {
    let summary = file.summarize();
    check_kind(&summary)?;
    let sections = dwarf::Sections::new(file)?.cancelled_by(frame.cancel);
    let companions = Companions::of(file, companions)?.cancelled_by(frame.cancel);
    let addresses = virtual_addresses(wanted, file.origin());
    let wanted = addresses.as_deref().map_or(Wanted::All, Wanted::Around);
    let (mut units, missing) = if file.is_little_endian() {
        dwarf::read_units(&sections, &companions, LittleEndian, file.code(), wanted)
    } else {
        dwarf::read_units(&sections, &companions, BigEndian, file.code(), wanted)
    };
    frame.cancel.check()?;
    if !summary.has_debug_info {
        units.extend(go::read(data));
    }
    let room = frame.room + sections.total_len() + companions.total_len();
    let derived = file.derived_symbols();
    let symbols = file.symbols().with(derived.iter().map(OwnedSymbol::borrowed), file.code());
    let missing = [companions.missing(), &missing].concat();
    let frame = Frame { origin: file.origin(), room, with_names: addresses.is_none(), ..frame };
    write(meta(&summary, &missing), &units, &symbols, &frame)
}

/// Ascending; None if all are wanted.
fn virtual_addresses(wanted: Wanted<'_>, origin: u64) -> Option<Vec<u64>> {
    let Wanted::Around(addresses) = wanted else { return None };
    let mut addresses: Vec<u64> = addresses.iter().map(|address| address.wrapping_add(origin)).collect();
    addresses.sort_unstable();
    Some(addresses)
}

/// What an index is written with, whatever it says.
pub(super) struct Frame<'a> {
    /// Address that relative addresses count from.
    pub(super) origin: u64,
    /// Bytes that everything was read from.
    pub(super) room: u64,
    /// Whether it can be asked by name.
    pub(super) with_names: bool,
    pub(super) cancel: &'a Cancel,
}

/// What the index says about the file as a whole.
pub(super) fn meta(summary: &Summary, missing: &[Missing]) -> Meta {
    Meta {
        arch: summary.arch.to_owned(),
        code_id: summary.code_id.clone(),
        debug_id: summary.debug_id.map(|id| id.to_string()),
        missing_companions: (!missing.is_empty()).then(|| Missing::write(missing)),
        load_address: summary.load_address,
        functions: 0,
    }
}

/// Writes an index.
pub(super) fn write(
    meta: Meta,
    units: &[UnitPieces<'_>],
    symbols: &Symbols<'_>,
    frame: &Frame<'_>,
) -> Result<Writer, DebugFileError> {
    let room = frame.room.saturating_mul(2).saturating_add(STRING_SLACK);
    let mut builder = Builder::new(usize::try_from(room).unwrap_or(usize::MAX));
    let functions = assemble::assemble(units, symbols, frame, &mut builder)?;
    frame.cancel.check()?;
    builder.into_writer(&Meta { functions, ..meta })
}

fn check_kind(summary: &Summary) -> Result<(), DebugFileError> {
    match summary.kind {
        "relocatable" if summary.format == "macho" => Err(DebugFileError::Unsupported(
            "an object file of Apple's has no addresses yet; use the program that it was linked into, and its dSYM",
        )),
        "split DWARF object" | "split DWARF package" => Err(DebugFileError::Unsupported(
            "split debug information has no addresses of its own; it is used together with the program it belongs to",
        )),
        "core" => {
            Err(DebugFileError::Unsupported("a core dump holds no symbols; use the program that dumped it"))
        }
        _ => Ok(()),
    }
}
