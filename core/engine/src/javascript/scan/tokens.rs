//! Tokens outside of keys: what each does to what is expected, to names and to what is open.

use super::bytes::{CLASS, Class, word_end};
use super::found::PieceKind;
use super::frame::{Expect, Kind};
use super::words::{Word, classify};
use super::{AsyncWord, Scanner, Token};

impl Scanner<'_> {
    /// Takes the token that starts with `byte`.
    #[inline(always)]
    pub(super) fn token(&mut self, byte: u8) {
        match byte {
            b'.' => self.dot(),
            b'(' => self.open_parenthesis(),
            b')' => self.close_parenthesis(),
            b'{' => self.open_brace(),
            b'}' => self.close_brace(),
            b'[' => self.open_bracket(),
            b']' => self.close_bracket(),
            b',' => self.comma(),
            b';' => self.semicolon(),
            b'=' => self.equals(),
            b':' => self.colon(),
            b'?' => self.question(),
            b'"' | b'\'' => self.string_value(),
            b'`' => self.template_value(),
            b'/' => self.slash(),
            b'<' | b'>' => self.angle(byte),
            b'+' | b'-' => self.sign(byte),
            b'!' => {
                let equals = if self.peek(1) == b'=' { if self.peek(2) == b'=' { 2 } else { 1 } } else { 0 };
                self.advance(self.at + 1 + equals);
                self.expect = Expect::Operand;
            }
            b'#' => self.private_name(),
            _ => match CLASS[usize::from(byte)] {
                Class::Word | Class::Wide => self.word(),
                Class::Digit => self.number_value(),
                _ => self.operator(1),
            },
        }
    }

    fn operator(&mut self, len: usize) {
        self.advance(self.at + len);
        self.expect = Expect::Operand;
    }

    #[inline]
    fn word(&mut self) {
        let (start, end) = (self.at, word_end(self.text, self.at));
        let word = classify(&self.text[start..end]);
        if word == Word::Name && self.expect != Expect::Operator {
            self.name(start, end);
        } else {
            self.word_with_meaning(word, start, end);
        }
    }

    #[inline(always)]
    fn name(&mut self, start: usize, end: usize) {
        self.advance(end);
        self.start_value();
        self.push_piece(start, end, PieceKind::Local);
        self.parameters = Token { start, end };
        self.expect = Expect::Operator;
        self.members();
    }

    /// Takes `.a.b.c` here, the commonest thing behind a value, without going round for each.
    #[inline(always)]
    fn members(&mut self) {
        while let Some([b'.', first]) = self.text.get(self.at..).and_then(<[u8]>::first_chunk)
            && CLASS[usize::from(*first)] == Class::Word
        {
            let (start, end) = (self.at + 1, word_end(self.text, self.at + 1));
            self.advance(end);
            self.push_piece(start, end, PieceKind::Property);
        }
    }

    fn word_with_meaning(&mut self, word: Word, start: usize, end: usize) {
        if self.expect == Expect::Operator && !self.continues(word, start, end) {
            self.begin_anew();
            if self.expect == Expect::Key {
                return;
            }
        }
        match word {
            Word::Name => self.name_behind_async(start, end),
            Word::This => {
                self.advance(end);
                self.start_value();
                self.push_piece(start, end, PieceKind::This);
                self.expect = Expect::Operator;
                self.members();
            }
            Word::Head | Word::For | Word::Catch => self.head(word, end),
            Word::Statement => {
                self.advance(end);
                self.expect = Expect::Statement;
            }
            Word::Return => self.return_word(end),
            Word::Prefix | Word::Infix | Word::Extends => {
                self.advance(end);
                self.expect = Expect::Operand;
            }
            Word::Let => self.let_word(start, end),
            Word::Function => self.function_word(start, end),
            Word::Class => self.class_word(end),
            Word::Async => {
                let starts_statement = self.expect == Expect::Statement;
                self.name(start, end);
                self.async_word = AsyncWord { token: Token { start, end }, starts_statement };
            }
            Word::Import => self.import_word(start, end),
            Word::Export => self.export_word(end),
            Word::Default | Word::Alone => {
                self.advance(end);
                self.start_value();
                self.expect = Expect::Operator;
            }
        }
    }

    /// Whether a word belongs to the value in front of it.
    fn continues(&mut self, word: Word, start: usize, end: usize) -> bool {
        match word {
            Word::Infix => true,
            Word::Extends => self.top.kind == Kind::ClassHead,
            Word::Function | Word::Name if self.follows_async() => true,
            Word::Name => self.top.kind == Kind::ForHead && &self.text[start..end] == b"of",
            _ => false,
        }
    }

    /// Whether the last token is a word `async` that may belong to this one.
    pub(super) fn follows_async(&self) -> bool {
        self.async_word.token.end == self.end && self.end > 0 && !self.newline
    }

    /// `async a=>…`, `for(a of b)`, or a plain name.
    fn name_behind_async(&mut self, start: usize, end: usize) {
        if self.expect == Expect::Operator && !self.follows_async() {
            self.advance(end);
            self.expect = Expect::Operand;
            return;
        }
        let is_async = self.expect == Expect::Operator;
        self.name(start, end);
        if is_async {
            self.parameters.start = self.async_word.token.start;
        }
    }

    fn head(&mut self, word: Word, end: usize) {
        self.advance(end);
        self.expect = if word == Word::Catch { Expect::Statement } else { Expect::Operand };
        if word == Word::For && self.skip_space() == Some(b'a') {
            let end = word_end(self.text, self.at);
            if &self.text[self.at..end] == b"await" {
                self.advance(end);
            }
        }
        if self.skip_space() == Some(b'(') {
            let kind = if word == Word::For { Kind::ForHead } else { Kind::Head };
            let open = self.at;
            self.advance(open + 1);
            self.push(kind, open, Expect::Statement, super::NONE, Expect::Operand);
        }
    }

    fn return_word(&mut self, end: usize) {
        self.advance(end);
        self.skip_space();
        self.expect = if self.newline { Expect::Statement } else { Expect::Operand };
    }

    /// A keyword only in front of what it can declare.
    fn let_word(&mut self, start: usize, end: usize) {
        let starts_statement = self.expect == Expect::Statement;
        let in_head = self.top.kind == Kind::ForHead;
        self.name(start, end);
        if (starts_statement || in_head) && matches!(self.skip_space(), Some(b'[' | b'{')) {
            self.start_value();
            self.expect = Expect::Operand;
        }
    }

    /// `import(…)` and `import.meta` are values.
    fn import_word(&mut self, start: usize, end: usize) {
        self.name(start, end);
        if self.end == end && !matches!(self.skip_space(), Some(b'(' | b'.')) {
            self.expect = Expect::Operand;
        }
    }

    /// What `export default` names is called so.
    fn export_word(&mut self, end: usize) {
        self.advance(end);
        self.expect = Expect::Statement;
        if self.skip_space() != Some(b'd') {
            return;
        }
        let (start, end) = (self.at, word_end(self.text, self.at));
        if &self.text[start..end] != b"default" {
            return;
        }
        self.advance(end);
        self.reset_names();
        self.push_piece(start, end, PieceKind::Property);
        self.assign();
        self.skip_space();
        let next = &self.text[self.at..word_end(self.text, self.at)];
        if matches!(classify(next), Word::Function | Word::Class | Word::Async) {
            self.expect = Expect::Statement;
        }
    }

    fn private_name(&mut self) {
        if self.expect == Expect::Operator {
            self.begin_anew();
            if self.expect == Expect::Key {
                return;
            }
        }
        let end = word_end(self.text, self.at + 1);
        self.name(self.at, end);
    }

    /// `.`, `...`, or a number that starts with its fraction.
    #[inline(always)]
    fn dot(&mut self) {
        let next = self.peek(1);
        match CLASS[usize::from(next)] {
            Class::Word => self.member(self.at + 1),
            Class::Digit => self.number_value(),
            _ => self.rare_dot(next),
        }
    }

    #[inline(always)]
    fn member(&mut self, start: usize) {
        if self.function_value.1 == self.end {
            self.use_function_value();
        }
        let end = word_end(self.text, start);
        self.advance(end);
        self.push_piece(start, end, PieceKind::Property);
        self.expect = Expect::Operator;
        self.members();
    }

    fn rare_dot(&mut self, next: u8) {
        if next == b'.' {
            self.operator(3.min(self.text.len() - self.at));
            return;
        }
        self.advance(self.at + 1);
        match self.skip_space() {
            Some(b'#') => self.private_member(),
            Some(byte) if matches!(CLASS[usize::from(byte)], Class::Word | Class::Wide) => {
                self.member(self.at)
            }
            _ => self.expect = Expect::Operand,
        }
    }

    fn private_member(&mut self) {
        let (start, end) = (self.at, word_end(self.text, self.at + 1));
        self.advance(end);
        self.push_piece(start, end, PieceKind::Property);
        self.expect = Expect::Operator;
    }

    fn comma(&mut self) {
        self.pop_arrow_bodies();
        self.advance(self.at + 1);
        self.reset_names();
        self.top.ternaries = 0;
        self.expect = if matches!(self.top.kind, Kind::Object | Kind::ClassBody) {
            Expect::Key
        } else {
            Expect::Operand
        };
    }

    fn semicolon(&mut self) {
        self.pop_implicit();
        self.advance(self.at + 1);
        self.reset_names();
        self.top.ternaries = 0;
        self.expect = match self.top.kind {
            kind if kind.holds_statements() => Expect::Statement,
            Kind::ClassBody => Expect::Key,
            _ => Expect::Operand,
        };
    }

    fn colon(&mut self) {
        while self.top.kind == Kind::ArrowBody && self.top.ternaries == 0 {
            self.pop_at_last_token();
        }
        self.advance(self.at + 1);
        self.expect = Expect::Operand;
        if self.top.ternaries > 0 {
            self.top.ternaries -= 1;
        } else if self.top.kind.holds_statements() {
            self.expect = Expect::Statement;
            self.reset_names();
        }
    }

    fn question(&mut self) {
        match (self.peek(1), self.peek(2)) {
            (b'?', _) => self.operator(2),
            (b'.', digit) if !digit.is_ascii_digit() => self.optional_chain(),
            _ => {
                self.top.ternaries = self.top.ternaries.saturating_add(1);
                self.operator(1);
            }
        }
    }

    fn optional_chain(&mut self) {
        self.advance_past_optional();
        match self.skip_space() {
            Some(b'#') => self.private_member(),
            Some(byte) if matches!(CLASS[usize::from(byte)], Class::Word | Class::Wide) => {
                self.member(self.at)
            }
            // A call, a computed member or a template: the value goes on.
            _ => self.expect = Expect::Operator,
        }
    }

    /// The function in front is used, not assigned, whatever follows.
    fn advance_past_optional(&mut self) {
        if self.function_value.1 == self.end {
            self.use_function_value();
        }
        self.advance(self.at + 2);
    }

    fn equals(&mut self) {
        match (self.peek(1), self.peek(2)) {
            (b'>', _) => self.arrow(),
            (b'=', b'=') => self.operator(3),
            (b'=', _) => self.operator(2),
            _ => {
                self.advance(self.at + 1);
                self.assign();
            }
        }
    }

    /// Comparisons, shifts and the comments that HTML left behind.
    fn angle(&mut self, byte: u8) {
        if self.text[self.at..].starts_with(b"<!--") {
            return self.skip_line();
        }
        let mut len = 1;
        while len < 3 && self.peek(len) == byte {
            len += 1;
        }
        if len == 1 && self.peek(1) == b'=' {
            len = 2;
        }
        self.operator(len);
    }

    fn sign(&mut self, byte: u8) {
        if self.peek(1) != byte {
            return self.operator(1);
        }
        if byte == b'-' && self.peek(2) == b'>' && self.newline {
            return self.skip_line();
        }
        let is_postfix = self.expect == Expect::Operator && !self.newline;
        self.operator(2);
        if is_postfix {
            self.expect = Expect::Operator;
        }
    }
}
