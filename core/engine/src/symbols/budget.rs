//! Limits on work that a small file can ask for by pointing at the same bytes again and again.

use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of sections, as far as limits depend on them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sizes {
    /// `.debug_info`.
    pub(super) info: u64,
    /// `.debug_ranges` and `.debug_rnglists`.
    pub(super) lists: u64,
    /// `.debug_line`.
    pub(super) lines: u64,
    /// `.debug_abbrev`.
    pub(super) abbrevs: u64,
    /// `.debug_info` of split units.
    pub(super) split: u64,
    /// All sections as they stand in the file: a bomb is small there.
    pub(super) packed: u64,
}

/// What a conversion may still spend. Shared by its threads.
pub(super) struct Budget {
    units: AtomicU64,
    ranges: AtomicU64,
    line_bytes: AtomicU64,
    rows: AtomicU64,
    path_bytes: AtomicU64,
    abbrev_bytes: AtomicU64,
    name_bytes: AtomicU64,
    scope_bytes: AtomicU64,
    split_bytes: AtomicU64,
}

impl Budget {
    /// A budget for debug info of these sizes: several times what any real file needs.
    pub(super) fn new(sizes: &Sizes) -> Self {
        let times = |size: u64, factor| size.saturating_mul(factor);
        let Sizes { info, lists, lines, abbrevs, split, packed } = *sizes;
        Self {
            units: AtomicU64::new(packed / 128 + 65536),
            ranges: AtomicU64::new((info / 2 + lists / 2).min(packed) + 65536),
            line_bytes: AtomicU64::new(times(lines, 4) + 65536),
            rows: AtomicU64::new(times(packed, 2) + (1 << 18)),
            path_bytes: AtomicU64::new(times(lines, 64).min(times(packed, 16)) + (64 << 20)),
            abbrev_bytes: AtomicU64::new(times(abbrevs, 4).min(times(packed, 4)) + 65536),
            name_bytes: AtomicU64::new(times(info, 8).min(times(packed, 64)) + (1 << 20)),
            scope_bytes: AtomicU64::new(
                times(info.saturating_add(lists), 8).min(times(packed, 32)) + (64 << 20),
            ),
            split_bytes: AtomicU64::new(times(split, 4)),
        }
    }

    /// Units: the least one has twelve bytes, and takes hundreds in memory.
    pub(super) fn take_unit(&self) -> bool {
        take(&self.units, 1)
    }

    /// Inlined calls, and address ranges of functions and inlined calls.
    pub(super) fn take_range(&self) -> bool {
        take(&self.ranges, 1)
    }

    /// Bytes of line programs, headers included.
    pub(super) fn take_line_bytes(&self, count: u64) -> bool {
        take(&self.line_bytes, count)
    }

    /// Rows of line tables.
    pub(super) fn take_rows(&self, count: u64) -> bool {
        take(&self.rows, count)
    }

    /// Takes back rows that were not needed after all.
    pub(super) fn give_back_rows(&self, count: u64) {
        self.rows.fetch_add(count, Ordering::Relaxed);
    }

    /// Bytes of abbreviation tables, which may overlap.
    pub(super) fn take_abbrev_bytes(&self, count: u64) -> bool {
        take(&self.abbrev_bytes, count)
    }

    /// Bytes of units in which scopes are looked for.
    pub(super) fn take_scope_bytes(&self, count: u64) -> bool {
        take(&self.scope_bytes, count)
    }

    /// Bytes of split units, which several skeletons may claim.
    pub(super) fn take_split_bytes(&self, count: u64) -> bool {
        take(&self.split_bytes, count)
    }

    /// Bytes of joined paths.
    pub(super) fn take_path_bytes(&self, count: u64) -> bool {
        take(&self.path_bytes, count)
    }

    /// Bytes of entries that name functions, which may overlap.
    pub(super) fn take_name_bytes(&self, count: u64) -> bool {
        take(&self.name_bytes, count)
    }
}

/// How many bytes of names may still be compared with other names.
pub(super) struct Effort(AtomicU64);

impl Effort {
    /// `room`: bytes that the names were read from.
    pub(super) fn new(room: u64) -> Self {
        Self(AtomicU64::new(room.saturating_mul(16).saturating_add(64 << 20)))
    }

    /// Whether so many bytes may be looked at.
    pub(super) fn take(&self, bytes: u64) -> bool {
        take(&self.0, bytes)
    }
}

fn take(rest: &AtomicU64, count: u64) -> bool {
    rest.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |rest| rest.checked_sub(count)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spent_is_gone_and_a_refusal_costs_nothing() {
        let budget = Budget::new(&Sizes::default());
        assert!(budget.take_line_bytes(65000));
        assert!(!budget.take_line_bytes(1000));
        assert!(budget.take_line_bytes(536));
        assert!(!budget.take_line_bytes(1));
    }
}
