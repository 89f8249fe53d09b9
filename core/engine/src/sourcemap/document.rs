//! The shape of a source map, found in one pass: which fields each map has, and how sections nest.
//!
//! Nothing is decoded here. Maps and sections lie in two flat lists that refer to each other by index, and
//! the pass keeps a stack of its own, so that neither nesting nor a million sections cost more than the
//! memory of these lists, which [`MAX_SECTIONS`] bounds.

use super::error::{Report, SourceMapError};
use super::json::{self, Next, Scanner, SyntaxError, Value};

/// Sections of a whole document. A bundle of Metro has one for each module: thousands, not millions.
pub(super) const MAX_SECTIONS: usize = 1 << 17;

/// Sources of a whole document.
pub(super) const MAX_SOURCES: usize = 1 << 20;

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
}

const FIELDS: usize = Field::FacebookSources as usize + 1;

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
    /// Finds the fields of all maps in `text`.
    pub(super) fn scan(text: &'a [u8], report: &mut Report) -> Result<Self, SourceMapError> {
        if u32::try_from(text.len()).is_err() {
            return Err(SourceMapError::TooLarge("4 GiB is the limit"));
        }
        let start = json_start(text);
        if Scanner::new(text, start).peek() != Some(b'{') {
            return Err(SourceMapError::NotASourceMap("the text is no JSON object".to_owned()));
        }
        if report.strict() {
            json::validate::check(text, start).map_err(not_json)?;
        }
        let mut pass = Pass::new(text, start);
        let outcome = pass.run(report)?;
        let trailing_comma = pass.scanner.trailing_comma();
        let document = pass.document;
        if let Err(error) = outcome {
            document.accept_broken(error, report)?;
        } else if let Some(at) = trailing_comma {
            report.defect(|| format!("the JSON has a comma without a value behind it at byte {at}"))?;
        }
        Ok(document)
    }

    /// A text that ends early or goes wrong is still of use if mappings or sections were found before.
    fn accept_broken(&self, error: SyntaxError, report: &mut Report) -> Result<(), SourceMapError> {
        let outermost = &self.maps[0].fields;
        let useful = [Field::Mappings, Field::Sections];
        if useful.iter().all(|&field| outermost[field as usize].end == 0) {
            return Err(not_json(error));
        }
        report.defect(|| {
            format!("the JSON goes wrong at byte {}: {}; what stands before it is used", error.at, error.what)
        })
    }

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

fn not_json(error: SyntaxError) -> SourceMapError {
    SourceMapError::NotASourceMap(format!("no JSON at byte {}: {}", error.at, error.what))
}

/// Offset of the JSON behind a byte order mark and the line `)]}'…` that keeps a map from being run as a
/// script (ECMA-426, FetchSourceMap).
fn json_start(text: &[u8]) -> usize {
    let mark = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    if !text[mark..].starts_with(b")]}'") {
        return mark;
    }
    memchr::memchr2(b'\n', b'\r', text).unwrap_or(text.len())
}

/// What the pass is inside of.
#[derive(Clone, Copy)]
enum Open {
    Map(usize),
    /// The list of sections of a map.
    Sections(usize),
    Section(usize),
}

struct Pass<'a> {
    scanner: Scanner<'a>,
    document: Document<'a>,
    /// Each with whether an item was read.
    stack: Vec<(Open, bool)>,
}

/// The outer result is fatal; the inner one says where the text stopped being JSON.
type Outcome<T> = Result<Result<T, SyntaxError>, SourceMapError>;

impl<'a> Pass<'a> {
    fn new(text: &'a [u8], start: usize) -> Self {
        let document =
            Document { text, maps: Vec::new(), sections: Vec::new(), contents: Vec::new(), broken: false };
        Self { scanner: Scanner::new(text, start), document, stack: Vec::new() }
    }

    fn run(&mut self, report: &mut Report) -> Outcome<()> {
        self.open_map();
        while let Some((open, seen)) = self.stack.last_mut() {
            let (open, first) = (*open, !std::mem::replace(seen, true));
            let close = if matches!(open, Open::Sections(_)) { b']' } else { b'}' };
            let step = match self.scanner.next_item(first, close) {
                Ok(Next::Item) => self.item(open, report)?,
                Ok(Next::End) => {
                    self.stack.pop();
                    Ok(())
                }
                Err(error) => Err(error),
            };
            if let Err(error) = step {
                self.document.broken = true;
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }

    fn open_map(&mut self) -> usize {
        self.scanner.eat(b'{');
        let map = self.document.maps.len();
        self.document.maps.push(Map::default());
        self.stack.push((Open::Map(map), false));
        map
    }

    fn item(&mut self, open: Open, report: &mut Report) -> Outcome<()> {
        match open {
            Open::Map(map) => Ok(self.map_member(map)),
            Open::Sections(map) => self.section(map, report),
            Open::Section(section) => Ok(self.section_member(section)),
        }
    }

    fn map_member(&mut self, map: usize) -> Result<(), SyntaxError> {
        let Some(field) = self.known_key(Field::from_key)? else {
            return self.scanner.skip_value();
        };
        let next = self.scanner.peek();
        match (field, next) {
            (Field::Sections, Some(b'[')) => {
                let at = self.scanner.at() as u32;
                self.document.maps[map].fields[field as usize] = Span { start: at, end: at + 1 };
                self.document.maps[map].sections = 0;
                self.scanner.eat(b'[');
                self.stack.push((Open::Sections(map), false));
                Ok(())
            }
            (Field::SourcesContent, Some(b'[')) => self.list_contents(map),
            _ => self.record(map, field),
        }
    }

    /// Takes a key and looks it up; escapes are allowed in it.
    fn known_key<T>(&mut self, find: fn(&[u8]) -> Option<T>) -> Result<Option<T>, SyntaxError> {
        let key = self.scanner.key()?;
        if memchr::memchr(b'\\', key).is_some() {
            return Ok(find(json::text::decode(key).as_bytes()));
        }
        Ok(find(key))
    }

    fn record(&mut self, map: usize, field: Field) -> Result<(), SyntaxError> {
        let (span, outcome) = self.span();
        self.document.maps[map].fields[field as usize] = span;
        outcome
    }

    /// The place of the next value, as far as it goes.
    fn span(&mut self) -> (Span, Result<(), SyntaxError>) {
        self.scanner.peek();
        let start = self.scanner.at() as u32;
        let outcome = self.scanner.skip_value();
        (Span { start, end: self.scanner.at() as u32 }, outcome)
    }

    /// Sources are most of a map's bytes: their places are noted in the same pass that skips them.
    fn list_contents(&mut self, map: usize) -> Result<(), SyntaxError> {
        let start = self.scanner.at() as u32;
        let first = self.document.contents.len();
        self.scanner.eat(b'[');
        let mut outcome = self.scanner.next_item(true, b']');
        while outcome == Ok(Next::Item) {
            let (span, skipped) = self.span();
            if self.document.contents.len() < first + MAX_SOURCES {
                self.document.contents.push(span);
            }
            outcome = skipped.and_then(|()| self.scanner.next_item(false, b']'));
        }
        let end = self.scanner.at() as u32;
        let map = &mut self.document.maps[map];
        map.fields[Field::SourcesContent as usize] = Span { start, end };
        map.contents = (first as u32, self.document.contents.len() as u32);
        outcome.map(|_| ())
    }

    fn section(&mut self, map: usize, report: &mut Report) -> Outcome<()> {
        if self.scanner.peek() != Some(b'{') {
            report.defect(|| "an element of \"sections\" is no object")?;
            return Ok(self.scanner.skip_value());
        }
        if self.document.sections.len() == MAX_SECTIONS {
            return Ok(Err(self.scanner.error("there are more than 131,072 sections")));
        }
        self.scanner.eat(b'{');
        let section = self.document.sections.len();
        self.document.sections.push(Section::default());
        self.link(map, section as u32);
        self.stack.push((Open::Section(section), false));
        Ok(Ok(()))
    }

    fn link(&mut self, map: usize, section: u32) {
        let map = &mut self.document.maps[map];
        if map.sections == 0 {
            map.first = section;
        } else {
            self.document.sections[map.last as usize].next = Some(section);
        }
        map.last = section;
        map.sections += 1;
    }

    fn section_member(&mut self, section: usize) -> Result<(), SyntaxError> {
        let Some(is_map) = self.known_key(section_key)? else {
            return self.scanner.skip_value();
        };
        if is_map && self.scanner.peek() == Some(b'{') {
            let map = self.open_map();
            self.document.sections[section].map = Some(map as u32);
            return Ok(());
        }
        let (span, outcome) = self.span();
        let section = &mut self.document.sections[section];
        if is_map {
            section.map = None;
        } else {
            section.offset = span;
        }
        outcome
    }
}

/// Whether a member of a section is its map (true) or its offset (false).
fn section_key(key: &[u8]) -> Option<bool> {
    match key {
        b"map" => Some(true),
        b"offset" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::error::Mode;
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
