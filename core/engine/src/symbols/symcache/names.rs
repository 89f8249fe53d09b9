//! From a name back to the address.

use memchr::memmem;

use super::super::demangle::{Detail, demangled, is_mangled};
use super::format::name_hash;
use super::reader::SymCache;
use crate::container::IndexError;

impl SymCache {
    /// Image-relative address of a function by its mangled or demangled name, the latter with or without
    /// arguments and return type; None if the name is unknown or means several addresses.
    pub fn symbol_address(&self, name: &str) -> Result<Option<u64>, IndexError> {
        let exact = self.addresses_of_symbol(name.as_bytes())?;
        if exact != Found::Nothing || name.is_empty() {
            return Ok(exact.address());
        }
        Ok(self.addresses_of_demangled(name)?.address())
    }

    fn addresses_of_symbol(&self, name: &[u8]) -> Result<Found, IndexError> {
        let (hash, count) = (name_hash(name), self.names.len() / 4);
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low.midpoint(high);
            if name_hash(self.symbol_name(middle)?) < hash { low = middle + 1 } else { high = middle }
        }
        let mut found = Found::Nothing;
        while low < count && found != Found::Several {
            let other = self.symbol_name(low)?;
            if other == name {
                found = found.and(self.container().u64_at(self.name_addresses, low)?);
            } else if name_hash(other) != hash {
                break;
            }
            low += 1;
        }
        Ok(found)
    }

    /// Demangles only the symbols that spell the name's last identifier.
    fn addresses_of_demangled(&self, name: &str) -> Result<Found, IndexError> {
        let finder = memmem::Finder::new(identifier(name).as_bytes());
        let mut found = Found::Nothing;
        for index in 0..self.names.len() / 4 {
            let symbol = self.symbol_name(index)?;
            if is_mangled(symbol) && finder.find(symbol).is_some() && means(symbol, name) {
                found = found.and(self.container().u64_at(self.name_addresses, index)?);
            }
        }
        Ok(found)
    }

    fn symbol_name(&self, index: usize) -> Result<&[u8], IndexError> {
        self.bytes_of(self.container().u32_at(self.names, index)?)
    }
}

/// The addresses that a name has turned out to mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    One(u64),
    Several,
}

impl Found {
    fn and(self, address: u64) -> Self {
        match self {
            Self::Nothing => Self::One(address),
            Self::One(known) if known == address => self,
            _ => Self::Several,
        }
    }

    fn address(self) -> Option<u64> {
        if let Self::One(address) = self { Some(address) } else { None }
    }
}

fn means(symbol: &[u8], name: &str) -> bool {
    let Ok(symbol) = std::str::from_utf8(symbol) else { return false };
    [Detail::Full, Detail::NoReturnType, Detail::NoArguments]
        .into_iter()
        .any(|detail| demangled(symbol, detail).as_deref() == Some(name))
}

/// Templates of `std` whose names the mangling abbreviates.
const ABBREVIATED: [&str; 5] =
    ["allocator", "basic_string", "basic_istream", "basic_ostream", "basic_iostream"];

/// An identifier that the mangled form of `name` is sure to spell out: the last one before the first template or
/// other arguments. Empty where there is none, as in `operator+`.
fn identifier(name: &str) -> &str {
    let own = &name[..name.find(['(', '<', '[', '{']).unwrap_or(name.len())];
    let last = own.rsplit("::").next().unwrap_or(own);
    let plain = last.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    // Constructors and operators are encoded; a blank separates a return type, whose name may be.
    let encoded =
        last.starts_with("operator") || own.ends_with(&format!("{last}::{last}")) || own.contains(' ');
    if plain && !encoded && !ABBREVIATED.contains(&last) { last } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identifier_is_spelled_in_the_mangled_name() {
        assert_eq!(identifier("ns::Class::method(int, char)"), "method");
        assert_eq!(identifier("ns::method<int>(std::vector<a::b>)"), "method");
        assert_eq!(identifier("core::fmt::write"), "write");
        for nameless in [
            "Foo::operator+(int)",
            "Foo::Foo(int)",
            "Foo::~Foo()",
            "(anonymous namespace)::f()",
            "int f<1>()",
        ] {
            assert_eq!(identifier(nameless), "", "{nameless}");
        }
    }
}
