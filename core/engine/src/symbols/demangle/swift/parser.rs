//! Reads a mangled Swift name: operators in postfix order, each taking what it needs from a stack.
//!
//! `4main3FooC3baryyF`: two identifiers, `C` makes them a class, an identifier, two empty lists, `F` makes a function of
//! all. Source of the grammar: the Swift project's docs/ABI/Mangling.rst.

use std::borrow::Cow;

use super::super::text::Cursor;
use super::node::{Id, Node, Nominal};
use super::punycode;

/// Times that one substitution may be pushed at once.
const MAX_REPEAT: u64 = 2048;
/// Nodes and stack entries: more than any name within the length limit needs.
const MAX_NODES: usize = 1 << 16;
/// Words of earlier identifiers that later ones can refer to by a letter.
const MAX_WORDS: usize = 26;

#[derive(Clone, Copy)]
pub(super) struct Item {
    pub(super) id: Id,
    /// Whether it stands for a type, not for a declaration.
    pub(super) is_type: bool,
}

pub(super) struct Parser<'a> {
    pub(super) cursor: Cursor<'a>,
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) stack: Vec<Item>,
    pub(super) substitutions: Vec<Item>,
    words: Vec<&'a str>,
    /// Labels are in the tuple type: Swift 4.0.
    pub(super) has_old_labels: bool,
    /// Bytes printed while reading: names within names, each of which can be long.
    pub(super) spent: usize,
    /// Whether this name is part of another.
    pub(super) is_inner: bool,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, has_old_labels: bool) -> Self {
        Self {
            cursor: Cursor::new(text),
            nodes: Vec::with_capacity(64),
            stack: Vec::with_capacity(32),
            substitutions: Vec::with_capacity(32),
            words: Vec::new(),
            has_old_labels,
            spent: 0,
            is_inner: false,
        }
    }

    /// The attributes of the symbol, in the order in which they are shown, then what it stands for.
    pub(super) fn symbol(&mut self) -> Option<Vec<Id>> {
        while !self.cursor.is_at_end() {
            self.operator()?;
        }
        let suffix = self.pop_where(|node| matches!(node, Node::Suffix(_)));
        let mut shown = Vec::new();
        while let Some(attribute) = self.pop_where(Node::is_attribute) {
            shown.push(attribute);
        }
        shown.extend(self.stack.iter().map(|item| item.id));
        shown.extend(suffix);
        (!shown.is_empty()).then_some(shown)
    }

    fn operator(&mut self) -> Option<()> {
        match self.cursor.peek() {
            b'0'..=b'9' => self.identifier(),
            b'.' => {
                let rest = self.cursor.rest();
                self.cursor.take(rest.len())?;
                self.push(Node::Suffix(rest))
            }
            _ => {
                let letter = self.cursor.next()?;
                self.lettered(letter)
            }
        }
    }

    fn lettered(&mut self, letter: u8) -> Option<()> {
        match letter {
            b'A' => self.multi_substitution(),
            b'B' => self.builtin(),
            b'C' => self.nominal(Nominal::Class),
            b'D' => self.type_mangling(),
            b'E' => self.extension(),
            b'F' => self.function(),
            b'G' => self.bound_generic(),
            b'H' => self.conformance_reference(),
            b'I' => self.impl_function(),
            b'K' => self.push(Node::Throws(super::node::Throws::Any)),
            b'L' => self.local_name(),
            b'M' => self.metadata(),
            b'N' => self.prefixed_type("type metadata for "),
            b'O' => self.nominal(Nominal::Enum),
            b'P' => self.nominal(Nominal::Protocol),
            b'Q' => self.archetype(),
            b'R' => self.requirement(),
            b'S' => self.standard_substitution(),
            b'T' => self.thunk(),
            b'V' => self.nominal(Nominal::Struct),
            b'W' => self.witness(),
            b'X' => self.special_type(),
            b'Y' => self.annotation(),
            b'Z' => {
                let entity = self.pop_entity()?;
                self.push(Node::Static(entity))
            }
            b'a' => self.nominal(Nominal::Alias),
            b'c' => self.function_type(""),
            b'd' => self.push(Node::Variadic),
            b'f' => self.function_entity(),
            b'g' => self.retroactive_conformance(),
            b'h' => self.modified("__shared "),
            b'i' => self.subscript(),
            b'l' => self.signature(false),
            b'm' => self.metatype("", false),
            b'n' => self.modified("__owned "),
            b'o' => self.operator_name(),
            b'p' => self.protocol_list(),
            b'q' => {
                let parameter = self.parameter_index()?;
                self.push_type(parameter)
            }
            b'r' => self.signature(true),
            b's' => self.push(Node::Module(Cow::Borrowed("Swift"))),
            b't' => self.tuple(),
            b'u' => self.generic_type(),
            b'v' => self.variable(),
            b'w' => self.value_witness(),
            b'x' => self.push_type(Node::Parameter { depth: 0, index: 0 }),
            b'y' => self.push(Node::EmptyList),
            b'z' => self.modified("inout "),
            b'_' => self.push(Node::First),
            b'$' => self.integer_type(),
            _ => None,
        }
    }

    pub(super) fn add(&mut self, node: Node<'a>) -> Option<Id> {
        if self.nodes.len() >= MAX_NODES {
            return None;
        }
        self.nodes.push(node);
        Id::try_from(self.nodes.len() - 1).ok()
    }

    pub(super) fn node(&self, id: Id) -> Option<&Node<'a>> {
        self.nodes.get(id as usize)
    }

    pub(super) fn push_item(&mut self, item: Item) -> Option<()> {
        (self.stack.len() < MAX_NODES).then(|| self.stack.push(item))
    }

    pub(super) fn push(&mut self, node: Node<'a>) -> Option<()> {
        let id = self.add(node)?;
        self.push_item(Item { id, is_type: false })
    }

    pub(super) fn push_type(&mut self, node: Node<'a>) -> Option<()> {
        let id = self.add(node)?;
        self.push_item(Item { id, is_type: true })
    }

    /// A type that later parts of the name can refer to.
    pub(super) fn push_known_type(&mut self, node: Node<'a>) -> Option<()> {
        self.push_type(node)?;
        let item = *self.stack.last()?;
        self.substitutions.push(item);
        Some(())
    }

    /// The type on top of the stack; None, and nothing popped, if something else is.
    pub(super) fn pop_type(&mut self) -> Option<Id> {
        self.stack.last().filter(|item| item.is_type)?;
        self.stack.pop().map(|item| item.id)
    }

    /// The node on top of the stack if it is no type and `fits`.
    pub(super) fn pop_where(&mut self, fits: impl Fn(&Node<'a>) -> bool) -> Option<Id> {
        let item = self.stack.last().filter(|item| !item.is_type)?;
        let is_fit = fits(self.node(item.id)?);
        if is_fit { self.stack.pop().map(|item| item.id) } else { None }
    }

    pub(super) fn pop_empty_list(&mut self) -> bool {
        self.pop_where(|node| matches!(node, Node::EmptyList)).is_some()
    }

    pub(super) fn pop_first(&mut self) -> bool {
        self.pop_where(|node| matches!(node, Node::First)).is_some()
    }

    pub(super) fn pop_identifier(&mut self) -> Option<Id> {
        self.pop_where(|node| matches!(node, Node::Identifier(_)))
    }

    pub(super) fn pop_signature(&mut self) -> Option<Id> {
        self.pop_where(|node| matches!(node, Node::Signature { .. }))
    }

    pub(super) fn pop_decl_name(&mut self) -> Option<Id> {
        self.pop_where(Node::is_decl_name)
    }

    /// A type or a declaration.
    pub(super) fn pop_entity(&mut self) -> Option<Id> {
        self.pop_type().or_else(|| self.pop_where(Node::is_context))
    }

    /// The elements of a list, the first of which is marked, each as `element` pops it.
    pub(super) fn pop_list(&mut self, element: impl Fn(&mut Self) -> Option<Id>) -> Option<Vec<Id>> {
        let mut list = Vec::new();
        if self.pop_empty_list() {
            return Some(list);
        }
        loop {
            let is_first = self.pop_first();
            list.push(element(self)?);
            if is_first {
                break;
            }
        }
        list.reverse();
        Some(list)
    }

    /// A number that is written as one less, with `_` for zero.
    pub(super) fn index(&mut self) -> Option<u64> {
        if self.cursor.eat(b'_') {
            return Some(0);
        }
        let number = self.cursor.number()?;
        self.cursor.expect(b'_')?;
        number.checked_add(1)
    }

    fn identifier(&mut self) -> Option<()> {
        let text = self.identifier_text()?;
        let id = self.add(Node::Identifier(text))?;
        let item = Item { id, is_type: false };
        self.substitutions.push(item);
        self.push_item(item)
    }

    fn identifier_text(&mut self) -> Option<Cow<'a, str>> {
        if !self.cursor.eat(b'0') {
            let part = self.identifier_part(false)?;
            self.remember_words(part);
            return Some(Cow::Borrowed(part));
        }
        if self.cursor.eat(b'0') {
            let part = self.identifier_part(true)?;
            return punycode::decoded(part).map(Cow::Owned);
        }
        self.identifier_of_words().map(Cow::Owned)
    }

    fn identifier_of_words(&mut self) -> Option<String> {
        let mut text = String::new();
        loop {
            let mut has_more = true;
            while has_more && self.cursor.peek().is_ascii_alphabetic() {
                let letter = self.cursor.next()?;
                has_more = letter.is_ascii_lowercase();
                text.push_str(self.words.get(usize::from(letter.to_ascii_lowercase() - b'a'))?);
            }
            if self.cursor.eat(b'0') {
                return Some(text);
            }
            let part = self.identifier_part(false)?;
            text.push_str(part);
            self.remember_words(part);
            if !has_more {
                return Some(text);
            }
        }
    }

    fn identifier_part(&mut self, is_punycode: bool) -> Option<&'a str> {
        let length = usize::try_from(self.cursor.number()?).ok().filter(|length| *length > 0)?;
        if is_punycode {
            self.cursor.eat(b'_');
        }
        self.cursor.take(length)
    }

    /// Words begin at capitals and behind underscores.
    fn remember_words(&mut self, part: &'a str) {
        let bytes = part.as_bytes();
        let mut start = None;
        for at in 0..=bytes.len() {
            let byte = bytes.get(at).copied().unwrap_or(0);
            if let Some(from) = start {
                let before: u8 = bytes[at - 1];
                if byte == b'_' || byte == 0 || (!before.is_ascii_uppercase() && byte.is_ascii_uppercase()) {
                    self.remember_word(part.get(from..at));
                    start = None;
                }
            }
            if start.is_none() && byte != b'_' && byte != 0 && !byte.is_ascii_digit() {
                start = Some(at);
            }
        }
    }

    fn remember_word(&mut self, word: Option<&'a str>) {
        if let Some(word) = word.filter(|word| word.len() >= 2 && self.words.len() < MAX_WORDS) {
            self.words.push(word);
        }
    }

    fn operator_name(&mut self) -> Option<()> {
        const SYMBOLS: &[u8; 26] = b"& @/= >    <*!|+?%-~   ^ .";
        let Node::Identifier(text) = self.pop_identifier().and_then(|id| self.node(id))? else { return None };
        let symbol = text.chars().map(|letter| match letter {
            'a'..='z' => Some(char::from(SYMBOLS[usize::from(letter as u8 - b'a')])).filter(|it| *it != ' '),
            other => (!other.is_ascii()).then_some(other),
        });
        let symbol = symbol.collect::<Option<String>>()?;
        let fixity = match self.cursor.next()? {
            b'i' => " infix",
            b'p' => " prefix",
            b'P' => " postfix",
            _ => return None,
        };
        self.push(Node::Operator { symbol, fixity })
    }

    fn local_name(&mut self) -> Option<()> {
        match self.cursor.peek() {
            b'L' => {
                self.cursor.next()?;
                let file = self.pop_identifier()?;
                let name = Some(self.pop_decl_name()?);
                self.push(Node::PrivateName { name, file })
            }
            b'l' => {
                self.cursor.next()?;
                let file = self.pop_identifier()?;
                self.push(Node::PrivateName { name: None, file })
            }
            letter @ (b'a'..=b'j' | b'A'..=b'J') => {
                self.cursor.next()?;
                let name = self.pop_decl_name()?;
                self.push(Node::RelatedName { letter: char::from(letter), name })
            }
            _ => {
                let index = self.index()?;
                let name = self.pop_decl_name()?;
                self.push(Node::LocalName { name, index })
            }
        }
    }

    fn multi_substitution(&mut self) -> Option<()> {
        let mut repeat = None;
        loop {
            match self.cursor.peek() {
                b'0'..=b'9' => repeat = Some(self.cursor.number()?),
                b'_' => {
                    self.cursor.next()?;
                    let index = repeat.map_or(Some(26), |number: u64| number.checked_add(27))?;
                    return self.substitute(1, index);
                }
                letter if letter.is_ascii_alphabetic() => {
                    self.cursor.next()?;
                    let index = u64::from(letter.to_ascii_lowercase() - b'a');
                    self.substitute(repeat.take().unwrap_or(1), index)?;
                    if letter.is_ascii_uppercase() {
                        return Some(());
                    }
                }
                _ => return None,
            }
        }
    }

    fn substitute(&mut self, repeat: u64, index: u64) -> Option<()> {
        let item = *self.substitutions.get(usize::try_from(index).ok()?)?;
        self.push_repeated(repeat, item)
    }

    fn push_repeated(&mut self, repeat: u64, item: Item) -> Option<()> {
        if repeat > MAX_REPEAT {
            return None;
        }
        (0..repeat.max(1)).try_for_each(|_| self.push_item(item))
    }

    fn standard_substitution(&mut self) -> Option<()> {
        match self.cursor.peek() {
            b'o' | b'C' => {
                let name = if self.cursor.next()? == b'o' { "__C" } else { "__C_Synthesized" };
                self.push(Node::Module(Cow::Borrowed(name)))
            }
            b'g' => {
                self.cursor.next()?;
                let wrapped = self.pop_type()?;
                let base = self.swift_type(Nominal::Enum, "Optional")?;
                self.push_known_type(Node::Bound { base, arguments: vec![wrapped] })
            }
            _ => {
                let repeat = if self.cursor.peek().is_ascii_digit() { self.cursor.number()? } else { 1 };
                let is_second = self.cursor.eat(b'c');
                let (kind, name) = super::standard::named(self.cursor.next()?, is_second)?;
                let id = self.swift_type(kind, name)?;
                self.push_repeated(repeat, Item { id, is_type: true })
            }
        }
    }

    pub(super) fn swift_type(&mut self, kind: Nominal, name: &'static str) -> Option<Id> {
        let context = self.add(Node::Module(Cow::Borrowed("Swift")))?;
        let name = self.add(Node::Identifier(Cow::Borrowed(name)))?;
        self.add(Node::Nominal { kind, context, name })
    }
}
