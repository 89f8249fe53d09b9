//! Whether text is JSON to the letter (ECMA-404): strict mode asks this before anything else.
//!
//! Surrogates and bytes that are no UTF-8 pass, as they do in a browser, which decodes a map's bytes with
//! replacement and lets `JSON.parse` accept lone surrogates.

use super::{Next, Scanner, SyntaxError};

/// Checks the whole text, starting at `at`.
pub(crate) fn check(text: &[u8], at: usize) -> Result<(), SyntaxError> {
    let mut checker = Checker { scanner: Scanner::new(text, at), text, open: Vec::new() };
    checker.value()?;
    while let Some(close) = checker.open.last().copied() {
        checker.item(close)?;
    }
    match checker.scanner.peek() {
        None => Ok(()),
        Some(_) => Err(checker.scanner.error("there is more behind the end of the value")),
    }
}

struct Checker<'a> {
    scanner: Scanner<'a>,
    text: &'a [u8],
    /// The closing brackets that are due, with [`FRESH`] set before the first item.
    open: Vec<u8>,
}

/// Set in an entry of `open` until its first item was read. Brackets are ASCII, so the bit is free.
const FRESH: u8 = 0x80;

impl Checker<'_> {
    fn item(&mut self, due: u8) -> Result<(), SyntaxError> {
        let close = due & !FRESH;
        let next = self.scanner.next_item(due & FRESH != 0, close)?;
        if self.scanner.trailing_comma().is_some() {
            return Err(self.scanner.error("a comma has no value behind it"));
        }
        if next == Next::End {
            self.open.pop();
            return Ok(());
        }
        if let Some(last) = self.open.last_mut() {
            *last = close;
        }
        if close == b'}' {
            self.key()?;
        }
        self.value()
    }

    fn key(&mut self) -> Result<(), SyntaxError> {
        self.scanner.peek();
        let start = self.scanner.at();
        let key = self.scanner.key()?;
        check_string(key).map_err(|what| SyntaxError { at: start, what })
    }

    /// Takes a scalar, or only the opening bracket of anything else.
    fn value(&mut self) -> Result<(), SyntaxError> {
        match self.scanner.peek() {
            Some(b'{') => self.open(b'{', b'}'),
            Some(b'[') => self.open(b'[', b']'),
            _ => return self.scalar(),
        }
        Ok(())
    }

    fn open(&mut self, bracket: u8, close: u8) {
        self.scanner.eat(bracket);
        self.open.push(close | FRESH);
    }

    fn scalar(&mut self) -> Result<(), SyntaxError> {
        let start = self.scanner.at();
        self.scanner.skip_value()?;
        let raw = &self.text[start..self.scanner.at()];
        let checked = match raw {
            [b'"', content @ .., b'"'] => check_string(content),
            b"null" | b"true" | b"false" => Ok(()),
            _ => check_number(raw),
        };
        checked.map_err(|what| SyntaxError { at: start, what })
    }
}

fn check_string(content: &[u8]) -> Result<(), &'static str> {
    let mut rest = content;
    while let Some(special) = rest.iter().position(|&byte| byte == b'\\' || byte < b' ') {
        if rest[special] != b'\\' {
            return Err("a string holds a control character");
        }
        let len = match &rest[special + 1..] {
            [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => 2,
            [b'u', digits @ ..] if digits.len() >= 4 && digits[..4].iter().all(u8::is_ascii_hexdigit) => 6,
            _ => return Err("a string holds an escape that JSON does not know"),
        };
        rest = &rest[special + len..];
    }
    Ok(())
}

fn check_number(raw: &[u8]) -> Result<(), &'static str> {
    let unsigned = raw.strip_prefix(b"-").unwrap_or(raw);
    let (integer, rest) = digits(unsigned);
    let mut valid = integer.len() == 1 || (integer.len() > 1 && integer[0] != b'0');
    let mut rest = rest;
    if let Some(fraction) = rest.strip_prefix(b".") {
        let (fraction, tail) = digits(fraction);
        valid &= !fraction.is_empty();
        rest = tail;
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = exponent.strip_prefix(b"+").or(exponent.strip_prefix(b"-")).unwrap_or(exponent);
        let (exponent, tail) = digits(exponent);
        valid &= !exponent.is_empty();
        rest = tail;
    }
    if valid && rest.is_empty() { Ok(()) } else { Err("this is no JSON value") }
}

fn digits(raw: &[u8]) -> (&[u8], &[u8]) {
    raw.split_at(raw.iter().take_while(|byte| byte.is_ascii_digit()).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_passes() {
        for text in [
            "{}",
            " [ ] ",
            "\"\"",
            "0",
            "-0.5e+10",
            "1E2",
            "null",
            r#"{"a": [1, {"b": []}, "\u12aB\n\/", true, false, null], "": {}}"#,
        ] {
            assert_eq!(check(text.as_bytes(), 0), Ok(()), "{text}");
        }
    }

    #[test]
    fn anything_else_does_not() {
        for text in [
            "",
            " ",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "[1 2]",
            "{\"a\" 1}",
            "{a:1}",
            "[,1]",
            "01",
            "1.",
            "-",
            "+1",
            ".5",
            "1e",
            "tru",
            "nulls",
            "\"\n\"",
            r#""\x""#,
            r#""\u12g4""#,
            "\"a",
            "[}",
            "{]",
            "[1}",
            "{} {}",
            "NaN",
            "'a'",
        ] {
            assert!(check(text.as_bytes(), 0).is_err(), "{text}");
        }
    }

    #[test]
    fn nesting_costs_no_stack() {
        let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
        assert_eq!(check(deep.as_bytes(), 0), Ok(()));
        assert!(check(&deep.as_bytes()[..1_500_000], 0).is_err());
    }
}
