//! Decoding the `mappings` of one plain map (ECMA-426, DecodeMappings).
//!
//! Nearly all segments are alike: short numbers, nothing wrong. [`batch`] decodes those many at a time;
//! where something is out of the ordinary it leaves the stretch to [`careful`], which takes one segment
//! after the other and says what is wrong with it.
//!
//! Numbers are deltas, so that a segment that cannot be read leaves everything behind it unknown. Lenient
//! decoding stops there and closes the line with a segment without source: no answer rather than a wrong
//! one. A segment that can be read but points nowhere costs only itself.

mod batch;
mod careful;
mod sink;

use super::error::{Report, SourceMapError};
pub(super) use sink::{InOrder, Segment, Sink, Sorting};

/// "No name" and "no source", and the one number that lines and columns cannot have.
pub(super) const NONE: u32 = u32::MAX;

/// What a segment says of its place in the original sources; ids count over the whole document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Original {
    pub source: u32,
    pub line0: u32,
    pub column0: u32,
    /// [`NONE`] if the segment has no name.
    pub name: u32,
}

/// Where a map's segments lie and what they may refer to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    /// Offset of the section in the generated file.
    pub line0: u32,
    pub column0: u32,
    /// Key at which the next section starts, or the end of everything.
    pub limit: u64,
    /// Ids before this map's first, and how many it has.
    pub source_base: u32,
    pub sources: u32,
    pub name_base: u32,
    pub names: u32,
}

impl Context {
    /// What a column in this line is counted from: sections may start inside a line.
    fn column_base(&self, line: u64) -> u32 {
        if line == u64::from(self.line0) { self.column0 } else { 0 }
    }
}

/// How decoding ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    /// A segment lies before the one in front of it, and the sink does not sort.
    Unsorted,
}

/// Why decoding does not go on.
enum Stop {
    Outcome(Outcome),
    Error(SourceMapError),
}

impl From<SourceMapError> for Stop {
    fn from(error: SourceMapError) -> Self {
        Self::Error(error)
    }
}

/// The running sums. The line is that in the whole generated file, the column is the map's own. Each sum takes
/// 32-bit steps from a text of less than 2^32 bytes, so that none overflows.
#[derive(Clone, Copy, Default)]
struct State {
    line: u64,
    column: i64,
    source: i64,
    original_line: i64,
    original_column: i64,
    name: i64,
}

struct Decoder<'a, S> {
    text: &'a [u8],
    context: Context,
    sink: &'a mut S,
    report: &'a mut Report,
    state: State,
    /// Everything before this offset is decoded.
    at: usize,
    /// The last thing decoded was a comma: a segment is due.
    due: bool,
}

/// Decodes `text` into `sink`.
pub(super) fn decode<S: Sink>(
    text: &[u8],
    context: Context,
    sink: &mut S,
    report: &mut Report,
) -> Result<Outcome, SourceMapError> {
    let state = State { line: u64::from(context.line0), ..State::default() };
    let mut decoder = Decoder { text, context, sink, report, state, at: 0, due: false };
    match decoder.run() {
        Ok(()) => Ok(Outcome::Done),
        Err(Stop::Outcome(outcome)) => Ok(outcome),
        Err(Stop::Error(error)) => Err(error),
    }
}

impl<S: Sink> Decoder<'_, S> {
    fn run(&mut self) -> Result<(), Stop> {
        while self.at < self.text.len() {
            let stretch = self.batches();
            while self.at < stretch {
                self.step()?;
            }
        }
        self.end()
    }

    /// Decodes as far as everything is in order, and returns the offset up to which the next stretch needs
    /// care.
    fn batches(&mut self) -> usize {
        let Some(table) = self.sink.table() else {
            return self.text.len();
        };
        loop {
            let start = batch::End { at: self.at, due: self.due, state: self.state };
            match batch::decode(self.text, start, &self.context, table) {
                Ok(end) => (self.at, self.due, self.state) = (end.at, end.due, end.state),
                Err(end) => return end,
            }
        }
    }
}

/// A line or column that fits.
fn number(sum: i64) -> Option<u32> {
    ((sum as u64) < u64::from(NONE)).then_some(sum as u32)
}
