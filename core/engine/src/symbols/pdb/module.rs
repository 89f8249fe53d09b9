//! Modules of a PDB: what one object file brought along.
//!
//! Procedures with the calls that were inlined into them, and lines by code range. Lines of an inlined call hold inside of
//! it only, the ones of its caller tell where it was called from.

use std::collections::HashMap;
use std::ops::Range;

use pdb2::{
    AddressMap, FallibleIterator, FileIndex, InlineSiteSymbol, Inlinee, LineInfo, LineProgram, ModuleInfo,
    PdbInternalSectionOffset, ProcedureSymbol, SourceLanguage, StringTable, SymbolData,
};

use super::names::Spelling;
use crate::symbols::code::Code;
use crate::symbols::dwarf::{LineRow, NONE, Name, Scope, Tree, UnitPieces, join_by_scope};
use crate::symbols::intervals::Interval;

const MAX_INLINE_DEPTH: usize = 500;
/// Line numbers of code that nobody wrote.
const HIDDEN: [u32; 2] = [0x00fe_efee, 0x00f0_0f00];

const S_COMPILE2: u16 = 0x1116;
const S_COMPILE3: u16 = 0x113c;
const PROCEDURES: [u16; 6] = [0x110f, 0x1110, 0x1146, 0x1147, 0x1155, 0x1156];
const INLINE_SITES: [u16; 2] = [0x114d, 0x115d];

/// What reading a module needs besides the module.
pub(super) struct Reader<'a, 'd> {
    pub(super) map: &'a AddressMap<'d>,
    pub(super) code: &'a Code,
    pub(super) strings: Option<&'a StringTable<'d>>,
    pub(super) spelling: Spelling<'a>,
    /// Lines that may still be copied.
    pub(super) rows_left: usize,
}

/// A module that is being read.
struct Module<'m> {
    inlinees: HashMap<u32, Inlinee<'m>>,
    files: HashMap<u32, u32>,
    paths: Vec<Vec<u8>>,
    language: u8,
    tree: Tree<'static>,
    /// Names of inlined functions: index into the tree's names by record of the id stream.
    names: HashMap<u32, u32>,
    /// Lines of each scope.
    lines: Vec<Vec<LineRow>>,
    program: Option<LineProgram<'m>>,
    /// Lines of the procedures.
    rows: Vec<(Range<u64>, LineRow)>,
    /// Scopes that are open, each with the symbol that ends it.
    open: Vec<(u32, u32)>,
    /// Where the procedure that is open starts.
    start: Option<PdbInternalSectionOffset>,
}

impl Reader<'_, '_> {
    /// Reads a module; None if its symbols cannot be found.
    pub(super) fn module(&mut self, info: &ModuleInfo<'_>) -> Option<UnitPieces<'static>> {
        let mut module = Module {
            inlinees: HashMap::new(),
            files: HashMap::new(),
            paths: Vec::new(),
            language: 0,
            tree: Tree::default(),
            names: HashMap::new(),
            lines: Vec::new(),
            program: info.line_program().ok(),
            rows: Vec::new(),
            open: Vec::new(),
            start: None,
        };
        if let Ok(mut inlinees) = info.inlinees() {
            while let Ok(Some(inlinee)) = inlinees.next() {
                module.inlinees.insert(inlinee.index().0, inlinee);
            }
        }
        self.read_rows(&mut module);
        let mut symbols = info.symbols().ok()?;
        // Symbols before a damaged one stand.
        while let Ok(Some(symbol)) = symbols.next() {
            let index = symbol.index().0;
            while module.open.last().is_some_and(|(_, end)| *end <= index) {
                module.open.pop();
            }
            let is_wanted = [S_COMPILE2, S_COMPILE3].contains(&symbol.raw_kind())
                || PROCEDURES.contains(&symbol.raw_kind())
                || INLINE_SITES.contains(&symbol.raw_kind());
            match is_wanted.then(|| symbol.parse()) {
                Some(Ok(SymbolData::CompileFlags(flags))) => module.language = language_code(flags.language),
                Some(Ok(SymbolData::Procedure(procedure))) => self.procedure(&mut module, &procedure),
                Some(Ok(SymbolData::InlineSite(site))) => self.inlined_call(&mut module, &site),
                _ => {}
            }
        }
        Some(module.finish())
    }

    /// The lines of all procedures, ascending.
    fn read_rows(&self, module: &mut Module<'_>) {
        let Some(program) = module.program.take() else { return };
        let mut lines = program.lines();
        while let Ok(Some(line)) = lines.next() {
            let Some(start) = self.address(line.offset) else { continue };
            let file = self.file(module, &program, line.file_index);
            let end = start.saturating_add(line.length.unwrap_or(1).into());
            module.rows.push((start..end, row(start, file, &line)));
        }
        module.rows.sort_by_key(|(range, _)| range.start);
        module.program = Some(program);
    }

    fn procedure(&mut self, module: &mut Module<'_>, procedure: &ProcedureSymbol<'_>) {
        module.open.clear();
        module.start = None;
        let Some(start) = self.address(procedure.offset) else { return };
        let Some(range) = self.code.clamp(start..start.saturating_add(procedure.len.into())) else { return };
        let name = self.spelling.function(procedure.name.as_bytes(), procedure.type_index.0);
        let name = module.name(name);
        let scope = module.scope(name, NONE, range.start);
        module.start = Some(procedure.offset);
        module.open.push((scope, procedure.end.0));
        let first = module.rows.partition_point(|(row, _)| row.end <= range.start);
        let rows = module.rows.get(first..).unwrap_or(&[]).iter();
        let within = rows.take_while(|(row, _)| row.start < range.end).map(|(_, row)| *row);
        let rows: Vec<_> = within.take(self.rows_left).collect();
        self.rows_left -= rows.len();
        module.claim(scope, range);
        module.set_lines(scope, last_at_each_address(rows));
    }

    fn inlined_call(&mut self, module: &mut Module<'_>, site: &InlineSiteSymbol<'_>) {
        let (Some(&(parent, _)), Some(start)) = (module.open.last(), module.start) else { return };
        if module.open.len() > MAX_INLINE_DEPTH {
            return;
        }
        let (rows, ranges) = self.inlined_rows(module, site, start);
        let name = match module.names.get(&site.inlinee.0) {
            Some(&known) => known,
            None => self.inlined_name(module, site.inlinee.0),
        };
        let scope = module.scope(name, parent, 0);
        module.open.push((scope, site.end.0));
        if let Some(first) = ranges.iter().map(|range| range.start).min() {
            module.set_call(scope, parent, first);
        }
        ranges.into_iter().for_each(|range| module.claim(scope, range));
        module.set_lines(scope, rows);
    }

    fn inlined_name(&mut self, module: &mut Module<'_>, inlinee: u32) -> u32 {
        let name = self.spelling.inlinee(inlinee).map_or(NONE, |name| module.name(name));
        module.names.insert(inlinee, name);
        name
    }

    /// Lines inside of an inlined call, and the code that they are about.
    fn inlined_rows(
        &self,
        module: &mut Module<'_>,
        site: &InlineSiteSymbol<'_>,
        start: PdbInternalSectionOffset,
    ) -> (Vec<LineRow>, Vec<Range<u64>>) {
        let (mut rows, mut ranges) = (Vec::new(), Vec::new());
        let Some(inlinee) = module.inlinees.get(&site.inlinee.0).cloned() else { return (rows, ranges) };
        let Some(program) = module.program.take() else { return (rows, ranges) };
        let mut lines = inlinee.lines(start, site);
        while let Ok(Some(line)) = lines.next() {
            let (Some(from), Some(len @ 1..)) = (self.address(line.offset), line.length) else { continue };
            let Some(range) = self.code.clamp(from..from.saturating_add(len.into())) else { continue };
            let file = self.file(module, &program, line.file_index);
            rows.push(row(from, file, &line));
            ranges.push(range);
        }
        module.program = Some(program);
        rows.sort_by_key(|row| row.address);
        (last_at_each_address(rows), ranges)
    }

    fn address(&self, offset: PdbInternalSectionOffset) -> Option<u64> {
        offset.to_rva(self.map).map(|address| u64::from(address.0))
    }

    /// Index of a file's path; [`NONE`] if it has none.
    fn file(&self, module: &mut Module<'_>, program: &LineProgram<'_>, index: FileIndex) -> u32 {
        if let Some(&known) = module.files.get(&index.0) {
            return known;
        }
        let name = program.get_file_info(index).ok().and_then(|file| {
            let name = file.name.to_raw_string(self.strings?).ok()?;
            Some(name.as_bytes().to_vec())
        });
        let id = name.map_or(NONE, |name| {
            module.paths.push(name);
            (module.paths.len() - 1) as u32
        });
        module.files.insert(index.0, id);
        id
    }
}

impl Module<'_> {
    fn name(&mut self, qualified: Vec<u8>) -> u32 {
        if qualified.is_empty() {
            return NONE;
        }
        let qualified = Some(qualified);
        self.tree.names.push(Name { qualified, language: self.language, ..Name::default() });
        (self.tree.names.len() - 1) as u32
    }

    fn scope(&mut self, name: u32, parent: u32, entry: u64) -> u32 {
        let scope = self.tree.scopes.len() as u32;
        let root = self.tree.scopes.get(parent as usize).map_or(scope, |parent| parent.root);
        self.tree.scopes.push(Scope {
            name,
            parent,
            root,
            call_file: NONE,
            call_line: 0,
            call_column: 0,
            entry,
        });
        self.lines.push(Vec::new());
        scope
    }

    fn claim(&mut self, scope: u32, Range { start, end }: Range<u64>) {
        self.tree.intervals.push(Interval { start, end, priority: scope, item: scope });
    }

    fn set_lines(&mut self, scope: u32, rows: Vec<LineRow>) {
        if let Some(lines) = self.lines.get_mut(scope as usize) {
            *lines = rows;
        }
    }

    /// Where a call was made: the line that the caller has where the code of the call begins.
    fn set_call(&mut self, scope: u32, caller: u32, start: u64) {
        let Some(rows) = self.lines.get(caller as usize) else { return };
        let after = rows.partition_point(|row| row.address <= start);
        let Some(row) = rows[..after].last() else { return };
        if let Some(scope) = self.tree.scopes.get_mut(scope as usize) {
            (scope.call_file, scope.call_line, scope.call_column) = (row.file, row.line, row.column);
        }
    }

    fn finish(self) -> UnitPieces<'static> {
        join_by_scope(self.tree, &self.lines, self.paths)
    }
}

/// Of several rows at one address the last one holds: the ones before it have no code.
fn last_at_each_address(rows: Vec<LineRow>) -> Vec<LineRow> {
    let mut kept: Vec<LineRow> = Vec::with_capacity(rows.len());
    for row in rows {
        match kept.last_mut() {
            Some(last) if last.address == row.address => *last = row,
            _ => kept.push(row),
        }
    }
    kept
}

fn row(address: u64, file: u32, line: &LineInfo) -> LineRow {
    let number = if HIDDEN.contains(&line.line_start) { 0 } else { line.line_start };
    LineRow { address, file, line: number, column: line.column_start.unwrap_or(0) }
}

fn language_code(language: SourceLanguage) -> u8 {
    match language {
        SourceLanguage::C => 1,
        SourceLanguage::Cpp => 2,
        SourceLanguage::Rust => 3,
        _ => 4,
    }
}
