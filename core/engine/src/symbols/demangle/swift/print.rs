//! Writes nodes as text: symbols and what compilers made.

use super::super::text::{Budget, Text};
use super::Style;
use super::node::{Demand, Id, Node, Specialization};

/// Parameters of one level that a signature shows.
const MAX_SHOWN: u64 = 128;

/// The nodes as text, one behind the other; None if that gets too long or too deep.
pub(super) fn text_of(nodes: &[Node<'_>], shown: &[Id], style: Style) -> Option<String> {
    let mut printer = Printer { nodes, style, out: Text::default(), budget: Budget::default() };
    for id in shown {
        printer.node(*id)?;
    }
    Some(printer.out.0)
}

pub(super) struct Printer<'n, 'a> {
    pub(super) nodes: &'n [Node<'a>],
    style: Style,
    pub(super) out: Text,
    pub(super) budget: Budget,
}

impl<'n, 'a> Printer<'n, 'a> {
    pub(super) fn is_full(&self) -> bool {
        self.style == Style::Full
    }

    pub(super) fn get(&self, id: Id) -> Option<&'n Node<'a>> {
        self.nodes.get(id as usize)
    }

    pub(super) fn push(&mut self, text: &str) -> Option<()> {
        self.out.push(text)
    }

    pub(super) fn joined(&mut self, ids: &[Id], between: &str) -> Option<()> {
        for (index, id) in ids.iter().enumerate() {
            if index > 0 {
                self.push(between)?;
            }
            self.node(*id)?;
        }
        Some(())
    }

    /// Prints a node where nothing follows that depends on it.
    pub(super) fn node(&mut self, id: Id) -> Option<()> {
        self.budget.enter()?;
        self.shown(id, false)?;
        self.budget.leave();
        Some(())
    }

    /// Prints a context in front of a name. What reads better behind it (closures, functions with their types) comes back.
    pub(super) fn as_prefix(&mut self, id: Id) -> Option<Option<Id>> {
        self.budget.enter()?;
        let rest = self.shown(id, true)?;
        self.budget.leave();
        Some(rest)
    }

    fn shown(&mut self, id: Id, as_prefix: bool) -> Option<Option<Id>> {
        let node = self.get(id)?;
        match node {
            Node::Entity(_) | Node::Accessor { .. } | Node::BoundFunction { .. } | Node::Static(_) => {
                return self.entity(id, as_prefix);
            }
            Node::Nominal { .. } => return self.nominal(id, as_prefix),
            Node::MacroExpansion { .. } => return self.macro_expansion(id, as_prefix),
            Node::Module(name) => {
                if self.is_full() {
                    self.push(name)?;
                }
            }
            Node::Identifier(_)
            | Node::Operator { .. }
            | Node::LocalName { .. }
            | Node::PrivateName { .. }
            | Node::RelatedName { .. } => self.name(node)?,
            Node::Extension { module, extended, signature } => {
                self.extension(*module, *extended, *signature)?
            }
            Node::AnonymousContext { name, parent } => self.anonymous_context(*name, *parent)?,
            Node::Signature { counts, requirements, packs } => self.signature(counts, requirements, packs)?,
            Node::Requirement { subject, demand } => self.requirement(*subject, demand)?,
            Node::Conformance { type_, protocol, module } => self.conformance(*type_, *protocol, *module)?,
            Node::Attribute { .. }
            | Node::Specialization(_)
            | Node::Prefixed { .. }
            | Node::Joined { .. }
            | Node::Reabstraction { .. }
            | Node::KeyPath { .. }
            | Node::ProtocolWitness { .. }
            | Node::OnceFunction { .. }
            | Node::Suffix(_) => self.made(node)?,
            _ => self.type_node(node)?,
        }
        Some(None)
    }

    fn made(&mut self, node: &Node<'a>) -> Option<()> {
        let is_full = self.is_full();
        match node {
            Node::Attribute { full, simple } => self.push(simple.filter(|_| !is_full).unwrap_or(full)),
            Node::Specialization(specialization) => self.specialization(specialization),
            Node::Prefixed { full, simple, node } => {
                self.push(if is_full { full } else { simple })?;
                self.node(*node)
            }
            Node::Joined { full, simple, first, between, second } => {
                self.push(if is_full { full } else { simple })?;
                self.node(*first)?;
                self.push(between)?;
                self.node(*second)
            }
            Node::Reabstraction { word, signature, from, to } => {
                self.reabstraction(word, *signature, *from, *to)
            }
            Node::KeyPath { word, decl, signature, types, is_serialized } => {
                self.key_path(word, *decl, *signature, types, *is_serialized)
            }
            Node::ProtocolWitness { conformance, entity } => {
                self.push("protocol witness for ")?;
                self.node(*entity)?;
                self.push(" in conformance ")?;
                self.node(*conformance)
            }
            Node::OnceFunction { word, names } => self.once(word, names),
            Node::Suffix(text) if is_full => {
                self.push(" with unmangled suffix \"")?;
                self.push(text)?;
                self.push("\"")
            }
            _ => Some(()),
        }
    }

    fn specialization(&mut self, specialization: &Specialization) -> Option<()> {
        if !self.is_full() {
            return self.push(if self.out.0.ends_with("specialized ") { "" } else { "specialized " });
        }
        self.push(specialization.word)?;
        self.push(" <")?;
        if specialization.is_serialized {
            self.push("serialized, ")?;
        }
        self.joined(&specialization.types, ", ")?;
        for (index, argument) in specialization.arguments.iter().enumerate() {
            self.push(if index > 0 { ", " } else { "" })?;
            self.push(argument)?;
        }
        self.push("> of ")
    }

    fn reabstraction(&mut self, word: &str, signature: Option<Id>, from: Id, to: Id) -> Option<()> {
        if !self.is_full() {
            self.push("thunk for ")?;
            return self.node(from);
        }
        self.push(word)?;
        if let Some(signature) = signature {
            self.node(signature)?;
            self.push(" ")?;
        }
        self.push("from ")?;
        self.node(from)?;
        self.push(" to ")?;
        self.node(to)
    }

    fn key_path(
        &mut self,
        word: &str,
        decl: Id,
        signature: Option<Id>,
        types: &[Id],
        is_serialized: bool,
    ) -> Option<()> {
        self.push(word)?;
        self.node(decl)?;
        self.push(" : ")?;
        if let Some(signature) = signature {
            self.node(signature)?;
        }
        self.joined(types, ", ")?;
        self.push(if is_serialized { ", serialized" } else { "" })
    }

    fn once(&mut self, word: &str, names: &[Id]) -> Option<()> {
        self.push(word)?;
        match names {
            [name] => self.node(*name),
            names => {
                self.push("(")?;
                self.joined(names, ", ")?;
                self.push(")")
            }
        }
    }

    pub(super) fn is_shown_context(&self, context: Id) -> bool {
        self.is_full() || !matches!(self.get(context), Some(Node::Module(_)))
    }

    fn conformance(&mut self, type_: Id, protocol: Id, module: Id) -> Option<()> {
        self.node(type_)?;
        if !self.is_full() {
            return Some(());
        }
        self.push(" : ")?;
        self.node(protocol)?;
        self.push(" in ")?;
        self.node(module)
    }

    fn signature(&mut self, counts: &[u64], requirements: &[Id], packs: &[(u64, u64)]) -> Option<()> {
        self.push("<")?;
        for (depth, count) in (0_u64..).zip(counts) {
            if depth > 0 {
                self.push("><")?;
            }
            self.signature_level(depth, *count, packs)?;
        }
        if self.is_full() && !requirements.is_empty() {
            self.push(" where ")?;
            self.joined(requirements, ", ")?;
        }
        self.push(">")
    }

    fn signature_level(&mut self, depth: u64, count: u64, packs: &[(u64, u64)]) -> Option<()> {
        for index in 0..count {
            self.push(if index > 0 { ", " } else { "" })?;
            if index >= MAX_SHOWN {
                return self.push("...");
            }
            if packs.len() < 64 && packs.contains(&(depth, index)) {
                self.push("each ")?;
            }
            self.parameter(depth, index)?;
        }
        Some(())
    }

    pub(super) fn parameter(&mut self, depth: u64, index: u64) -> Option<()> {
        let mut rest = index;
        loop {
            let letter = u8::try_from(rest % 26).ok()? + b'A';
            self.push(char::from(letter).encode_utf8(&mut [0; 4]))?;
            rest /= 26;
            if rest == 0 {
                break;
            }
        }
        if depth > 0 { self.out.push_number(depth) } else { Some(()) }
    }

    fn requirement(&mut self, subject: Id, demand: &Demand) -> Option<()> {
        self.node(subject)?;
        match demand {
            Demand::Is(other) => {
                self.push(": ")?;
                self.node(*other)
            }
            Demand::Equals(other) => {
                self.push(" == ")?;
                self.node(*other)
            }
            Demand::SameShape(other) => {
                self.push(".shape == ")?;
                self.node(*other)?;
                self.push(".shape")
            }
            Demand::Layout(layout) => {
                self.push(": ")?;
                self.push(layout)
            }
            Demand::Not(0) => self.push(": ~Swift.Copyable"),
            Demand::Not(1) => self.push(": ~Swift.Escapable"),
            Demand::Not(bit) => {
                self.push(": ~Swift.<bit ")?;
                self.out.push_number(*bit)?;
                self.push(">")
            }
        }
    }
}
