//! Which images stacks can lead through.

use super::arch::Arch;
use super::pointers::Pointers;

/// Indexes of the images (start, size) that registers or words of stacks point into, ascending.
#[must_use]
pub fn images_on_stacks(
    arch: Arch,
    stacks: &[&[u8]],
    registers: &[u64],
    images: &[(u64, u64)],
) -> Vec<usize> {
    let places = Places::new(images);
    let pointers = Pointers::of(arch, images.iter().copied());
    let mut is_used = vec![false; images.len()];
    let words = stacks.iter().flat_map(|stack| words(stack, arch));
    for value in registers.iter().copied().chain(words) {
        if let Some(used) = places.at(pointers.code(value)).and_then(|index| is_used.get_mut(index)) {
            *used = true;
        }
    }
    (0..images.len()).filter(|index| is_used.get(*index) == Some(&true)).collect()
}

fn words(stack: &[u8], arch: Arch) -> Box<dyn Iterator<Item = u64> + '_> {
    if arch.is_64() {
        Box::new(stack.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)))
    } else {
        Box::new(stack.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word).into()))
    }
}

/// Images by address.
pub(super) struct Places {
    /// Start, end and index, ascending by start.
    spans: Vec<(u64, u64, usize)>,
    /// The furthest end of any span up to each.
    reach: Vec<u64>,
}

/// Images that may lie around one another.
const MAX_ENCLOSING: usize = 64;

impl Places {
    pub(super) fn new(images: &[(u64, u64)]) -> Self {
        let span =
            |(index, (start, size)): (usize, &(u64, u64))| (*start, start.saturating_add(*size), index);
        let mut spans: Vec<_> = images.iter().enumerate().map(span).collect();
        spans.sort_unstable();
        let reach = spans.iter().scan(0, |furthest, (_, end, _)| {
            *furthest = (*end).max(*furthest);
            Some(*furthest)
        });
        Self { reach: reach.collect(), spans }
    }

    /// Index of the image that an address lies in; of the innermost of several.
    pub(super) fn at(&self, address: u64) -> Option<usize> {
        let after = self.spans.partition_point(|(start, _, _)| *start <= address);
        let near = (0..after).rev().take(MAX_ENCLOSING);
        let near = near.take_while(|at| self.reach.get(*at).is_some_and(|reach| address < *reach));
        let found = near.filter_map(|at| self.spans.get(at)).find(|(_, end, _)| address < *end);
        found.map(|(_, _, index)| *index)
    }
}
