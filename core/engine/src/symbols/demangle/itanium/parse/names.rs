//! Names: qualified ones, their parts, and the substitutions in them.

use super::super::builtins::{STANDARDS, operator};
use super::super::node::{Id, NOTHING, Node, Qualifiers, Span};
use super::super::phrases::Phrase;
use super::Parser;
use super::encoding::Named;

impl Parser<'_> {
    /// `<name>`
    pub(super) fn name(&mut self) -> Option<Named> {
        match self.peek() {
            b'N' => self.nested_name(),
            b'Z' => self.local_name(),
            b'S' if self.peek_at(1) != b't' => {
                let template = self.substituted_name()?;
                Some(self.with_arguments(template)?.into())
            }
            _ => self.unscoped_name(),
        }
    }

    /// `<unscoped-name>`, maybe with template arguments.
    fn unscoped_name(&mut self) -> Option<Named> {
        let name = self.unscoped_name_alone()?;
        if self.peek() == b'I' {
            self.substitutable(name);
        }
        Some(self.with_arguments(name)?.into())
    }

    fn unscoped_name_alone(&mut self) -> Option<Id> {
        if !self.eat_code(b"St") {
            return self.unqualified_name(NOTHING);
        }
        let scope = self.push(Node::Text(Phrase::Std));
        let name = self.unqualified_name(NOTHING)?;
        Some(self.push(Node::Qualified { scope, name }))
    }

    pub(super) fn with_arguments(&mut self, name: Id) -> Option<Id> {
        if self.peek() != b'I' {
            return Some(name);
        }
        let arguments = self.template_arguments()?;
        Some(self.push(Node::Template { name, arguments }))
    }

    /// `N [<qualifiers>] <prefix> E`
    fn nested_name(&mut self) -> Option<Named> {
        self.expect(b'N')?;
        let mut qualifiers = self.cv_qualifiers();
        qualifiers.0 |= self.reference_qualifier();
        let mut current = NOTHING;
        while !self.eat(b'E') {
            current = self.prefix_part(current)?;
        }
        (current != NOTHING).then_some(Named { id: current, qualifiers })
    }

    pub(super) fn cv_qualifiers(&mut self) -> Qualifiers {
        let mut qualifiers = Qualifiers::default();
        loop {
            qualifiers.0 |= match self.peek() {
                b'r' => Qualifiers::RESTRICT,
                b'V' => Qualifiers::VOLATILE,
                b'K' => Qualifiers::CONST,
                _ => return qualifiers,
            };
            self.at += 1;
        }
    }

    pub(super) fn reference_qualifier(&mut self) -> u8 {
        if self.eat(b'R') {
            Qualifiers::REFERENCE
        } else if self.eat(b'O') {
            Qualifiers::RVALUE
        } else {
            0
        }
    }

    /// The prefix with one more part. All but the whole name can be substituted.
    fn prefix_part(&mut self, scope: Id) -> Option<Id> {
        let whole = match (self.peek(), self.peek_at(1)) {
            (b'S', _) if scope == NOTHING => return self.first_part(),
            (b'M', _) => {
                // The part before is a data member: a scope like any other.
                self.at += 1;
                return (scope != NOTHING).then_some(scope);
            }
            (b'I', _) => {
                let arguments = if scope == NOTHING { None } else { self.template_arguments() };
                self.push(Node::Template { name: scope, arguments: arguments? })
            }
            (b'T', _) => {
                let part = self.template_parameter()?;
                self.qualified(scope, part)
            }
            (b'D', b't' | b'T') => {
                let part = self.decltype()?;
                self.qualified(scope, part)
            }
            _ => {
                let part = self.unqualified_name(scope)?;
                self.qualified(scope, part)
            }
        };
        if self.peek() != b'E' {
            self.substitutable(whole);
        }
        Some(whole)
    }

    fn qualified(&mut self, scope: Id, name: Id) -> Id {
        if scope == NOTHING { name } else { self.push(Node::Qualified { scope, name }) }
    }

    fn first_part(&mut self) -> Option<Id> {
        if self.eat_code(b"St") { Some(self.push(Node::Text(Phrase::Std))) } else { self.substituted_name() }
    }

    /// A substitution; if it stands for a module, then the name in it.
    pub(super) fn substituted_name(&mut self) -> Option<Id> {
        let found = self.substitution()?;
        if !matches!(self.tree.node(found), Node::Module { .. }) {
            return Some(found);
        }
        let name = self.unqualified_name(NOTHING)?;
        let name = self.push(Node::InModule { name, module: found });
        Some(self.substitutable(name))
    }

    /// `S_`, `S0_`, `Sa` and their like, except for `St`.
    pub(super) fn substitution(&mut self) -> Option<Id> {
        self.expect(b'S')?;
        if self.peek() == b'_' || self.peek().is_ascii_digit() || self.peek().is_ascii_uppercase() {
            let index = self.sequence_number()?;
            return self.substitutions.get(index).copied();
        }
        let letter = self.peek();
        let index = STANDARDS.iter().position(|standard| standard.letter == letter)?;
        self.at += 1;
        let whole = self.push(Node::Standard(index as u8));
        self.last_name = whole;
        if self.peek() != b'B' {
            return Some(whole);
        }
        let whole = self.tagged(whole)?;
        Some(self.substitutable(whole))
    }

    fn sequence_number(&mut self) -> Option<usize> {
        if self.eat(b'_') {
            return Some(0);
        }
        let mut number = 0_usize;
        while !self.eat(b'_') {
            let digit = match self.peek() {
                digit @ b'0'..=b'9' => digit - b'0',
                letter @ b'A'..=b'Z' => letter - b'A' + 10,
                _ => return None,
            };
            number = number.checked_mul(36)?.checked_add(usize::from(digit))?;
            self.at += 1;
        }
        number.checked_add(1)
    }

    /// What constructors of a class are called. One without a name of its own, such as a lambda, gets the last name
    /// that there was.
    fn class_name(&self, class: Id) -> Id {
        let last = self.tree.last_part(class);
        if matches!(self.tree.node(last), Node::Name(_) | Node::Standard(_)) { last } else { self.last_name }
    }

    /// `<unqualified-name>`, with its tags.
    pub(super) fn unqualified_name(&mut self, scope: Id) -> Option<Id> {
        if self.peek().is_ascii_digit() {
            let name = self.source_name()?;
            return if self.peek() == b'B' { self.tagged(name) } else { Some(name) };
        }
        let module = self.module_prefix()?;
        let is_friend = scope != NOTHING && self.eat(b'F');
        let name = self.untagged_name(scope)?;
        let mut name = self.tagged(name)?;
        if module != NOTHING {
            name = self.push(Node::InModule { name, module });
        }
        Some(if is_friend { self.push(Node::Friend(name)) } else { name })
    }

    /// The name with the tags that follow, maybe none.
    fn tagged(&mut self, mut name: Id) -> Option<Id> {
        while self.eat(b'B') {
            let tag = self.identifier()?;
            let tag = self.push(Node::Name(tag));
            name = self.push(Node::Tagged { name, tag });
        }
        Some(name)
    }

    /// `W [P] <source-name>`, once for each part of a module's name.
    pub(super) fn module_prefix(&mut self) -> Option<Id> {
        let mut parent = NOTHING;
        while self.eat(b'W') {
            let is_partition = self.eat(b'P');
            let name = self.identifier()?;
            let name = self.push(Node::Name(name));
            parent = self.push(Node::Module { parent, name, is_partition });
            self.substitutable(parent);
        }
        Some(parent)
    }

    fn untagged_name(&mut self, scope: Id) -> Option<Id> {
        match (self.peek(), self.peek_at(1)) {
            (b'0'..=b'9', _) => self.source_name(),
            (b'L', _) => {
                self.at += 1;
                let name = self.untagged_name(scope)?;
                self.discriminator()?;
                Some(name)
            }
            (b'D', b'C') => self.bindings(),
            (b'C' | b'D', _) => self.structor(scope),
            (b'U', b't') => self.unnamed(),
            (b'U', b'l') => self.closure(),
            _ => self.operator_name(),
        }
    }

    pub(super) fn source_name(&mut self) -> Option<Id> {
        let span = self.identifier()?;
        let is_anonymous = span.len >= 10 && self.is_anonymous_namespace(span);
        let node = if is_anonymous { Node::Text(Phrase::Anonymous) } else { Node::Name(span) };
        self.last_name = self.push(node);
        Some(self.last_name)
    }

    /// `_GLOBAL__N_1` and its like.
    fn is_anonymous_namespace(&self, span: Span) -> bool {
        let text = self.text.get(span.start as usize..).unwrap_or(&[]);
        text.starts_with(b"_GLOBAL_")
            && matches!(text, [_, _, _, _, _, _, _, _, b'.' | b'_' | b'$', b'N', ..])
    }

    pub(super) fn identifier(&mut self) -> Option<Span> {
        let len = self.number()? as usize;
        let start = self.at;
        if len == 0 || len > self.text.len() - start {
            return None;
        }
        self.at += len;
        Some(Span { start: start as u32, len: len as u32 })
    }

    fn structor(&mut self, scope: Id) -> Option<Id> {
        let is_constructor = self.eat(b'C');
        self.at += usize::from(!is_constructor);
        let is_inherited = is_constructor && self.eat(b'I');
        if !matches!(
            (is_constructor, self.peek()),
            (true, b'1'..=b'5') | (false, b'0' | b'1' | b'2' | b'4' | b'5')
        ) {
            return None;
        }
        self.at += 1;
        // c++filt calls an inherited constructor like the base.
        let class = if is_inherited { self.ty()? } else { scope };
        let name = self.class_name(class);
        Some(self.push(if is_constructor { Node::Constructor(name) } else { Node::Destructor(name) }))
    }

    fn bindings(&mut self) -> Option<Id> {
        self.at += 2;
        let names = self.list_until(b'E', Self::source_name)?;
        Some(self.push(Node::Bindings(names)))
    }

    fn unnamed(&mut self) -> Option<Id> {
        self.at += 2;
        let number = self.compact_number()?.checked_add(1)?;
        let id = self.push(Node::Unnamed(number));
        Some(id)
    }

    /// `<operator-name>`
    pub(super) fn operator_name(&mut self) -> Option<Id> {
        let code = [self.peek(), self.peek_at(1)];
        self.at += 2;
        let node = match code {
            [b'c', b'v'] => Node::Conversion(self.conversion_type()?),
            [b'l', b'i'] => Node::LiteralOperator(self.source_name()?),
            [b'v', b'0'..=b'9'] => Node::VendorOperator(self.source_name()?),
            _ => Node::Operator(operator(code)?),
        };
        Some(self.push(node))
    }

    fn conversion_type(&mut self) -> Option<Id> {
        let outer = std::mem::replace(&mut self.is_conversion, true);
        let ty = self.ty();
        self.is_conversion = outer;
        ty
    }
}
