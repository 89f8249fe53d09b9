//! DWARF 2 to 5 (<https://dwarfstd.org>): which code belongs to which function, inlined call and line.
//!
//! Every unit is read on its own, by two threads, into pieces: stretches of code with their rows. What
//! contradicts another unit is settled afterwards, in [`assemble`](super::assemble). A compressed `.debug_info` is read
//! while it is inflated ([`stream`]).

mod abbrevs;
mod attributes;
mod entries;
mod forms;
mod inflate;
mod languages;
mod lines;
mod names;
mod package;
mod paths;
mod pieces;
mod qualify;
mod reading;
mod sections;
mod shared;
mod split;
mod stream;
mod text;
mod tree;
mod units;
mod wanted;

use gimli::{EndianSlice, Endianity};

pub(crate) use inflate::inflated;
pub(super) use lines::{LineRow, Lines};
pub(super) use pieces::{Piece, Row, UnitPieces, join, join_by_scope};
pub(super) use reading::read_units;
pub(super) use sections::{ALL, Sections};
pub(super) use split::{ids as split_ids, missing as missing_split_units};
pub(super) use text::Text;
pub(super) use tree::{Scope, Tree};
pub(super) use wanted::Wanted;

use units::Units;

use super::code::Code;

/// No chain of calls is deeper; what is inlined deeper belongs to its caller.
const MAX_INLINE_DEPTH: u32 = 500;
/// No file, no line table entry, no scope.
pub(super) const NONE: u32 = u32::MAX;

/// Byte order of a file, known when the code is compiled.
pub(super) trait Endian: Endianity + Send + Sync {}
impl<E: Endianity + Send + Sync> Endian for E {}

type Slice<'d, E> = EndianSlice<'d, E>;

/// A function's name as debug info knows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Name<'d> {
    /// Mangled.
    pub(super) linkage: Option<Text<'d>>,
    /// As in the source, without scopes.
    pub(super) plain: Option<Text<'d>>,
    /// Scopes and plain name; None where the plain name has none.
    pub(super) qualified: Option<Vec<u8>>,
    /// 1 C, 2 C++, 3 Rust, 4 other, 0 unknown.
    pub(super) language: u8,
}

/// What reading a unit needs besides the unit.
struct Context<'a, 'u, 'd, E: Endian> {
    units: &'a Units<'u, 'd, E>,
    code: &'a Code,
    wanted: Wanted<'a>,
}
