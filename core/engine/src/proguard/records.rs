//! Entries and facts as the writer and the reader of the index share them.

use super::layout::{CONTINUES, HAS_FACTS, HAS_MINIFIED, HAS_ORIGINAL};
use super::parse::Range;
use crate::container::IndexError;
use crate::symbols::varint::{Reader, put, unzigzag, zigzag};

const DAMAGED: IndexError = IndexError::Damaged("an entry of a method cannot be read");
/// Rules and lines that facts may have.
const MAX_LISTED: u64 = 1 << 17;

/// A line of the mapping file that maps a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// Lines of the program.
    pub(super) minified: Option<Range>,
    /// Lines of the source.
    pub(super) original: Option<Range>,
    pub(super) signature: u32,
    /// It called the entry before.
    pub(super) is_caller: bool,
    /// Offset of its facts.
    pub(super) facts: Option<u32>,
}

/// What the next entry counts from.
#[derive(Default)]
struct Last {
    minified: u32,
    original: u32,
    signature: u32,
}

/// Appends entries of one method.
pub(super) struct EntryWriter<'a> {
    out: &'a mut Vec<u8>,
    last: Last,
}

impl<'a> EntryWriter<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, last: Last::default() }
    }

    pub(super) fn put(&mut self, entry: &Entry) {
        let bit = |is_set: bool, bit: u64| if is_set { bit } else { 0 };
        let head = bit(entry.minified.is_some(), HAS_MINIFIED)
            | bit(entry.original.is_some(), HAS_ORIGINAL)
            | bit(entry.facts.is_some(), HAS_FACTS)
            | bit(entry.is_caller, CONTINUES);
        put(self.out, head);
        if let Some(range) = entry.minified {
            put_range(self.out, range, &mut self.last.minified);
        }
        if let Some(range) = entry.original {
            put_range(self.out, range, &mut self.last.original);
        }
        put(self.out, zigzag(self.last.signature, entry.signature));
        self.last.signature = entry.signature;
        if let Some(facts) = entry.facts {
            put(self.out, u64::from(facts));
        }
    }
}

fn put_range(out: &mut Vec<u8>, (first, end): Range, last: &mut u32) {
    put(out, zigzag(*last, first));
    put(out, u64::from(end - first));
    *last = end;
}

/// Reads `count` entries of one method into `entries`, which is emptied first.
pub(super) fn read_entries(bytes: &[u8], count: usize, entries: &mut Vec<Entry>) -> Result<(), IndexError> {
    entries.clear();
    let (mut reader, mut last) = (Reader(bytes), Last::default());
    for _ in 0..count {
        entries.push(read_entry(&mut reader, &mut last).ok_or(DAMAGED)?);
    }
    Ok(())
}

fn read_entry(reader: &mut Reader<'_>, last: &mut Last) -> Option<Entry> {
    let head = reader.next()?;
    let minified = read_range(reader, head & HAS_MINIFIED != 0, &mut last.minified)?;
    let original = read_range(reader, head & HAS_ORIGINAL != 0, &mut last.original)?;
    last.signature = unzigzag(last.signature, reader.next()?)?;
    let facts = if head & HAS_FACTS != 0 { Some(reader.next_u32()?) } else { None };
    Some(Entry { minified, original, signature: last.signature, is_caller: head & CONTINUES != 0, facts })
}

/// The outer None: it cannot be read.
fn read_range(reader: &mut Reader<'_>, is_there: bool, last: &mut u32) -> Option<Option<Range>> {
    if !is_there {
        return Some(None);
    }
    let first = unzigzag(*last, reader.next()?)?;
    *last = first.checked_add(reader.next_u32()?)?;
    Some(Some((first, *last)))
}

/// What comments say about an entry. Strings are ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) rewrites: Vec<RewriteRule>,
    /// Lines of an outline, and the lines of the entry's method that take their place.
    pub(super) positions: Vec<(u32, u32)>,
}

/// Calls to leave out if the exception is one of the class of every id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RewriteRule {
    pub(super) throws: Vec<u32>,
    pub(super) remove: u32,
}

impl Facts {
    pub(super) fn put(&self, out: &mut Vec<u8>) {
        put(out, self.rewrites.len() as u64);
        for rule in &self.rewrites {
            put(out, rule.throws.len() as u64);
            rule.throws.iter().for_each(|id| put(out, u64::from(*id)));
            put(out, u64::from(rule.remove));
        }
        put(out, self.positions.len() as u64);
        for (from, to) in &self.positions {
            put(out, u64::from(*from));
            put(out, u64::from(*to));
        }
    }

    /// None if they cannot be read.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let rewrites = list(&mut reader, |reader| {
            Some(RewriteRule {
                throws: list(reader, |reader| reader.next_u32())?,
                remove: reader.next_u32()?,
            })
        })?;
        let positions = list(&mut reader, |reader| Some((reader.next_u32()?, reader.next_u32()?)))?;
        Some(Self { rewrites, positions })
    }
}

/// A count and as many items.
fn list<T>(reader: &mut Reader<'_>, item: impl Fn(&mut Reader<'_>) -> Option<T>) -> Option<Vec<T>> {
    let count = reader.next().filter(|count| *count <= MAX_LISTED)?;
    (0..count).map(|_| item(reader)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back() {
        let entries = [
            Entry {
                minified: Some((1, 5)),
                original: Some((90, 94)),
                signature: 7,
                is_caller: false,
                facts: None,
            },
            Entry {
                minified: Some((1, 5)),
                original: Some((4, 4)),
                signature: 3,
                is_caller: true,
                facts: Some(9),
            },
            Entry { minified: None, original: None, signature: u32::MAX, is_caller: false, facts: None },
            Entry {
                minified: Some((0, u32::MAX)),
                original: Some((0, 0)),
                signature: 0,
                is_caller: true,
                facts: None,
            },
        ];
        let mut bytes = Vec::new();
        let mut writer = EntryWriter::new(&mut bytes);
        entries.iter().for_each(|entry| writer.put(entry));
        let mut read = Vec::new();
        read_entries(&bytes, 4, &mut read).unwrap();
        assert_eq!(read, entries);
        for len in 0..bytes.len() {
            assert!(read_entries(&bytes[..len], 4, &mut read).is_err());
        }
    }

    #[test]
    fn facts_come_back() {
        let facts = Facts {
            rewrites: vec![RewriteRule { throws: vec![3, 70_000], remove: 2 }],
            positions: vec![(1, 4), (2, u32::MAX)],
        };
        let mut bytes = Vec::new();
        facts.put(&mut bytes);
        assert_eq!(Facts::read(&bytes), Some(facts));
        assert_eq!(Facts::read(&bytes[..bytes.len() - 1]), None);
        assert_eq!(Facts::read(&[0, 0]), Some(Facts::default()));
    }
}
