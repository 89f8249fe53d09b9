//! DWARF 2 to 5 (<https://dwarfstd.org>): which code belongs to which function, inlined call and line.
//!
//! Every unit is read on its own, by two threads, into pieces: stretches of code with their rows. What
//! contradicts another unit is settled afterwards, in [`assemble`](super::assemble).

mod abbrevs;
mod attributes;
mod lines;
mod names;
mod paths;
mod pieces;
mod qualify;
mod sections;
mod tree;
mod units;

use std::sync::atomic::{AtomicUsize, Ordering};

use gimli::{EndianSlice, Endianity};

pub(super) use lines::{LineRow, Lines};
pub(super) use pieces::{Piece, Row, UnitPieces, join, join_by_scope};
pub(super) use sections::Sections;
pub(super) use tree::{Scope, Tree};

use super::budget::Budget;
use super::code::Code;

/// Threads that read units. More of them would wait for memory.
const THREADS: usize = 2;
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
    pub(super) linkage: Option<&'d [u8]>,
    /// As in the source, without scopes.
    pub(super) plain: Option<&'d [u8]>,
    /// Scopes and plain name; None where the plain name has none.
    pub(super) qualified: Option<Vec<u8>>,
    /// 1 C, 2 C++, 3 Rust, 4 other, 0 unknown.
    pub(super) language: u8,
}

/// Reads every unit. The results come in the order of the units.
pub(super) fn read_units<'d, E: Endian>(
    sections: &'d Sections<'_>,
    endian: E,
    code: &Code,
) -> Vec<UnitPieces<'d>> {
    let budget = Budget::new(sections.ranges_len(), sections.lines_len());
    let table = units::UnitTable::new(sections, endian);
    let context = Context { table: &table, code, budget: &budget };
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let unit = next.fetch_add(1, Ordering::Relaxed);
            if unit >= table.len() {
                return done;
            }
            done.extend(context.read_unit(unit).map(|pieces| (unit, pieces)));
        }
    };
    let mut results = in_threads(&work);
    results.sort_unstable_by_key(|(unit, _)| *unit);
    results.into_iter().map(|(_, pieces)| pieces).collect()
}

fn in_threads<T: Send>(work: &(impl Fn() -> Vec<T> + Sync)) -> Vec<T> {
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..THREADS).map(|_| scope.spawn(work)).collect();
        let mut results = work();
        for other in others {
            // A panic in a worker is a bug; the caller is to see it as its own.
            results.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        results
    })
}

/// What reading a unit needs besides the unit.
struct Context<'a, 'd, E: Endian> {
    table: &'a units::UnitTable<'d, E>,
    code: &'a Code,
    budget: &'a Budget,
}

impl<'d, E: Endian> Context<'_, 'd, E> {
    /// None if the unit has no code or cannot be read.
    fn read_unit(&self, index: usize) -> Option<UnitPieces<'d>> {
        let unit = self.table.unit(index)?;
        if unit.is_type_unit() {
            return None;
        }
        let mut files = paths::Files::new(unit, self.table, self.budget);
        let tree = tree::read(self, index, unit, &mut files);
        let lines = lines::read(self, unit, &mut files).unwrap_or_default();
        let lines_alone = !unit.is_skeleton && !unit.is_partial;
        Some(pieces::join(tree, &lines, files.into_paths(), lines_alone))
            .filter(|pieces| !pieces.pieces.is_empty())
    }
}
