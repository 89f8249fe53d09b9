//! One segment after the other, with a word on everything that is wrong.

use super::super::table::key;
use super::super::vlq::{self, Fault, Kind};
use super::{Decoder, NONE, Original, Outcome, Sink, State, Stop, number};

impl<S: Sink> Decoder<'_, S> {
    /// Decodes one separator, or one segment with the comma behind it.
    pub(super) fn step(&mut self) -> Result<(), Stop> {
        match self.text.get(self.at) {
            Some(b';') => self.next_line(),
            Some(b',') => {
                self.empty_segment()?;
                self.at += 1;
                self.due = true;
                Ok(())
            }
            _ => self.segment(),
        }
    }

    /// Nothing is left to decode.
    pub(super) fn end(&mut self) -> Result<(), Stop> {
        if self.due {
            self.empty_segment()?;
        }
        self.sink.end_line();
        Ok(())
    }

    fn next_line(&mut self) -> Result<(), Stop> {
        if self.due {
            self.empty_segment()?;
        }
        self.sink.end_line();
        (self.at, self.due) = (self.at + 1, false);
        (self.state.line, self.state.column) = (self.state.line + 1, 0);
        if self.state.line < u64::from(NONE) {
            return Ok(());
        }
        self.report.defect(|| "mappings: there are more than 2^32 - 1 lines; the rest is left out")?;
        Err(Stop::Outcome(Outcome::Done))
    }

    fn segment(&mut self) -> Result<(), Stop> {
        let start = self.at;
        let before = self.state;
        let kind = match self.fields() {
            Ok(kind) => kind,
            Err(fault) => return self.broken(start, fault, before),
        };
        self.due = self.text.get(self.at) == Some(&b',');
        self.at += usize::from(self.due);
        let Some(key) = self.key(&self.state, 0) else {
            return self.misplaced(start);
        };
        if key >= self.context.limit {
            return self.beyond(start, key);
        }
        let original = self.original(kind, start)?;
        if self.sink.push(key, original) { Ok(()) } else { Err(Stop::Outcome(Outcome::Unsorted)) }
    }

    /// The key of the position so many columns behind that of a state.
    fn key(&self, state: &State, columns: u32) -> Option<u64> {
        let base = i64::from(self.context.column_base(state.line)) + i64::from(columns);
        let column0 = number(state.column).and_then(|column| number(i64::from(column) + base))?;
        Some(key(state.line as u32, column0))
    }

    /// Reads one, four or five numbers into the state.
    fn fields(&mut self) -> Result<Kind, Fault> {
        self.state.column += self.number()?;
        if self.ends_segment(self.at) {
            return Ok(Kind::Column);
        }
        self.state.source += self.number()?;
        self.state.original_line += self.number()?;
        self.state.original_column += self.number()?;
        if self.ends_segment(self.at) {
            return Ok(Kind::Original);
        }
        self.state.name += self.number()?;
        if self.ends_segment(self.at) { Ok(Kind::Named) } else { Err(Fault::Digit) }
    }

    fn number(&mut self) -> Result<i64, Fault> {
        vlq::read(self.text, &mut self.at).map(i64::from)
    }

    fn ends_segment(&self, at: usize) -> bool {
        matches!(self.text.get(at), None | Some(b',' | b';'))
    }

    fn original(&mut self, kind: Kind, start: usize) -> Result<Option<Original>, Stop> {
        if kind == Kind::Column {
            return Ok(None);
        }
        let State { source, original_line, original_column, .. } = self.state;
        let known = (source as u64) < u64::from(self.context.sources);
        let (true, Some(line0), Some(column0)) = (known, number(original_line), number(original_column))
        else {
            self.pointless(start)?;
            return Ok(None);
        };
        let name = if kind == Kind::Named { self.name(start)? } else { NONE };
        Ok(Some(Original { source: self.context.source_base + source as u32, line0, column0, name }))
    }

    fn name(&mut self, start: usize) -> Result<u32, Stop> {
        let (name, names) = (self.state.name, self.context.names);
        if (name as u64) < u64::from(names) {
            return Ok(self.context.name_base + name as u32);
        }
        self.defect(start, || {
            format!("name {name} (from 0) is none of {names}; the segment is kept without it")
        })?;
        Ok(NONE)
    }

    /// Notes what is wrong with the segment at `start`, and where that is: its generated line and its number
    /// in the line, from 1.
    #[cold]
    fn defect(&mut self, start: usize, what: impl FnOnce() -> String) -> Result<(), Stop> {
        let Self { text, state, report, .. } = self;
        Ok(report.defect(|| {
            let line_start = memchr::memrchr(b';', &text[..start]).map_or(0, |found| found + 1);
            let segment = memchr::memchr_iter(b',', &text[line_start..start]).count() + 1;
            let line = state.line + 1;
            format!("mappings, generated line {line}, segment {segment} (both from 1): {}", what())
        })?)
    }

    #[cold]
    fn empty_segment(&mut self) -> Result<(), Stop> {
        self.defect(self.at, || "the segment has no fields; it is left out".to_owned())
    }

    #[cold]
    fn misplaced(&mut self, start: usize) -> Result<(), Stop> {
        let column = self.state.column;
        self.defect(start, || format!("the generated column is {column}; the segment is left out"))
    }

    /// A segment exactly where the next section starts may well end this one: only strict mode minds, unless
    /// this one starts there, too.
    #[cold]
    fn beyond(&mut self, start: usize, key: u64) -> Result<(), Stop> {
        let limit = self.context.limit;
        let start_key = self::key(self.context.line0, self.context.column0);
        if key > limit || limit == start_key || self.report.strict() {
            let what = "the section reaches into the next one; the rest of it is left out";
            self.defect(start, || what.to_owned())?;
        }
        self.sink.end_line();
        Err(Stop::Outcome(Outcome::Done))
    }

    #[cold]
    fn pointless(&mut self, start: usize) -> Result<(), Stop> {
        let State { source, original_line, original_column, .. } = self.state;
        let sources = self.context.sources;
        self.defect(start, || {
            format!(
                "source {source}, line {original_line}, column {original_column} (from 0) is no position \
                 in {sources} sources; the segment is kept without one"
            )
        })
    }

    /// Ends decoding: later deltas have nothing to refer to. `before` is the state at the segment before.
    #[cold]
    fn broken(&mut self, start: usize, fault: Fault, before: State) -> Result<(), Stop> {
        let what = match fault {
            Fault::TooLarge => "a number needs more than 32 bits",
            _ if self.whole_numbers(start) => "a segment has one, four or five fields, this one has not",
            Fault::Digit => "a character is no base64 digit",
            Fault::Unfinished => "a number is not finished",
        };
        self.defect(start, || format!("{what}; everything from here on is left out"))?;
        if let Some(key) = self.key(&before, 1)
            && key < self.context.limit
            && !self.sink.push(key, None)
        {
            return Err(Stop::Outcome(Outcome::Unsorted));
        }
        self.sink.end_line();
        Err(Stop::Outcome(Outcome::Done))
    }

    /// Whether the segment at `start` is made of whole numbers, however many.
    fn whole_numbers(&self, start: usize) -> bool {
        let mut at = start;
        while !self.ends_segment(at) {
            if vlq::read(self.text, &mut at).is_err() {
                return false;
            }
        }
        true
    }
}
