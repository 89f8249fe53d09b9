//! Decoding the `mappings` of one plain map (ECMA-426, DecodeMappings).
//!
//! Numbers are deltas, so that a segment that cannot be read leaves everything behind it unknown. Lenient
//! decoding stops there and closes the line with a segment without source: no answer rather than a wrong
//! one. A segment that can be read but points nowhere costs only itself.

use super::error::{Report, SourceMapError};
use super::table::key;
use super::vlq::{self, Fault};

/// "No name" and "no source" in a [`Token`], and the one number that lines and columns cannot have.
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

/// Receives decoded segments.
pub(super) trait Sink {
    /// Takes a segment at `key`; false if it came out of order and this sink does not sort.
    fn push(&mut self, key: u64, original: Option<Original>) -> bool;

    /// A generated line has ended.
    fn end_line(&mut self) {}
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

/// How decoding ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    /// A segment lies before the one in front of it, and the sink does not sort.
    Unsorted,
}

/// Decodes `text` into `sink`.
pub(super) fn decode<S: Sink>(
    text: &[u8],
    context: Context,
    sink: &mut S,
    report: &mut Report,
) -> Result<Outcome, SourceMapError> {
    Decoder { text, context, sink, report, state: State::default() }.run()
}

/// The running sums. Each takes 32-bit steps from a text of less than 2^32 bytes, so that none overflows.
#[derive(Default)]
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

/// What a segment holds besides its column.
enum Fields {
    Column,
    Original,
    Named,
}

impl<S: Sink> Decoder<'_, S> {
    fn run(mut self) -> Result<Outcome, SourceMapError> {
        match self.lines() {
            Ok(()) => Ok(Outcome::Done),
            Err(Stop::Outcome(outcome)) => Ok(outcome),
            Err(Stop::Error(error)) => Err(error),
        }
    }

    fn lines(&mut self) -> Result<(), Stop> {
        let mut at = 0;
        loop {
            let line0 = self.line0(at)?;
            let column_base = if self.state.line == 0 { i64::from(self.context.column0) } else { 0 };
            self.state.column = column_base;
            self.line(&mut at, line0)?;
            self.sink.end_line();
            if at >= self.text.len() {
                return Ok(());
            }
            at += 1;
            self.state.line += 1;
        }
    }

    /// The generated line in the whole file, or the end if no line has that number.
    fn line0(&mut self, at: usize) -> Result<u32, Stop> {
        let line0 = u64::from(self.context.line0) + self.state.line;
        if line0 < u64::from(NONE) {
            return Ok(line0 as u32);
        }
        self.report.defect(|| format!("mappings, byte {at}: there are more than 2^32 - 1 lines"))?;
        Err(Stop::Outcome(Outcome::Done))
    }

    /// Decodes segments up to the line's end and leaves `at` there.
    fn line(&mut self, at: &mut usize, line0: u32) -> Result<(), Stop> {
        if matches!(self.text.get(*at), None | Some(b';')) {
            return Ok(());
        }
        loop {
            if self.regular_segments(at, line0) {
                return Ok(());
            }
            self.segment(at, line0)?;
            match self.text.get(*at) {
                Some(b',') => *at += 1,
                _ => return Ok(()),
            }
        }
    }

    /// Decodes segments as long as they are of the kind that nearly all are: short numbers, nothing wrong,
    /// more text behind. Leaves `at` at the first other one, or at the line's end and returns true.
    fn regular_segments(&mut self, at: &mut usize, line0: u32) -> bool {
        let Context { limit, source_base, sources, name_base, names, .. } = self.context;
        let line_key = key(line0, 0);
        while let Some(window) = self.text.get(*at..).and_then(<[u8]>::first_chunk) {
            let Some((deltas, fields, len)) = vlq::read_segment(window) else {
                return false;
            };
            let separator = window[len % window.len()];
            if separator != b',' && separator != b';' {
                return false;
            }
            let column = self.state.column + i64::from(deltas[0]);
            let Ok(column0) = number(column) else {
                return false;
            };
            let key = line_key | u64::from(column0);
            if key >= limit {
                return false;
            }
            let original = if fields == 1 {
                None
            } else {
                let source = self.state.source + i64::from(deltas[1]);
                let line = self.state.original_line + i64::from(deltas[2]);
                let original_column = self.state.original_column + i64::from(deltas[3]);
                let name = self.state.name + i64::from(deltas[4]);
                let (Ok(line0), Ok(column0)) = (number(line), number(original_column)) else {
                    return false;
                };
                if source as u64 >= u64::from(sources) || (fields == 5 && name as u64 >= u64::from(names)) {
                    return false;
                }
                self.state.source = source;
                self.state.original_line = line;
                self.state.original_column = original_column;
                self.state.name = name;
                let name = if fields == 5 { name_base + name as u32 } else { NONE };
                Some(Original { source: source_base + source as u32, line0, column0, name })
            };
            // Out of order: the careful path says so.
            if !self.sink.push(key, original) {
                return false;
            }
            self.state.column = column;
            *at += len;
            if separator == b';' {
                return true;
            }
            *at += 1;
        }
        false
    }

    #[inline(always)]
    fn segment(&mut self, at: &mut usize, line0: u32) -> Result<(), Stop> {
        let start = *at;
        if ends_segment(self.text, start) {
            return self.empty_segment(start);
        }
        let column = self.state.column;
        let fields = match self.fields(at) {
            Ok(fields) => fields,
            Err(fault) => return self.broken(start, fault, key(line0, 0), column),
        };
        let Ok(column0) = number(self.state.column) else {
            return self.misplaced(start);
        };
        let key = key(line0, column0);
        if key >= self.context.limit {
            return self.beyond(start, key);
        }
        let original = self.original(&fields, start)?;
        if self.sink.push(key, original) { Ok(()) } else { Err(Stop::Outcome(Outcome::Unsorted)) }
    }

    /// Reads one, four or five numbers into the state.
    #[inline(always)]
    fn fields(&mut self, at: &mut usize) -> Result<Fields, Fault> {
        self.state.column += i64::from(vlq::read(self.text, at)?);
        if ends_segment(self.text, *at) {
            return Ok(Fields::Column);
        }
        self.state.source += i64::from(vlq::read(self.text, at)?);
        self.state.original_line += i64::from(vlq::read(self.text, at)?);
        self.state.original_column += i64::from(vlq::read(self.text, at)?);
        if ends_segment(self.text, *at) {
            return Ok(Fields::Original);
        }
        self.state.name += i64::from(vlq::read(self.text, at)?);
        if ends_segment(self.text, *at) { Ok(Fields::Named) } else { Err(Fault::Digit) }
    }

    #[inline(always)]
    fn original(&mut self, fields: &Fields, start: usize) -> Result<Option<Original>, Stop> {
        if matches!(fields, Fields::Column) {
            return Ok(None);
        }
        let state = &self.state;
        let (line, column) = (number(state.original_line), number(state.original_column));
        let known = (state.source as u64) < u64::from(self.context.sources);
        let (true, Ok(line0), Ok(column0)) = (known, line, column) else {
            self.pointless(start)?;
            return Ok(None);
        };
        let source = self.context.source_base + state.source as u32;
        let mut name = NONE;
        if matches!(fields, Fields::Named) {
            if (state.name as u64) < u64::from(self.context.names) {
                name = self.context.name_base + state.name as u32;
            } else {
                self.nameless(start)?;
            }
        }
        Ok(Some(Original { source, line0, column0, name }))
    }

    /// Where a segment stands, for a person: generated line and number of the segment, from 1.
    #[cold]
    fn place(&self, start: usize) -> String {
        let line_start = memchr::memrchr(b';', &self.text[..start]).map_or(0, |found| found + 1);
        let segment = memchr::memchr_iter(b',', &self.text[line_start..start]).count() + 1;
        let line = u64::from(self.context.line0) + self.state.line + 1;
        format!("mappings, generated line {line}, segment {segment} (both from 1)")
    }

    #[cold]
    fn defect(&mut self, start: usize, what: &str) -> Result<(), Stop> {
        let place = if self.report.wants_text() { self.place(start) } else { String::new() };
        Ok(self.report.defect(|| format!("{place}: {what}"))?)
    }

    #[cold]
    fn empty_segment(&mut self, start: usize) -> Result<(), Stop> {
        self.defect(start, "the segment has no fields; it is left out")
    }

    #[cold]
    fn misplaced(&mut self, start: usize) -> Result<(), Stop> {
        let column = self.state.column;
        self.defect(start, &format!("the generated column is {column}; the segment is left out"))
    }

    #[cold]
    fn beyond(&mut self, start: usize, key: u64) -> Result<(), Stop> {
        if key > self.context.limit || self.report.strict() {
            self.defect(start, "the section reaches into the next one; the rest of it is left out")?;
        }
        Err(Stop::Outcome(Outcome::Done))
    }

    #[cold]
    fn pointless(&mut self, start: usize) -> Result<(), Stop> {
        let State { source, original_line, original_column, .. } = self.state;
        let sources = self.context.sources;
        let what = format!(
            "source {source}, line {original_line}, column {original_column} (from 0) is no position \
             in {sources} sources; the segment is kept without one"
        );
        self.defect(start, &what)
    }

    #[cold]
    fn nameless(&mut self, start: usize) -> Result<(), Stop> {
        let (name, names) = (self.state.name, self.context.names);
        self.defect(start, &format!("name {name} (from 0) is none of {names}; the segment is kept without it"))
    }

    /// Ends decoding: later deltas have nothing to refer to. `column` is that of the segment before.
    #[cold]
    fn broken(&mut self, start: usize, fault: Fault, line_key: u64, column: i64) -> Result<(), Stop> {
        let what = match fault {
            Fault::TooLarge => "a number needs more than 32 bits",
            _ if self.whole_numbers(start) => "a segment has one, four or five fields, this one has not",
            Fault::Digit => "a character is no base64 digit",
            Fault::Unfinished => "a number is not finished",
        };
        let place = self.place(start);
        self.report.defect(|| format!("{place}: {what}; everything from here on is left out"))?;
        if let Ok(column0) = number(column + 1) {
            let key = line_key | u64::from(column0);
            if key < self.context.limit && !self.sink.push(key, None) {
                return Err(Stop::Outcome(Outcome::Unsorted));
            }
        }
        Err(Stop::Outcome(Outcome::Done))
    }

    /// Whether the segment at `start` is made of whole numbers, however many.
    fn whole_numbers(&self, start: usize) -> bool {
        let mut at = start;
        while !ends_segment(self.text, at) {
            if vlq::read(self.text, &mut at).is_err() {
                return false;
            }
        }
        true
    }
}

/// Whether a segment ends at `at`.
#[inline(always)]
fn ends_segment(text: &[u8], at: usize) -> bool {
    matches!(text.get(at), None | Some(b',' | b';'))
}

/// A line or column that fits.
#[inline(always)]
fn number(sum: i64) -> Result<u32, ()> {
    if (sum as u64) < u64::from(NONE) { Ok(sum as u32) } else { Err(()) }
}
