//! Answers from a SymCache file. Every number of the file is checked before it is used.

use super::super::demangle::demangle;
use super::super::varint::{Reader, unzigzag};
use super::format::{
    BLOCK_OFFSETS, BLOCK_STARTS, DEMANGLE, FILE_CHANGES, FILES, FUNCTION_LEN, FUNCTIONS, KIND, META,
    META_LEN, NAME_ADDRESSES, NAMES, NONE, ROWS, SCOPE_CHANGES, SCOPES, STEP_SHIFT, STRINGS,
};
use crate::container::{Container, IndexError, Section};
use crate::mapped::Bytes;

/// Compilers stop inlining long before; the builder drops deeper calls.
pub(crate) const MAX_CHAIN: usize = 512;
/// Five numbers of at most ten bytes.
const MAX_SCOPE_LEN: usize = 50;
/// Flag of a function or frame whose name or line is from debug info.
const FROM_DEBUG_INFO: u32 = 1;

const DAMAGED_ROW: IndexError = IndexError::Damaged("a row cannot be read");
const DAMAGED_SCOPE: IndexError = IndexError::Damaged("an inlined call cannot be read");
const DAMAGED_STRING: IndexError = IndexError::Damaged("a string lies outside its table");

/// One call of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameRecord {
    /// Name to show: id for [`SymCache::string`], or [`NONE`].
    pub function: u32,
    /// Mangled name: id, or [`NONE`].
    pub symbol: u32,
    /// Path of the source file: id, or [`NONE`].
    pub file: u32,
    /// 1-based; 0 unknown.
    pub line: u32,
    /// 1-based; 0 unknown.
    pub column: u32,
    /// Bits 0-7: 1 debug info, 2 symbol table, 4 exports, 8 nearest symbol; bits 8-15: language (1 C, 2 C++, 3 Rust,
    /// 4 other, 0 unknown).
    pub flags: u32,
    /// Image-relative address where the function around the call is entered, or
    /// [`UNKNOWN_ENTRY`](super::UNKNOWN_ENTRY).
    pub entry: u64,
}

/// Answers to a batch of addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chains {
    /// Per address: index one past its last frame.
    pub ends: Vec<u32>,
    /// The frames of all addresses one after the other, innermost call first.
    pub frames: Vec<FrameRecord>,
}

/// An opened index. Sharing it between threads is fine.
pub struct SymCache {
    container: Container,
    strings: Section,
    functions: Section,
    files: Section,
    scopes: Section,
    block_starts: Section,
    block_offsets: Section,
    rows: Section,
    pub(super) names: Section,
    pub(super) name_addresses: Section,
    load_address: u64,
    function_count: u64,
    arch: u32,
    code_id: u32,
    debug_id: u32,
    missing_companions: u32,
}

impl SymCache {
    /// Opens an index. The cost does not depend on its size.
    pub fn open(bytes: Bytes) -> Result<Self, IndexError> {
        let container = Container::open(bytes, KIND)?;
        let section = |id| container.section(id);
        let meta = container.read(section(META)?, 0..META_LEN)?;
        let mut fields = meta.chunks_exact(4).map(u32_le);
        let mut next = || fields.next().unwrap_or(0);
        let mut next_u64 = || u64::from(next()) | u64::from(next()) << 32;
        let (load_address, function_count) = (next_u64(), next_u64());
        Ok(Self {
            strings: section(STRINGS)?,
            functions: section(FUNCTIONS)?,
            files: section(FILES)?,
            scopes: section(SCOPES)?,
            block_starts: section(BLOCK_STARTS)?,
            block_offsets: section(BLOCK_OFFSETS)?,
            rows: section(ROWS)?,
            names: section(NAMES)?,
            name_addresses: section(NAME_ADDRESSES)?,
            load_address,
            function_count,
            arch: next(),
            code_id: next(),
            debug_id: next(),
            missing_companions: next(),
            container,
        })
    }

    /// Virtual address that image-relative addresses count from.
    #[must_use]
    pub fn load_address(&self) -> u64 {
        self.load_address
    }

    /// Number of functions that have code of their own.
    #[must_use]
    pub fn function_count(&self) -> u64 {
        self.function_count
    }

    /// Architecture as in Sentry's payload.
    pub fn arch(&self) -> Result<Option<String>, IndexError> {
        self.optional(self.arch)
    }

    /// GNU build id, hexadecimal.
    pub fn code_id(&self) -> Result<Option<String>, IndexError> {
        self.optional(self.code_id)
    }

    /// Identifier after Breakpad's rule.
    pub fn debug_id(&self) -> Result<Option<String>, IndexError> {
        self.optional(self.debug_id)
    }

    /// Companions that the debug file names and that were not there: kind (`dwo`, `sup`), id, path.
    pub fn missing_companions(&self) -> Result<Vec<[String; 3]>, IndexError> {
        let list = self.optional(self.missing_companions)?.unwrap_or_default();
        let fields = |line: &str| {
            let mut fields = line.splitn(3, '\t').map(str::to_owned);
            std::array::from_fn(|_| fields.next().unwrap_or_default())
        };
        Ok(list.lines().map(fields).collect())
    }

    fn optional(&self, id: u32) -> Result<Option<String>, IndexError> {
        if id == NONE { Ok(None) } else { self.string(id).map(Some) }
    }

    /// Checks every checksum of the file now.
    pub fn verify(&self) -> Result<(), IndexError> {
        self.container.verify()
    }

    /// The string with this id; the name of a function is demangled here.
    pub fn string(&self, id: u32) -> Result<String, IndexError> {
        let text = String::from_utf8_lossy(self.bytes_of(id & !DEMANGLE)?);
        Ok(if id & DEMANGLE == 0 { text.into_owned() } else { demangle(&text) })
    }

    /// The bytes of the string with this id.
    pub(super) fn bytes_of(&self, id: u32) -> Result<&[u8], IndexError> {
        let start = id as usize;
        let head =
            self.container.read(self.strings, start..self.strings.len().min(start.saturating_add(10)))?;
        let mut reader = Reader(head);
        let len = reader.next().and_then(|len| usize::try_from(len).ok()).ok_or(DAMAGED_STRING)?;
        let start = start + head.len() - reader.0.len();
        self.container.read(self.strings, start..start.checked_add(len).ok_or(DAMAGED_STRING)?)
    }

    pub(super) fn container(&self) -> &Container {
        &self.container
    }

    /// The chains of calls at image-relative addresses (inside the instruction, not return addresses).
    ///
    /// An address that nothing covers has an empty chain.
    pub fn lookup(&self, addresses: &[u64]) -> Result<Chains, IndexError> {
        let starts = self.container.read(self.block_starts, 0..self.block_starts.len())?;
        let (starts, _) = starts.as_chunks::<8>();
        let mut chains = Chains::default();
        for &address in addresses {
            if let Some(place) = self.place(starts, address)? {
                self.walk(&place, &mut chains.frames)?;
            }
            let end = u32::try_from(chains.frames.len());
            chains.ends.push(end.map_err(|_| IndexError::Damaged("a batch has too many frames"))?);
        }
        Ok(chains)
    }

    fn place(&self, starts: &[[u8; 8]], address: u64) -> Result<Option<Place>, IndexError> {
        let after = starts.partition_point(|start| u64::from_le_bytes(*start) <= address);
        let Some(block) = after.checked_sub(1) else { return Ok(None) };
        let start = starts.get(block).map_or(0, |start| u64::from_le_bytes(*start));
        let begin = self.container.u32_at(self.block_offsets, block)? as usize;
        let end = self.container.u32_at(self.block_offsets, block + 1)? as usize;
        let rows = self.container.read(self.rows, begin..end)?;
        find_row(rows, address - start).ok_or(DAMAGED_ROW)
    }

    fn walk(&self, place: &Place, frames: &mut Vec<FrameRecord>) -> Result<(), IndexError> {
        let first = frames.len();
        let mut site = Site { file: place.file, line: place.line, column: place.column };
        let mut scope = place.scope;
        for _ in 0..MAX_CHAIN {
            let (function, up) = self.scope(scope)?;
            frames.push(self.frame(function, &site)?);
            match up {
                Up::Entry(entry) => {
                    frames[first..].iter_mut().for_each(|frame| frame.entry = entry);
                    return Ok(());
                }
                Up::Parent(parent, call) => (scope, site) = (parent, call),
            }
        }
        Err(DAMAGED_SCOPE)
    }

    fn scope(&self, offset: u32) -> Result<(u32, Up), IndexError> {
        let start = offset as usize;
        let end = self.scopes.len().min(start.saturating_add(MAX_SCOPE_LEN));
        read_scope(self.container.read(self.scopes, start..end)?, offset).ok_or(DAMAGED_SCOPE)
    }

    fn frame(&self, function: u32, site: &Site) -> Result<FrameRecord, IndexError> {
        let record = self.container.array(self.functions, function as usize, FUNCTION_LEN)?;
        let mut fields = record.chunks_exact(4).map(u32_le);
        let mut next = || fields.next().unwrap_or(0);
        let (symbol, function, flags) = (next(), next(), next());
        let file = match site.file.checked_sub(1) {
            Some(file) => self.container.u32_at(self.files, file as usize)?,
            None => NONE,
        };
        let flags = if file == NONE { flags } else { flags | FROM_DEBUG_INFO };
        let (line, column) = (site.line, site.column);
        Ok(FrameRecord { function, symbol, file, line, column, flags, entry: 0 })
    }
}

/// A place in the source. `file` is an index plus one, 0 for none.
struct Site {
    file: u32,
    line: u32,
    column: u32,
}

/// What the row at an address says.
struct Place {
    scope: u32,
    file: u32,
    line: u32,
    column: u32,
}

/// What lies around a scope.
enum Up {
    Entry(u64),
    Parent(u32, Site),
}

fn u32_le(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// The last row at most `distance` from the start of the block. The outer None: the rows are damaged.
fn find_row(rows: &[u8], mut distance: u64) -> Option<Option<Place>> {
    let mut reader = Reader(rows);
    let (mut row, mut known) = (Place { scope: 0, file: 0, line: 0, column: 0 }, false);
    while !reader.0.is_empty() {
        let head = reader.next()?;
        let Some(rest) = distance.checked_sub(head >> STEP_SHIFT) else { break };
        distance = rest;
        known = read_row(&mut reader, head, &mut row)?;
    }
    Some(known.then_some(row))
}

/// Applies one row. Answers whether anything is known there; None if the row is damaged.
#[inline]
fn read_row(reader: &mut Reader<'_>, head: u64, row: &mut Place) -> Option<bool> {
    if head & SCOPE_CHANGES != 0 {
        let Some(code) = reader.next()?.checked_sub(1) else { return Some(false) };
        row.scope = unzigzag(row.scope, code)?;
    }
    if head & FILE_CHANGES != 0 {
        row.file = unzigzag(row.file, reader.next()?)?;
    }
    row.line = unzigzag(row.line, reader.next()?)?;
    row.column = reader.next_u32()?;
    Some(true)
}

fn read_scope(bytes: &[u8], offset: u32) -> Option<(u32, Up)> {
    let mut reader = Reader(bytes);
    let function = reader.next_u32()?;
    let back = reader.next_u32()?;
    if back == 0 {
        return Some((function, Up::Entry(reader.next()?)));
    }
    let parent = offset.checked_sub(back)?;
    let site = Site { file: reader.next_u32()?, line: reader.next_u32()?, column: reader.next_u32()? };
    Some((function, Up::Parent(parent, site)))
}
