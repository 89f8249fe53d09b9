//! Which plain maps a document holds and where in the generated file each one lies.
//!
//! The sections of an index map (ECMA-426, DecodeIndexSourceMap) may hold index maps in turn; Metro nests them
//! three deep. They are walked with a stack of our own and come out in the order of their offsets.
//!
//! In a RAM bundle's map (`x_facebook_offsets`) the columns of sections are not counted: Metro generates a module's map
//! with the wrapper `__d(function(…){` in front (since 2018) and adds its length again as the section's column
//! (`fixWrapperOffset`). `fixtures/rn-ram-bundle` has the proof.

use super::document::{Document, Field, MapId};
use super::error::{Report, SourceMapError};
use super::table::key;
use crate::json::Value;

/// A plain map and the part of the generated file it describes.
#[derive(Debug, Clone)]
pub(super) struct PlacedMap {
    pub map: MapId,
    /// Where it starts.
    pub line0: u32,
    pub column0: u32,
    /// Key of the position where the next one starts.
    pub limit: u64,
    /// "section 3", "section 3.1"; empty for the outermost map.
    pub place: String,
}

/// Lists the plain maps of a document in the order of the generated file.
pub(super) fn place(document: &Document<'_>, report: &mut Report) -> Result<Vec<PlacedMap>, SourceMapError> {
    place_between(document, 0, u64::MAX, report)
}

/// The same for a document whose generated file starts at a line and ends at the key `limit`.
pub(super) fn place_between(
    document: &Document<'_>,
    line0: u32,
    limit: u64,
    report: &mut Report,
) -> Result<Vec<PlacedMap>, SourceMapError> {
    let mut plain = Vec::new();
    let outermost = PlacedMap { map: 0, line0, column0: 0, limit, place: String::new() };
    let mut waiting = vec![outermost];
    while let Some(placed) = waiting.pop() {
        report.set_place(placed.place.clone());
        match document.field(placed.map, Field::Sections) {
            None => plain.push(placed),
            Some(sections) => {
                check_index_map(document, &placed, sections, report)?;
                waiting.extend(children(document, &placed, report)?.into_iter().rev());
            }
        }
    }
    report.set_place(String::new());
    Ok(plain)
}

fn check_index_map(
    document: &Document<'_>,
    placed: &PlacedMap,
    sections: Value<'_>,
    report: &mut Report,
) -> Result<(), SourceMapError> {
    if !sections.is_array() {
        report.defect(|| "\"sections\" is no list; it is left out")?;
    }
    if document.field(placed.map, Field::Mappings).is_some() {
        report.defect(|| "the map has \"sections\" and \"mappings\"; the mappings are left out")?;
    }
    if placed.map != 0 {
        report.nit(|| "a section's map has sections itself")?;
    }
    Ok(())
}

/// The sections of one index map that have a map, sorted, each limited by the next one.
fn children(
    document: &Document<'_>,
    parent: &PlacedMap,
    report: &mut Report,
) -> Result<Vec<PlacedMap>, SourceMapError> {
    let mut children: Vec<PlacedMap> = Vec::new();
    let is_ram_bundle = document.field(parent.map, Field::FacebookOffsets).is_some_and(Value::is_array);
    for section in document.sections(parent.map) {
        let place = child_place(&parent.place, section.number);
        report.set_place(place.clone());
        let Some((line, column)) = offset(section.offset, section.number, report)? else {
            continue;
        };
        let Some(map) = section.map else {
            report.defect(|| "the section has no map; it is left out")?;
            continue;
        };
        let column = if is_ram_bundle { 0 } else { column };
        let column = if line == 0 { parent.column0.checked_add(column) } else { Some(column) };
        let (Some(line0), Some(column0)) = (parent.line0.checked_add(line), column) else {
            report.defect(|| "the section's offset is beyond 2^32; it is left out")?;
            continue;
        };
        children.push(PlacedMap { map, line0, column0, limit: parent.limit, place });
    }
    report.set_place(parent.place.clone());
    order(&mut children, report)?;
    Ok(children)
}

fn child_place(parent: &str, number: usize) -> String {
    let parent = parent.strip_prefix("section ").map_or(String::new(), |parent| format!("{parent}."));
    // A deep nest is named by its innermost numbers.
    let cut = parent.char_indices().rev().nth(60).map_or(0, |(at, _)| at);
    format!("section {}{number}", &parent[cut..])
}

/// Line and column of a section's offset. A section that does not say its line cannot be placed, unless it
/// is the first.
fn offset(
    value: Option<Value<'_>>,
    number: usize,
    report: &mut Report,
) -> Result<Option<(u32, u32)>, SourceMapError> {
    let (mut line, mut column) = (None, None);
    for member in value.into_iter().flat_map(Value::members) {
        match member {
            Ok((b"line", value)) => line = value.unsigned(),
            Ok((b"column", value)) => column = value.unsigned(),
            _ => {}
        }
    }
    match (line, column) {
        (Some(line), Some(column)) => return Ok(Some((line, column))),
        (Some(_), None) => report.defect(|| "the section's offset has no column; it is read as 0")?,
        (None, _) if number == 0 => report.defect(|| "the section's offset has no line; it is read as 0")?,
        (None, _) => {
            report.defect(|| "the section's offset has no line; the section is left out")?;
            return Ok(None);
        }
    }
    Ok(Some((line.unwrap_or(0), column.unwrap_or(0))))
}

fn order(children: &mut [PlacedMap], report: &mut Report) -> Result<(), SourceMapError> {
    let start = |placed: &PlacedMap| key(placed.line0, placed.column0);
    if !children.is_sorted_by_key(start) {
        report.defect(|| "the sections are not in the order of their offsets; they are sorted")?;
        children.sort_by_key(start);
    }
    let starts: Vec<u64> = children.iter().map(start).collect();
    for (child, next) in children.iter_mut().zip(starts.into_iter().skip(1)) {
        child.limit = child.limit.min(next);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::error::Mode;
    use super::*;

    type Placed = (u32, u32, u64, String);

    fn placed(text: &str) -> (Vec<Placed>, Vec<String>) {
        let mut report = Report::new(Mode::Lenient);
        let document = Document::scan(text.as_bytes(), &mut report).unwrap();
        let maps = place(&document, &mut report).unwrap();
        let maps = maps.into_iter().map(|map| (map.line0, map.column0, map.limit, map.place));
        (maps.collect(), report.into_defects())
    }

    fn section(line: u32, column: u32, map: &str) -> String {
        format!(r#"{{"offset":{{"line":{line},"column":{column}}},"map":{{{map}}}}}"#)
    }

    #[test]
    fn nested_offsets_add_up_and_end_where_the_next_begins() {
        let plain = r#""mappings":"""#;
        let nested = format!(r#""sections":[{},{}]"#, section(0, 5, plain), section(1, 5, plain));
        let text = format!(r#"{{"sections":[{},{}]}}"#, section(2, 3, &nested), section(7, 0, plain));
        let (maps, defects) = placed(&text);
        let expected = [
            (2, 8, key(3, 5), "section 0.0".to_owned()),
            (3, 5, key(7, 0), "section 0.1".to_owned()),
            (7, 0, u64::MAX, "section 1".to_owned()),
        ];
        assert_eq!(maps, expected);
        assert!(defects.is_empty());
    }

    #[test]
    fn sections_out_of_order_are_sorted_and_the_unplaceable_left_out() {
        let plain = r#""mappings":"""#;
        let text = format!(
            r#"{{"sections":[{},{},{{"map":{{{plain}}}}},{{"offset":{{"line":9,"column":1}}}}]}}"#,
            section(5, 0, plain),
            section(1, 0, plain),
        );
        let (maps, defects) = placed(&text);
        assert_eq!(maps.iter().map(|map| map.0).collect::<Vec<_>>(), [1, 5]);
        assert_eq!(defects.len(), 3, "{defects:?}");
    }
}
