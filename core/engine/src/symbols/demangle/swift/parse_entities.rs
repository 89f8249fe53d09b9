//! Declarations: named types, functions, variables with their accessors, initializers, closures, extensions.

use super::node::{Entity, EntityKind, Id, Node, Nominal};
use super::parser::Parser;

impl<'a> Parser<'a> {
    pub(super) fn pop_module(&mut self) -> Option<Id> {
        if let Some(id) = self.pop_identifier() {
            let Node::Identifier(name) = self.node(id)? else { return None };
            let name = name.clone();
            return self.add(Node::Module(name));
        }
        self.pop_where(|node| matches!(node, Node::Module(_)))
    }

    pub(super) fn pop_context(&mut self) -> Option<Id> {
        if let Some(module) = self.pop_module() {
            return Some(module);
        }
        let context = self.pop_entity()?;
        self.node(context)?.is_context().then_some(context)
    }

    pub(super) fn nominal(&mut self, kind: Nominal) -> Option<()> {
        let name = self.pop_decl_name()?;
        let context = self.pop_context()?;
        self.push_known_type(Node::Nominal { kind, context, name })
    }

    pub(super) fn extension(&mut self) -> Option<()> {
        let signature = self.pop_signature();
        let module = self.pop_module()?;
        let extended = self.pop_type()?;
        self.push(Node::Extension { module, extended, signature })
    }

    pub(super) fn function(&mut self) -> Option<()> {
        let signature = self.pop_signature();
        let function = self.function_node("")?;
        let labels = self.labels(function)?;
        let type_ = match signature {
            Some(signature) => self.add(Node::Generic { signature, type_: function })?,
            None => function,
        };
        let name = Some(self.pop_decl_name()?);
        let context = self.pop_context()?;
        self.push(Node::Entity(Entity {
            kind: EntityKind::Function,
            context,
            name,
            private: None,
            labels,
            type_: Some(type_),
            index: 0,
        }))
    }

    /// Labels of a function's parameters, which are written before its type.
    fn labels(&mut self, function: Id) -> Option<Option<Vec<Id>>> {
        if !self.has_old_labels && self.pop_empty_list() {
            return Some(Some(Vec::new()));
        }
        let Some(count) = self.parameter_count(function) else { return Some(None) };
        if self.has_old_labels || count == 0 {
            return Some(None);
        }
        let mut labels = Vec::with_capacity(count);
        for _ in 0..count {
            labels.push(self.pop_where(|node| matches!(node, Node::Identifier(_) | Node::First))?);
        }
        labels.reverse();
        let has_labels = labels.iter().any(|id| matches!(self.node(*id), Some(Node::Identifier(_))));
        Some(Some(if has_labels { labels } else { Vec::new() }))
    }

    /// None if it is no function.
    fn parameter_count(&self, function: Id) -> Option<usize> {
        let function = match self.node(function)? {
            Node::Generic { type_, .. } => self.node(*type_)?,
            node => node,
        };
        let Node::Function { parameters, .. } = function else { return None };
        match self.node(*parameters)? {
            Node::Tuple(elements) => Some(elements.len()),
            _ => Some(1),
        }
    }

    pub(super) fn variable(&mut self) -> Option<()> {
        let entity = self.typed_entity(EntityKind::Variable)?;
        self.accessor(entity)
    }

    fn typed_entity(&mut self, kind: EntityKind) -> Option<Id> {
        let type_ = self.pop_type()?;
        let labels = self.labels(type_)?;
        let name = Some(self.pop_decl_name()?);
        let context = self.pop_context()?;
        self.add(Node::Entity(Entity {
            kind,
            context,
            name,
            private: None,
            labels,
            type_: Some(type_),
            index: 0,
        }))
    }

    pub(super) fn subscript(&mut self) -> Option<()> {
        let entity = self.unnamed_entity(EntityKind::Subscript)?;
        self.accessor(entity)
    }

    /// A subscript or an initializer.
    fn unnamed_entity(&mut self, kind: EntityKind) -> Option<Id> {
        let private = self.pop_where(|node| matches!(node, Node::PrivateName { .. }));
        let type_ = self.pop_type()?;
        let labels = self.labels(type_)?;
        let context = self.pop_context()?;
        self.add(Node::Entity(Entity {
            kind,
            context,
            name: None,
            private,
            labels,
            type_: Some(type_),
            index: 0,
        }))
    }

    fn accessor(&mut self, storage: Id) -> Option<()> {
        let word = match self.cursor.next()? {
            b'm' => "materializeForSet",
            b's' => "setter",
            b'g' => "getter",
            b'G' => "global getter",
            b'w' => "willset",
            b'W' => "didset",
            b'r' => "read",
            b'M' => "modify",
            b'x' => "modify2",
            b'y' => "read2",
            b'b' => "borrow",
            b'z' => "mutate",
            b'i' => "init",
            b'a' => self.addressor(true)?,
            b'l' => self.addressor(false)?,
            b'p' => return self.push_declaration(storage),
            _ => return None,
        };
        self.push(Node::Accessor { storage, word })
    }

    fn push_declaration(&mut self, id: Id) -> Option<()> {
        self.push_item(super::parser::Item { id, is_type: false })
    }

    fn addressor(&mut self, is_mutable: bool) -> Option<&'static str> {
        Some(match (self.cursor.next()?, is_mutable) {
            (b'O', true) => "owningMutableAddressor",
            (b'O', false) => "owningAddressor",
            (b'o', true) => "nativeOwningMutableAddressor",
            (b'o', false) => "nativeOwningAddressor",
            (b'p' | b'P', true) => "nativePinningMutableAddressor",
            (b'p' | b'P', false) => "nativePinningAddressor",
            (b'u', true) => "unsafeMutableAddressor",
            (b'u', false) => "unsafeAddressor",
            _ => return None,
        })
    }

    /// What follows `f`.
    pub(super) fn function_entity(&mut self) -> Option<()> {
        let id = match self.cursor.next()? {
            b'D' => self.plain_entity(EntityKind::Deallocator)?,
            b'Z' => self.plain_entity(EntityKind::Plain("__isolated_deallocating_deinit"))?,
            b'd' => self.plain_entity(EntityKind::Plain("deinit"))?,
            b'E' => self.plain_entity(EntityKind::Plain("__ivar_destroyer"))?,
            b'e' => self.plain_entity(EntityKind::Plain("__ivar_initializer"))?,
            b'i' => self.plain_entity(EntityKind::Plain("variable initialization expression"))?,
            b'P' => self.plain_entity(EntityKind::Plain("property wrapper backing initializer"))?,
            b'W' => self.plain_entity(EntityKind::Plain("property wrapper init from projected value"))?,
            b'F' => self.plain_entity(EntityKind::Plain("property wrapped field init accessor"))?,
            b'a' => self.plain_entity(EntityKind::Plain("runtime attribute generator"))?,
            b'C' => self.unnamed_entity(EntityKind::Allocator)?,
            b'c' => self.unnamed_entity(EntityKind::Constructor)?,
            b'U' => self.closure(EntityKind::ExplicitClosure)?,
            b'u' => self.closure(EntityKind::ImplicitClosure)?,
            b'A' => self.default_argument()?,
            b'p' => self.typed_entity(EntityKind::GenericParameter)?,
            b'o' => self.typed_entity(EntityKind::EnumElement)?,
            b'm' => self.macro_declaration()?,
            b'M' => return self.macro_expansion(),
            _ => return None,
        };
        self.push_declaration(id)
    }

    fn plain_entity(&mut self, kind: EntityKind) -> Option<Id> {
        let context = self.pop_context()?;
        self.numbered(kind, context, None, 0)
    }

    fn closure(&mut self, kind: EntityKind) -> Option<Id> {
        let index = self.index()?;
        let type_ = self.pop_type()?;
        let context = self.pop_context()?;
        self.numbered(kind, context, Some(type_), index)
    }

    fn default_argument(&mut self) -> Option<Id> {
        let index = self.index()?;
        let context = self.pop_context()?;
        self.numbered(EntityKind::DefaultArgument, context, None, index)
    }

    fn numbered(&mut self, kind: EntityKind, context: Id, type_: Option<Id>, index: u64) -> Option<Id> {
        self.add(Node::Entity(Entity {
            kind,
            context,
            name: None,
            private: None,
            labels: None,
            type_,
            index,
        }))
    }

    fn macro_declaration(&mut self) -> Option<Id> {
        let signature = self.pop_signature();
        let id = self.typed_entity(EntityKind::Macro)?;
        if let (Some(signature), Some(Node::Entity(entity))) = (signature, self.node(id)) {
            let mut entity = entity.clone();
            entity.type_ = Some(self.add(Node::Generic { signature, type_: entity.type_? })?);
            return self.add(Node::Entity(entity));
        }
        Some(id)
    }

    fn macro_expansion(&mut self) -> Option<()> {
        let (is_attached, word) = match self.cursor.next()? {
            b'a' => (true, "accessor macro"),
            b'r' => (true, "member attribute macro"),
            b'm' => (true, "member macro"),
            b'p' => (true, "peer macro"),
            b'c' => (true, "conformance macro"),
            b'e' => (true, "extension macro"),
            b'q' => (true, "preamble macro"),
            b'b' => (true, "body macro"),
            b'f' => (false, "freestanding macro"),
            b'u' => (false, "unique name"),
            _ => return None,
        };
        let index = self.index()?;
        let name = self.pop_decl_name()?;
        let _file = self.pop_where(|node| matches!(node, Node::PrivateName { name: None, .. }));
        let of = if is_attached { Some(self.pop_decl_name()?) } else { None };
        let context = self.pop_context()?;
        self.push(Node::MacroExpansion { word, context, of, name, index })
    }
}
