//! Names in expressions that mean something only when the template is used.

use super::super::node::{Id, NOTHING, Node};
use super::Parser;

impl Parser<'_> {
    /// `<unresolved-name>`, without the `gs` before it.
    pub(super) fn unresolved_name(&mut self) -> Option<Id> {
        if !self.eat_code(b"sr") {
            return if self.peek() == b'S' { Some(self.name()?.id) } else { self.base_name() };
        }
        if self.peek().is_ascii_digit()
            && let Some(found) = self.attempt(Self::name_behind_levels)
        {
            return Some(found);
        }
        let scope = self.ty()?;
        let name = self.base_name()?;
        Some(self.push(Node::Qualified { scope, name }))
    }

    /// `<simple-id>+ E <base-unresolved-name>`: namespaces, mostly. g++ also writes a type without a mark of its end
    /// and then the name: `1AIT_E1x`, where an `E` behind ends what is around it.
    fn name_behind_levels(&mut self) -> Option<Id> {
        let mut scope = self.simple_id()?;
        let is_template = matches!(self.tree.node(scope), Node::Template { .. });
        while self.peek().is_ascii_digit() && !is_template {
            let name = self.simple_id()?;
            scope = self.push(Node::Qualified { scope, name });
        }
        self.expect(b'E')?;
        if !self.is_base_name() {
            return None;
        }
        let name = self.base_name_alone()?;
        let name = self.push(Node::Qualified { scope, name });
        self.with_arguments(name)
    }

    fn is_base_name(&self) -> bool {
        self.peek().is_ascii_digit() || matches!([self.peek(), self.peek_at(1)], [b'o' | b'd', b'n'])
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
        let name = self.base_name_alone()?;
        self.with_arguments(name)
    }

    fn base_name_alone(&mut self) -> Option<Id> {
        if self.eat_code(b"dn") {
            let is_simple = self.peek().is_ascii_digit();
            let class = if is_simple { self.simple_id()? } else { self.ty()? };
            return Some(self.push(Node::Destructor(class)));
        }
        if self.eat_code(b"on") { self.operator_name() } else { self.unqualified_name(NOTHING) }
    }

    fn simple_id(&mut self) -> Option<Id> {
        let name = self.source_name()?;
        self.with_arguments(name)
    }
}
