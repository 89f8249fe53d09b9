//! What a mangled name says, in pieces that name each other by index.

use super::phrases::Phrase;

/// A node's place in the tree. Node 0 is [`Node::Nothing`].
pub(super) type Id = u32;

/// The node that prints nothing.
pub(super) const NOTHING: Id = 0;

/// Some nodes in a row.
#[derive(Clone, Copy, Default)]
pub(super) struct List {
    pub(super) start: u32,
    pub(super) len: u32,
}

/// Bytes of the mangled name.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) len: u32,
}

/// `const`, `volatile`, `restrict`, `&` and `&&`, as bits.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Qualifiers(pub(super) u8);

impl Qualifiers {
    pub(super) const CONST: u8 = 1;
    pub(super) const VOLATILE: u8 = 2;
    pub(super) const RESTRICT: u8 = 4;
    pub(super) const REFERENCE: u8 = 8;
    pub(super) const RVALUE: u8 = 16;

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }
}

/// How a type is put around another one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrapper {
    Pointer,
    Reference,
    Rvalue,
    Complex,
    Imaginary,
}

/// A function's type.
#[derive(Clone, Copy, Default)]
pub(super) struct Function {
    /// [`NOTHING`] where a name does not say.
    pub(super) result: Id,
    pub(super) parameters: List,
    pub(super) qualifiers: Qualifiers,
    /// [`NOTHING`], [`Node::Text`], [`Node::Noexcept`] or [`Node::Throw`].
    pub(super) exceptions: Id,
    /// The expression behind `requires`.
    pub(super) constraint: Id,
}

/// A lambda's type.
#[derive(Clone, Copy, Default)]
pub(super) struct Closure {
    /// The explicit template parameters.
    pub(super) head: List,
    pub(super) parameters: List,
    /// Counts from 1.
    pub(super) number: u32,
}

/// One piece of a name, a type or an expression.
#[derive(Clone, Copy)]
pub(super) enum Node {
    Nothing,
    Text(Phrase),
    Name(Span),

    // Names.
    Standard(u8),
    Qualified {
        scope: Id,
        name: Id,
    },
    Local {
        function: Id,
        name: Id,
    },
    DefaultArgument {
        number: u32,
        name: Id,
    },
    Template {
        name: Id,
        arguments: List,
    },
    Tagged {
        name: Id,
        tag: Id,
    },
    Friend(Id),
    InModule {
        name: Id,
        module: Id,
    },
    Module {
        parent: Id,
        name: Id,
        is_partition: bool,
    },
    Constructor(Id),
    Destructor(Id),
    Operator(u8),
    LiteralOperator(Id),
    VendorOperator(Id),
    Conversion(Id),
    Closure(u32),
    Unnamed(u32),
    Bindings(List),
    Encoding {
        name: Id,
        function: u32,
    },
    /// A name with qualifiers and without parameters.
    QualifiedMember {
        name: Id,
        qualifiers: Qualifiers,
    },
    /// A text with something behind it.
    Prefixed {
        phrase: Phrase,
        inner: Id,
    },
    ConstructionVtable {
        derived: Id,
        base: Id,
    },
    ReferenceTemporary {
        number: u32,
        name: Id,
    },

    // Types.
    Builtin(u8),
    FloatN(Span),
    BitInt {
        is_signed: bool,
        bits: Id,
    },
    Wrapped {
        wrapper: Wrapper,
        inner: Id,
    },
    Cv {
        inner: Id,
        qualifiers: Qualifiers,
    },
    VendorQualified {
        inner: Id,
        name: Id,
    },
    Member {
        class: Id,
        inner: Id,
    },
    Array {
        dimension: Id,
        element: Id,
    },
    Vector {
        dimension: Id,
        element: Id,
    },
    Function(u32),
    Noexcept(Id),
    Throw(List),
    Expansion(Id),
    Decltype(Id),
    ConstrainedAuto {
        concept: Id,
        is_decltype: bool,
    },
    PackIndex {
        pack: Id,
        index: Id,
    },

    // Templates.
    Parameter(u32),
    Pack(List),
    TypeParameter,
    ValueParameter(Id),
    TemplateParameter(List),
    PackParameter(Id),

    // Expressions.
    Literal {
        ty: Id,
        value: Span,
    },
    FunctionParameter(u32),
    Unary {
        operator: u8,
        operand: Id,
    },
    Postfix {
        operator: u8,
        operand: Id,
    },
    Binary {
        operator: u8,
        left: Id,
        right: Id,
    },
    Conditional(List),
    /// `second` is [`NOTHING`] where the fold has no initial value.
    Fold {
        operator: u8,
        is_left: bool,
        first: Id,
        second: Id,
    },
    Arguments(List),
    Call {
        callee: Id,
        arguments: List,
    },
    VendorCall {
        name: Id,
        arguments: List,
    },
    Cast {
        ty: Id,
        value: Id,
    },
    NamedCast {
        operator: u8,
        ty: Id,
        value: Id,
    },
    Braced {
        ty: Id,
        list: List,
    },
    DesignatedField {
        field: Id,
        value: Id,
    },
    DesignatedIndex {
        index: Id,
        value: Id,
    },
    DesignatedRange(List),
    /// Placement as [`Node::Arguments`], type, and what initializes it.
    New {
        parts: List,
        is_array: bool,
    },
    SizeofPack(Id),
    SizeofArguments(List),
    /// The requirements are [`Node::Arguments`].
    Requires {
        parameters: List,
        requirements: Id,
    },
    CompoundRequirement {
        expression: Id,
        is_noexcept: bool,
        concept: Id,
    },
}
