//! Expressions: what is no operation, and what operands look like.

use super::super::builtins::{BUILTINS, LiteralStyle};
use super::super::node::{Id, List, NOTHING, Node, Span};
use super::super::phrases::Phrase;
use super::Printer;

impl Printer<'_> {
    pub(super) fn expression(&mut self, node: Node) -> Option<()> {
        match node {
            Node::FunctionParameter(number) => {
                self.push(b"{parm#")?;
                self.push_number(number)?;
                self.push(b"}")
            }
            Node::Call { callee, arguments } => {
                self.callee(callee)?;
                self.enclosed(b"(", arguments, b")")
            }
            Node::VendorCall { name, arguments } => {
                self.node(name)?;
                self.enclosed(b"(", arguments, b")")
            }
            Node::Cast { ty, value } => {
                self.optional(b"(", ty)?;
                self.push(b")")?;
                self.operand(value)
            }
            Node::Braced { ty, list } => {
                self.node(ty)?;
                self.enclosed(b"{", list, b"}")
            }
            Node::New { parts, is_array } => self.new_expression(parts, is_array),
            Node::Requires { parameters, requirements } => self.requires(parameters, requirements),
            node => self.operation(node),
        }
    }

    /// An operand, in parentheses unless it is a name or the like.
    pub(super) fn operand(&mut self, id: Id) -> Option<()> {
        let is_simple = match self.tree.node(id) {
            Node::Name(_) | Node::Qualified { .. } | Node::Braced { .. } | Node::FunctionParameter(_) => true,
            Node::Text(phrase) => phrase == Phrase::This,
            _ => false,
        };
        if is_simple { self.node(id) } else { self.in_parentheses(id) }
    }

    pub(super) fn in_parentheses(&mut self, id: Id) -> Option<()> {
        self.push(b"(")?;
        self.node(id)?;
        self.push(b")")
    }

    /// A function that is called is shown without parameters: its arguments follow.
    fn callee(&mut self, id: Id) -> Option<()> {
        match self.tree.node(id) {
            Node::Encoding { name, .. } => self.operand(name),
            _ => self.operand(id),
        }
    }

    pub(super) fn literal(&mut self, ty: Id, value: Span) -> Option<()> {
        let style = match self.tree.node(ty) {
            Node::Builtin(index) => {
                BUILTINS.get(index as usize).map_or(LiteralStyle::Cast, |builtin| builtin.style)
            }
            _ => LiteralStyle::Cast,
        };
        match (style, self.text.get(value.start as usize)) {
            (LiteralStyle::Suffix(suffix), _) => {
                self.number(value)?;
                self.push(suffix.as_bytes())
            }
            (LiteralStyle::Bool, Some(b'0')) if value.len == 1 => self.push(b"false"),
            (LiteralStyle::Bool, Some(b'1')) if value.len == 1 => self.push(b"true"),
            _ => {
                self.in_parentheses(ty)?;
                self.bits_or_number(style, value)
            }
        }
    }

    fn bits_or_number(&mut self, style: LiteralStyle, value: Span) -> Option<()> {
        if style != LiteralStyle::Bits {
            return self.number(value);
        }
        self.push(b"[")?;
        self.push_span(value)?;
        self.push(b"]")
    }

    /// Digits; `n` stands for a minus.
    fn number(&mut self, value: Span) -> Option<()> {
        if value.len == 0 || self.text.get(value.start as usize) != Some(&b'n') {
            return self.push_span(value);
        }
        self.push(b"-")?;
        self.push_span(Span { start: value.start + 1, len: value.len - 1 })
    }

    fn new_expression(&mut self, parts: List, is_array: bool) -> Option<()> {
        let [placement, ty, initial] = *self.tree.items(parts) else { return None };
        self.push(if is_array { b"new[] " } else { b"new " })?;
        if matches!(self.tree.node(placement), Node::Arguments(list) if !self.tree.items(list).is_empty()) {
            self.operand(placement)?;
            self.push(b" ")?;
        }
        self.node(ty)?;
        if initial == NOTHING { Some(()) } else { self.operand(initial) }
    }

    fn requires(&mut self, parameters: List, requirements: Id) -> Option<()> {
        let tree = self.tree;
        self.push(b"requires")?;
        if !tree.items(parameters).is_empty() {
            self.enclosed(b"(", parameters, b")")?;
        }
        self.push(b" {")?;
        let Node::Arguments(requirements) = tree.node(requirements) else { return None };
        for &requirement in tree.items(requirements) {
            self.push(b" ")?;
            self.node(requirement)?;
            self.push(b";")?;
        }
        self.push(b" }")
    }
}
