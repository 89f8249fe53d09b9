//! Function maps of Metro: `x_facebook_sources`, one entry for each source of the map.
//!
//! An entry is null or a list whose first element is `{"names": […], "mappings": "…"}` or null. The
//! mappings say where in the original source the enclosing function changes. Lines are separated by `;` and
//! segments by `,`; a segment is a column delta, a name delta and, in the first segment of a line only, a
//! line delta, in base64 VLQ. The column starts anew on each line, name and line run on. Lines count from 1,
//! columns from 0 (metro-source-map, `generateFunctionMap`).
//!
//! ```text
//! {"names": ["<global>", "f"], "mappings": "AAA;ECC"}
//! ```
//!
//! is the global code from 1:0 and the function `f` from 2:2.

use std::borrow::Cow;

use super::error::{Report, SourceMapError};
use super::layout::{self, Sections};
use super::strings::StringsBuilder;
use super::table::{TableBuilder, key};
use super::vlq;
use crate::json::Value;
use crate::json::text::decode;

/// Changes of function in one source. A source of a million functions was not written by hand.
const MAX_CHANGES: usize = 1 << 20;

/// Collects function maps.
pub(super) struct FunctionsBuilder {
    table: TableBuilder<1>,
    ranges: Vec<u8>,
    names: StringsBuilder,
}

/// From a key on, the enclosing function is the one named.
type Change = (u64, u32);

impl FunctionsBuilder {
    pub(super) fn new() -> Self {
        Self { table: TableBuilder::new(), ranges: Vec::new(), names: StringsBuilder::default() }
    }

    /// Takes the entry of a source. Sources come in ascending order.
    pub(super) fn push(
        &mut self,
        source: u32,
        entry: Value<'_>,
        report: &mut Report,
    ) -> Result<(), SourceMapError> {
        let Some(map) = entry.elements().next().and_then(Result::ok) else {
            return Ok(());
        };
        let first_name = self.names.len();
        let mut mappings = None;
        for (name, value) in map.members().filter_map(Result::ok) {
            match name {
                b"names" => self.push_names(value)?,
                b"mappings" => mappings = value.string(),
                _ => {}
            }
        }
        let names = self.names.len() - first_name;
        let mut changes = match decode_changes(&unescaped(mappings.unwrap_or_default()), names) {
            Ok(changes) => changes,
            Err((changes, what)) => {
                report.note(|| format!("the function map of source {source} (from 0): {what}"))?;
                changes
            }
        };
        changes.sort_by_key(|change| change.0);
        self.push_changes(source, first_name as u32, &changes);
        Ok(())
    }

    fn push_names(&mut self, names: Value<'_>) -> Result<(), SourceMapError> {
        for name in names.elements().filter_map(Result::ok) {
            self.names.push_json(name.string().unwrap_or_default())?;
        }
        Ok(())
    }

    fn push_changes(&mut self, source: u32, first_name: u32, changes: &[Change]) {
        if changes.is_empty() {
            return;
        }
        self.table.restart();
        let first = self.table.blocks() as u32;
        for &(key, name) in changes {
            self.table.push(key, [first_name + name + 1]);
        }
        self.table.restart();
        for number in [source, first, self.table.blocks() as u32] {
            self.ranges.extend_from_slice(&number.to_le_bytes());
        }
    }

    /// The sections of the index that hold functions.
    pub(super) fn finish(self) -> Result<Sections, SourceMapError> {
        let mut sections = vec![(layout::FUNCTION_RANGES, self.ranges)];
        sections.extend(layout::FUNCTIONS.into_iter().zip(self.table.finish()?));
        sections.extend(layout::FUNCTION_NAMES.into_iter().zip(self.names.finish()));
        Ok(sections)
    }
}

/// A string's content, decoded only if it holds an escape.
pub(super) fn unescaped(raw: &[u8]) -> Cow<'_, [u8]> {
    match memchr::memchr(b'\\', raw) {
        Some(_) => Cow::Owned(decode(raw).into_bytes()),
        None => Cow::Borrowed(raw),
    }
}

/// The changes, or those before the first that cannot be read and what is wrong with that.
fn decode_changes(text: &[u8], names: usize) -> Result<Vec<Change>, (Vec<Change>, &'static str)> {
    let (mut line1, mut name) = (1i64, 0i64);
    let mut changes = Vec::new();
    for line in text.split(|&byte| byte == b';') {
        let mut column0 = 0i64;
        for segment in line.split(|&byte| byte == b',').filter(|segment| !segment.is_empty()) {
            let Some([column_delta, name_delta, line_delta]) = deltas(segment) else {
                return Err((changes, "a segment cannot be read; it ends there"));
            };
            (line1, name, column0) = (line1 + line_delta, name + name_delta, column0 + column_delta);
            let line0 = u32::try_from(line1 - 1);
            let (Ok(line0), Ok(column0), true) =
                (line0, u32::try_from(column0), (name as u64) < names as u64)
            else {
                return Err((changes, "a segment points nowhere; it ends there"));
            };
            if changes.len() == MAX_CHANGES {
                return Err((changes, "it has more than a million segments; it ends there"));
            }
            changes.push((key(line0, column0), name as u32));
        }
    }
    Ok(changes)
}

/// Two or three numbers; a line delta that is not there is 0.
fn deltas(segment: &[u8]) -> Option<[i64; 3]> {
    let (mut at, mut deltas) = (0, [0; 3]);
    for (i, delta) in deltas.iter_mut().enumerate() {
        if i == 2 && at == segment.len() {
            break;
        }
        *delta = i64::from(vlq::read(segment, &mut at).ok()?);
    }
    (at == segment.len()).then_some(deltas)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_count_from_one_and_columns_start_anew() {
        let changes = decode_changes(b"AAA;ECC,IDD;CAE", 2).unwrap_or_default();
        assert_eq!(changes, [(key(0, 0), 0), (key(1, 2), 1), (key(0, 6), 0), (key(2, 1), 0)]);
    }

    #[test]
    fn what_cannot_be_read_ends_the_map_there() {
        for text in [&b"AAA,A"[..], b"AAA,AC", b"AAA,AAAA", b"AAA,D", b"AAA,A!", b"AAA,DA", b"AAA;AAD"] {
            assert_eq!(decode_changes(text, 1).unwrap_err().0, [(0, 0)]);
        }
    }
}
