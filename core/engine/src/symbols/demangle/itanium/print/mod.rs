//! From a tree to text, as `c++filt` writes it.

mod expressions;
mod functions;
mod names;
mod operations;
mod scopes;
mod types;

use super::builtins::BUILTINS;
use super::node::{Id, List, NOTHING, Node, Span};
use super::tree::{DEPENDENT, SHARED, TRAILING, Tree};
use super::{Detail, MAX_DEMANGLED};
use scopes::Scopes;

/// Nodes in each other while printing: substitutions go deeper than the text that they stand in.
const MAX_NESTING: u32 = 320;
/// Nodes that may be printed for one name: a part that prints nothing costs time too.
const MAX_STEPS: u32 = 1 << 17;

/// What printing a name fills. Emptied, it can be filled again without allocating.
#[derive(Default)]
pub(super) struct Printed {
    pub(super) out: Vec<u8>,
    /// Where in `out` a shared node was printed; an end of 0 if nowhere. What is printed again is copied.
    places: Vec<(u32, u32)>,
}

/// Prints the nodes of one name.
pub(super) struct Printer<'a> {
    text: &'a [u8],
    tree: &'a Tree,
    out: &'a mut Vec<u8>,
    places: &'a mut Vec<(u32, u32)>,
    scopes: Scopes,
    /// Whether functions show their arguments.
    has_arguments: bool,
    /// The length when a comma was taken back that nothing followed.
    taken_back: usize,
    nesting: u32,
    steps: u32,
}

impl<'a> Printer<'a> {
    pub(super) fn new(text: &'a [u8], tree: &'a Tree, printed: &'a mut Printed, detail: Detail) -> Self {
        printed.out.clear();
        printed.places.clear();
        printed.places.resize(tree.len(), (0, 0));
        Self {
            text,
            tree,
            out: &mut printed.out,
            places: &mut printed.places,
            scopes: Scopes::default(),
            has_arguments: detail != Detail::NoArguments,
            taken_back: usize::MAX,
            nesting: 0,
            steps: 0,
        }
    }

    /// Prints the whole name.
    pub(super) fn root(&mut self, root: Id, detail: Detail) -> Option<()> {
        match self.tree.node(root) {
            Node::Encoding { name, function } => self.encoding(name, function, detail == Detail::Full),
            Node::QualifiedMember { name, .. } if !self.has_arguments => self.node(name),
            _ => self.node(root),
        }
    }

    pub(super) fn push(&mut self, text: &[u8]) -> Option<()> {
        if self.out.len() + text.len() > MAX_DEMANGLED {
            return None;
        }
        self.out.extend_from_slice(text);
        Some(())
    }

    fn push_number(&mut self, number: u32) -> Option<()> {
        let mut digits = [0_u8; 10];
        let mut start = digits.len();
        let mut rest = number;
        loop {
            start -= 1;
            digits[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.push(&digits[start..])
    }

    fn push_span(&mut self, span: Span) -> Option<()> {
        let text = self.text.get(span.start as usize..(span.start + span.len) as usize)?;
        self.push(text)
    }

    /// The last byte. c++filt takes a comma back without noticing, and joins the `>>` behind it.
    fn last(&self) -> u8 {
        if self.out.len() == self.taken_back { b' ' } else { self.out.last().copied().unwrap_or(0) }
    }

    fn enter(&mut self) -> Option<()> {
        self.nesting += 1;
        self.steps += 1;
        (self.nesting <= MAX_NESTING && self.steps <= MAX_STEPS).then_some(())
    }

    /// Prints a node and all beneath it.
    fn node(&mut self, id: Id) -> Option<()> {
        let (node, flags) = self.tree.get(id);
        match *node {
            Node::Name(span) => self.push_span(span),
            Node::Builtin(index) => self.push(builtin_name(index).as_bytes()),
            Node::Text(phrase) => self.push(phrase.text().as_bytes()),
            Node::Nothing => Some(()),
            _ => self.inner_node(id, node, flags),
        }
    }

    fn inner_node(&mut self, id: Id, node: &Node, flags: u8) -> Option<()> {
        let is_same_everywhere = flags & (SHARED | DEPENDENT) == SHARED && self.has_arguments;
        if is_same_everywhere && self.copy_printed(id)? {
            return Some(());
        }
        let start = self.out.len() as u32;
        self.enter()?;
        if flags & TRAILING == 0 {
            self.any_node(node)?;
        } else {
            self.left(id)?;
            self.right(id)?;
        }
        self.nesting -= 1;
        if is_same_everywhere && let Some(place) = self.places.get_mut(id as usize) {
            *place = (start, self.out.len() as u32);
        }
        Some(())
    }

    /// Prints what was printed before; false if it was not.
    fn copy_printed(&mut self, id: Id) -> Option<bool> {
        let (start, end) = self.places.get(id as usize).copied().unwrap_or_default();
        if end == 0 {
            return Some(false);
        }
        let (start, end) = (start as usize, end as usize);
        if self.out.len() + (end - start) > MAX_DEMANGLED {
            return None;
        }
        self.out.extend_from_within(start..end);
        Some(true)
    }

    #[inline]
    fn any_node(&mut self, node: &Node) -> Option<()> {
        match *node {
            Node::Qualified { scope, name } => self.qualified(scope, name),
            Node::Template { name, arguments } => self.template(name, arguments),
            Node::Wrapped { .. } | Node::Cv { .. } => self.left_of(*node),
            Node::Literal { ty, value } => self.literal(ty, value),
            Node::Encoding { name, function } => self.encoding(name, function, true),
            Node::Pack(list) | Node::Arguments(list) => self.list(list),
            Node::Expansion(pattern) => self.expansion(pattern),
            _ => self.other_node(*node),
        }
    }

    fn other_node(&mut self, node: Node) -> Option<()> {
        if let Some(printed) = self.name_part(node) {
            return printed;
        }
        if let Some(printed) = self.type_without_tail(node) {
            return printed;
        }
        self.expression(node)
    }

    /// Nodes with commas between them, without those that print nothing.
    fn list(&mut self, list: List) -> Option<()> {
        let tree = self.tree;
        let mut is_first = true;
        for &id in tree.items(list) {
            let start = self.out.len();
            if !is_first {
                self.push(b", ")?;
            }
            let before = self.out.len();
            self.node(id)?;
            if self.out.len() == before && !is_first {
                self.out.truncate(start);
                self.taken_back = start;
            } else if self.out.len() > before {
                is_first = false;
            }
        }
        Some(())
    }

    fn optional(&mut self, before: &[u8], id: Id) -> Option<()> {
        if id == NOTHING {
            return Some(());
        }
        self.push(before)?;
        self.node(id)
    }
}

fn builtin_name(index: u8) -> &'static str {
    BUILTINS.get(index as usize).map_or("", |builtin| builtin.name)
}
