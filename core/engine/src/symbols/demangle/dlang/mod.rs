//! D: `_D4shop4Cart5totalMFiZi` is `shop.Cart.total(int)`.
//!
//! Source: the D language's specification of its ABI ("Name Mangling"), with its back references; the spelling is that of
//! binutils' `c++filt --format=dlang`.

mod types;
mod values;

use super::text::{Budget, Cursor, MAX_DEMANGLED, Text};

/// Text that may be put together for one name on the way: parts are copied into larger ones.
const MAX_SPENT: usize = 8 * MAX_DEMANGLED;

/// Whether a name starts like a mangled one.
pub(super) fn is_mangled(name: &[u8]) -> bool {
    match name.strip_prefix(b"_D") {
        Some(b"main") => true,
        Some(rest) => {
            rest.first().is_some_and(u8::is_ascii_digit)
                || rest.starts_with(b"__T")
                || rest.starts_with(b"__U")
        }
        None => false,
    }
}

/// The name in readable form; None if it is none of D's. Without arguments it ends in front of the last ones.
pub(super) fn demangled(name: &str, has_arguments: bool) -> Option<String> {
    if name == "_Dmain" {
        return Some("D main".to_owned());
    }
    let mut reader = Reader::new(name);
    reader.mangled()?;
    let is_complete = reader.cursor.is_at_end() || reader.cursor.peek() == b'.';
    let mut text = reader.out.0;
    if !has_arguments {
        text.truncate(reader.arguments_at.unwrap_or(text.len()));
    }
    is_complete.then_some(text)
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    out: Text,
    budget: Budget,
    spent: usize,
    /// Where references back must point before: they cannot go in circles.
    last_reference: usize,
    /// Where in `out` the arguments of the function begin.
    arguments_at: Option<usize>,
}

impl<'a> Reader<'a> {
    fn new(name: &'a str) -> Self {
        Self {
            cursor: Cursor::new(name),
            out: Text::default(),
            budget: Budget::default(),
            spent: 0,
            last_reference: name.len(),
            arguments_at: None,
        }
    }

    /// What `read` writes, by itself.
    fn captured(&mut self, read: impl FnOnce(&mut Self) -> Option<()>) -> Option<String> {
        let before = std::mem::take(&mut self.out);
        let done = read(self);
        let text = std::mem::replace(&mut self.out, before).0;
        done?;
        self.spent += text.len() + 16;
        (self.spent <= MAX_SPENT).then_some(text)
    }

    /// `_D`, a name, a type that is not shown.
    fn mangled(&mut self) -> Option<()> {
        self.budget.enter()?;
        if !self.cursor.eat_text("_D") {
            return None;
        }
        self.qualified(true)?;
        if !self.cursor.eat(b'Z') && !self.cursor.is_at_end() {
            self.captured(Self::type_)?;
        }
        self.budget.leave();
        Some(())
    }

    /// Names with dots between, and the arguments of those that are functions.
    fn qualified(&mut self, has_suffixes: bool) -> Option<()> {
        self.budget.enter()?;
        let mut is_first = true;
        while is_first || self.is_symbol_name() {
            while self.cursor.eat(b'0') {}
            let before = self.out.0.len();
            self.out.push(if is_first { "" } else { "." })?;
            if !self.identifier()? {
                self.out.0.truncate(before);
            }
            is_first &= self.out.0.len() == before;
            self.arguments_of_name(has_suffixes)?;
            if self.cursor.is_at_end() || (is_first && !self.is_symbol_name()) {
                break;
            }
        }
        self.budget.leave();
        Some(())
    }

    /// A function's arguments behind its name, unless they are its whole type.
    fn arguments_of_name(&mut self, has_suffixes: bool) -> Option<()> {
        if self.cursor.peek() != b'M' && !types::is_convention(self.cursor.peek()) {
            self.arguments_at = None;
            return Some(());
        }
        let (start, before) = (self.cursor.at(), self.out.0.len());
        let (depth, reference) = (self.budget.clone(), self.last_reference);
        if self.function_suffix(has_suffixes).is_none() || self.cursor.is_at_end() {
            self.cursor.seek(start);
            self.out.0.truncate(before);
            self.budget.restore(depth);
            self.last_reference = reference;
            return Some(());
        }
        self.arguments_at = Some(before);
        Some(())
    }

    fn function_suffix(&mut self, has_suffixes: bool) -> Option<()> {
        let modifiers = if self.cursor.eat(b'M') { self.modifiers()? } else { String::new() };
        self.cursor.next().filter(|letter| types::is_convention(*letter))?;
        self.attributes()?;
        self.arguments()?;
        self.out.push(if has_suffixes { &modifiers } else { "" })
    }

    fn is_symbol_name(&self) -> bool {
        match self.cursor.peek() {
            b'0'..=b'9' => true,
            b'_' => matches!(self.cursor.rest().as_bytes().get(..3), Some(b"__T" | b"__U")),
            b'Q' => {
                let mut ahead = self.cursor;
                let at = reference(&mut ahead).unwrap_or(0);
                ahead.seek(at);
                at > 0 && ahead.peek().is_ascii_digit()
            }
            _ => false,
        }
    }

    /// Writes the next identifier; false if it is one that is not shown.
    fn identifier(&mut self) -> Option<bool> {
        self.budget.enter()?;
        let is_shown = self.any_identifier()?;
        self.budget.leave();
        Some(is_shown)
    }

    fn any_identifier(&mut self) -> Option<bool> {
        if self.cursor.peek() == b'Q' {
            return self.referred(Self::identifier);
        }
        if self.cursor.eat_text("__T") || self.cursor.eat_text("__U") {
            self.template()?;
            return Some(true);
        }
        let length = self.length()?;
        let start = self.cursor.at();
        let name = self.cursor.take(length)?;
        if name.starts_with("__T") || name.starts_with("__U") {
            self.cursor.seek(start + 3);
            self.template()?;
            return (self.cursor.at() == start + length).then_some(true);
        }
        self.plain_name(name)
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(self.cursor.number()?).ok().filter(|length| *length > 0)
    }

    fn plain_name(&mut self, name: &str) -> Option<bool> {
        let is_last = self.cursor.peek() == b'Z';
        let special = match name {
            "__ctor" => "this",
            "__dtor" => "~this",
            "__init" if is_last => return self.prefixed("initializer for "),
            "__vtbl" if is_last => return self.prefixed("vtable for "),
            "__Class" if is_last => return self.prefixed("ClassInfo for "),
            "__Interface" if is_last => return self.prefixed("Interface for "),
            "__ModuleInfo" if is_last => return self.prefixed("ModuleInfo for "),
            _ if is_fake_parent(name) => return Some(false),
            _ => name,
        };
        self.out.push(special)?;
        Some(true)
    }

    /// Objects that compilers make for a type are named in front of it.
    fn prefixed(&mut self, word: &str) -> Option<bool> {
        if self.out.0.ends_with('.') {
            self.out.0.pop();
        }
        let name = std::mem::take(&mut self.out.0);
        self.out.push(word)?;
        self.out.push(&name)?;
        Some(true)
    }

    /// Reads again what `Q` and a distance point back to.
    fn referred<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let here = self.cursor.at();
        let at = reference(&mut self.cursor).filter(|_| here < self.last_reference)?;
        let (end, last) = (self.cursor.at(), self.last_reference);
        self.last_reference = here;
        self.cursor.seek(at);
        let found = read(self)?;
        self.cursor.seek(end);
        self.last_reference = last;
        Some(found)
    }

    fn template(&mut self) -> Option<()> {
        self.budget.enter()?;
        self.identifier()?;
        self.out.push("!(")?;
        let mut is_first = true;
        while !self.cursor.eat(b'Z') {
            self.out.push(if is_first { "" } else { ", " })?;
            is_first = false;
            self.template_argument()?;
        }
        self.out.push(")")?;
        self.budget.leave();
        Some(())
    }

    fn template_argument(&mut self) -> Option<()> {
        self.budget.enter()?;
        self.cursor.eat(b'H');
        match self.cursor.next()? {
            b'T' => self.type_()?,
            b'S' => self.symbol_argument()?,
            b'V' => self.value_argument()?,
            b'X' => {
                let length = self.length()?;
                let name = self.cursor.take(length)?;
                self.out.push(name)?;
            }
            _ => return None,
        }
        self.budget.leave();
        Some(())
    }

    /// A symbol, in older compilers behind its length, whose digits run into those of the name.
    fn symbol_argument(&mut self) -> Option<()> {
        if self.cursor.rest().starts_with("_D") {
            return self.inner_symbol();
        }
        if !self.cursor.peek().is_ascii_digit() {
            return self.qualified(false);
        }
        let start = self.cursor.at();
        let digits = self.cursor.rest().bytes().take_while(u8::is_ascii_digit).count();
        for count in (1..=digits.min(6)).rev() {
            let Some(length) = self.cursor.rest().get(..count).and_then(|text| text.parse::<usize>().ok())
            else {
                continue;
            };
            if self.attempt(start + count, Some(length)).is_some() {
                return Some(());
            }
        }
        self.attempt(start, None)
    }

    /// Reads a symbol at `at` if it is as long as expected; else leaves all as it was.
    fn attempt(&mut self, at: usize, length: Option<usize>) -> Option<()> {
        let (start, before, reference) = (self.cursor.at(), self.out.0.len(), self.last_reference);
        let budget = self.budget.clone();
        self.cursor.seek(at);
        let is_symbol = self.cursor.rest().starts_with("_D") || self.is_symbol_name();
        let done = if is_symbol { self.inner_symbol() } else { None };
        if done.is_some() && length.is_none_or(|length| self.cursor.at() == at + length) {
            return Some(());
        }
        self.cursor.seek(start);
        self.out.0.truncate(before);
        self.last_reference = reference;
        self.budget.restore(budget);
        None
    }

    fn inner_symbol(&mut self) -> Option<()> {
        let text = self.captured(|reader| {
            if reader.cursor.rest().starts_with("_D") { reader.mangled() } else { reader.qualified(false) }
        })?;
        self.out.push(&text)
    }
}

/// Where `Q` and the number behind it, to the base of 26, point back to.
fn reference(cursor: &mut Cursor<'_>) -> Option<usize> {
    let start = cursor.at();
    cursor.expect(b'Q')?;
    let mut distance = 0_usize;
    loop {
        match cursor.next()? {
            letter @ b'A'..=b'Z' => {
                distance = distance.checked_mul(26)?.checked_add(usize::from(letter - b'A'))?;
            }
            letter @ b'a'..=b'z' => {
                distance = distance.checked_mul(26)?.checked_add(usize::from(letter - b'a'))?;
                return start.checked_sub(distance).filter(|_| distance > 0);
            }
            _ => return None,
        }
    }
}

/// `__S12`: a scope that has no name.
fn is_fake_parent(name: &str) -> bool {
    name.strip_prefix("__S")
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}
