//! Dart, compiled ahead of time: `Precompiled__SendPortImpl_1026248__sendInternal_1026248_1297` is
//! `_SendPortImpl._sendInternal`, `Precompiled_Stub__iso_stub_AllocateArrayStub` is `stub AllocateArray`.
//!
//! Symbols have every character but letters and digits replaced by `_`, so that `Cart.total` cannot be told from
//! `Cart_total` and stays `Cart_total`. Two things are sure: the class of what is outside of any is `::`, and behind a
//! private name stands the key of its library. Source: the Dart project's runtime/vm/image_snapshot.cc.

/// Digits of a library's key, at least: shorter numbers are part of names.
const MIN_KEY: usize = 6;

/// Whether a name is that of a function or a stub.
pub(super) fn is_mangled(name: &[u8]) -> bool {
    name.starts_with(b"Precompiled_") || name.starts_with(b"_Precompiled_")
}

/// The name without what tells it from others; None if nothing is left of it.
pub(super) fn demangled(name: &str) -> Option<String> {
    let name = name.strip_prefix('_').unwrap_or(name).strip_prefix("Precompiled_")?;
    if let Some(stub) = stub(name) {
        return Some(stub);
    }
    let name = without_number(name);
    let name = name.strip_prefix("___").unwrap_or(name);
    Some(without_keys(name)).filter(|name| !name.is_empty())
}

fn stub(name: &str) -> Option<String> {
    let stub = ["Stub__iso_stub_", "Stub_stub_", "Stub_"].iter().find_map(|it| name.strip_prefix(it))?;
    let stub = stub.strip_suffix("Stub").unwrap_or(stub);
    (!stub.is_empty()).then(|| format!("stub {stub}"))
}

/// Every function's name ends in a number that tells it from others.
fn without_number(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((plain, number)) if is_number(number) && !plain.is_empty() => plain,
        _ => name,
    }
}

/// The key behind a private class is followed by the dot, the one behind its member by nothing.
fn without_keys(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = key(rest) {
        let end = at + 1 + rest[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
        shown.push_str(&rest[..at]);
        rest = &rest[end..];
        if let Some(member) = rest.strip_prefix('_') {
            shown.push('.');
            rest = member;
        }
    }
    shown.push_str(rest);
    shown
}

/// Where the first key begins, with its `_`.
fn key(name: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = name.get(from..)?.find('_') {
        let digits = name.get(from + at + 1..)?.bytes().take_while(u8::is_ascii_digit).count();
        let next = name.as_bytes().get(from + at + 1 + digits);
        if digits >= MIN_KEY && from + at > 0 && next.is_none_or(|byte| *byte == b'_') {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
