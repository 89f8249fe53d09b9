//! Types: basic ones, classes, pointers, arrays, functions.

use super::declarator::Declarator;
use super::{MAX_KNOWN, Reader};

/// Parameters of one function.
const MAX_PARAMETERS: usize = 1024;
/// Dimensions of one array.
const MAX_DIMENSIONS: u64 = 64;

/// A function's type in pieces.
pub(super) struct FunctionParts {
    pub(super) convention: &'static str,
    pub(super) result: Declarator,
    pub(super) parameters: String,
    pub(super) exceptions: &'static str,
}

impl<'a> Reader<'a> {
    /// `const` and `volatile` as a letter.
    pub(super) fn qualifiers(&mut self) -> Option<&'static str> {
        Some(match self.cursor.next()? {
            b'A' | b'Q' => "",
            b'B' | b'R' => " const",
            b'C' | b'S' => " volatile",
            b'D' | b'T' => " const volatile",
            _ => return None,
        })
    }

    pub(super) fn calling_convention(&mut self) -> Option<&'static str> {
        Some(match self.cursor.next()? {
            b'A' | b'B' => "__cdecl",
            b'C' | b'D' => "__pascal",
            b'E' | b'F' => "__thiscall",
            b'G' | b'H' => "__stdcall",
            b'I' | b'J' => "__fastcall",
            b'M' | b'N' => "__clrcall",
            b'O' | b'P' => "__eabi",
            b'Q' => "__vectorcall",
            b'S' => "__attribute__((__swiftcall__))",
            b'W' => "__attribute__((__swiftasynccall__))",
            b'w' => "__regcall",
            _ => return None,
        })
    }

    /// What `this` points to, and how.
    pub(super) fn this_qualifiers(&mut self) -> Option<String> {
        let mut reference = "";
        let mut restrict = "";
        loop {
            match self.cursor.peek() {
                b'E' => {}
                b'F' => {}
                b'I' => restrict = " __restrict",
                b'G' => reference = " &",
                b'H' => reference = " &&",
                _ => break,
            }
            self.cursor.next()?;
        }
        Some(format!("{}{restrict}{reference}", self.qualifiers()?))
    }

    /// Convention, result, parameters and exceptions.
    pub(super) fn function_parts(&mut self) -> Option<FunctionParts> {
        let convention = self.calling_convention()?;
        let result = if self.cursor.eat(b'@') { Declarator::default() } else { self.result_type()? };
        let parameters = self.parameters()?;
        let exceptions = if self.cursor.eat_text("_E") {
            " noexcept"
        } else {
            self.cursor.expect(b'Z')?;
            ""
        };
        Some(FunctionParts { convention, result, parameters, exceptions })
    }

    fn result_type(&mut self) -> Option<Declarator> {
        let qualifiers = if self.cursor.eat(b'?') { self.qualifiers()? } else { "" };
        if self.cursor.eat(b'?') {
            let deduced = self.scope()?;
            self.cursor.expect(b'@')?;
            return Some(Declarator::plain(deduced));
        }
        let mut type_ = self.type_()?;
        if !type_.is_pointer {
            type_.qualify(qualifiers);
        }
        Some(type_)
    }

    fn parameters(&mut self) -> Option<String> {
        if self.cursor.eat(b'X') {
            return Some("void".to_owned());
        }
        let mut shown = Vec::new();
        while !matches!(self.cursor.peek(), b'@' | b'Z') {
            if shown.len() >= MAX_PARAMETERS {
                return None;
            }
            let type_ = self.parameter()?;
            self.spend(type_.len())?;
            shown.push(type_.text());
        }
        if self.cursor.next()? == b'Z' {
            shown.push("...".to_owned());
        }
        self.counted(shown.join(", "))
    }

    /// Types of more than one letter can be referred to by a digit.
    fn parameter(&mut self) -> Option<Declarator> {
        if self.cursor.peek().is_ascii_digit() {
            let index = usize::from(self.cursor.next()? - b'0');
            return self.types.get(index).cloned();
        }
        let before = self.cursor.at();
        let type_ = self.type_()?;
        if self.cursor.at() - before > 1 && self.types.len() < MAX_KNOWN {
            self.spend(type_.len())?;
            self.types.push(type_.clone());
        }
        Some(type_)
    }

    pub(super) fn type_(&mut self) -> Option<Declarator> {
        self.enter()?;
        let type_ = self.any_type()?;
        self.spend(type_.len())?;
        self.leave();
        Some(type_)
    }

    fn any_type(&mut self) -> Option<Declarator> {
        if self.cursor.eat_text("$$") {
            return self.extended_type();
        }
        match self.cursor.peek() {
            b'?' => {
                self.cursor.next()?;
                let qualifiers = self.qualifiers()?;
                let mut type_ = self.type_()?;
                type_.qualify(qualifiers);
                Some(type_)
            }
            b'T' => self.declared("union "),
            b'U' => self.declared("struct "),
            b'V' => self.declared("class "),
            b'W' => {
                self.cursor.next()?;
                let number = self.cursor.next()?;
                if !(b'0'..=b'7').contains(&number) {
                    return None;
                }
                Some(Declarator::plain(format!("enum {}", self.qualified_type_name()?)))
            }
            b'A' => self.pointer("&", ""),
            b'B' => self.pointer("&", " volatile"),
            b'P' => self.pointer("*", ""),
            b'Q' => self.pointer("*", "const"),
            b'R' => self.pointer("*", "volatile"),
            b'S' => self.pointer("*", "const volatile"),
            b'Y' => self.array(),
            b'_' => {
                self.cursor.next()?;
                extended_basic(self.cursor.next()?).map(Declarator::plain)
            }
            _ => basic(self.cursor.next()?).map(Declarator::plain),
        }
    }

    fn declared(&mut self, word: &str) -> Option<Declarator> {
        self.cursor.next()?;
        Some(Declarator::plain(format!("{word}{}", self.qualified_type_name()?)))
    }

    /// What follows `$$`.
    fn extended_type(&mut self) -> Option<Declarator> {
        if self.cursor.eat_text("A6") {
            return self.function_type("");
        }
        if self.cursor.eat_text("A8@@") {
            let this = self.this_qualifiers()?;
            return self.function_type(&this);
        }
        match self.cursor.next()? {
            b'T' => Some(Declarator::plain("std::nullptr_t")),
            b'Q' => self.pointer_rest("&&", ""),
            b'R' => self.pointer_rest("&&", "volatile"),
            b'B' => self.type_(),
            b'C' => {
                let qualifiers = self.qualifiers()?;
                let mut type_ = self.type_()?;
                type_.qualify(qualifiers);
                Some(type_)
            }
            _ => None,
        }
    }

    fn pointer(&mut self, sign: &str, qualifiers: &str) -> Option<Declarator> {
        self.cursor.next()?;
        self.pointer_rest(sign, qualifiers)
    }

    fn pointer_rest(&mut self, sign: &str, qualifiers: &str) -> Option<Declarator> {
        if self.cursor.eat(b'6') {
            return Some(self.function_type("")?.pointed(sign, qualifiers));
        }
        if self.cursor.eat(b'8') {
            let class = self.qualified_type_name()?;
            let this = self.this_qualifiers()?;
            return Some(self.function_type(&this)?.pointed(&format!("{class}::*"), qualifiers));
        }
        let (restrict, unaligned) = self.pointer_extensions()?;
        let qualifiers = format!("{qualifiers}{restrict}");
        let is_member = matches!(self.cursor.peek(), b'Q'..=b'T');
        let of = self.qualifiers()?;
        let sign = if is_member { format!("{}::*", self.qualified_type_name()?) } else { sign.to_owned() };
        let mut type_ = self.type_()?;
        if !type_.is_pointer {
            type_.qualify(of);
        } else if !of.is_empty() && !type_.before.ends_with(of.trim_start()) {
            type_.before.push_str(of.trim_start());
        }
        type_.qualify(unaligned);
        Some(type_.pointed(&sign, &qualifiers))
    }

    /// Width, which is not shown, aliasing and alignment.
    fn pointer_extensions(&mut self) -> Option<(&'static str, &'static str)> {
        let (mut restrict, mut unaligned) = ("", "");
        loop {
            match self.cursor.peek() {
                b'E' => {}
                b'F' => unaligned = " __unaligned",
                b'I' => restrict = " __restrict",
                _ => return Some((restrict, unaligned)),
            }
            self.cursor.next()?;
        }
    }

    fn function_type(&mut self, this: &str) -> Option<Declarator> {
        self.enter()?;
        let parts = self.function_parts()?;
        self.leave();
        Some(Declarator {
            before: parts.result.before.clone(),
            behind: format!("({}){this}{}{}", parts.parameters, parts.exceptions, parts.result.behind),
            binds_behind: true,
            convention: parts.convention,
            ..Declarator::default()
        })
    }

    fn array(&mut self) -> Option<Declarator> {
        self.cursor.next()?;
        let rank: u64 = self.number()?.parse().ok().filter(|rank| *rank > 0 && *rank <= MAX_DIMENSIONS)?;
        let mut dimensions = String::new();
        for _ in 0..rank {
            let size = self.number()?;
            dimensions.push_str(&if size == "0" { "[]".to_owned() } else { format!("[{size}]") });
        }
        let qualifiers = if self.cursor.eat_text("$$C") { self.qualifiers()? } else { "" };
        let mut element = self.type_()?;
        element.qualify(qualifiers);
        Some(Declarator {
            before: element.before,
            behind: format!("{dimensions}{}", element.behind),
            binds_behind: true,
            ..Declarator::default()
        })
    }
}

fn basic(letter: u8) -> Option<&'static str> {
    Some(match letter {
        b'C' => "signed char",
        b'D' => "char",
        b'E' => "unsigned char",
        b'F' => "short",
        b'G' => "unsigned short",
        b'H' => "int",
        b'I' => "unsigned int",
        b'J' => "long",
        b'K' => "unsigned long",
        b'M' => "float",
        b'N' => "double",
        b'O' => "long double",
        b'X' => "void",
        _ => return None,
    })
}

fn extended_basic(letter: u8) -> Option<&'static str> {
    Some(match letter {
        b'D' => "__int8",
        b'E' => "unsigned __int8",
        b'F' => "__int16",
        b'G' => "unsigned __int16",
        b'H' => "__int32",
        b'I' => "unsigned __int32",
        b'J' => "__int64",
        b'K' => "unsigned __int64",
        b'L' => "__int128",
        b'M' => "unsigned __int128",
        b'N' => "bool",
        b'P' => "auto",
        b'Q' => "char8_t",
        b'S' => "char16_t",
        b'T' => "decltype(auto)",
        b'U' => "char32_t",
        b'W' => "wchar_t",
        _ => return None,
    })
}
