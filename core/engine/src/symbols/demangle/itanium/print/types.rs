//! Types. Those of functions and arrays stand around what they are the type of: `int (*` … `)(char)`.

use super::super::node::{Id, Node, Qualifiers, Wrapper};
use super::super::tree::TRAILING;
use super::Printer;
use super::scopes::Place;

/// What a type is, behind qualifiers and template parameters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Plain,
    Function,
    Array,
}

/// Steps into a type.
const MAX_CHAIN: usize = 256;

impl Printer<'_> {
    /// Prints a type that has nothing behind its declarator; None if the node is something else.
    pub(super) fn type_without_tail(&mut self, node: Node) -> Option<Option<()>> {
        Some(match node {
            Node::VendorQualified { .. } | Node::Member { .. } | Node::Vector { .. } => self.left_of(node),
            Node::FloatN(bits) => self.push(b"_Float").and_then(|()| self.push_span(bits)),
            Node::BitInt { is_signed, bits } => self.bit_int(is_signed, bits),
            Node::Decltype(expression) => {
                self.optional(b"decltype (", expression).and_then(|()| self.push(b")"))
            }
            Node::ConstrainedAuto { concept, is_decltype } => {
                let keyword: &[u8] = if is_decltype { b" decltype(auto)" } else { b" auto" };
                self.node(concept).and_then(|()| self.push(keyword))
            }
            Node::PackIndex { pack, index } => self.pack_index(pack, index),
            node => return self.exception_specification(node),
        })
    }

    fn bit_int(&mut self, is_signed: bool, bits: Id) -> Option<()> {
        self.push(if is_signed { b"_BitInt(" } else { b"unsigned _BitInt(" })?;
        self.node(bits)?;
        self.push(b")")
    }

    fn pack_index(&mut self, pack: Id, index: Id) -> Option<()> {
        self.with_whole_packs(|printer| printer.operand(pack))?;
        self.push(b"...[")?;
        self.node(index)?;
        self.push(b"]")
    }

    /// The part of a type that stands before what is declared.
    pub(super) fn left(&mut self, id: Id) -> Option<()> {
        if self.tree.flags(id) & TRAILING == 0 {
            return self.node(id);
        }
        self.enter()?;
        self.left_of(self.tree.node(id))?;
        self.nesting -= 1;
        Some(())
    }

    pub(super) fn left_of(&mut self, node: Node) -> Option<()> {
        match node {
            Node::Wrapped { wrapper, inner } => self.wrapped_left(wrapper, inner),
            Node::Cv { inner, qualifiers } => self.cv_left(inner, qualifiers),
            Node::Array { element, .. } => self.left(element),
            Node::Function(index) => self.function_left(self.tree.function(index)),
            Node::Parameter(index) if self.scopes.is_lambda() => self.lambda_parameter(index),
            Node::Parameter(index) => self.with_argument(index, Self::left),
            Node::Member { class, inner } => self.member_left(class, inner),
            Node::VendorQualified { inner, name } => {
                self.left(inner)?;
                self.optional(b" ", name)
            }
            Node::Vector { dimension, element } => {
                self.left(element)?;
                self.optional(b" __vector(", dimension)?;
                self.push(b")")
            }
            _ => Some(()),
        }
    }

    /// The part of a type that stands behind what is declared.
    pub(super) fn right(&mut self, id: Id) -> Option<()> {
        if self.tree.flags(id) & TRAILING == 0 {
            return Some(());
        }
        self.enter()?;
        match self.tree.node(id) {
            Node::Wrapped { wrapper, inner } => self.wrapped_right(wrapper, inner)?,
            Node::Member { inner, .. } => self.close(inner)?,
            Node::Cv { inner, .. } if self.shape(inner) == Shape::Function => self.close(inner)?,
            Node::Cv { inner, .. } | Node::VendorQualified { inner, .. } => self.right(inner)?,
            Node::Vector { element, .. } => self.right(element)?,
            Node::Array { .. } => self.array_right(id, b" [")?,
            Node::Function(index) => self.function_right(self.tree.function(index))?,
            Node::Parameter(index) if !self.scopes.is_lambda() => self.with_argument(index, Self::right)?,
            _ => {}
        }
        self.nesting -= 1;
        Some(())
    }

    fn wrapped_left(&mut self, wrapper: Wrapper, inner: Id) -> Option<()> {
        match self.collapsed(wrapper, inner) {
            Collapsed::No => {
                self.open(inner, false)?;
                self.push(wrapper_text(wrapper))
            }
            Collapsed::Inner => self.left(inner),
            Collapsed::Referent(place) => self.at_place(place, |printer, referent| {
                printer.open(referent, false)?;
                printer.push(b"&")
            }),
        }
    }

    fn wrapped_right(&mut self, wrapper: Wrapper, inner: Id) -> Option<()> {
        match self.collapsed(wrapper, inner) {
            Collapsed::No => self.close(inner),
            Collapsed::Inner => self.right(inner),
            Collapsed::Referent(place) => self.at_place(place, Self::close),
        }
    }

    /// References to what template parameters stand for, which may be references.
    fn collapsed(&self, wrapper: Wrapper, inner: Id) -> Collapsed {
        let is_reference = matches!(wrapper, Wrapper::Reference | Wrapper::Rvalue);
        if !is_reference || !matches!(self.tree.node(inner), Node::Parameter(_)) {
            return Collapsed::No;
        }
        let mut place = self.resolved(self.here(inner));
        let Node::Wrapped { wrapper: of, inner: referent } = self.tree.node(place.id) else {
            return Collapsed::No;
        };
        if of == Wrapper::Reference || of == wrapper {
            return Collapsed::Inner;
        }
        place.id = referent;
        if of == Wrapper::Rvalue { Collapsed::Referent(place) } else { Collapsed::No }
    }

    /// The left part of a type that a pointer is put around.
    fn open(&mut self, inner: Id, is_spaced: bool) -> Option<()> {
        self.left(inner)?;
        match self.shape(inner) {
            Shape::Plain => Some(()),
            Shape::Array => self.push(b" ("),
            Shape::Function => {
                let is_joined = !is_spaced && matches!(self.last(), b'(' | b'*');
                if is_joined || self.last() == b' ' { self.push(b"(") } else { self.push(b" (") }
            }
        }
    }

    fn close(&mut self, inner: Id) -> Option<()> {
        if self.shape(inner) != Shape::Plain {
            self.push(b")")?;
        }
        self.right(inner)
    }

    fn member_left(&mut self, class: Id, inner: Id) -> Option<()> {
        self.open(inner, true)?;
        if self.last() != b'(' {
            self.push(b" ")?;
        }
        self.node(class)?;
        self.push(b"::*")
    }

    /// Qualifiers are written once, even if what a parameter stands for has them too.
    fn cv_left(&mut self, inner: Id, qualifiers: Qualifiers) -> Option<()> {
        if self.shape(inner) == Shape::Function {
            self.open(inner, true)?;
        } else {
            self.left(inner)?;
        }
        let known = self.cv_of(inner);
        self.qualifiers(Qualifiers(qualifiers.0 & !known.0))
    }

    fn cv_of(&self, id: Id) -> Qualifiers {
        let mut found = Qualifiers::default();
        let mut place = self.here(id);
        for _ in 0..MAX_CHAIN {
            place = self.resolved(place);
            match self.tree.node(place.id) {
                Node::Cv { inner, qualifiers } => (found.0, place.id) = (found.0 | qualifiers.0, inner),
                Node::Array { element, .. } => place.id = element,
                _ => break,
            }
        }
        found
    }

    /// `[3]`, without a space behind another dimension.
    fn array_right(&mut self, id: Id, bracket: &[u8]) -> Option<()> {
        self.enter()?;
        match self.tree.node(id) {
            Node::Array { dimension, element } => {
                self.push(bracket)?;
                self.node(dimension)?;
                self.push(b"]")?;
                self.array_right(element, b"[")?;
            }
            Node::Parameter(index) if !self.scopes.is_lambda() => {
                self.with_argument(index, |printer, id| printer.array_right(id, bracket))?;
            }
            Node::Cv { inner, .. } if self.shape(inner) == Shape::Array => {
                self.array_right(inner, bracket)?
            }
            _ => self.right(id)?,
        }
        self.nesting -= 1;
        Some(())
    }

    fn shape(&self, id: Id) -> Shape {
        if self.tree.flags(id) & TRAILING == 0 {
            return Shape::Plain;
        }
        let place = self.resolved(self.here(id));
        match self.tree.node(place.id) {
            Node::Function(_) => Shape::Function,
            Node::Array { .. } => Shape::Array,
            Node::Cv { .. } => self.shape_of_qualified(place),
            _ => Shape::Plain,
        }
    }

    /// A qualified array is an array; a qualified function is in parentheses already.
    fn shape_of_qualified(&self, mut place: Place) -> Shape {
        for _ in 0..MAX_CHAIN {
            place = self.resolved(place);
            match self.tree.node(place.id) {
                Node::Cv { inner, .. } => place.id = inner,
                Node::Array { .. } => return Shape::Array,
                _ => break,
            }
        }
        Shape::Plain
    }

    /// Whether a type has a right part here.
    pub(super) fn has_tail(&self, id: Id) -> bool {
        let mut place = self.here(id);
        for _ in 0..MAX_CHAIN {
            place = self.resolved(place);
            if self.tree.flags(place.id) & TRAILING == 0 {
                return false;
            }
            place.id = match self.tree.node(place.id) {
                Node::Function(_) | Node::Array { .. } => return true,
                Node::Wrapped { inner, .. }
                | Node::Cv { inner, .. }
                | Node::VendorQualified { inner, .. }
                | Node::Member { inner, .. }
                | Node::Vector { element: inner, .. } => inner,
                _ => return false,
            };
        }
        false
    }
}

/// What becomes of a reference to a reference.
enum Collapsed {
    /// It is no such thing.
    No,
    /// It is the inner reference.
    Inner,
    /// It is a reference to what the inner one refers to.
    Referent(Place),
}

fn wrapper_text(wrapper: Wrapper) -> &'static [u8] {
    match wrapper {
        Wrapper::Pointer => b"*",
        Wrapper::Reference => b"&",
        Wrapper::Rvalue => b"&&",
        Wrapper::Complex => b" _Complex",
        Wrapper::Imaginary => b" _Imaginary",
    }
}
