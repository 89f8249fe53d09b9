//! The methods of the class that is being read.

use super::layout::{MAX_ENTRIES, METHOD_LEN, method_hash};
use super::records::{Entry, EntryWriter};
use super::strings::Strings;

/// How a mapping file writes down that calls were inlined.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// A caller has the lines of the program of the entry before it, and one line of the source. ProGuard gives two
    /// methods that share their name and lines the same lines of the program, too, but each its range.
    ProGuard,
    /// A caller has the lines of the program of the entry before it.
    R8,
}

/// Entries of one class in the order of the mapping file, each with the id of its method's name in the program.
#[derive(Default)]
pub(super) struct Members {
    pub(super) entries: Vec<(u32, Entry)>,
}

/// The sections that methods are written to.
#[derive(Default)]
pub(super) struct Methods {
    pub(super) records: Vec<u8>,
    pub(super) entries: Vec<u8>,
    pub(super) entry_count: u64,
    /// Entries beyond what a method may have.
    pub(super) left_out: u64,
    groups: Vec<Group>,
}

/// A method of the program: hash and id of its name, and the place of its entries.
struct Group {
    hash: u32,
    name: u32,
    start: usize,
    end: usize,
}

impl Methods {
    /// Methods so far.
    pub(super) fn len(&self) -> usize {
        self.records.len() / METHOD_LEN
    }

    /// Writes the methods of a class, which is left empty.
    pub(super) fn put(&mut self, members: &mut Members, strings: &Strings, dialect: Dialect) {
        let entries = &mut members.entries;
        if !entries.is_sorted_by_key(|(name, _)| *name) {
            entries.sort_by_key(|(name, _)| *name);
        }
        mark_callers(entries, dialect);
        self.groups.clear();
        let mut start = 0;
        for chunk in entries.chunk_by(|left, right| left.0 == right.0) {
            let (name, end) = (chunk.first().map_or(0, |(name, _)| *name), start + chunk.len());
            let hash = method_hash(strings.get(name).unwrap_or_default());
            self.groups.push(Group { hash, name, start, end });
            start = end;
        }
        self.groups.sort_by_key(|group| group.hash);
        for group in &self.groups {
            let all = &entries[group.start..group.end];
            let kept = &all[..all.len().min(MAX_ENTRIES)];
            self.left_out += (all.len() - kept.len()) as u64;
            self.entry_count += kept.len() as u64;
            for field in [group.hash, group.name, self.entries.len() as u32, kept.len() as u32] {
                self.records.extend_from_slice(&field.to_le_bytes());
            }
            let mut writer = EntryWriter::new(&mut self.entries);
            kept.iter().for_each(|(_, entry)| writer.put(entry));
        }
        entries.clear();
    }
}

/// Tells which entries called the one before. `is_caller` says so far that one line of the source was written.
fn mark_callers(entries: &mut [(u32, Entry)], dialect: Dialect) {
    let mut last = None;
    for (name, entry) in entries {
        let place = entry.minified.map(|lines| (*name, lines));
        let may_be = dialect == Dialect::R8 || entry.is_caller;
        entry.is_caller = may_be && place.is_some() && place == last;
        last = place;
    }
}
