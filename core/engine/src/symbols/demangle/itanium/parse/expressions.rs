//! Expressions, as they stand in `decltype` and in template arguments.

use super::super::builtins::{Form, NULLPTR, OPERATORS, operator};
use super::super::node::{Id, NOTHING, Node, Span};
use super::super::phrases::Phrase;
use super::Parser;

impl Parser<'_> {
    /// `<expression>`
    pub(super) fn expression(&mut self) -> Option<Id> {
        self.nested(Self::any_expression)
    }

    fn any_expression(&mut self) -> Option<Id> {
        match (self.peek(), self.peek_at(1)) {
            (b'L', _) => self.primary(),
            (b'T', b'_' | b'L' | b'0'..=b'9') => self.template_parameter(),
            (b'f', b'p') => self.function_parameter(),
            (b'f', b'L') if self.peek_at(2).is_ascii_digit() => self.function_parameter(),
            (b'0'..=b'9' | b'S', _) | (b'o', b'n') | (b'd', b'n') | (b's', b'r') => self.unresolved_name(),
            (b'u', _) => self.vendor_call(),
            _ => self.operation(),
        }
    }

    /// `fp <number> _`, `fpT`, `fL <level> p <number> _`
    fn function_parameter(&mut self) -> Option<Id> {
        self.at += 1;
        if self.eat(b'L') {
            self.number()?;
        }
        self.expect(b'p')?;
        if self.eat(b'T') {
            return Some(self.push(Node::Text(Phrase::This)));
        }
        self.cv_qualifiers();
        let number = self.compact_number()?.checked_add(1)?;
        Some(self.push(Node::FunctionParameter(number)))
    }

    /// `L <type> <value> E`, `L <mangled-name> E`
    pub(super) fn primary(&mut self) -> Option<Id> {
        self.expect(b'L')?;
        // An old g++ left out the `_`.
        if self.eat_code(b"_Z") || self.peek() == b'Z' && self.eat(b'Z') {
            let name = self.encoding()?;
            self.expect(b'E')?;
            return Some(name);
        }
        let ty = self.ty()?;
        if matches!(self.tree.node(ty), Node::Builtin(NULLPTR) | Node::Closure(_)) && self.eat(b'E') {
            return Some(ty);
        }
        let value = self.value()?;
        Some(self.push(Node::Literal { ty, value }))
    }

    fn value(&mut self) -> Option<Span> {
        let start = self.at;
        while self.peek() != b'E' {
            if !self.peek().is_ascii_alphanumeric() && self.peek() != b'_' {
                return None;
            }
            self.at += 1;
        }
        self.at += 1;
        Some(Span { start: start as u32, len: (self.at - 1 - start) as u32 })
    }

    fn vendor_call(&mut self) -> Option<Id> {
        self.at += 1;
        let name = self.source_name()?;
        let arguments = self.list_until(b'E', Self::template_argument)?;
        Some(self.push(Node::VendorCall { name, arguments }))
    }

    fn operation(&mut self) -> Option<Id> {
        let code = [self.peek(), self.peek_at(1)];
        self.at += 2;
        match &code {
            b"sp" => {
                let pattern = self.expression()?;
                Some(self.push(Node::Expansion(pattern)))
            }
            b"sy" => {
                let pack = self.expression()?;
                let index = self.expression()?;
                Some(self.push(Node::PackIndex { pack, index }))
            }
            b"il" => self.braced(NOTHING),
            b"tl" => {
                let ty = self.ty()?;
                self.braced(ty)
            }
            b"cv" => self.cast(),
            b"di" | b"dx" | b"dX" => self.designated(code[1]),
            b"rq" | b"rQ" => self.requires(code[1] == b'Q'),
            _ => self.operator_expression(operator(code)?),
        }
    }

    fn operator_expression(&mut self, operator: u8) -> Option<Id> {
        let form = OPERATORS.get(operator as usize)?.form;
        let node = match form {
            Form::Unary => Node::Unary { operator, operand: self.expression()? },
            Form::OfType => Node::Unary { operator, operand: self.ty()? },
            Form::Step if self.eat(b'_') => Node::Unary { operator, operand: self.expression()? },
            Form::Step => Node::Postfix { operator, operand: self.expression()? },
            Form::Binary => Node::Binary { operator, left: self.expression()?, right: self.expression()? },
            Form::Member => Node::Binary { operator, left: self.expression()?, right: self.member_name()? },
            Form::NamedCast => Node::NamedCast { operator, ty: self.ty()?, value: self.expression()? },
            Form::Own => return self.other_operation(operator),
        };
        Some(self.push(node))
    }

    fn other_operation(&mut self, operator: u8) -> Option<Id> {
        let node = match &OPERATORS.get(operator as usize)?.code {
            b"cl" => {
                let callee = self.expression()?;
                Node::Call { callee, arguments: self.list_until(b'E', Self::expression)? }
            }
            b"qu" => {
                let parts = [self.expression()?, self.expression()?, self.expression()?];
                Node::Conditional(self.tree.push_list(&parts))
            }
            b"tr" => Node::Text(Phrase::Throw),
            b"sZ" => Node::SizeofPack(self.expression()?),
            b"sP" => Node::SizeofArguments(self.list_until(b'E', Self::template_argument)?),
            b"nw" => return self.new_expression(false),
            b"na" => return self.new_expression(true),
            b"fl" | b"fr" | b"fL" | b"fR" => return self.fold(operator),
            _ => return None,
        };
        Some(self.push(node))
    }

    fn braced(&mut self, ty: Id) -> Option<Id> {
        let list = self.list_until(b'E', Self::expression)?;
        Some(self.push(Node::Braced { ty, list }))
    }

    /// `cv <type> <expression>`, `cv <type> _ <expression>* E`
    fn cast(&mut self) -> Option<Id> {
        let outer = std::mem::replace(&mut self.is_conversion, false);
        let ty = self.ty()?;
        self.is_conversion = outer;
        let value = if self.eat(b'_') { self.arguments_until(b'E')? } else { self.expression()? };
        Some(self.push(Node::Cast { ty, value }))
    }

    fn arguments_until(&mut self, end: u8) -> Option<Id> {
        let list = self.list_until(end, Self::expression)?;
        Some(self.push(Node::Arguments(list)))
    }

    /// `di <field> <value>`, `dx <index> <value>`, `dX <first> <last> <value>`
    fn designated(&mut self, code: u8) -> Option<Id> {
        let node = match code {
            b'i' => {
                Node::DesignatedField { field: self.unqualified_name(NOTHING)?, value: self.expression()? }
            }
            b'x' => Node::DesignatedIndex { index: self.expression()?, value: self.expression()? },
            _ => {
                let parts = [self.expression()?, self.expression()?, self.expression()?];
                Node::DesignatedRange(self.tree.push_list(&parts))
            }
        };
        Some(self.push(node))
    }

    /// `fl <operator> <pack>`, `fL <operator> <initial> <pack>`, `fR <operator> <pack> <initial>`
    fn fold(&mut self, operator: u8) -> Option<Id> {
        let kind = OPERATORS.get(operator as usize)?.code[1];
        let code = [self.peek(), self.peek_at(1)];
        self.at += 2;
        let operator = super::super::builtins::operator(code)?;
        let first = self.expression()?;
        let second = if kind.is_ascii_uppercase() { self.expression()? } else { NOTHING };
        Some(self.push(Node::Fold { operator, is_left: kind.eq_ignore_ascii_case(&b'l'), first, second }))
    }

    /// `nw <expression>* _ <type> E`, `nw <expression>* _ <type> pi <expression>* E`, `… il …`
    fn new_expression(&mut self, is_array: bool) -> Option<Id> {
        let placement = self.arguments_until(b'_')?;
        let ty = self.ty()?;
        let initial = if self.eat(b'E') {
            NOTHING
        } else if self.eat_code(b"pi") {
            self.arguments_until(b'E')?
        } else {
            self.expression()?
        };
        let parts = self.tree.push_list(&[placement, ty, initial]);
        Some(self.push(Node::New { parts, is_array }))
    }

    /// `rq <requirement>+ E`, `rQ <parameters> _ <requirement>+ E`
    fn requires(&mut self, has_parameters: bool) -> Option<Id> {
        let parameters = if has_parameters { self.list_until(b'_', Self::ty)? } else { Default::default() };
        let requirements = self.list_until(b'E', Self::requirement)?;
        let requirements = self.push(Node::Arguments(requirements));
        Some(self.push(Node::Requires { parameters, requirements }))
    }

    fn requirement(&mut self) -> Option<Id> {
        let kind = self.peek();
        self.at += 1;
        let node = match kind {
            b'X' => {
                let expression = self.expression()?;
                let is_noexcept = self.eat(b'N');
                let concept = if self.eat(b'R') { self.name()?.id } else { NOTHING };
                Node::CompoundRequirement { expression, is_noexcept, concept }
            }
            b'T' => Node::Prefixed { phrase: Phrase::Typename, inner: self.ty()? },
            b'Q' => Node::Prefixed { phrase: Phrase::Requires, inner: self.expression()? },
            _ => return None,
        };
        Some(self.push(node))
    }
}
