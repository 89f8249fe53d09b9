//! What a Swift name consists of. Nodes refer to each other by number, so that a part that is mentioned twice is there once.

use std::borrow::Cow;

/// Number of a node.
pub(super) type Id = u32;

/// A declared type, or a name for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nominal {
    Class,
    Struct,
    Enum,
    Protocol,
    Alias,
    Other,
}

/// Something with code, or with storage that code reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntityKind {
    Function,
    Variable,
    Subscript,
    Allocator,
    Constructor,
    ExplicitClosure,
    ImplicitClosure,
    DefaultArgument,
    /// Without type or number; shown by this word.
    Plain(&'static str),
    /// Written with two words for a class.
    Deallocator,
    GenericParameter,
    EnumElement,
    Macro,
}

/// An entity in its context.
#[derive(Debug, Clone)]
pub(super) struct Entity {
    pub(super) kind: EntityKind,
    pub(super) context: Id,
    pub(super) name: Option<Id>,
    /// The file of a private initializer or subscript.
    pub(super) private: Option<Id>,
    /// None where the mangling says nothing of labels; empty if no parameter has one.
    pub(super) labels: Option<Vec<Id>>,
    pub(super) type_: Option<Id>,
    /// Zero-based.
    pub(super) index: u64,
}

/// What stands between the parameters and around a function type.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Effects {
    pub(super) is_async: bool,
    pub(super) is_sendable: bool,
    pub(super) throws: Option<Throws>,
    pub(super) differentiable: Option<u8>,
    pub(super) isolation: Option<Isolation>,
    pub(super) sends_result: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Throws {
    Any,
    Only(Id),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Isolation {
    Actor(Id),
    Any,
    Caller,
}

/// A parameter, result or attribute of a lowered function type.
#[derive(Debug, Clone)]
pub(super) struct ImplPart {
    pub(super) convention: &'static str,
    pub(super) options: Vec<&'static str>,
    pub(super) type_: Id,
}

/// A lowered function type, as thunks convert between.
#[derive(Debug, Clone, Default)]
pub(super) struct ImplFunction {
    pub(super) attributes: Vec<&'static str>,
    pub(super) signature: Option<Id>,
    pub(super) pattern: Option<(Id, Vec<Id>)>,
    pub(super) invocation: Option<Vec<Id>>,
    pub(super) parameters: Vec<ImplPart>,
    pub(super) results: Vec<ImplPart>,
    pub(super) sends_result: bool,
}

/// What is demanded of a generic parameter.
#[derive(Debug, Clone)]
pub(super) enum Demand {
    Is(Id),
    Equals(Id),
    SameShape(Id),
    Layout(String),
    Not(u64),
}

#[derive(Debug, Clone)]
pub(super) enum Node<'a> {
    Module(Cow<'a, str>),
    Identifier(Cow<'a, str>),
    Operator {
        symbol: String,
        fixity: &'static str,
    },
    LocalName {
        name: Id,
        index: u64,
    },
    PrivateName {
        name: Option<Id>,
        file: Id,
    },
    RelatedName {
        letter: char,
        name: Id,
    },
    Nominal {
        kind: Nominal,
        context: Id,
        name: Id,
    },
    Extension {
        module: Id,
        extended: Id,
        signature: Option<Id>,
    },
    AnonymousContext {
        name: Id,
        parent: Id,
    },
    Entity(Entity),
    Accessor {
        storage: Id,
        word: &'static str,
    },
    Static(Id),
    BoundFunction {
        function: Id,
        arguments: Vec<Id>,
    },

    Bound {
        base: Id,
        arguments: Vec<Id>,
    },
    Builtin(String),
    Function {
        convention: &'static str,
        effects: Effects,
        parameters: Id,
        result: Id,
    },
    Impl(Box<ImplFunction>),
    Tuple(Vec<Id>),
    Element {
        label: Option<Id>,
        type_: Id,
        is_variadic: bool,
    },
    Protocols {
        protocols: Vec<Id>,
        superclass: Option<Id>,
        is_object: bool,
    },
    Constrained {
        existential: Id,
        requirements: Vec<Id>,
    },
    Metatype {
        of: Id,
        representation: &'static str,
        is_existential: bool,
    },
    /// `weak T` and the like.
    Modified {
        word: &'static str,
        type_: Id,
    },
    DynamicSelf,
    Parameter {
        depth: u64,
        index: u64,
    },
    ConstrainedSelf,
    AssociatedName {
        name: Id,
        protocol: Option<Id>,
    },
    Member {
        base: Id,
        name: Id,
    },
    AssociatedType {
        base: Id,
        name: Id,
    },
    Generic {
        signature: Id,
        type_: Id,
    },
    OpaqueOf(Id),
    Opaque {
        of: Id,
        index: u64,
    },
    Some,
    Pack(Vec<Id>),
    Expansion {
        pattern: Id,
    },
    Integer(String),
    Box {
        fields: Vec<Id>,
        signature: Option<Id>,
        arguments: Vec<Id>,
    },
    Error,

    Signature {
        counts: Vec<u64>,
        requirements: Vec<Id>,
        packs: Vec<(u64, u64)>,
    },
    Requirement {
        subject: Id,
        demand: Demand,
    },
    PackMarker(Id),

    Conformance {
        type_: Id,
        protocol: Id,
        module: Id,
    },
    /// A conformance that a type argument rests on: not shown.
    Unshown,
    UnshownConformance,

    /// A word before what follows it in the symbol: `@objc`.
    Attribute {
        full: Cow<'a, str>,
        simple: Option<&'static str>,
    },
    Specialization(Specialization),
    /// `full` and `simple` before the node.
    Prefixed {
        full: &'static str,
        simple: &'static str,
        node: Id,
    },
    Joined {
        full: &'static str,
        simple: &'static str,
        first: Id,
        between: &'static str,
        second: Id,
    },
    Reabstraction {
        word: &'static str,
        signature: Option<Id>,
        from: Id,
        to: Id,
    },
    KeyPath {
        word: &'static str,
        decl: Id,
        signature: Option<Id>,
        types: Vec<Id>,
        is_serialized: bool,
    },
    ProtocolWitness {
        conformance: Id,
        entity: Id,
    },
    OnceFunction {
        word: &'static str,
        names: Vec<Id>,
    },
    MacroExpansion {
        word: &'static str,
        context: Id,
        of: Option<Id>,
        name: Id,
        index: u64,
    },
    Suffix(&'a str),

    EmptyList,
    First,
    Variadic,
    Throws(Throws),
    Async,
    Sendable,
    Differentiable(u8),
    Isolation(Isolation),
    SendingResult,
}

/// A function made for certain types or arguments.
#[derive(Debug, Clone)]
pub(super) struct Specialization {
    pub(super) word: &'static str,
    pub(super) is_serialized: bool,
    pub(super) types: Vec<Id>,
    pub(super) arguments: Vec<String>,
}

impl Node<'_> {
    /// Whether declarations can be in it.
    pub(super) fn is_context(&self) -> bool {
        matches!(
            self,
            Self::Module(_)
                | Self::Nominal { .. }
                | Self::Extension { .. }
                | Self::AnonymousContext { .. }
                | Self::Entity(_)
                | Self::Accessor { .. }
                | Self::Static(_)
                | Self::Bound { .. }
                | Self::BoundFunction { .. }
                | Self::OpaqueOf(_)
                | Self::MacroExpansion { .. }
        )
    }

    pub(super) fn is_decl_name(&self) -> bool {
        matches!(
            self,
            Self::Identifier(_)
                | Self::Operator { .. }
                | Self::LocalName { .. }
                | Self::PrivateName { .. }
                | Self::RelatedName { .. }
        )
    }

    /// Whether it says something of the function that the rest of the symbol names.
    pub(super) fn is_attribute(&self) -> bool {
        matches!(self, Self::Attribute { .. } | Self::Specialization(_))
    }

    pub(super) fn is_requirement(&self) -> bool {
        matches!(self, Self::Requirement { .. } | Self::PackMarker(_))
    }
}
