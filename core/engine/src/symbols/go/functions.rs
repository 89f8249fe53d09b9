//! Functions with their lines and the calls that were inlined into them.

use std::collections::HashMap;

use super::image::Image;
use super::module::Module;
use super::table::{Table, Version};
use super::values::Values;
use crate::symbols::dwarf::{NONE, Name, Row, UnitPieces};
use crate::symbols::flat_unit::FlatUnit;
use crate::symbols::text;

/// `PCDATA_InlTreeIndex` and `FUNCDATA_InlTree`.
const INLINE_INDEX: usize = 2;
const INLINE_TREE: usize = 3;
const NO_DATA: u32 = u32::MAX;
/// Compilers stop long before.
const MAX_DEPTH: usize = 500;
/// Values take two bytes at least, and functions share tables that are equal.
const STEPS_A_BYTE: u64 = 8;
const STEPS_SLACK: u64 = 1 << 16;
/// Code of the language in the index.
const GO: u8 = 9;

/// Reads all functions. `text`: where the code starts, for versions that count from there.
pub(super) fn read<'d>(image: &Image<'d>, table: &Table<'d>, module: Module, text: u64) -> UnitPieces<'d> {
    let budget = (table.values.len() as u64).saturating_mul(STEPS_A_BYTE).saturating_add(STEPS_SLACK);
    let mut functions = Functions {
        image,
        table,
        module,
        unit: FlatUnit::default(),
        names: HashMap::new(),
        files: HashMap::new(),
        budget,
    };
    let size = table.entry_size();
    let number = |index: usize| image.number(table.functions, index * size, size);
    for index in 0..table.count {
        let (Some(start), Some(record), Some(end)) =
            (number(index * 2), number(index * 2 + 1), number(index * 2 + 2))
        else {
            break;
        };
        let range = text.saturating_add(start)..text.saturating_add(end);
        // A damaged function costs itself.
        let _damaged = functions.add(range, usize::try_from(record).unwrap_or(usize::MAX));
    }
    functions.unit.finish()
}

struct Functions<'a, 'd> {
    image: &'a Image<'d>,
    table: &'a Table<'d>,
    module: Module,
    unit: FlatUnit<'d>,
    names: HashMap<u32, u32>,
    files: HashMap<u32, u32>,
    budget: u64,
}

/// The numbers of a function's record that are used here.
struct Record<'d> {
    bytes: &'d [u8],
    /// Bytes before the numbers of its tables.
    head: usize,
    table_count: usize,
    /// Where the files of its compilation unit start.
    unit: u32,
}

/// Everything about one function while it is written.
struct Open<'d> {
    entry: u64,
    scope: u32,
    unit: u32,
    lines: Values,
    files: Values,
    inlined: Values,
    tree: &'d [u8],
    /// Scopes of inlined calls by their place in the tree.
    scopes: HashMap<i32, u32>,
}

impl<'d> Functions<'_, 'd> {
    fn add(&mut self, range: std::ops::Range<u64>, record: usize) -> Option<()> {
        let code = self.image.code_at(range.start)?;
        let end = range.end.min(code.address.saturating_add(code.size));
        let record = self.record(record)?;
        let name = self.name(self.field(&record, 1)?);
        let scope = self.unit.function(name, range.start);
        let open = Open {
            entry: range.start,
            scope,
            unit: record.unit,
            lines: self.values(self.field(&record, 6)?, range.start, end),
            files: self.values(self.field(&record, 5)?, range.start, end),
            inlined: self.inline_index(&record, range.start, end),
            tree: self.tree(&record).unwrap_or(&[]),
            scopes: HashMap::new(),
        };
        self.rows(open, end);
        Some(())
    }

    fn record(&self, offset: usize) -> Option<Record<'d>> {
        let bytes = self.table.records.get(offset..)?;
        // The number of the field that holds flags and the count of further data.
        let last = match self.table.version {
            Version::Go1_2 => 8,
            Version::Go1_16 | Version::Go1_18 => 9,
            Version::Go1_20 => 10,
        };
        let mut record = Record { bytes, head: self.table.entry_size() + last * 4, table_count: 0, unit: 0 };
        record.table_count = self.field(&record, 7)? as usize;
        if self.table.version > Version::Go1_2 {
            record.unit = self.field(&record, 8)?;
        }
        Some(record)
    }

    /// The field of that number; the entry is number 0.
    fn field(&self, record: &Record<'_>, number: usize) -> Option<u32> {
        self.u32(record.bytes, self.table.entry_size() + (number - 1) * 4)
    }

    fn u32(&self, bytes: &[u8], offset: usize) -> Option<u32> {
        self.image.number(bytes, offset, 4).map(|number| number as u32)
    }

    fn values(&mut self, offset: u32, entry: u64, end: u64) -> Values {
        match self.table.values.get(offset as usize..) {
            Some(table) if offset > 0 => {
                Values::read(table, entry, end, self.table.quantum, &mut self.budget)
            }
            _ => Values::default(),
        }
    }

    fn inline_index(&mut self, record: &Record<'_>, entry: u64, end: u64) -> Values {
        if self.table.version == Version::Go1_2 || record.table_count <= INLINE_INDEX {
            return Values::default();
        }
        let offset = self.u32(record.bytes, record.head + INLINE_INDEX * 4).unwrap_or(0);
        self.values(offset, entry, end)
    }

    /// The tree of inlined calls: an offset, or before Go 1.18 a pointer.
    fn tree(&self, record: &Record<'d>) -> Option<&'d [u8]> {
        let count = record.bytes.get(record.head - 1).copied().map(usize::from)?;
        let tables = record.head.checked_add(record.table_count.checked_mul(4)?)?;
        if count <= INLINE_TREE || self.table.version == Version::Go1_2 {
            return None;
        }
        if self.table.version == Version::Go1_16 {
            let pointer = self.table.pointer;
            let at = tables.next_multiple_of(pointer) + INLINE_TREE * pointer;
            return self.image.bytes_at(self.image.number(record.bytes, at, pointer)?);
        }
        let offset = self.u32(record.bytes, tables + INLINE_TREE * 4).filter(|offset| *offset != NO_DATA)?;
        self.image.bytes_at(self.module.gofunc?.checked_add(offset.into())?)
    }

    fn name(&mut self, offset: u32) -> u32 {
        if let Some(&name) = self.names.get(&offset) {
            return name;
        }
        let plain = text::cut_at_nul(self.table.names, offset as usize).filter(|name| !name.is_empty());
        let name = plain.map_or(NONE, |plain| {
            let qualified = Some(shown(plain));
            self.unit.name(Name { plain: Some(plain.into()), qualified, language: GO, ..Name::default() })
        });
        self.names.insert(offset, name);
        name
    }

    fn rows(&mut self, mut open: Open<'d>, end: u64) {
        let mut at = open.entry;
        while at < end {
            let (line, line_end) = open.lines.at(at);
            let (file, file_end) = open.files.at(at);
            let (call, call_end) = open.inlined.at(at);
            let scope = self.scope(&mut open, call);
            let (file, line) = (self.file(open.unit, file), u32::try_from(line).unwrap_or(0));
            self.unit.row(Row { start: at, scope, file, line, column: 0 });
            at = line_end.min(file_end).min(call_end).min(end);
        }
        self.unit.close(open.scope, open.entry, end);
    }

    /// The scope of an inlined call; those around it are added before it.
    fn scope(&mut self, open: &mut Open<'d>, call: i32) -> u32 {
        let mut chain = Vec::new();
        let mut at = call;
        while at >= 0 && !open.scopes.contains_key(&at) && chain.len() < MAX_DEPTH {
            let Some((name, place)) = self.call(open.tree, at) else { break };
            let place = open.entry.saturating_add(place.into());
            chain.push((at, name, place));
            at = open.inlined.at(place).0;
        }
        let mut parent = open.scopes.get(&at).copied().unwrap_or(open.scope);
        while let Some((at, name, place)) = chain.pop() {
            let line = u32::try_from(open.lines.at(place).0).unwrap_or(0);
            let file = self.file(open.unit, open.files.at(place).0);
            let name = self.name(name);
            parent = self.unit.inlined(name, parent, file, line);
            open.scopes.insert(at, parent);
        }
        parent
    }

    /// Name of what is called, and the offset in the function of an instruction that is where the call was.
    fn call(&self, tree: &[u8], index: i32) -> Option<(u32, u32)> {
        let (size, name, place) =
            if self.table.version >= Version::Go1_20 { (16, 4, 8) } else { (20, 12, 16) };
        let start = usize::try_from(index).ok()?.checked_mul(size)?;
        Some((self.u32(tree, start.checked_add(name)?)?, self.u32(tree, start.checked_add(place)?)?))
    }

    fn file(&mut self, unit: u32, number: i32) -> u32 {
        let Ok(number) = u32::try_from(number) else { return NONE };
        let key = unit.saturating_add(number);
        if let Some(&file) = self.files.get(&key) {
            return file;
        }
        let path = self.path(key).filter(|path| !path.is_empty());
        let file = path.map_or(NONE, |path| self.unit.file(path));
        self.files.insert(key, file);
        file
    }

    fn path(&self, key: u32) -> Option<&'d [u8]> {
        let index = (key as usize).checked_mul(4)?;
        if self.table.version == Version::Go1_2 {
            return text::cut_at_nul(self.table.names, self.u32(self.table.files, index)? as usize);
        }
        let offset = self.u32(self.table.units, index).filter(|offset| *offset != NO_DATA)?;
        text::cut_at_nul(self.table.files, offset as usize)
    }
}

/// As Go prints it: `main.Sum[go.shape.int]` is `main.Sum[...]`.
fn shown(name: &[u8]) -> Vec<u8> {
    match (memchr::memchr(b'[', name), memchr::memrchr(b']', name)) {
        (Some(open), Some(close)) if open < close => [&name[..open], b"[...]", &name[close + 1..]].concat(),
        _ => name.to_vec(),
    }
}
