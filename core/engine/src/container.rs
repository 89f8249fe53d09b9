//! The file that every index is kept in: typed sections under checksums.
//!
//! Writing an index and reading one number of it back:
//!
//! ```
//! use symbolicator_engine::container::{Container, Kind, Writer};
//! use symbolicator_engine::mapped::Bytes;
//!
//! let kind = Kind { tag: 1, version: 3 };
//! let mut writer = Writer::new(kind);
//! writer.section(7, 42u32.to_le_bytes().to_vec());
//! let container = Container::open(Bytes::Owned(writer.finish()), kind)?;
//! let section = container.section(7)?;
//! assert_eq!(container.u32_at(section, 0)?, 42);
//! # Ok::<(), symbolicator_engine::container::IndexError>(())
//! ```
//!
//! # Layout, version 2 (all numbers little endian)
//!
//! | offset | size | field |
//! |---|---|---|
//! | 0 | 8 | magic `SYMINDEX` |
//! | 8 | 4 | version of this container (2) |
//! | 12 | 4 | kind of index |
//! | 16 | 4 | version of that kind's format |
//! | 20 | 4 | number of sections, at most 64 |
//! | 24 | 8 | length of the file |
//! | 32 | 8 | XXH3-64 of the header (with this field zero), section table and block checksums |
//! | 40 | 24 × n | section table: id (u32), zero (u32), offset (u64), length (u64) |
//! | … | 8 × m | XXH3-64 of every 4 KiB block of the data, the last one shorter |
//! | … | … | data: the sections, each aligned to 8 bytes |
//!
//! Opening checks the header alone, so it costs the same for any size. A block is checked when
//! it is first read, so that a flipped bit is an error and never a wrong answer.
//!
//! # History
//!
//! * 2: blocks of 4 KiB instead of 64: the first lookups spent most of their time on checksums.
//! * 1: first version.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use crate::mapped::Bytes;

const MAGIC: &[u8; 8] = b"SYMINDEX";
const CONTAINER_VERSION: u32 = 2;
const HEADER_LEN: usize = 40;
const CHECKSUM_FIELD: Range<usize> = 32..40;
const ENTRY_LEN: usize = 24;
const MAX_SECTIONS: u32 = 64;
const BLOCK_LEN: usize = 4 * 1024;

/// Why an index file cannot be used. The remedy is always the same: build it again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// The bytes are no index, or of another kind.
    #[error("not an index file of this kind")]
    WrongKind,
    /// The index was written by another version.
    #[error("index file has format version {found}, this build reads {expected}")]
    WrongVersion {
        /// The version in the file.
        found: u32,
        /// The version this build reads.
        expected: u32,
    },
    /// A length, an offset or a checksum does not hold.
    #[error("index file is damaged: {0}")]
    Damaged(&'static str),
}

/// What an index holds, and in which version of its format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Distinguishes the kinds of index.
    pub tag: u32,
    /// Version of this kind's sections.
    pub version: u32,
}

/// Collects sections and writes the file.
pub struct Writer {
    kind: Kind,
    sections: Vec<(u32, Parts)>,
}

/// The bytes of one section, in pieces that follow each other.
pub type Parts = Vec<Vec<u8>>;

impl Writer {
    /// Starts a file of the given kind.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self { kind, sections: Vec::new() }
    }

    /// Adds a section. Ids are chosen by the kind; each is used once, at most 64 in all.
    pub fn section(&mut self, id: u32, data: Vec<u8>) {
        self.section_of(id, vec![data]);
    }

    /// Adds a section that was made in pieces.
    pub fn section_of(&mut self, id: u32, parts: Parts) {
        debug_assert!(self.sections.iter().all(|(other, _)| *other != id));
        debug_assert!(self.sections.len() < MAX_SECTIONS as usize);
        self.sections.push((id, parts));
    }

    /// Length of the file in bytes.
    #[must_use]
    pub fn file_len(&self) -> usize {
        self.data_start() + self.data_len()
    }

    /// Returns the bytes of the finished file.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.file_len());
        self.finish_into(|bytes| out.extend_from_slice(bytes));
        out
    }

    /// Hands the finished file to `append`, piece by piece. Each piece is freed behind its use, so that a long
    /// file is hardly ever in memory twice.
    pub fn finish_into(self, mut append: impl FnMut(&[u8])) {
        append(&self.header());
        for (_, parts) in self.sections {
            let len = parts_len(&parts);
            parts.into_iter().for_each(|part| append(&part));
            append(padding(len));
        }
    }

    fn data_len(&self) -> usize {
        self.sections.iter().map(|(_, parts)| padded(parts_len(parts))).sum()
    }

    fn data_start(&self) -> usize {
        HEADER_LEN + self.sections.len() * ENTRY_LEN + self.data_len().div_ceil(BLOCK_LEN) * 8
    }

    /// Everything before the data.
    fn header(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        for field in [CONTAINER_VERSION, self.kind.tag, self.kind.version, self.sections.len() as u32] {
            out.extend_from_slice(&field.to_le_bytes());
        }
        out.extend_from_slice(&(self.file_len() as u64).to_le_bytes());
        out.extend_from_slice(&0u64.to_le_bytes());
        let mut offset = self.data_start();
        for (id, parts) in &self.sections {
            let len = parts_len(parts);
            out.extend_from_slice(&id.to_le_bytes());
            out.extend_from_slice(&0u32.to_le_bytes());
            out.extend_from_slice(&(offset as u64).to_le_bytes());
            out.extend_from_slice(&(len as u64).to_le_bytes());
            offset += padded(len);
        }
        self.block_checksums(&mut out);
        let checksum = xxh3_64(&out);
        out[CHECKSUM_FIELD].copy_from_slice(&checksum.to_le_bytes());
        out
    }

    fn block_checksums(&self, out: &mut Vec<u8>) {
        let (mut hasher, mut room) = (Xxh3::new(), BLOCK_LEN);
        let mut feed = |mut bytes: &[u8]| {
            while !bytes.is_empty() {
                let (now, later) = bytes.split_at(room.min(bytes.len()));
                hasher.update(now);
                (bytes, room) = (later, room - now.len());
                if room == 0 {
                    out.extend_from_slice(&hasher.digest().to_le_bytes());
                    hasher.reset();
                    room = BLOCK_LEN;
                }
            }
        };
        for (_, parts) in &self.sections {
            parts.iter().for_each(|part| feed(part));
            feed(padding(parts_len(parts)));
        }
        if room < BLOCK_LEN {
            out.extend_from_slice(&hasher.digest().to_le_bytes());
        }
    }
}

fn parts_len(parts: &[Vec<u8>]) -> usize {
    parts.iter().map(Vec::len).sum()
}

/// Zeros that fill a section of `len` bytes up.
fn padding(len: usize) -> &'static [u8] {
    &[0; 8][..padded(len) - len]
}

fn padded(len: usize) -> usize {
    len.div_ceil(8) * 8
}

fn block_range(block: usize, data_start: usize, file_len: usize) -> Range<usize> {
    let start = data_start + block * BLOCK_LEN;
    start..(start + BLOCK_LEN).min(file_len)
}

/// Where a section lies in the file. Copies freely; used with the container it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    start: usize,
    len: usize,
}

impl Section {
    /// Length in bytes.
    #[must_use]
    pub fn len(self) -> usize {
        self.len
    }

    /// Whether the section has no bytes.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len == 0
    }
}

/// An opened index file.
pub struct Container {
    bytes: Bytes,
    sections: Vec<(u32, Section)>,
    data_start: usize,
    /// One bit a block: set once its checksum held.
    verified: Vec<AtomicU64>,
}

impl Container {
    /// Opens `bytes` as an index of the given kind. Cost does not depend on the file's length.
    pub fn open(bytes: Bytes, kind: Kind) -> Result<Self, IndexError> {
        let header = bytes.get(..HEADER_LEN).ok_or(IndexError::WrongKind)?;
        if &header[..8] != MAGIC || u32_in(header, 12)? != kind.tag {
            return Err(IndexError::WrongKind);
        }
        check_version(u32_in(header, 8)?, CONTAINER_VERSION)?;
        check_version(u32_in(header, 16)?, kind.version)?;
        let count = u32_in(header, 20)?;
        if count > MAX_SECTIONS {
            return Err(IndexError::Damaged("too many sections"));
        }
        if u64_in(header, 24)? != bytes.len() as u64 {
            return Err(IndexError::Damaged("the file was cut off"));
        }
        let table_end = HEADER_LEN + count as usize * ENTRY_LEN;
        let data_start = data_start(bytes.len(), table_end)?;
        check_header(&bytes[..data_start])?;
        let sections = read_sections(&bytes[HEADER_LEN..table_end], data_start, bytes.len())?;
        let blocks = (bytes.len() - data_start).div_ceil(BLOCK_LEN);
        let verified = (0..blocks.div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        Ok(Self { bytes, sections, data_start, verified })
    }

    /// Finds the section with this id.
    pub fn section(&self, id: u32) -> Result<Section, IndexError> {
        self.sections
            .iter()
            .find_map(|&(other, section)| (other == id).then_some(section))
            .ok_or(IndexError::Damaged("a section is missing"))
    }

    /// Returns `range` (bytes, relative to the section) after checking that it is undamaged.
    pub fn read(&self, section: Section, range: Range<usize>) -> Result<&[u8], IndexError> {
        if range.start > range.end || range.end > section.len {
            return Err(IndexError::Damaged("an offset points outside its section"));
        }
        let range = section.start + range.start..section.start + range.end;
        self.verify_range(&range)?;
        Ok(&self.bytes[range])
    }

    /// Returns the `index`th little endian u32 of a section.
    pub fn u32_at(&self, section: Section, index: usize) -> Result<u32, IndexError> {
        u32_in(self.array(section, index, 4)?, 0)
    }

    /// Returns the `index`th little endian u64 of a section.
    pub fn u64_at(&self, section: Section, index: usize) -> Result<u64, IndexError> {
        u64_in(self.array(section, index, 8)?, 0)
    }

    /// Returns element `index` of a section seen as an array of `width`-byte elements.
    pub fn array(&self, section: Section, index: usize, width: usize) -> Result<&[u8], IndexError> {
        let start = index.checked_mul(width).ok_or(IndexError::Damaged("an index overflows"))?;
        let end = start.checked_add(width).ok_or(IndexError::Damaged("an index overflows"))?;
        self.read(section, start..end)
    }

    /// Checks every block now: for a file that came from elsewhere.
    pub fn verify(&self) -> Result<(), IndexError> {
        self.verify_range(&(self.data_start..self.bytes.len()))
    }

    fn verify_range(&self, range: &Range<usize>) -> Result<(), IndexError> {
        if range.is_empty() {
            return Ok(());
        }
        let first = (range.start - self.data_start) / BLOCK_LEN;
        let last = (range.end - 1 - self.data_start) / BLOCK_LEN;
        (first..=last).try_for_each(|block| self.verify_block(block))
    }

    fn verify_block(&self, block: usize) -> Result<(), IndexError> {
        let (word, bit) = (&self.verified[block / 64], 1u64 << (block % 64));
        if word.load(Ordering::Relaxed) & bit != 0 {
            return Ok(());
        }
        let blocks = (self.bytes.len() - self.data_start).div_ceil(BLOCK_LEN);
        let expected = u64_in(&self.bytes, self.data_start - (blocks - block) * 8)?;
        let range = block_range(block, self.data_start, self.bytes.len());
        if xxh3_64(&self.bytes[range]) != expected {
            return Err(IndexError::Damaged("a checksum does not match"));
        }
        // Two threads may both get here: they set the same bit to the same truth.
        word.fetch_or(bit, Ordering::Relaxed);
        Ok(())
    }
}

fn check_version(found: u32, expected: u32) -> Result<(), IndexError> {
    if found == expected { Ok(()) } else { Err(IndexError::WrongVersion { found, expected }) }
}

/// Solves `data_start = table_end + 8 * blocks(file_len - data_start)` for the one block count
/// that a writer can have produced.
fn data_start(file_len: usize, table_end: usize) -> Result<usize, IndexError> {
    let rest = file_len.checked_sub(table_end).ok_or(IndexError::Damaged("the file was cut off"))?;
    let blocks = rest.div_ceil(BLOCK_LEN + 8);
    let start = table_end + blocks * 8;
    if start <= file_len && (file_len - start).div_ceil(BLOCK_LEN) == blocks {
        Ok(start)
    } else {
        Err(IndexError::Damaged("the file's length is impossible"))
    }
}

fn check_header(header: &[u8]) -> Result<(), IndexError> {
    let expected = u64_in(header, CHECKSUM_FIELD.start)?;
    let mut copy = header.to_vec();
    copy[CHECKSUM_FIELD].fill(0);
    if xxh3_64(&copy) == expected {
        Ok(())
    } else {
        Err(IndexError::Damaged("the header's checksum does not match"))
    }
}

fn read_sections(
    table: &[u8],
    data_start: usize,
    file_len: usize,
) -> Result<Vec<(u32, Section)>, IndexError> {
    table
        .chunks_exact(ENTRY_LEN)
        .map(|entry| {
            let id = u32_in(entry, 0)?;
            let (start, len) = (u64_in(entry, 8)?, u64_in(entry, 16)?);
            let end = start.checked_add(len).ok_or(IndexError::Damaged("a section is too long"))?;
            if start < data_start as u64 || end > file_len as u64 {
                return Err(IndexError::Damaged("a section lies outside the file"));
            }
            Ok((id, Section { start: start as usize, len: len as usize }))
        })
        .collect()
}

fn u32_in(bytes: &[u8], at: usize) -> Result<u32, IndexError> {
    let field = bytes.get(at..).and_then(<[u8]>::first_chunk);
    field.map(|b| u32::from_le_bytes(*b)).ok_or(IndexError::Damaged("a number is cut off"))
}

fn u64_in(bytes: &[u8], at: usize) -> Result<u64, IndexError> {
    let field = bytes.get(at..).and_then(<[u8]>::first_chunk);
    field.map(|b| u64::from_le_bytes(*b)).ok_or(IndexError::Damaged("a number is cut off"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: Kind = Kind { tag: 9, version: 1 };

    fn sample(len: usize) -> Vec<u8> {
        let mut writer = Writer::new(KIND);
        let data: Vec<u8> = (0..len).map(|i| (i % 251) as u8).collect();
        writer.section_of(1, data.chunks(70_001).map(<[u8]>::to_vec).collect());
        writer.section(2, vec![5; 3]);
        writer.finish()
    }

    #[test]
    fn sections_come_back_for_every_length_around_a_block() {
        for len in [0, 1, 7, 8, BLOCK_LEN - 9, BLOCK_LEN - 8, BLOCK_LEN, 3 * BLOCK_LEN + 1] {
            let container =
                Container::open(Bytes::Owned(sample(len)), KIND).unwrap_or_else(|e| panic!("{len}: {e}"));
            let section = container.section(1).unwrap();
            let data = container.read(section, 0..len).unwrap();
            assert!(data.iter().enumerate().all(|(i, &b)| b == (i % 251) as u8));
            assert_eq!(container.read(container.section(2).unwrap(), 0..3), Ok(&[5u8, 5, 5][..]));
            container.verify().unwrap();
        }
    }

    #[test]
    fn any_flipped_byte_is_noticed() {
        let good = sample(300);
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            let result = Container::open(Bytes::Owned(bad), KIND).and_then(|c| c.verify());
            assert!(result.is_err(), "byte {at}");
        }
    }

    #[test]
    fn any_truncation_is_noticed() {
        let good = sample(300);
        for len in 0..good.len() {
            assert!(Container::open(Bytes::Owned(good[..len].to_vec()), KIND).is_err());
        }
    }

    #[test]
    fn another_kind_or_version_is_refused_by_name() {
        let other = Container::open(Bytes::Owned(sample(3)), Kind { tag: 8, version: 1 });
        assert_eq!(other.err(), Some(IndexError::WrongKind));
        let newer = Container::open(Bytes::Owned(sample(3)), Kind { tag: 9, version: 2 });
        assert_eq!(newer.err(), Some(IndexError::WrongVersion { found: 1, expected: 2 }));
    }
}
