//! Base64 VLQ (ECMA-426, section 6): signed 32-bit numbers in letters, five bits a digit, low digits first.

/// Why no number could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A byte that is neither a digit nor a separator, or a separator where digits must be.
    Digit,
    /// The text, or its segment, ends inside a number.
    Unfinished,
    /// The number needs more than 32 bits.
    TooLarge,
}

/// Value of a byte as a base64 digit; [`NO_DIGIT`] for every other byte.
const DIGITS: [u8; 256] = digits();
const NO_DIGIT: u8 = 0xff;
const CONTINUES: u8 = 0x20;
const FIVE_BITS: u8 = 0x1f;

/// Value of a byte as a whole number of one digit; [`NOT_ALONE`] where it is none, and for `B`, which
/// stands for -2^31.
const SINGLE: [i8; 256] = singles();
const NOT_ALONE: i8 = i8::MIN;

const fn digits() -> [u8; 256] {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [NO_DIGIT; 256];
    let mut i = 0;
    while i < alphabet.len() {
        table[alphabet[i] as usize] = i as u8;
        i += 1;
    }
    table
}

const fn singles() -> [i8; 256] {
    let digits = digits();
    let mut table = [NOT_ALONE; 256];
    let mut i = 0;
    while i < 256 {
        let digit = digits[i];
        if digit < CONTINUES && digit != 1 {
            let magnitude = (digit >> 1) as i8;
            table[i] = if digit & 1 == 0 { magnitude } else { -magnitude };
        }
        i += 1;
    }
    table
}

/// Reads the number at `at` and moves `at` behind it. Long numbers with leading zero digits are allowed.
#[inline(always)]
pub(super) fn read(text: &[u8], at: &mut usize) -> Result<i32, Fault> {
    let Some(&first) = text.get(*at) else {
        return Err(Fault::Unfinished);
    };
    let single = SINGLE[usize::from(first)];
    if single != NOT_ALONE {
        *at += 1;
        return Ok(i32::from(single));
    }
    read_long(text, at)
}

/// Bytes that are looked at to read a segment.
pub(super) const WINDOW: usize = 16;

/// A segment that was read. Numbers that it does not have are 0.
pub(super) struct Segment {
    pub numbers: [i32; 5],
    pub kind: Kind,
    /// Length in bytes without the separator.
    pub len: usize,
    /// The separator behind it is a comma, not a semicolon.
    pub comma: bool,
}

/// What a segment holds besides its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Column,
    Original,
    Named,
}

/// Reads a segment at the start of `window`. `None` unless it has one, four or five numbers of at most three
/// digits and a separator behind them, the first three numbers in less than eight digits: nearly all have.
#[inline(always)]
pub(super) fn read_segment(window: &[u8; WINDOW]) -> Option<Segment> {
    let mut word = Word::at(window, 0);
    let column = word.number()?;
    if let Some(comma) = word.separator() {
        return Some(Segment { numbers: [column, 0, 0, 0, 0], kind: Kind::Column, len: word.used, comma });
    }
    let (source, line) = (word.number()?, word.number()?);
    let used = word.used;
    if used >= 8 {
        return None;
    }
    let mut word = Word::at(window, used);
    let original_column = word.number()?;
    let mut name = 0;
    let mut kind = Kind::Original;
    if word.separator().is_none() {
        name = word.number()?;
        kind = Kind::Named;
    }
    let comma = word.separator()?;
    Some(Segment { numbers: [column, source, line, original_column, name], kind, len: used + word.used, comma })
}

/// Eight bytes, taken from the front; behind them come zeros, which are neither digits nor separators.
struct Word {
    bytes: u64,
    used: usize,
}

impl Word {
    #[inline(always)]
    fn at(window: &[u8; WINDOW], start: usize) -> Self {
        let start = start % 8;
        let bytes = window[start..start + 8].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        Self { bytes, used: 0 }
    }

    #[inline(always)]
    fn take(&mut self, bytes: usize) {
        self.bytes >>= 8 * bytes;
        self.used += bytes;
    }

    /// Whether the next byte is a comma (true) or a semicolon (false); not taken.
    #[inline(always)]
    fn separator(&self) -> Option<bool> {
        match self.bytes as u8 {
            b',' => Some(true),
            b';' => Some(false),
            _ => None,
        }
    }

    /// Takes a number of at most three digits.
    #[inline(always)]
    fn number(&mut self) -> Option<i32> {
        let single = SINGLE[usize::from(self.bytes as u8)];
        if single != NOT_ALONE {
            self.take(1);
            return Some(i32::from(single));
        }
        let digit = |i: usize| u32::from(DIGITS[usize::from((self.bytes >> (8 * i)) as u8)]);
        let (first, second) = (digit(0), digit(1));
        let continues = |digit: u32| digit & !u32::from(FIVE_BITS) == u32::from(CONTINUES);
        if !continues(first) {
            return None;
        }
        let mut unsigned = first & 31 | (second & 31) << 5;
        if second < 32 {
            self.take(2);
        } else {
            let third = digit(2);
            if !continues(second) || third >= 32 {
                return None;
            }
            unsigned |= third << 10;
            self.take(3);
        }
        // Minus zero is none of the short numbers.
        let sign = -((unsigned & 1) as i32);
        (unsigned != 1).then_some(((unsigned >> 1) as i32 ^ sign) - sign)
    }
}

fn read_long(text: &[u8], at: &mut usize) -> Result<i32, Fault> {
    let mut unsigned = 0u64;
    let mut shift = 0u32;
    loop {
        let digit = match text.get(*at) {
            Some(byte) => DIGITS[usize::from(*byte)],
            None => return Err(Fault::Unfinished),
        };
        if digit == NO_DIGIT {
            return Err(if matches!(text[*at], b',' | b';') { Fault::Unfinished } else { Fault::Digit });
        }
        *at += 1;
        let bits = u64::from(digit & FIVE_BITS);
        if shift <= 30 {
            unsigned |= bits << shift;
            shift += 5;
        } else if bits != 0 {
            return Err(Fault::TooLarge);
        }
        if digit & CONTINUES == 0 {
            return signed(unsigned);
        }
    }
}

/// The lowest bit is the sign; minus zero stands for -2^31.
fn signed(unsigned: u64) -> Result<i32, Fault> {
    let unsigned = u32::try_from(unsigned).map_err(|_| Fault::TooLarge)?;
    let magnitude = (unsigned >> 1) as i32;
    Ok(match (unsigned & 1 == 1, magnitude) {
        (true, 0) => i32::MIN,
        (true, _) => -magnitude,
        (false, _) => magnitude,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(text: &str) -> Result<Vec<i32>, Fault> {
        let (mut at, mut numbers) = (0, Vec::new());
        while at < text.len() {
            numbers.push(read(text.as_bytes(), &mut at)?);
        }
        Ok(numbers)
    }

    #[test]
    fn numbers_of_every_length() {
        assert_eq!(read_all("ACDeffgBhBiB+/////D"), Ok(vec![0, 1, -1, 15, -15, -15, 16, -16, 17, i32::MAX]));
        assert_eq!(read_all("//////D"), Ok(vec![-i32::MAX]));
        assert_eq!(read_all("B"), Ok(vec![i32::MIN]));
        assert_eq!(read_all("hgggggggA"), Ok(vec![i32::MIN]));
        assert_eq!(read_all("igggggggggggggggA"), Ok(vec![1]));
    }

    #[test]
    fn what_does_not_fit_or_end_is_a_fault() {
        assert_eq!(read_all("ggggggE"), Err(Fault::TooLarge));
        assert_eq!(read_all("ggggggggB"), Err(Fault::TooLarge));
        assert_eq!(read_all("g"), Err(Fault::Unfinished));
        assert_eq!(read_all("g,"), Err(Fault::Unfinished));
        assert_eq!(read_all("g="), Err(Fault::Digit));
        assert_eq!(read_all("$"), Err(Fault::Digit));
        assert_eq!(read_all("\u{e9}"), Err(Fault::Digit));
        assert_eq!(read(b"", &mut 0), Err(Fault::Unfinished));
    }
}
