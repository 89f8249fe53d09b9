//! Functions and lines of a unit, joined: stretches of code in which every address has its row.

use super::lines::{LineRow, Lines};
use super::tree::{Scope, Tree};
use super::wanted::Wanted;
use super::{NONE, Name};
use crate::symbols::intervals::{Cover, flatten};

/// What is at an address and those that follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::symbols) struct Row {
    pub(in crate::symbols) start: u64,
    /// Innermost scope; [`NONE`] where the unit has no function.
    pub(in crate::symbols) scope: u32,
    /// Index into the unit's files; [`NONE`] if unknown.
    pub(in crate::symbols) file: u32,
    /// 1-based; 0 unknown.
    pub(in crate::symbols) line: u32,
    /// 1-based; 0 unknown.
    pub(in crate::symbols) column: u32,
}

/// A stretch of code that belongs to one function, or has lines but no function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::symbols) struct Piece {
    pub(in crate::symbols) start: u64,
    pub(in crate::symbols) end: u64,
    /// The function: a scope without parent; [`NONE`] if there are only lines.
    pub(in crate::symbols) function: u32,
    /// Indexes of its rows; the first one starts with the piece.
    pub(in crate::symbols) rows: std::ops::Range<usize>,
}

/// Everything that a unit says about code.
#[derive(Default)]
pub(in crate::symbols) struct UnitPieces<'d> {
    pub(in crate::symbols) names: Vec<Name<'d>>,
    pub(in crate::symbols) files: Vec<Vec<u8>>,
    pub(in crate::symbols) scopes: Vec<Scope>,
    pub(in crate::symbols) rows: Vec<Row>,
    pub(in crate::symbols) pieces: Vec<Piece>,
}

/// Joins the functions and the lines of a unit. `lines_alone`: which lines outside of functions are wanted, if they
/// mean something.
pub(in crate::symbols) fn join<'d>(
    tree: Tree<'d>,
    lines: &Lines,
    files: Vec<Vec<u8>>,
    lines_alone: Option<Wanted<'_>>,
) -> UnitPieces<'d> {
    let covers = flatten(tree.intervals);
    let mut unit = UnitPieces { names: tree.names, files, scopes: tree.scopes, ..UnitPieces::default() };
    let mut cursor = Cursor { lines, next: 0 };
    for cover in &covers {
        unit.extend(cover, &mut cursor);
    }
    if let Some(wanted) = lines_alone {
        add_lines_alone(&mut unit, lines, &covers, wanted);
    }
    // All units are kept until the last one is read.
    unit.rows.shrink_to_fit();
    unit.scopes.shrink_to_fit();
    unit.pieces.shrink_to_fit();
    unit
}

/// Joins functions and lines where every scope has lines of its own, ascending by address.
pub(in crate::symbols) fn join_by_scope<'d>(
    tree: Tree<'d>,
    lines: &[Vec<LineRow>],
    files: Vec<Vec<u8>>,
) -> UnitPieces<'d> {
    let covers = flatten(tree.intervals);
    let mut unit = UnitPieces { names: tree.names, files, scopes: tree.scopes, ..UnitPieces::default() };
    for cover in &covers {
        let first = unit.rows.len();
        let rows = lines.get(cover.item as usize).map_or(&[][..], Vec::as_slice);
        let before = rows.partition_point(|row| row.address <= cover.start);
        if before == 0 {
            unit.rows.push(Row { start: cover.start, scope: cover.item, file: NONE, line: 0, column: 0 });
        }
        let within = rows[before.saturating_sub(1)..].iter().take_while(|row| row.address < cover.end);
        unit.rows.extend(within.map(|row| located(row, cover.start, cover.item)));
        unit.add_piece(cover, first);
    }
    unit
}

impl UnitPieces<'_> {
    fn extend(&mut self, cover: &Cover<u32>, cursor: &mut Cursor<'_>) {
        let first = self.rows.len();
        cursor.emit(cover, &mut self.rows);
        self.add_piece(cover, first);
    }

    /// The rows from `first` on are those of `cover`.
    fn add_piece(&mut self, cover: &Cover<u32>, first: usize) {
        let function = self.scopes[cover.item as usize].root;
        match self.pieces.last_mut() {
            Some(last) if last.end == cover.start && last.function == function => {
                last.end = cover.end;
                last.rows.end = self.rows.len();
            }
            _ => self.pieces.push(Piece {
                start: cover.start,
                end: cover.end,
                function,
                rows: first..self.rows.len(),
            }),
        }
    }
}

/// Assembly has lines without functions; so has code whose functions were described elsewhere.
fn add_lines_alone(unit: &mut UnitPieces<'_>, lines: &Lines, covers: &[Cover<u32>], wanted: Wanted<'_>) {
    let mut cursor = Cursor { lines, next: 0 };
    let mut covers = covers.iter().peekable();
    for stretch in &lines.stretches {
        let mut at = stretch.start;
        while at < stretch.end {
            while covers.peek().is_some_and(|cover| cover.end <= at) {
                covers.next();
            }
            let next = covers.peek().map_or(u64::MAX, |cover| cover.start);
            let end = stretch.end.min(next);
            if at < end && wanted.includes(&(at..end)) {
                let first = unit.rows.len();
                cursor.emit(&Cover { start: at, end, item: NONE }, &mut unit.rows);
                unit.pieces.push(Piece { start: at, end, function: NONE, rows: first..unit.rows.len() });
            }
            at = if end < stretch.end { covers.peek().map_or(u64::MAX, |cover| cover.end) } else { end };
        }
    }
}

/// Walks over the lines while covers come in ascending order.
struct Cursor<'a> {
    lines: &'a Lines,
    next: usize,
}

impl Cursor<'_> {
    /// Adds the rows of `cover`, whose item is a scope.
    fn emit(&mut self, cover: &Cover<u32>, out: &mut Vec<Row>) {
        let stretches = &self.lines.stretches;
        let mut at = cover.start;
        while at < cover.end {
            while stretches.get(self.next).is_some_and(|stretch| stretch.end <= at) {
                self.next += 1;
            }
            match stretches.get(self.next) {
                Some(stretch) if stretch.start <= at => {
                    let end = stretch.end.min(cover.end);
                    let rows = self.lines.rows(stretch);
                    let first = rows.partition_point(|row| row.address <= at).saturating_sub(1);
                    let within = rows[first..].iter().take_while(|row| row.address < end);
                    out.extend(within.map(|row| located(row, at, cover.item)));
                    at = end;
                }
                next => {
                    out.push(Row { start: at, scope: cover.item, file: NONE, line: 0, column: 0 });
                    at = next.map_or(cover.end, |stretch| stretch.start.min(cover.end));
                }
            }
        }
    }
}

fn located(row: &LineRow, at: u64, scope: u32) -> Row {
    Row { start: row.address.max(at), scope, file: row.file, line: row.line, column: row.column }
}
