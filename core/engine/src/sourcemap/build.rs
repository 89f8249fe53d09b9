//! From the bytes of a source map to the bytes of its index.

use super::document::{Document, Field, MAX_SOURCES};
use super::error::{Mode, Report, SourceMapError};
use super::fields::Fields;
use super::functions::{FunctionsBuilder, unescaped};
use super::json::Value;
use super::layout::{self, Sections};
use super::mappings::{self, Context, InOrder, Outcome, Segment, Sorting};
use super::metro;
use super::range_mappings::{RangeMappings, RangeMappingsBuilder};
use super::scopes::ScopesBuilder;
use super::sections::{self, PlacedMap};
use super::strings::StringsBuilder;
use super::table::TableBuilder;
use super::text::TextsBuilder;
use crate::container::Writer;

/// Texts of sources are compressed on a second thread if there is more than this of them, in bytes.
const WORTH_A_THREAD: usize = 1 << 20;

/// A line whose segments are out of order is sorted up to this many segments, or more if the map is so large
/// that they take no more memory than it does.
const MAX_SORTED: usize = 1 << 20;

/// A built index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltIndex {
    /// The index file.
    pub bytes: Vec<u8>,
    /// What was wrong with the map and passed over, a sentence each.
    pub defects: Vec<String>,
}

/// Parses a source map (JSON text, UTF-8) and builds its index.
///
/// Strict mode ends at the first violation of ECMA-426; lenient mode takes what can be used and lists the
/// defects, at most 100 and a count of the rest. Time and memory are linear in the length of `data`.
pub fn build_index(data: &[u8], mode: Mode) -> Result<BuiltIndex, SourceMapError> {
    build_index_with(data, mode, RangeMappings::Ignored)
}

/// The same, with range mappings if they are wanted.
pub fn build_index_with(
    data: &[u8],
    mode: Mode,
    range_mappings: RangeMappings,
) -> Result<BuiltIndex, SourceMapError> {
    let mut report = Report::new(mode);
    let document = Document::scan(data, &mut report)?;
    require_content(&document)?;
    let segments = metro::segments(&document, &mut report)?;
    let metro = metro::sections(&document, &segments, &mut report)?;
    let mut builder = Builder::new(&document, range_mappings, &mut report);
    let labels = builder.labels()?;
    let maps = builder.maps(&segments)?;
    let texts = builder.positions_and_texts(&maps)?;
    let mut sections = builder.finish(labels, texts)?;
    sections.extend(metro);
    let defects = report.into_defects();
    Ok(BuiltIndex { bytes: write(sections, &defects)?, defects })
}

/// A JSON object with neither positions nor sections is some other file.
pub(super) fn require_content(document: &Document<'_>) -> Result<(), SourceMapError> {
    let fields = [Field::Mappings, Field::Sections];
    if fields.iter().any(|&field| document.field(0, field).is_some()) {
        return Ok(());
    }
    Err(SourceMapError::NotASourceMap("it has neither \"mappings\" nor \"sections\"".to_owned()))
}

type Labels = (Option<String>, Option<String>);

fn write(sections: Sections, defects: &[String]) -> Result<Vec<u8>, SourceMapError> {
    let mut writer = Writer::new(layout::KIND);
    for (id, data) in sections {
        writer.section(id, data);
    }
    let mut list = StringsBuilder::default();
    defects.iter().try_for_each(|defect| list.push(defect))?;
    for (id, data) in layout::DEFECTS.into_iter().zip(list.finish()) {
        writer.section(id, data);
    }
    Ok(writer.finish())
}

/// A plain map whose lists were read.
struct ReadMap<'a> {
    placed: PlacedMap,
    mappings: &'a [u8],
    complete: bool,
    range_mappings: Option<Value<'a>>,
    context: Context,
}

struct Builder<'d, 'a, 'r> {
    fields: Fields<'d, 'a>,
    report: &'r mut Report,
    source_names: StringsBuilder,
    source_flags: Vec<u8>,
    names: StringsBuilder,
    texts: Vec<(u32, &'a [u8])>,
    functions: FunctionsBuilder,
    scopes: ScopesBuilder,
    range_mappings: RangeMappingsBuilder,
    positions: TableBuilder<4>,
}

impl<'d, 'a, 'r> Builder<'d, 'a, 'r> {
    fn new(document: &'d Document<'a>, range_mappings: RangeMappings, report: &'r mut Report) -> Self {
        Self {
            fields: Fields { document },
            report,
            source_names: StringsBuilder::default(),
            source_flags: Vec::new(),
            names: StringsBuilder::default(),
            texts: Vec::new(),
            functions: FunctionsBuilder::new(),
            scopes: ScopesBuilder::new(),
            range_mappings: RangeMappingsBuilder::new(range_mappings),
            positions: TableBuilder::new(),
        }
    }

    /// File name and debug id; those of embedded maps say nothing of the whole.
    fn labels(&mut self) -> Result<Labels, SourceMapError> {
        self.fields.check_version(0, self.report)?;
        Ok((self.fields.file(0, self.report)?, self.fields.debug_id(0, self.report)?))
    }

    /// Reads everything of the plain maps except their mappings.
    fn maps(&mut self, segments: &'d [metro::Segment<'a>]) -> Result<Vec<ReadMap<'a>>, SourceMapError> {
        let limit = metro::limit_of_bundle(segments);
        let placed = sections::place_between(self.fields.document, 0, limit, self.report)?;
        let mut maps = Vec::with_capacity(placed.len());
        self.placed_maps(placed, &mut maps)?;
        for segment in segments {
            self.fields = Fields { document: &segment.document };
            let mut placed =
                sections::place_between(&segment.document, segment.line0, segment.limit(), self.report)?;
            for map in &mut placed {
                map.place = format!("segment {} {}", segment.id, map.place).trim_end().to_owned();
            }
            self.placed_maps(placed, &mut maps)?;
        }
        Ok(maps)
    }

    fn placed_maps(
        &mut self,
        placed: Vec<PlacedMap>,
        maps: &mut Vec<ReadMap<'a>>,
    ) -> Result<(), SourceMapError> {
        for placed in placed {
            self.report.set_place(placed.place.clone());
            maps.extend(self.map(placed)?);
        }
        Ok(())
    }

    fn map(&mut self, placed: PlacedMap) -> Result<Option<ReadMap<'a>>, SourceMapError> {
        let map = placed.map;
        if map != 0 {
            self.fields.check_version(map, self.report)?;
            self.fields.file(map, self.report)?;
        }
        let mappings = self.fields.mappings(map, self.report)?;
        let source_base = self.source_names.len();
        let sources = self.sources(map)?;
        let name_base = self.names.len();
        let names = &mut self.names;
        self.fields.names(map, self.report, |name| names.push_json(name))?;
        let context = Context {
            line0: placed.line0,
            column0: placed.column0,
            limit: placed.limit,
            source_base: source_base as u32,
            sources: sources as u32,
            name_base: name_base as u32,
            names: (self.names.len() - name_base) as u32,
        };
        self.scopes.push_map(&self.fields, map, &context, self.report)?;
        let wanted = self.range_mappings.is_wanted();
        let range_mappings = wanted.then(|| self.fields.document.field(map, Field::RangeMappings)).flatten();
        Ok(mappings.map(|(mappings, complete)| ReadMap {
            placed,
            mappings,
            complete,
            range_mappings,
            context,
        }))
    }

    /// Reads sources with their flags, texts and functions; returns how many there are.
    fn sources(&mut self, map: usize) -> Result<usize, SourceMapError> {
        let base = self.source_flags.len();
        let sources = self.fields.sources(map, MAX_SOURCES - base.min(MAX_SOURCES), self.report)?;
        for source in &sources {
            self.source_names.push(source.as_deref().unwrap_or_default())?;
            self.source_flags.push(if source.is_some() { layout::SOURCE_NAMED } else { 0 });
        }
        let flags = &mut self.source_flags[base..];
        let ignore = |source: usize| flags[source] |= layout::SOURCE_IGNORED;
        self.fields.ignored(map, sources.len(), self.report, ignore)?;
        let contents = self.fields.contents(map, sources.len(), self.report)?;
        self.texts.extend(contents.into_iter().map(|(source, text)| (base as u32 + source, text)));
        for (source, entry) in self.fields.facebook_sources(map).take(sources.len()).enumerate() {
            self.functions.push((base + source) as u32, entry, self.report)?;
        }
        Ok(sources.len())
    }

    /// The two long jobs, side by side if that helps the wait.
    fn positions_and_texts(&mut self, maps: &[ReadMap<'a>]) -> Result<[Vec<u8>; 4], SourceMapError> {
        let texts = std::mem::take(&mut self.texts);
        if texts.iter().map(|(_, text)| text.len()).sum::<usize>() <= WORTH_A_THREAD {
            self.positions(maps)?;
            return compress(&texts);
        }
        std::thread::scope(|scope| {
            let compressed = scope.spawn(|| compress(&texts));
            let positions = self.positions(maps);
            let compressed = compressed.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            positions.and(compressed)
        })
    }

    fn positions(&mut self, maps: &[ReadMap<'a>]) -> Result<(), SourceMapError> {
        for map in maps {
            self.report.set_place(map.placed.place.clone());
            let text = unescaped(map.mappings);
            let text = if map.complete { &text } else { whole_segments(&text) };
            self.decode(text, map.context)?;
            if let Some(field) = map.range_mappings {
                self.range_mappings.push_map(field, text, &map.context, self.report)?;
            }
        }
        self.report.set_place(String::new());
        Ok(())
    }

    /// Decodes in order, or if that turns out wrong, once more with sorting.
    fn decode(&mut self, text: &[u8], context: Context) -> Result<(), SourceMapError> {
        let (mark, report_mark) = (self.positions.mark(), self.report.mark());
        let mut sink = InOrder::new(&mut self.positions);
        if mappings::decode(text, context, &mut sink, self.report)? == Outcome::Done {
            return Ok(());
        }
        self.positions.rewind(mark);
        self.report.rewind(report_mark);
        let limit = MAX_SORTED.max(text.len() / size_of::<Segment>());
        let mut sink = Sorting::new(&mut self.positions, limit);
        mappings::decode(text, context, &mut sink, self.report)?;
        match sink.finish() {
            0 => Ok(()),
            lost => {
                self.report.defect(|| format!("{lost} segments are too far out of order; they are left out"))
            }
        }
    }

    fn finish(mut self, labels: Labels, texts: [Vec<u8>; 4]) -> Result<Sections, SourceMapError> {
        let (file, debug_id) = labels;
        let flags = (if file.is_some() { layout::HAS_FILE } else { 0 })
            | (if debug_id.is_some() { layout::HAS_DEBUG_ID } else { 0 });
        self.positions.mark();
        let mut head = self.positions.rows().to_le_bytes().to_vec();
        head.extend((self.source_flags.len() as u32).to_le_bytes());
        head.extend(flags.to_le_bytes());
        let mut strings = StringsBuilder::default();
        strings.push(&file.unwrap_or_default())?;
        strings.push(&debug_id.unwrap_or_default())?;
        let mut sections = vec![(layout::HEAD, head), (layout::SOURCE_FLAGS, self.source_flags)];
        sections.extend(layout::LABELS.into_iter().zip(strings.finish()));
        sections.extend(layout::POSITIONS.into_iter().zip(self.positions.finish()?));
        sections.extend(layout::SOURCES.into_iter().zip(self.source_names.finish()));
        sections.extend(layout::NAMES.into_iter().zip(self.names.finish()));
        sections.extend(layout::TEXTS.into_iter().zip(texts));
        sections.extend(self.functions.finish()?);
        sections.extend(self.scopes.finish()?);
        sections.extend(self.range_mappings.finish()?);
        Ok(sections)
    }
}

fn compress(texts: &[(u32, &[u8])]) -> Result<[Vec<u8>; 4], SourceMapError> {
    let mut builder = TextsBuilder::new();
    texts.iter().try_for_each(|(source, raw)| builder.push_json(*source, raw))?;
    Ok(builder.finish())
}

/// Mappings that the text ends in, without the segment that may be cut.
fn whole_segments(text: &[u8]) -> &[u8] {
    &text[..memchr::memrchr2(b',', b';', text).unwrap_or(0)]
}
