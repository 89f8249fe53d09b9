//! Memory of the process: where in the file the bytes of an address lie.

use std::ops::Range;

use minidump_common::format::{
    MINIDUMP_MEMORY_DESCRIPTOR, MINIDUMP_MEMORY_DESCRIPTOR64, MINIDUMP_STREAM_TYPE,
};
use scroll::Pread;

use super::source::{Source, as_len};
use super::values::Stack;

const MAX_REGIONS: usize = 1 << 20;
/// How many regions may begin before the one that holds an address and end before it.
const MAX_BEFORE: usize = 8;
/// How far above the stack pointer a stack may begin: one that overflowed points below its own memory.
const MAX_GAP: u64 = 1 << 20;

/// Bytes of the process: from an address on those at a place of the file.
#[derive(Clone, Debug)]
pub(super) struct Region {
    pub start: u64,
    pub place: Range<usize>,
}

impl Region {
    /// What a descriptor says and the file has; None if that is nothing.
    pub fn of(source: &Source<'_>, descriptor: &MINIDUMP_MEMORY_DESCRIPTOR) -> Option<Self> {
        let place = as_len(descriptor.memory.rva);
        Self::within(source, descriptor.start_of_memory_range, place, as_len(descriptor.memory.data_size))
    }

    fn within(source: &Source<'_>, start: u64, place: usize, len: usize) -> Option<Self> {
        let len = source.piece(place, len).len();
        start.checked_add(u64::try_from(len).ok()?)?;
        (len > 0).then(|| Self { start, place: place..place + len })
    }

    fn end(&self) -> u64 {
        self.start + self.place.len() as u64
    }

    /// Up to `limit` bytes from an address on; from the start on where the address is shortly before it.
    pub fn from(&self, address: u64, limit: usize) -> Option<Stack> {
        if address >= self.end() || self.start.saturating_sub(address) > MAX_GAP {
            return None;
        }
        let skipped = usize::try_from(address.saturating_sub(self.start)).ok()?;
        let place = self.place.start + skipped..self.place.end;
        let end = place.end.min(place.start.saturating_add(limit));
        Some(Stack { address: address.max(self.start), place: place.start..end })
    }
}

/// The memory lists of a dump.
pub(super) struct Memory(Vec<Region>);

impl Memory {
    pub fn read(source: &Source<'_>) -> Self {
        let listed: Vec<MINIDUMP_MEMORY_DESCRIPTOR> =
            source.list(MINIDUMP_STREAM_TYPE::MemoryListStream, MAX_REGIONS, "memory regions");
        let mut regions: Vec<Region> = listed.iter().filter_map(|one| Region::of(source, one)).collect();
        regions.extend(full(source));
        regions.sort_by_key(|region| (region.start, region.place.len()));
        Self(joined(regions))
    }

    /// Up to `limit` bytes from an address on.
    pub fn from(&self, address: u64, limit: usize) -> Option<Stack> {
        let after = self.0.partition_point(|region| region.start <= address);
        let candidates = self.0.get(after.saturating_sub(MAX_BEFORE)..after)?;
        candidates.iter().rev().find_map(|region| region.from(address, limit))
    }
}

/// Regions of a full dump, whose bytes lie one behind the other.
fn full(source: &Source<'_>) -> Vec<Region> {
    let Some(stream) = source.known(MINIDUMP_STREAM_TYPE::Memory64ListStream) else { return Vec::new() };
    let head =
        (stream.bytes.pread_with::<u64>(0, source.endian), stream.bytes.pread_with::<u64>(8, source.endian));
    let (Ok(count), Ok(base)) = head else { return Vec::new() };
    let (Ok(count), Ok(mut place)) = (usize::try_from(count), usize::try_from(base)) else {
        return Vec::new();
    };
    let rows = stream.bytes.get(16..).unwrap_or_default();
    let listed: Vec<MINIDUMP_MEMORY_DESCRIPTOR64> =
        source.entries(rows, count, MAX_REGIONS, "memory regions");
    let mut regions = Vec::new();
    for one in listed {
        let Ok(len) = usize::try_from(one.data_size) else { break };
        regions.extend(Region::within(source, one.start_of_memory_range, place, len));
        let Some(next) = place.checked_add(len) else { break };
        place = next;
    }
    regions
}

/// Regions that follow one another in memory and in the file are one: a stack has pages of several protections.
fn joined(regions: Vec<Region>) -> Vec<Region> {
    let mut out: Vec<Region> = Vec::with_capacity(regions.len());
    for region in regions {
        match out.last_mut() {
            Some(last) if last.end() == region.start && last.place.end == region.place.start => {
                last.place.end = region.place.end;
            }
            _ => out.push(region),
        }
    }
    out
}
