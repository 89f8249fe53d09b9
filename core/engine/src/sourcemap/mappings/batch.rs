//! Many segments at a time, as long as nothing about them is out of the ordinary.
//!
//! Segments are summed up in 32 bits while they are read, into arrays, one for each number; whether all of
//! them are where they may be is asked of the arrays as a whole, by their smallest and largest numbers,
//! which packing needs anyway. This is sound because a batch starts from sums below [`SAFE`] and moves
//! each by less than 2^15 a segment, so that a sum that leaves its bounds shows in its sign.

use super::super::table::{BLOCK, Ranges, Rows, key};
use super::super::vlq::{self, WINDOW};
use super::sink::COLUMNS;
use super::{Context, State};

/// Sums from which a batch may start.
const SAFE: u64 = 1 << 30;

/// Segments read and summed up.
pub(super) struct Batch {
    pub(super) rows: Rows<COLUMNS>,
    pub(super) ranges: Ranges<COLUMNS>,
}

/// Where a batch ended: offset in the text, whether a segment is due there, and the sums.
pub(super) struct End {
    pub at: usize,
    pub due: bool,
    pub state: State,
    /// Whether everything in the batch is where it may be.
    pub sound: bool,
}

/// [`State`] in 32 bits.
struct Sums {
    line: u32,
    column: i32,
    source: i32,
    original_line: i32,
    original_column: i32,
    name: i32,
}

impl Batch {
    pub(super) fn new() -> Self {
        Self { rows: Rows::new(), ranges: Ranges::default() }
    }

    /// Reads segments from `at` on until the batch is full or something else comes. `due`: a segment must
    /// come first. `None` if there is nothing that could be read this way.
    pub(super) fn read(
        &mut self,
        text: &[u8],
        at: usize,
        due: bool,
        state: State,
        context: &Context,
    ) -> Option<End> {
        let mut sums = Sums::of(state)?;
        let (at, due, wrong) = self.fill(text, at, due, &mut sums, context);
        if self.rows.len == 0 {
            return None;
        }
        self.ranges = Ranges::of(&self.rows, 0, self.rows.len);
        let sound = wrong >= 0 && self.within(context);
        Some(End { at, due, state: sums.state(), sound })
    }

    /// Returns the offset behind the last segment read, whether another is due there, and a number that is
    /// negative if a sum was.
    fn fill(
        &mut self,
        text: &[u8],
        mut at: usize,
        mut due: bool,
        sums: &mut Sums,
        context: &Context,
    ) -> (usize, bool, i32) {
        let Sums { mut line, mut column, mut source, mut original_line, mut original_column, mut name } = *sums;
        let (first_source, first_name) = (context.source_base + 1, context.name_base + 1);
        let rows = &mut self.rows;
        let (mut len, mut wrong) = (0, 0);
        while len < BLOCK {
            let Some(window) = text.get(at..).and_then(<[u8]>::first_chunk::<WINDOW>) else {
                break;
            };
            if window[0] == b';' && !due {
                (line, column, at) = (line + 1, 0, at + 1);
                continue;
            }
            let Some(segment) = vlq::read_segment(window) else {
                break;
            };
            let [column_delta, source_delta, line_delta, original_delta, name_delta] = segment.numbers;
            column += column_delta;
            source += source_delta;
            original_line += line_delta;
            original_column += original_delta;
            name += name_delta;
            // The first segment of a line starts from column 0 or a section's: no step back there.
            wrong |= column | source | original_line | original_column | name;
            wrong |= if due { column_delta } else { 0 };
            rows.lines[len] = line;
            rows.columns[len] = column as u32;
            rows.values[0][len] = if segment.fields > 1 { (source as u32).wrapping_add(first_source) } else { 0 };
            rows.values[1][len] = original_line as u32;
            rows.values[2][len] = original_column as u32;
            rows.values[3][len] = if segment.fields > 4 { (name as u32).wrapping_add(first_name) } else { 0 };
            len += 1;
            at += segment.len + 1;
            due = segment.comma;
            if !due {
                (line, column) = (line + 1, 0);
            }
        }
        rows.len = len;
        *sums = Sums { line, column, source, original_line, original_column, name };
        (at, due, wrong)
    }

    /// Whether the largest numbers are within bounds; the sign of the smallest was looked at.
    fn within(&self, context: &Context) -> bool {
        let [source, .., name] = self.ranges.maxima();
        let last = self.rows.len - 1;
        let end = key(self.rows.lines[last], self.rows.columns[last]);
        source <= context.source_base + context.sources
            && name <= context.name_base + context.names
            && end < context.limit
    }
}

impl Sums {
    fn of(state: State) -> Option<Self> {
        let State { line, column, source, original_line, original_column, name } = state;
        let all = line | (column | source | original_line | original_column | name) as u64;
        (all < SAFE).then_some(Self {
            line: line as u32,
            column: column as i32,
            source: source as i32,
            original_line: original_line as i32,
            original_column: original_column as i32,
            name: name as i32,
        })
    }

    fn state(&self) -> State {
        State {
            line: u64::from(self.line),
            column: i64::from(self.column),
            source: i64::from(self.source),
            original_line: i64::from(self.original_line),
            original_column: i64::from(self.original_column),
            name: i64::from(self.name),
        }
    }
}
