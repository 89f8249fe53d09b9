//! Writes types, with the language's short forms: `[Swift.Int]`, `Swift.String?`.

use super::node::{Effects, Id, ImplFunction, ImplPart, Isolation, Node, Throws};
use super::print::Printer;

impl<'n, 'a> Printer<'n, 'a> {
    pub(super) fn type_node(&mut self, node: &'n Node<'a>) -> Option<()> {
        match node {
            Node::Bound { base, arguments } => self.bound(*base, arguments),
            Node::Builtin(name) | Node::Integer(name) => self.push(name),
            Node::Function { convention, effects, parameters, result } => {
                self.function_type(convention, effects, None, *parameters, *result)
            }
            Node::Impl(function) => self.impl_function(function),
            Node::Tuple(elements) => self.tuple(elements),
            Node::Element { label, type_, is_variadic } => self.element(*label, *type_, *is_variadic),
            Node::Protocols { protocols, superclass, is_object } => {
                self.protocols(protocols, *superclass, *is_object)
            }
            Node::Constrained { existential, requirements } => self.constrained(*existential, requirements),
            Node::Metatype { of, representation, is_existential } => {
                self.metatype(*of, representation, *is_existential)
            }
            Node::Modified { word, type_ } => {
                self.push(word)?;
                self.node(*type_)
            }
            Node::DynamicSelf | Node::ConstrainedSelf => self.push("Self"),
            Node::Parameter { depth, index } => self.parameter(*depth, *index),
            Node::AssociatedName { name, protocol } => self.associated_name(*name, *protocol),
            Node::Member { base, name } | Node::AssociatedType { base, name } => {
                self.in_parentheses(*base)?;
                self.push(".")?;
                self.node(*name)
            }
            Node::Generic { signature, type_ } => self.generic(*signature, *type_),
            Node::OpaqueOf(entity) => {
                self.push("<<opaque return type of ")?;
                self.node(*entity)?;
                self.push(">>")
            }
            Node::Opaque { of, index } => self.opaque(*of, *index),
            Node::Some => self.push("some"),
            Node::Pack(elements) => {
                self.push("Pack{")?;
                self.joined(elements, ", ")?;
                self.push("}")
            }
            Node::Expansion { pattern } => {
                self.push("repeat ")?;
                self.node(*pattern)
            }
            Node::Box { fields, signature, arguments } => self.boxed(fields, *signature, arguments),
            Node::Error => self.push("<ERROR TYPE>"),
            Node::EmptyList | Node::First => self.push("_"),
            _ => Some(()),
        }
    }

    fn bound(&mut self, base: Id, arguments: &[Id]) -> Option<()> {
        match (self.standard_name(base), arguments) {
            (Some("Optional"), [wrapped]) => {
                self.in_parentheses(*wrapped)?;
                self.push("?")
            }
            (Some("Array"), [element]) => {
                self.push("[")?;
                self.node(*element)?;
                self.push("]")
            }
            (Some("Dictionary"), [key, value]) => {
                self.push("[")?;
                self.node(*key)?;
                self.push(" : ")?;
                self.node(*value)?;
                self.push("]")
            }
            _ => {
                self.node(base)?;
                self.push("<")?;
                self.joined(arguments, ", ")?;
                self.push(">")
            }
        }
    }

    /// The name of a type of the standard library.
    fn standard_name(&self, id: Id) -> Option<&'n str> {
        let Node::Nominal { context, name, .. } = self.get(id)? else { return None };
        let (Node::Module(module), Node::Identifier(name)) = (self.get(*context)?, self.get(*name)?) else {
            return None;
        };
        (module == "Swift").then_some(name.as_ref())
    }

    fn in_parentheses(&mut self, id: Id) -> Option<()> {
        let is_simple = match self.get(id)? {
            Node::Function { .. } | Node::Impl(_) | Node::Modified { .. } | Node::Generic { .. } => false,
            Node::Constrained { .. } | Node::Some | Node::Expansion { .. } => false,
            Node::Protocols { protocols, superclass, is_object } => {
                superclass.is_none() && !(*is_object && !protocols.is_empty()) && protocols.len() <= 1
            }
            _ => true,
        };
        if is_simple {
            return self.node(id);
        }
        self.push("(")?;
        self.node(id)?;
        self.push(")")
    }

    fn tuple(&mut self, elements: &[Id]) -> Option<()> {
        self.push("(")?;
        self.joined(elements, ", ")?;
        self.push(")")
    }

    fn element(&mut self, label: Option<Id>, type_: Id, is_variadic: bool) -> Option<()> {
        if let Some(label) = label {
            self.node(label)?;
            self.push(": ")?;
        }
        self.node(type_)?;
        self.push(if is_variadic { "..." } else { "" })
    }

    fn protocols(&mut self, protocols: &[Id], superclass: Option<Id>, is_object: bool) -> Option<()> {
        if let Some(superclass) = superclass {
            self.node(superclass)?;
            self.push(if protocols.is_empty() { "" } else { " & " })?;
        } else if protocols.is_empty() && !is_object {
            return self.push("Any");
        }
        self.joined(protocols, " & ")?;
        if is_object {
            self.push(if protocols.is_empty() { "" } else { " & " })?;
            self.push(if self.is_full() { "Swift.AnyObject" } else { "AnyObject" })?;
        }
        Some(())
    }

    fn constrained(&mut self, existential: Id, requirements: &[Id]) -> Option<()> {
        self.node(existential)?;
        self.push("<")?;
        self.joined(requirements, ", ")?;
        self.push(">")
    }

    fn metatype(&mut self, of: Id, representation: &str, is_existential: bool) -> Option<()> {
        self.push(representation)?;
        self.in_parentheses(of)?;
        let is_of_protocol = matches!(self.get(of), Some(Node::Protocols { .. } | Node::Constrained { .. }));
        self.push(if is_of_protocol && !is_existential { ".Protocol" } else { ".Type" })
    }

    fn associated_name(&mut self, name: Id, protocol: Option<Id>) -> Option<()> {
        if let Some(protocol) = protocol {
            self.node(protocol)?;
            self.push(".")?;
        }
        self.node(name)
    }

    fn generic(&mut self, signature: Id, type_: Id) -> Option<()> {
        self.node(signature)?;
        let is_function = matches!(self.get(type_), Some(Node::Function { .. }));
        self.push(if is_function { "" } else { " " })?;
        self.node(type_)
    }

    fn opaque(&mut self, of: Id, index: u64) -> Option<()> {
        if !self.is_full() {
            return self.push("some");
        }
        self.node(of)?;
        self.push(".")?;
        self.out.push_number(index)
    }

    fn boxed(&mut self, fields: &[Id], signature: Option<Id>, arguments: &[Id]) -> Option<()> {
        if let Some(signature) = signature {
            self.node(signature)?;
            self.push(" ")?;
        }
        self.push("{ ")?;
        for (index, field) in fields.iter().enumerate() {
            self.push(if index > 0 { ", " } else { "" })?;
            match self.get(*field)? {
                Node::Modified { word: "inout ", type_ } => {
                    self.push("var ")?;
                    self.node(*type_)?;
                }
                _ => {
                    self.push("let ")?;
                    self.node(*field)?;
                }
            }
        }
        self.push(" }")?;
        if signature.is_some() {
            self.push(" <")?;
            self.joined(arguments, ", ")?;
            self.push(">")?;
        }
        Some(())
    }

    pub(super) fn function_type(
        &mut self,
        convention: &str,
        effects: &Effects,
        labels: Option<&[Id]>,
        parameters: Id,
        result: Id,
    ) -> Option<()> {
        if !self.is_full() && labels.is_some() {
            return self.parameters(labels, parameters);
        }
        self.isolation(effects.isolation)?;
        self.push(differentiability(effects.differentiable))?;
        self.push(convention)?;
        self.push(if effects.is_sendable { "@Sendable " } else { "" })?;
        self.parameters(labels, parameters)?;
        if !self.is_full() {
            return Some(());
        }
        self.push(if effects.is_async { " async" } else { "" })?;
        match effects.throws {
            Some(Throws::Any) => self.push(" throws")?,
            Some(Throws::Only(error)) => {
                self.push(" throws(")?;
                self.node(error)?;
                self.push(")")?;
            }
            None => {}
        }
        self.push(" -> ")?;
        self.push(if effects.sends_result { "sending " } else { "" })?;
        self.node(result)
    }

    fn isolation(&mut self, isolation: Option<Isolation>) -> Option<()> {
        match isolation {
            Some(Isolation::Actor(actor)) => {
                self.push("@")?;
                self.node(actor)?;
                self.push(" ")
            }
            Some(Isolation::Any) => self.push("@isolated(any) "),
            Some(Isolation::Caller) => self.push("nonisolated(nonsending) "),
            None => Some(()),
        }
    }

    fn parameters(&mut self, labels: Option<&[Id]>, parameters: Id) -> Option<()> {
        let single = [parameters];
        let elements = match self.get(parameters)? {
            Node::Tuple(elements) => elements.as_slice(),
            _ => &single,
        };
        self.push("(")?;
        for (index, element) in elements.iter().enumerate() {
            self.push(if index > 0 && self.is_full() { ", " } else { "" })?;
            self.labelled(labels.and_then(|labels| labels.get(index)), *element)?;
        }
        self.push(")")
    }

    fn labelled(&mut self, label: Option<&Id>, element: Id) -> Option<()> {
        if self.is_full() {
            if let Some(label) = label {
                self.node(*label)?;
                self.push(": ")?;
            }
            return self.node(element);
        }
        match (label, self.get(element)?) {
            (Some(label), _) | (None, Node::Element { label: Some(label), .. }) => self.node(*label)?,
            _ => self.push("_")?,
        }
        self.push(":")
    }

    fn impl_function(&mut self, function: &ImplFunction) -> Option<()> {
        for attribute in &function.attributes {
            self.push(attribute)?;
            self.push(" ")?;
        }
        if let Some((signature, _)) = &function.pattern {
            self.push("@substituted ")?;
            self.node(*signature)?;
            self.push(" ")?;
        }
        if let Some(signature) = function.signature {
            self.node(signature)?;
            self.push(" ")?;
        }
        self.impl_parts(&function.parameters)?;
        self.push(if function.sends_result { " -> sending " } else { " -> " })?;
        self.impl_parts(&function.results)?;
        if let Some((_, arguments)) = &function.pattern {
            self.push(" for <")?;
            self.joined(arguments, "")?;
            self.push(">")?;
        }
        if let Some(arguments) = &function.invocation {
            self.push(" for <")?;
            self.joined(arguments, "")?;
            self.push(">")?;
        }
        Some(())
    }

    fn impl_parts(&mut self, parts: &[ImplPart]) -> Option<()> {
        self.push("(")?;
        for (index, part) in parts.iter().enumerate() {
            self.push(if index > 0 { ", " } else { "" })?;
            self.impl_part(part)?;
        }
        self.push(")")
    }

    fn impl_part(&mut self, part: &ImplPart) -> Option<()> {
        let is_before = |option: &&&str| matches!(**option, "@error" | "@yields");
        for option in part.options.iter().filter(is_before) {
            self.push(option)?;
            self.push(" ")?;
        }
        self.push(part.convention)?;
        for option in part.options.iter().filter(|option| !is_before(option)) {
            self.push(" ")?;
            self.push(option)?;
        }
        self.push(" ")?;
        self.node(part.type_)
    }
}

fn differentiability(kind: Option<u8>) -> &'static str {
    match kind {
        Some(b'f') => "@differentiable(_forward) ",
        Some(b'r') => "@differentiable(reverse) ",
        Some(b'd') => "@differentiable ",
        Some(b'l') => "@differentiable(_linear) ",
        _ => "",
    }
}
