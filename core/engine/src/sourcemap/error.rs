//! What can be wrong with a source map, and who is told: an error at once (strict) or a list (lenient).
//!
//! ECMA-426 lets a consumer pass over most faults ("optionally report an error"). [`Report`] is the one
//! place that decides: strict stops at the first of them, lenient notes each in a sentence and goes on.

use std::fmt::Display;

/// How many defects are told apart; the rest is counted.
const MAX_DEFECTS: usize = 100;

/// Why bytes are no source map, or (strict) which rule they break.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceMapError {
    /// The bytes are no JSON object, or the object has neither mappings nor sections.
    #[error("not a source map: {0}")]
    NotASourceMap(String),
    /// The map is larger than this build takes.
    #[error("source map too large: {0}")]
    TooLarge(&'static str),
    /// Strict mode only: a rule of ECMA-426 is broken.
    #[error("source map breaks ECMA-426: {0}")]
    Violation(String),
}

/// Whether a fault stops the parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Take what can be used and note each defect.
    Lenient,
    /// The first violation is an error.
    Strict,
}

/// Receives every fault that the parser passes.
pub(super) struct Report {
    mode: Mode,
    defects: Vec<String>,
    uncounted: usize,
    /// Which embedded map is being read, for the text of a defect.
    place: String,
}

/// How far a report had come, to take back what a second attempt will say again.
#[derive(Clone, Copy)]
pub(super) struct ReportMark {
    defects: usize,
    uncounted: usize,
}

impl Report {
    pub(super) fn new(mode: Mode) -> Self {
        Self { mode, defects: Vec::new(), uncounted: 0, place: String::new() }
    }

    pub(super) fn strict(&self) -> bool {
        self.mode == Mode::Strict
    }

    /// Names the map that the following defects are about; empty for the outermost one.
    pub(super) fn set_place(&mut self, place: String) {
        self.place = place;
    }

    /// A fault that costs something. The text is a sentence without its full stop.
    pub(super) fn defect<T: Display>(&mut self, text: impl FnOnce() -> T) -> Result<(), SourceMapError> {
        if self.strict() {
            return Err(SourceMapError::Violation(self.located(text())));
        }
        if self.defects.len() < MAX_DEFECTS {
            let defect = self.located(text());
            self.defects.push(defect + ".");
        } else {
            self.uncounted += 1;
        }
        Ok(())
    }

    /// A deviation that costs nothing and that real tools produce: strict refuses, lenient is silent.
    pub(super) fn nit<T: Display>(&mut self, text: impl FnOnce() -> T) -> Result<(), SourceMapError> {
        if self.strict() { self.defect(text) } else { Ok(()) }
    }

    /// A fault in a field that the standard does not know: strict has no opinion, lenient notes it.
    pub(super) fn note<T: Display>(&mut self, text: impl FnOnce() -> T) -> Result<(), SourceMapError> {
        if self.strict() { Ok(()) } else { self.defect(text) }
    }

    fn located(&self, text: impl Display) -> String {
        if self.place.is_empty() { text.to_string() } else { format!("{}: {text}", self.place) }
    }

    pub(super) fn mark(&self) -> ReportMark {
        ReportMark { defects: self.defects.len(), uncounted: self.uncounted }
    }

    pub(super) fn rewind(&mut self, mark: ReportMark) {
        self.defects.truncate(mark.defects);
        self.uncounted = mark.uncounted;
    }

    /// All defects, a sentence each; the last one counts those left out.
    pub(super) fn into_defects(mut self) -> Vec<String> {
        if self.uncounted > 0 {
            self.defects.push(format!("And {} more.", self.uncounted));
        }
        self.defects
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lenient_counts_what_it_does_not_list() {
        let mut report = Report::new(Mode::Lenient);
        for i in 0..250 {
            report.defect(|| format!("defect {i}")).unwrap();
        }
        let defects = report.into_defects();
        assert_eq!(defects.len(), 101);
        assert_eq!(defects[100], "And 150 more.");
    }

    #[test]
    fn strict_stops_at_the_first_and_names_the_place() {
        let mut report = Report::new(Mode::Strict);
        report.set_place("section 3".to_owned());
        let error = report.defect(|| "\"names\" is no list").unwrap_err();
        assert_eq!(error.to_string(), "source map breaks ECMA-426: section 3: \"names\" is no list");
    }
}
