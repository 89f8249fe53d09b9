//! Items of original scopes. Each method returns how many numbers its item has by its tag and flags.

use super::super::super::error::SourceMapError;
use super::super::super::table::key;
use super::super::numbers::{Fault, Item, Place, step_index};
use super::super::{ANONYMOUS, NAMED, TOP_LEVEL, UNKNOWN};
use super::{Decoder, Form, IS_STACK_FRAME, Stop};

const HAS_NAME: u32 = 1;
const HAS_KIND: u32 = 2;

/// The state of reading original scopes.
#[derive(Default)]
pub(super) struct Scopes {
    /// Sources whose scopes were read or are being read.
    sources: usize,
    place: Place,
    name: i64,
    kind: i64,
    variable: i64,
    /// Functions of the scopes that are open.
    open: Vec<u32>,
    /// Functions of all scopes in the order of their starts.
    functions: Vec<u32>,
    /// How many of those came before each source's; of the split form only.
    bases: Vec<u32>,
}

impl Scopes {
    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Starts over for a source that has a string of its own.
    pub(super) fn next_source(&mut self, source: usize) {
        self.bases.push(self.functions.len() as u32);
        (self.sources, self.place) = (source + 1, Place::default());
        (self.name, self.kind, self.variable) = (0, 0, 0);
    }

    /// Functions of all scopes, or of those of one source.
    pub(super) fn functions_of(&self, source: Option<i64>) -> &[u32] {
        let Some(source) = source else {
            return &self.functions;
        };
        let base = |source: usize| self.bases.get(source).map(|&base| base as usize);
        let source = usize::try_from(source).unwrap_or(usize::MAX - 1);
        let end = base(source + 1).unwrap_or(self.functions.len());
        base(source).and_then(|first| self.functions.get(first..end)).unwrap_or_default()
    }
}

impl Decoder<'_> {
    /// The id of the source whose scopes are being read; `None` if the map has fewer sources.
    fn source(&self) -> Option<u32> {
        let source = u32::try_from(self.scopes.sources.checked_sub(1)?).ok()?;
        (source < self.context.sources).then(|| self.context.source_base + source)
    }

    pub(super) fn open_source(&mut self) {
        if let Some(source) = self.source() {
            self.builder.open_source(source);
        }
    }

    pub(super) fn close_source(&mut self) {
        if self.source().is_some() {
            self.builder.close_source();
        }
    }

    pub(super) fn close_scopes(&mut self) {
        while self.scopes.is_open() {
            self.end_scope();
        }
    }

    /// A source without scopes.
    pub(super) fn no_scopes(&mut self) -> Result<usize, SourceMapError> {
        if self.scopes.is_open() {
            self.defect("a source without scopes stands inside of one that has some")?;
        } else {
            self.count_source()?;
        }
        Ok(1)
    }

    fn count_source(&mut self) -> Result<(), SourceMapError> {
        self.scopes.sources += 1;
        if self.source().is_none() {
            self.defect("there are scopes of more sources than there are sources")?;
        }
        Ok(())
    }

    pub(super) fn scope_start(&mut self, item: &Item<'_>) -> Result<usize, Stop> {
        let flags = item.unsigned(1)?;
        let (lines, columns) = (item.unsigned(2)?, item.unsigned(3)?);
        let mut len = 4;
        let mut optional = |flag: u32| {
            let number = (flags & flag != 0).then(|| item.signed(len)).transpose()?;
            len += usize::from(number.is_some());
            Ok::<_, Fault>(number)
        };
        let (name, kind) = (optional(HAS_NAME)?, optional(HAS_KIND)?);
        self.scopes.place.step(lines, columns)?;
        let name = name.map(|delta| self.name(delta, |scopes| &mut scopes.name)).transpose()?.flatten();
        kind.map(|delta| self.name(delta, |scopes| &mut scopes.kind)).transpose()?;
        let function = match name {
            _ if flags & IS_STACK_FRAME == 0 => self.scopes.open.last().copied().unwrap_or(TOP_LEVEL),
            Some(name) => NAMED + self.context.name_base + name,
            None => ANONYMOUS,
        };
        self.start_scope(function)?;
        Ok(len)
    }

    fn start_scope(&mut self, function: u32) -> Result<(), SourceMapError> {
        if !self.scopes.is_open() && self.form == Form::Joined {
            self.count_source()?;
            self.open_source();
        }
        self.scopes.functions.push(function);
        self.scopes.open.push(function);
        self.push_function(function);
        Ok(())
    }

    /// Notes which function the original code from here on is in.
    fn push_function(&mut self, function: u32) {
        let Place { line0, column0 } = self.scopes.place;
        if self.source().is_some() {
            self.builder.functions.push(key(line0, column0), [function]);
        }
    }

    /// The name that a difference leads to; `None` if there is no such name.
    fn name(
        &mut self,
        delta: i64,
        sum: fn(&mut super::Scopes) -> &mut i64,
    ) -> Result<Option<u32>, SourceMapError> {
        let index = sum(&mut self.scopes);
        let sound = step_index(index, delta);
        let name = u32::try_from(*index).ok().filter(|&name| name < self.context.names);
        if !sound || name.is_none() {
            self.defect("it refers to a name that there is not")?;
        }
        Ok(name)
    }

    pub(super) fn scope_end(&mut self, item: &Item<'_>) -> Result<usize, Stop> {
        let (lines, columns) = (item.unsigned(1)?, item.unsigned(2)?);
        self.scopes.place.step(lines, columns)?;
        if self.scopes.is_open() {
            self.end_scope();
        } else {
            self.defect("a scope ends that did not start")?;
        }
        Ok(3)
    }

    fn end_scope(&mut self) {
        self.scopes.open.pop();
        self.push_function(self.scopes.open.last().copied().unwrap_or(UNKNOWN));
        if !self.scopes.is_open() && self.form == Form::Joined {
            self.close_source();
            self.scopes.place = Place::default();
        }
    }

    pub(super) fn variables(&mut self, item: &Item<'_>) -> Result<usize, Stop> {
        if !self.scopes.is_open() {
            self.defect("variables stand outside of all scopes")?;
            return Ok(item.len);
        }
        for delta in item.list() {
            self.name(delta, |scopes| &mut scopes.variable)?;
        }
        Ok(item.len)
    }
}
