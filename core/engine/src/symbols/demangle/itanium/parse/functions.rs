//! The types of functions.

use super::super::builtins::VOID;
use super::super::node::{Function, Id, List, NOTHING, Node, Qualifiers};
use super::super::phrases::Phrase;
use super::Parser;

impl Parser<'_> {
    /// Parameters up to what cannot start a type; `v` alone stands for none.
    pub(super) fn parameters(&mut self) -> Option<List> {
        let parameters = self.list_while(|parser| !parser.is_end_of_parameters(), Self::ty)?;
        match *self.tree.items(parameters) {
            [] => None,
            [only] if matches!(self.tree.node(only), Node::Builtin(VOID)) => Some(List::default()),
            _ => Some(parameters),
        }
    }

    fn is_end_of_parameters(&self) -> bool {
        match self.peek() {
            0 | b'E' | b'.' | b'_' | b'Q' => true,
            b'R' | b'O' => self.peek_at(1) == b'E',
            _ => false,
        }
    }

    /// Whether qualifiers are those of a function.
    pub(super) fn is_function_type(&self) -> bool {
        self.peek() == b'F' || self.peek() == b'D' && matches!(self.peek_at(1), b'o' | b'O' | b'w' | b'x')
    }

    /// `[<exception-spec>] [Dx] F [Y] <result> <parameters> [<ref-qualifier>] E`
    pub(super) fn function_type(&mut self, qualifiers: Qualifiers) -> Option<Id> {
        let mut exceptions = NOTHING;
        while self.peek() == b'D' {
            exceptions = self.exception_specification(exceptions)?;
        }
        self.expect(b'F')?;
        self.eat(b'Y');
        let result = self.ty()?;
        let parameters = self.parameters()?;
        let qualifiers = Qualifiers(qualifiers.0 | self.reference_qualifier());
        self.expect(b'E')?;
        let function = Function { result, parameters, qualifiers, exceptions, constraint: NOTHING };
        let function = self.tree.push_function(function);
        Some(self.push(Node::Function(function)))
    }

    fn exception_specification(&mut self, before: Id) -> Option<Id> {
        let code = self.peek_at(1);
        self.at += 2;
        let node = match code {
            b'x' => return Some(before),
            b'o' => Node::Text(Phrase::Noexcept),
            b'O' => {
                let condition = self.expression()?;
                self.expect(b'E')?;
                Node::Noexcept(condition)
            }
            b'w' => Node::Throw(self.list_until(b'E', Self::ty)?),
            _ => return None,
        };
        Some(self.push(node))
    }
}
