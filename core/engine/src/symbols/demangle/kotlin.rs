//! Kotlin/Native: `kfun:shop.Cart#total(kotlin.Int){}kotlin.String` is `shop.Cart.total(kotlin.Int): kotlin.String`.
//!
//! Source: the Kotlin project's kotlin-native/backend.native (`BinaryInterface.kt`, `IrMangler`): package and class, `#`,
//! the function, value parameters joined by `;`, type parameters in braces, the result; a receiver stands in front with `@`.

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
    let (path, receiver) =
        path.rsplit_once('@').map_or((path, None), |(receiver, path)| (path, Some(receiver)));
    let function = path.replace('#', ".");
    let function = function.trim_start_matches('.');
    if function.is_empty() {
        return None;
    }
    let owner = receiver.map(|receiver| receiver.replace('#', ".")).map(|it| joined(&it, function));
    let function = owner.unwrap_or_else(|| function.to_owned());
    if detail == Detail::NoArguments || rest.is_empty() {
        return Some(function);
    }
    let signature = signature(rest)?;
    let result = if detail == Detail::Full { signature.result } else { "" };
    let colon = if result.is_empty() { "" } else { ": " };
    Some(format!("{function}({}){}{colon}{result}", signature.parameters.replace(';', ", "), signature.mark))
}

fn joined(receiver: &str, function: &str) -> String {
    if receiver.ends_with('.') { format!("{receiver}{function}") } else { format!("{receiver}.{function}") }
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
