//! .NET: portable PDBs on their own or in an assembly, and the names of methods that only the assembly has.
//!
//! Sources: ECMA-335 6th edition, partition II; "Portable PDB v1.0: Format Specification" and "PE/COFF Specification" of
//! the .NET runtime. Code is found by method and IL offset. In the index the address is both: the row of the method in
//! the table of methods (the low 24 bits of its token), shifted left by 32, plus the offset.
//!
//! A portable PDB knows lines and no names. An async method or an iterator runs in a method of another name; the entry
//! of its functions is the address of the method that a person wrote.

mod assembly;
mod cursor;
mod documents;
mod metadata;
mod methods;
mod schema;
mod sequence_points;

use std::borrow::Cow;
use std::collections::HashMap;

use super::debug_file::Summary;
use super::dwarf::{NONE, Name, Row, UnitPieces};
use super::error::DebugFileError;
use super::flat_unit::FlatUnit;
use super::ident::DebugId;
use assembly::Assembly;
use metadata::Metadata;
use methods::Methods;
use schema::{METHOD_DEBUG_INFORMATION, METHOD_DEF, STATE_MACHINE_METHOD};

pub(super) use metadata::MAGIC;

/// Codes of languages in the index.
const CSHARP: u8 = 10;
const VISUAL_BASIC: u8 = 13;
const FSHARP: u8 = 14;
const OFFSET_BITS: u32 = 32;

/// Whether an image is an assembly of .NET without native code of its own.
pub(super) fn is_assembly(data: &[u8]) -> bool {
    data.starts_with(&super::pe::MAGIC) && Assembly::parse(data).is_some()
}

/// Describes a portable PDB.
pub(super) fn summarize_pdb(data: &[u8]) -> Result<Summary, DebugFileError> {
    let metadata = portable_pdb(data)?;
    Ok(Summary {
        format: "portable_pdb",
        index: 0,
        image_name: None,
        arch: "unknown",
        kind: "debug companion",
        code_id: None,
        debug_id: metadata.pdb_id.map(debug_id),
        debug_link: None,
        debug_link_crc: None,
        split_ids: Vec::new(),
        load_address: 0,
        has_debug_info: metadata.rows(METHOD_DEBUG_INFORMATION) > 0,
        has_symbols: false,
        has_hidden_names: false,
        has_debug_map: false,
    })
}

/// Adds what .NET knows to the summary of an image.
pub(super) fn summarize_assembly(data: &[u8], native: Summary) -> Summary {
    let Some(assembly) = Assembly::parse(data) else { return native };
    Summary {
        debug_id: assembly.debug_id.or(native.debug_id),
        kind: ".NET assembly",
        load_address: 0,
        has_debug_info: assembly.has_pdb(),
        has_symbols: assembly.metadata().is_some_and(|metadata| metadata.rows(METHOD_DEF) > 0),
        ..native
    }
}

/// The GUID and the stamp of a PDB's id; Sentry's SDK and `symbolic` put them together so.
fn debug_id(id: [u8; 20]) -> DebugId {
    let (mut guid, mut stamp) = ([0; 16], [0; 4]);
    guid.copy_from_slice(&id[..16]);
    stamp.copy_from_slice(&id[16..]);
    DebugId::of_guid(guid, u32::from_le_bytes(stamp))
}

fn portable_pdb(data: &[u8]) -> Result<Metadata<'_>, DebugFileError> {
    let metadata = Metadata::parse(data).filter(|metadata| metadata.pdb_id.is_some());
    metadata.ok_or_else(|| {
        DebugFileError::Malformed("the portable PDB's streams and tables do not fit together".to_owned())
    })
}

/// Lines of a portable PDB.
pub(super) fn read_pdb(data: &[u8]) -> Result<UnitPieces<'static>, DebugFileError> {
    let metadata = portable_pdb(data)?;
    Ok(unit(Some((&metadata, data.len())), None))
}

/// Names of an assembly's methods, and lines where it has its PDB in it.
pub(super) fn read_assembly(data: &[u8]) -> Result<UnitPieces<'static>, DebugFileError> {
    let malformed = || DebugFileError::Malformed("its .NET metadata cannot be read".to_owned());
    let assembly = Assembly::parse(data).ok_or_else(malformed)?;
    let own = assembly.metadata().ok_or_else(malformed)?;
    // A damaged PDB costs the lines and not the names.
    let pdb = assembly.pdb().and_then(Result::ok);
    let pdb = pdb.as_deref().and_then(|pdb| Some((Metadata::parse(pdb)?, pdb.len())));
    Ok(unit(pdb.as_ref().map(|(pdb, len)| (pdb, *len)), Some(&own)))
}

/// A method's rows come from its sequence points. `pdb`: with the number of bytes that it takes.
fn unit(pdb: Option<(&Metadata<'_>, usize)>, assembly: Option<&Metadata<'_>>) -> UnitPieces<'static> {
    let mut methods = assembly.map(Methods::new);
    let names = methods.as_mut().map(Methods::names).unwrap_or_default();
    let lines = pdb.map(|(pdb, len)| Lines::new(pdb, len));
    let counts = [
        assembly.map_or(0, |assembly| assembly.rows(METHOD_DEF)),
        pdb.map_or(0, |(pdb, _)| pdb.rows(METHOD_DEBUG_INFORMATION)),
    ];
    let mut unit = FlatUnit::default();
    for row in 1..=counts.into_iter().max().unwrap_or(0) {
        let kickoff = lines.as_ref().map_or(row, |lines| lines.kickoff(row));
        let name = names.get(kickoff as usize).filter(|name| !name.is_empty());
        let has_body = methods.as_ref().is_none_or(|methods| methods.has_body(row));
        if has_body && (name.is_some() || lines.as_ref().is_some_and(|lines| lines.has(row))) {
            add(&mut unit, row, kickoff, name, lines.as_ref());
        }
    }
    unit.finish()
}

fn add(
    unit: &mut FlatUnit<'static>,
    row: u32,
    kickoff: u32,
    name: Option<&Vec<u8>>,
    lines: Option<&Lines<'_, '_>>,
) {
    let start = u64::from(row) << OFFSET_BITS;
    let language = lines.map_or(CSHARP, |lines| lines.language(row));
    let named = Name { qualified: name.cloned(), language, ..Name::default() };
    let name = unit.name(named);
    let scope = unit.function(name, u64::from(kickoff) << OFFSET_BITS);
    let room = lines.map_or(0, |lines| lines.limit.saturating_sub(unit.len()));
    let points = lines.map(|lines| lines.points(row, room)).unwrap_or_default();
    if points.first().is_none_or(|first| first.offset > 0) {
        unit.row(Row { start, scope, file: NONE, line: 0, column: 0 });
    }
    let mut last = None;
    for point in
        points.iter().filter(|point| last.replace(point.offset).is_none_or(|last| last < point.offset))
    {
        let path = lines.and_then(|lines| lines.documents.get(point.document as usize));
        let file = path.filter(|path| !path.is_empty()).map_or(NONE, |path| unit.file(path));
        let (line, column) = (point.line, point.column);
        unit.row(Row { start: start + u64::from(point.offset), scope, file, line, column });
    }
    unit.close(scope, start, start + u64::from(sequence_points::MAX_OFFSET));
}

/// Lines of a portable PDB by method.
struct Lines<'a, 'd> {
    pdb: &'a Metadata<'d>,
    documents: Vec<Vec<u8>>,
    kickoffs: HashMap<u32, u32>,
    /// Methods can share a blob; real ones do not, and a point takes three bytes at least.
    limit: usize,
}

impl<'a, 'd> Lines<'a, 'd> {
    fn new(pdb: &'a Metadata<'d>, len: usize) -> Self {
        let machine =
            |row| Some((pdb.cell(STATE_MACHINE_METHOD, row, 0)?, pdb.cell(STATE_MACHINE_METHOD, row, 1)?));
        let kickoffs = (1..=pdb.rows(STATE_MACHINE_METHOD)).filter_map(machine).collect();
        Self { pdb, documents: documents::names(pdb), kickoffs, limit: len }
    }

    /// The method that a person wrote for the method at `row`: mostly itself.
    fn kickoff(&self, row: u32) -> u32 {
        self.kickoffs.get(&row).copied().unwrap_or(row)
    }

    fn has(&self, row: u32) -> bool {
        self.pdb.cell(METHOD_DEBUG_INFORMATION, row, 1).is_some_and(|blob| blob != 0)
    }

    fn language(&self, row: u32) -> u8 {
        let document = self.pdb.cell(METHOD_DEBUG_INFORMATION, row, 0).filter(|document| *document > 0);
        documents::language(self.pdb, document.unwrap_or(1))
    }

    fn points(&self, row: u32, room: usize) -> Vec<sequence_points::SequencePoint> {
        let cell = |column| self.pdb.cell(METHOD_DEBUG_INFORMATION, row, column).unwrap_or(0);
        if cell(1) == 0 { Vec::new() } else { sequence_points::read(self.pdb.blob(cell(1)), cell(0), room) }
    }
}

/// Where the sources of a portable PDB are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// Path of each document, and whether its text is embedded.
    pub documents: Vec<(String, bool)>,
    /// Source Link: JSON that maps paths to addresses.
    pub source_link: Option<Vec<u8>>,
}

/// Lists the sources of a portable PDB, or of the one in an assembly. Their texts are not read.
pub(super) fn sources(data: &[u8]) -> Result<Sources, DebugFileError> {
    let bytes = pdb_bytes(data)?;
    let metadata = portable_pdb(&bytes)?;
    let embedded = documents::embedded(&metadata);
    let names = documents::names(&metadata);
    let listed = names.iter().enumerate().skip(1).filter(|(_, name)| !name.is_empty());
    let document = |(row, name): (usize, &Vec<u8>)| {
        (String::from_utf8_lossy(name).into_owned(), embedded.contains_key(&(row as u32)))
    };
    Ok(Sources {
        documents: listed.map(document).collect(),
        source_link: documents::source_link(&metadata).map(<[u8]>::to_vec),
    })
}

/// The text of the document at `path` where it is embedded.
pub(super) fn embedded_source(data: &[u8], path: &str) -> Result<Option<Vec<u8>>, DebugFileError> {
    let bytes = pdb_bytes(data)?;
    let metadata = portable_pdb(&bytes)?;
    let names = documents::names(&metadata);
    let row = names.iter().position(|name| String::from_utf8_lossy(name) == path);
    let embedded = documents::embedded(&metadata);
    let blob = row.and_then(|row| embedded.get(&(row as u32)));
    blob.map(|blob| documents::text(blob)).transpose()
}

fn pdb_bytes(data: &[u8]) -> Result<Cow<'_, [u8]>, DebugFileError> {
    if data.starts_with(MAGIC) {
        return Ok(Cow::Borrowed(data));
    }
    let embedded = Assembly::parse(data).and_then(|assembly| assembly.pdb());
    embedded.unwrap_or(Err(DebugFileError::Unsupported("it holds no portable PDB")))
}
