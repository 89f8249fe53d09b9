//! Units read by two threads: while `.debug_info` is inflated, or all at once.

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use gimli::SectionId;

use super::abbrevs::AbbrevTables;
use super::paths::Files;
use super::shared::Shared;
use super::split::{SplitUnit, SplitUnits};
use super::stream::{Placed, Queue, UnitStream};
use super::units::{Unit, Units};
use super::{Context, Endian, Sections, Tree, UnitPieces, Wanted, lines, pieces, tree};
use crate::symbols::code::Code;
use crate::symbols::companions::{Companions, Missing};

/// Reads units. The results come in the order of the units; with them the split units that are missing. If it is
/// cancelled, some of them.
pub(in crate::symbols) fn read_units<'d, 's, E: Endian>(
    sections: &'d Sections<'s>,
    companions: &'d Companions<'s>,
    endian: E,
    code: &Code,
    wanted: Wanted<'_>,
) -> (Vec<UnitPieces<'d>>, Vec<Missing>) {
    let chosen = wanted.units(sections, endian);
    if chosen.as_ref().is_some_and(BTreeSet::is_empty) {
        return (Vec::new(), Vec::new());
    }
    let split = SplitUnits::new(&companions.split, endian);
    let shared = OnceLock::new();
    let reading = Reading { sections, companions, endian, code, wanted, chosen, split, shared };
    let mut results = match reading.stream() {
        Some(stream) => reading.streamed(stream),
        None => reading.at_once(),
    };
    results.sort_unstable_by_key(|(unit, _)| *unit);
    (results.into_iter().map(|(_, pieces)| pieces).collect(), reading.split.into_missing())
}

type Results<'d> = Vec<(usize, UnitPieces<'d>)>;

struct Reading<'a, 'd, 's, E: Endian> {
    sections: &'d Sections<'s>,
    companions: &'d Companions<'s>,
    endian: E,
    code: &'a Code,
    wanted: Wanted<'a>,
    /// Offsets of the only units to read, where they are known beforehand.
    chosen: Option<BTreeSet<usize>>,
    split: SplitUnits<'d>,
    shared: OnceLock<Shared<'d, E>>,
}

impl<'d, 's, E: Endian> Reading<'_, 'd, 's, E> {
    /// The units one by one, if they are compressed and none refers to another.
    fn stream(&self) -> Option<UnitStream<'s, E>> {
        if self.companions.supplementary.is_some() {
            return None;
        }
        let packed = self.sections.packed(SectionId::DebugInfo)?;
        let abbrevs = AbbrevTables::new(self.sections.get(SectionId::DebugAbbrev));
        if abbrevs.refer_to_other_units() {
            None
        } else {
            UnitStream::new(packed, self.endian, self.sections.cancel.clone())
        }
    }

    fn shared(&self) -> &Shared<'d, E> {
        self.shared.get_or_init(|| Shared::new(self.sections, self.companions, self.endian))
    }

    /// One thread inflates units, the other reads them; the first helps when the second falls behind.
    fn streamed(&self, mut stream: UnitStream<'_, E>) -> Results<'d> {
        let queue = Queue::default();
        let read = |(start, bytes): Placed, done: &mut Results<'d>| {
            let units = Units::new(self.shared(), &bytes, start);
            done.extend(self.read_unit(&units, 0).map(|pieces| (start, pieces)));
            drop(units);
            queue.give_back(bytes);
        };
        let mut inflate = |done: &mut Results<'d>| {
            let _closing = queue.closing();
            while self.is_more_wanted(stream.offset()) && !self.sections.cancel.is_cancelled() {
                let start = stream.offset();
                let Some(bytes) = stream.next(queue.buffer()) else { return };
                if self.is_chosen(start) {
                    queue.push((start, bytes));
                } else {
                    queue.give_back(bytes);
                }
                if self.shared.get().is_some()
                    && let Some(unit) = queue.pop_surplus()
                {
                    read(unit, done);
                }
            }
        };
        std::thread::scope(|scope| {
            let other = scope.spawn(|| {
                let mut done = Vec::new();
                self.shared();
                while let Some(unit) = queue.pop() {
                    read(unit, &mut done);
                }
                done
            });
            let mut done = Vec::new();
            inflate(&mut done);
            while let Some(unit) = queue.pop() {
                read(unit, &mut done);
            }
            done.extend(joined(other));
            done
        })
    }

    /// Inflates everything, then reads the units with all threads.
    fn at_once(&self) -> Results<'d> {
        let info = std::thread::scope(|scope| {
            let other = scope.spawn(|| self.shared().endian);
            let info = self.sections.get(SectionId::DebugInfo);
            joined(other);
            info
        });
        let units = Units::new(self.shared(), info, 0);
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            loop {
                let unit = next.fetch_add(1, Ordering::Relaxed);
                if unit >= units.len() || self.sections.cancel.is_cancelled() {
                    return done;
                }
                done.extend(self.read_unit(&units, unit).map(|pieces| (unit, pieces)));
            }
        };
        std::thread::scope(|scope| {
            let other = scope.spawn(work);
            let mut done = work();
            done.extend(joined(other));
            done
        })
    }

    /// None if the unit has no code, is not wanted or cannot be read.
    fn read_unit(&self, units: &Units<'_, 'd, E>, index: usize) -> Option<UnitPieces<'d>> {
        if self.sections.cancel.is_cancelled() || !self.is_chosen(units.start(index)?) {
            return None;
        }
        let unit = units.unit(index)?;
        if unit.is_type_unit() || !(self.chosen.is_some() || units.may_cover(unit, self.wanted)) {
            return None;
        }
        let context = Context { units, code: self.code, wanted: self.wanted };
        let mut files = Files::new(unit, units);
        let split = self.split.of(unit);
        let tree = match split {
            Some(split) => self.split_tree(split, units, unit, &mut files).unwrap_or_default(),
            None => tree::read(&context, index, unit, &mut files),
        };
        let lines = lines::read(&context, unit, &mut files).unwrap_or_default();
        let lines_alone = (!unit.is_skeleton || split.is_some()) && !unit.is_partial;
        let alone = lines_alone.then_some(self.wanted);
        Some(pieces::join(tree, &lines, files.into_paths(), alone)).filter(|pieces| !pieces.pieces.is_empty())
    }

    /// The tree of the other half of a skeleton.
    fn split_tree<'u>(
        &self,
        split: SplitUnit<'d>,
        units: &Units<'u, 'd, E>,
        skeleton: &Unit<'u, E>,
        files: &mut Files<'_, 'u, 'd, E>,
    ) -> Option<Tree<'d>> {
        let budget = &units.shared.budget;
        if !budget.take_split_bytes(split.len()) {
            return None;
        }
        let inherited = units.inheritance(skeleton);
        let shared = split.shared(self.sections, self.endian, budget.clone(), inherited);
        let units = Units::new(&shared, split.info(), 0);
        let is_other_half =
            |index: &usize| units.unit(*index).is_some_and(|unit| unit.dwo_id == skeleton.dwo_id);
        let index = (0..units.len()).find(is_other_half)?;
        let context = Context { units: &units, code: self.code, wanted: self.wanted };
        Some(tree::read(&context, index, units.unit(index)?, files))
    }

    /// Whether the unit at an offset is one to read, as far as that is known beforehand.
    fn is_chosen(&self, start: usize) -> bool {
        self.chosen.as_ref().is_none_or(|chosen| chosen.contains(&start))
    }

    /// Whether there may be such a unit from an offset on.
    fn is_more_wanted(&self, offset: usize) -> bool {
        self.chosen.as_ref().is_none_or(|chosen| chosen.last().is_some_and(|last| *last >= offset))
    }
}

/// A panic in a thread is a bug; whoever waits for it is to see it as its own.
fn joined<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
