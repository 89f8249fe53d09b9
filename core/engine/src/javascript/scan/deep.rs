//! What nests too deep to be told apart: passed over, so that what follows is right again.

use super::Scanner;
use super::bytes::{CLASS, Class, word_end};
use super::found::NONE;
use super::frame::{Expect, Kind};
use super::literals::is_word;
use super::words::{Word, classify};

/// In the stack of brackets passed over: a template that goes on behind the brace.
const TEMPLATE: u8 = b'`';

impl Scanner<'_> {
    /// Takes the place of a frame: no function is known from here to where the innermost frame ends.
    #[cold]
    pub(super) fn pass_over(&mut self, kind: Kind, after: Expect, function: u32) {
        if self.hole == NONE {
            self.hole = self.found.open(self.end, None);
        }
        if function != NONE {
            self.found.forget(function, self.end);
        }
        if kind.is_implicit() {
            return;
        }
        let is_template = kind == Kind::Substitution;
        self.skip_brackets(if is_template { TEMPLATE } else { b'(' });
        self.end = self.at;
        self.expect = after;
    }

    /// Goes behind the end of a bracket whose content starts here. Which bracket closes which is not checked.
    fn skip_brackets(&mut self, opened: u8) {
        let mut open = vec![opened];
        let mut behind_value = false;
        while let (false, Some(byte)) = (open.is_empty(), self.skip_space()) {
            match byte {
                b'(' | b'[' | b'{' => open.push(byte),
                b')' | b']' | b'}' if open.pop() != Some(TEMPLATE) => {
                    self.at += 1;
                    behind_value = true;
                    continue;
                }
                b')' | b']' | b'}' | b'`' => {
                    behind_value = !self.skip_template(self.at + 1);
                    if !behind_value {
                        open.push(TEMPLATE);
                    }
                    continue;
                }
                b'"' | b'\'' => {
                    self.string();
                    behind_value = true;
                    continue;
                }
                b'/' if !behind_value => {
                    if let Some(end) = self.regular_expression() {
                        self.at = end;
                        behind_value = true;
                        continue;
                    }
                }
                _ if is_word(byte) || CLASS[usize::from(byte)] == Class::Digit => {
                    let end = word_end(self.text, self.at);
                    let word = classify(&self.text[self.at..end]);
                    behind_value = matches!(word, Word::Name | Word::This);
                    self.at = end;
                    continue;
                }
                _ => {}
            }
            behind_value = false;
            self.at += 1;
        }
    }

    /// Goes behind a template's text; true if a value in it follows.
    fn skip_template(&mut self, from: usize) -> bool {
        let mut at = from;
        while let Some(&byte) = self.text.get(at) {
            match byte {
                b'`' => break,
                b'$' if self.text.get(at + 1) == Some(&b'{') => {
                    self.at = at + 2;
                    return true;
                }
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        self.at = (at + 1).min(self.text.len());
        false
    }
}
