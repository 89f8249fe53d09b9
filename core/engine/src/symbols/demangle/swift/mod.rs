//! Swift: `$s4main3FooC3baryySiF` is `main.Foo.bar(Swift.Int) -> ()`, or `Foo.bar(_:)` for short.
//!
//! Manglings of Swift 1 to 3 (`_TF`), 4 (`_T0`), 4.2 (`$S`), 5 and later (`$s`; `$e` embedded), and the names of classes
//! that the Objective-C runtime knows (`_TtC4main3Foo`). Source: the Swift project's docs/ABI/Mangling.rst; the wording is that
//! of its `swift-demangle`, in full and (`-simplified`, without types) for short.

mod legacy;
mod node;
mod parse_entities;
mod parse_generics;
mod parse_impl;
mod parse_signature;
mod parse_thunks;
mod parse_types;
mod parser;
mod print;
mod print_entities;
mod print_types;
mod punycode;
mod standard;
mod swift3;

use parser::Parser;

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Modules, types, what the compiler made it for.
    Full,
    /// As crash reports on Apple's systems show it.
    Simple,
}

/// Whether a name starts like a mangled Swift name.
pub(super) fn is_mangled(name: &[u8]) -> bool {
    if swift3::is_mangled(name) {
        return true;
    }
    let name = name.strip_prefix(b"_").unwrap_or(name);
    name.starts_with(b"$s")
        || name.starts_with(b"$S")
        || name.starts_with(b"$e")
        || name.starts_with(b"T0")
        || name.starts_with(b"Tt")
}

/// The name in readable form; None if it is none of Swift's.
pub(super) fn demangled(name: &str, style: Style) -> Option<String> {
    if name.starts_with("_Tt") {
        return legacy::demangled(name, style);
    }
    if swift3::is_mangled(name.as_bytes()) {
        return swift3::demangled(name, style);
    }
    let (text, has_old_labels) = body(name)?;
    parsed(Parser::new(text, has_old_labels), style)
}

/// A name within another.
fn demangled_inner(name: &str) -> Option<String> {
    let (text, has_old_labels) = body(name)?;
    let mut parser = Parser::new(text, has_old_labels);
    parser.is_inner = true;
    parsed(parser, Style::Full)
}

fn parsed(mut parser: Parser<'_>, style: Style) -> Option<String> {
    let shown = parser.symbol()?;
    print::text_of(&parser.nodes, &shown, style).filter(|text| !text.is_empty())
}

fn body(name: &str) -> Option<(&str, bool)> {
    if let Some(text) = name.strip_prefix("_T0") {
        return Some((text, true));
    }
    let name = name.strip_prefix('_').unwrap_or(name);
    let text = ["$s", "$S", "$e"].iter().find_map(|prefix| name.strip_prefix(prefix))?;
    Some((text, false))
}
