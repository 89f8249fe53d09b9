//! Kotlin/Native: `kfun:shop.Cart#total(kotlin.Int){}kotlin.String` is `shop.Cart.total(kotlin.Int): kotlin.String`.
//!
//! Source: the Kotlin project's IR mangler (`MangleConstant.kt`): package and class, `#`, the function, `@` (`__at__` where
//! assemblers do not take that) and the type that an extension is of, value parameters joined by `;`, type parameters in
//! braces, the result. Before Kotlin 1.4 a dot stood for `#`.

use super::Detail;

const PREFIX: &str = "kfun:";

/// Whether a name is that of a Kotlin function.
pub(super) fn is_mangled(name: &[u8]) -> bool {
    name.starts_with(PREFIX.as_bytes())
}

/// The function as Kotlin declares it; None if the name is none of its functions.
pub(super) fn demangled(name: &str, detail: Detail) -> Option<String> {
    let text = name.strip_prefix(PREFIX)?;
    let (path, rest) = match text.find('(') {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let (path, receiver) = with_receiver(path);
    let function = path.replace('#', ".");
    let function = function.trim_start_matches('.');
    if function.is_empty() {
        return None;
    }
    if detail == Detail::NoArguments || rest.is_empty() {
        return Some(function.to_owned());
    }
    let signature = signature(rest)?;
    let receiver = receiver.map(|receiver| format!("this: {receiver}"));
    let parameters = signature.parameters.split(';').filter(|it| !it.is_empty()).map(str::to_owned);
    let parameters = receiver.into_iter().chain(parameters).collect::<Vec<_>>().join(", ");
    let result = if detail == Detail::Full { signature.result } else { "" };
    let colon = if result.is_empty() { "" } else { ": " };
    Some(format!("{function}({parameters}){}{colon}{result}", signature.mark))
}

/// The path of a function and the type that it extends.
fn with_receiver(path: &str) -> (&str, Option<&str>) {
    let found = path.split_once("__at__").or_else(|| path.split_once('@'));
    found.map_or((path, None), |(path, receiver)| (path, Some(receiver)))
}

struct Signature<'a> {
    parameters: &'a str,
    result: &'a str,
    /// What made the function: ` [bridge]`.
    mark: &'static str,
}

/// Parameters are in parentheses, which function types among them hold too.
fn signature(text: &str) -> Option<Signature<'_>> {
    let end = closing(text, b'(', b')')?;
    let parameters = text.get(1..end)?;
    let rest = text.get(end + 1..)?;
    let types = if rest.starts_with('{') { closing(rest, b'{', b'}')? + 1 } else { 0 };
    let result = rest.get(types..)?;
    let (result, mark) = match result.strip_suffix("#suspend") {
        Some(result) => (result, " [suspend]"),
        None => (result, ""),
    };
    Some(Signature { parameters, result, mark })
}

fn closing(text: &str, open: u8, close: u8) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        if byte == open {
            depth += 1;
        } else if byte == close {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}
