//! PDB files (<https://llvm.org/docs/PDB>): debug information of Visual C++ and of clang for Windows.
//!
//! A [`module`] is what one object file brought along. Addresses are image-relative. Named streams say where the sources
//! are served ([`srcsrv`], [`source_link`](super::source_link)).

mod module;
mod names;
mod pages;
pub(super) mod srcsrv;

use pdb2::{AddressMap, FallibleIterator, MachineType, PDB, StreamIndex, SymbolData};

use super::code::Code;
use super::debug_file::Summary;
use super::dwarf::UnitPieces;
use super::error::DebugFileError;
use super::guard::caught;
use super::ident::DebugId;
use super::source_link::SourceLink;
use super::symtab::{Binding, Kind, Symbol, Symbols};
use module::Reader;
use names::{Records, Spelling};
use pages::Pages;
use srcsrv::SourceServer;

/// The first bytes of the container.
pub(super) const MAGIC: &[u8] = b"Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0";
/// Streams that name the sources of the largest programs have a few dozen megabytes.
const MAX_SOURCES: usize = 64 << 20;
/// Feature code in the PDB stream of a PDB that has no debug information of its own.
const MINIMAL_DEBUG_INFO: &[u8] = b"MINI";
/// Feature codes are the last words of the PDB stream.
const MAX_FEATURES: usize = 4;
const MAX_LINKS: usize = 256;
const MAX_MODULES: usize = 1 << 20;
const ROWS_SLACK: usize = 1 << 16;
const INFORMATION: StreamIndex = StreamIndex(1);
const TYPES: StreamIndex = StreamIndex(2);
const IDS: StreamIndex = StreamIndex(4);
const EXECUTABLE: u32 = 0x2000_0020;
const S_PUB32: u16 = 0x110e;
const FASTLINK: &str = "linked with /DEBUG:FASTLINK, so that its debug information is still in the object files: link with \
    /DEBUG:FULL, or run mspdbcmf.exe on the PDB";

/// Identity and processor.
pub(super) fn summarize(data: &[u8]) -> Result<Summary, DebugFileError> {
    caught(|| summarize_unguarded(data)).unwrap_or_else(gave_up)
}

/// Reads every module. A damaged one is left out: pdb2 trusts the sizes in a module's header, and panics.
pub(super) fn read(data: &[u8]) -> Result<Units, DebugFileError> {
    caught(|| read_unguarded(data)).unwrap_or_else(gave_up)
}

fn gave_up<T>() -> Result<T, DebugFileError> {
    Err(DebugFileError::Malformed("the PDB's parts contradict each other".to_owned()))
}

fn summarize_unguarded(data: &[u8]) -> Result<Summary, DebugFileError> {
    let mut pdb = open(data)?;
    let info = pdb.pdb_information()?;
    let debug = pdb.debug_information()?;
    let is_fastlink = is_fastlink(&mut pdb)?;
    let age = debug.age().filter(|age| *age > 0).unwrap_or(info.age);
    Ok(Summary {
        format: "pdb",
        index: 0,
        image_name: None,
        arch: arch(debug.machine_type()?),
        kind: if is_fastlink { "fast link" } else { "debug companion" },
        code_id: None,
        debug_id: Some(DebugId::of_uuid(info.guid.into_bytes()).with_age(age)),
        debug_link: None,
        debug_link_crc: None,
        split_ids: Vec::new(),
        load_address: 0,
        has_debug_info: is_fastlink || debug.modules()?.next()?.is_some(),
        has_symbols: pdb.global_symbols().is_ok(),

        has_hidden_names: false,
        has_debug_map: false,
    })
}

/// Everything that a PDB says about code.
pub(super) struct Units {
    pub(super) modules: Vec<UnitPieces<'static>>,
    publics: Vec<(Vec<u8>, u64)>,
    code: Code,
}

impl Units {
    /// Functions by their public names.
    pub(super) fn symbols(&self) -> Symbols<'_> {
        let functions = self
            .publics
            .iter()
            .map(|(name, address)| Symbol::new(name, *address, 0, Kind::Function, Binding::Global));
        Symbols::new(functions, &self.code)
    }
}

fn read_unguarded(data: &[u8]) -> Result<Units, DebugFileError> {
    let mut pdb = open(data)?;
    if is_fastlink(&mut pdb)? {
        return Err(DebugFileError::Unsupported(FASTLINK));
    }
    let map = pdb.address_map()?;
    let code = code(&mut pdb)?;
    let strings = pdb.string_table().ok();
    let streams = [pdb.raw_stream(TYPES)?, pdb.raw_stream(IDS)?];
    let [types, ids] = streams.each_ref().map(|stream| stream.as_deref().unwrap_or(&[]));
    let spelling = Spelling::new(Records::parse(types), Records::parse(ids));
    // Procedures that claim each other's code would copy all lines again and again.
    let rows_left = data.len() + ROWS_SLACK;
    let mut reader = Reader { map: &map, code: &code, strings: strings.as_ref(), spelling, rows_left };
    let debug = pdb.debug_information()?;
    let mut modules = Vec::new();
    let mut found = debug.modules()?;
    while let Ok(Some(module)) = found.next() {
        let info = pdb.module_info(&module);
        let pieces = info.ok().flatten().and_then(|info| caught(|| reader.module(&info)).flatten());
        modules.extend(pieces.filter(|pieces| !pieces.pieces.is_empty()));
        if modules.len() >= MAX_MODULES {
            break;
        }
    }
    let publics = caught(|| publics(&mut pdb, &map)).and_then(Result::ok).unwrap_or_default();
    Ok(Units { modules, publics, code })
}

/// Where the sources of a PDB are served, by its streams: the source server's and Source Link's JSON.
///
/// Visual C++ numbers the latter, as several object files may bring one along.
pub(super) fn source_streams(data: &[u8]) -> Result<(SourceServer, Vec<SourceLink>), DebugFileError> {
    caught(|| {
        let mut pdb = open(data)?;
        let information = pdb.pdb_information()?;
        let named = information.stream_names()?;
        let (mut server, mut links) = (SourceServer::default(), Vec::new());
        for stream in named.iter() {
            let name = stream.name.as_bytes();
            let is_link = name.starts_with(b"sourcelink");
            if name != b"srcsrv" && (!is_link || links.len() == MAX_LINKS) {
                continue;
            }
            let Ok(Some(content)) = pdb.raw_stream(stream.stream_id) else { continue };
            let content = content.as_slice();
            match content.get(..MAX_SOURCES).unwrap_or(content) {
                json if is_link => links.push(SourceLink::parse(json)),
                text => server = SourceServer::parse(text),
            }
        }
        Ok((server, links))
    })
    .unwrap_or_else(gave_up)
}

/// Whether the linker left debug information in the object files.
fn is_fastlink<'d>(pdb: &mut PDB<'d, Pages<'d>>) -> Result<bool, DebugFileError> {
    let stream = pdb.raw_stream(INFORMATION)?;
    let words = stream.as_deref().unwrap_or(&[]).rchunks_exact(4).take(MAX_FEATURES);
    Ok(words.into_iter().any(|word| word == MINIMAL_DEBUG_INFO))
}

fn open(data: &[u8]) -> Result<PDB<'_, Pages<'_>>, DebugFileError> {
    Ok(PDB::open(Pages::new(data))?)
}

/// Sections that hold instructions; all of the image where the PDB does not list them.
fn code<'d>(pdb: &mut PDB<'d, Pages<'d>>) -> Result<Code, DebugFileError> {
    let Some(sections) = pdb.sections()? else {
        return Ok(Code::new(std::iter::once(0..u64::from(u32::MAX)).collect()));
    };
    let executable = sections.iter().filter(|section| section.characteristics.0 & EXECUTABLE != 0);
    let range = |section: &pdb2::ImageSectionHeader| {
        let start = u64::from(section.virtual_address);
        start..start + u64::from(section.virtual_size.max(section.size_of_raw_data))
    };
    Ok(Code::new(executable.map(range).collect()))
}

fn publics<'d>(
    pdb: &mut PDB<'d, Pages<'d>>,
    map: &AddressMap<'_>,
) -> Result<Vec<(Vec<u8>, u64)>, DebugFileError> {
    let table = pdb.global_symbols()?;
    let mut publics = Vec::new();
    let mut symbols = table.iter();
    while let Some(symbol) = symbols.next()? {
        if symbol.raw_kind() != S_PUB32 {
            continue;
        }
        if let Ok(SymbolData::Public(public)) = symbol.parse()
            && (public.function || public.code)
            && let Some(address) = public.offset.to_rva(map)
        {
            publics.push((public.name.as_bytes().to_vec(), u64::from(address.0)));
        }
    }
    Ok(publics)
}

fn arch(machine: MachineType) -> &'static str {
    match machine {
        MachineType::Amd64 => "x86_64",
        MachineType::X86 => "x86",
        MachineType::Arm64 => "arm64",
        MachineType::Arm | MachineType::ArmNT | MachineType::Thumb => "arm",
        _ => "unknown",
    }
}

impl From<pdb2::Error> for DebugFileError {
    fn from(error: pdb2::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}
