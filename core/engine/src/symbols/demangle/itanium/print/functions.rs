//! Functions: what they return, their parameters and qualifiers.

use super::super::node::{Function, Id, Node, Qualifiers};
use super::Printer;

impl Printer<'_> {
    /// A function with its parameters, if they are wanted.
    pub(super) fn encoding(&mut self, name: Id, function: u32, has_result: bool) -> Option<()> {
        if !self.has_arguments {
            return self.node(name);
        }
        let mut function = self.tree.function(function);
        if !has_result {
            function.result = 0;
        }
        let arguments = self.tree.template_arguments(name);
        self.in_scope(arguments, |printer| printer.result(function))?;
        self.node(name)?;
        self.in_scope(arguments, |printer| printer.behind_name(function))
    }

    fn result(&mut self, function: Function) -> Option<()> {
        if function.result == 0 {
            return Some(());
        }
        self.function_left(function)
    }

    fn behind_name(&mut self, function: Function) -> Option<()> {
        self.function_right(function)?;
        self.optional(b" requires ", function.constraint)
    }

    /// What a function returns, up to the function's place in it.
    pub(super) fn function_left(&mut self, function: Function) -> Option<()> {
        self.left(function.result)?;
        if self.has_tail(function.result) { Some(()) } else { self.push(b" ") }
    }

    pub(super) fn function_right(&mut self, function: Function) -> Option<()> {
        self.enclosed(b"(", function.parameters, b")")?;
        self.node(function.exceptions)?;
        self.qualifiers(function.qualifiers)?;
        self.right(function.result)
    }

    pub(super) fn qualifiers(&mut self, qualifiers: Qualifiers) -> Option<()> {
        const NAMES: [(u8, &[u8]); 5] = [
            (Qualifiers::CONST, b" const"),
            (Qualifiers::VOLATILE, b" volatile"),
            (Qualifiers::RESTRICT, b" restrict"),
            (Qualifiers::REFERENCE, b" &"),
            (Qualifiers::RVALUE, b" &&"),
        ];
        if qualifiers.is_empty() {
            return Some(());
        }
        for (_, name) in NAMES.into_iter().filter(|(bit, _)| qualifiers.has(*bit)) {
            self.push(name)?;
        }
        Some(())
    }

    /// `noexcept(…)`, `throw(…)`
    pub(super) fn exception_specification(&mut self, node: Node) -> Option<Option<()>> {
        Some(match node {
            Node::Noexcept(condition) => {
                self.optional(b" noexcept(", condition).and_then(|()| self.push(b")"))
            }
            Node::Throw(list) => self.enclosed(b" throw(", list, b")"),
            _ => return None,
        })
    }
}
