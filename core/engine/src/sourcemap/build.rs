//! From the bytes of a source map to the bytes of its index.

use super::document::{Document, Field, MAX_SOURCES};
use super::error::{Mode, Report, SourceMapError};
use super::fields::Fields;
use super::functions::{FunctionsBuilder, unescaped};
use super::layout::{self, Sections};
use super::mappings::{self, Context, InOrder, Outcome, Segment, Sorting};
use super::metro;
use super::range_mappings::{RangeMappings, RangeMappingsBuilder};
use super::scopes::ScopesBuilder;
use super::sections::{self, PlacedMap};
use super::strings::StringsBuilder;
use super::table::TableBuilder;
use super::text::{Done, Jobs, RawText, join, raw_len};
use crate::container::{Parts, Writer};
use crate::json::Value;

/// Texts of sources are compressed on a second thread if there is more than this of them, in bytes.
const WORTH_A_THREAD: usize = 1 << 20;

/// A line whose segments are out of order is sorted up to this many segments, or more if the map is so large
/// that they take no more memory than it does.
const MAX_SORTED: usize = 1 << 18;

/// A built index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltIndex {
    /// The index file.
    pub bytes: Vec<u8>,
    /// What was wrong with the map and passed over, a sentence each.
    pub defects: Vec<String>,
}

/// What to build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// What to do about faults.
    pub mode: Mode,
    /// Keep the texts of the sources. Without them the index has positions only, and is made in half the time.
    pub texts: bool,
    /// Whether and how range mappings are read.
    pub range_mappings: RangeMappings,
}

/// Parses a source map (JSON text, UTF-8) and builds its index with everything in it.
///
/// Strict mode ends at the first violation of ECMA-426; lenient mode takes what can be used and lists the
/// defects, at most 100 and a count of the rest. Time and memory are linear in the length of `data`.
pub fn build_index(data: &[u8], mode: Mode) -> Result<BuiltIndex, SourceMapError> {
    let options = Options { mode, texts: true, range_mappings: RangeMappings::Ignored };
    let (file, defects) = prepare_index(data, options)?;
    Ok(BuiltIndex { bytes: file.finish(), defects })
}

/// As [`build_index`], with a choice, and without putting the file together: a long one is written to where it
/// is wanted, and the defects come beside it.
pub fn prepare_index(data: &[u8], options: Options) -> Result<(Writer, Vec<String>), SourceMapError> {
    let mut report = Report::new(options.mode);
    let document = Document::scan(data, &mut report)?;
    require_content(&document)?;
    let segments = metro::segments(&document, &mut report)?;
    let metro = metro::sections(&document, &segments, &mut report)?;
    let mut builder = Builder::new(&document, &mut report, options);
    let labels = builder.labels()?;
    let maps = builder.maps(&segments)?;
    let texts = builder.positions_and_texts(&maps)?;
    let (mut sections, names) = builder.finish(labels)?;
    sections.extend(metro);
    let defects = report.into_defects();
    Ok((write(sections, names, texts, &defects)?, defects))
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

fn write(
    sections: Sections,
    names: [Parts; 2],
    texts: [Parts; 4],
    defects: &[String],
) -> Result<Writer, SourceMapError> {
    let mut writer = Writer::new(layout::KIND);
    for (id, data) in sections {
        writer.section(id, data);
    }
    let lists = layout::NAMES.into_iter().zip(names);
    for (id, parts) in lists.chain(layout::TEXTS.into_iter().zip(texts)) {
        writer.section_of(id, parts);
    }
    let mut list = StringsBuilder::default();
    defects.iter().try_for_each(|defect| list.push(defect))?;
    for (id, data) in layout::DEFECTS.into_iter().zip(list.finish()) {
        writer.section(id, data);
    }
    Ok(writer)
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
    keep_texts: bool,
    texts: Vec<RawText<'a>>,
    functions: FunctionsBuilder,
    scopes: ScopesBuilder,
    range_mappings: RangeMappingsBuilder,
    positions: TableBuilder<4>,
}

impl<'d, 'a, 'r> Builder<'d, 'a, 'r> {
    fn new(document: &'d Document<'a>, report: &'r mut Report, options: Options) -> Self {
        Self {
            fields: Fields { document },
            report,
            source_names: StringsBuilder::default(),
            source_flags: Vec::new(),
            names: StringsBuilder::default(),
            keep_texts: options.texts,
            texts: Vec::new(),
            functions: FunctionsBuilder::new(),
            scopes: ScopesBuilder::new(),
            range_mappings: RangeMappingsBuilder::new(options.range_mappings),
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
        let limit = MAX_SOURCES - base.min(MAX_SOURCES);
        let (names, flags) = (&mut self.source_names, &mut self.source_flags);
        let sources = self.fields.sources(map, limit, self.report, |source| {
            flags.push(if source.is_some() { layout::SOURCE_NAMED } else { 0 });
            names.push(source.as_deref().unwrap_or_default())
        })?;
        let flags = &mut self.source_flags[base..];
        let ignore = |source: usize| flags[source] |= layout::SOURCE_IGNORED;
        self.fields.ignored(map, sources, self.report, ignore)?;
        let contents = self.fields.contents(map, sources, self.report)?;
        if self.keep_texts {
            self.texts.extend(contents.into_iter().map(|(source, text)| (base as u32 + source, text)));
        }
        for (source, entry) in self.fields.facebook_sources(map).take(sources).enumerate() {
            self.functions.push((base + source) as u32, entry, self.report)?;
        }
        Ok(sources)
    }

    /// The two long tasks, side by side if that helps the wait: once it has the positions, this thread helps the
    /// other one with the texts.
    fn positions_and_texts(&mut self, maps: &[ReadMap<'a>]) -> Result<[Parts; 4], SourceMapError> {
        let texts = std::mem::take(&mut self.texts);
        let jobs = Jobs::new(&texts);
        let pieces = std::thread::scope(|scope| -> Done {
            let helper = (raw_len(&texts) > WORTH_A_THREAD).then(|| scope.spawn(|| jobs.work()));
            self.positions(maps)?;
            let mut pieces = jobs.work()?;
            if let Some(helper) = helper {
                pieces.extend(helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
            }
            Ok(pieces)
        })?;
        Ok(join(pieces))
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

    /// The sections, and the one list that can be as long as the map: the names.
    fn finish(mut self, labels: Labels) -> Result<(Sections, [Parts; 2]), SourceMapError> {
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
        sections.extend(self.functions.finish()?);
        sections.extend(self.scopes.finish()?);
        sections.extend(self.range_mappings.finish()?);
        Ok((sections, self.names.finish_parts()))
    }
}

/// Mappings that the text ends in, without the segment that may be cut.
fn whole_segments(text: &[u8]) -> &[u8] {
    &text[..memchr::memrchr2(b',', b';', text).unwrap_or(0)]
}
