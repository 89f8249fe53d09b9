//! Types: functions, tuples, protocols, generic ones with their arguments, builtin ones.

use super::node::{Effects, Id, Isolation, Node, Nominal, Throws};
use super::parser::Parser;

impl<'a> Parser<'a> {
    pub(super) fn builtin(&mut self) -> Option<()> {
        let name = match self.cursor.next()? {
            b'b' => "BridgeObject",
            b'B' => "UnsafeValueBuffer",
            b'c' => "RawUnsafeContinuation",
            b'D' => "DefaultActorStorage",
            b'd' => "NonDefaultDistributedActorStorage",
            b'e' => "Executor",
            b'I' => "IntLiteral",
            b'j' => "Job",
            b'O' => "UnknownObject",
            b'o' => "NativeObject",
            b'p' => "RawPointer",
            b'P' => "PackIndex",
            b't' => "SILToken",
            b'w' => "Word",
            b'A' => "ImplicitActor",
            letter => return self.sized_builtin(letter),
        };
        self.push_known_builtin(format!("Builtin.{name}"))
    }

    fn push_known_builtin(&mut self, name: String) -> Option<()> {
        self.push_type(Node::Builtin(name))
    }

    fn sized_builtin(&mut self, letter: u8) -> Option<()> {
        if letter == b'V' {
            let element = self.pop_type()?;
            let size = self.pop_type()?;
            let base = self.add(Node::Builtin("Builtin.FixedArray".to_owned()))?;
            return self.push_type(Node::Bound { base, arguments: vec![size, element] });
        }
        let size = self.cursor.number()?;
        self.cursor.expect(b'_')?;
        let name = match letter {
            b'f' => format!("Builtin.FPIEEE{size}"),
            b'i' => format!("Builtin.Int{size}"),
            b'v' => {
                let element = self.pop_type()?;
                let Node::Builtin(element) = self.node(element)? else { return None };
                format!("Builtin.Vec{size}x{}", element.strip_prefix("Builtin.")?)
            }
            _ => return None,
        };
        if name.len() > 64 { None } else { self.push_known_builtin(name) }
    }

    pub(super) fn modified(&mut self, word: &'static str) -> Option<()> {
        let type_ = self.pop_type()?;
        self.push_type(Node::Modified { word, type_ })
    }

    pub(super) fn metatype(&mut self, representation: &'static str, is_existential: bool) -> Option<()> {
        let of = self.pop_type()?;
        self.push_type(Node::Metatype { of, representation, is_existential })
    }

    fn representation(&mut self) -> Option<&'static str> {
        Some(match self.cursor.next()? {
            b't' => "@thin ",
            b'T' => "@thick ",
            b'o' => "@objc_metatype ",
            _ => return None,
        })
    }

    pub(super) fn function_type(&mut self, convention: &'static str) -> Option<()> {
        let id = self.function_node(convention)?;
        self.push_item(super::parser::Item { id, is_type: true })
    }

    pub(super) fn function_node(&mut self, convention: &'static str) -> Option<Id> {
        let effects = self.effects();
        let parameters = self.function_part()?;
        let result = self.function_part()?;
        self.add(Node::Function { convention, effects, parameters, result })
    }

    fn effects(&mut self) -> Effects {
        let mut effects = Effects::default();
        while let Some(id) = self.pop_where(is_effect) {
            match self.node(id) {
                Some(Node::Async) => effects.is_async = true,
                Some(Node::Sendable) => effects.is_sendable = true,
                Some(Node::SendingResult) => effects.sends_result = true,
                Some(Node::Throws(throws)) => effects.throws = Some(*throws),
                Some(Node::Differentiable(kind)) => effects.differentiable = Some(*kind),
                Some(Node::Isolation(isolation)) => effects.isolation = Some(*isolation),
                _ => {}
            }
        }
        effects
    }

    fn function_part(&mut self) -> Option<Id> {
        if self.pop_empty_list() { self.add(Node::Tuple(Vec::new())) } else { self.pop_type() }
    }

    pub(super) fn tuple(&mut self) -> Option<()> {
        let elements = self.pop_list(Self::tuple_element)?;
        self.push_type(Node::Tuple(elements))
    }

    fn tuple_element(&mut self) -> Option<Id> {
        let is_variadic = self.pop_where(|node| matches!(node, Node::Variadic)).is_some();
        let label = self.pop_identifier();
        let type_ = self.pop_type()?;
        self.add(Node::Element { label, type_, is_variadic })
    }

    pub(super) fn type_list(&mut self) -> Option<Vec<Id>> {
        self.pop_list(Self::pop_type)
    }

    pub(super) fn pop_protocol(&mut self) -> Option<Id> {
        if let Some(protocol) = self.pop_type() {
            return Some(protocol);
        }
        let name = self.pop_decl_name()?;
        let context = self.pop_context()?;
        self.add(Node::Nominal { kind: Nominal::Protocol, context, name })
    }

    pub(super) fn protocol_list(&mut self) -> Option<()> {
        let protocols = self.pop_list(Self::pop_protocol)?;
        self.push_type(Node::Protocols { protocols, superclass: None, is_object: false })
    }

    pub(super) fn bound_generic(&mut self) -> Option<()> {
        let mut lists = self.bound_arguments()?;
        let nominal = self.pop_type()?;
        lists.reverse();
        let bound = self.bound_node(nominal, &mut lists, 0)?;
        let Some(node) = self.node(bound).cloned() else { return None };
        self.push_known_type(node)
    }

    /// One list of arguments a level of nesting, innermost first.
    pub(super) fn bound_arguments(&mut self) -> Option<Vec<Vec<Id>>> {
        while self.pop_where(|node| matches!(node, Node::Unshown)).is_some() {}
        let mut lists = Vec::new();
        loop {
            let mut list = Vec::new();
            while let Some(type_) = self.pop_type() {
                list.push(type_);
            }
            list.reverse();
            lists.push(list);
            if self.pop_empty_list() {
                return Some(lists);
            }
            self.pop_where(|node| matches!(node, Node::First))?;
        }
    }

    /// Gives the last list to the node itself and those before to what it is in.
    fn bound_node(&mut self, id: Id, lists: &mut Vec<Vec<Id>>, depth: u32) -> Option<Id> {
        if depth > 64 {
            return None;
        }
        let node = self.node(id)?.clone();
        let takes_arguments = !matches!(&node, Node::Accessor { .. }) && !is_argumentless(&node);
        let arguments = if takes_arguments { lists.pop()? } else { Vec::new() };
        let node = if lists.is_empty() { node } else { self.in_bound_context(node, lists, depth)? };
        let is_function = matches!(&node, Node::Entity(_));
        let base = self.add(node)?;
        match (arguments.is_empty(), is_function) {
            (true, _) => Some(base),
            (false, true) => self.add(Node::BoundFunction { function: base, arguments }),
            (false, false) => self.add(Node::Bound { base, arguments }),
        }
    }

    fn in_bound_context(&mut self, node: Node<'a>, lists: &mut Vec<Vec<Id>>, depth: u32) -> Option<Node<'a>> {
        Some(match node {
            Node::Nominal { kind, context, name } => {
                Node::Nominal { kind, context: self.bound_node(context, lists, depth + 1)?, name }
            }
            Node::Extension { module, extended, signature } => {
                Node::Extension { module, extended: self.bound_node(extended, lists, depth + 1)?, signature }
            }
            Node::Entity(mut entity) => {
                entity.context = self.bound_node(entity.context, lists, depth + 1)?;
                Node::Entity(entity)
            }
            Node::Accessor { storage, word } => {
                Node::Accessor { storage: self.bound_node(storage, lists, depth + 1)?, word }
            }
            Node::Static(inner) => Node::Static(self.bound_node(inner, lists, depth + 1)?),
            _ => return None,
        })
    }

    /// What follows `X`.
    pub(super) fn special_type(&mut self) -> Option<()> {
        match self.cursor.next()? {
            b'E' | b'U' => self.function_type(""),
            b'A' | b'K' => self.function_type("@autoclosure "),
            b'f' => self.function_type("@convention(thin) "),
            b'L' => self.function_type("@escaping @convention(block) "),
            b'B' => self.function_type("@convention(block) "),
            b'C' => self.function_type("@convention(c) "),
            b'z' => self.function_with_c_type(),
            b'o' => self.modified("unowned "),
            b'u' => self.modified("unowned(unsafe) "),
            b'w' => self.modified("weak "),
            b'b' => self.modified("@box "),
            b'D' => {
                self.pop_type()?;
                self.push_type(Node::DynamicSelf)
            }
            b'M' => {
                let representation = self.representation()?;
                self.metatype(representation, false)
            }
            b'm' => {
                let representation = self.representation()?;
                self.metatype(representation, true)
            }
            b'p' => self.metatype("", true),
            b'P' => self.constrained_existential(),
            b'c' => self.protocols_with_class(),
            b'l' => {
                let protocols = self.pop_list(Self::pop_protocol)?;
                self.push_type(Node::Protocols { protocols, superclass: None, is_object: true })
            }
            b'x' => self.boxed(false),
            b'X' => self.boxed(true),
            b'Y' => self.nominal(Nominal::Other),
            b'Z' => self.anonymous_context(),
            b'e' => self.push_type(Node::Error),
            b'S' => self.sugared(),
            _ => None,
        }
    }

    fn function_with_c_type(&mut self) -> Option<()> {
        let is_block = self.cursor.next()? == b'B';
        let length = usize::try_from(self.cursor.number()?).ok()?;
        self.cursor.take(length)?;
        self.function_type(if is_block { "@convention(block) " } else { "@convention(c) " })
    }

    fn constrained_existential(&mut self) -> Option<()> {
        let requirements = self.pop_list(|parser| parser.pop_where(Node::is_requirement))?;
        let existential = self.pop_type()?;
        self.push_type(Node::Constrained { existential, requirements })
    }

    fn protocols_with_class(&mut self) -> Option<()> {
        let superclass = Some(self.pop_type()?);
        let protocols = self.pop_list(Self::pop_protocol)?;
        self.push_type(Node::Protocols { protocols, superclass, is_object: false })
    }

    fn boxed(&mut self, is_generic: bool) -> Option<()> {
        let (signature, arguments) = match is_generic {
            true => (Some(self.pop_signature()?), self.type_list()?),
            false => (None, Vec::new()),
        };
        let fields = self.type_list()?;
        self.push_type(Node::Box { fields, signature, arguments })
    }

    fn anonymous_context(&mut self) -> Option<()> {
        self.type_list()?;
        let name = self.pop_identifier()?;
        let parent = self.pop_context()?;
        self.push(Node::AnonymousContext { name, parent })
    }

    fn sugared(&mut self) -> Option<()> {
        let name = match self.cursor.next()? {
            b'q' => "Optional",
            b'a' => "Array",
            b'D' => "Dictionary",
            b'A' => "InlineArray",
            b'p' => return Some(()),
            _ => return None,
        };
        let mut arguments = vec![self.pop_type()?];
        if matches!(name, "Dictionary" | "InlineArray") {
            arguments.insert(0, self.pop_type()?);
        }
        let base = self.swift_type(Nominal::Struct, name)?;
        self.push_type(Node::Bound { base, arguments })
    }

    /// What follows `Y`.
    pub(super) fn annotation(&mut self) -> Option<()> {
        match self.cursor.next()? {
            b'a' => self.push(Node::Async),
            b'b' => self.push(Node::Sendable),
            b'A' => self.push(Node::Isolation(Isolation::Any)),
            b'C' => self.push(Node::Isolation(Isolation::Caller)),
            b'c' => {
                let actor = self.pop_type()?;
                self.push(Node::Isolation(Isolation::Actor(actor)))
            }
            b'j' => {
                let kind = self.cursor.next()?;
                self.push(Node::Differentiable(kind))
            }
            b'K' => {
                let error = self.pop_type()?;
                self.push(Node::Throws(Throws::Only(error)))
            }
            b'T' => self.push(Node::SendingResult),
            b'i' => self.modified("isolated "),
            b'k' => self.modified("@noDerivative "),
            b't' => self.modified("_const "),
            b'u' => self.modified("sending "),
            _ => None,
        }
    }

    pub(super) fn integer_type(&mut self) -> Option<()> {
        let sign = if self.cursor.eat(b'n') { "-" } else { "" };
        let value = self.index()?;
        self.push_type(Node::Integer(format!("{sign}{value}")))
    }

    pub(super) fn type_mangling(&mut self) -> Option<()> {
        self.stack.last().filter(|item| item.is_type)?;
        Some(())
    }
}

fn is_effect(node: &Node<'_>) -> bool {
    matches!(
        node,
        Node::Async
            | Node::Sendable
            | Node::SendingResult
            | Node::Throws(_)
            | Node::Differentiable(_)
            | Node::Isolation(_)
    )
}

/// Storage and closures have no arguments of their own.
fn is_argumentless(node: &Node<'_>) -> bool {
    use super::node::EntityKind::{
        DefaultArgument, ExplicitClosure, ImplicitClosure, Plain, Subscript, Variable,
    };
    match node {
        Node::Entity(entity) => matches!(
            entity.kind,
            Variable | Subscript | ExplicitClosure | ImplicitClosure | DefaultArgument | Plain(_)
        ),
        Node::Static(_) | Node::Extension { .. } => true,
        _ => false,
    }
}
