//! The addresses where code can lie, and the test that debug info has to pass.

use std::ops::Range;

/// Ascending, disjoint ranges of virtual addresses that hold instructions.
///
/// A linker that drops a function leaves its debug info behind with an address of 0, −1 or −2.
/// None of these lies in an executable section, so one rule covers every such tombstone.
#[derive(Debug, Clone, Default)]
pub struct Code {
    joined: Vec<Range<u64>>,
    /// Where each of the ranges started before they were joined.
    starts: Vec<u64>,
}

impl Code {
    /// Sorts and joins `ranges`.
    #[must_use]
    pub fn new(mut ranges: Vec<Range<u64>>) -> Self {
        ranges.retain(|range| !range.is_empty());
        ranges.sort_unstable_by_key(|range| range.start);
        let starts = ranges.iter().map(|range| range.start).collect();
        let mut joined: Vec<Range<u64>> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match joined.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
        }
        Self { joined, starts }
    }

    /// The part of `range` that follows its start within one executable range; None if the start lies outside.
    #[must_use]
    pub fn clamp(&self, range: Range<u64>) -> Option<Range<u64>> {
        let code = self.containing(range.start)?;
        let end = range.end.min(code.end);
        (range.start < end).then_some(range.start..end)
    }

    /// The executable range around `address`.
    #[must_use]
    pub fn containing(&self, address: u64) -> Option<&Range<u64>> {
        let after = self.joined.partition_point(|range| range.start <= address);
        self.joined[..after].last().filter(|range| address < range.end)
    }

    /// Where the section around `address` ends, also where the next one follows at once.
    #[must_use]
    pub fn section_end(&self, address: u64) -> Option<u64> {
        let end = self.containing(address)?.end;
        let next = self.starts.get(self.starts.partition_point(|start| *start <= address));
        Some(next.map_or(end, |next| end.min(*next)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tombstones_and_overhangs_are_cut_off() {
        let code = Code::new(vec![0x2000..0x3000, 0x1000..0x1800, 0x1800..0x1900]);
        assert_eq!(code.clamp(0..0x5000), None);
        assert_eq!(code.clamp(u64::MAX - 1..u64::MAX), None);
        assert_eq!(code.clamp(0x1700..0x2100), Some(0x1700..0x1900));
        assert_eq!(code.clamp(0x1900..0x2100), None);
        assert_eq!(code.clamp(0x2fff..0x3000), Some(0x2fff..0x3000));
        let ends = [0x17ff, 0x1800, 0x1900, 0x2fff].map(|address| code.section_end(address));
        assert_eq!(ends, [Some(0x1800), Some(0x1900), None, Some(0x3000)]);
    }
}
