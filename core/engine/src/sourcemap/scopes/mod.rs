//! The `scopes` field (ECMA-426, proposal "Scopes"): which original function every generated position belongs
//! to, and which calls were inlined there.
//!
//! `scopes` is a list of items in one string, separated by commas. An item is a row of base64 VLQ numbers whose
//! first, unsigned, is its tag:
//!
//! | tag | item | numbers (s: signed, `?`: if its flag is set) |
//! |---|---|---|
//! | `A` | a source without scopes | |
//! | `B` | an original scope starts | flags (1 name, 2 kind, 4 stack frame), line, column, s name?, s kind? |
//! | `C` | … ends | line, column |
//! | `D` | variables of the scope around | s name … |
//! | `E` | a generated range starts | flags (1 line, 2 definition, 4 stack frame, 8 hidden), line?, column, s definition? |
//! | `F` | … ends | line (left out if 0), column |
//! | `G`, `H` | values of the variables in the range around | name plus one, or 0, … |
//! | `I` | the range around is an inlined call | source, line, column of the call |
//! | `/` | of a vendor; other tags of the future | any |
//!
//! The n-th outermost scope (or `A`) belongs to the n-th source. All positions, names, kinds and definitions are
//! differences to the one before, lines and columns unsigned, so that positions never go back; a column is the
//! difference only within a line. A definition counts the scopes from 0 in the order in which they start.
//!
//! ```text
//! BCAAA,BHCECA,CEA,CAA,EAA,ECOC,IACE,FI,FI
//! ```
//!
//! An index needs no scopes, only their functions. Everywhere in this module "function" is one number:
//! [`UNKNOWN`], [`TOP_LEVEL`], [`ANONYMOUS`], or a name's id plus [`NAMED`], always that of the innermost scope
//! around which is a stack frame.
//!
//! The draft of the summer of 2026 splits the field: `scopes` becomes a list of strings, one a source, and the
//! ranges move to a string `ranges`, where a definition is two numbers, source and scope. Both forms are read.

mod decode;
mod numbers;
mod read;

use super::document::{Field, MapId};
use super::error::{Report, SourceMapError};
use super::fields::Fields;
use super::layout::{self, Sections};
use super::mappings::Context;
use super::table::TableBuilder;
use decode::Decoder;
pub use read::{Function, ScopeFrame};
pub(super) use read::{ScopesReader, blocks_of};

/// Nothing is known: no definition, or outside of all scopes.
const UNKNOWN: u32 = 0;
/// Outside of all functions.
const TOP_LEVEL: u32 = 1;
/// A function without a name.
const ANONYMOUS: u32 = 2;
/// Of the name 0.
const NAMED: u32 = 3;

/// How deep ranges may nest; deeper ones are left out. Every lookup walks from the innermost one outwards.
const MAX_DEPTH: usize = 512;

/// Bits of a range's flags; its call's number plus one stands above them.
const STACK_FRAME: u32 = 1;
const HIDDEN: u32 = 2;
const CALL_SHIFT: u32 = 2;

/// A generated range: number of the one around it plus one, function, flags and call.
type Range = [u32; 3];

/// Source, line and column of an inlined call.
type CallSite = [u32; 3];

/// Collects the scopes of a document's maps.
pub(super) struct ScopesBuilder {
    /// Original position to function, an order for each source.
    functions: TableBuilder<1>,
    /// Source, first block, end block.
    sources: Vec<u8>,
    /// Generated position to the innermost range's number plus one.
    places: TableBuilder<1>,
    ranges: TableBuilder<3>,
    calls: TableBuilder<3>,
    range_count: u32,
    call_count: u32,
}

impl ScopesBuilder {
    pub(super) fn new() -> Self {
        Self {
            functions: TableBuilder::new(),
            sources: Vec::new(),
            places: TableBuilder::new(),
            ranges: TableBuilder::new(),
            calls: TableBuilder::new(),
            range_count: 0,
            call_count: 0,
        }
    }

    /// Takes a plain map. Maps come in the order of the generated file.
    pub(super) fn push_map(
        &mut self,
        fields: &Fields<'_, '_>,
        map: MapId,
        context: &Context,
        report: &mut Report,
    ) -> Result<(), SourceMapError> {
        let Some(scopes) = fields.document.field(map, Field::Scopes) else {
            return Ok(());
        };
        let mut decoder = Decoder::new(self, context, report);
        if !scopes.is_array() {
            decoder.joined(scopes)?;
        } else {
            for (source, scopes) in scopes.elements().filter_map(Result::ok).enumerate() {
                decoder.scopes_of(source, scopes)?;
            }
            fields
                .document
                .field(map, Field::Ranges)
                .map_or(Ok(()), |ranges| decoder.ranges_apart(ranges))?;
        }
        decoder.finish();
        Ok(())
    }

    /// Starts the functions of a source; sources come in ascending order.
    fn open_source(&mut self, source: u32) {
        self.functions.restart();
        for number in [source, self.functions.blocks() as u32] {
            self.sources.extend_from_slice(&number.to_le_bytes());
        }
    }

    fn close_source(&mut self) {
        self.functions.restart();
        self.sources.extend_from_slice(&(self.functions.blocks() as u32).to_le_bytes());
    }

    /// Takes the ranges of a map, numbered from `range_count`, and their calls, numbered from `call_count`.
    fn push_ranges(&mut self, ranges: &[Range], calls: &[CallSite]) {
        for &range in ranges {
            self.ranges.push(u64::from(self.range_count), range);
            self.range_count += 1;
        }
        for &call in calls {
            self.calls.push(u64::from(self.call_count), call);
            self.call_count += 1;
        }
    }

    /// The sections of the index that hold scopes.
    pub(super) fn finish(self) -> Result<Sections, SourceMapError> {
        let mut sections = vec![(layout::SCOPE_SOURCES, self.sources)];
        sections.extend(layout::SCOPE_FUNCTIONS.into_iter().zip(self.functions.finish()?));
        sections.extend(layout::RANGE_PLACES.into_iter().zip(self.places.finish()?));
        sections.extend(layout::RANGES.into_iter().zip(self.ranges.finish()?));
        sections.extend(layout::CALL_SITES.into_iter().zip(self.calls.finish()?));
        Ok(sections)
    }
}
