//! Where decoded segments go: into the table as they come, or sorted line by line.

use super::super::table::TableBuilder;
use super::{NONE, Original};

/// Numbers of a row: source id plus one, original line, original column, name id plus one.
pub(in super::super) const COLUMNS: usize = 4;

/// Receives decoded segments.
pub(in super::super) trait Sink {
    /// Takes a segment at `key`; false if it came out of order.
    fn push(&mut self, key: u64, original: Option<Original>) -> bool;

    /// The table, if segments may be written into it many at a time.
    fn table(&mut self) -> Option<&mut TableBuilder<COLUMNS>>;

    /// A generated line has ended.
    fn end_line(&mut self);
}

/// Writes segments to the table as they come.
pub(in super::super) struct InOrder<'a> {
    table: &'a mut TableBuilder<COLUMNS>,
    /// Original position of the last segment that had one: a segment without repeats it, which packs best.
    last: (u32, u32),
}

impl<'a> InOrder<'a> {
    pub(in super::super) fn new(table: &'a mut TableBuilder<COLUMNS>) -> Self {
        Self { table, last: (0, 0) }
    }
}

impl Sink for InOrder<'_> {
    fn push(&mut self, key: u64, original: Option<Original>) -> bool {
        let values = match original {
            Some(Original { source, line0, column0, name }) => {
                self.last = (line0, column0);
                [source + 1, line0, column0, name.wrapping_add(1)]
            }
            None => [0, self.last.0, self.last.1, 0],
        };
        self.table.push(key, values)
    }

    fn table(&mut self) -> Option<&mut TableBuilder<COLUMNS>> {
        Some(self.table)
    }

    fn end_line(&mut self) {}
}

const _: () = assert!(NONE.wrapping_add(1) == 0);

/// A segment waiting to be sorted.
pub(in super::super) type Segment = (u64, Option<Original>);

/// Sorts the segments of each line by their columns; equal ones stay in their order.
pub(in super::super) struct Sorting<'a> {
    sink: InOrder<'a>,
    line: Vec<Segment>,
    /// So many are sorted at a time.
    limit: usize,
    lost: u64,
}

impl<'a> Sorting<'a> {
    /// A line of more than `limit` segments is sorted in parts.
    pub(in super::super) fn new(table: &'a mut TableBuilder<COLUMNS>, limit: usize) -> Self {
        Self { sink: InOrder::new(table), line: Vec::new(), limit, lost: 0 }
    }

    /// Writes what waits and returns how many segments were too far out of order to be kept.
    pub(in super::super) fn finish(mut self) -> u64 {
        self.end_line();
        self.lost
    }
}

impl Sink for Sorting<'_> {
    fn push(&mut self, key: u64, original: Option<Original>) -> bool {
        if self.line.len() == self.limit {
            self.end_line();
        }
        self.line.push((key, original));
        true
    }

    fn table(&mut self) -> Option<&mut TableBuilder<COLUMNS>> {
        None
    }

    fn end_line(&mut self) {
        self.line.sort_by_key(|segment| segment.0);
        for (key, original) in self.line.drain(..) {
            if !self.sink.push(key, original) {
                self.lost += 1;
            }
        }
    }
}
