//! One line of a mapping file, taken apart without copying.
//!
//! ```text
//! com.shop.Cart -> a.b:                                     a class
//!     int total -> a                                        a field
//!     3:5:void com.shop.Price.round(int,boolean):70:72 -> c a method: lines of the program, then of the source
//! ```

use memchr::{memchr, memrchr};

/// What a line says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    Class {
        original: &'a [u8],
        obfuscated: &'a [u8],
    },
    Field,
    Method(Method<'a>),
    /// What stands behind `#`.
    Comment(&'a [u8]),
    /// Nothing that is known.
    Other,
}

/// Lines from the first to the last, 1-based, 0 unknown.
pub(super) type Range = (u32, u32);

/// A method, or a part of its lines.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Method<'a> {
    /// Lines of the program.
    pub(super) minified: Option<Range>,
    /// Lines of the source.
    pub(super) original: Option<Range>,
    /// One line of the source was written, as it is for the caller of the line before.
    pub(super) is_caller: bool,
    /// Return type, name and parameters: all that says which method it is.
    pub(super) text: &'a [u8],
    /// What it is called in the program.
    pub(super) obfuscated: &'a [u8],
}

/// The parts of [`Method::text`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Signature<'a> {
    pub(super) returns: &'a [u8],
    /// The class it comes from, where that is another one.
    pub(super) class: Option<&'a [u8]>,
    pub(super) name: &'a [u8],
    /// Types, separated by commas.
    pub(super) parameters: &'a [u8],
}

/// Reads a line that has no blanks at its end.
pub(super) fn parse(line: &[u8]) -> Line<'_> {
    let text = line.trim_ascii_start();
    match text.first() {
        None => Line::Other,
        Some(b'#') => Line::Comment(&text[1..]),
        Some(_) if text.len() == line.len() => class(text).unwrap_or(Line::Other),
        Some(_) => member(text).unwrap_or(Line::Other),
    }
}

fn class(text: &[u8]) -> Option<Line<'_>> {
    let (original, obfuscated) = around_arrow(text.strip_suffix(b":")?)?;
    let is_name = |name: &[u8]| !name.is_empty() && memchr(b' ', name).is_none();
    (is_name(original) && is_name(obfuscated)).then_some(Line::Class { original, obfuscated })
}

fn member(text: &[u8]) -> Option<Line<'_>> {
    let (left, obfuscated) = around_arrow(text)?;
    match memchr(b'(', left) {
        Some(_) => method(left, obfuscated).map(Line::Method),
        None => Some(Line::Field),
    }
}

/// What stands before and behind the last ` -> `. A name may end in `>` itself: `<init>`.
fn around_arrow(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut end = text.len();
    loop {
        end = memrchr(b'>', text.get(..end)?)?;
        if let Some(left) = text[..end].strip_suffix(b" -")
            && let Some(right) = text[end + 1..].strip_prefix(b" ")
        {
            return Some((left.trim_ascii_end(), right.trim_ascii_start()));
        }
    }
}

fn method<'a>(left: &'a [u8], obfuscated: &'a [u8]) -> Option<Method<'a>> {
    let (minified, rest) = leading_range(left);
    let close = memrchr(b')', rest)?;
    let (text, tail) = rest.split_at(close + 1);
    let is_name = !obfuscated.is_empty() && memchr(b' ', obfuscated).is_none();
    let (original, is_caller) = trailing_range(tail);
    is_name.then_some(Method { minified, original, is_caller, text, obfuscated })
}

/// Takes a method's text apart; None if it is none.
pub(super) fn signature(text: &[u8]) -> Option<Signature<'_>> {
    let open = memchr(b'(', text)?;
    let head = text.get(..open)?;
    let space = memrchr(b' ', head)?;
    let (returns, qualified) = (head[..space].trim_ascii(), &head[space + 1..]);
    let (class, name) = match memrchr(b'.', qualified) {
        Some(dot) => (Some(&qualified[..dot]), &qualified[dot + 1..]),
        None => (None, qualified),
    };
    let parameters = text.get(open + 1..text.len() - 1)?;
    (!name.is_empty()).then_some(Signature {
        returns,
        class: class.filter(|class| !class.is_empty()),
        name,
        parameters,
    })
}

/// `3:5:` or `3:` at the start, and what follows.
fn leading_range(text: &[u8]) -> (Option<Range>, &[u8]) {
    let Some((first, rest)) = number(text).and_then(|(first, rest)| Some((first, rest.strip_prefix(b":")?)))
    else {
        return (None, text);
    };
    match number(rest).and_then(|(last, rest)| Some((last, rest.strip_prefix(b":")?))) {
        Some((last, rest)) => (Some(ordered(first, last)), rest),
        None => (Some((first, first)), rest),
    }
}

/// `:70:72` or `:70`, and whether it is the second form.
fn trailing_range(text: &[u8]) -> (Option<Range>, bool) {
    let Some((first, rest)) = text.strip_prefix(b":").and_then(number) else { return (None, false) };
    match rest.strip_prefix(b":").and_then(number) {
        // An end before its start means a single line to R8.
        Some((last, _)) => (Some((first, last.max(first))), false),
        None => (Some((first, first)), true),
    }
}

/// Some versions wrote the larger number first.
fn ordered(first: u32, last: u32) -> Range {
    (first.min(last), first.max(last))
}

/// A number that 32 bits hold, and what follows.
fn number(text: &[u8]) -> Option<(u32, &[u8])> {
    let len = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(len);
    if len == 0 || len > 10 {
        return None;
    }
    let value = digits.iter().fold(0_u64, |value, digit| value * 10 + u64::from(digit - b'0'));
    Some((u32::try_from(value).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn method_of(line: &str) -> Method<'_> {
        match parse(line.as_bytes()) {
            Line::Method(method) => method,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn a_method_has_two_ranges_and_a_text() {
        let method = method_of("    3:5:void com.shop.Price.round(int,boolean):70:72 -> c");
        assert_eq!((method.minified, method.original), (Some((3, 5)), Some((70, 72))));
        let parts = signature(method.text).unwrap();
        assert_eq!(parts.class, Some(&b"com.shop.Price"[..]));
        assert_eq!(
            (parts.returns, parts.name, parts.parameters),
            (&b"void"[..], &b"round"[..], &b"int,boolean"[..])
        );
    }

    #[test]
    fn ranges_may_be_missing_single_or_the_wrong_way_round() {
        let cases = [
            ("  void a() -> b", None, None),
            ("  1:2:void a() -> b", Some((1, 2)), None),
            ("  1:2:void a():7 -> b", Some((1, 2)), Some((7, 7))),
            ("  void a():7:9 -> b", None, Some((7, 9))),
            ("  5:3:void a():9:2 -> b", Some((3, 5)), Some((9, 9))),
            ("  5:void a() -> b", Some((5, 5)), None),
            ("  1:99999999999:void a() -> b", Some((1, 1)), None),
        ];
        for (line, minified, original) in cases {
            let method = method_of(line);
            assert_eq!((method.minified, method.original), (minified, original), "{line}");
        }
    }

    #[test]
    fn the_arrow_is_found_before_a_name_in_brackets() {
        let method = method_of("    1:1:void <init>(int):15:15 -> <init>");
        assert_eq!((method.text, method.obfuscated), (&b"void <init>(int)"[..], &b"<init>"[..]));
        assert_eq!(parse(&[b"  >".repeat(50_000), b" x".to_vec()].concat()), Line::Other);
    }

    #[test]
    fn constructors_and_classes_with_dashes_are_names() {
        let parts = signature(b"void <init>(com.shop.Cart$Item[])").unwrap();
        assert_eq!((parts.class, parts.name), (None, &b"<init>"[..]));
        let line = parse(b"Foo$-CC -> a-b:");
        assert_eq!(line, Line::Class { original: b"Foo$-CC", obfuscated: b"a-b" });
    }

    #[test]
    fn what_is_no_line_of_a_mapping_is_passed_over() {
        for line in ["", "a -> b", "a ->b:", "-> b:", "a b -> c:", "  void a( -> b", "  () -> b", "  a() -> "]
        {
            let parsed = parse(line.as_bytes());
            let is_nothing = match parsed {
                Line::Method(method) => signature(method.text).is_none(),
                other => other == Line::Other,
            };
            assert!(is_nothing, "{line}");
        }
        assert_eq!(parse(b"    int[] total -> a"), Line::Field);
        assert_eq!(parse(b"  # {}"), Line::Comment(b" {}"));
    }
}
