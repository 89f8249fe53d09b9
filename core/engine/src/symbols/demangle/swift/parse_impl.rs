//! Lowered function types, between which thunks convert: conventions by letter.

use super::node::{ImplFunction, ImplPart, Node};
use super::parser::Parser;

impl<'a> Parser<'a> {
    /// What follows `I`.
    pub(super) fn impl_function(&mut self) -> Option<()> {
        let mut function = ImplFunction::default();
        if self.cursor.eat(b's') {
            let arguments = self.bound_arguments()?.pop()?;
            function.pattern = Some((self.pop_signature()?, arguments));
        }
        if self.cursor.eat(b'I') {
            function.invocation = Some(self.bound_arguments()?.pop()?);
        }
        function.signature = self.pop_signature();
        self.cursor.eat(b'P');
        self.impl_attributes(&mut function.attributes)?;
        function.sends_result = self.cursor.eat(b'T');
        self.impl_parts(&mut function)?;
        self.push_type(Node::Impl(Box::new(function)))
    }

    fn impl_attributes(&mut self, attributes: &mut Vec<&'static str>) -> Option<()> {
        let optional = |parser: &mut Self, letter: u8, word| parser.cursor.eat(letter).then_some(word);
        attributes.extend(optional(self, b'e', "@escaping"));
        attributes.extend(optional(self, b'A', "@isolated(any)"));
        attributes.extend(optional(self, b'N', "nonisolated(nonsending)"));
        attributes.extend(optional(self, b'O', "@called(atMostOnce)"));
        attributes.extend(optional(self, b'd', "@differentiable"));
        attributes.extend(optional(self, b'l', "@differentiable(_linear)"));
        attributes.extend(optional(self, b'f', "@differentiable(_forward)"));
        attributes.extend(optional(self, b'r', "@differentiable(reverse)"));
        attributes.push(match self.cursor.next()? {
            b'y' => "@callee_unowned",
            b'g' => "@callee_guaranteed",
            b'x' => "@callee_owned",
            b't' => "@convention(thin)",
            _ => return None,
        });
        attributes.extend(self.impl_representation()?);
        attributes.extend(optional(self, b'A', "@yield_once"));
        attributes.extend(optional(self, b'I', "@yield_once_2"));
        attributes.extend(optional(self, b'G', "@yield_many"));
        attributes.extend(optional(self, b'h', "@Sendable"));
        attributes.extend(optional(self, b'H', "@async"));
        Some(())
    }

    fn impl_representation(&mut self) -> Option<Option<&'static str>> {
        let has_c_type = self.cursor.eat(b'z');
        let word = match self.cursor.peek() {
            b'B' => "@convention(block)",
            b'C' => "@convention(c)",
            b'M' => "@convention(method)",
            b'J' => "@convention(objc_method)",
            b'K' => "@convention(closure)",
            b'W' => "@convention(witness_method)",
            _ => return if has_c_type { None } else { Some(None) },
        };
        self.cursor.next()?;
        if has_c_type {
            let length = usize::try_from(self.cursor.number()?).ok()?;
            self.cursor.take(length)?;
        }
        Some(Some(word))
    }

    fn impl_parts(&mut self, function: &mut ImplFunction) -> Option<()> {
        while let Some(convention) = parameter_convention(self.cursor.peek()) {
            function.parameters.push(self.impl_part(convention, true)?);
        }
        while let Some(convention) = result_convention(self.cursor.peek()) {
            function.results.push(self.impl_part(convention, false)?);
        }
        while self.cursor.eat(b'Y') {
            let convention = parameter_convention(self.cursor.peek())?;
            let mut part = self.impl_part(convention, true)?;
            part.options.insert(0, "@yields");
            function.results.push(part);
        }
        if self.cursor.eat(b'z') {
            let convention = result_convention(self.cursor.peek())?;
            let mut part = self.impl_part(convention, false)?;
            part.options.insert(0, "@error");
            function.results.push(part);
        }
        self.cursor.expect(b'_')?;
        for part in function.results.iter_mut().rev().chain(function.parameters.iter_mut().rev()) {
            part.type_ = self.pop_type()?;
        }
        Some(())
    }

    fn impl_part(&mut self, convention: &'static str, is_parameter: bool) -> Option<ImplPart> {
        self.cursor.next()?;
        let mut options = Vec::new();
        if self.cursor.eat(b'w') {
            options.push("@noDerivative");
        }
        if is_parameter && self.cursor.eat(b'T') {
            options.push("sending");
        }
        if is_parameter && self.cursor.eat(b'I') {
            options.push("isolated");
        }
        if is_parameter && self.cursor.eat(b'L') {
            options.push("sil_implicit_leading_param");
        }
        Some(ImplPart { convention, options, type_: 0 })
    }
}

fn parameter_convention(letter: u8) -> Option<&'static str> {
    Some(match letter {
        b'i' => "@in",
        b'c' => "@in_constant",
        b'l' => "@inout",
        b'b' => "@inout_aliasable",
        b'n' => "@in_guaranteed",
        b'X' => "@in_cxx",
        b'x' => "@owned",
        b'g' => "@guaranteed",
        b'e' => "@deallocating",
        b'y' => "@unowned",
        b'v' => "@pack_owned",
        b'p' => "@pack_guaranteed",
        b'm' => "@pack_inout",
        _ => return None,
    })
}

fn result_convention(letter: u8) -> Option<&'static str> {
    Some(match letter {
        b'r' => "@out",
        b'o' => "@owned",
        b'd' => "@unowned",
        b'u' => "@unowned_inner_pointer",
        b'a' => "@autoreleased",
        b'k' => "@pack_out",
        b'l' => "@guaranteed_address",
        b'g' => "@guaranteed",
        b'm' => "@inout",
        _ => return None,
    })
}
