//! Names as their authors wrote them: C++ (Itanium and Microsoft's), Rust, Swift, Objective-C's blocks, D, Kotlin/Native,
//! Dart.
//!
//! ```
//! use symbolicator_engine::symbols::demangle;
//!
//! assert_eq!(demangle("_ZN3foo3barEi"), "foo::bar(int)");
//! assert_eq!(demangle("?bar@foo@@YAHH@Z"), "int __cdecl foo::bar(int)");
//! assert_eq!(demangle("$s3foo3baryS2iF"), "foo.bar(Swift.Int) -> Swift.Int");
//! assert_eq!(demangle("_ZN4core3fmt5write17h0123456789abcdefE"), "core::fmt::write");
//! assert_eq!(demangle("main"), "main");
//! ```

mod dart;
mod dlang;
mod itanium;
mod kotlin;
mod msvc;
mod objc;
mod swift;
mod text;

use memchr::memmem;

/// Longer names come back as they are.
const MAX_MANGLED: usize = 64 * 1024;
/// A short name can stand for gigabytes (substitutions of substitutions); output stops here.
const MAX_DEMANGLED: usize = 256 * 1024;

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

/// Demangles a name, with arguments; one that is not mangled, or too hostile, comes back as it is.
///
/// The parts of a function that the compiler split off keep their mark, as `c++filt` writes it:
/// `f() [clone .cold]`.
#[must_use]
pub fn demangle(name: &str) -> String {
    demangled(name, Detail::Full).unwrap_or_else(|| name.to_owned())
}

/// Like [`demangle`] without arguments and return types; Swift's labels are part of a name and stay.
///
/// ```
/// use symbolicator_engine::symbols::demangle_without_arguments;
///
/// assert_eq!(demangle_without_arguments("_ZN3foo3barEi"), "foo::bar");
/// assert_eq!(demangle_without_arguments("$s4shop4CartC5total2inSiSS_tF"), "Cart.total(in:)");
/// ```
#[must_use]
pub fn demangle_without_arguments(name: &str) -> String {
    demangled(name, Detail::NoArguments).unwrap_or_else(|| name.to_owned())
}

/// The name in readable form; None if it is not mangled, or not in a way that is read here.
pub(super) fn demangled(name: &str, detail: Detail) -> Option<String> {
    if name.len() > MAX_MANGLED {
        return None;
    }
    let has_arguments = detail != Detail::NoArguments;
    match Scheme::of(name.as_bytes())? {
        Scheme::Itanium if has_rust_hash(name.as_bytes()) => rust(name),
        Scheme::Itanium => itanium::demangle(name, detail),
        Scheme::Rust => rust(name),
        Scheme::Msvc => msvc::demangled(name, has_arguments),
        Scheme::Swift => {
            swift::demangled(name, if has_arguments { swift::Style::Full } else { swift::Style::Simple })
        }
        Scheme::Block => objc::demangled(name, detail),
        Scheme::D => dlang::demangled(name, has_arguments),
        Scheme::Kotlin => kotlin::demangled(name, detail),
        Scheme::Dart => dart::demangled(name),
    }
}

/// How a name is mangled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    /// Or Rust's first mangling, which is made of it.
    Itanium,
    Rust,
    Msvc,
    Swift,
    Block,
    D,
    Kotlin,
    Dart,
}

impl Scheme {
    /// By how the name starts; None for a plain one.
    fn of(name: &[u8]) -> Option<Self> {
        match name.first()? {
            b'_' => Self::of_underscored(name),
            b'$' if swift::is_mangled(name) => Some(Self::Swift),
            b'?' if msvc::is_mangled(name) => Some(Self::Msvc),
            b'k' if kotlin::is_mangled(name) => Some(Self::Kotlin),
            b'P' if dart::is_mangled(name) => Some(Self::Dart),
            _ => None,
        }
    }

    fn of_underscored(name: &[u8]) -> Option<Self> {
        match name.get(1)? {
            b'Z' => Some(Self::Itanium),
            b'R' => Some(Self::Rust),
            b'$' | b'T' if swift::is_mangled(name) => Some(Self::Swift),
            b'D' if dlang::is_mangled(name) => Some(Self::D),
            b'P' if dart::is_mangled(name) => Some(Self::Dart),
            b'_' if objc::is_mangled(name) => Some(Self::Block),
            b'_' if name.get(2) == Some(&b'Z') => Some(Self::Itanium),
            _ => None,
        }
    }
}

/// Whether a name follows a scheme that encodes scopes and types.
pub(super) fn is_mangled(name: &[u8]) -> bool {
    Scheme::of(name).is_some()
}

/// The language whose mangling a name has, by the number that index files have for it; 0 if it is plain.
pub(super) fn language_code(name: &[u8]) -> u8 {
    match Scheme::of(name) {
        Some(Scheme::Itanium) if has_rust_hash(name) => 3,
        Some(Scheme::Itanium | Scheme::Msvc) => 2,
        Some(Scheme::Rust) => 3,
        Some(Scheme::Swift) => 5,
        Some(Scheme::D) => 8,
        Some(Scheme::Kotlin) => 11,
        Some(Scheme::Dart) => 12,
        Some(Scheme::Block) | None if objc::is_objective_c(name) => 6,
        Some(Scheme::Block) | None => 0,
    }
}

/// Legacy Rust names are C++ names that end in a hash: `17h`, sixteen hexadecimal digits, `E`. Compilers may append
/// something with a dot before it; there are dots inside of such names too.
fn has_rust_hash(name: &[u8]) -> bool {
    let Some(at) = memmem::rfind(name, b"17h").filter(|_| name.starts_with(b"_ZN")) else { return false };
    let Some((hash, behind)) = name[at + 3..].split_at_checked(16) else { return false };
    let is_end = behind == b"E" || behind.starts_with(b"E.");
    is_end && hash.iter().all(u8::is_ascii_hexdigit)
}

fn rust(name: &str) -> Option<String> {
    let symbol = rustc_demangle::try_demangle(name).ok()?;
    let mut out = Bounded::default();
    std::fmt::write(&mut out, format_args!("{symbol:#}")).ok()?;
    Some(with_clones(out.0))
}

/// `rustc_demangle` leaves a suffix such as `.cold` as it is, and the number that tells functions of one name apart.
fn with_clones(name: String) -> String {
    let marks = [".cold", ".part.", ".isra.", ".constprop.", ".llvm."];
    let mark = marks.iter().find_map(|mark| name.rfind(mark)).or_else(|| {
        let (base, number) = name.rsplit_once('.')?;
        (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(base.len())
    });
    match mark {
        Some(at) => format!("{} [clone {}]", &name[..at], &name[at..]),
        None => name,
    }
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
        let method = "_ZN29_$LT$a..B$u20$as$u20$c..D$GT$1f17h0123456789abcdefE.llvm.77";
        assert_eq!(demangle(method), "<a::B as c::D>::f");
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
