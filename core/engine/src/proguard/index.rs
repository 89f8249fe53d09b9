//! Reading a ProGuard index. Every number of the file is checked before it is used.

use std::borrow::Cow;

use super::layout::{
    CLASS_HASHES, CLASS_LEN, CLASS_STARTS, CLASSES, COUNTS, COUNTS_LEN, ENTRIES, FACTS, KIND, METHOD_LEN,
    METHODS, SIGNATURE_LEN, SIGNATURES, STRINGS, class_hash, method_hash,
};
use super::records::{Entry, Facts, read_entries};
use super::source_file::made_up;
use crate::container::{Container, IndexError, Section};
use crate::mapped::Bytes;
use crate::symbols::varint::Reader;

/// Bytes that are read of a list of facts at most.
const MAX_FACTS_LEN: usize = 1 << 20;
/// Bytes that most strings have with their length: those cost one read.
const MOST_STRINGS_LEN: usize = 64;

const DAMAGED_STRING: IndexError = IndexError::Damaged("a string lies outside its table");

/// How much a mapping file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Classes that it maps.
    pub classes: u32,
    /// Names of methods in the program, counted in each class.
    pub methods: u32,
    /// Lines about methods.
    pub entries: u32,
    /// Lines about fields.
    pub fields: u32,
    /// Lines that are too long to be any.
    pub too_long: u32,
    /// Entries beyond what one name of a method may have.
    pub left_out: u32,
    /// Whether any method has line numbers.
    pub has_lines: bool,
}

/// An index file, open for lookups. Nothing is parsed or copied before it is asked for.
pub struct Index {
    container: Container,
    counts: Counts,
    strings: Section,
    class_hashes: Section,
    class_starts: Section,
    classes: Section,
    methods: Section,
    entries: Section,
    signatures: Section,
    facts: Section,
}

/// A class of the program. Strings are ids.
#[derive(Debug, Clone, Copy)]
pub(super) struct Class {
    pub(super) original: u32,
    pub(super) source_file: u32,
    pub(super) flags: u32,
    first: u32,
    count: u32,
}

/// Where the entries of a method lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Method {
    start: u32,
    end: usize,
    pub(super) count: u32,
}

/// A method of the source. Strings are ids.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signature {
    pub(super) class: u32,
    pub(super) name: u32,
    pub(super) parameters: u32,
    pub(super) returns: u32,
    pub(super) source_file: u32,
    pub(super) flags: u32,
    /// Parameters in the program, where the mapping says them; else [`NONE`](super::NONE).
    pub(super) residual: u32,
}

impl Index {
    /// Opens an index. The cost does not depend on its size.
    pub fn open(bytes: Bytes) -> Result<Self, IndexError> {
        let container = Container::open(bytes, KIND)?;
        let section = |id| container.section(id);
        let counts = container.read(section(COUNTS)?, 0..COUNTS_LEN)?;
        let [classes, methods, entries, fields, too_long, left_out, has_lines] = numbers(counts);
        Ok(Self {
            counts: Counts {
                classes,
                methods,
                entries,
                fields,
                too_long,
                left_out,
                has_lines: has_lines != 0,
            },
            strings: section(STRINGS)?,
            class_hashes: section(CLASS_HASHES)?,
            class_starts: section(CLASS_STARTS)?,
            classes: section(CLASSES)?,
            methods: section(METHODS)?,
            entries: section(ENTRIES)?,
            signatures: section(SIGNATURES)?,
            facts: section(FACTS)?,
            container,
        })
    }

    /// How much the mapping file has.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Checks every checksum of the file now.
    pub fn verify(&self) -> Result<(), IndexError> {
        self.container.verify()
    }

    /// Name in the source of a class of the program; None if it is not mapped.
    pub fn class_name(&self, name: &str) -> Result<Option<Cow<'_, str>>, IndexError> {
        self.class(name)?.map(|class| self.string(class.original)).transpose()
    }

    /// The string with this id.
    pub fn string(&self, id: u32) -> Result<Cow<'_, str>, IndexError> {
        let bytes = self.bytes_of(id)?;
        Ok(std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed))
    }

    /// Name of the file that a class is written in where the mapping does not say it.
    pub fn made_up_file(&self, class: u32, is_kotlin: bool) -> Result<String, IndexError> {
        Ok(made_up(&self.string(class)?, is_kotlin))
    }

    pub(super) fn bytes_of(&self, id: u32) -> Result<&[u8], IndexError> {
        let start = id as usize;
        let head = start..self.strings.len().min(start.saturating_add(MOST_STRINGS_LEN));
        if head.is_empty() {
            return Err(DAMAGED_STRING);
        }
        let bytes = self.container.read(self.strings, head)?;
        let mut reader = Reader(bytes);
        let len = reader.next_u32().ok_or(DAMAGED_STRING)? as usize;
        if let Some(string) = reader.0.get(..len) {
            return Ok(string);
        }
        let start = start + bytes.len() - reader.0.len();
        self.container.read(self.strings, start..start.saturating_add(len))
    }

    /// The class with this name in the program; the last one where there are several.
    pub(super) fn class(&self, name: &str) -> Result<Option<Class>, IndexError> {
        let hash = class_hash(name.as_bytes());
        let (first, end) = self.classes_near(hash)?;
        let is_before = |index| Ok(self.container.u64_at(self.class_hashes, first + index)? <= hash);
        let mut at = first + partition(end - first, is_before)?;
        while at > first && self.container.u64_at(self.class_hashes, at - 1)? == hash {
            at -= 1;
            let record = self.container.array(self.classes, at, CLASS_LEN)?;
            let [own, original, source_file, flags, first, count] = numbers(record);
            if self.bytes_of(own)? == name.as_bytes() {
                return Ok(Some(Class { original, source_file, flags, first, count }));
            }
        }
        Ok(None)
    }

    /// The first class whose hash begins like this one, and the first behind those.
    fn classes_near(&self, hash: u64) -> Result<(usize, usize), IndexError> {
        let count = (self.class_starts.len() / 4).saturating_sub(1);
        if count < 2 || !count.is_power_of_two() {
            return Err(IndexError::Damaged("the classes are told apart by no number of bits"));
        }
        let bucket = (hash >> (64 - count.ilog2())) as usize;
        let first = self.container.u32_at(self.class_starts, bucket)? as usize;
        let end = self.container.u32_at(self.class_starts, bucket + 1)? as usize;
        if first > end || end > self.class_hashes.len() / 8 {
            return Err(IndexError::Damaged("classes lie outside of their table"));
        }
        Ok((first, end))
    }

    /// The method of a class with this name in the program.
    pub(super) fn method(&self, class: Class, name: &str) -> Result<Option<Method>, IndexError> {
        let hash = method_hash(name.as_bytes());
        let (first, count) = (class.first as usize, class.count as usize);
        let hash_at = |index: usize| {
            self.container.u32_at(self.methods, index.saturating_add(first).saturating_mul(METHOD_LEN / 4))
        };
        let mut at = partition(count, |index| Ok(hash_at(index)? < hash))?;
        while at < count && hash_at(at)? == hash {
            let [_, own, start, count] =
                numbers(self.container.array(self.methods, first + at, METHOD_LEN)?);
            if self.bytes_of(own)? == name.as_bytes() {
                let next = (first + at + 1).saturating_mul(METHOD_LEN);
                let is_last = next >= self.methods.len();
                let next = (first + at + 1).saturating_mul(METHOD_LEN / 4) + 2;
                let end = if is_last {
                    self.entries.len()
                } else {
                    self.container.u32_at(self.methods, next)? as usize
                };
                return Ok(Some(Method { start, end, count }));
            }
            at += 1;
        }
        Ok(None)
    }

    /// Reads the entries of a method into `entries`, which is emptied first.
    pub(super) fn entries(&self, method: Method, entries: &mut Vec<Entry>) -> Result<(), IndexError> {
        let bytes = self.container.read(self.entries, method.start as usize..method.end)?;
        // An entry has at least two numbers.
        if method.count as usize > bytes.len() {
            return Err(IndexError::Damaged("a method has more entries than there are"));
        }
        read_entries(bytes, method.count as usize, entries)
    }

    pub(super) fn signature(&self, id: u32) -> Result<Signature, IndexError> {
        let record = self.container.array(self.signatures, id as usize, SIGNATURE_LEN)?;
        let [class, name, parameters, returns, source_file, flags, residual] = numbers(record);
        Ok(Signature { class, name, parameters, returns, source_file, flags, residual })
    }

    pub(super) fn facts(&self, entry: &Entry) -> Result<Facts, IndexError> {
        let Some(offset) = entry.facts else { return Ok(Facts::default()) };
        let start = offset as usize;
        let end = self.facts.len().min(start.saturating_add(MAX_FACTS_LEN));
        let bytes = self.container.read(self.facts, start.min(end)..end)?;
        Facts::read(bytes).ok_or(IndexError::Damaged("what is said about a method cannot be read"))
    }
}

/// The first of `len` for which `is_before` does not hold any more.
fn partition(len: usize, is_before: impl Fn(usize) -> Result<bool, IndexError>) -> Result<usize, IndexError> {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low + (high - low) / 2;
        if is_before(middle)? { low = middle + 1 } else { high = middle }
    }
    Ok(low)
}

/// Little endian numbers; 0 where there are none.
fn numbers<const COUNT: usize>(record: &[u8]) -> [u32; COUNT] {
    let (fields, _) = record.as_chunks::<4>();
    std::array::from_fn(|index| fields.get(index).map_or(0, |field| u32::from_le_bytes(*field)))
}
