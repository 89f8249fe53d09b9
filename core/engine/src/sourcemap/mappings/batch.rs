//! Many segments at a time, as long as nothing about them is out of the ordinary.
//!
//! They are summed up in 32 bits and written straight into the table's open block. Whether all of them are
//! where they may be is asked of the batch as a whole: it starts from sums below [`SAFE`] and moves each by
//! less than 2^15 a segment, so that a sum that leaves its bounds shows in its sign or in the largest number of
//! its kind, which packing needs anyway.

use super::super::table::{BLOCK, Ranges, Rows, TableBuilder};
use super::super::vlq::{self, Kind, WINDOW};
use super::sink::COLUMNS;
use super::{Context, State};

/// Sums from which a batch may start.
const SAFE: u64 = 1 << 30;

/// Where a batch starts or ends: offset in the text, whether a segment is due there, and the sums.
pub(super) struct End {
    pub at: usize,
    pub due: bool,
    pub state: State,
}

/// Decodes segments until the table's open block is full or something else comes. The error is the offset up
/// to which care is needed; nothing was taken then.
pub(super) fn decode(
    text: &[u8],
    start: End,
    context: &Context,
    table: &mut TableBuilder<COLUMNS>,
) -> Result<End, usize> {
    let End { at, due, state } = start;
    let mut sums = Sums::of(&state, context).ok_or(at + 1)?;
    let rows = table.open_rows();
    let first = rows.len;
    let filled = fill(text, at, due, &mut sums, context, rows);
    if filled.at == at {
        return Err(at + 1);
    }
    if filled.end > first {
        let ranges = Ranges::of(rows, first, filled.end);
        let [source, .., name] = ranges.maxima();
        let sound = filled.signs >= 0
            && source <= context.source_base + context.sources
            && name <= context.name_base + context.names
            && rows.key(filled.end - 1) < context.limit;
        if !sound || !table.take_rows(filled.end - first, &ranges) {
            return Err(filled.at);
        }
    }
    Ok(End { at: filled.at, due: filled.due, state: sums.state() })
}

/// What was written into an open block.
struct Filled {
    /// Number of rows that the block has now.
    end: usize,
    at: usize,
    due: bool,
    /// Negative if a sum was, or if a segment lies before the one in front of it.
    signs: i32,
}

/// [`State`] in 32 bits.
struct Sums {
    line: u32,
    column: i32,
    column_base: u32,
    source: i32,
    original_line: i32,
    original_column: i32,
    name: i32,
}

#[inline(never)]
fn fill(
    text: &[u8],
    mut at: usize,
    mut due: bool,
    sums: &mut Sums,
    context: &Context,
    rows: &mut Rows<COLUMNS>,
) -> Filled {
    let Sums {
        mut line,
        mut column,
        mut column_base,
        mut source,
        mut original_line,
        mut original_column,
        mut name,
    } = *sums;
    let (first_source, first_name) = (context.source_base + 1, context.name_base + 1);
    let (mut end, mut signs) = (rows.len, 0);
    let [sources, original_lines, original_columns, names] = &mut rows.values;
    while end < BLOCK {
        let Some(window) = text.get(at..).and_then(<[u8]>::first_chunk::<WINDOW>) else {
            break;
        };
        if window[0] == b';' && !due {
            (line, column, column_base, at) = (line + 1, 0, 0, at + 1);
            if line >= 2 * SAFE as u32 {
                break;
            }
            continue;
        }
        let Some(segment) = vlq::read_segment(window) else {
            break;
        };
        // The first segment of a line cannot step back.
        signs |= if due { segment.numbers[0] } else { 0 };
        column += segment.numbers[0];
        signs |= column;
        rows.lines[end] = line;
        rows.columns[end] = (column as u32).wrapping_add(column_base);
        if segment.kind == Kind::Column {
            (sources[end], names[end]) = (0, 0);
        } else {
            source += segment.numbers[1];
            original_line += segment.numbers[2];
            original_column += segment.numbers[3];
            name += segment.numbers[4];
            signs |= source | original_line | original_column | name;
            sources[end] = (source as u32).wrapping_add(first_source);
            names[end] = if segment.kind == Kind::Named { (name as u32).wrapping_add(first_name) } else { 0 };
        }
        original_lines[end] = original_line as u32;
        original_columns[end] = original_column as u32;
        (end, at, due) = (end + 1, at + segment.len + 1, segment.comma);
        if !due {
            (line, column, column_base) = (line + 1, 0, 0);
        }
    }
    *sums = Sums { line, column, column_base, source, original_line, original_column, name };
    Filled { end, at, due, signs }
}

impl Sums {
    /// `None` if a batch may not start from this state.
    fn of(state: &State, context: &Context) -> Option<Self> {
        let State { line, column, source, original_line, original_column, name } = *state;
        let column_base = context.column_base(line);
        let all = (column | source | original_line | original_column | name) as u64;
        (line | u64::from(column_base) | all < SAFE).then_some(Self {
            line: line as u32,
            column: column as i32,
            column_base,
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
