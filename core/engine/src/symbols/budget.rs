//! Limits on work that a small file can ask for by pointing at the same bytes again and again.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a conversion may still spend. Shared by its threads.
pub(super) struct Budget {
    ranges: AtomicU64,
    line_bytes: AtomicU64,
    path_bytes: AtomicU64,
    abbrev_bytes: AtomicU64,
    scope_bytes: AtomicU64,
    split_bytes: AtomicU64,
}

impl Budget {
    /// A budget for debug info of this many bytes: several times what any real file needs.
    pub(super) fn new(ranges_len: u64, lines_len: u64, abbrevs_len: u64, split_len: u64) -> Self {
        Self {
            ranges: AtomicU64::new(ranges_len / 2 + 4096),
            line_bytes: AtomicU64::new(lines_len.saturating_mul(4) + 65536),
            path_bytes: AtomicU64::new(lines_len.saturating_mul(64) + (64 << 20)),
            abbrev_bytes: AtomicU64::new(abbrevs_len.saturating_mul(4) + 65536),
            scope_bytes: AtomicU64::new(ranges_len.saturating_mul(8) + (64 << 20)),
            split_bytes: AtomicU64::new(split_len.saturating_mul(4)),
        }
    }

    /// Address ranges of functions and inlined calls.
    pub(super) fn take_range(&self) -> bool {
        take(&self.ranges, 1)
    }

    /// Bytes of line programs, headers included.
    pub(super) fn take_line_bytes(&self, count: u64) -> bool {
        take(&self.line_bytes, count)
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
}

fn take(rest: &AtomicU64, count: u64) -> bool {
    rest.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |rest| rest.checked_sub(count)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spent_is_gone_and_a_refusal_costs_nothing() {
        let budget = Budget::new(0, 0, 0, 0);
        assert!(budget.take_line_bytes(65000));
        assert!(!budget.take_line_bytes(1000));
        assert!(budget.take_line_bytes(536));
        assert!(!budget.take_line_bytes(1));
    }
}
