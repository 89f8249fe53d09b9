//! Functions and classes, and what they are called.

use super::Scanner;
use super::bytes::{CLASS, Class, word_end};
use super::found::{FunctionKind, NONE, PieceKind};
use super::frame::{Expect, Kind, Span};

/// In a body's frame: of an arrow function.
const IS_ARROW: u8 = 1;

impl Scanner<'_> {
    /// `function`, perhaps with `async` in front, up to its parameters.
    pub(super) fn function_word(&mut self, word_start: usize, word_end: usize) {
        let (mut start, mut is_statement) = (word_start, self.expect == Expect::Statement);
        if self.follows_async() && self.expect == Expect::Operator {
            start = self.async_word.token.start;
            is_statement = self.async_word.starts_statement;
        }
        self.start_value();
        self.advance(word_end);
        let given = self.top.name;
        if self.skip_space() == Some(b'*') {
            self.advance(self.at + 1);
        }
        let own = self.own_name();
        if self.skip_space() != Some(b'(') {
            self.expect = Expect::Operator;
            return;
        }
        let id = self.found.open(start, Some(FunctionKind::Function));
        self.found.name(&self.pieces, own.unwrap_or(given), self.top.this);
        if own.is_some() {
            self.found.keep_name(id);
        }
        self.start_value();
        let after = if is_statement { Expect::Statement } else { Expect::Operator };
        self.open_parameters(id, after, Span::default());
    }

    /// Takes the name behind `function` or `class`; its piece is the last one then.
    fn own_name(&mut self) -> Option<Span> {
        let byte = self.skip_space()?;
        if !matches!(CLASS[usize::from(byte)], Class::Word | Class::Wide) {
            return None;
        }
        let (start, end) = (self.at, word_end(self.text, self.at));
        if &self.text[start..end] == b"extends" {
            return None;
        }
        self.advance(end);
        let at = self.pieces.len() as u32;
        self.push_piece(start, end, PieceKind::Local);
        Some(Span { start: at, end: at + 1 })
    }

    /// Opens the parameters of a function at `(`.
    pub(super) fn open_parameters(&mut self, function: u32, after: Expect, this: Span) {
        let open = self.at;
        self.advance(open + 1);
        let depth = self.frames.len();
        self.push(Kind::Params, open, after, function, Expect::Operand);
        if self.frames.len() > depth {
            self.top.this = this;
        }
    }

    /// Goes from the parameters on to the body.
    pub(super) fn close_parameters(&mut self, end: usize) {
        let closed = self.top;
        self.top.function = NONE;
        self.pop(end);
        if self.skip_space() != Some(b'{') {
            self.found.close(closed.function, end);
            self.expect = closed.after;
            return;
        }
        let open = self.at;
        self.advance(open + 1);
        self.open_body(open, closed.function, closed.after, closed.this);
    }

    pub(super) fn open_body(&mut self, open: usize, function: u32, after: Expect, this: Span) {
        let depth = self.frames.len();
        self.push(Kind::Body, open, after, function, Expect::Statement);
        if self.frames.len() > depth {
            self.top.this = this;
        }
    }

    /// `=>`: the last value was the parameters of a function.
    pub(super) fn arrow(&mut self) {
        let is_function = self.expect == Expect::Operator && self.parameters.end == self.end;
        self.advance(self.at + 2);
        self.expect = Expect::Operand;
        if !is_function {
            return;
        }
        let id = self.found.open(self.parameters.start, Some(FunctionKind::Arrow));
        self.found.name(&self.pieces, self.top.name, self.top.this);
        self.start_value();
        let this = self.top.this;
        if self.skip_space() == Some(b'{') {
            let open = self.at;
            self.advance(open + 1);
            self.open_body(open, id, Expect::Operator, this);
            self.top.modifiers = IS_ARROW;
        } else {
            self.push(Kind::ArrowBody, self.at, Expect::Operator, id, Expect::Operand);
        }
    }

    /// The last value is called, or a member of it is taken: if it was a function, the name in front is not its own.
    #[cold]
    pub(super) fn use_function_value(&mut self) {
        self.found.forget_name(self.function_value.0);
    }

    /// `class`, up to the expression behind `extends` or to the body.
    pub(super) fn class_word(&mut self, end: usize) {
        let is_statement = self.expect == Expect::Statement;
        let open = self.at;
        self.start_value();
        self.advance(end);
        let given = self.top.name;
        let name = self.own_name().unwrap_or(given);
        let after = if is_statement { Expect::Statement } else { Expect::Operator };
        let depth = self.frames.len();
        self.push(Kind::ClassHead, open, after, NONE, Expect::Operator);
        if self.frames.len() > depth {
            (self.top.name, self.top.inherited) = (name, name);
        }
    }

    /// `{` behind the head of a class.
    pub(super) fn open_class_body(&mut self) {
        self.advance(self.at + 1);
        self.reset_names();
        self.top.kind = Kind::ClassBody;
        self.top.ternaries = 0;
        self.braces += 1;
        self.expect = Expect::Key;
    }
}
