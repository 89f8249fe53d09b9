//! The shape of a source map, found in one pass: which fields each map has, and how sections nest.
//!
//! Nothing is decoded here. Maps and sections lie in two flat lists that refer to each other by index, and
//! the pass keeps a stack of its own, so that neither nesting nor a million sections cost more than the
//! memory of these lists, which [`MAX_SECTIONS`] bounds.

mod scan;

use crate::json::Value;

/// Sections of a whole document. A bundle of Metro has one for each module: thousands, not millions.
pub(super) const MAX_SECTIONS: usize = 1 << 16;

/// Sources of a whole document. The largest bundles have tens of thousands.
pub(super) const MAX_SOURCES: usize = 1 << 18;

/// The fields that are read. A field that is not among them is ignored, as the standard asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Version,
    File,
    SourceRoot,
    Sources,
    SourcesContent,
    Names,
    Mappings,
    Sections,
    IgnoreList,
    GoogleIgnoreList,
    DebugId,
    DebugIdSnakeCase,
    FacebookSources,
    Scopes,
    Ranges,
    RangeMappings,
    FacebookOffsets,
    FacebookSegments,
    HermesFunctionOffsets,
}

const FIELDS: usize = Field::HermesFunctionOffsets as usize + 1;

impl Field {
    fn from_key(key: &[u8]) -> Option<Self> {
        Some(match key {
            b"version" => Self::Version,
            b"file" => Self::File,
            b"sourceRoot" => Self::SourceRoot,
            b"sources" => Self::Sources,
            b"sourcesContent" => Self::SourcesContent,
            b"names" => Self::Names,
            b"mappings" => Self::Mappings,
            b"sections" => Self::Sections,
            b"ignoreList" => Self::IgnoreList,
            b"x_google_ignoreList" => Self::GoogleIgnoreList,
            b"debugId" => Self::DebugId,
            b"debug_id" => Self::DebugIdSnakeCase,
            b"x_facebook_sources" => Self::FacebookSources,
            b"scopes" => Self::Scopes,
            b"ranges" => Self::Ranges,
            b"rangeMappings" => Self::RangeMappings,
            b"x_facebook_offsets" => Self::FacebookOffsets,
            b"x_facebook_segments" => Self::FacebookSegments,
            b"x_hermes_function_offsets" => Self::HermesFunctionOffsets,
            _ => return None,
        })
    }
}

/// A value's place in the text, in bytes; empty where there is none.
#[derive(Debug, Clone, Copy, Default)]
struct Span {
    start: u32,
    end: u32,
}

/// One map: the outermost or one of a section.
#[derive(Debug, Default)]
struct Map {
    fields: [Span; FIELDS],
    /// Elements of `sourcesContent`, as a range of [`Document::contents`].
    contents: (u32, u32),
    /// First and last of its sections; valid while `sections` is not zero.
    first: u32,
    last: u32,
    sections: u32,
}

#[derive(Debug, Default)]
struct Section {
    offset: Span,
    map: Option<u32>,
    next: Option<u32>,
}

/// Index of a map in its document; 0 is the outermost.
pub(super) type MapId = usize;

/// A source map's text with the places of its fields.
pub(super) struct Document<'a> {
    text: &'a [u8],
    maps: Vec<Map>,
    sections: Vec<Section>,
    contents: Vec<Span>,
    /// The text is no JSON from here on; what was found before stands.
    broken: bool,
}

/// One section as found: its offset object and its map.
pub(super) struct SectionRef<'a> {
    /// Number among its siblings, from 0.
    pub number: usize,
    pub offset: Option<Value<'a>>,
    pub map: Option<MapId>,
}

impl<'a> Document<'a> {
    /// Length of the text in bytes.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// The value of a field; `None` where the map has no such field.
    pub(super) fn field(&self, map: MapId, field: Field) -> Option<Value<'a>> {
        self.value(self.maps[map].fields[field as usize])
    }

    /// Elements of `sourcesContent`; none if that is no list.
    pub(super) fn contents(&self, map: MapId) -> impl ExactSizeIterator<Item = Option<Value<'a>>> + '_ {
        let (start, end) = self.maps[map].contents;
        self.contents[start as usize..end as usize].iter().map(|&span| self.value(span))
    }

    /// The sections of a map in the order of the text; none for a plain map.
    pub(super) fn sections(&self, map: MapId) -> impl Iterator<Item = SectionRef<'a>> + '_ {
        let map = &self.maps[map];
        let mut next = (map.sections > 0).then_some(map.first);
        (0..map.sections as usize).map_while(move |number| {
            let section = &self.sections[next? as usize];
            next = section.next;
            let map = section.map.map(|map| map as usize);
            Some(SectionRef { number, offset: self.value(section.offset), map })
        })
    }

    fn value(&self, span: Span) -> Option<Value<'a>> {
        let complete = !(self.broken && span.end as usize == self.text.len());
        let raw = &self.text[span.start as usize..span.end as usize];
        (span.end > 0).then(|| Value::new(raw, complete))
    }
}

#[cfg(test)]
mod tests {
    use super::super::error::{Mode, Report};
    use super::*;

    fn scan(text: &str) -> (Document<'_>, Vec<String>) {
        let mut report = Report::new(Mode::Lenient);
        let document = Document::scan(text.as_bytes(), &mut report).unwrap();
        (document, report.into_defects())
    }

    fn string(document: &Document<'_>, map: MapId, field: Field) -> Option<String> {
        let value = document.field(map, field)?;
        value.string().map(|raw| String::from_utf8(raw.to_vec()).unwrap())
    }

    #[test]
    fn the_last_of_equal_keys_wins_and_keys_may_be_escaped() {
        let (document, defects) =
            scan(r#"{"file": "a", "x": [{"file": "no"}], "\u0066ile": "b", "mappings": ""}"#);
        assert_eq!(string(&document, 0, Field::File).as_deref(), Some("b"));
        assert!(defects.is_empty());
    }

    #[test]
    fn a_mark_and_a_guard_line_are_skipped() {
        for prefix in ["\u{feff}", ")]}'\n", ")]}', for (;;) {\r\n", "\u{feff})]}'\n"] {
            let text = format!("{prefix}{{\"mappings\": \"AAAA\"}}");
            assert_eq!(string(&scan(&text).0, 0, Field::Mappings).as_deref(), Some("AAAA"));
        }
    }

    #[test]
    fn sections_nest_to_any_depth() {
        let depth = 10_000;
        let text = r#"{"sections":[{"map":"#.repeat(depth) + r#"{"mappings":"A"}"# + &"}]}".repeat(depth);
        let (document, _) = scan(&text);
        let mut map = 0;
        for _ in 0..depth {
            map = document.sections(map).next().unwrap().map.unwrap();
        }
        assert_eq!(string(&document, map, Field::Mappings).as_deref(), Some("A"));
    }

    #[test]
    fn too_many_sections_are_cut_off() {
        let text = format!(r#"{{"sections":[{}]}}"#, vec!["{}"; MAX_SECTIONS + 5].join(","));
        let (document, defects) = scan(&text);
        assert_eq!(document.sections(0).count(), MAX_SECTIONS);
        assert!(defects[0].contains("more than"), "{defects:?}");
    }

    #[test]
    fn a_text_cut_off_keeps_what_stands_before() {
        let whole = r#"{"version":3,"sources":["a.js"],"mappings":"AAAA;AACA","names":["x"]}"#;
        for len in 0..whole.len() {
            let mut report = Report::new(Mode::Lenient);
            match Document::scan(&whole.as_bytes()[..len], &mut report) {
                Ok(document) => assert!(document.field(0, Field::Mappings).is_some()),
                Err(error) => assert!(error.to_string().starts_with("not a source map"), "{error}"),
            }
        }
        let (document, defects) = scan(&whole[..50]);
        assert_eq!(string(&document, 0, Field::Mappings).as_deref(), Some("AAAA;A"));
        assert!(!document.field(0, Field::Mappings).unwrap().is_complete());
        assert_eq!(defects.len(), 1);
    }

    #[test]
    fn places_of_contents_are_found() {
        let (document, _) = scan(r#"{"mappings":"","sourcesContent":["a\n", null , "b"]}"#);
        let contents: Vec<_> = document.contents(0).map(|value| value.and_then(Value::string)).collect();
        assert_eq!(contents, [Some(&br"a\n"[..]), None, Some(b"b")]);
    }
}
