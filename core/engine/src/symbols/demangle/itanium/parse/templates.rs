//! Template arguments and parameters, and the types of lambdas, which have both.

use super::super::node::{Closure, Id, List, Node};
use super::Parser;

impl Parser<'_> {
    /// `I <template-arg>* E`
    pub(super) fn template_arguments(&mut self) -> Option<List> {
        if !self.eat(b'I') {
            self.expect(b'J')?;
        }
        let (last_name, is_conversion) = (self.last_name, self.is_conversion);
        self.is_conversion = false;
        let arguments =
            self.list_while(|parser| !matches!(parser.peek(), b'E' | b'Q'), Self::template_argument)?;
        if self.eat(b'Q') {
            // What the arguments had to fulfil says nothing about the function that is called.
            self.expression()?;
        }
        self.expect(b'E')?;
        (self.last_name, self.is_conversion) = (last_name, is_conversion);
        Some(arguments)
    }

    pub(super) fn template_argument(&mut self) -> Option<Id> {
        match (self.peek(), self.peek_at(1)) {
            (b'L', _) => self.primary(),
            (b'X', _) => {
                self.at += 1;
                let expression = self.expression()?;
                self.expect(b'E')?;
                Some(expression)
            }
            (b'I' | b'J', _) => {
                let pack = self.nested(Self::template_arguments)?;
                Some(self.push(Node::Pack(pack)))
            }
            (b'T', b'y' | b'n' | b't' | b'p' | b'k') => {
                // The parameter that the argument is for, where the argument alone does not tell.
                self.parameter_declaration()?;
                self.nested(Self::template_argument)
            }
            _ => self.ty(),
        }
    }

    /// `T_`, `T0_`, `TL1__` …
    pub(super) fn template_parameter(&mut self) -> Option<Id> {
        self.expect(b'T')?;
        if self.eat(b'L') {
            self.number()?;
            self.expect(b'_')?;
        }
        let index = self.compact_number()?;
        Some(self.push(Node::Parameter(index)))
    }

    /// `Ty`, `Tn <type>`, `Tt <parameters> E`, `Tp <parameter>`, `Tk <concept>`
    fn parameter_declaration(&mut self) -> Option<Id> {
        self.nested(|parser| {
            parser.expect(b'T')?;
            let kind = parser.peek();
            parser.at += 1;
            let node = match kind {
                b'y' => Node::TypeParameter,
                b'k' => {
                    parser.name()?;
                    Node::TypeParameter
                }
                b'n' => Node::ValueParameter(parser.ty()?),
                b't' => Node::TemplateParameter(parser.list_until(b'E', Self::parameter_declaration)?),
                b'p' => Node::PackParameter(parser.parameter_declaration()?),
                _ => return None,
            };
            Some(parser.push(node))
        })
    }

    /// `Ul <parameters> E [<number>] _`
    pub(super) fn closure(&mut self) -> Option<Id> {
        self.at += 2;
        let head = self.list_while(|parser| parser.is_declaration(), Self::parameter_declaration)?;
        if self.eat(b'Q') {
            self.expression()?;
        }
        let parameters = self.parameters()?;
        if self.eat(b'Q') {
            self.expression()?;
        }
        self.expect(b'E')?;
        let number = self.compact_number()?.checked_add(1)?;
        Some(self.tree.push_closure(Closure { head, parameters, number }))
    }

    fn is_declaration(&self) -> bool {
        self.peek() == b'T' && matches!(self.peek_at(1), b'y' | b'n' | b't' | b'p' | b'k')
    }
}
