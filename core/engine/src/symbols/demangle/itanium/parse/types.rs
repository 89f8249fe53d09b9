//! Types.

use super::super::builtins::builtin;
use super::super::node::{Id, NOTHING, Node, Qualifiers, Wrapper};
use super::super::phrases::Phrase;
use super::Parser;

impl Parser<'_> {
    /// `<type>`
    pub(super) fn ty(&mut self) -> Option<Id> {
        self.nested(Self::any_type)
    }

    fn any_type(&mut self) -> Option<Id> {
        let letter = self.peek();
        if let Some(index) = builtin(letter, false) {
            self.at += 1;
            return Some(self.push(Node::Builtin(index)));
        }
        let ty = match letter {
            b'S' => return self.substituted_type(),
            b'D' => return self.two_letter_type(),
            b'T' => return self.parameter_or_elaborated(),
            b'P' => self.wrapped(Wrapper::Pointer)?,
            b'R' => self.wrapped(Wrapper::Reference)?,
            b'O' => self.wrapped(Wrapper::Rvalue)?,
            b'C' => self.wrapped(Wrapper::Complex)?,
            b'G' => self.wrapped(Wrapper::Imaginary)?,
            b'r' | b'V' | b'K' => self.qualified_type()?,
            _ => self.other_type()?,
        };
        Some(self.substitutable(ty))
    }

    fn other_type(&mut self) -> Option<Id> {
        match self.peek() {
            b'F' => self.function_type(Qualifiers::default()),
            b'A' => self.array(),
            b'M' => self.member_pointer(),
            b'U' if !matches!(self.peek_at(1), b't' | b'l') => self.vendor_qualified(),
            b'u' => self.vendor_type(),
            b'N' | b'Z' | b'0'..=b'9' | b'U' | b'L' | b'W' => Some(self.name()?.id),
            _ => None,
        }
    }

    fn wrapped(&mut self, wrapper: Wrapper) -> Option<Id> {
        self.at += 1;
        let inner = self.ty()?;
        Some(self.push(Node::Wrapped { wrapper, inner }))
    }

    fn qualified_type(&mut self) -> Option<Id> {
        let qualifiers = self.cv_qualifiers();
        if self.is_function_type() {
            return self.function_type(qualifiers);
        }
        let inner = self.ty()?;
        Some(self.push(Node::Cv { inner, qualifiers }))
    }

    /// A substitution, a template that is one with arguments, or a name in `std`.
    fn substituted_type(&mut self) -> Option<Id> {
        let ty = if self.peek_at(1) == b't' {
            self.name()?.id
        } else {
            let found = self.substituted_name()?;
            if self.peek() != b'I' {
                return Some(found);
            }
            self.with_arguments(found)?
        };
        Some(self.substitutable(ty))
    }

    /// Types whose code starts with `D`.
    fn two_letter_type(&mut self) -> Option<Id> {
        let code = self.peek_at(1);
        if let Some(index) = builtin(code, true) {
            self.at += 2;
            return Some(self.push(Node::Builtin(index)));
        }
        let ty = match code {
            b'F' | b'B' | b'U' => return self.sized_type(),
            b'k' | b'K' => return self.constrained_auto(),
            b't' | b'T' => self.decltype()?,
            b'p' => {
                self.at += 2;
                let pattern = self.ty()?;
                self.push(Node::Expansion(pattern))
            }
            b'v' => self.vector()?,
            b'y' => {
                self.at += 2;
                let pack = self.ty()?;
                let index = self.expression()?;
                self.push(Node::PackIndex { pack, index })
            }
            b'o' | b'O' | b'w' | b'x' => self.function_type(Qualifiers::default())?,
            _ => return None,
        };
        Some(self.substitutable(ty))
    }

    /// `DF16_`, `DF16b`, `DF32x`, `DB7_`, `DU7_`
    fn sized_type(&mut self) -> Option<Id> {
        let code = self.peek_at(1);
        self.at += 2;
        if code == b'F' {
            let mut bits = self.digits();
            let end = self.peek();
            bits.len += u32::from(end == b'x');
            self.at += 1;
            return match end {
                b'b' => Some(self.push(Node::Text(Phrase::Bfloat16))),
                b'_' | b'x' if bits.len > 0 => Some(self.push(Node::FloatN(bits))),
                _ => None,
            };
        }
        let bits = self.dimension()?;
        self.expect(b'_')?;
        Some(self.push(Node::BitInt { is_signed: code == b'B', bits }))
    }

    /// `Dk <concept>` is `C auto`, `DK <concept>` is `C decltype(auto)`.
    fn constrained_auto(&mut self) -> Option<Id> {
        let is_decltype = self.peek_at(1) == b'K';
        self.at += 2;
        let concept = self.name()?.id;
        Some(self.push(Node::ConstrainedAuto { concept, is_decltype }))
    }

    /// `Dt <expression> E`
    pub(super) fn decltype(&mut self) -> Option<Id> {
        self.at += 2;
        let expression = self.expression()?;
        self.expect(b'E')?;
        Some(self.push(Node::Decltype(expression)))
    }

    /// `Dv <dimension> _ <type>`
    fn vector(&mut self) -> Option<Id> {
        self.at += 2;
        self.eat(b'_');
        let dimension = self.dimension()?;
        self.expect(b'_')?;
        let element = self.ty()?;
        Some(self.push(Node::Vector { dimension, element }))
    }

    /// A number or an expression.
    fn dimension(&mut self) -> Option<Id> {
        if !self.peek().is_ascii_digit() {
            return self.expression();
        }
        let digits = self.digits();
        Some(self.push(Node::Name(digits)))
    }

    /// `A [<dimension>] _ <type>`
    fn array(&mut self) -> Option<Id> {
        self.at += 1;
        let dimension = if self.peek() == b'_' { NOTHING } else { self.dimension()? };
        self.expect(b'_')?;
        let element = self.ty()?;
        Some(self.push(Node::Array { dimension, element }))
    }

    /// `M <class> <type>`
    fn member_pointer(&mut self) -> Option<Id> {
        self.at += 1;
        let class = self.ty()?;
        let inner = self.ty()?;
        Some(self.push(Node::Member { class, inner }))
    }

    /// `U <source-name> [<template-args>] <type>`
    fn vendor_qualified(&mut self) -> Option<Id> {
        self.at += 1;
        let name = self.source_name()?;
        let name = self.with_arguments(name)?;
        let inner = self.ty()?;
        Some(self.push(Node::VendorQualified { inner, name }))
    }

    /// `u <source-name> [<template-args>]`
    fn vendor_type(&mut self) -> Option<Id> {
        self.at += 1;
        let name = self.source_name()?;
        self.with_arguments(name)
    }

    fn parameter_or_elaborated(&mut self) -> Option<Id> {
        let phrase = match self.peek_at(1) {
            b's' => Phrase::Struct,
            b'u' => Phrase::Union,
            b'e' => Phrase::Enum,
            _ => return self.parameter(),
        };
        self.at += 2;
        let inner = self.name()?.id;
        let ty = self.push(Node::Prefixed { phrase, inner });
        Some(self.substitutable(ty))
    }

    /// A template parameter, or a template that is one, with arguments.
    fn parameter(&mut self) -> Option<Id> {
        let parameter = self.template_parameter()?;
        self.substitutable(parameter);
        if self.peek() != b'I' {
            return Some(parameter);
        }
        if !self.is_conversion {
            return self.template_of_parameter(parameter);
        }
        // `operator T<int><char>`: the last arguments are the operator's.
        let read = self.attempt(|parser| {
            let template = parser.template_of_parameter(parameter)?;
            (parser.peek() == b'I').then_some(template)
        });
        Some(read.unwrap_or(parameter))
    }

    fn template_of_parameter(&mut self, name: Id) -> Option<Id> {
        let arguments = self.template_arguments()?;
        let template = self.push(Node::Template { name, arguments });
        Some(self.substitutable(template))
    }
}
