//! Types, and the arguments of functions.

use super::Reader;

/// Whether a letter starts the type of a function, by its calling convention.
pub(super) fn is_convention(letter: u8) -> bool {
    matches!(letter, b'F' | b'U' | b'V' | b'W' | b'R' | b'Y')
}

impl<'a> Reader<'a> {
    /// `const` and the like, each behind a blank.
    pub(super) fn modifiers(&mut self) -> Option<String> {
        let mut text = String::new();
        loop {
            if self.cursor.eat(b'x') {
                text.push_str(" const");
            } else if self.cursor.eat(b'y') {
                text.push_str(" immutable");
            } else if self.cursor.eat(b'O') {
                text.push_str(" shared");
            } else if self.cursor.eat_text("Ng") {
                text.push_str(" inout");
            } else {
                return Some(text);
            }
            if text.len() > 64 {
                return None;
            }
        }
    }

    /// What a function promises, each in front of a blank.
    pub(super) fn attributes(&mut self) -> Option<String> {
        let mut text = String::new();
        while self.cursor.peek() == b'N' && text.len() < 256 {
            text.push_str(match self.cursor.peek_at(1) {
                b'a' => "pure ",
                b'b' => "nothrow ",
                b'c' => "ref ",
                b'd' => "@property ",
                b'e' => "@trusted ",
                b'f' => "@safe ",
                b'i' => "@nogc ",
                b'j' => "return ",
                b'l' => "scope ",
                b'm' => "@live ",
                // These belong to the first parameter.
                b'g' | b'h' | b'k' | b'n' => break,
                _ => return None,
            });
            self.cursor.take(2)?;
        }
        Some(text)
    }

    /// The parameters in parentheses.
    pub(super) fn arguments(&mut self) -> Option<()> {
        self.out.push("(")?;
        let mut is_first = true;
        loop {
            match self.cursor.peek() {
                b'X' => {
                    self.out.push("...")?;
                    break;
                }
                b'Y' => {
                    self.out.push(if is_first { "..." } else { ", ..." })?;
                    break;
                }
                b'Z' => break,
                _ => {}
            }
            self.out.push(if is_first { "" } else { ", " })?;
            is_first = false;
            self.argument()?;
        }
        self.cursor.next()?;
        self.out.push(")")
    }

    fn argument(&mut self) -> Option<()> {
        loop {
            let word = match self.cursor.peek() {
                b'M' => "scope ",
                b'N' if self.cursor.peek_at(1) == b'k' => {
                    self.cursor.next()?;
                    "return "
                }
                b'I' => "in ",
                b'J' => "out ",
                b'K' => "ref ",
                b'L' => "lazy ",
                _ => break,
            };
            self.cursor.next()?;
            self.out.push(word)?;
        }
        self.type_()
    }

    pub(super) fn type_(&mut self) -> Option<()> {
        self.budget.enter()?;
        self.any_type()?;
        self.budget.leave();
        Some(())
    }

    fn any_type(&mut self) -> Option<()> {
        let letter = self.cursor.peek();
        if is_convention(letter) {
            return self.function_type();
        }
        if letter == b'Q' {
            return self.referred(Self::type_);
        }
        self.cursor.next()?;
        match letter {
            b'O' => self.wrapped("shared("),
            b'x' => self.wrapped("const("),
            b'y' => self.wrapped("immutable("),
            b'N' => self.extended_type(),
            b'A' => {
                self.type_()?;
                self.out.push("[]")
            }
            b'G' => self.static_array(),
            b'H' => self.associative_array(),
            b'P' => self.pointer(),
            b'C' | b'S' | b'E' | b'T' | b'I' => self.qualified(false),
            b'D' => self.delegate(),
            b'B' => self.tuple(),
            b'z' => {
                let word = match self.cursor.next()? {
                    b'i' => "cent",
                    b'k' => "ucent",
                    _ => return None,
                };
                self.out.push(word)
            }
            _ => self.out.push(basic(letter)?),
        }
    }

    fn wrapped(&mut self, word: &str) -> Option<()> {
        self.out.push(word)?;
        self.type_()?;
        self.out.push(")")
    }

    fn extended_type(&mut self) -> Option<()> {
        match self.cursor.next()? {
            b'g' => self.wrapped("inout("),
            b'h' => self.wrapped("__vector("),
            b'n' => self.out.push("typeof(*null)"),
            _ => None,
        }
    }

    fn static_array(&mut self) -> Option<()> {
        let digits = self.cursor.rest().bytes().take_while(u8::is_ascii_digit).count();
        let size = self.cursor.take(digits).filter(|size| !size.is_empty())?;
        self.type_()?;
        self.out.push("[")?;
        self.out.push(size)?;
        self.out.push("]")
    }

    /// Key first, shown behind.
    fn associative_array(&mut self) -> Option<()> {
        let key = self.captured(Self::type_)?;
        self.type_()?;
        self.out.push("[")?;
        self.out.push(&key)?;
        self.out.push("]")
    }

    fn pointer(&mut self) -> Option<()> {
        if is_convention(self.cursor.peek()) {
            self.function_type()?;
            return self.out.push("function");
        }
        self.type_()?;
        self.out.push("*")
    }

    fn delegate(&mut self) -> Option<()> {
        let modifiers = self.modifiers()?;
        if self.cursor.peek() == b'Q' {
            self.referred(Self::function_type)?;
        } else {
            self.function_type()?;
        }
        self.out.push("delegate")?;
        self.out.push(&modifiers)
    }

    /// The result is written last and shown first.
    fn function_type(&mut self) -> Option<()> {
        self.budget.enter()?;
        let convention = match self.cursor.next()? {
            b'F' => "",
            b'U' => "extern(C) ",
            b'W' => "extern(Windows) ",
            b'V' => "extern(Pascal) ",
            b'R' => "extern(C++) ",
            b'Y' => "extern(Objective-C) ",
            _ => return None,
        };
        let attributes = self.attributes()?;
        let arguments = self.captured(Self::arguments)?;
        self.out.push(convention)?;
        self.type_()?;
        self.out.push(&arguments)?;
        self.out.push(" ")?;
        self.out.push(&attributes)?;
        self.budget.leave();
        Some(())
    }

    fn tuple(&mut self) -> Option<()> {
        let count = self.cursor.number()?;
        self.out.push("tuple(")?;
        for index in 0..count {
            self.out.push(if index > 0 { ", " } else { "" })?;
            self.type_()?;
        }
        self.out.push(")")
    }
}

fn basic(letter: u8) -> Option<&'static str> {
    Some(match letter {
        b'n' => "typeof(null)",
        b'v' => "void",
        b'g' => "byte",
        b'h' => "ubyte",
        b's' => "short",
        b't' => "ushort",
        b'i' => "int",
        b'k' => "uint",
        b'l' => "long",
        b'm' => "ulong",
        b'f' => "float",
        b'd' => "double",
        b'e' => "real",
        b'o' => "ifloat",
        b'p' => "idouble",
        b'j' => "ireal",
        b'q' => "cfloat",
        b'r' => "cdouble",
        b'c' => "creal",
        b'b' => "bool",
        b'a' => "char",
        b'u' => "wchar",
        b'w' => "dchar",
        _ => return None,
    })
}
