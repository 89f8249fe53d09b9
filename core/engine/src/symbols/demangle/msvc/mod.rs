//! C++ as Microsoft's compilers mangle it: `?total@Cart@shop@@QEBAHH@Z` is
//! `public: int __cdecl shop::Cart::total(int) const`.
//!
//! Names are read from the inside out and put together as text. Microsoft has not published the grammar; sources: LLVM's
//! description of its demangler (`llvm-undname`), whose spelling this follows, and Wikiversity's "Visual C++ name mangling".

mod declarator;
mod names;
mod operators;
mod types;

use super::text::{Cursor, MAX_DEMANGLED};
use declarator::Declarator;

/// Text that may be put together for one name on the way: parts are copied into larger ones.
const MAX_SPENT: usize = 16 * MAX_DEMANGLED;
/// Levels of types and names in each other.
const MAX_DEPTH: u32 = 64;
/// Names and types that later parts can refer to by a digit.
const MAX_KNOWN: usize = 10;

/// Whether a name starts like a decorated one.
pub(super) fn is_mangled(name: &[u8]) -> bool {
    name.first() == Some(&b'?') && name.get(1).is_some_and(|byte| *byte != b' ')
}

/// The name in readable form; None if it is not decorated. Without arguments the qualified name alone.
pub(super) fn demangled(name: &str, has_arguments: bool) -> Option<String> {
    let mut reader = Reader::new(name);
    let symbol = reader.symbol()?;
    let is_complete = reader.cursor.is_at_end() || reader.cursor.peek() == b'.';
    let shown = if has_arguments { symbol.full } else { symbol.name };
    (is_complete && shown.len() <= MAX_DEMANGLED).then_some(shown)
}

/// A symbol with its type, and without.
pub(super) struct Symbol {
    full: String,
    name: String,
}

pub(super) struct Reader<'a> {
    cursor: Cursor<'a>,
    names: Vec<String>,
    types: Vec<Declarator>,
    depth: u32,
    spent: usize,
}

impl<'a> Reader<'a> {
    fn new(name: &'a str) -> Self {
        Self { cursor: Cursor::new(name), names: Vec::new(), types: Vec::new(), depth: 0, spent: 0 }
    }

    /// One level down; None beyond the limit. To be paired with [`Reader::leave`].
    fn enter(&mut self) -> Option<()> {
        self.depth += 1;
        self.spend(64)?;
        (self.depth <= MAX_DEPTH).then_some(())
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Counts text that was put together.
    fn spend(&mut self, bytes: usize) -> Option<()> {
        self.spent += bytes;
        (self.spent <= MAX_SPENT).then_some(())
    }

    /// `text`, counted.
    fn counted(&mut self, text: String) -> Option<String> {
        self.spend(text.len())?;
        Some(text)
    }

    /// A whole symbol, which can stand inside another.
    fn symbol(&mut self) -> Option<Symbol> {
        self.enter()?;
        self.cursor.expect(b'?')?;
        let symbol = match self.special_symbol()? {
            Some(text) => Symbol { name: text.clone(), full: text },
            None => self.named_symbol()?,
        };
        self.spend(symbol.full.len() + symbol.name.len())?;
        self.leave();
        Some(symbol)
    }

    fn named_symbol(&mut self) -> Option<Symbol> {
        let name = self.qualified_symbol_name()?;
        match self.cursor.peek() {
            b'0'..=b'4' => self.variable(name.text),
            b'9' => {
                self.cursor.next()?;
                Some(Symbol { full: name.text.clone(), name: name.text })
            }
            b'$' => self.thunk(name),
            _ => self.function(name),
        }
    }

    fn variable(&mut self, name: String) -> Option<Symbol> {
        let access = match self.cursor.next()? {
            b'0' => "private: static ",
            b'1' => "protected: static ",
            b'2' => "public: static ",
            _ => "",
        };
        let mut type_ = self.type_()?;
        self.cursor.eat(b'E');
        self.cursor.eat(b'I');
        let is_member_pointer = matches!(self.cursor.peek(), b'Q'..=b'T');
        let qualifiers = self.qualifiers()?;
        if is_member_pointer {
            self.qualified_type_name()?;
        }
        if !type_.is_pointer {
            type_.qualify(qualifiers);
        }
        let full = self.counted(format!("{access}{}", type_.around(&name)))?;
        Some(Symbol { full, name })
    }

    fn function(&mut self, name: names::SymbolName) -> Option<Symbol> {
        let letter = self.cursor.next().filter(u8::is_ascii_uppercase)?;
        let class = FunctionClass::of(letter)?;
        let adjustment = if class.is_thunk { Some(self.number()?) } else { None };
        self.function_rest(name, class, adjustment.map(|offset| format!("`adjustor{{{offset}}}'")))
    }

    /// `$0` to `$5`: thunks that find `this` through a table; `$B`: one that calls through a table.
    fn thunk(&mut self, name: names::SymbolName) -> Option<Symbol> {
        self.cursor.expect(b'$')?;
        if self.cursor.eat_text("$J0") {
            let mut symbol = self.function(name)?;
            symbol.full.insert_str(0, "extern \"C\" ");
            return Some(symbol);
        }
        if self.cursor.eat(b'B') {
            return self.virtual_call(name);
        }
        let is_extended = self.cursor.eat(b'R');
        let access = match self.cursor.next()? {
            b'0' | b'1' => "private: ",
            b'2' | b'3' => "protected: ",
            b'4' | b'5' => "public: ",
            _ => return None,
        };
        let count = if is_extended { 4 } else { 2 };
        let mut offsets = Vec::with_capacity(count);
        for _ in 0..count {
            offsets.push(signed(&self.number()?));
        }
        let word = if is_extended { "vtordispex" } else { "vtordisp" };
        let class =
            FunctionClass { access, is_static: false, is_virtual: true, is_thunk: true, is_member: true };
        self.function_rest(name, class, Some(format!("`{word}{{{}}}'", offsets.join(", "))))
    }

    fn virtual_call(&mut self, name: names::SymbolName) -> Option<Symbol> {
        let offset = self.number()?;
        self.cursor.expect(b'A')?;
        let convention = self.calling_convention()?;
        let full = format!("[thunk]: {convention} {}{{{offset}, {{flat}}}}", name.text);
        Some(Symbol { full: self.counted(full)?, name: name.text })
    }

    fn function_rest(
        &mut self,
        name: names::SymbolName,
        class: FunctionClass,
        suffix: Option<String>,
    ) -> Option<Symbol> {
        let this = if class.is_member && !class.is_static { self.this_qualifiers()? } else { String::new() };
        let parts = self.function_parts()?;
        let name = names::with_conversion(name, &parts.result);
        let prefix = class.prefix();
        let declared = format!(
            "{}{name}{}({}){this}{}",
            convention_space(parts.convention),
            suffix.unwrap_or_default(),
            parts.parameters,
            parts.exceptions,
            name = name.text
        );
        let full = self.counted(format!("{prefix}{}", parts.result.before_function(&declared)))?;
        Some(Symbol { full, name: name.text })
    }
}

/// Offsets are 32 bits wide and written without sign.
fn signed(number: &str) -> String {
    number.parse::<u32>().map_or_else(|_| number.to_owned(), |offset| offset.cast_signed().to_string())
}

fn convention_space(convention: &str) -> String {
    if convention.is_empty() { String::new() } else { format!("{convention} ") }
}

/// What the first letter behind a function's name says.
struct FunctionClass {
    access: &'static str,
    is_static: bool,
    is_virtual: bool,
    is_thunk: bool,
    is_member: bool,
}

impl FunctionClass {
    fn of(letter: u8) -> Option<Self> {
        let access = match letter {
            b'A'..=b'H' => "private: ",
            b'I'..=b'P' => "protected: ",
            b'Q'..=b'X' => "public: ",
            b'Y' | b'Z' => "",
            _ => return None,
        };
        let is_member = letter < b'Y';
        let kind = (letter - b'A') % 8 / 2;
        Some(Self {
            access,
            is_static: is_member && kind == 1,
            is_virtual: is_member && kind >= 2,
            is_thunk: is_member && kind == 3,
            is_member,
        })
    }

    fn prefix(&self) -> String {
        let thunk = if self.is_thunk { "[thunk]: " } else { "" };
        let kind = if self.is_static {
            "static "
        } else if self.is_virtual {
            "virtual "
        } else {
            ""
        };
        format!("{thunk}{}{kind}", self.access)
    }
}
