//! Units of formats that list functions one after the other, each with its rows in order of address.

use std::collections::HashMap;

use super::dwarf::{NONE, Name, Piece, Row, Scope, UnitPieces};

/// Collects a unit. Functions may come in any order, the rows of one in ascending order.
#[derive(Default)]
pub(super) struct FlatUnit<'d> {
    unit: UnitPieces<'d>,
    file_ids: HashMap<Vec<u8>, u32>,
    /// Rows before this one belong to functions that are complete.
    closed: usize,
}

impl<'d> FlatUnit<'d> {
    /// Id of a name.
    pub(super) fn name(&mut self, name: Name<'d>) -> u32 {
        self.unit.names.push(name);
        (self.unit.names.len() - 1) as u32
    }

    /// Id of a source file, which is added if it is new.
    pub(super) fn file(&mut self, path: &[u8]) -> u32 {
        if let Some(&id) = self.file_ids.get(path) {
            return id;
        }
        let id = self.unit.files.len() as u32;
        self.unit.files.push(path.to_vec());
        self.file_ids.insert(path.to_vec(), id);
        id
    }

    /// Adds a function that is entered at `entry`. `name`: [`NONE`] if it has none.
    pub(super) fn function(&mut self, name: u32, entry: u64) -> u32 {
        let scope = self.unit.scopes.len() as u32;
        let (call_file, call_line, call_column) = (NONE, 0, 0);
        self.unit.scopes.push(Scope {
            name,
            parent: NONE,
            root: scope,
            call_file,
            call_line,
            call_column,
            entry,
        });
        scope
    }

    /// Adds a call that was inlined into the scope `parent`, at a place of file and line (1-based, 0 unknown).
    pub(super) fn inlined(&mut self, name: u32, parent: u32, call_file: u32, call_line: u32) -> u32 {
        let scope = self.unit.scopes.len() as u32;
        let root = self.unit.scopes.get(parent as usize).map_or(parent, |parent| parent.root);
        self.unit.scopes.push(Scope { name, parent, root, call_file, call_line, call_column: 0, entry: 0 });
        scope
    }

    /// Adds a row of the function that is closed next.
    pub(super) fn row(&mut self, row: Row) {
        self.unit.rows.push(row);
    }

    /// The rows since the last function belong to `function`, whose code lies from `start` up to `end`.
    pub(super) fn close(&mut self, function: u32, start: u64, end: u64) {
        let rows = self.closed..self.unit.rows.len();
        self.closed = rows.end;
        if start < end && !rows.is_empty() {
            self.unit.pieces.push(Piece { start, end, function, rows });
        }
    }

    /// Rows that were collected so far.
    pub(super) fn len(&self) -> usize {
        self.unit.rows.len()
    }

    /// The unit.
    pub(super) fn finish(self) -> UnitPieces<'d> {
        self.unit
    }
}
