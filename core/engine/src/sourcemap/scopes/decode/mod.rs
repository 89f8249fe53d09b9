//! Decoding the items of one map.
//!
//! What breaks a rule costs only itself where the rest can still be read. An item that cannot be read ends its
//! string, because everything behind it is a difference to it: scopes and ranges that are open then end there.

mod originals;
mod ranges;

use super::super::error::{Report, SourceMapError};
use super::super::functions::unescaped;
use super::super::mappings::Context;
use super::ScopesBuilder;
use super::numbers::{Fault, Item};
use crate::json::Value;
use originals::Scopes;
use ranges::Ranges;

/// Flag of a scope's and of a range's start.
const IS_STACK_FRAME: u32 = 4;

/// What is read. It tells which items there may be and what a definition is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// One string with everything. A definition is the number of a scope among all of the map.
    Joined,
    /// The string of one source.
    Scopes,
    /// The string of the ranges. A definition is a source and the number of a scope in it.
    Ranges,
}

impl Form {
    /// Whether items with this tag have a meaning.
    fn knows(self, tag: u32) -> bool {
        match self {
            Self::Joined => true,
            Self::Scopes => (1..=3).contains(&tag),
            Self::Ranges => (4..=8).contains(&tag),
        }
    }
}

/// Why decoding does not go on.
enum Stop {
    Fault(Fault),
    Error(SourceMapError),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<SourceMapError> for Stop {
    fn from(error: SourceMapError) -> Self {
        Self::Error(error)
    }
}

pub(super) struct Decoder<'d> {
    builder: &'d mut ScopesBuilder,
    context: &'d Context,
    report: &'d mut Report,
    /// Number of the item being read, from 1.
    item: usize,
    form: Form,
    scopes: Scopes,
    ranges: Ranges,
}

impl<'d> Decoder<'d> {
    pub(super) fn new(builder: &'d mut ScopesBuilder, context: &'d Context, report: &'d mut Report) -> Self {
        let ranges = Ranges::from(context);
        Self { builder, context, report, item: 0, form: Form::Joined, scopes: Scopes::default(), ranges }
    }

    /// Reads scopes and ranges from one string.
    pub(super) fn joined(&mut self, value: Value<'_>) -> Result<(), SourceMapError> {
        match value.string() {
            Some(raw) => self.items("scopes", &unescaped(raw), value.is_complete()),
            None if value.is_null() => self.report.nit(|| "\"scopes\" is null instead of a string"),
            None => self.report.defect(|| "\"scopes\" is neither a string nor a list; it is left out"),
        }
    }

    /// Reads the scopes of one source.
    pub(super) fn scopes_of(&mut self, source: usize, value: Value<'_>) -> Result<(), SourceMapError> {
        self.form = Form::Scopes;
        self.scopes.next_source(source);
        match value.string() {
            Some(raw) => {
                self.open_source();
                self.items("scopes", &unescaped(raw), value.is_complete())?;
                self.close_source();
                Ok(())
            }
            None if value.is_null() || !value.is_complete() => Ok(()),
            None => self.report.defect(|| format!("the scopes of source {source} (from 0) are no string")),
        }
    }

    /// Reads the ranges where they stand apart from the scopes.
    pub(super) fn ranges_apart(&mut self, value: Value<'_>) -> Result<(), SourceMapError> {
        self.form = Form::Ranges;
        match value.string() {
            Some(raw) => self.items("ranges", &unescaped(raw), value.is_complete()),
            None if value.is_null() => self.report.nit(|| "\"ranges\" is null instead of a string"),
            None => self.report.defect(|| "\"ranges\" is no string; it is left out"),
        }
    }

    /// Hands the ranges over.
    pub(super) fn finish(self) {
        self.builder.push_ranges(&self.ranges.read, &self.ranges.calls);
    }

    /// Reads items up to the end or the first that cannot be read.
    fn items(&mut self, field: &str, text: &[u8], complete: bool) -> Result<(), SourceMapError> {
        self.item = 0;
        let (mut at, mut broken) = (0, false);
        while !broken && !text.is_empty() && at <= text.len() {
            self.item += 1;
            match Item::read(text, &mut at).map_err(Stop::from).and_then(|item| self.item(&item)) {
                Ok(()) => at += 1,
                Err(Stop::Fault(fault)) => {
                    broken = true;
                    self.broken(field, fault, complete)?;
                }
                Err(Stop::Error(error)) => return Err(error),
            }
        }
        self.close(complete && !broken)
    }

    /// That the text was cut off was said when it was scanned.
    fn broken(&mut self, field: &str, fault: Fault, complete: bool) -> Result<(), SourceMapError> {
        if !complete {
            return Ok(());
        }
        let item = self.item;
        self.report
            .defect(|| format!("{field}, item {item} (from 1): {fault}; everything from here on is left out"))
    }

    /// Ends what is open where the items end.
    fn close(&mut self, unexpected: bool) -> Result<(), SourceMapError> {
        if unexpected && (self.scopes.is_open() || self.ranges.is_open()) {
            self.report.defect(|| "scopes: something starts and does not end; it is ended at the end")?;
        }
        self.close_scopes();
        self.close_ranges()
    }

    fn item(&mut self, item: &Item<'_>) -> Result<(), Stop> {
        let numbers = match item.unsigned(0)? {
            tag if !self.form.knows(tag) => item.len,
            0 => self.no_scopes()?,
            1 => self.scope_start(item)?,
            2 => self.scope_end(item)?,
            3 => self.variables(item)?,
            4 => self.range_start(item)?,
            5 => self.range_end(item)?,
            6 | 7 => self.values(item)?,
            8 => self.call_site(item)?,
            // What vendors write and the standard may come to know.
            _ => item.len,
        };
        if numbers < item.len {
            let item = self.item;
            self.report
                .nit(|| format!("scopes, item {item} (from 1): it has more numbers than it should"))?;
        }
        Ok(())
    }

    #[cold]
    fn defect(&mut self, what: &str) -> Result<(), SourceMapError> {
        let item = self.item;
        self.report.defect(|| format!("scopes, item {item} (from 1): {what}"))
    }
}
