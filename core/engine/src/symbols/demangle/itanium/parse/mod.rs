//! From mangled text to a tree. Recursive descent, one function for each rule of the grammar.
//!
//! A rule that does not fit is None, and with it the whole name.

mod encoding;
mod expressions;
mod functions;
mod names;
mod special;
mod templates;
mod types;
mod unresolved;

use super::node::{Id, List, NOTHING, Node, Span};
use super::tree::Tree;

/// Levels of types, expressions and functions in each other. Real names were seen to need 60.
const MAX_NESTING: u32 = 256;

/// What reading a name fills. Emptied, it can be filled again without allocating.
#[derive(Default)]
pub(super) struct Parsed {
    pub(super) tree: Tree,
    substitutions: Vec<Id>,
    /// Members of lists that have no end yet.
    pending: Vec<Id>,
}

/// A mangled name that is being read.
pub(super) struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    nesting: u32,
    /// Rules that may still be tried: what two readings have in common is read twice.
    steps: u32,
    tree: &'a mut Tree,
    substitutions: &'a mut Vec<Id>,
    pending: &'a mut Vec<Id>,
    /// What a constructor is called: the last name, unless it is in template arguments.
    last_name: Id,
    /// Template arguments behind a parameter belong to the conversion operator.
    is_conversion: bool,
}

impl<'a> Parser<'a> {
    /// Starts at `text`, which is what follows `_Z`.
    pub(super) fn new(text: &'a [u8], parsed: &'a mut Parsed) -> Self {
        parsed.tree.clear();
        parsed.substitutions.clear();
        parsed.pending.clear();
        Self {
            text,
            at: 0,
            nesting: 0,
            steps: 16 * text.len() as u32 + 256,
            tree: &mut parsed.tree,
            substitutions: &mut parsed.substitutions,
            pending: &mut parsed.pending,
            last_name: NOTHING,
            is_conversion: false,
        }
    }

    /// How many bytes were read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The next byte, 0 at the end.
    fn peek(&self) -> u8 {
        self.peek_at(0)
    }

    /// The byte `ahead` of the next one, 0 behind the end.
    fn peek_at(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Reads past `byte` if it is next.
    fn eat(&mut self, byte: u8) -> bool {
        let found = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    /// Reads past `code` if it is next.
    fn eat_code(&mut self, code: &[u8; 2]) -> bool {
        let found = self.peek() == code[0] && self.peek_at(1) == code[1];
        self.at += if found { 2 } else { 0 };
        found
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.eat(byte).then_some(())
    }

    /// The digits that are next, maybe none.
    fn digits(&mut self) -> Span {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        Span { start: start as u32, len: (self.at - start) as u32 }
    }

    /// A decimal number; None if there is no digit or it is out of range.
    fn number(&mut self) -> Option<u32> {
        let start = self.at;
        let mut number = 0_u32;
        while let Some(digit) =
            self.text.get(self.at).map(|byte| byte.wrapping_sub(b'0')).filter(|&digit| digit < 10)
        {
            number = number.checked_mul(10)?.checked_add(u32::from(digit))?;
            self.at += 1;
        }
        (self.at > start).then_some(number)
    }

    /// `_` is 0, `0_` is 1, `1_` is 2.
    fn compact_number(&mut self) -> Option<u32> {
        if self.eat(b'_') {
            return Some(0);
        }
        let number = self.number()?.checked_add(1)?;
        self.expect(b'_')?;
        Some(number)
    }

    /// Reads past `_3` or `__12_`, which tell entities of a function apart.
    fn discriminator(&mut self) -> Option<()> {
        if !self.eat(b'_') {
            return Some(());
        }
        let is_long = self.eat(b'_');
        let digits = self.digits();
        if is_long && digits.len > 1 {
            return self.expect(b'_');
        }
        (digits.len > 0).then_some(())
    }

    /// One level down, within the limits.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.nesting >= MAX_NESTING || self.steps == 0 {
            return None;
        }
        self.nesting += 1;
        self.steps -= 1;
        let found = read(self);
        self.nesting -= 1;
        found
    }

    /// Tries a reading; if it fails, all is as before.
    fn attempt<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let (at, nesting, pending) = (self.at, self.nesting, self.pending.len());
        let (substitutions, last_name) = (self.substitutions.len(), self.last_name);
        let found = read(self);
        if found.is_none() {
            (self.at, self.nesting, self.last_name) = (at, nesting, last_name);
            self.substitutions.truncate(substitutions);
            self.pending.truncate(pending);
        }
        found
    }

    #[inline(always)]
    fn push(&mut self, node: Node) -> Id {
        self.tree.push(node)
    }

    /// Makes a node something that `S_` and its like can stand for.
    fn substitutable(&mut self, id: Id) -> Id {
        self.tree.share(id);
        self.substitutions.push(id);
        id
    }

    /// Items up to `end`, which is read past.
    fn list_until(&mut self, end: u8, mut item: impl FnMut(&mut Self) -> Option<Id>) -> Option<List> {
        self.list_while(|parser| !parser.eat(end), &mut item)
    }

    /// Items as long as there is `more`.
    fn list_while(
        &mut self,
        mut more: impl FnMut(&mut Self) -> bool,
        mut item: impl FnMut(&mut Self) -> Option<Id>,
    ) -> Option<List> {
        let start = self.pending.len();
        while more(self) {
            let id = item(self)?;
            self.pending.push(id);
        }
        let list = self.tree.push_list(self.pending.get(start..).unwrap_or(&[]));
        self.pending.truncate(start);
        Some(list)
    }
}
