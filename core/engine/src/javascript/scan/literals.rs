//! Comments, strings, templates, numbers and regular expressions.

use memchr::{memchr2, memchr3, memmem};

use super::bytes::{CLASS, Class, wide_space, word_end};
use super::found::NONE;
use super::frame::{Expect, Kind};
use super::{Scanner, Token};

/// Bytes of a string that are looked at one by one.
const NEAR: usize = 24;

impl Scanner<'_> {
    /// Goes behind a comment, if there is one.
    pub(super) fn skip_comment(&mut self) -> bool {
        match self.peek(1) {
            b'/' => self.skip_line(),
            b'*' => {
                let rest = self.text.get(self.at + 2..).unwrap_or_default();
                let len = memmem::find(rest, b"*/").map_or(rest.len(), |len| len + 2);
                let comment = &rest[..len];
                self.newline = self.newline || memchr2(b'\n', b'\r', comment).is_some();
                self.at += 2 + len;
            }
            _ => return false,
        }
        true
    }

    /// Goes to the end of the line.
    pub(super) fn skip_line(&mut self) {
        while let Some(found) = self.text.get(self.at..).and_then(|rest| memchr3(b'\n', b'\r', 0xe2, rest)) {
            self.at += found;
            match wide_space(&self.text[self.at..]) {
                None if self.text[self.at] == 0xe2 => self.at += 1,
                Some((_, false)) => self.at += 1,
                _ => return,
            }
        }
        self.at = self.text.len();
    }

    pub(super) fn string_value(&mut self) {
        if self.expect == Expect::Operator {
            self.begin_anew();
            if self.expect == Expect::Key {
                return;
            }
        }
        self.start_value();
        self.string();
        self.expect = Expect::Operator;
    }

    /// Takes a string; one that is not closed ends with its line.
    pub(super) fn string(&mut self) {
        let start = self.at;
        let quote = self.text[start];
        let mut at = start + 1;
        // Most strings are shorter than what a vector search takes to start.
        let near = (start + NEAR).min(self.text.len());
        let end = loop {
            if at >= near {
                let rest = self.text.get(at..).unwrap_or_default();
                at += memchr3(quote, b'\\', b'\n', rest).unwrap_or(rest.len());
            }
            match self.text.get(at) {
                Some(&byte) if byte == quote => break at + 1,
                Some(b'\\') if self.text[at..].starts_with(b"\\\r\n") => at += 3,
                Some(b'\\') => at += 2,
                None | Some(b'\n' | b'\r') => break at.min(self.text.len()),
                Some(_) => at += 1,
            }
        };
        self.advance(end);
        self.string = Token { start, end };
    }

    pub(super) fn template_value(&mut self) {
        self.end_arrow_statement();
        if self.expect == Expect::Operator && self.function_value.1 == self.end {
            self.use_function_value();
        }
        self.start_value();
        self.template(self.at + 1);
    }

    /// Takes a template's text from `from` up to its end or to the next value in it.
    pub(super) fn template(&mut self, from: usize) {
        let mut at = from;
        while let Some(found) = self.text.get(at..).and_then(|rest| memchr3(b'`', b'\\', b'$', rest)) {
            at += found;
            match (self.text[at], self.text.get(at + 1)) {
                (b'`', _) => {
                    self.expect = Expect::Operator;
                    return self.advance(at + 1);
                }
                (b'$', Some(b'{')) => {
                    self.advance(at + 2);
                    return self.push(Kind::Substitution, at, Expect::Operator, NONE, Expect::Operand);
                }
                (b'\\', _) => at += 2,
                _ => at += 1,
            }
        }
        self.advance(self.text.len());
    }

    pub(super) fn number_value(&mut self) {
        if self.expect == Expect::Operator {
            self.begin_anew();
            if self.expect == Expect::Key {
                return;
            }
        }
        self.start_value();
        self.number();
        self.expect = Expect::Operator;
    }

    /// Takes a number with whatever letters hang on to it.
    pub(super) fn number(&mut self) {
        let at = self.at;
        if self.text[at] == b'0' && matches!(self.peek(1) | 0x20, b'x' | b'o' | b'b') {
            return self.advance(word_end(self.text, at));
        }
        let mut end = self.digits(at);
        if self.text.get(end) == Some(&b'.') {
            end = self.digits(end + 1);
        }
        if self.text.get(end).is_some_and(|byte| byte | 0x20 == b'e') {
            let sign = usize::from(matches!(self.text.get(end + 1), Some(b'+' | b'-')));
            end = self.digits(end + 1 + sign).min(self.text.len());
        }
        self.advance(word_end(self.text, end));
    }

    fn digits(&self, from: usize) -> usize {
        let mut end = from;
        while matches!(self.text.get(end), Some(b'0'..=b'9' | b'_')) {
            end += 1;
        }
        end
    }

    /// Division, or a regular expression where a value is expected.
    pub(super) fn slash(&mut self) {
        if self.end_arrow_statement() {
            return;
        }
        let start = self.at;
        if self.expect != Expect::Operator
            && let Some(end) = self.regular_expression()
        {
            self.start_value();
            self.advance(end);
            self.expect = Expect::Operator;
            return;
        }
        self.advance(start + 1);
        self.expect = Expect::Operand;
    }

    /// End of the regular expression that starts here; None if its line ends before.
    pub(super) fn regular_expression(&mut self) -> Option<usize> {
        if self.vain == 0 {
            return None;
        }
        let (mut at, mut in_class) = (self.at + 1, false);
        loop {
            match self.text.get(at) {
                Some(b'/') if !in_class => return Some(word_end(self.text, at + 1)),
                Some(b'[') => in_class = true,
                Some(b']') => in_class = false,
                Some(b'\\') if !matches!(self.text.get(at + 1), Some(b'\n' | b'\r')) => at += 1,
                None | Some(b'\n' | b'\r') => break,
                Some(_) => {}
            }
            at += 1;
        }
        self.vain = self.vain.saturating_sub(at - self.at);
        None
    }
}

/// Whether a word's last byte says that a value follows; used where words are not told apart.
pub(super) fn is_word(byte: u8) -> bool {
    matches!(CLASS[usize::from(byte)], Class::Word | Class::Wide)
}
