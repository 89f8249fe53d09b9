//! How symbols spell the functions whose debug info gives no mangled name, and the parts split off from functions.
//!
//! C++ compilers leave out the linkage name of functions that are local to their file, lambdas among them; the symbol
//! table has it. Names and codes are those of the Itanium C++ ABI
//! (<https://itanium-cxx-abi.github.io/cxx-abi/abi.html#mangling>).

use memchr::memmem;

use super::demangle::is_mangled;
use super::dwarf::{Name, Text};
use super::symtab::Symbol;

const LANGUAGE_C: u8 = 1;

/// What stands behind `operator`, and its code. Those of conversions spell types, which are not compared.
const OPERATORS: &[(&[u8], &[u8])] = &[
    (b"()", b"cl"),
    (b"[]", b"ix"),
    (b"=", b"aS"),
    (b"==", b"eq"),
    (b"!=", b"ne"),
    (b"<", b"lt"),
    (b">", b"gt"),
    (b"<=", b"le"),
    (b">=", b"ge"),
    (b"<=>", b"ss"),
    (b"<<", b"ls"),
    (b">>", b"rs"),
    (b"+", b"pl"),
    (b"-", b"mi"),
    (b"*", b"ml"),
    (b"/", b"dv"),
    (b"+=", b"pL"),
    (b"-=", b"mI"),
    (b"++", b"pp"),
    (b"--", b"mm"),
    (b"->", b"pt"),
    (b"!", b"nt"),
    (b",", b"cm"),
];

/// The alias that is the mangled form of a function's plain name.
pub(super) fn mangled_form<'a>(name: &Name<'_>, aliases: &'a [Symbol<'_>]) -> Option<&'a [u8]> {
    let plain = name.plain.as_ref().filter(|_| name.language != LANGUAGE_C)?.bytes();
    let mangled = |symbol: &&Symbol<'_>| is_mangled(symbol.name) && spells(symbol.name, plain);
    aliases.iter().find(mangled).map(|symbol| symbol.name)
}

/// Whether a mangled name may be that of a function with this plain name.
fn spells(mangled: &[u8], plain: &[u8]) -> bool {
    let plain = plain.trim_ascii_start();
    if let Some(operator) = plain.strip_prefix(b"operator").filter(|rest| !starts_like_a_name(rest)) {
        return operator_code(operator).is_none_or(|code| has_operator(mangled, code));
    }
    let named = plain.strip_prefix(b"~").unwrap_or(plain);
    let identifier = named.split(|byte| *byte == b'<').next().unwrap_or_default();
    memmem::find(mangled, identifier).is_some()
}

fn starts_like_a_name(text: &[u8]) -> bool {
    text.first().is_none_or(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

/// A code ends its name or stands before template arguments.
fn has_operator(mangled: &[u8], code: &[u8]) -> bool {
    memmem::find_iter(mangled, code).any(|at| matches!(mangled.get(at + code.len()), Some(b'E' | b'I')))
}

/// The code of an operator, which template arguments may follow.
fn operator_code(operator: &[u8]) -> Option<&'static [u8]> {
    let written = |(symbol, _): &&(&[u8], &[u8])| {
        operator.strip_prefix(*symbol).is_some_and(|rest| matches!(rest.first(), None | Some(b' ' | b'<')))
    };
    OPERATORS.iter().filter(written).max_by_key(|(symbol, _)| symbol.len()).map(|(_, code)| *code)
}

/// What the symbol of a function is called; `aliases`: the symbols at its entry.
pub(super) fn symbol_name<'a>(name: &'a Name<'_>, aliases: &'a [Symbol<'_>]) -> &'a [u8] {
    let linkage = name.linkage.as_ref().map(Text::bytes).or_else(|| mangled_form(name, aliases));
    linkage.or(name.plain.as_ref().map(Text::bytes)).unwrap_or_default()
}

/// Whether `symbol` is a part of `whole`: the same name with a suffix such as `.cold`.
pub(super) fn is_part(symbol: &[u8], whole: &[u8]) -> bool {
    let spelled = !whole.is_empty() && memmem::find(symbol, whole).is_some();
    match symbol.strip_prefix(whole) {
        Some(suffix) if !whole.is_empty() => suffix.starts_with(b"."),
        _ => spelled && is_mangled(symbol) && symbol.contains(&b'.'),
    }
}

/// The name of the function that a part was split off from.
pub(super) fn whole(symbol: &[u8]) -> &[u8] {
    symbol.split(|byte| *byte == b'.').next().unwrap_or(symbol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mangled_name_spells_destructors_operators_and_templates() {
        assert!(spells(b"_ZN12_GLOBAL__N_18PosixEnvD0Ev", b"~PosixEnv"));
        assert!(spells(b"_ZZ4mainENKUliE_clEi", b"operator()"));
        assert!(spells(b"_ZN12_GLOBAL__N_1lsI1AEEvT_", b"operator<< <(anonymous namespace)::A>"));
        assert!(spells(b"_ZN1AclIiEEvT_", b"operator()<int>"));
        assert!(spells(b"_ZN1AcvbEv", b"operator bool"));
        assert!(spells(b"_ZN1A14operator_countEv", b"operator_count"));
        assert!(spells(b"_ZN1A5climbILi3EEEvv", b"climb<3>"));
        assert!(!spells(b"_ZN1A4clipEv", b"operator()"));
        assert!(!spells(b"_ZN1A4clipEv", b"~B"));
    }

    #[test]
    fn a_part_has_the_name_of_its_function_and_a_suffix() {
        assert!(is_part(b"_Z1fv.cold", b"_Z1fv"));
        assert!(is_part(b"_ZL5plaini.part.0", b"plain"));
        assert!(!is_part(b"_Z1fvE", b"_Z1fv"));
        assert!(!is_part(b".cold", b""));
        assert_eq!(whole(b"_Z1fv.isra.0.cold"), b"_Z1fv");
    }
}
