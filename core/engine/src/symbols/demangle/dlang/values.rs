//! Values that templates were made for: numbers, texts, arrays, structs.

use super::Reader;

impl<'a> Reader<'a> {
    /// A type, of which only the first letter is shown by how the value is written, and the value.
    pub(super) fn value_argument(&mut self) -> Option<()> {
        let mut letter = self.cursor.peek();
        if letter == b'Q' {
            let mut ahead = self.cursor;
            let at = super::reference(&mut ahead)?;
            ahead.seek(at);
            letter = ahead.peek();
        }
        let name = self.captured(Self::type_)?;
        self.value(&name, letter)
    }

    fn value(&mut self, type_name: &str, letter: u8) -> Option<()> {
        self.budget.enter()?;
        match self.cursor.peek() {
            b'n' => self.word("null")?,
            b'N' => {
                self.word("-")?;
                self.integer(letter)?;
            }
            b'i' => {
                self.cursor.next()?;
                self.integer(letter)?;
            }
            b'0'..=b'9' => self.integer(letter)?,
            b'e' => {
                self.cursor.next()?;
                self.float()?;
            }
            b'c' => self.complex()?,
            b'a' | b'w' | b'd' => self.text()?,
            b'A' if letter == b'H' => self.list("[", "]", true)?,
            b'A' => self.list("[", "]", false)?,
            b'S' => {
                self.out.push(type_name)?;
                self.list("(", ")", false)?;
            }
            b'f' => {
                self.cursor.next()?;
                self.inner_symbol()?;
            }
            _ => return None,
        }
        self.budget.leave();
        Some(())
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.cursor.next()?;
        self.out.push(word)
    }

    fn integer(&mut self, letter: u8) -> Option<()> {
        if matches!(letter, b'a' | b'u' | b'w') {
            let code = self.cursor.number()?;
            return self.character(code, letter);
        }
        if letter == b'b' {
            let value = self.cursor.number()?;
            return self.out.push(if value == 0 { "false" } else { "true" });
        }
        let digits = self.cursor.rest().bytes().take_while(u8::is_ascii_digit).count();
        let number = self.cursor.take(digits).filter(|number| !number.is_empty())?;
        self.out.push(number)?;
        self.out.push(match letter {
            b'h' | b't' | b'k' => "u",
            b'l' => "L",
            b'm' => "uL",
            _ => "",
        })
    }

    fn character(&mut self, code: u64, letter: u8) -> Option<()> {
        let text = match (letter, u8::try_from(code)) {
            (b'a', Ok(byte @ 0x20..=0x7E)) => format!("'{}'", char::from(byte)),
            (b'a', _) => format!("'\\x{code:02x}'"),
            (b'u', _) => format!("'\\u{code:04x}'"),
            _ => format!("'\\U{code:08x}'"),
        };
        self.out.push(&text)
    }

    /// Hexadecimal: `0A9P5` is 0x0.A9p5.
    fn float(&mut self) -> Option<()> {
        for (code, word) in [("NAN", "NaN"), ("INF", "Inf"), ("NINF", "-Inf")] {
            if self.cursor.eat_text(code) {
                return self.out.push(word);
            }
        }
        if self.cursor.eat(b'N') {
            self.out.push("-")?;
        }
        let digits = self.cursor.rest().bytes().take_while(u8::is_ascii_hexdigit).count();
        let mantissa = self.cursor.take(digits)?;
        self.out.push("0x")?;
        self.out.push(mantissa.get(..1)?)?;
        self.out.push(".")?;
        self.out.push(mantissa.get(1..)?)?;
        self.cursor.expect(b'P')?;
        self.out.push("p")?;
        if self.cursor.eat(b'N') {
            self.out.push("-")?;
        }
        let digits = self.cursor.rest().bytes().take_while(u8::is_ascii_digit).count();
        let exponent = self.cursor.take(digits)?;
        self.out.push(exponent)
    }

    fn complex(&mut self) -> Option<()> {
        self.cursor.next()?;
        self.float()?;
        self.out.push("+")?;
        self.cursor.expect(b'c')?;
        self.float()?;
        self.out.push("i")
    }

    /// Bytes in hexadecimal, whatever the width of a character.
    fn text(&mut self) -> Option<()> {
        let letter = self.cursor.next()?;
        let length = usize::try_from(self.cursor.number()?).ok()?;
        self.cursor.expect(b'_')?;
        let digits = self.cursor.take(length.checked_mul(2)?)?;
        self.out.push("\"")?;
        for at in (0..digits.len()).step_by(2) {
            let byte = u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()?;
            self.text_byte(byte, digits.get(at..at + 2)?)?;
        }
        self.out.push("\"")?;
        self.out.push(match letter {
            b'w' => "w",
            b'd' => "d",
            _ => "",
        })
    }

    fn text_byte(&mut self, byte: u8, digits: &str) -> Option<()> {
        match byte {
            b'\t' => self.out.push("\\t"),
            b'\n' => self.out.push("\\n"),
            b'\r' => self.out.push("\\r"),
            0x0C => self.out.push("\\f"),
            0x0B => self.out.push("\\v"),
            0x20..=0x7E => self.out.push(char::from(byte).encode_utf8(&mut [0; 4])),
            _ => {
                self.out.push("\\x")?;
                self.out.push(digits)
            }
        }
    }

    fn list(&mut self, open: &str, close: &str, has_keys: bool) -> Option<()> {
        self.cursor.next()?;
        let count = self.cursor.number()?;
        self.out.push(open)?;
        for index in 0..count {
            self.out.push(if index > 0 { ", " } else { "" })?;
            self.value("", 0)?;
            if has_keys {
                self.out.push(":")?;
                self.value("", 0)?;
            }
        }
        self.out.push(close)
    }
}
