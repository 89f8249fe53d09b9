//! Names and what the compiler makes for them.

use super::super::builtins::{OPERATORS, STANDARDS};
use super::super::node::{Closure, Id, List, NOTHING, Node};
use super::Printer;

impl Printer<'_> {
    pub(super) fn qualified(&mut self, scope: Id, name: Id) -> Option<()> {
        self.node(scope)?;
        self.push(b"::")?;
        match self.tree.node(name) {
            // Without arguments of its own a conversion operator reads those of its class.
            Node::Conversion(ty) if self.template_in_progress().is_none() => {
                self.conversion(ty, self.tree.template_arguments(scope))
            }
            _ => self.node(name),
        }
    }

    pub(super) fn template(&mut self, name: Id, arguments: List) -> Option<()> {
        self.in_template(Some(arguments), |printer| printer.node(name))?;
        if self.last() == b'<' {
            self.push(b" ")?;
        }
        self.push(b"<")?;
        let outer = std::mem::replace(&mut self.has_arguments, true);
        self.in_template(None, |printer| printer.list(arguments))?;
        self.has_arguments = outer;
        self.close_angle()
    }

    /// `>`, never two in a row.
    pub(super) fn close_angle(&mut self) -> Option<()> {
        if self.last() == b'>' { self.push(b" >") } else { self.push(b">") }
    }

    /// Prints a part of a name; None if the node is something else.
    pub(super) fn name_part(&mut self, node: Node) -> Option<Option<()>> {
        Some(match node {
            Node::Standard(index) => {
                let text = STANDARDS.get(index as usize).map_or("", |standard| standard.text);
                self.push(text.as_bytes())
            }
            Node::Local { function, name } => self.joined(function, b"::", name),
            Node::DefaultArgument { number, name } => self.default_argument(number, name),
            Node::Tagged { name, tag } => self.joined(name, b"[abi:", tag).and_then(|()| self.push(b"]")),
            Node::Friend(name) => self.node(name).and_then(|()| self.push(b"[friend]")),
            Node::InModule { name, module } => self.joined(name, b"@", module),
            Node::Module { parent, name, is_partition } => self.module(parent, name, is_partition),
            Node::Constructor(class) => self.structor(b"", class),
            Node::Destructor(class) => self.structor(b"~", class),
            Node::Closure(index) => self.closure(self.tree.closure(index)),
            Node::Unnamed(number) => self.numbered(b"{unnamed type#", number, b"}"),
            Node::Bindings(names) => self.enclosed(b"[", names, b"]"),
            node => return self.operator_or_special(node),
        })
    }

    fn operator_or_special(&mut self, node: Node) -> Option<Option<()>> {
        Some(match node {
            Node::Operator(index) => self.operator_name(index),
            Node::LiteralOperator(name) => self.optional(b"operator\"\" ", name),
            Node::VendorOperator(name) => self.optional(b"operator ", name),
            Node::Conversion(ty) => self.conversion(ty, self.template_in_progress()),
            Node::QualifiedMember { name, qualifiers } => {
                self.node(name).and_then(|()| self.qualifiers(qualifiers))
            }
            Node::Prefixed { phrase, inner } => self.optional(phrase.text().as_bytes(), inner),
            Node::ConstructionVtable { derived, base } => {
                self.push(b"construction vtable for ").and_then(|()| self.joined(base, b"-in-", derived))
            }
            Node::ReferenceTemporary { number, name } => {
                self.numbered(b"reference temporary #", number, b" for ").and_then(|()| self.node(name))
            }
            _ => return None,
        })
    }

    fn joined(&mut self, first: Id, between: &[u8], second: Id) -> Option<()> {
        self.node(first)?;
        self.push(between)?;
        self.node(second)
    }

    fn numbered(&mut self, before: &[u8], number: u32, behind: &[u8]) -> Option<()> {
        self.push(before)?;
        self.push_number(number)?;
        self.push(behind)
    }

    pub(super) fn enclosed(&mut self, open: &[u8], list: List, close: &[u8]) -> Option<()> {
        self.push(open)?;
        self.list(list)?;
        self.push(close)
    }

    fn default_argument(&mut self, number: u32, name: Id) -> Option<()> {
        self.numbered(b"{default arg#", number, b"}::")?;
        self.node(name)
    }

    fn module(&mut self, parent: Id, name: Id, is_partition: bool) -> Option<()> {
        self.node(parent)?;
        match (is_partition, parent) {
            (true, _) => self.push(b":")?,
            (false, NOTHING) => {}
            (false, _) => self.push(b".")?,
        }
        self.node(name)
    }

    fn structor(&mut self, mark: &[u8], class: Id) -> Option<()> {
        self.push(mark)?;
        match self.tree.node(class) {
            Node::Standard(index) => {
                let class = STANDARDS.get(index as usize).map_or("", |standard| standard.class);
                self.push(class.as_bytes())
            }
            _ => self.node(class),
        }
    }

    fn closure(&mut self, closure: Closure) -> Option<()> {
        let outer = std::mem::replace(&mut self.has_arguments, true);
        self.push(b"{lambda")?;
        self.in_lambda(closure.head, |printer| {
            printer.template_head(closure.head)?;
            printer.enclosed(b"(", closure.parameters, b")")
        })?;
        self.has_arguments = outer;
        self.numbered(b"#", closure.number, b"}")
    }

    /// `<typename $T0, int $N1>`
    fn template_head(&mut self, head: List) -> Option<()> {
        let tree = self.tree;
        if tree.items(head).is_empty() {
            return Some(());
        }
        self.push(b"<")?;
        for (index, &parameter) in tree.items(head).iter().enumerate() {
            if index > 0 {
                self.push(b", ")?;
            }
            self.template_parameter_kind(parameter)?;
            self.push(b" ")?;
            self.template_parameter_name(parameter, index as u32)?;
        }
        self.close_angle()
    }

    fn template_parameter_kind(&mut self, parameter: Id) -> Option<()> {
        self.enter()?;
        match self.tree.node(parameter) {
            Node::ValueParameter(ty) => self.node(ty)?,
            Node::TemplateParameter(head) => {
                self.push(b"template")?;
                self.template_head(head)?;
                self.push(b" class")?;
            }
            Node::PackParameter(parameter) => {
                self.template_parameter_kind(parameter)?;
                self.push(b"...")?;
            }
            _ => self.push(b"typename")?,
        }
        self.nesting -= 1;
        Some(())
    }

    pub(super) fn template_parameter_name(&mut self, parameter: Id, index: u32) -> Option<()> {
        let mut node = self.tree.node(parameter);
        if let Node::PackParameter(inner) = node {
            node = self.tree.node(inner);
        }
        let letters: &[u8] = match node {
            Node::ValueParameter(_) => b"$N",
            Node::TemplateParameter(_) => b"$TT",
            _ => b"$T",
        };
        self.push(letters)?;
        self.push_number(index)
    }

    fn conversion(&mut self, ty: Id, arguments: Option<List>) -> Option<()> {
        self.push(b"operator ")?;
        self.in_scope(arguments, |printer| printer.node(ty))
    }

    fn operator_name(&mut self, index: u8) -> Option<()> {
        let text = OPERATORS.get(index as usize)?.text;
        self.push(b"operator")?;
        if text.starts_with(|first: char| first.is_ascii_lowercase()) {
            self.push(b" ")?;
        }
        self.push(text.trim_end().as_bytes())
    }
}
