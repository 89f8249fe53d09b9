//! Names as their authors wrote them.
//!
//! ```
//! use symbolicator_engine::symbols::demangle;
//!
//! assert_eq!(demangle("_ZN3foo3barEi"), "foo::bar(int)");
//! assert_eq!(demangle("_ZN4core3fmt5write17h0123456789abcdefE"), "core::fmt::write");
//! assert_eq!(demangle("main"), "main");
//! ```

use cpp_demangle::{DemangleOptions, ParseOptions, Symbol};

/// Longer names come back as they are.
const MAX_MANGLED: usize = 64 * 1024;
/// A short name can stand for gigabytes (substitutions of substitutions); output stops here.
const MAX_DEMANGLED: usize = 256 * 1024;
/// Levels of the grammar that a name may be nested. Hostile names within it were measured to need less than
/// 512 KiB of stack in a release build; Rust's threads have 2 MiB.
const MAX_NESTING: u32 = 96;

/// How much of a function's name is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// As `c++filt` writes it.
    Full,
    /// Without the return type that names of template functions carry.
    NoReturnType,
    /// Without arguments.
    NoArguments,
}

/// Demangles a C++ (Itanium) or Rust (legacy, v0) name, with arguments; any other name comes back as it is.
///
/// The parts of a function that the compiler split off keep their mark, as `c++filt` writes it:
/// `f() [clone .cold]`.
#[must_use]
pub fn demangle(name: &str) -> String {
    demangled(name, Detail::Full).unwrap_or_else(|| name.to_owned())
}

pub(super) fn demangled(name: &str, detail: Detail) -> Option<String> {
    if name.len() > MAX_MANGLED {
        return None;
    }
    if name.starts_with("_R") || has_rust_hash(name) {
        return rust(name);
    }
    let start = if name.starts_with("__Z") { 1 } else { 0 };
    if !name[start..].starts_with("_Z") {
        return None;
    }
    cpp(&name[start..], detail).or_else(|| without_suffix(&name[start..], detail))
}

/// Legacy Rust names are C++ names that end in a hash: `17h`, sixteen hexadecimal digits, `E`.
pub(super) fn has_rust_hash(name: &str) -> bool {
    let base = name.split('.').next().unwrap_or(name).as_bytes();
    let Some(hash) = base.strip_suffix(b"E").and_then(|base| base.last_chunk::<19>()) else { return false };
    name.starts_with("_ZN") && hash.starts_with(b"17h") && hash[3..].iter().all(u8::is_ascii_hexdigit)
}

fn rust(name: &str) -> Option<String> {
    let symbol = rustc_demangle::try_demangle(name).ok()?;
    let mut out = Bounded::default();
    std::fmt::write(&mut out, format_args!("{symbol:#}")).ok()?;
    Some(with_clones(out.0))
}

/// `rustc_demangle` leaves a suffix such as `.cold` as it is.
fn with_clones(name: String) -> String {
    for mark in [".cold", ".part.", ".isra.", ".constprop.", ".llvm."] {
        if let Some(at) = name.rfind(mark) {
            return format!("{} [clone {}]", &name[..at], &name[at..]);
        }
    }
    name
}

fn cpp(name: &str, detail: Detail) -> Option<String> {
    let limits = ParseOptions::default().recursion_limit(MAX_NESTING);
    let symbol = Symbol::new_with_options(name, &limits).ok()?;
    let options = DemangleOptions::new().recursion_limit(MAX_NESTING);
    let options = match detail {
        Detail::Full => options,
        Detail::NoReturnType => options.no_return_type(),
        Detail::NoArguments => options.no_params().no_return_type(),
    };
    let mut out = Bounded::default();
    symbol.structured_demangle(&mut out, &options).ok()?;
    Some(out.0)
}

/// A suffix that the grammar does not know, such as `.llvm.123` twice over.
fn without_suffix(name: &str, detail: Detail) -> Option<String> {
    let at = name.find('.')?;
    Some(format!("{} [clone {}]", cpp(&name[..at], detail)?, &name[at..]))
}

/// Collects text up to [`MAX_DEMANGLED`] bytes, then refuses.
#[derive(Default)]
struct Bounded(String);

impl std::fmt::Write for Bounded {
    fn write_str(&mut self, part: &str) -> std::fmt::Result {
        if self.0.len() + part.len() > MAX_DEMANGLED {
            return Err(std::fmt::Error);
        }
        self.0.push_str(part);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_are_marked_as_cplusplusfilt_does() {
        assert_eq!(demangle("_ZN3fooC4Ei.part.0"), "foo::foo(int) [clone .part.0]");
        assert_eq!(demangle("_Z1fv.cold"), "f() [clone .cold]");
        assert_eq!(demangle("_Z1fv.isra.0.cold"), "f() [clone .isra.0] [clone .cold]");
        assert_eq!(demangle("_Z1fv.llvm.1234567890123"), "f() [clone .llvm.1234567890123]");
        assert_eq!(demangle("plain.part.0"), "plain.part.0");
    }

    #[test]
    fn template_functions_carry_their_return_type() {
        assert_eq!(demangle("_Z3maxIiET_S0_S0_"), "int max<int>(int, int)");
        assert_eq!(demangled("_Z3maxIiET_S0_S0_", Detail::NoArguments).as_deref(), Some("max<int>"));
        assert_eq!(
            demangled("_Z3maxIiET_S0_S0_", Detail::NoReturnType).as_deref(),
            Some("max<int>(int, int)")
        );
    }

    #[test]
    fn rust_names_lose_their_hash() {
        assert_eq!(demangle("_RNvC6_123foo3bar"), "123foo::bar");
        assert_eq!(demangle("_ZN3std2io5Write17h0123456789abcdefE.cold"), "std::io::Write [clone .cold]");
        assert_eq!(demangle("_ZN3foo3barE"), "foo::bar");
    }

    #[test]
    fn damaged_and_endless_names_come_back_as_they_are() {
        for name in ["_Z", "_ZN", "_ZNSt", "_R", "_RNv", "", "_ZN3foo3barEi\u{e9}\0x"] {
            assert!(!demangle(name).is_empty() || name.is_empty());
        }
        let deep = format!("_Z1f{}i", "P".repeat(20_000));
        assert_eq!(demangle(&deep), deep);
        let long = format!("_Z{}f", "1".repeat(70_000));
        assert_eq!(demangle(&long), long);
    }
}
