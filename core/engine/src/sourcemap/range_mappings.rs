//! `rangeMappings` (ECMA-426, proposal "Range Mappings"): segments that stand for every character behind them.
//!
//! Lines are separated by `;` as in `mappings`. A line is a row of base64 VLQ numbers without sign: each is the
//! difference to the number, within its line, of the next segment that is a range. Up to the next segment,
//! over ends of lines too, the original position then moves on with the generated one.
//!
//! The proposal counted segments from 1 until April 2026 and counts them from 0 since. Nothing in a map tells
//! which is meant, so that whoever asks for range mappings says it.

use super::error::{Report, SourceMapError};
use super::functions::unescaped;
use super::index::OriginalPosition;
use super::layout::{self, Sections};
use super::mappings::Context;
use super::table::{Table, TableBuilder, key, key_line};
use super::{unsigned, vlq};
use crate::container::{Container, IndexError};
use crate::json::Value;

/// Whether range mappings are read, and from where they count the segments of a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RangeMappings {
    /// The field is not read.
    #[default]
    Ignored,
    /// From 0, as the proposal says since April 2026.
    ZeroBased,
    /// From 1, as it said before.
    OneBased,
}

/// Collects the segments that are ranges.
pub(super) struct RangeMappingsBuilder {
    kind: RangeMappings,
    table: TableBuilder<2>,
}

impl RangeMappingsBuilder {
    pub(super) fn new(kind: RangeMappings) -> Self {
        Self { kind, table: TableBuilder::new() }
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.kind != RangeMappings::Ignored
    }

    /// Takes the field of a plain map whose decoded mappings are `mappings`.
    pub(super) fn push_map(
        &mut self,
        field: Value<'_>,
        mappings: &[u8],
        context: &Context,
        report: &mut Report,
    ) -> Result<(), SourceMapError> {
        let Some(raw) = field.string() else {
            return match field.is_null() {
                true => report.nit(|| "\"rangeMappings\" is null instead of a string"),
                false => report.defect(|| "\"rangeMappings\" is no string; it is left out"),
            };
        };
        let text = unescaped(raw);
        let mut keys = Vec::new();
        let lines = mappings.split(|&byte| byte == b';').map(Some).chain(std::iter::repeat(None));
        for (number, (marks, line)) in text.split(|&byte| byte == b';').zip(lines).enumerate() {
            let outcome =
                Line::new(line.unwrap_or_default(), number, context).find(marks, self.kind, &mut keys);
            if let Err(what) = outcome {
                let line1 = number + 1;
                report.defect(|| {
                    format!("rangeMappings, line {line1} (from 1): {what}; the rest is left out")
                })?;
                break;
            }
        }
        keys.sort_unstable();
        keys.dedup();
        for at in keys {
            self.table.push(at, [key_line(context.limit), context.limit as u32]);
        }
        Ok(())
    }

    /// The sections of the index.
    pub(super) fn finish(self) -> Result<Sections, SourceMapError> {
        Ok(layout::RANGE_MAPPINGS.into_iter().zip(self.table.finish()?).collect())
    }
}

/// The segments of a line of `mappings`.
struct Line<'a> {
    text: &'a [u8],
    at: usize,
    line0: u64,
    column_base: i64,
    column: i64,
    limit: u64,
    /// Segments read so far.
    read: u64,
}

impl<'a> Line<'a> {
    fn new(text: &'a [u8], number: usize, context: &Context) -> Self {
        let line0 = u64::from(context.line0) + number as u64;
        let column_base = if number == 0 { i64::from(context.column0) } else { 0 };
        Self { text, at: 0, line0, column_base, column: 0, limit: context.limit, read: 0 }
    }

    /// Appends the keys of the segments that are marked.
    fn find(&mut self, marks: &[u8], kind: RangeMappings, keys: &mut Vec<u64>) -> Result<(), &'static str> {
        let mut at = 0;
        // How many segments stand up to the marked one, itself included.
        let mut wanted = u64::from(kind == RangeMappings::ZeroBased);
        while at < marks.len() {
            let first = at == 0;
            let delta = unsigned::read(marks, &mut at)?;
            if delta == 0 && !(first && kind == RangeMappings::ZeroBased) {
                return Err("a segment is marked that stands before the first or was marked already");
            }
            wanted += u64::from(delta);
            let mut has_source = false;
            while self.read < wanted {
                has_source = self.segment()?;
            }
            if !has_source {
                return Err("a segment is marked that has no original position");
            }
            keys.extend(self.key());
        }
        Ok(())
    }

    /// Takes a segment; tells whether it has an original position.
    fn segment(&mut self) -> Result<bool, &'static str> {
        while self.text.get(self.at) == Some(&b',') {
            self.at += 1;
        }
        if self.at == self.text.len() {
            return Err("a segment is marked that there is not");
        }
        let end = memchr::memchr(b',', &self.text[self.at..]).map_or(self.text.len(), |len| self.at + len);
        let column = vlq::read(self.text, &mut self.at);
        self.column += i64::from(column.map_err(|_| "a segment before the marked one cannot be read")?);
        let has_source = self.at < end;
        self.at = end;
        self.read += 1;
        Ok(has_source)
    }

    /// Where the segment taken last lies; `None` if it was left out.
    fn key(&self) -> Option<u64> {
        let line0 = u32::try_from(self.line0).ok()?;
        let column = u32::try_from(self.column).ok()?;
        let column0 = u32::try_from(i64::from(column) + self.column_base).ok()?;
        Some(key(line0, column0)).filter(|&at| at < self.limit)
    }
}

/// The segments in an index that are ranges.
pub(super) struct RangeMappingsReader {
    table: Table<2>,
    /// Whether no segment is a range.
    pub(super) is_empty: bool,
}

impl RangeMappingsReader {
    pub(super) fn open(container: &Container) -> Result<Self, IndexError> {
        let is_empty = container.section(layout::RANGE_MAPPINGS[0])?.is_empty();
        Ok(Self { table: Table::open(container, layout::RANGE_MAPPINGS)?, is_empty })
    }

    /// The original position of (line, column) behind the segment at key `at`, whose own is `original`.
    pub(super) fn moved(
        &self,
        container: &Container,
        at: u64,
        [line0, column0]: [u32; 2],
        original: OriginalPosition,
    ) -> Result<Option<OriginalPosition>, IndexError> {
        let lines = line0.wrapping_sub(key_line(at));
        let unmoved = Some(original).filter(|_| lines == 0);
        let (wanted, found) = (key(line0, column0), self.table.search(container)?.last_at_or_before(at)?);
        let Some((_, [limit_line, limit_column])) = found.filter(|&(found, _)| found == at) else {
            return Ok(unmoved);
        };
        if wanted >= key(limit_line, limit_column) {
            return Ok(unmoved);
        }
        let column0 = match lines {
            0 => original.column0.checked_add(column0.wrapping_sub(at as u32)),
            _ => Some(column0),
        };
        let place = original.line0.checked_add(lines).zip(column0);
        Ok(place.map(|(line0, column0)| OriginalPosition { line0, column0, ..original }))
    }
}
