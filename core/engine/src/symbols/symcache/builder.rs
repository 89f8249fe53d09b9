//! Writes a SymCache, row by row in ascending order of address.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::super::error::DebugFileError;
use super::super::varint;
use super::format::{
    BLOCK_OFFSETS, BLOCK_STARTS, DEMANGLE, FILE_CHANGES, FILES, FUNCTIONS, KIND, META, NAME_ADDRESSES, NAMES,
    NONE, ROWS, ROWS_A_BLOCK, SCOPE_CHANGES, SCOPES, STEP_SHIFT, STRINGS, name_hash,
};
use super::strings::Strings;
use crate::container::Writer;

/// Larger steps start a new block, so that a step fits into a row's first number.
const MAX_STEP: u64 = 1 << 60;

/// What a function is called, and how that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function<'a> {
    /// Mangled name.
    pub linkage: Option<&'a [u8]>,
    /// Name to show.
    pub display: Display<'a>,
    /// Bits 0-7: where the name is from (1 debug info, 2 symbol table, 4 exports, 8 the nearest symbol before);
    /// bits 8-15: language.
    pub flags: u32,
}

/// The name of a function that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Display<'a> {
    /// The linkage name, demangled.
    Demangled,
    /// Another mangled name, demangled: the function that a part was split off from.
    DemangledOf(&'a [u8]),
    /// This one.
    AsIs(&'a [u8]),
}

/// What a row says about its addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// Scope, as [`Builder::outermost`] and [`Builder::inlined`] return it.
    pub scope: u32,
    /// Source file, as [`Builder::file`] returns it.
    pub file: Option<u32>,
    /// 1-based; 0 unknown.
    pub line: u32,
    /// 1-based; 0 unknown.
    pub column: u32,
}

/// What the index says about the debug file as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meta {
    /// Architecture as in Sentry's payload.
    pub arch: String,
    /// GNU build id, hexadecimal.
    pub code_id: Option<String>,
    /// Identifier after Breakpad's rule.
    pub debug_id: Option<String>,
    /// Companions that were missing, as the history of the format says.
    pub missing_companions: Option<String>,
    /// Virtual address that relative addresses count from.
    pub load_address: u64,
    /// Functions that have code of their own.
    pub functions: u64,
}

/// Collects functions, files, scopes and rows.
pub struct Builder {
    strings: Strings,
    functions: Vec<u8>,
    function_ids: HashMap<(u32, u32, u32), u32, RandomState>,
    files: Vec<u32>,
    file_ids: HashMap<u32, u32, RandomState>,
    scopes: Vec<u8>,
    rows: Rows,
    names: Vec<(u32, u64)>,
}

impl Builder {
    /// Starts an index whose strings may take `string_limit` bytes.
    #[must_use]
    pub fn new(string_limit: usize) -> Self {
        Self {
            strings: Strings::new(string_limit),
            functions: Vec::new(),
            function_ids: HashMap::default(),
            files: Vec::new(),
            file_ids: HashMap::default(),
            scopes: vec![0],
            rows: Rows::default(),
            names: Vec::new(),
        }
    }

    /// Id of a function, which is added if it is new.
    pub fn function(&mut self, function: &Function<'_>) -> Result<u32, DebugFileError> {
        let linkage = self.optional(function.linkage)?;
        let display = match function.display {
            Display::Demangled if linkage == NONE => NONE,
            Display::Demangled => linkage | DEMANGLE,
            Display::DemangledOf(mangled) => self.strings.intern(mangled)? | DEMANGLE,
            Display::AsIs(name) => self.strings.intern(name)?,
        };
        Ok(self.function_called(linkage, display, function.flags))
    }

    /// The same for a mangled name that is in the index: its id, as [`Builder::string`] returns it.
    pub(in crate::symbols) fn mangled_function(&mut self, linkage: u32, flags: u32) -> u32 {
        self.function_called(linkage, linkage | DEMANGLE, flags)
    }

    /// Id of a string, which is added if it is new.
    pub(in crate::symbols) fn string(&mut self, string: &[u8]) -> Result<u32, DebugFileError> {
        self.strings.intern(string)
    }

    fn function_called(&mut self, linkage: u32, display: u32, flags: u32) -> u32 {
        let next = (self.functions.len() / super::format::FUNCTION_LEN) as u32;
        let id = *self.function_ids.entry((linkage, display, flags)).or_insert(next);
        if id == next {
            for field in [linkage, display, flags] {
                self.functions.extend_from_slice(&field.to_le_bytes());
            }
        }
        id
    }

    fn optional(&mut self, string: Option<&[u8]>) -> Result<u32, DebugFileError> {
        string.map_or(Ok(NONE), |string| self.strings.intern(string))
    }

    /// Id of a source file, which is added if it is new.
    pub fn file(&mut self, path: &[u8]) -> Result<u32, DebugFileError> {
        let string = self.strings.intern(path)?;
        let next = self.files.len() as u32;
        let id = *self.file_ids.entry(string).or_insert(next);
        if id == next {
            self.files.push(string);
        }
        Ok(id)
    }

    /// Adds a function that was not inlined. `entry`: image-relative address where it is entered, or
    /// [`UNKNOWN_ENTRY`](super::UNKNOWN_ENTRY).
    pub fn outermost(&mut self, function: u32, entry: u64) -> Result<u32, DebugFileError> {
        self.scope(&[u64::from(function), 0, entry])
    }

    /// Adds a call that was inlined into the scope `parent`. Line and column are 1-based, 0 unknown.
    pub fn inlined(
        &mut self,
        function: u32,
        parent: u32,
        call_file: Option<u32>,
        call_line: u32,
        call_column: u32,
    ) -> Result<u32, DebugFileError> {
        let back = (self.scopes.len() as u64).saturating_sub(u64::from(parent));
        let site = [file_code(call_file), call_line, call_column].map(u64::from);
        self.scope(&[u64::from(function), back, site[0], site[1], site[2]])
    }

    fn scope(&mut self, fields: &[u64]) -> Result<u32, DebugFileError> {
        let id = u32::try_from(self.scopes.len());
        fields.iter().for_each(|&field| varint::put(&mut self.scopes, field));
        id.map_err(|_| DebugFileError::TooLarge("it has too many inlined calls"))
    }

    /// Says what is at image-relative `start` and after it, up to the next row; None: nothing is known.
    ///
    /// Rows come in ascending order; a row at the address of the one before is refused.
    pub fn row(&mut self, start: u64, location: Option<Location>) -> Result<(), DebugFileError> {
        self.rows.push(start, location)
    }

    /// Adds a symbol for the lookup by name.
    pub fn name(&mut self, name: &[u8], address: u64) -> Result<(), DebugFileError> {
        let id = self.strings.intern(name)?;
        self.names.push((id, address));
        Ok(())
    }

    /// Returns the bytes of the index file.
    pub fn finish(self, meta: &Meta) -> Result<Vec<u8>, DebugFileError> {
        Ok(self.into_writer(meta)?.finish())
    }

    /// The same, to be written piece by piece.
    pub fn into_writer(mut self, meta: &Meta) -> Result<Writer, DebugFileError> {
        let meta = self.meta(meta)?;
        let (offsets, names) = (self.rows.finish()?, self.sorted_names());
        let mut writer = Writer::new(KIND);
        writer.section(META, meta);
        writer.section(STRINGS, self.strings.bytes);
        writer.section(FUNCTIONS, self.functions);
        writer.section(FILES, bytes_of(self.files.iter().map(|id| id.to_le_bytes())));
        writer.section(SCOPES, self.scopes);
        writer.section(BLOCK_STARTS, bytes_of(self.rows.starts.iter().map(|start| start.to_le_bytes())));
        writer.section(BLOCK_OFFSETS, bytes_of(offsets.iter().map(|offset| offset.to_le_bytes())));
        writer.section(ROWS, self.rows.bytes);
        writer.section(NAMES, bytes_of(names.iter().map(|(id, _)| id.to_le_bytes())));
        writer.section(NAME_ADDRESSES, bytes_of(names.iter().map(|(_, address)| address.to_le_bytes())));
        Ok(writer)
    }

    fn meta(&mut self, meta: &Meta) -> Result<Vec<u8>, DebugFileError> {
        let mut out = Vec::with_capacity(super::format::META_LEN);
        out.extend_from_slice(&meta.load_address.to_le_bytes());
        out.extend_from_slice(&meta.functions.to_le_bytes());
        let (code_id, debug_id) = (meta.code_id.as_deref(), meta.debug_id.as_deref());
        let strings = [Some(meta.arch.as_str()), code_id, debug_id, meta.missing_companions.as_deref()];
        for string in strings {
            out.extend_from_slice(&self.optional(string.map(str::as_bytes))?.to_le_bytes());
        }
        Ok(out)
    }

    /// Ascending by the hashes of the strings, which are equal for equal strings only among one another.
    fn sorted_names(&mut self) -> Vec<(u32, u64)> {
        let names = std::mem::take(&mut self.names).into_iter();
        let hash = |id| name_hash(self.strings.get(id).unwrap_or_default());
        let mut hashed: Vec<_> = names.map(|(id, address)| (hash(id), id, address)).collect();
        hashed.sort_unstable();
        hashed.dedup();
        hashed.into_iter().map(|(_, id, address)| (id, address)).collect()
    }
}

fn file_code(file: Option<u32>) -> u32 {
    file.map_or(0, |file| file.saturating_add(1))
}

fn bytes_of<const N: usize>(items: impl Iterator<Item = [u8; N]>) -> Vec<u8> {
    items.flatten().collect()
}

/// The rows, packed into blocks.
#[derive(Default)]
struct Rows {
    bytes: Vec<u8>,
    starts: Vec<u64>,
    offsets: Vec<u64>,
    in_block: usize,
    last_start: u64,
    last: Option<Location>,
    state: State,
}

/// What the next row of the block is told as a difference to.
#[derive(Default)]
struct State {
    scope: u32,
    file: u32,
    line: u32,
}

impl Rows {
    fn push(&mut self, start: u64, location: Option<Location>) -> Result<(), DebugFileError> {
        let first = self.starts.is_empty();
        if (first && location.is_none()) || (!first && location == self.last) {
            return Ok(());
        }
        if !first && start <= self.last_start {
            return Err(DebugFileError::Malformed("rows are out of order".to_owned()));
        }
        if first || self.in_block == ROWS_A_BLOCK || start - self.last_start >= MAX_STEP {
            self.begin_block(start);
        }
        self.write(start - self.last_start, location);
        (self.last_start, self.last) = (start, location);
        self.in_block += 1;
        Ok(())
    }

    fn begin_block(&mut self, start: u64) {
        self.starts.push(start);
        self.offsets.push(self.bytes.len() as u64);
        (self.in_block, self.last_start, self.state) = (0, start, State::default());
    }

    fn write(&mut self, step: u64, location: Option<Location>) {
        let head = step << STEP_SHIFT;
        let Some(location) = location else {
            varint::put(&mut self.bytes, head | SCOPE_CHANGES);
            return varint::put(&mut self.bytes, 0);
        };
        let file = file_code(location.file);
        let scope_changes = location.scope != self.state.scope;
        let file_changes = file != self.state.file;
        let scope_flag = if scope_changes { SCOPE_CHANGES } else { 0 };
        let flags = scope_flag | if file_changes { FILE_CHANGES } else { 0 };
        varint::put(&mut self.bytes, head | flags);
        if scope_changes {
            varint::put(&mut self.bytes, varint::zigzag(self.state.scope, location.scope) + 1);
        }
        if file_changes {
            varint::put(&mut self.bytes, varint::zigzag(self.state.file, file));
        }
        varint::put(&mut self.bytes, varint::zigzag(self.state.line, location.line));
        varint::put(&mut self.bytes, u64::from(location.column));
        self.state = State { scope: location.scope, file, line: location.line };
    }

    /// Where each block starts, and one more offset for the end.
    fn finish(&mut self) -> Result<Vec<u32>, DebugFileError> {
        self.offsets.push(self.bytes.len() as u64);
        let offsets = self.offsets.iter().map(|&offset| u32::try_from(offset));
        offsets.collect::<Result<_, _>>().map_err(|_| DebugFileError::TooLarge("it has too many lines"))
    }
}
