//! Finding functions in JavaScript by its tokens, without a syntax tree.
//!
//! What a syntax tree would tell is kept in two places: what may come next ([`Expect`]) decides whether `{` opens a
//! block or an object and whether `/` divides, and a stack of open brackets ([`Frame`]) knows what each will have
//! been once it closes. An arrow function shows only behind its parameters; where those began, its parentheses
//! remember. Names are kept as the language's inference has them: the target of an assignment, a property's key,
//! a class and its member, through parentheses, lists and conditions.
//!
//! The text may be any bytes that are UTF-8. What no JavaScript is gives some answer, in linear time: closing
//! brackets without an opening one are passed over, functions that nothing ends reach to the end of the text.

mod brackets;
mod bytes;
mod deep;
mod found;
mod frame;
mod functions;
mod literals;
mod members;
mod tokens;
mod words;

pub(super) use bytes::REPLACEMENT;
use bytes::{CLASS, Class, wide_space};
pub use found::FunctionKind;
use found::NONE;
pub(super) use found::{Found, Piece, PieceKind, Range};
use frame::{Expect, Frame, Kind, Span};

/// Open brackets and bodies that are told apart. What nests deeper is passed over.
const MAX_DEPTH: usize = 100_000;

/// A token to look back at: where it starts and ends.
#[derive(Clone, Copy, Default)]
struct Token {
    start: usize,
    end: usize,
}

/// A word `async` that may belong to the function behind it.
#[derive(Clone, Copy, Default)]
struct AsyncWord {
    token: Token,
    starts_statement: bool,
}

/// State of a scan.
struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    /// End of the last token.
    end: usize,
    /// A line ended since then.
    newline: bool,
    expect: Expect,
    top: Frame,
    frames: Vec<Frame>,
    /// Braces that are open.
    braces: usize,
    pieces: Vec<Piece>,
    found: Found,
    async_word: AsyncWord,
    /// The last value that was a word, or parentheses: what an arrow function has as parameters.
    parameters: Token,
    /// The last string.
    string: Token,
    /// The last function that was a value, and where that value ends.
    function_value: (u32, usize),
    /// Where the last arrow function with braces ended.
    arrow_end: usize,
    /// Bytes that may still be read in vain, looking for the end of a regular expression.
    vain: usize,
    /// Stands for everything that nests too deep, while that lasts.
    hole: u32,
}

/// Finds the functions of a text. Offsets are in bytes; the text is UTF-8 and shorter than 4 GiB.
pub(super) fn find_functions(text: &[u8]) -> Found {
    Scanner::new(text).run()
}

impl<'a> Scanner<'a> {
    fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            at: 0,
            end: 0,
            newline: true,
            expect: Expect::Statement,
            top: Frame::bottom(),
            frames: Vec::new(),
            braces: 0,
            pieces: Vec::new(),
            found: Found::default(),
            async_word: AsyncWord::default(),
            parameters: Token::default(),
            string: Token::default(),
            function_value: (NONE, 0),
            arrow_end: 0,
            vain: text.len() + 4096,
            hole: NONE,
        }
    }

    fn run(mut self) -> Found {
        let head = usize::from(self.text.starts_with(b"\xef\xbb\xbf")) * 3;
        if self.text[head..].starts_with(b"#!") {
            self.at = head;
            self.skip_line();
        }
        while let Some(byte) = self.skip_space() {
            match self.expect {
                Expect::Key => self.key(byte),
                _ => self.token(byte),
            }
        }
        for range in &mut self.found.ranges {
            range.end = range.end.min(self.text.len() as u32);
        }
        self.found
    }

    /// Goes behind white space and comments and returns the byte there.
    #[inline(always)]
    fn skip_space(&mut self) -> Option<u8> {
        let byte = *self.text.get(self.at)?;
        if byte > b' ' && byte < 0x80 && byte != b'/' { Some(byte) } else { self.skip_more_space() }
    }

    fn skip_more_space(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.get(self.at)?;
            match CLASS[usize::from(byte)] {
                Class::Space => self.at += 1,
                Class::Newline => {
                    self.newline = true;
                    self.at += 1;
                }
                Class::Wide => match wide_space(&self.text[self.at..]) {
                    Some((len, ends_line)) => {
                        self.newline |= ends_line;
                        self.at += len;
                    }
                    None => return Some(byte),
                },
                Class::Other if byte == b'/' && self.skip_comment() => {}
                _ => return Some(byte),
            }
        }
    }

    #[inline(always)]
    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Takes a token that ends at `end`.
    #[inline(always)]
    fn advance(&mut self, end: usize) {
        (self.at, self.end, self.newline) = (end, end, false);
    }

    /// Opens a frame around what follows, expecting `inside` there.
    fn push(&mut self, kind: Kind, open: usize, after: Expect, function: u32, inside: Expect) {
        self.expect = inside;
        if self.frames.len() >= MAX_DEPTH {
            return self.pass_over(kind, after, function);
        }
        let base = self.pieces.len() as u32;
        let inherited = match kind {
            Kind::Group | Kind::Array | Kind::Field | Kind::ClassHead => self.top.name,
            _ => Span { start: base, end: base },
        };
        self.braces += usize::from(kind.ends_with_brace());
        let frame = Frame {
            kind,
            after,
            modifiers: 0,
            ternaries: 0,
            open: open as u32,
            function,
            base,
            chain: base,
            name: inherited,
            inherited,
            this: self.top.this,
        };
        self.frames.push(std::mem::replace(&mut self.top, frame));
    }

    /// Closes the innermost frame; what it held ends at `end`. The bottom stays.
    fn pop(&mut self, end: usize) -> Frame {
        let closed = self.top;
        let Some(below) = self.frames.pop() else { return closed };
        self.top = below;
        self.pieces.truncate(closed.base as usize);
        self.braces -= usize::from(closed.kind.ends_with_brace());
        if closed.function != NONE {
            self.found.close(closed.function, end);
        }
        if self.hole != NONE {
            self.found.forget(self.hole, end);
            self.hole = NONE;
        }
        closed
    }

    /// Closes frames that end where the last token did.
    fn pop_implicit(&mut self) {
        while self.top.kind.is_implicit() {
            self.pop_at_last_token();
        }
    }

    fn pop_at_last_token(&mut self) {
        let closed = self.pop(self.end);
        if closed.kind == Kind::ArrowBody {
            self.function_value = (closed.function, self.end);
        }
    }

    fn pop_arrow_bodies(&mut self) {
        while self.top.kind == Kind::ArrowBody {
            self.pop_at_last_token();
        }
    }

    /// A value begins: the target read so far is none.
    #[inline(always)]
    fn start_value(&mut self) {
        self.pieces.truncate(self.top.chain as usize);
    }

    /// The name given here so far no longer counts.
    #[inline(always)]
    fn reset_names(&mut self) {
        self.pieces.truncate(self.top.base as usize);
        self.top.chain = self.top.base;
        self.top.name = self.top.inherited;
    }

    /// The target or key read last becomes the name of the value that follows.
    fn assign(&mut self) {
        let (base, chain) = (self.top.base as usize, self.top.chain as usize);
        let len = self.pieces.len().saturating_sub(chain);
        if chain > base {
            self.pieces.copy_within(chain.., base);
            self.pieces.truncate(base + len);
        }
        let end = (base + len) as u32;
        self.top.name = Span { start: self.top.base, end };
        self.top.chain = end;
        self.expect = Expect::Operand;
    }

    #[inline(always)]
    fn push_piece(&mut self, start: usize, end: usize, kind: PieceKind) {
        self.pieces.push(Piece { start: start as u32, end: end as u32, kind });
    }

    /// A token that cannot follow a value: a statement or a member begins (automatic semicolon insertion).
    fn begin_anew(&mut self) {
        while matches!(self.top.kind, Kind::ArrowBody | Kind::Field) {
            self.pop_at_last_token();
        }
        self.expect = match self.top.kind {
            kind if kind.holds_statements() => Expect::Statement,
            Kind::ClassBody => Expect::Key,
            _ => Expect::Operand,
        };
        if self.expect != Expect::Operand {
            self.reset_names();
        }
    }
}
