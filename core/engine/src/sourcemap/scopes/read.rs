//! Asking an index which functions were running at a generated position.

use super::super::layout;
use super::super::table::{Search, Table, key};
use super::{ANONYMOUS, CALL_SHIFT, HIDDEN, MAX_DEPTH, NAMED, STACK_FRAME, TOP_LEVEL, UNKNOWN};
use crate::container::{Container, IndexError, Section};

/// The original function that code belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// The map does not say.
    Unknown,
    /// Code outside of all functions.
    TopLevel,
    /// A function to which the map gives no name.
    Anonymous,
    /// A function by the id of its name.
    Named(u32),
}

impl Function {
    fn of(code: u32) -> Self {
        match code {
            UNKNOWN => Self::Unknown,
            TOP_LEVEL => Self::TopLevel,
            ANONYMOUS => Self::Anonymous,
            name => Self::Named(name - NAMED),
        }
    }
}

/// A call that was running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScopeFrame {
    /// The function that was called.
    pub function: Function,
    /// Source id, line and column (from 0) at which it called the frame before; `None` for the first.
    pub call: Option<[u32; 3]>,
}

/// The scopes in an index.
pub(in super::super) struct ScopesReader {
    functions: Table<1>,
    sources: Section,
    places: Table<1>,
    ranges: Table<3>,
    calls: Table<3>,
    /// Whether the maps said nothing of scopes.
    pub(in super::super) is_empty: bool,
}

impl ScopesReader {
    pub(in super::super) fn open(container: &Container) -> Result<Self, IndexError> {
        let sources = container.section(layout::SCOPE_SOURCES)?;
        let is_empty = sources.is_empty() && container.section(layout::RANGE_PLACES[0])?.is_empty();
        Ok(Self {
            functions: Table::open(container, layout::SCOPE_FUNCTIONS)?,
            sources,
            places: Table::open(container, layout::RANGE_PLACES)?,
            ranges: Table::open(container, layout::RANGES)?,
            calls: Table::open(container, layout::CALL_SITES)?,
            is_empty,
        })
    }

    /// The calls running at a generated position, innermost first. `mapped` is the original position (source,
    /// line, column) of it; it is asked where the ranges do not say which function it is in.
    pub(in super::super) fn frames(
        &self,
        container: &Container,
        [line0, column0]: [u32; 2],
        mapped: Option<[u32; 3]>,
        frames: &mut Vec<ScopeFrame>,
    ) -> Result<(), IndexError> {
        frames.clear();
        let mut walk =
            Walk { reader: self, container, mapped, frames, function: Function::Unknown, call: None };
        let place = self.places.search(container)?.last_at_or_before(key(line0, column0))?;
        walk.run(place.map_or(0, |(_, [innermost])| innermost))?;
        if let [ScopeFrame { function: Function::Unknown, .. }] = frames[..] {
            frames.clear();
        }
        Ok(())
    }

    /// The function around an original position.
    fn function_at(
        &self,
        container: &Container,
        [source, line0, column0]: [u32; 3],
    ) -> Result<Function, IndexError> {
        let Some((first, end)) = blocks_of(container, self.sources, source)? else {
            return Ok(Function::Unknown);
        };
        let search = self.functions.search_in(container, first, end)?;
        let found = search.last_at_or_before(key(line0, column0))?;
        Ok(found.map_or(Function::Unknown, |(_, [function])| Function::of(function)))
    }
}

/// The way from the innermost range outwards.
struct Walk<'a> {
    reader: &'a ScopesReader,
    container: &'a Container,
    mapped: Option<[u32; 3]>,
    frames: &'a mut Vec<ScopeFrame>,
    /// What is known of the frame that comes next.
    function: Function,
    call: Option<[u32; 3]>,
}

impl Walk<'_> {
    fn run(&mut self, innermost: u32) -> Result<(), IndexError> {
        let ranges = self.reader.ranges.search(self.container)?;
        let mut next = innermost;
        for _ in 0..MAX_DEPTH {
            let Some(number) = next.checked_sub(1) else {
                return self.push();
            };
            let [around, function, flags] = row(&ranges, number)?;
            if self.function == Function::Unknown {
                self.function = Function::of(function);
            }
            if flags & STACK_FRAME != 0 {
                // Code that no function of the sources contains: a helper, or a part of one moved elsewhere.
                let hidden = flags & HIDDEN != 0 || function == UNKNOWN;
                return if hidden { Ok(()) } else { self.push() };
            }
            if let Some(call) = (flags >> CALL_SHIFT).checked_sub(1) {
                self.push()?;
                let call = row(&self.reader.calls.search(self.container)?, call)?;
                self.function = self.reader.function_at(self.container, call)?;
                self.call = Some(call);
            }
            next = around;
        }
        self.push()
    }

    fn push(&mut self) -> Result<(), IndexError> {
        if let (Function::Unknown, None, Some(mapped)) = (self.function, self.call, self.mapped) {
            self.function = self.reader.function_at(self.container, mapped)?;
        }
        self.frames.push(ScopeFrame { function: self.function, call: self.call });
        Ok(())
    }
}

/// Row `number` of a table that counts its rows.
fn row(search: &Search<'_, 3>, number: u32) -> Result<[u32; 3], IndexError> {
    match search.last_at_or_before(u64::from(number))? {
        Some((found, row)) if found == u64::from(number) => Ok(row),
        _ => Err(IndexError::Damaged("a range or call is missing")),
    }
}

/// The blocks of a source in a section of records: source, first block, end block, in the order of the sources.
pub(in super::super) fn blocks_of(
    container: &Container,
    records: Section,
    source: u32,
) -> Result<Option<(usize, usize)>, IndexError> {
    let (mut low, mut high) = (0, records.len() / layout::FUNCTION_RANGE_LEN);
    while low < high {
        let middle = low + (high - low) / 2;
        let number = |i: usize| container.u32_at(records, 3 * middle + i);
        match number(0)?.cmp(&source) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => {
                return Ok(Some((number(1)? as usize, number(2)? as usize)));
            }
        }
    }
    Ok(None)
}
