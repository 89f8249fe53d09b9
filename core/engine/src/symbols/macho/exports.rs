//! The export trie (`LC_DYLD_INFO`, `LC_DYLD_EXPORTS_TRIE`): the names that a library keeps when it is stripped.
//!
//! A node has an export or none, then edges: a piece of a name and the offset of the node that it leads to. The format
//! stands in `<mach-o/loader.h>` at `EXPORT_SYMBOL_FLAGS_KIND_MASK`.

use gimli::{EndianSlice, LittleEndian, Reader};

/// Names spell each prefix anew; those of real libraries take about ten times the bytes of the trie.
const MAX_NAME_RATIO: usize = 64;
const NAME_SLACK: usize = 1 << 16;
/// A name of C++ with templates has some thousand bytes.
const MAX_NAME: usize = 1 << 16;
/// A node has its size, the number of its edges, and an edge that leads to it: two bytes.
const MIN_NODE_AND_EDGE: usize = 4;

const KIND_MASK: u64 = 3;
const KIND_REGULAR: u64 = 0;
const WEAK_DEFINITION: u64 = 4;
const REEXPORT: u64 = 8;

type Bytes<'d> = EndianSlice<'d, LittleEndian>;

/// A name that other images can link with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Export {
    pub(super) name: Vec<u8>,
    /// From the start of the image.
    pub(super) offset: u64,
    pub(super) is_weak: bool,
}

/// Every export that has an address of its own, as far as the trie can be read.
pub(super) fn read(trie: &[u8]) -> Vec<Export> {
    let mut walk = Walk {
        trie,
        nodes_left: trie.len() / MIN_NODE_AND_EDGE + 1,
        bytes_left: trie.len().saturating_mul(MAX_NAME_RATIO).saturating_add(NAME_SLACK),
        waiting: vec![(0, Vec::new())],
        found: Vec::new(),
    };
    while let Some((offset, name)) = walk.waiting.pop() {
        if walk.nodes_left == 0 || walk.node(offset, &name).is_none() {
            break;
        }
        walk.nodes_left -= 1;
    }
    walk.found
}

struct Walk<'d> {
    trie: &'d [u8],
    /// Nodes that may still be read: in a loop, or where edges share nodes, there is no end to them.
    nodes_left: usize,
    bytes_left: usize,
    waiting: Vec<(u64, Vec<u8>)>,
    found: Vec<Export>,
}

impl Walk<'_> {
    fn node(&mut self, offset: u64, name: &[u8]) -> Option<()> {
        let mut node = Bytes::new(self.trie.get(usize::try_from(offset).ok()?..)?, LittleEndian);
        let size = node.read_uleb128().ok()?;
        let mut terminal = node.split(usize::try_from(size).ok()?).ok()?;
        if let Some((offset, is_weak)) = export(&mut terminal) {
            self.found.push(Export { name: name.to_vec(), offset, is_weak });
        }
        for _ in 0..node.read_u8().ok()? {
            let edge = node.read_null_terminated_slice().ok()?;
            let child = node.read_uleb128().ok()?;
            let name = [name, edge.slice()].concat();
            self.bytes_left = self.bytes_left.checked_sub(name.len())?;
            if name.len() <= MAX_NAME {
                self.waiting.push((child, name));
            }
        }
        Some(())
    }
}

/// Offset of what a node exports, and whether it is weak; None for what lies in another image or is no address.
fn export(terminal: &mut Bytes<'_>) -> Option<(u64, bool)> {
    let flags = terminal.read_uleb128().ok()?;
    let is_own = flags & REEXPORT == 0 && flags & KIND_MASK == KIND_REGULAR;
    // With a resolver the first address is the stub's: it is code by that name too.
    let offset = terminal.read_uleb128().ok().filter(|_| is_own)?;
    Some((offset, flags & WEAK_DEFINITION != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `_a` at 0x10, `_ab` at 0x80 (weak), `_x` from another library.
    const TRIE: &[u8] = &[
        0, 1, b'_', 0, 5, // root
        0, 2, b'a', 0, 13, b'x', 0, 21, // 5
        2, 0, 0x10, 1, b'b', 0, 26, 0, // 13
        3, 8, 1, 0, 0, // 21
        3, 4, 0x80, 1, 0, // 26
    ];

    #[test]
    fn names_are_put_together_from_the_edges() {
        let mut found = read(TRIE);
        found.sort_by_key(|export| export.offset);
        assert_eq!(
            found,
            [
                Export { name: b"_a".to_vec(), offset: 0x10, is_weak: false },
                Export { name: b"_ab".to_vec(), offset: 0x80, is_weak: true },
            ]
        );
    }

    #[test]
    fn loops_and_shared_nodes_come_to_an_end() {
        assert!(read(&[0, 1, b'a', 0, 0]).is_empty());
        assert!(read(&[0, 2, b'a', 0, 0, b'b', 0, 0]).is_empty());
        // Each of thirty nodes leads to the next one twice: a billion ways.
        let mut doubling: Vec<u8> =
            (0..30u8).flat_map(|at| [0, 2, b'a', 0, (at + 1) * 8, b'b', 0, (at + 1) * 8]).collect();
        doubling.extend([2, 0, 1, 0]);
        assert!(read(&doubling).len() < doubling.len());
    }

    #[test]
    fn a_trie_that_ends_early_gives_what_is_there() {
        for len in 0..TRIE.len() {
            assert!(read(&TRIE[..len]).len() <= 2);
        }
    }
}
