//! Names that the ABI gives to types and operators (Itanium C++ ABI, 5.1.3 and 5.1.5).

/// How literals of a type are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LiteralStyle {
    /// `(char)65`
    Cast,
    /// `(float)[40000000]`
    Bits,
    Bool,
    /// `3ul`
    Suffix(&'static str),
}

/// A type that the language itself has.
pub(super) struct Builtin {
    pub(super) name: &'static str,
    pub(super) style: LiteralStyle,
}

const fn cast(name: &'static str) -> Builtin {
    Builtin { name, style: LiteralStyle::Cast }
}

const fn bits(name: &'static str) -> Builtin {
    Builtin { name, style: LiteralStyle::Bits }
}

const fn suffix(name: &'static str, suffix: &'static str) -> Builtin {
    Builtin { name, style: LiteralStyle::Suffix(suffix) }
}

/// Types of one letter, `a` to `z`, then those behind `D`; an empty name stands for no type.
pub(super) static BUILTINS: [Builtin; 52] = [
    cast("signed char"),
    Builtin { name: "bool", style: LiteralStyle::Bool },
    cast("char"),
    bits("double"),
    bits("long double"),
    bits("float"),
    bits("__float128"),
    cast("unsigned char"),
    suffix("int", ""),
    suffix("unsigned int", "u"),
    cast(""),
    suffix("long", "l"),
    suffix("unsigned long", "ul"),
    cast("__int128"),
    cast("unsigned __int128"),
    cast(""),
    cast(""),
    cast(""),
    cast("short"),
    cast("unsigned short"),
    cast(""),
    cast("void"),
    cast("wchar_t"),
    suffix("long long", "ll"),
    suffix("unsigned long long", "ull"),
    cast("..."),
    cast("auto"),
    cast(""),
    cast("decltype(auto)"),
    cast("decimal64"),
    cast("decimal128"),
    cast("decimal32"),
    cast(""),
    bits("half"),
    cast("char32_t"),
    cast(""),
    cast(""),
    cast(""),
    cast(""),
    cast("decltype(nullptr)"),
    cast(""),
    cast(""),
    cast(""),
    cast(""),
    cast("char16_t"),
    cast(""),
    cast("char8_t"),
    cast(""),
    cast(""),
    cast(""),
    cast(""),
    cast(""),
];

/// The index of `void`.
pub(super) const VOID: u8 = b'v' - b'a';
/// The index of `decltype(nullptr)`.
pub(super) const NULLPTR: u8 = 26 + b'n' - b'a';

/// The index of the type with this letter; `behind_d` for the types of two letters.
pub(super) fn builtin(letter: u8, behind_d: bool) -> Option<u8> {
    let index = letter.checked_sub(b'a').filter(|&index| index < 26)? + if behind_d { 26 } else { 0 };
    BUILTINS.get(index as usize).filter(|builtin| !builtin.name.is_empty()).map(|_| index)
}

/// A substitution with a name of its own.
pub(super) struct Standard {
    pub(super) letter: u8,
    /// As `c++filt` writes it: aliases in full.
    pub(super) text: &'static str,
    /// What constructors are called.
    pub(super) class: &'static str,
}

const fn standard(letter: u8, text: &'static str, class: &'static str) -> Standard {
    Standard { letter, text, class }
}

pub(super) static STANDARDS: [Standard; 6] = [
    standard(b'a', "std::allocator", "allocator"),
    standard(b'b', "std::basic_string", "basic_string"),
    standard(b's', "std::basic_string<char, std::char_traits<char>, std::allocator<char> >", "basic_string"),
    standard(b'i', "std::basic_istream<char, std::char_traits<char> >", "basic_istream"),
    standard(b'o', "std::basic_ostream<char, std::char_traits<char> >", "basic_ostream"),
    standard(b'd', "std::basic_iostream<char, std::char_traits<char> >", "basic_iostream"),
];

/// What follows an operator in an expression.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Unary,
    /// `++` and `--`: behind the operand unless `_` follows.
    Step,
    Binary,
    /// The right side is a member's name.
    Member,
    OfType,
    NamedCast,
    /// Has a rule of its own.
    Own,
}

/// An operator's code and text.
pub(super) struct Operator {
    pub(super) code: [u8; 2],
    pub(super) text: &'static str,
    pub(super) form: Form,
}

const fn op(code: &[u8; 2], text: &'static str, form: Form) -> Operator {
    Operator { code: *code, text, form }
}

/// In the order of their codes.
pub(super) static OPERATORS: [Operator; 72] = [
    op(b"aN", "&=", Form::Binary),
    op(b"aS", "=", Form::Binary),
    op(b"aa", "&&", Form::Binary),
    op(b"ad", "&", Form::Unary),
    op(b"an", "&", Form::Binary),
    op(b"at", "alignof ", Form::OfType),
    op(b"aw", "co_await ", Form::Unary),
    op(b"az", "alignof ", Form::Unary),
    op(b"cc", "const_cast", Form::NamedCast),
    op(b"cl", "()", Form::Own),
    op(b"cm", ",", Form::Binary),
    op(b"co", "~", Form::Unary),
    op(b"dV", "/=", Form::Binary),
    op(b"da", "delete[] ", Form::Unary),
    op(b"dc", "dynamic_cast", Form::NamedCast),
    op(b"de", "*", Form::Unary),
    op(b"dl", "delete ", Form::Unary),
    op(b"ds", ".*", Form::Binary),
    op(b"dt", ".", Form::Member),
    op(b"dv", "/", Form::Binary),
    op(b"eO", "^=", Form::Binary),
    op(b"eo", "^", Form::Binary),
    op(b"eq", "==", Form::Binary),
    op(b"fL", "...", Form::Own),
    op(b"fR", "...", Form::Own),
    op(b"fl", "...", Form::Own),
    op(b"fr", "...", Form::Own),
    op(b"ge", ">=", Form::Binary),
    op(b"gs", "::", Form::Unary),
    op(b"gt", ">", Form::Binary),
    op(b"ix", "[]", Form::Binary),
    op(b"lS", "<<=", Form::Binary),
    op(b"le", "<=", Form::Binary),
    op(b"li", "\"\" ", Form::Own),
    op(b"ls", "<<", Form::Binary),
    op(b"lt", "<", Form::Binary),
    op(b"mI", "-=", Form::Binary),
    op(b"mL", "*=", Form::Binary),
    op(b"mi", "-", Form::Binary),
    op(b"ml", "*", Form::Binary),
    op(b"mm", "--", Form::Step),
    op(b"na", "new[]", Form::Own),
    op(b"ne", "!=", Form::Binary),
    op(b"ng", "-", Form::Unary),
    op(b"nt", "!", Form::Unary),
    op(b"nw", "new", Form::Own),
    op(b"nx", "noexcept", Form::Unary),
    op(b"oR", "|=", Form::Binary),
    op(b"oo", "||", Form::Binary),
    op(b"or", "|", Form::Binary),
    op(b"pL", "+=", Form::Binary),
    op(b"pl", "+", Form::Binary),
    op(b"pm", "->*", Form::Binary),
    op(b"pp", "++", Form::Step),
    op(b"ps", "+", Form::Unary),
    op(b"pt", "->", Form::Member),
    op(b"qu", "?", Form::Own),
    op(b"rM", "%=", Form::Binary),
    op(b"rS", ">>=", Form::Binary),
    op(b"rc", "reinterpret_cast", Form::NamedCast),
    op(b"rm", "%", Form::Binary),
    op(b"rs", ">>", Form::Binary),
    op(b"sP", "sizeof...", Form::Own),
    op(b"sZ", "sizeof...", Form::Own),
    op(b"sc", "static_cast", Form::NamedCast),
    op(b"ss", "<=>", Form::Binary),
    op(b"st", "sizeof ", Form::OfType),
    op(b"sz", "sizeof ", Form::Unary),
    op(b"te", "typeid ", Form::Unary),
    op(b"ti", "typeid ", Form::OfType),
    op(b"tr", "throw", Form::Own),
    op(b"tw", "throw ", Form::Unary),
];

/// The operator with this code.
pub(super) fn operator(code: [u8; 2]) -> Option<u8> {
    OPERATORS.binary_search_by_key(&code, |operator| operator.code).ok().map(|index| index as u8)
}
