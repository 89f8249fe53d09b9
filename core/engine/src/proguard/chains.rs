//! Entries of one method as chains of inlined calls, and the chains as overloads.
//!
//! An entry and the callers behind it are one chain, innermost call first. What the last call of a chain is tells which of several methods of the source,
//! which share a name in the program, it belongs to.

use std::ops::Range as Indices;

use super::records::Entry;

/// Calls of a chain that are shown.
pub(super) const MAX_CALLS: usize = 512;

/// Calls that are one frame of the program: indices of their entries.
pub(super) type Chain = Indices<usize>;

/// The chains of a method in the order of the mapping file.
pub(super) fn chains(entries: &[Entry]) -> impl Iterator<Item = Chain> + '_ {
    let mut start = 0;
    entries.chunk_by(|_, next| next.is_caller).map(move |chunk| {
        let chain = start..start + chunk.len();
        start = chain.end;
        chain
    })
}

/// Whether a chain has lines of the program, `line` among them.
pub(super) fn has_line(entries: &[Entry], chain: &Chain, line: u32) -> bool {
    let minified = entries.get(chain.start).and_then(|entry| entry.minified);
    minified.is_some_and(|(first, last)| (first..=last).contains(&line))
}

/// Whether a chain is for any line of the program.
pub(super) fn is_for_any_line(entries: &[Entry], chain: &Chain) -> bool {
    entries.get(chain.start).is_some_and(|entry| entry.minified.is_none())
}

/// Signature of the outermost call.
pub(super) fn outermost(entries: &[Entry], chain: &Chain) -> Option<u32> {
    chain.end.checked_sub(1).and_then(|last| entries.get(last)).map(|entry| entry.signature)
}

/// Keeps the first chain of each overload.
pub(super) fn first_of_each(entries: &[Entry], chains: &mut Vec<Chain>) {
    let mut seen = Vec::new();
    chains.retain(|chain| {
        let overload = outermost(entries, chain);
        let is_new = !seen.contains(&overload);
        if is_new && seen.len() < MAX_OVERLOADS {
            seen.push(overload);
        }
        is_new && seen.len() <= MAX_OVERLOADS
    });
    chains.truncate(MAX_OVERLOADS);
}

/// Overloads that are told apart.
const MAX_OVERLOADS: usize = 64;

/// Lines of the source for a call at `line` of the program; several where the mapping does not say which; 0 unknown.
pub(super) fn lines_of(entry: &Entry, line: u32) -> (u32, u32) {
    let Some((first, last)) = entry.original else { return (line, line) };
    if first == last {
        return (first, first);
    }
    match entry.minified {
        Some((start, end)) if end - start == last - first && (start..=end).contains(&line) => {
            let exact = first + (line - start);
            (exact, exact)
        }
        Some((start, end)) if !(start..=end).contains(&line) => (0, 0),
        _ => (first, last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(minified: Option<(u32, u32)>, original: Option<(u32, u32)>, is_caller: bool) -> Entry {
        Entry { minified, original, signature: 0, is_caller, facts: None }
    }

    #[test]
    fn callers_belong_to_what_they_called() {
        let entries = [false, true, false, false, true, true].map(|is_caller| entry(None, None, is_caller));
        assert_eq!(chains(&entries).collect::<Vec<_>>(), [0..2, 2..3, 3..6]);
    }

    #[test]
    fn lines_move_with_the_program_unless_only_one_is_known() {
        let cases = [
            (Some((3, 5)), Some((70, 72)), 4, (71, 71)),
            (Some((3, 5)), Some((70, 70)), 4, (70, 70)),
            (Some((3, 5)), None, 4, (4, 4)),
            (Some((1, 1)), Some((42, 44)), 1, (42, 44)),
            (None, Some((42, 44)), 9, (42, 44)),
            (None, None, 9, (9, 9)),
            (Some((3, 5)), Some((70, 72)), 0, (0, 0)),
        ];
        for (minified, original, line, expected) in cases {
            assert_eq!(lines_of(&entry(minified, original, false), line), expected);
        }
    }
}
