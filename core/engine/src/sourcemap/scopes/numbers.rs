//! The numbers of items, and the sums that they are added to.

use super::super::unsigned;

/// Why an item cannot be read.
pub(super) type Fault = &'static str;

/// Most numbers that an item without a list has.
const FIELDS: usize = 7;

/// An item, all of whose numbers can be read.
#[derive(Debug)]
pub(super) struct Item<'a> {
    /// The numbers as they are written, without sign, as far as there is room.
    numbers: [u32; FIELDS],
    /// How many there are.
    pub len: usize,
    text: &'a [u8],
}

impl<'a> Item<'a> {
    /// Reads the item at `at` and moves `at` to the comma behind it.
    pub(super) fn read(text: &'a [u8], at: &mut usize) -> Result<Self, Fault> {
        let start = *at;
        let (mut numbers, mut len) = ([0; FIELDS], 0);
        while !matches!(text.get(*at), None | Some(b',')) {
            let number = unsigned::read(text, at)?;
            if let Some(slot) = numbers.get_mut(len) {
                *slot = number;
            }
            len += 1;
        }
        if len == 0 {
            return Err("it is empty");
        }
        Ok(Self { numbers, len, text: &text[start..*at] })
    }

    /// Number `index`, without sign.
    pub(super) fn unsigned(&self, index: usize) -> Result<u32, Fault> {
        let number = self.numbers.get(index).filter(|_| index < self.len);
        number.copied().ok_or("a number is missing")
    }

    /// Number `index`, whose lowest bit is its sign.
    pub(super) fn signed(&self, index: usize) -> Result<i64, Fault> {
        self.unsigned(index).map(signed)
    }

    /// All numbers behind the tag, with sign.
    pub(super) fn list(&self) -> impl Iterator<Item = i64> + 'a {
        let (text, mut at) = (self.text, 0);
        std::iter::from_fn(move || (at < text.len()).then(|| unsigned::read(text, &mut at).ok()).flatten())
            .skip(1)
            .map(signed)
    }
}

/// The number whose lowest bit is its sign; minus zero stands for -2^31.
fn signed(number: u32) -> i64 {
    let magnitude = i64::from(number >> 1);
    match number {
        1 => i64::from(i32::MIN),
        _ if number & 1 == 1 => -magnitude,
        _ => magnitude,
    }
}

/// A position that differences are added to (ECMA-426, AccumulatePosition).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub line0: u32,
    pub column0: u32,
}

impl Place {
    pub(super) fn step(&mut self, lines: u32, columns: u32) -> Result<Self, Fault> {
        let before = if lines == 0 { self.column0 } else { 0 };
        let line0 = self.line0.checked_add(lines).filter(|&line| line < u32::MAX);
        let column0 = before.checked_add(columns).filter(|&column| column < u32::MAX);
        let (Some(line0), Some(column0)) = (line0, column0) else {
            return Err("a position is beyond 2^32");
        };
        *self = Self { line0, column0 };
        Ok(*self)
    }
}

/// Adds a difference to an index (ECMA-426, AccumulateIndex); false if the sum fell below zero, where it stays.
pub(super) fn step_index(index: &mut i64, delta: i64) -> bool {
    *index += delta;
    let sound = *index >= 0;
    *index = (*index).max(0);
    sound
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Result<u32, Fault> {
        Item::read(text.as_bytes(), &mut 0)?.unsigned(0)
    }

    #[test]
    fn an_item_ends_at_a_comma_and_knows_its_signs() {
        let mut at = 0;
        let item = Item::read(b"DCDhBB,A", &mut at).unwrap();
        assert_eq!((at, item.len), (6, 5));
        assert_eq!(item.list().collect::<Vec<_>>(), [1, -1, -16, i64::from(i32::MIN)]);
        assert_eq!((item.unsigned(3), item.signed(3), item.signed(4)), (Ok(33), Ok(-16), Ok(-(1 << 31))));
        assert!(item.unsigned(5).is_err());
    }

    #[test]
    fn what_is_no_number_is_a_fault() {
        for text in ["", ",", "g", "g,", "=", "\u{e9}", "Ag"] {
            assert!(first(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_column_starts_anew_on_another_line_only() {
        let mut place = Place::default();
        assert_eq!(place.step(0, 5), Ok(Place { line0: 0, column0: 5 }));
        assert_eq!(place.step(0, 2), Ok(Place { line0: 0, column0: 7 }));
        assert_eq!(place.step(3, 1), Ok(Place { line0: 3, column0: 1 }));
        assert!(place.step(0, u32::MAX).is_err());
        assert!(place.step(u32::MAX, 0).is_err());
    }
}
