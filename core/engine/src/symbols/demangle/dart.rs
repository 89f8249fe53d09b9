//! Dart, compiled ahead of time: `Precompiled_Cart_total_1234` is `Cart_total`, `Precompiled_Stub__iso_stub_AllocateArrayStub`
//! is `stub AllocateArray`.
//!
//! Names in assembly have every character but letters and digits replaced by `_`, so that `Cart.total` cannot be told from
//! `Cart_total`: what is left is cut from its frame and no more is claimed. Names in debug information are plain but for
//! the key of the library behind private ones: `_Cart@17026758.total`. Source: the Dart project's runtime/vm/image_snapshot.cc.

/// Whether a name is that of a function or a stub.
pub(super) fn is_mangled(name: &[u8]) -> bool {
    name.starts_with(b"Precompiled_") || name.starts_with(b"_Precompiled_")
}

/// The name without its frame; None if it has none.
pub(super) fn demangled(name: &str) -> Option<String> {
    let name = name.strip_prefix('_').unwrap_or(name).strip_prefix("Precompiled_")?;
    if let Some(stub) = stub(name) {
        return Some(stub);
    }
    let plain = without_number(name);
    (!plain.is_empty()).then(|| plain.to_owned())
}

fn stub(name: &str) -> Option<String> {
    let stub = ["Stub__iso_stub_", "Stub_stub_", "Stub_", "_iso_stub_"]
        .iter()
        .find_map(|it| name.strip_prefix(it))?;
    let stub = without_number(stub);
    let stub = stub.strip_suffix("Stub").unwrap_or(stub);
    (!stub.is_empty()).then(|| format!("stub {stub}"))
}

/// Every name ends in a number that tells it from others.
fn without_number(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((plain, number)) if is_number(number) && !plain.is_empty() => plain,
        _ => name,
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
