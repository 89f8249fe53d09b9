//! Many segments at a time, as long as nothing about them is out of the ordinary.
//!
//! First the deltas are read, which is a matter of bytes; then they are summed up, one kind of number after
//! the other, which is a matter of arrays. Sums have 32 bits here. Whether all of them are where they may be is
//! asked of the batch as a whole: a batch starts from sums below [`SAFE`] and moves each by less than 2^15
//! a segment, so that a sum that leaves its bounds shows in its sign or in the largest number of its kind,
//! which packing needs anyway.

use super::super::table::{BLOCK, Ranges, Rows, key};
use super::super::vlq::{self, Kind, WINDOW};
use super::sink::COLUMNS;
use super::{Context, State};

/// Sums from which a batch may start.
const SAFE: u64 = 1 << 30;

/// Numbers of a segment: column, source, original line, original column, name.
const NUMBERS: usize = 5;

/// Segments read and summed up.
pub(super) struct Batch {
    deltas: [[i32; BLOCK]; NUMBERS],
    kinds: [Kind; BLOCK],
    /// Rows that begin a line, with the number of lines that end before them; last, the number of rows with
    /// the lines that end behind them.
    line_starts: Vec<(usize, u32)>,
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

impl Batch {
    pub(super) fn new() -> Self {
        Self {
            deltas: [[0; BLOCK]; NUMBERS],
            kinds: [Kind::Column; BLOCK],
            line_starts: Vec::with_capacity(BLOCK + 1),
            rows: Rows::new(),
            ranges: Ranges::default(),
        }
    }

    /// Reads segments from `at` on until the batch is full or something else comes. `due`: a segment must
    /// come first. `None` if there is nothing that could be read this way.
    pub(super) fn read(
        &mut self,
        text: &[u8],
        at: usize,
        due: bool,
        mut state: State,
        context: &Context,
    ) -> Option<End> {
        if !safe(&state) {
            return None;
        }
        let (at, due, backwards) = self.read_deltas(text, at, due);
        if self.rows.len == 0 {
            return None;
        }
        let signs = self.sum_up(&mut state, context);
        self.ranges = Ranges::of(&self.rows, 0, self.rows.len);
        let sound = signs | backwards >= 0 && self.within(context);
        Some(End { at, due, state, sound })
    }

    /// Returns the offset behind the last segment read, whether another is due there, and a number that is
    /// negative if a segment lies before the one in front of it.
    fn read_deltas(&mut self, text: &[u8], mut at: usize, mut due: bool) -> (usize, bool, i32) {
        let (mut len, mut lines, mut backwards) = (0, 0, 0);
        self.line_starts.clear();
        while len < BLOCK {
            let Some(window) = text.get(at..).and_then(<[u8]>::first_chunk::<WINDOW>) else {
                break;
            };
            if !due {
                if window[0] == b';' {
                    (lines, at) = (lines + 1, at + 1);
                    continue;
                }
                self.line_starts.push((len, lines));
                lines = 0;
            }
            let Some(segment) = vlq::read_segment(window) else {
                break;
            };
            for (deltas, number) in self.deltas.iter_mut().zip(segment.numbers) {
                deltas[len] = number;
            }
            self.kinds[len] = segment.kind;
            backwards |= if due { segment.numbers[0] } else { 0 };
            (len, at, due) = (len + 1, at + segment.len + 1, segment.comma);
            lines += u32::from(!due);
        }
        self.line_starts.push((len, lines));
        self.rows.len = len;
        (at, due, backwards)
    }

    /// Turns deltas into rows and returns a number that is negative if a sum was.
    fn sum_up(&mut self, state: &mut State, context: &Context) -> i32 {
        let Self { deltas: [columns, sources, lines, original_columns, names], rows, kinds, .. } = self;
        let len = rows.len;
        let [source_out, line_out, column_out, name_out] = &mut rows.values;
        let mut signs = sum(&sources[..len], &mut source_out[..len], &mut state.source);
        signs |= sum(&lines[..len], &mut line_out[..len], &mut state.original_line);
        signs |= sum(&original_columns[..len], &mut column_out[..len], &mut state.original_column);
        signs |= sum(&names[..len], &mut name_out[..len], &mut state.name);
        for (i, kind) in kinds[..len].iter().enumerate() {
            let source = source_out[i].wrapping_add(context.source_base + 1);
            let name = name_out[i].wrapping_add(context.name_base + 1);
            source_out[i] = if *kind == Kind::Column { 0 } else { source };
            name_out[i] = if *kind == Kind::Named { name } else { 0 };
        }
        let mut start = 0;
        for &(end, ended) in &self.line_starts {
            rows.lines[start..end].fill(state.line as u32);
            signs |= sum(&columns[start..end], &mut rows.columns[start..end], &mut state.column);
            if ended > 0 {
                (state.line, state.column) = (state.line + u64::from(ended), 0);
            }
            start = end;
        }
        signs
    }

    /// Whether the largest numbers are within bounds; the signs of the smallest were looked at.
    fn within(&self, context: &Context) -> bool {
        let [source, .., name] = self.ranges.maxima();
        let last = self.rows.len - 1;
        let last = key(self.rows.lines[last], self.rows.columns[last]);
        source <= context.source_base + context.sources
            && name <= context.name_base + context.names
            && last < context.limit
    }
}

/// Whether a batch may start from these sums.
fn safe(state: &State) -> bool {
    let State { line, column, source, original_line, original_column, name } = *state;
    let all = line | (column | source | original_line | original_column | name) as u64;
    all < SAFE
}

/// Running sums of `deltas`, continuing `state`. Returns a number that is negative if a sum was.
#[inline(always)]
fn sum(deltas: &[i32], sums: &mut [u32], state: &mut i64) -> i32 {
    let (mut sum, mut signs) = (*state as i32, 0);
    for (delta, out) in deltas.iter().zip(sums) {
        sum += delta;
        signs |= sum;
        *out = sum as u32;
    }
    *state = i64::from(sum);
    signs
}
