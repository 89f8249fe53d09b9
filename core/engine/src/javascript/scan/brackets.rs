//! What brackets open and close.

use super::found::{NONE, PieceKind};
use super::frame::{Expect, Kind};
use super::{Scanner, Token};

impl Scanner<'_> {
    /// Behind an arrow function with braces and a line's end, a bracket begins a statement: the function cannot be
    /// called or subscripted as it stands.
    ///
    /// True if what begins is a member: the bracket is then part of its key.
    pub(super) fn end_arrow_statement(&mut self) -> bool {
        if self.newline && self.arrow_end == self.end && self.expect == Expect::Operator {
            self.begin_anew();
        }
        self.expect == Expect::Key
    }

    pub(super) fn open_parenthesis(&mut self) {
        if self.end_arrow_statement() {
            return;
        }
        let open = self.at;
        if self.expect != Expect::Operator {
            self.start_value();
            self.advance(open + 1);
            return self.push(Kind::Group, open, Expect::Operator, NONE, Expect::Operand);
        }
        if self.function_value.1 == self.end {
            self.use_function_value();
        }
        let start = if self.follows_async() { self.async_word.token.start } else { open };
        self.start_value();
        self.advance(open + 1);
        self.push(Kind::Call, start, Expect::Operator, NONE, Expect::Operand);
    }

    pub(super) fn close_parenthesis(&mut self) {
        self.pop_implicit();
        let value_end = self.end;
        let end = self.at + 1;
        self.advance(end);
        if !self.top.kind.ends_with_parenthesis() {
            self.expect = Expect::Operator;
            return;
        }
        if self.top.kind == Kind::Params {
            return self.close_parameters(end);
        }
        let passes_value = self.top.kind == Kind::Group && self.top.name == self.top.inherited;
        let closed = self.pop(end);
        self.expect = closed.after;
        self.parameters = Token { start: closed.open as usize, end };
        if passes_value && self.function_value.1 == value_end {
            self.function_value.1 = end;
        }
        if self.expect == Expect::Statement {
            self.reset_names();
        }
    }

    pub(super) fn open_bracket(&mut self) {
        if self.end_arrow_statement() {
            return;
        }
        let open = self.at;
        if self.expect != Expect::Operator {
            self.start_value();
            self.advance(open + 1);
            return self.push(Kind::Array, open, Expect::Operator, NONE, Expect::Operand);
        }
        if self.function_value.1 == self.end {
            self.use_function_value();
        }
        self.advance(open + 1);
        self.push(Kind::Subscript, open, Expect::Operator, NONE, Expect::Operand);
    }

    pub(super) fn close_bracket(&mut self) {
        self.pop_implicit();
        let (last, end) = (self.end, self.at + 1);
        self.advance(end);
        if !self.top.kind.ends_with_bracket() {
            self.expect = Expect::Operator;
            return;
        }
        let closed = self.pop(end);
        self.expect = closed.after;
        if closed.kind == Kind::Array {
            return;
        }
        let open = closed.open as usize;
        let is_string = self.string.end == last && self.string.start == open + 1;
        let (start, end, kind) = match closed.kind {
            _ if is_string => (self.string.start, self.string.end, PieceKind::Quoted),
            Kind::ComputedKey => (open, end, PieceKind::ComputedKey),
            _ => (open, end, PieceKind::Subscript),
        };
        if closed.kind == Kind::ComputedKey {
            return self.behind_key(start, end, kind, closed.modifiers);
        }
        self.push_piece(start, end, kind);
    }

    pub(super) fn open_brace(&mut self) {
        if self.expect == Expect::Operator {
            if self.top.kind == Kind::ClassHead {
                return self.open_class_body();
            }
            self.begin_anew();
        }
        let open = self.at;
        self.advance(open + 1);
        match self.expect {
            Expect::Operand => {
                self.start_value();
                self.push(Kind::Object, open, Expect::Operator, NONE, Expect::Key);
            }
            Expect::Key => self.push(Kind::Block, open, Expect::Key, NONE, Expect::Statement),
            _ => self.push(Kind::Block, open, Expect::Statement, NONE, Expect::Statement),
        }
    }

    pub(super) fn close_brace(&mut self) {
        let end = self.at + 1;
        if self.braces == 0 {
            self.advance(end);
            return self.begin_anew();
        }
        while !self.top.kind.ends_with_brace() {
            self.pop_at_last_token();
        }
        let closed = self.pop(end);
        self.advance(end);
        self.expect = closed.after;
        if closed.kind == Kind::Substitution {
            return self.template(end);
        }
        if closed.after == Expect::Statement {
            return self.reset_names();
        }
        if closed.function != NONE {
            self.function_value = (closed.function, end);
        }
        if closed.kind == Kind::Body && closed.modifiers != 0 {
            self.arrow_end = end;
        }
    }
}
