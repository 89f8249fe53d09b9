//! The nodes of one name in one place: no allocation for each of them.

use super::node::{Closure, Function, Id, List, NOTHING, Node};

/// All nodes of a name. Emptied, it can hold those of another one without allocating.
#[derive(Default)]
pub(super) struct Tree {
    nodes: Vec<Entry>,
    members: Vec<Id>,
    functions: Vec<Function>,
    closures: Vec<Closure>,
}

struct Entry {
    node: Node,
    flags: u8,
}

/// Steps into a name: substitutions make chains without end.
const MAX_STEPS: usize = 64;

/// A template parameter is beneath that the place of printing gives a meaning to.
pub(super) const DEPENDENT: u8 = 1;
/// The type may go on behind the name that is declared with it: functions, arrays and what points at them.
pub(super) const TRAILING: u8 = 2;
/// A substitution refers to it: it may be printed again.
pub(super) const SHARED: u8 = 4;

impl Tree {
    pub(super) fn clear(&mut self) {
        self.nodes.clear();
        self.nodes.push(Entry { node: Node::Nothing, flags: 0 });
        self.members.clear();
        self.functions.clear();
        self.closures.clear();
    }

    /// Bytes that an empty tree keeps for the next name.
    pub(super) fn capacity(&self) -> usize {
        self.nodes.capacity() * size_of::<Entry>() + self.functions.capacity() * size_of::<Function>()
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    // Where it is called, most often the kind of node is known, and most of `flags_of` falls away.
    #[inline(always)]
    pub(super) fn push(&mut self, node: Node) -> Id {
        let id = self.nodes.len() as Id;
        let flags = self.flags_of(node);
        self.nodes.push(Entry { node, flags });
        id
    }

    pub(super) fn push_function(&mut self, function: Function) -> u32 {
        self.functions.push(function);
        self.functions.len() as u32 - 1
    }

    pub(super) fn push_closure(&mut self, closure: Closure) -> Id {
        self.closures.push(closure);
        self.push(Node::Closure(self.closures.len() as u32 - 1))
    }

    pub(super) fn push_list(&mut self, items: &[Id]) -> List {
        let start = self.members.len() as u32;
        self.members.extend_from_slice(items);
        List { start, len: items.len() as u32 }
    }

    /// A node was made a candidate for substitutions.
    pub(super) fn share(&mut self, id: Id) {
        if let Some(entry) = self.nodes.get_mut(id as usize) {
            entry.flags |= SHARED;
        }
    }

    pub(super) fn node(&self, id: Id) -> Node {
        *self.get(id).0
    }

    /// A node where it is, and its flags.
    #[inline(always)]
    pub(super) fn get(&self, id: Id) -> (&Node, u8) {
        self.nodes.get(id as usize).map_or((&Node::Nothing, 0), |entry| (&entry.node, entry.flags))
    }

    pub(super) fn flags(&self, id: Id) -> u8 {
        self.nodes.get(id as usize).map_or(0, |entry| entry.flags)
    }

    pub(super) fn items(&self, list: List) -> &[Id] {
        self.members.get(list.start as usize..(list.start + list.len) as usize).unwrap_or(&[])
    }

    pub(super) fn function(&self, index: u32) -> Function {
        self.functions.get(index as usize).copied().unwrap_or_default()
    }

    /// Drops what a function returns, where a name's reader would take it for something else's result.
    pub(super) fn drop_result(&mut self, index: u32) {
        if let Some(function) = self.functions.get_mut(index as usize) {
            function.result = NOTHING;
        }
    }

    pub(super) fn closure(&self, index: u32) -> Closure {
        self.closures.get(index as usize).copied().unwrap_or_default()
    }

    /// The arguments that a function of this name reads its template parameters from.
    pub(super) fn template_arguments(&self, name: Id) -> Option<List> {
        match self.node(self.without_scopes(name)) {
            Node::Template { arguments, .. } => Some(arguments),
            _ => None,
        }
    }

    /// The name of what is declared inside functions, without them.
    pub(super) fn without_scopes(&self, mut name: Id) -> Id {
        for _ in 0..MAX_STEPS {
            match self.node(name) {
                Node::Local { name: inner, .. } | Node::DefaultArgument { name: inner, .. } => name = inner,
                _ => break,
            }
        }
        name
    }

    /// The part of a name that is its own, without scopes, arguments and tags.
    pub(super) fn last_part(&self, mut name: Id) -> Id {
        for _ in 0..MAX_STEPS {
            match self.node(name) {
                Node::Qualified { name: inner, .. }
                | Node::Local { name: inner, .. }
                | Node::DefaultArgument { name: inner, .. }
                | Node::Template { name: inner, .. }
                | Node::Tagged { name: inner, .. }
                | Node::Friend(inner)
                | Node::InModule { name: inner, .. } => name = inner,
                _ => break,
            }
        }
        name
    }

    #[inline(always)]
    fn flags_of(&self, node: Node) -> u8 {
        match node {
            Node::Nothing | Node::Text(_) | Node::Name(_) | Node::Builtin(_) | Node::Closure(_) => 0,
            Node::Qualified { scope, name } => (self.flags(scope) | self.flags(name)) & DEPENDENT,
            Node::Wrapped { inner, .. } | Node::Cv { inner, .. } => {
                self.flags(inner) & (DEPENDENT | TRAILING)
            }
            Node::Parameter(_) => DEPENDENT | TRAILING,
            Node::Constructor(_) | Node::Destructor(_) => 0,
            Node::Local { function, name } => (self.flags(function) | self.flags(name)) & DEPENDENT,
            Node::Literal { ty, .. } => self.flags(ty) & DEPENDENT,
            Node::Template { name, arguments } => {
                (self.flags(name) & DEPENDENT) | self.flags_of_list(arguments)
            }
            node => self.flags_of_other(node),
        }
    }

    fn flags_of_list(&self, list: List) -> u8 {
        self.items(list).iter().fold(0, |flags, &id| flags | self.flags(id)) & DEPENDENT
    }

    #[inline(never)]
    fn flags_of_other(&self, node: Node) -> u8 {
        let trailing = match node {
            Node::Array { .. } | Node::Function(_) => TRAILING,
            Node::VendorQualified { inner, .. } | Node::Member { inner, .. } => self.flags(inner) & TRAILING,
            Node::Vector { element, .. } => self.flags(element) & TRAILING,
            _ => 0,
        };
        let mut dependent = 0;
        self.each_child(node, |child| dependent |= self.flags(child) & DEPENDENT);
        trailing | dependent
    }

    /// Whatever is beneath a node and reads template parameters as the node does.
    fn each_child(&self, node: Node, mut visit: impl FnMut(Id)) {
        let (ids, lists) = self.children(node);
        ids.into_iter().filter(|&id| id != NOTHING).for_each(&mut visit);
        lists.into_iter().flat_map(|list| self.items(list)).copied().for_each(&mut visit);
    }

    /// Ids, some of which may be [`NOTHING`], and lists.
    pub(super) fn children(&self, node: Node) -> ([Id; 3], [List; 2]) {
        let none = List::default();
        match node {
            Node::Encoding { name, .. } if self.template_arguments(name).is_some() => {
                ([name, NOTHING, NOTHING], [none; 2])
            }
            Node::Encoding { name, function } => {
                let function = self.function(function);
                ([name, function.result, function.constraint], [function.parameters, none])
            }
            Node::Function(index) => {
                let function = self.function(index);
                ([function.result, function.exceptions, NOTHING], [function.parameters, none])
            }
            Node::Template { name, arguments } => ([name, NOTHING, NOTHING], [arguments, none]),
            Node::Call { callee, arguments } | Node::VendorCall { name: callee, arguments } => {
                ([callee, NOTHING, NOTHING], [arguments, none])
            }
            Node::Braced { ty, list } => ([ty, NOTHING, NOTHING], [list, none]),
            Node::Requires { parameters, requirements } => {
                ([requirements, NOTHING, NOTHING], [parameters, none])
            }
            Node::Throw(list)
            | Node::Pack(list)
            | Node::TemplateParameter(list)
            | Node::Conditional(list)
            | Node::Arguments(list)
            | Node::DesignatedRange(list)
            | Node::New { parts: list, .. }
            | Node::SizeofArguments(list) => ([NOTHING; 3], [list, none]),
            _ => (children_without_lists(node), [none; 2]),
        }
    }
}

fn children_without_lists(node: Node) -> [Id; 3] {
    let (first, second) = match node {
        Node::Qualified { scope: first, name: second }
        | Node::Local { function: first, name: second }
        | Node::Tagged { name: first, tag: second }
        | Node::InModule { name: first, module: second }
        | Node::ConstructionVtable { derived: first, base: second }
        | Node::VendorQualified { inner: first, name: second }
        | Node::Member { class: first, inner: second }
        | Node::Array { dimension: first, element: second }
        | Node::Vector { dimension: first, element: second }
        | Node::PackIndex { pack: first, index: second }
        | Node::Binary { left: first, right: second, .. }
        | Node::Fold { first, second, .. }
        | Node::CompoundRequirement { expression: first, concept: second, .. }
        | Node::Cast { ty: first, value: second }
        | Node::NamedCast { ty: first, value: second, .. }
        | Node::DesignatedField { field: first, value: second }
        | Node::DesignatedIndex { index: first, value: second } => (first, second),
        Node::DefaultArgument { name: only, .. }
        | Node::Friend(only)
        | Node::Constructor(only)
        | Node::Destructor(only)
        | Node::Conversion(only)
        | Node::QualifiedMember { name: only, .. }
        | Node::Prefixed { inner: only, .. }
        | Node::Noexcept(only)
        | Node::ReferenceTemporary { name: only, .. }
        | Node::BitInt { bits: only, .. }
        | Node::Wrapped { inner: only, .. }
        | Node::Cv { inner: only, .. }
        | Node::Expansion(only)
        | Node::Decltype(only)
        | Node::ConstrainedAuto { concept: only, .. }
        | Node::ValueParameter(only)
        | Node::PackParameter(only)
        | Node::Literal { ty: only, .. }
        | Node::Unary { operand: only, .. }
        | Node::Postfix { operand: only, .. }
        | Node::SizeofPack(only) => (only, NOTHING),
        _ => (NOTHING, NOTHING),
    };
    [first, second, NOTHING]
}
