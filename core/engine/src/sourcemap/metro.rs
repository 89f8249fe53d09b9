//! What Metro and Hermes add to a map: segments of a bundle, modules of a RAM bundle, functions of bytecode.
//!
//! | field | content |
//! |---|---|
//! | `x_facebook_segments` | `{"1": map, …}`: maps of the files `seg-1.js`, … that the bundle was split into |
//! | `x_facebook_offsets` | `[0, 12, null, …]`: the generated line at which each module of a RAM bundle starts |
//! | `x_hermes_function_offsets` | `{"0": [0, 48, …], …}`: offset in bytes of each function of a segment |
//!
//! (metro-symbolicate, `SingleMapSymbolicationContext`.) A segment's lines count from 0 like the bundle's. In an
//! index each segment therefore has a stretch of [`SLOT_LINES`] lines of its own behind the bundle's.

use super::document::{Document, Field};
use super::error::{Report, SourceMapError};
use super::layout::{self, Sections};
use super::table::{Table, TableBuilder, key};
use crate::container::{Container, IndexError};
use crate::json::Value;

/// Lines between the start of one segment and the next; the bundle itself is the first.
const SLOT_LINES: u32 = 1 << 24;

/// Segments for which there are lines.
const MAX_SEGMENTS: usize = 254;

/// A segment with its map, and where the index has it.
pub(super) struct Segment<'a> {
    /// The number in its file's name.
    pub id: u32,
    pub line0: u32,
    pub document: Document<'a>,
}

impl Segment<'_> {
    /// The key at which the next segment starts.
    pub(super) fn limit(&self) -> u64 {
        key(self.line0 + SLOT_LINES, 0)
    }
}

/// The key at which the segments start, or the end of everything.
pub(super) fn limit_of_bundle(segments: &[Segment<'_>]) -> u64 {
    segments.first().map_or(u64::MAX, |first| key(first.line0, 0))
}

/// The segments of a bundle's map, in ascending order. One that cannot be read is left out.
pub(super) fn segments<'a>(
    document: &Document<'a>,
    report: &mut Report,
) -> Result<Vec<Segment<'a>>, SourceMapError> {
    let Some(field) = document.field(0, Field::FacebookSegments) else {
        return Ok(Vec::new());
    };
    let mut maps: Vec<(u32, Value<'a>)> = Vec::new();
    for (key, map) in field.members().filter_map(Result::ok) {
        match number(key) {
            Some(id) if id > 0 => maps.push((id, map)),
            _ => report.note(|| "\"x_facebook_segments\": a segment has no number; it is left out")?,
        }
    }
    last_of_each(&mut maps);
    if maps.len() > MAX_SEGMENTS {
        maps.truncate(MAX_SEGMENTS);
        report.note(|| "\"x_facebook_segments\": there are more than 254 segments; the rest is left out")?;
    }
    let mut segments: Vec<Segment<'a>> = Vec::new();
    for (id, map) in maps {
        report.set_place(format!("segment {id}"));
        let line0 = (segments.len() as u32 + 1) * SLOT_LINES;
        match Document::scan(map.text(), report) {
            Ok(document) => segments.push(Segment { id, line0, document }),
            Err(SourceMapError::NotASourceMap(_)) => {
                report.note(|| "the segment has no source map; it is left out")?;
            }
            Err(error) => return Err(error),
        }
    }
    report.set_place(String::new());
    Ok(segments)
}

/// Sorts by number and keeps the last of equal ones.
fn last_of_each<T>(numbered: &mut Vec<(u32, T)>) {
    numbered.reverse();
    numbered.sort_by_key(|item| item.0);
    numbered.dedup_by_key(|item| item.0);
}

/// A number as it is written in a key.
fn number(key: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(key).ok()?;
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| plain)
}

/// The sections of an index that hold what Metro added.
pub(super) fn sections(
    document: &Document<'_>,
    segments: &[Segment<'_>],
    report: &mut Report,
) -> Result<Sections, SourceMapError> {
    let mut lines = TableBuilder::<1>::new();
    for segment in segments {
        lines.push(u64::from(segment.id), [segment.line0]);
    }
    let mut sections = Sections::new();
    sections.extend(layout::SEGMENTS.into_iter().zip(lines.finish()?));
    let modules = modules(document, segments, report)?;
    sections.extend(layout::MODULES.into_iter().zip(modules.finish()?));
    let functions = functions(document, segments);
    sections.extend(layout::FUNCTION_OFFSETS.into_iter().zip(functions.finish()?));
    Ok(sections)
}

fn modules(
    document: &Document<'_>,
    segments: &[Segment<'_>],
    report: &mut Report,
) -> Result<TableBuilder<1>, SourceMapError> {
    let mut table = TableBuilder::new();
    let bundle = std::iter::once((0, 0, document, limit_of_bundle(segments)));
    let segments =
        segments.iter().map(|segment| (segment.id, segment.line0, &segment.document, segment.limit()));
    for (id, first, document, limit) in bundle.chain(segments) {
        let Some(offsets) = document.field(0, Field::FacebookOffsets) else {
            continue;
        };
        let mut left_out = 0u32;
        for (module, offset) in (0u32..).zip(offsets.elements().filter_map(Result::ok)) {
            let line0 = offset.unsigned().and_then(|offset| first.checked_add(offset));
            match line0.filter(|&line0| line0 < u32::MAX && key(line0, 0) < limit) {
                Some(line0) => {
                    table.push(key(id, module), [line0]);
                }
                None => left_out += u32::from(!offset.is_null()),
            }
        }
        if left_out > 0 || !(offsets.is_array() || offsets.is_null()) {
            report.note(|| "\"x_facebook_offsets\" holds something that is no line; it is left out")?;
        }
    }
    Ok(table)
}

/// A segment's own map knows its functions best; there they may stand under 0, too.
fn functions(document: &Document<'_>, segments: &[Segment<'_>]) -> TableBuilder<1> {
    let mut lists = function_lists(document);
    for segment in segments {
        let own = function_lists(&segment.document);
        lists.extend(own.iter().filter(|list| list.0 == 0).map(|&(_, offsets)| (segment.id, offsets)));
        lists.extend(own.iter().filter(|list| list.0 == segment.id));
    }
    last_of_each(&mut lists);
    let mut table = TableBuilder::new();
    for (segment, offsets) in lists {
        for (function, offset) in (0u32..).zip(offsets.elements().filter_map(Result::ok)) {
            if let Some(offset) = offset.unsigned() {
                table.push(key(segment, function), [offset]);
            }
        }
    }
    table
}

/// The members of `x_hermes_function_offsets` by their number.
fn function_lists<'a>(document: &Document<'a>) -> Vec<(u32, Value<'a>)> {
    let field = document.field(0, Field::HermesFunctionOffsets);
    let members = field.into_iter().flat_map(Value::members).filter_map(Result::ok);
    members.filter_map(|(key, offsets)| Some((number(key)?, offsets))).collect()
}

/// What Metro added, in an index.
pub(super) struct MetroReader {
    segments: Table<1>,
    modules: Table<1>,
    functions: Table<1>,
}

impl MetroReader {
    pub(super) fn open(container: &Container) -> Result<Self, IndexError> {
        Ok(Self {
            segments: Table::open(container, layout::SEGMENTS)?,
            modules: Table::open(container, layout::MODULES)?,
            functions: Table::open(container, layout::FUNCTION_OFFSETS)?,
        })
    }

    pub(super) fn segment_line0(
        &self,
        container: &Container,
        segment: u32,
    ) -> Result<Option<u32>, IndexError> {
        if segment == 0 {
            return Ok(Some(0));
        }
        exactly(self.segments, container, u64::from(segment))
    }

    pub(super) fn module_line0(
        &self,
        container: &Container,
        segment: u32,
        module: u32,
    ) -> Result<Option<u32>, IndexError> {
        exactly(self.modules, container, key(segment, module))
    }

    pub(super) fn function_offset(
        &self,
        container: &Container,
        segment: u32,
        function: u32,
    ) -> Result<Option<u32>, IndexError> {
        exactly(self.functions, container, key(segment, function))
    }
}

/// The number at a key, if there is a row with that key.
fn exactly(table: Table<1>, container: &Container, at: u64) -> Result<Option<u32>, IndexError> {
    let found = table.search(container)?.last_at_or_before(at)?;
    Ok(found.filter(|row| row.0 == at).map(|(_, [number])| number))
}
