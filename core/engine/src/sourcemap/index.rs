//! Reading a source index.

use super::layout;
use super::mappings::NONE;
use super::metro::MetroReader;
use super::range_mappings::RangeMappingsReader;
use super::scopes::{ScopeFrame, ScopesReader, blocks_of};
use super::strings::Strings;
use super::table::{Found, Search, Table, key, key_line};
use super::text::Texts;
use crate::container::{Container, IndexError, Section};
use crate::mapped::Bytes;

/// Positions that are looked up at a time.
const IN_STEP: usize = 8;

/// Where a generated position came from. Lines and columns count from 0, columns in UTF-16 code units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OriginalPosition {
    /// Source id.
    pub source: u32,
    /// Line in the source.
    pub line0: u32,
    /// Column in the source.
    pub column0: u32,
    /// Name id, if the segment has a name.
    pub name: Option<u32>,
}

impl OriginalPosition {
    /// The position as four numbers: source id, line, column, name id or 2^32 - 1.
    #[must_use]
    pub fn to_words(self) -> [u32; 4] {
        [self.source, self.line0, self.column0, self.name.unwrap_or(NONE)]
    }

    /// What stands for "no position".
    pub const NO_WORDS: [u32; 4] = [NONE; 4];
}

/// An index file, open for lookups. Nothing is parsed or copied before it is asked for.
pub struct SourceIndex {
    container: Container,
    tokens: u64,
    sources: usize,
    file: Option<String>,
    debug_id: Option<String>,
    positions: Table<4>,
    source_names: Strings,
    source_flags: Section,
    names: Strings,
    texts: Texts,
    functions: Table<1>,
    function_ranges: Section,
    function_names: Strings,
    scopes: ScopesReader,
    range_mappings: RangeMappingsReader,
    metro: MetroReader,
    defects: Strings,
}

impl SourceIndex {
    /// Opens an index.
    pub fn open(bytes: Bytes) -> Result<Self, IndexError> {
        let container = Container::open(bytes, layout::KIND)?;
        let head = container.section(layout::HEAD)?;
        let flags = container.u32_at(head, 3)?;
        let labels = Strings::open(&container, layout::LABELS)?;
        let label = |i: u32| match flags >> i & 1 {
            0 => Ok(None),
            _ => labels.get(&container, i as usize).map(|label| Some(label.to_owned())),
        };
        let (file, debug_id) = (label(0)?, label(1)?);
        let index = Self {
            tokens: container.u64_at(head, 0)?,
            sources: container.u32_at(head, 2)? as usize,
            file,
            debug_id,
            positions: Table::open(&container, layout::POSITIONS)?,
            source_names: Strings::open(&container, layout::SOURCES)?,
            source_flags: container.section(layout::SOURCE_FLAGS)?,
            names: Strings::open(&container, layout::NAMES)?,
            texts: Texts::open(&container, layout::TEXTS)?,
            functions: Table::open(&container, layout::FUNCTIONS)?,
            function_ranges: container.section(layout::FUNCTION_RANGES)?,
            function_names: Strings::open(&container, layout::FUNCTION_NAMES)?,
            scopes: ScopesReader::open(&container)?,
            range_mappings: RangeMappingsReader::open(&container)?,
            metro: MetroReader::open(&container)?,
            defects: Strings::open(&container, layout::DEFECTS)?,
            container,
        };
        if index.source_flags.len() != index.sources || index.source_names.len() != index.sources {
            return Err(IndexError::Damaged("the lists of sources differ in length"));
        }
        Ok(index)
    }

    /// Name of the generated file as the map gives it.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// Debug id, in lower case with hyphens.
    #[must_use]
    pub fn debug_id(&self) -> Option<&str> {
        self.debug_id.as_deref()
    }

    /// Number of sources; ids are less than this.
    #[must_use]
    pub fn source_count(&self) -> usize {
        self.sources
    }

    /// Number of segments.
    #[must_use]
    pub fn token_count(&self) -> u64 {
        self.tokens
    }

    /// Number of names; ids are less than this.
    #[must_use]
    pub fn name_count(&self) -> usize {
        self.names.len()
    }

    /// What was wrong with the map and passed over when the index was built, a sentence each.
    pub fn defects(&self) -> Result<Vec<String>, IndexError> {
        (0..self.defects.len()).map(|i| self.defects.get(&self.container, i).map(str::to_owned)).collect()
    }

    /// Checks every checksum of the file now.
    pub fn verify(&self) -> Result<(), IndexError> {
        self.container.verify()
    }

    /// Looks up generated positions, each a pair of line and column (from 0), and calls `found` with the
    /// answer to each in turn. A position matches the last segment at or before it on its own line; `None`
    /// if there is none or that segment has no source.
    pub fn lookup(
        &self,
        positions: &[[u32; 2]],
        mut found: impl FnMut(Option<OriginalPosition>),
    ) -> Result<(), IndexError> {
        let search = self.positions.search(&self.container)?;
        let (groups, rest) = positions.as_chunks::<IN_STEP>();
        for group in groups {
            let rows = search.last_at_or_before_each(group.map(|[line0, column0]| key(line0, column0)))?;
            for (row, &position) in rows.into_iter().zip(group) {
                found(self.original(row, position)?);
            }
        }
        for &position in rest {
            found(self.lookup_one(&search, position)?);
        }
        Ok(())
    }

    fn lookup_one(
        &self,
        search: &Search<'_, 4>,
        position: [u32; 2],
    ) -> Result<Option<OriginalPosition>, IndexError> {
        let [line0, column0] = position;
        self.original(search.last_at_or_before(key(line0, column0))?, position)
    }

    /// What the last row at or before a generated position says of it.
    fn original(&self, row: Found<4>, position: [u32; 2]) -> Result<Option<OriginalPosition>, IndexError> {
        let [line0, _] = position;
        let Some((at, [source, line, column, name])) = row else {
            return Ok(None);
        };
        if source == 0 || (key_line(at) != line0 && self.range_mappings.is_empty) {
            return Ok(None);
        }
        if source as usize > self.sources || name as usize > self.names.len() {
            return Err(IndexError::Damaged("a position refers to a source or name that there is not"));
        }
        let name = name.checked_sub(1);
        let original = OriginalPosition { source: source - 1, line0: line, column0: column, name };
        if self.range_mappings.is_empty {
            return Ok(Some(original));
        }
        self.range_mappings.moved(&self.container, at, position, original)
    }

    /// The calls that were running at generated positions, from `scopes`; calls `found` with those of each in
    /// turn, innermost first. None if the map does not say, or if code there has no function of the sources.
    pub fn scope_frames(
        &self,
        positions: &[[u32; 2]],
        mut found: impl FnMut(&[ScopeFrame]),
    ) -> Result<(), IndexError> {
        let search = self.positions.search(&self.container)?;
        let mut frames = Vec::new();
        for &position in positions {
            if !self.scopes.is_empty {
                let mapped = self.lookup_one(&search, position)?;
                let mapped = mapped.map(|place| [place.source, place.line0, place.column0]);
                self.scopes.frames(&self.container, position, mapped, &mut frames)?;
            }
            found(&frames);
        }
        Ok(())
    }

    /// Name of a source; `None` if the map gives it none or there is no such source.
    pub fn source_name(&self, source: u32) -> Result<Option<&str>, IndexError> {
        match self.flags(source)? & layout::SOURCE_NAMED {
            0 => Ok(None),
            _ => self.source_names.get(&self.container, source as usize).map(Some),
        }
    }

    /// Whether the map tells debuggers to ignore the source.
    pub fn source_ignored(&self, source: u32) -> Result<bool, IndexError> {
        Ok(self.flags(source)? & layout::SOURCE_IGNORED != 0)
    }

    fn flags(&self, source: u32) -> Result<u8, IndexError> {
        if source as usize >= self.sources {
            return Ok(0);
        }
        let flags = self.container.array(self.source_flags, source as usize, 1)?;
        flags.first().copied().ok_or(IndexError::Damaged("a source has no flags"))
    }

    /// A name; `None` if there is no such name.
    pub fn name(&self, name: u32) -> Result<Option<&str>, IndexError> {
        if name as usize >= self.names.len() {
            return Ok(None);
        }
        self.names.get(&self.container, name as usize).map(Some)
    }

    /// The text of a source; `None` if the map has none.
    pub fn source_text(&self, source: u32) -> Result<Option<String>, IndexError> {
        self.texts.text(&self.container, source)
    }

    /// Up to `count` lines of a source from line `first_line0` on, without line ends; `None` if the map has
    /// no text for it.
    pub fn source_lines(
        &self,
        source: u32,
        first_line0: u32,
        count: u32,
    ) -> Result<Option<Vec<String>>, IndexError> {
        self.texts.lines(&self.container, source, first_line0, count)
    }

    /// The generated line (from 0) at which a segment of the bundle starts; `None` if there is no such segment.
    pub fn segment_line0(&self, segment: u32) -> Result<Option<u32>, IndexError> {
        self.metro.segment_line0(&self.container, segment)
    }

    /// The generated line (from 0) at which a module of a RAM bundle, or of a segment of one, starts.
    pub fn module_line0(&self, segment: u32, module: u32) -> Result<Option<u32>, IndexError> {
        self.metro.module_line0(&self.container, segment, module)
    }

    /// The offset in bytes of a function of Hermes bytecode.
    pub fn function_offset(&self, segment: u32, function: u32) -> Result<Option<u32>, IndexError> {
        self.metro.function_offset(&self.container, segment, function)
    }

    /// Name of the function around a position (from 0) in a source, from `x_facebook_sources`.
    pub fn function_at(&self, source: u32, line0: u32, column0: u32) -> Result<Option<&str>, IndexError> {
        let Some((first, end)) = blocks_of(&self.container, self.function_ranges, source)? else {
            return Ok(None);
        };
        let search = self.functions.search_in(&self.container, first, end)?;
        let Some((_, [name])) = search.last_at_or_before(key(line0, column0))? else {
            return Ok(None);
        };
        match name.checked_sub(1) {
            Some(name) => self.function_names.get(&self.container, name as usize).map(Some),
            None => Ok(None),
        }
    }
}
