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

/// Tables of the short way to read numbers; [`OTHER`] stands for every byte that needs the long way there.
/// Of a number of one digit: its value plus [`BIAS`].
const ONLY: [u8; 256] = table(0);
/// Of a digit that is not the last one: its five bits.
const MORE: [u8; 256] = table(1);
/// Of the last of several digits: its five bits, zero excepted.
const LAST: [u8; 256] = table(2);
const OTHER: u8 = 0x80;
const BIAS: i32 = 16;

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

const fn table(which: u8) -> [u8; 256] {
    let digits = digits();
    let mut table = [OTHER; 256];
    let mut i = 0;
    while i < 256 {
        let digit = digits[i];
        table[i] = match (which, digit) {
            (0, 0 | 2..32) => biased(digit),
            (1, 32..64) => digit & FIVE_BITS,
            (2, 1..32) => digit,
            _ => OTHER,
        };
        i += 1;
    }
    table
}

const fn biased(digit: u8) -> u8 {
    let magnitude = digit >> 1;
    if digit & 1 == 0 { BIAS as u8 + magnitude } else { BIAS as u8 - magnitude }
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
    let (column, source, line) = (only(window[0]), only(window[1]), only(window[2]));
    let head = if (column | source | line) & OTHER == 0 {
        Head { numbers: [column, source, line].map(unbiased), len: 3 }
    } else {
        read_head(window)?
    };
    let [column, source, line] = head.numbers;
    if head.len >= 8 {
        let (len, comma) = (head.len - COLUMN_ONLY, head.comma(window));
        return Some(Segment { numbers: [column, 0, 0, 0, 0], kind: Kind::Column, len, comma });
    }
    let mut word = Word::at(window, head.len);
    let original_column = word.number()?;
    let (mut name, mut kind) = (0, Kind::Original);
    if !word.separates() {
        (name, kind) = (word.number()?, Kind::Named);
    }
    let comma = word.bytes as u8 == b',';
    let numbers = [column, source, line, original_column, name];
    word.separates().then_some(Segment { numbers, kind, len: word.used, comma })
}

#[inline(always)]
fn only(byte: u8) -> u8 {
    ONLY[usize::from(byte)]
}

#[inline(always)]
fn unbiased(value: u8) -> i32 {
    i32::from(value) - BIAS
}

/// The first three numbers of a segment and their length, or the only one.
struct Head {
    numbers: [i32; 3],
    /// Plus [`COLUMN_ONLY`] if there is one number.
    len: usize,
}

const COLUMN_ONLY: usize = 8;

impl Head {
    /// Whether a comma follows the only number.
    fn comma(&self, window: &[u8; WINDOW]) -> bool {
        window[(self.len - COLUMN_ONLY) % WINDOW] == b','
    }
}

#[inline(never)]
fn read_head(window: &[u8; WINDOW]) -> Option<Head> {
    let mut word = Word::at(window, 0);
    let column = word.number()?;
    if word.separates() {
        return Some(Head { numbers: [column, 0, 0], len: word.used + COLUMN_ONLY });
    }
    let numbers = [column, word.number()?, word.number()?];
    (word.used < COLUMN_ONLY).then_some(Head { numbers, len: word.used })
}

/// Bytes of a window, taken from the front; behind them come zeros, which are neither digits nor separators.
struct Word {
    bytes: u64,
    /// Bytes taken, those before this word included.
    used: usize,
}

impl Word {
    #[inline(always)]
    fn at(window: &[u8; WINDOW], start: usize) -> Self {
        let bytes = window[start % 8..start % 8 + 8].first_chunk();
        Self { bytes: bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes)), used: start }
    }

    #[inline(always)]
    fn byte(&self, index: usize) -> usize {
        usize::from((self.bytes >> (8 * index)) as u8)
    }

    #[inline(always)]
    fn separates(&self) -> bool {
        matches!(self.bytes as u8, b',' | b';')
    }

    /// Takes a number of at most three digits.
    #[inline(always)]
    fn number(&mut self) -> Option<i32> {
        let only = ONLY[self.byte(0)];
        if only != OTHER {
            self.take(1);
            return Some(unbiased(only));
        }
        let (first, last) = (MORE[self.byte(0)], LAST[self.byte(1)]);
        let low = u32::from(first);
        if last != OTHER {
            self.take(2);
            return (first != OTHER).then(|| signed_short(low | u32::from(last) << 5));
        }
        let (second, last) = (MORE[self.byte(1)], LAST[self.byte(2)]);
        self.take(3);
        let unsigned = low | u32::from(second) << 5 | u32::from(last) << 10;
        ((first | second | last) & OTHER == 0).then(|| signed_short(unsigned))
    }

    #[inline(always)]
    fn take(&mut self, bytes: usize) {
        self.bytes >>= 8 * bytes;
        self.used += bytes;
    }
}

/// Sign and magnitude of a number that is not minus zero.
#[inline(always)]
fn signed_short(unsigned: u32) -> i32 {
    let sign = -((unsigned & 1) as i32);
    ((unsigned >> 1) as i32 ^ sign) - sign
}

/// Reads the number at `at` and moves `at` behind it. Long numbers with leading zero digits are allowed.
pub(super) fn read(text: &[u8], at: &mut usize) -> Result<i32, Fault> {
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
