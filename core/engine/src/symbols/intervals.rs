//! Which of many overlapping address ranges answers at an address.
//!
//! Compilers nest ranges (inlined calls), linkers make them collide (folded functions, discarded
//! sections). Every such question is the same one: at each address, which range wins?
//!
//! ```
//! use symbolicator_engine::symbols::intervals::{Cover, Interval, flatten};
//!
//! let outer = Interval { start: 0, end: 9, priority: 0, item: 'f' };
//! let inner = Interval { start: 3, end: 5, priority: 1, item: 'g' };
//! let covers: Vec<Cover<char>> = flatten(vec![outer, inner]);
//! let expected = [(0, 3, 'f'), (3, 5, 'g'), (5, 9, 'f')];
//! assert_eq!(covers, expected.map(|(start, end, item)| Cover { start, end, item }));
//! ```

use std::collections::BinaryHeap;

/// A claim of `item` on the addresses from `start` up to, not including, `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval<P, T> {
    /// First address.
    pub start: u64,
    /// One past the last address.
    pub end: u64,
    /// The greatest one wins where intervals overlap.
    pub priority: P,
    /// What claims the addresses.
    pub item: T,
}

/// A stretch of addresses that belongs to `item` alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cover<T> {
    /// First address.
    pub start: u64,
    /// One past the last address.
    pub end: u64,
    /// What the addresses belong to.
    pub item: T,
}

/// Resolves overlaps: disjoint covers in ascending order, at most twice as many as intervals.
///
/// Takes O(n log n) time whatever the shape of the overlaps. Empty intervals claim nothing.
#[must_use]
pub fn flatten<P: Ord + Copy, T: Ord + Copy>(mut intervals: Vec<Interval<P, T>>) -> Vec<Cover<T>> {
    intervals.retain(|interval| interval.start < interval.end);
    intervals.sort_unstable_by_key(|interval| (interval.start, interval.priority, interval.item));
    let mut sweep = Sweep { active: BinaryHeap::new(), covers: Vec::with_capacity(intervals.len()), at: 0 };
    for interval in intervals {
        sweep.advance(interval.start);
        sweep.active.push((interval.priority, interval.item, interval.end));
    }
    sweep.advance(u64::MAX);
    sweep.covers
}

struct Sweep<P, T> {
    /// Claims that have begun; those that have ended leave when they come to the top.
    active: BinaryHeap<(P, T, u64)>,
    covers: Vec<Cover<T>>,
    /// Everything below this address is decided.
    at: u64,
}

impl<P: Ord + Copy, T: Ord + Copy> Sweep<P, T> {
    fn advance(&mut self, to: u64) {
        while let Some(&(_, item, end)) = self.active.peek() {
            if self.at < end.min(to) {
                self.emit(end.min(to), item);
            }
            if end > to {
                break;
            }
            self.active.pop();
        }
        self.at = to;
    }

    fn emit(&mut self, end: u64, item: T) {
        match self.covers.last_mut() {
            Some(last) if last.end == self.at && last.item == item => last.end = end,
            _ => self.covers.push(Cover { start: self.at, end, item }),
        }
        self.at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(intervals: &[Interval<u32, u32>], address: u64) -> Option<u32> {
        let hits = intervals.iter().filter(|i| i.start <= address && address < i.end);
        hits.max_by_key(|i| (i.priority, i.item)).map(|i| i.item)
    }

    /// A small generator of pseudo-random numbers keeps the test without dependencies.
    fn noise(state: &mut u64, below: u64) -> u64 {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 33) % below
    }

    #[test]
    fn every_address_belongs_to_the_strongest_claim() {
        let mut state = 7;
        for round in 0..2000 {
            let count = noise(&mut state, 12);
            let intervals: Vec<_> = (0..count)
                .map(|item| {
                    let start = noise(&mut state, 40);
                    let end = start + noise(&mut state, 20);
                    Interval { start, end, priority: noise(&mut state, 5) as u32, item: item as u32 }
                })
                .collect();
            let covers = flatten(intervals.clone());
            assert!(covers.windows(2).all(|w| w[0].end <= w[1].start), "round {round}");
            for address in 0..64 {
                let found = covers.iter().find(|c| c.start <= address && address < c.end).map(|c| c.item);
                assert_eq!(found, naive(&intervals, address), "round {round}, address {address}");
            }
        }
    }
}
