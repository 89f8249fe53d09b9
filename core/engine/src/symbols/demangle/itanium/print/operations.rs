//! Expressions made of operators.

use super::super::builtins::OPERATORS;
use super::super::node::{Id, List, NOTHING, Node};
use super::Printer;

impl Printer<'_> {
    pub(super) fn operation(&mut self, node: Node) -> Option<()> {
        match node {
            Node::Unary { operator, operand } => self.unary(operator, operand),
            Node::Postfix { operator, operand } => {
                self.operand(operand)?;
                self.operator(operator)
            }
            Node::Binary { operator, left, right } => self.binary(operator, left, right),
            Node::Conditional(parts) => self.conditional(parts),
            Node::Fold { operator, is_left, first, second } => {
                self.with_whole_packs(|printer| printer.fold(operator, is_left, first, second))
            }
            Node::NamedCast { operator, ty, value } => {
                self.operator(operator)?;
                self.optional(b"<", ty)?;
                self.push(b">")?;
                self.in_parentheses(value)
            }
            Node::SizeofPack(pack) => self.sizeof_pack(pack),
            Node::SizeofArguments(list) => self.sizeof_arguments(list),
            node => self.initializer(node),
        }
    }

    fn initializer(&mut self, node: Node) -> Option<()> {
        match node {
            Node::DesignatedField { field, value } => {
                self.optional(b".", field)?;
                self.designated_value(value)
            }
            Node::DesignatedIndex { index, value } => {
                self.optional(b"[", index)?;
                self.push(b"]")?;
                self.designated_value(value)
            }
            Node::DesignatedRange(parts) => {
                let [first, last, value] = *self.tree.items(parts) else { return None };
                self.optional(b"[", first)?;
                self.optional(b" ... ", last)?;
                self.push(b"]")?;
                self.designated_value(value)
            }
            Node::CompoundRequirement { expression, is_noexcept, concept } => {
                self.compound_requirement(expression, is_noexcept, concept)
            }
            // What belongs into a lambda's template head only.
            _ => None,
        }
    }

    fn compound_requirement(&mut self, expression: Id, is_noexcept: bool, concept: Id) -> Option<()> {
        if !is_noexcept && concept == NOTHING {
            return self.node(expression);
        }
        self.optional(b"{", expression)?;
        self.push(if is_noexcept { b"} noexcept" } else { b"}" })?;
        self.optional(b" -> ", concept)
    }

    /// Another designator may follow before the value: `.a.b=1`.
    fn designated_value(&mut self, value: Id) -> Option<()> {
        let is_designated = matches!(
            self.tree.node(value),
            Node::DesignatedField { .. } | Node::DesignatedIndex { .. } | Node::DesignatedRange(_)
        );
        if is_designated {
            return self.node(value);
        }
        self.push(b"=")?;
        self.operand(value)
    }

    fn operator(&mut self, operator: u8) -> Option<()> {
        self.push(OPERATORS.get(operator as usize)?.text.as_bytes())
    }

    fn unary(&mut self, operator: u8, operand: Id) -> Option<()> {
        self.operator(operator)?;
        match (&OPERATORS.get(operator as usize)?.code, self.tree.node(operand)) {
            // A member's address says enough without its parameters, c++filt finds.
            (b"ad", Node::Encoding { name, function }) if self.is_plain_member(name, function) => {
                self.node(name)
            }
            (b"gs", _) => self.node(operand),
            (b"st" | b"nx" | b"ti", _) => self.in_parentheses(operand),
            _ => self.operand(operand),
        }
    }

    fn is_plain_member(&self, name: Id, function: u32) -> bool {
        let is_qualified = matches!(self.tree.node(name), Node::Qualified { .. });
        is_qualified && self.tree.function(function).qualifiers.is_empty()
    }

    fn binary(&mut self, operator: u8, left: Id, right: Id) -> Option<()> {
        let code = &OPERATORS.get(operator as usize)?.code;
        if code == b"ix" {
            self.operand(left)?;
            self.optional(b"[", right)?;
            return self.push(b"]");
        }
        // A bare `>` would end the template arguments.
        let is_closing = code == b"gt";
        self.push(if is_closing { b"(" } else { b"" })?;
        self.operand(left)?;
        self.operator(operator)?;
        self.operand(right)?;
        self.push(if is_closing { b")" } else { b"" })
    }

    fn conditional(&mut self, parts: List) -> Option<()> {
        let [condition, yes, no] = *self.tree.items(parts) else { return None };
        self.operand(condition)?;
        self.push(b"?")?;
        self.operand(yes)?;
        self.push(b" : ")?;
        self.operand(no)
    }

    fn fold(&mut self, operator: u8, is_left: bool, first: Id, second: Id) -> Option<()> {
        self.push(b"(")?;
        if second == NOTHING && is_left {
            self.push(b"...")?;
            self.operator(operator)?;
            self.operand(first)?;
            return self.push(b")");
        }
        self.operand(first)?;
        self.operator(operator)?;
        self.push(b"...")?;
        if second != NOTHING {
            self.operator(operator)?;
            self.operand(second)?;
        }
        self.push(b")")
    }

    /// The number of members, where it is known.
    fn sizeof_pack(&mut self, pack: Id) -> Option<()> {
        if let Some(found) = self.pack_in(pack)? {
            return self.push_number(self.tree.items(found).len() as u32);
        }
        self.push(b"sizeof...")?;
        self.in_parentheses(pack)
    }

    fn sizeof_arguments(&mut self, list: List) -> Option<()> {
        let tree = self.tree;
        let mut count = 0;
        for &id in tree.items(list) {
            count += match tree.node(id) {
                Node::Expansion(pattern) => {
                    self.pack_in(pattern)?.map_or(0, |pack| tree.items(pack).len() as u32)
                }
                _ => 1,
            };
        }
        self.push_number(count)
    }
}
