//! JSON (ECMA-404) as far as a source map needs it (or Source Link): finding values without decoding them.
//!
//! A [`Scanner`] walks over text and yields [`Value`]s, which are slices of it; strings are located with
//! a SIMD search for their closing quote and decoded ([`text`]) only where their content is needed. The
//! scanner takes what can be read: it balances brackets without pairing their kinds, passes over a trailing
//! comma, and where the text ends early it hands out the last value as far as it goes. Strict mode runs
//! [`validate::check`] over the whole text first, so that nothing of that is ever accepted there.
//!
//! Nothing here recurses, so that nesting costs no stack.

pub(crate) mod text;
pub(crate) mod validate;

use memchr::memchr;

/// Where the text stops being JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    /// Offset in bytes from the start of the text.
    pub at: usize,
    pub what: &'static str,
}

/// The text of one value, undecoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Value<'a> {
    raw: &'a [u8],
    /// False if the text ended inside this value.
    complete: bool,
}

impl<'a> Value<'a> {
    pub(crate) fn new(raw: &'a [u8], complete: bool) -> Self {
        Self { raw, complete }
    }

    pub(crate) fn is_null(self) -> bool {
        self.raw == b"null"
    }

    pub(crate) fn is_array(self) -> bool {
        self.raw.first() == Some(&b'[')
    }

    /// The undecoded content of a string, without its quotes.
    pub(crate) fn string(self) -> Option<&'a [u8]> {
        let content = self.raw.strip_prefix(b"\"")?;
        if self.complete { content.strip_suffix(b"\"") } else { Some(content) }
    }

    /// The value as it is written.
    pub(crate) fn text(self) -> &'a [u8] {
        self.raw
    }

    pub(crate) fn is_complete(self) -> bool {
        self.complete
    }

    /// A number without fraction from 0 to 2^32 - 1, however it is written (`3`, `3.0`, `3e0`).
    pub(crate) fn unsigned(self) -> Option<u32> {
        let text = std::str::from_utf8(self.raw).ok()?;
        if text.len() > 32 || !self.raw.first()?.is_ascii_digit() {
            return None;
        }
        let number: f64 = text.parse().ok()?;
        let integral = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
        integral.then_some(number as u32)
    }

    /// The elements of an array; none for any other value.
    pub(crate) fn elements(self) -> Elements<'a> {
        Elements { scanner: Scanner::new(self.raw, 1), done: !self.is_array(), first: true }
    }

    /// The members of an object; none for any other value.
    pub(crate) fn members(self) -> Members<'a> {
        Members { scanner: Scanner::new(self.raw, 1), done: self.raw.first() != Some(&b'{'), first: true }
    }
}

/// What comes next inside an array or object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// A value (in an array) or a key (in an object) starts here.
    Item,
    End,
}

/// Length of the content of a string at the start of `text` if it has at most 23 bytes and no escape.
fn short_string(text: &[u8]) -> Option<usize> {
    let words: &[u8; 24] = text.first_chunk()?;
    for (i, word) in words.as_chunks().0.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let quotes = equal_bytes(word, b'"');
        let special = quotes | equal_bytes(word, b'\\');
        if special != 0 {
            let first = special.trailing_zeros();
            return (quotes >> first & 1 == 1).then_some(8 * i + first as usize / 8);
        }
    }
    None
}

/// One in every byte.
pub(crate) const LOW_BITS: u64 = 0x0101_0101_0101_0101;

/// The high bit of every byte of `word` that is `byte`, up to the first one; those behind it may be wrong.
#[inline(always)]
pub(crate) fn equal_bytes(word: u64, byte: u8) -> u64 {
    let word = word ^ (u64::from(byte) * LOW_BITS);
    word.wrapping_sub(LOW_BITS) & !word & (LOW_BITS << 7)
}

/// Walks over JSON text.
pub(crate) struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    /// Offset of the first comma that no value follows.
    trailing_comma: Option<usize>,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a [u8], at: usize) -> Self {
        Self { text, at, trailing_comma: None }
    }

    pub(crate) fn trailing_comma(&self) -> Option<usize> {
        self.trailing_comma
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// The next byte that is no white space, not taken.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.text.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    /// Takes `byte` if it is next.
    pub(crate) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    pub(crate) fn error(&self, what: &'static str) -> SyntaxError {
        SyntaxError { at: self.at.min(self.text.len()), what }
    }

    /// Steps to the next item of an array or object whose opening bracket was taken.
    pub(crate) fn next_item(&mut self, first: bool, close: u8) -> Result<Next, SyntaxError> {
        if self.eat(close) {
            return Ok(Next::End);
        }
        if first {
            return self.some_item();
        }
        let comma = self.at;
        if !self.eat(b',') {
            return Err(self.error("a comma or a closing bracket is missing"));
        }
        if self.eat(close) {
            self.trailing_comma.get_or_insert(comma);
            return Ok(Next::End);
        }
        self.some_item()
    }

    fn some_item(&mut self) -> Result<Next, SyntaxError> {
        self.peek().map(|_| Next::Item).ok_or_else(|| self.error("the text ends early"))
    }

    /// Takes a key with its colon and returns it undecoded.
    pub(crate) fn key(&mut self) -> Result<&'a [u8], SyntaxError> {
        if self.peek() != Some(b'"') {
            return Err(self.error("a key in double quotes is missing"));
        }
        let start = self.at + 1;
        self.skip_string()?;
        let key = &self.text[start..self.at - 1];
        if self.eat(b':') { Ok(key) } else { Err(self.error("a colon is missing")) }
    }

    /// Takes one value; on an error the scanner stands where the text ended or went wrong.
    pub(crate) fn skip_value(&mut self) -> Result<(), SyntaxError> {
        match self.peek() {
            Some(b'"') => self.skip_string(),
            Some(b'{' | b'[') => self.skip_nested(),
            Some(b'}' | b']' | b',' | b':') => Err(self.error("a value is missing")),
            Some(_) => {
                self.skip_scalar();
                Ok(())
            }
            None => Err(self.error("the text ends early")),
        }
    }

    /// Takes one value and returns it. A value that the text ends in comes back incomplete.
    fn value(&mut self) -> Result<Value<'a>, SyntaxError> {
        self.peek();
        let start = self.at;
        match self.skip_value() {
            Ok(()) => Ok(Value::new(&self.text[start..self.at], true)),
            Err(_) if self.at == self.text.len() && start < self.at => {
                Ok(Value::new(&self.text[start..], false))
            }
            Err(error) => Err(error),
        }
    }

    /// The closing quote is the first one behind an even number of backslashes. Searching for quotes and
    /// counting backwards looks at each backslash once, and code has more backslashes than quotes.
    fn skip_string(&mut self) -> Result<(), SyntaxError> {
        let content = self.at + 1;
        // Most strings are short names: a search with vector instructions would cost more to begin.
        if let Some(len) = self.text.get(content..).and_then(short_string) {
            self.at = content + len + 1;
            return Ok(());
        }
        let mut from = content;
        while let Some(found) = self.text.get(from..).and_then(|rest| memchr(b'"', rest)) {
            let quote = from + found;
            let backslashes = self.text[content..quote].iter().rev().take_while(|&&b| b == b'\\').count();
            from = quote + 1;
            if backslashes % 2 == 0 {
                self.at = from;
                return Ok(());
            }
        }
        self.at = self.text.len();
        Err(self.error("the text ends inside a string"))
    }

    fn skip_nested(&mut self) -> Result<(), SyntaxError> {
        let mut depth = 0usize;
        while let Some(byte) = self.text.get(self.at) {
            match byte {
                b'"' => {
                    self.skip_string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Ok(());
            }
        }
        Err(self.error("the text ends inside an array or object"))
    }

    fn skip_scalar(&mut self) {
        let rest = &self.text[self.at..];
        let len = rest.iter().position(|byte| b" \t\n\r,:]}[{\"".contains(byte));
        self.at += len.unwrap_or(rest.len());
    }
}

/// Iterator over the elements of an array; ends after the first syntax error.
pub(crate) struct Elements<'a> {
    scanner: Scanner<'a>,
    done: bool,
    first: bool,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Result<Value<'a>, SyntaxError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let step = self.scanner.next_item(std::mem::take(&mut self.first), b']');
        let item = match step {
            Ok(Next::Item) => Some(self.scanner.value()),
            Ok(Next::End) => None,
            Err(error) => Some(Err(error)),
        };
        self.done = !matches!(&item, Some(Ok(value)) if value.is_complete());
        item
    }
}

/// Iterator over the members of an object, keys undecoded; ends after the first syntax error.
pub(crate) struct Members<'a> {
    scanner: Scanner<'a>,
    done: bool,
    first: bool,
}

impl<'a> Members<'a> {
    fn member(&mut self) -> Result<(&'a [u8], Value<'a>), SyntaxError> {
        Ok((self.scanner.key()?, self.scanner.value()?))
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Result<(&'a [u8], Value<'a>), SyntaxError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let step = self.scanner.next_item(std::mem::take(&mut self.first), b'}');
        let item = match step {
            Ok(Next::Item) => Some(self.member()),
            Ok(Next::End) => None,
            Err(error) => Some(Err(error)),
        };
        self.done = !matches!(&item, Some(Ok((_, value))) if value.is_complete());
        item
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(text: &str) -> Vec<String> {
        let value = Value::new(text.as_bytes(), true);
        let items = value.elements().filter_map(Result::ok);
        items.map(|item| String::from_utf8_lossy(item.raw).into_owned()).collect()
    }

    #[test]
    fn elements_are_found_whatever_their_strings_hold() {
        assert_eq!(
            elements(r#" [1, "a,]\"", {"x": ["]"]}, null , "\\"]"#.trim()),
            ["1", r#""a,]\"""#, r#"{"x": ["]"]}"#, "null", r#""\\""#]
        );
        assert!(elements("[]").is_empty());
        assert!(elements("{\"a\": 1}").is_empty());
    }

    #[test]
    fn a_text_that_ends_early_gives_what_is_there() {
        let value = Value::new(br#"["one", "tw"#, false);
        let found: Vec<_> = value.elements().collect();
        assert_eq!(found.len(), 2);
        let last = found[1].unwrap();
        assert_eq!((last.string(), last.is_complete()), (Some(&b"tw"[..]), false));
    }

    #[test]
    fn strings_of_every_length_end_at_their_quote() {
        for len in 0..80 {
            for (special, extra) in [("", 0), ("\\\"", 2), ("\\\\", 2), ("\u{e9}\u{a2}", 4), ("!#[]", 4)] {
                let content = "x".repeat(len / 2) + special + &"y".repeat(len - len / 2);
                let text = format!("\"{content}\",\"next\"{:40}", "");
                let mut scanner = Scanner::new(text.as_bytes(), 0);
                assert_eq!(scanner.skip_value(), Ok(()));
                assert_eq!(scanner.at(), len + extra + 2, "{text}");
            }
        }
    }

    #[test]
    fn numbers_are_read_by_value_not_by_spelling() {
        let read = |text: &'static str| Value::new(text.as_bytes(), true).unsigned();
        assert_eq!(
            (read("3"), read("3.0"), read("3e0"), read("4294967295")),
            (Some(3), Some(3), Some(3), Some(u32::MAX))
        );
        for bad in ["-1", "0.5", "4294967296", "\"3\"", "true", "inf", "nan", "[3]", ""] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn members_keep_keys_undecoded() {
        let value = Value::new(br#"{"a": 1, "b\"": {"c": 2}}"#, true);
        let keys: Vec<_> = value.members().map(|member| member.unwrap().0.to_vec()).collect();
        assert_eq!(keys, [b"a".to_vec(), b"b\\\"".to_vec()]);
    }
}
