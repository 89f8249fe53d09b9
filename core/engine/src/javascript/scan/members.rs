//! Members of objects and classes, from the key on.

use super::Scanner;
use super::bytes::{CLASS, Class, word_end};
use super::found::{FunctionKind, NONE, PieceKind};
use super::frame::{Expect, Kind, Span};

const STATIC: u8 = 1;
const GETTER: u8 = 2;
const SETTER: u8 = 4;
/// `async` or `*`.
const SPECIAL: u8 = 8;

impl Scanner<'_> {
    /// Takes a member's key and what stands in front of it, or what else may stand there.
    pub(super) fn key(&mut self, first: u8) {
        let (mut byte, mut modifiers) = (first, 0);
        loop {
            match byte {
                b'*' => {
                    modifiers |= SPECIAL;
                    self.advance(self.at + 1);
                }
                b'"' | b'\'' => {
                    let start = self.at;
                    self.string();
                    return self.behind_key(start, self.end, PieceKind::Quoted, modifiers);
                }
                b'[' => return self.computed_key(modifiers),
                b'#' => {
                    let (start, end) = (self.at, word_end(self.text, self.at + 1));
                    self.advance(end);
                    return self.behind_key(start, end, PieceKind::Property, modifiers);
                }
                _ => match CLASS[usize::from(byte)] {
                    Class::Word | Class::Wide => {
                        let start = self.at;
                        match self.key_word() {
                            Some(modifier) => modifiers |= modifier,
                            None => return self.behind_key(start, self.end, PieceKind::Property, modifiers),
                        }
                    }
                    Class::Digit => return self.number_key(modifiers),
                    _ => return self.no_key(byte),
                },
            }
            match self.skip_space() {
                Some(b'{') if modifiers & STATIC != 0 && self.top.kind == Kind::ClassBody => {
                    return self.static_block();
                }
                Some(next) => byte = next,
                None => return,
            }
        }
    }

    /// Takes a word: what it says of the member, or None if it is the key.
    fn key_word(&mut self) -> Option<u8> {
        let (start, end) = (self.at, word_end(self.text, self.at));
        self.advance(end);
        let modifier = match &self.text[start..end] {
            b"static" => STATIC,
            b"get" => GETTER,
            b"set" => SETTER,
            b"async" => SPECIAL,
            b"accessor" => 0,
            _ => return None,
        };
        let next = self.skip_space();
        let is_alone = matches!(next, None | Some(b'(' | b'=' | b';' | b'}' | b',' | b':'))
            || self.newline && matches!(modifier, SPECIAL | 0)
            || next == Some(b'*') && matches!(modifier, GETTER | SETTER);
        if is_alone { None } else { Some(modifier) }
    }

    fn number_key(&mut self, modifiers: u8) {
        let start = self.at;
        self.number();
        self.behind_key(start, self.end, PieceKind::Property, modifiers);
    }

    fn computed_key(&mut self, modifiers: u8) {
        let open = self.at;
        self.reset_names();
        self.advance(open + 1);
        let depth = self.frames.len();
        self.push(Kind::ComputedKey, open, Expect::Key, NONE, Expect::Operand);
        if self.frames.len() > depth {
            self.top.modifiers = modifiers;
        }
    }

    /// Something that is no key: the end, a spread, or what no program has there.
    fn no_key(&mut self, byte: u8) {
        let open = self.at;
        match byte {
            b'}' => self.close_brace(),
            b')' => self.close_parenthesis(),
            b']' => self.close_bracket(),
            b'{' => self.open_brace(),
            b'(' => {
                self.advance(open + 1);
                self.push(Kind::Call, open, Expect::Key, NONE, Expect::Operand);
            }
            b'@' => self.decorator(),
            b'.' if self.peek(1).is_ascii_digit() => self.number_key(0),
            b'.' => {
                self.advance((open + 3).min(self.text.len()));
                self.reset_names();
                self.expect = Expect::Operand;
            }
            b'`' => self.template_value(),
            _ => self.advance(open + 1),
        }
    }

    /// `@a.b`; parentheses behind it are a call that a key follows.
    fn decorator(&mut self) {
        self.advance(self.at + 1);
        while let Some(byte) = self.skip_space()
            && matches!(CLASS[usize::from(byte)], Class::Word | Class::Wide)
        {
            self.advance(word_end(self.text, self.at));
            if self.skip_space() != Some(b'.') {
                return;
            }
            self.advance(self.at + 1);
        }
    }

    /// Decides what a member is by what follows its key.
    pub(super) fn behind_key(&mut self, start: usize, end: usize, kind: PieceKind, modifiers: u8) {
        self.reset_names();
        self.push_piece(start, end, kind);
        let is_class = self.top.kind == Kind::ClassBody;
        self.expect = if is_class { Expect::Key } else { Expect::Operator };
        match self.skip_space() {
            Some(b'(') => self.method(modifiers),
            Some(b':') if !is_class => {
                self.advance(self.at + 1);
                self.assign();
            }
            Some(b'=') if !matches!(self.peek(1), b'=' | b'>') => {
                self.advance(self.at + 1);
                if is_class { self.field(modifiers) } else { self.assign() }
            }
            _ => {}
        }
    }

    fn method(&mut self, modifiers: u8) {
        let is_class = self.top.kind == Kind::ClassBody;
        let class = if is_class { self.top.name } else { Span::default() };
        let kind = match modifiers {
            _ if modifiers & GETTER != 0 => FunctionKind::Getter,
            _ if modifiers & SETTER != 0 => FunctionKind::Setter,
            STATIC.. if modifiers & STATIC != 0 => FunctionKind::StaticMethod,
            0 if is_class && self.is_constructor() => FunctionKind::Constructor,
            _ => FunctionKind::Method,
        };
        let id = self.found.open(self.at, Some(kind));
        self.found.name(&self.pieces, class, self.top.this);
        if kind != FunctionKind::Constructor {
            self.found.name(&self.pieces, self.key_span(), self.top.this);
        }
        let after = if is_class { Expect::Key } else { Expect::Operator };
        self.open_parameters(id, after, class);
    }

    /// The key is the last piece.
    fn key_span(&self) -> Span {
        Span { start: self.top.base, end: self.pieces.len() as u32 }
    }

    fn is_constructor(&self) -> bool {
        let key = self.key_span().of(&self.pieces).first();
        key.and_then(|key| self.text.get(key.start as usize..key.end as usize))
            .is_some_and(|text| matches!(text, b"constructor" | b"'constructor'" | b"\"constructor\""))
    }

    /// A field's initialiser is code of its own; functions in it are called after class and field.
    fn field(&mut self, modifiers: u8) {
        let kind = if modifiers & STATIC == 0 { FunctionKind::Field } else { FunctionKind::StaticField };
        self.skip_space();
        let class = self.top.name;
        let base = self.top.base as usize;
        let key = self.pieces.len();
        self.pieces.extend_from_within(class.start as usize..class.end as usize);
        self.pieces.extend_from_within(base..key);
        let name = Span { start: key as u32, end: self.pieces.len() as u32 };
        let id = self.found.open(self.at, Some(kind));
        self.found.name(&self.pieces, name, self.top.this);
        let depth = self.frames.len();
        self.push(Kind::Field, self.at, Expect::Key, id, Expect::Operand);
        if self.frames.len() > depth {
            (self.top.name, self.top.inherited, self.top.this) = (name, name, class);
        }
    }

    fn static_block(&mut self) {
        let open = self.at;
        let class = self.top.name;
        let id = self.found.open(open, Some(FunctionKind::StaticBlock));
        self.found.name(&self.pieces, class, self.top.this);
        self.advance(open + 1);
        self.open_body(open, id, Expect::Key, class);
    }
}
