//! Output and input of the demanglers, with limits: a short name can stand for gigabytes, or for calls without end.

/// A short name can stand for gigabytes (substitutions of substitutions); output stops here.
pub(super) const MAX_DEMANGLED: usize = 256 * 1024;
/// Nodes that may be printed for one name: a part that prints nothing costs time too.
const MAX_STEPS: u32 = 1 << 18;
/// Levels that a name may be nested. The stack that they take was measured: see `hostile_names_fit_a_small_stack`.
const MAX_DEPTH: u32 = 128;

/// Collects text up to [`MAX_DEMANGLED`] bytes, then refuses.
#[derive(Default)]
pub(super) struct Text(pub(super) String);

impl Text {
    /// Appends `part`; None if the text would get too long.
    pub(super) fn push(&mut self, part: &str) -> Option<()> {
        if self.0.len() + part.len() > MAX_DEMANGLED {
            return None;
        }
        self.0.push_str(part);
        Some(())
    }

    /// Appends a number in decimal.
    pub(super) fn push_number(&mut self, number: u64) -> Option<()> {
        std::fmt::write(self, format_args!("{number}")).ok()
    }
}

impl std::fmt::Write for Text {
    fn write_str(&mut self, part: &str) -> std::fmt::Result {
        self.push(part).ok_or(std::fmt::Error)
    }
}

/// What one name may still cost.
#[derive(Default, Clone)]
pub(super) struct Budget {
    depth: u32,
    steps: u32,
}

impl Budget {
    /// One level down; None beyond the limits. To be paired with [`Budget::leave`].
    pub(super) fn enter(&mut self) -> Option<()> {
        self.depth += 1;
        self.steps += 1;
        (self.depth <= MAX_DEPTH && self.steps <= MAX_STEPS).then_some(())
    }

    /// Back to the level of `before`, where reading on from there was in vain; what that cost stays spent.
    pub(super) fn restore(&mut self, before: Self) {
        self.depth = before.depth;
    }

    /// Back up.
    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }
}

/// A position in a mangled name.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Goes to `at`, as [`Cursor::at`] told it.
    pub(super) fn seek(&mut self, at: usize) {
        self.at = at;
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// The next byte, 0 at the end.
    pub(super) fn peek(&self) -> u8 {
        self.peek_at(0)
    }

    /// The byte `ahead` of the next one, 0 behind the end.
    pub(super) fn peek_at(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    pub(super) fn next(&mut self) -> Option<u8> {
        let byte = *self.text.as_bytes().get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    /// Reads past `byte` if it is next.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == byte && !self.is_at_end();
        self.at += usize::from(found);
        found
    }

    /// Reads past `text` if it is next.
    pub(super) fn eat_text(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        self.at += if found { text.len() } else { 0 };
        found
    }

    pub(super) fn expect(&mut self, byte: u8) -> Option<()> {
        self.eat(byte).then_some(())
    }

    /// A decimal number; None if there is no digit or it is out of range.
    pub(super) fn number(&mut self) -> Option<u64> {
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let number = self.text.get(self.at..self.at + digits)?.parse().ok()?;
        self.at += digits;
        Some(number)
    }

    /// The next `length` bytes.
    pub(super) fn take(&mut self, length: usize) -> Option<&'a str> {
        let end = self.at.checked_add(length)?;
        let part = self.text.get(self.at..end)?;
        self.at = end;
        Some(part)
    }
}
