//! The pass over the text.

use super::super::error::{Report, SourceMapError};
use super::{Document, Field, MAX_SECTIONS, MAX_SOURCES, Map, Section, Span};
use crate::json::{Next, Scanner, SyntaxError, text, validate};

impl<'a> Document<'a> {
    /// Finds the fields of all maps in `text`.
    pub(in super::super) fn scan(text: &'a [u8], report: &mut Report) -> Result<Self, SourceMapError> {
        if u32::try_from(text.len()).is_err() {
            return Err(SourceMapError::TooLarge("4 GiB is the limit"));
        }
        let start = json_start(text);
        if Scanner::new(text, start).peek() != Some(b'{') {
            return Err(SourceMapError::NotASourceMap("the text is no JSON object".to_owned()));
        }
        if report.strict() {
            validate::check(text, start).map_err(not_json)?;
        }
        let mut pass = Pass::new(text, start);
        let outcome = pass.run(report)?;
        match outcome {
            Err(error) => pass.document.accept_broken(error, report)?,
            Ok(()) => pass.note_oddities(report)?,
        }
        Ok(pass.document)
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

    /// Strict mode has refused these before.
    fn note_oddities(&mut self, report: &mut Report) -> Result<(), SourceMapError> {
        if let Some(at) = self.scanner.trailing_comma() {
            report.defect(|| format!("the JSON has a comma without a value behind it at byte {at}"))?;
        }
        if self.scanner.peek().is_some() {
            let at = self.scanner.at();
            report.defect(|| {
                format!("there is more behind the end of the JSON at byte {at}; it is left out")
            })?;
        }
        Ok(())
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
            return Ok(find(text::decode(key).as_bytes()));
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
            return Ok(Err(self.scanner.error("there are more than 65,536 sections")));
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
