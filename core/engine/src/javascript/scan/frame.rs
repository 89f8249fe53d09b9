//! What is open around the token being read.

use super::found::{NONE, Piece};

/// What may come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expect {
    /// The first token of a statement.
    Statement,
    /// A value: `{` opens an object, `/` a regular expression.
    Operand,
    /// What follows a value: `/` divides, `(` calls.
    Operator,
    /// The key of an object's or a class's member.
    Key,
}

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The whole text, or statements in braces.
    Block,
    /// Body of a function, or a static block.
    Body,
    Object,
    ClassBody,
    /// `${…}`.
    Substitution,
    /// Parentheses around a value, or an arrow function's parameters.
    Group,
    Call,
    /// Parentheses behind `if` and the like.
    Head,
    ForHead,
    Params,
    Array,
    Subscript,
    ComputedKey,
    /// From `class` to its body. This and the following end without a bracket of their own.
    ClassHead,
    /// An arrow function's body without braces.
    ArrowBody,
    /// A field's initialiser.
    Field,
}

impl Kind {
    pub(super) fn ends_with_brace(self) -> bool {
        matches!(self, Self::Block | Self::Body | Self::Object | Self::ClassBody | Self::Substitution)
    }

    pub(super) fn ends_with_parenthesis(self) -> bool {
        matches!(self, Self::Group | Self::Call | Self::Head | Self::ForHead | Self::Params)
    }

    pub(super) fn ends_with_bracket(self) -> bool {
        matches!(self, Self::Array | Self::Subscript | Self::ComputedKey)
    }

    pub(super) fn is_implicit(self) -> bool {
        matches!(self, Self::ClassHead | Self::ArrowBody | Self::Field)
    }

    pub(super) fn holds_statements(self) -> bool {
        matches!(self, Self::Block | Self::Body)
    }
}

/// A range of the scanner's pieces.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Span {
    pub(super) fn of(self, pieces: &[Piece]) -> &[Piece] {
        pieces.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// Something open. Pieces from `base` on are its own: first those of `name`, from `chain` on those of the
/// target or key being read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    /// What to expect behind it.
    pub(super) after: Expect,
    /// Of the member whose computed key this is.
    pub(super) modifiers: u8,
    /// `?` without their `:`.
    pub(super) ternaries: u32,
    /// Where it begins; for parentheses, where an arrow function would begin that has them as its parameters.
    pub(super) open: u32,
    /// The function that ends with it.
    pub(super) function: u32,
    pub(super) base: u32,
    pub(super) chain: u32,
    /// What a function that stands here as a value is called. In a class's head and body: the class's name.
    pub(super) name: Span,
    /// What `name` was outside.
    pub(super) inherited: Span,
    /// The class that `this` belongs to.
    pub(super) this: Span,
}

impl Frame {
    pub(super) fn bottom() -> Self {
        Self {
            kind: Kind::Block,
            after: Expect::Statement,
            modifiers: 0,
            ternaries: 0,
            open: 0,
            function: NONE,
            base: 0,
            chain: 0,
            name: Span::default(),
            inherited: Span::default(),
            this: Span::default(),
        }
    }
}
