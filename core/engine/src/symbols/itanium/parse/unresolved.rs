//! Names in expressions that mean something only when the template is used.

use super::super::node::{Id, NOTHING, Node};
use super::Parser;

impl Parser<'_> {
    /// `<unresolved-name>`, without the `gs` before it.
    pub(super) fn unresolved_name(&mut self) -> Option<Id> {
        if !self.eat_code(b"sr") {
            return if self.peek() == b'S' { Some(self.name()?.id) } else { self.base_name() };
        }
        if self.eat(b'N') {
            let scope = self.ty()?;
            let scope = self.levels(scope)?;
            self.expect(b'E')?;
            return self.member_of(scope);
        }
        if self.peek().is_ascii_digit()
            && let Some(found) = self.attempt(Self::name_behind_levels)
        {
            return Some(found);
        }
        let scope = self.ty()?;
        self.member_of(scope)
    }

    /// `<simple-id>+ E <base-unresolved-name>`
    fn name_behind_levels(&mut self) -> Option<Id> {
        let scope = self.levels(NOTHING)?;
        self.expect(b'E')?;
        self.member_of(scope)
    }

    fn levels(&mut self, mut scope: Id) -> Option<Id> {
        while self.peek().is_ascii_digit() {
            let name = self.simple_id()?;
            scope = if scope == NOTHING { name } else { self.push(Node::Qualified { scope, name }) };
        }
        Some(scope)
    }

    fn member_of(&mut self, scope: Id) -> Option<Id> {
        let name = self.base_name()?;
        Some(self.push(Node::Qualified { scope, name }))
    }

    /// What stands behind `.` and `->`.
    pub(super) fn member_name(&mut self) -> Option<Id> {
        self.nested(|parser| match (parser.peek(), parser.peek_at(1)) {
            (b's', b'r') => parser.unresolved_name(),
            (b'g', b's') => parser.expression(),
            (b'T', _) => parser.template_parameter(),
            _ => parser.base_name(),
        })
    }

    /// `<base-unresolved-name>`: a name, an operator or a destructor.
    fn base_name(&mut self) -> Option<Id> {
        if self.eat_code(b"dn") {
            let is_simple = self.peek().is_ascii_digit();
            let class = if is_simple { self.simple_id()? } else { self.ty()? };
            return Some(self.push(Node::Destructor(class)));
        }
        if !self.eat_code(b"on") {
            return self.simple_id();
        }
        let name = self.operator_name()?;
        self.with_arguments(name)
    }

    fn simple_id(&mut self) -> Option<Id> {
        let name = self.unqualified_name(NOTHING)?;
        self.with_arguments(name)
    }
}
