//! Items of generated ranges. Each method returns how many numbers its item has by its tag and flags.

use super::super::super::error::SourceMapError;
use super::super::super::mappings::Context;
use super::super::super::table::key;
use super::super::numbers::{Fault, Item, Place, step_index};
use super::super::{CALL_SHIFT, CallSite, HIDDEN, MAX_DEPTH, Range, STACK_FRAME, UNKNOWN};
use super::{Decoder, Form, IS_STACK_FRAME, Stop};

const HAS_LINE: u32 = 1;
const HAS_DEFINITION: u32 = 2;
const IS_HIDDEN: u32 = 8;

/// The state of reading generated ranges.
pub(super) struct Ranges {
    place: Place,
    source: i64,
    definition: i64,
    /// Numbers in `read` of the ranges that are open.
    open: Vec<u32>,
    /// Open ranges that are left out because they nest too deep.
    too_deep: usize,
    /// A range reached into the next section.
    cut: bool,
    pub(super) read: Vec<Range>,
    pub(super) calls: Vec<CallSite>,
}

/// A definition as it stands in an item.
#[derive(Clone, Copy)]
enum Definition {
    None,
    /// A step from the scope before.
    Scope(i64),
    /// The same in the split form, in the source of the scope before.
    ScopeOfSame(i64),
    /// A step from the source before, and a scope in it.
    SourceAndScope(i64, u32),
}

impl Definition {
    /// Reads it from number `at` on.
    fn read(item: &Item<'_>, at: usize, form: Form) -> Result<Self, Fault> {
        let first = item.signed(at)?;
        Ok(match (form, first) {
            (Form::Joined, _) => Self::Scope(first),
            (_, 0) => Self::ScopeOfSame(item.signed(at + 1)?),
            _ => Self::SourceAndScope(first, item.unsigned(at + 1)?),
        })
    }

    fn len(self) -> usize {
        match self {
            Self::None => 0,
            Self::Scope(_) => 1,
            Self::ScopeOfSame(_) | Self::SourceAndScope(..) => 2,
        }
    }
}

impl Ranges {
    pub(super) fn from(context: &Context) -> Self {
        Self {
            place: Place { line0: context.line0, column0: context.column0 },
            source: 0,
            definition: 0,
            open: Vec::new(),
            too_deep: 0,
            cut: false,
            read: Vec::new(),
            calls: Vec::new(),
        }
    }

    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }
}

impl Decoder<'_> {
    pub(super) fn close_ranges(&mut self) -> Result<(), SourceMapError> {
        self.ranges.too_deep = 0;
        while self.ranges.is_open() {
            self.end_range()?;
        }
        Ok(())
    }

    pub(super) fn range_start(&mut self, item: &Item<'_>) -> Result<usize, Stop> {
        let flags = item.unsigned(1)?;
        let has_line = usize::from(flags & HAS_LINE != 0);
        let lines = if has_line == 1 { item.unsigned(2)? } else { 0 };
        let columns = item.unsigned(2 + has_line)?;
        let definition = match flags & HAS_DEFINITION {
            0 => Definition::None,
            _ => Definition::read(item, 3 + has_line, self.form)?,
        };
        self.ranges.place.step(lines, columns)?;
        let function = self.function_of(definition)?;
        let kind = match flags & (IS_STACK_FRAME | IS_HIDDEN) {
            0 => 0,
            IS_STACK_FRAME => STACK_FRAME,
            IS_HIDDEN => {
                self.defect("a range is hidden that is no stack frame")?;
                0
            }
            _ => STACK_FRAME | HIDDEN,
        };
        self.start_range(function, kind)?;
        Ok(3 + has_line + definition.len())
    }

    fn start_range(&mut self, function: u32, flags: u32) -> Result<(), SourceMapError> {
        if self.ranges.open.len() == MAX_DEPTH {
            self.ranges.too_deep += 1;
            return match self.ranges.too_deep {
                1 => self.defect("ranges nest deeper than 512; the inner ones are left out"),
                _ => Ok(()),
            };
        }
        let around = self.innermost();
        self.ranges.open.push(self.ranges.read.len() as u32);
        self.ranges.read.push([around, function, flags]);
        self.push_place()
    }

    /// The innermost open range's number in the index plus one; 0 if none is open.
    fn innermost(&self) -> u32 {
        self.ranges.open.last().map_or(0, |&range| self.builder.range_count + range + 1)
    }

    /// Notes which range the generated code from here on is in.
    fn push_place(&mut self) -> Result<(), SourceMapError> {
        let Place { line0, column0 } = self.ranges.place;
        let (at, limit) = (key(line0, column0), self.context.limit);
        if at > limit && !std::mem::replace(&mut self.ranges.cut, true) {
            self.defect("a range reaches into the next section; it is ended there")?;
        }
        self.builder.places.push(at.min(limit), [self.innermost()]);
        Ok(())
    }

    /// The function of the scope that a range is the code of.
    fn function_of(&mut self, definition: Definition) -> Result<u32, SourceMapError> {
        let Ranges { source, definition: scope, .. } = &mut self.ranges;
        let sound = match definition {
            Definition::None => return Ok(UNKNOWN),
            Definition::Scope(step) | Definition::ScopeOfSame(step) => step_index(scope, step),
            Definition::SourceAndScope(step, first) => {
                *scope = i64::from(first);
                step_index(source, step)
            }
        };
        let source = (self.form == Form::Ranges).then_some(self.ranges.source);
        let scope = usize::try_from(self.ranges.definition).unwrap_or(usize::MAX);
        let function = self.scopes.functions_of(source).get(scope).copied();
        if !sound || function.is_none() {
            self.defect("it refers to a scope that there is not")?;
        }
        Ok(function.unwrap_or(UNKNOWN))
    }

    pub(super) fn range_end(&mut self, item: &Item<'_>) -> Result<usize, Stop> {
        let first = item.unsigned(1)?;
        let (lines, columns) = if item.len == 2 { (0, first) } else { (first, item.unsigned(2)?) };
        self.ranges.place.step(lines, columns)?;
        if self.ranges.is_open() {
            self.end_range()?;
        } else {
            self.defect("a range ends that did not start")?;
        }
        Ok(3)
    }

    fn end_range(&mut self) -> Result<(), SourceMapError> {
        if self.ranges.too_deep > 0 {
            self.ranges.too_deep -= 1;
            return Ok(());
        }
        self.ranges.open.pop();
        self.push_place()
    }

    /// Values of variables say nothing of functions.
    pub(super) fn values(&mut self, item: &Item<'_>) -> Result<usize, Stop> {
        if !self.ranges.is_open() {
            self.defect("values of variables stand outside of all ranges")?;
        }
        Ok(item.len)
    }

    pub(super) fn call_site(&mut self, item: &Item<'_>) -> Result<usize, Stop> {
        let [source, line0, column0] = [item.unsigned(1)?, item.unsigned(2)?, item.unsigned(3)?];
        let Some(&range) = self.ranges.open.last() else {
            self.defect("a call stands outside of all ranges")?;
            return Ok(4);
        };
        if source >= self.context.sources || line0 == u32::MAX || column0 == u32::MAX {
            self.defect("a call is in a source that there is not")?;
        } else if self.ranges.too_deep == 0 {
            let number = self.builder.call_count + self.ranges.calls.len() as u32 + 1;
            self.ranges.calls.push([self.context.source_base + source, line0, column0]);
            let flags = &mut self.ranges.read[range as usize][2];
            *flags = *flags & (STACK_FRAME | HIDDEN) | number << CALL_SHIFT;
        }
        Ok(4)
    }
}
