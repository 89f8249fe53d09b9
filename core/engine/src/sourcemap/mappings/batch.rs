//! Many segments at a time, as long as nothing about them is out of the ordinary.
//!
//! First the deltas are read, which is a matter of bytes; then they are summed up, a row of them at a time,
//! which is a matter of vector instructions. Sums have 32 bits here. Whether all of them are where they may be
//! is asked of the batch as a whole: a batch starts from sums below [`SAFE`] and moves each by less than 2^15
//! a segment, so that a sum that leaves its bounds shows in its sign or in the largest number of its kind,
//! which packing needs anyway.

use super::super::table::{BLOCK, LANES, Ranges, Rows, key};
use super::super::vlq::{self, Kind, WINDOW};
use super::sink::COLUMNS;
use super::{Context, State};

/// Sums from which a batch may start.
const SAFE: u64 = 1 << 30;

/// Numbers in a row of deltas or sums: generated line and column, then as in a segment.
type Lanes = [i32; LANES];
const LINE: usize = 0;
const COLUMN: usize = 1;
const SOURCE: usize = 2;
const NAME: usize = 5;

/// Segments read and summed up.
pub(super) struct Batch {
    deltas: [Lanes; BLOCK],
    /// Which numbers of a row count.
    masks: [Lanes; BLOCK],
    /// Rows that begin a line, with the number of lines that end before them.
    line_starts: Vec<(usize, u32)>,
    pub(super) rows: Rows<COLUMNS>,
    pub(super) ranges: Ranges,
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
            deltas: [[0; LANES]; BLOCK],
            masks: [[0; LANES]; BLOCK],
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
        state: State,
        context: &Context,
    ) -> Option<End> {
        let mut sums = sums(state)?;
        let (at, due, backwards) = self.read_deltas(text, at, due);
        if self.rows.len == 0 {
            return None;
        }
        let signs = self.sum_up(&mut sums, context);
        self.ranges = Ranges::of(self.rows.all());
        let sound = signs | backwards >= 0 && self.within(context);
        Some(End { at, due, state: self::state(sums), sound })
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
            let delta = &mut self.deltas[len];
            let Some(segment) = vlq::read_segment(window, delta) else {
                break;
            };
            backwards |= if due { delta[COLUMN] } else { 0 };
            self.masks[len] = MASKS[segment.kind as usize];
            (len, at, due) = (len + 1, at + segment.len + 1, segment.comma);
            lines += u32::from(!due);
        }
        self.line_starts.push((len, lines));
        self.rows.len = len;
        (at, due, backwards)
    }

    /// Turns deltas into rows and returns a number that is negative if a sum was.
    fn sum_up(&mut self, sums: &mut Lanes, context: &Context) -> i32 {
        let mut bases = [0; LANES];
        bases[SOURCE] = (context.source_base + 1) as i32;
        bases[NAME] = (context.name_base + 1) as i32;
        let mut signs = [0; LANES];
        let mut start = 0;
        for &(end, lines) in &self.line_starts {
            for i in start..end {
                let (delta, mask, row) = (&self.deltas[i], &self.masks[i], &mut self.rows.rows[i]);
                for lane in 0..LANES {
                    sums[lane] += delta[lane];
                    signs[lane] |= sums[lane];
                    row[lane] = (sums[lane].wrapping_add(bases[lane]) & mask[lane]) as u32;
                }
            }
            start = end;
            sums[LINE] += lines as i32;
            sums[COLUMN] = if lines > 0 { 0 } else { sums[COLUMN] };
        }
        signs.iter().fold(0, |all, sign| all | sign)
    }

    /// Whether the largest numbers are within bounds; the sign of the smallest was looked at.
    fn within(&self, context: &Context) -> bool {
        let last = self.rows.all().last().map_or(0, |row| key(row[LINE], row[COLUMN]));
        self.ranges.max[SOURCE] <= context.source_base + context.sources
            && self.ranges.max[NAME] <= context.name_base + context.names
            && last < context.limit
    }
}

/// Which lanes of a row count, by the kind of the segment.
const MASKS: [Lanes; 3] = {
    let mut masks = [[-1; LANES]; 3];
    masks[Kind::Column as usize][SOURCE] = 0;
    masks[Kind::Column as usize][NAME] = 0;
    masks[Kind::Original as usize][NAME] = 0;
    masks
};

/// The state as a row, if a batch may start from it.
fn sums(state: State) -> Option<Lanes> {
    let State { line, column, source, original_line, original_column, name } = state;
    let all = line | (column | source | original_line | original_column | name) as u64;
    let lanes = [line as i64, column, source, original_line, original_column, name, 0, 0];
    (all < SAFE).then_some(lanes.map(|number| number as i32))
}

fn state(sums: Lanes) -> State {
    let [line, column, source, original_line, original_column, name, ..] = sums.map(i64::from);
    State { line: line as u64, column, source, original_line, original_column, name }
}
