//! Functions, variables and what is declared inside functions.

use super::super::node::{Function, Id, NOTHING, Node, Qualifiers};
use super::super::phrases::Phrase;
use super::Parser;

/// A name, and the qualifiers that belong to the function of this name.
#[derive(Clone, Copy)]
pub(super) struct Named {
    pub(super) id: Id,
    pub(super) qualifiers: Qualifiers,
}

impl From<Id> for Named {
    fn from(id: Id) -> Self {
        Self { id, qualifiers: Qualifiers::default() }
    }
}

impl Parser<'_> {
    /// `<encoding>`: a function with its parameters, a variable, or something that the compiler made.
    pub(in super::super) fn encoding(&mut self) -> Option<Id> {
        self.nested(|parser| match parser.peek() {
            b'G' | b'T' => parser.special(),
            _ => parser.function_or_variable(),
        })
    }

    fn function_or_variable(&mut self) -> Option<Id> {
        let Named { id: name, qualifiers } = self.name()?;
        if matches!(self.peek(), 0 | b'E' | b'.' | b'_') {
            let is_plain = qualifiers.is_empty();
            return Some(if is_plain { name } else { self.push(Node::QualifiedMember { name, qualifiers }) });
        }
        let result = if self.has_result(name) { self.ty()? } else { NOTHING };
        let parameters = self.parameters()?;
        let constraint = if self.eat(b'Q') { self.expression()? } else { NOTHING };
        let function = Function { result, parameters, qualifiers, exceptions: NOTHING, constraint };
        let function = self.tree.push_function(function);
        Some(self.push(Node::Encoding { name, function }))
    }

    /// Functions of templates say what they return, except for those whose names say it. So do all functions in the
    /// mangling of gcj, with a mark.
    fn has_result(&mut self, name: Id) -> bool {
        let Node::Template { name, .. } = self.tree.node(self.tree.without_scopes(name)) else {
            return self.eat(b'J');
        };
        let last = self.tree.last_part(name);
        let says_it =
            matches!(self.tree.node(last), Node::Constructor(_) | Node::Destructor(_) | Node::Conversion(_));
        !says_it || self.eat(b'J')
    }

    /// `Z <encoding> E <name>`: something declared inside a function.
    pub(super) fn local_name(&mut self) -> Option<Named> {
        self.nested(|parser| {
            parser.expect(b'Z')?;
            let function = parser.encoding()?;
            parser.expect(b'E')?;
            // Readers would take it for the result of what is declared inside.
            if let Node::Encoding { function, .. } = parser.tree.node(function) {
                parser.tree.drop_result(function);
            }
            let Named { id: name, qualifiers } = parser.local_entity()?;
            Some(Named { id: parser.push(Node::Local { function, name }), qualifiers })
        })
    }

    fn local_entity(&mut self) -> Option<Named> {
        if self.eat(b's') {
            self.discriminator()?;
            return Some(self.push(Node::Text(Phrase::StringLiteral)).into());
        }
        if !self.eat(b'd') {
            return self.discriminated_name();
        }
        let number = self.compact_number()?.checked_add(1)?;
        let Named { id: name, qualifiers } = self.discriminated_name()?;
        Some(Named { id: self.push(Node::DefaultArgument { number, name }), qualifiers })
    }

    fn discriminated_name(&mut self) -> Option<Named> {
        let named = self.name()?;
        if !matches!(self.tree.node(named.id), Node::Closure(_) | Node::Unnamed(_)) {
            self.discriminator()?;
        }
        Some(named)
    }
}
