//! Writes declarations: in front of their names what they are in, or behind with "in".

use super::node::{Entity, EntityKind, Id, Node, Nominal};
use super::print::Printer;

/// What of an entity's type is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TypeStyle {
    None,
    /// `name : Type`
    Colon,
    /// `name(Type) -> Type`
    Function,
}

/// How an entity is called.
struct Title<'t> {
    /// `getter`, `closure #`
    extra: &'t str,
    number: Option<u64>,
    /// Instead of its name.
    word: &'t str,
    has_name: bool,
    type_style: TypeStyle,
}

impl<'n, 'a> Printer<'n, 'a> {
    /// Prints a declaration that has code. As a prefix, what must come behind is handed back.
    pub(super) fn entity(&mut self, id: Id, as_prefix: bool) -> Option<Option<Id>> {
        match self.get(id)? {
            Node::Static(inner) => {
                self.push("static ")?;
                self.entity_or_node(*inner, as_prefix)
            }
            Node::Accessor { storage, word } => match self.get(*storage)? {
                Node::Entity(entity) => {
                    let title = storage_title(entity, word);
                    self.titled(id, entity, &title, as_prefix, None)
                }
                _ => {
                    self.node(*storage)?;
                    self.push(".")?;
                    self.push(word)?;
                    Some(None)
                }
            },
            Node::BoundFunction { function, arguments } => match self.get(*function)? {
                Node::Entity(entity) => {
                    let title = self.title(entity);
                    self.titled(id, entity, &title, as_prefix, Some(arguments))
                }
                _ => None,
            },
            Node::Entity(entity) => {
                let title = self.title(entity);
                self.titled(id, entity, &title, as_prefix, None)
            }
            _ => None,
        }
    }

    fn entity_or_node(&mut self, id: Id, as_prefix: bool) -> Option<Option<Id>> {
        if as_prefix { self.as_prefix(id) } else { self.node(id).map(|()| None) }
    }

    fn title(&self, entity: &Entity) -> Title<'static> {
        let title = Title { extra: "", number: None, word: "", has_name: false, type_style: TypeStyle::None };
        let closure = if self.is_full() { TypeStyle::Function } else { TypeStyle::None };
        match entity.kind {
            EntityKind::Function | EntityKind::Macro | EntityKind::EnumElement => {
                Title { has_name: true, type_style: TypeStyle::Function, ..title }
            }
            EntityKind::Variable => Title { has_name: true, type_style: TypeStyle::Colon, ..title },
            EntityKind::GenericParameter => Title { has_name: true, ..title },
            EntityKind::Subscript => Title { word: "subscript", type_style: TypeStyle::Function, ..title },
            EntityKind::Allocator => {
                let word = if self.is_class(entity.context) { "__allocating_init" } else { "init" };
                Title { extra: word, type_style: TypeStyle::Function, ..title }
            }
            EntityKind::Constructor => Title {
                extra: "init",
                type_style: TypeStyle::Function,
                has_name: entity.private.is_some(),
                ..title
            },
            EntityKind::Deallocator => {
                let word = if self.is_class(entity.context) { "__deallocating_deinit" } else { "deinit" };
                Title { extra: word, ..title }
            }
            EntityKind::ExplicitClosure => Title {
                extra: "closure #",
                number: entity.index.checked_add(1),
                type_style: closure,
                ..title
            },
            EntityKind::ImplicitClosure => Title {
                extra: "implicit closure #",
                number: entity.index.checked_add(1),
                type_style: closure,
                ..title
            },
            EntityKind::DefaultArgument => {
                Title { extra: "default argument ", number: Some(entity.index), ..title }
            }
            EntityKind::Plain(word) => Title { extra: word, ..title },
        }
    }

    fn is_class(&self, context: Id) -> bool {
        match self.get(context) {
            Some(Node::Nominal { kind, .. }) => *kind == Nominal::Class,
            _ => false,
        }
    }

    fn titled(
        &mut self,
        id: Id,
        entity: &Entity,
        title: &Title<'_>,
        as_prefix: bool,
        arguments: Option<&Vec<Id>>,
    ) -> Option<Option<Id>> {
        let is_local = title.has_name && entity.name.is_some_and(|name| self.is_local(name));
        let is_wordy = title.extra.contains(' ') || is_local;
        if as_prefix && (title.type_style != TypeStyle::None || is_wordy) {
            return Some(Some(id));
        }
        let behind = self.context_before(entity.context, is_wordy)?;
        self.own_name(entity, title, is_wordy)?;
        self.typed(entity, title, is_wordy, arguments)?;
        match behind {
            Some(context) if !as_prefix => {
                self.push(if is_of(entity.kind) { " of " } else { " in " })?;
                self.node(context)?;
                Some(None)
            }
            behind => Some(behind),
        }
    }

    /// Prints the context unless it has to come behind; then it is handed back.
    fn context_before(&mut self, context: Id, is_wordy: bool) -> Option<Option<Id>> {
        if !self.is_shown_context(context) {
            return Some(None);
        }
        if is_wordy {
            return Some(Some(context));
        }
        let before = self.out.0.len();
        let behind = self.as_prefix(context)?;
        if self.out.0.len() > before {
            self.push(".")?;
        }
        Some(behind)
    }

    fn own_name(&mut self, entity: &Entity, title: &Title<'_>, is_wordy: bool) -> Option<()> {
        let has_word = title.has_name || !title.word.is_empty();
        if has_word && is_wordy && !title.extra.is_empty() {
            self.extra(title)?;
            self.push(" of ")?;
        }
        if has_word {
            let before = self.out.0.len();
            self.push(title.word)?;
            if let (Some(name), true) = (entity.name, title.word.is_empty()) {
                self.node(name)?;
            }
            if let (Some(private), true) = (entity.private, entity.kind != EntityKind::Allocator) {
                self.node(private)?;
            }
            if is_wordy {
                return Some(());
            }
            if self.out.0.len() > before && !title.extra.is_empty() {
                self.push(".")?;
            }
        }
        self.extra(title)
    }

    fn extra(&mut self, title: &Title<'_>) -> Option<()> {
        self.push(title.extra)?;
        title.number.map_or(Some(()), |number| self.out.push_number(number))
    }

    fn typed(
        &mut self,
        entity: &Entity,
        title: &Title<'_>,
        is_wordy: bool,
        arguments: Option<&Vec<Id>>,
    ) -> Option<()> {
        let (Some(type_), false) = (entity.type_, title.type_style == TypeStyle::None) else {
            return Some(());
        };
        if title.type_style == TypeStyle::Colon || !self.is_function(type_) {
            if !self.is_full() {
                return Some(());
            }
            self.push(" : ")?;
        } else if is_wordy || self.needs_space(type_) {
            self.push(" ")?;
        }
        self.entity_type(entity, type_, arguments)
    }

    fn is_function(&self, type_: Id) -> bool {
        match self.get(type_) {
            Some(Node::Generic { type_, .. }) => matches!(self.get(*type_), Some(Node::Function { .. })),
            node => matches!(node, Some(Node::Function { .. })),
        }
    }

    fn needs_space(&self, type_: Id) -> bool {
        !matches!(self.get(type_), Some(Node::Function { .. } | Node::Generic { .. }))
    }

    fn entity_type(&mut self, entity: &Entity, type_: Id, arguments: Option<&Vec<Id>>) -> Option<()> {
        if let Some(arguments) = arguments {
            self.push("<")?;
            self.joined(arguments, ", ")?;
            self.push(">")?;
        }
        let type_ = match self.get(type_)? {
            Node::Generic { signature, type_ } => {
                if arguments.is_none() {
                    self.node(*signature)?;
                }
                *type_
            }
            _ => type_,
        };
        match self.get(type_)? {
            Node::Function { convention, effects, parameters, result } => {
                self.function_type(convention, effects, entity.labels.as_deref(), *parameters, *result)
            }
            _ => self.node(type_),
        }
    }

    fn is_local(&self, name: Id) -> bool {
        matches!(self.get(name), Some(Node::LocalName { .. }))
    }

    pub(super) fn nominal(&mut self, id: Id, as_prefix: bool) -> Option<Option<Id>> {
        let Node::Nominal { context, name, .. } = self.get(id)? else { return None };
        let is_wordy = self.is_local(*name);
        if as_prefix && is_wordy {
            return Some(Some(id));
        }
        let behind = self.context_before(*context, is_wordy)?;
        self.node(*name)?;
        match behind {
            Some(context) if !as_prefix => {
                self.push(" in ")?;
                self.node(context)?;
                Some(None)
            }
            behind => Some(behind),
        }
    }

    pub(super) fn macro_expansion(&mut self, id: Id, as_prefix: bool) -> Option<Option<Id>> {
        let Node::MacroExpansion { word, context, of, name, index } = self.get(id)? else { return None };
        if as_prefix {
            return Some(Some(id));
        }
        self.push(word)?;
        if of.is_some() {
            self.push(" @")?;
            self.node(*name)?;
        }
        self.push(" expansion #")?;
        self.out.push_number(index.checked_add(1)?)?;
        self.push(" of ")?;
        self.node(of.unwrap_or(*name))?;
        self.push(" in ")?;
        self.node(*context)?;
        Some(None)
    }

    pub(super) fn name(&mut self, node: &Node<'a>) -> Option<()> {
        match node {
            Node::Identifier(text) => self.push(text),
            Node::Operator { symbol, fixity } => {
                self.push(symbol)?;
                self.push(fixity)
            }
            Node::LocalName { name, index } => {
                self.node(*name)?;
                self.push(" #")?;
                self.out.push_number(index.checked_add(1)?)
            }
            Node::PrivateName { name, file } => self.private_name(*name, *file),
            Node::RelatedName { letter, name } => {
                self.push("related decl '")?;
                self.push(letter.encode_utf8(&mut [0; 4]))?;
                self.push("' for ")?;
                self.node(*name)
            }
            _ => None,
        }
    }

    fn private_name(&mut self, name: Option<Id>, file: Id) -> Option<()> {
        if !self.is_full() {
            return name.map_or(Some(()), |name| self.node(name));
        }
        self.push("(")?;
        if let Some(name) = name {
            self.node(name)?;
            self.push(" ")?;
        }
        self.push("in ")?;
        self.node(file)?;
        self.push(")")
    }

    pub(super) fn extension(&mut self, module: Id, extended: Id, signature: Option<Id>) -> Option<()> {
        if self.is_full() {
            self.push("(extension in ")?;
            self.node(module)?;
            self.push("):")?;
        }
        self.node(extended)?;
        match signature {
            Some(signature) if self.is_full() => self.node(signature),
            _ => Some(()),
        }
    }

    pub(super) fn anonymous_context(&mut self, name: Id, parent: Id) -> Option<()> {
        self.node(parent)?;
        if !self.is_full() {
            return Some(());
        }
        self.push(".(unknown context at ")?;
        self.node(name)?;
        self.push(")")
    }
}

fn storage_title<'t>(entity: &Entity, word: &'t str) -> Title<'t> {
    let is_subscript = entity.kind == EntityKind::Subscript;
    Title {
        extra: word,
        number: None,
        word: if is_subscript { "subscript" } else { "" },
        has_name: !is_subscript,
        type_style: TypeStyle::Colon,
    }
}

fn is_of(kind: EntityKind) -> bool {
    matches!(
        kind,
        EntityKind::DefaultArgument
            | EntityKind::Plain(
                "variable initialization expression"
                    | "property wrapper backing initializer"
                    | "property wrapper init from projected value"
            )
    )
}
