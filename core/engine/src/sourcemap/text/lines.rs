//! Where lines end.

use memchr::memchr3;

/// First byte of the UTF-8 of U+2028 and U+2029 (and of much other punctuation).
const SEPARATOR_LEAD: u8 = 0xe2;

/// Finds the end of the first line of `text`: the line's length and that of its terminator.
pub(crate) fn line_end(text: &[u8]) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| memchr3(b'\n', b'\r', SEPARATOR_LEAD, rest)) {
        let at = from + found;
        match &text[at..] {
            [b'\r', b'\n', ..] => return Some((at, 2)),
            [b'\n' | b'\r', ..] => return Some((at, 1)),
            [SEPARATOR_LEAD, 0x80, 0xa8 | 0xa9, ..] => return Some((at, 3)),
            _ => from = at + 1,
        }
    }
    None
}

/// Counts the lines of a text that comes in parts.
#[derive(Default)]
pub(super) struct LineCounter {
    /// Lines that have started, without the first.
    lines: u32,
    /// Bytes fed so far.
    fed: u64,
    /// Up to two bytes at the end of what was fed that may begin a terminator.
    held: Vec<u8>,
}

impl LineCounter {
    /// Feeds more text; `start` is called with every line's number and offset in bytes.
    pub(super) fn feed(&mut self, text: &[u8], start: &mut impl FnMut(u32, u64)) {
        let mut rest = text;
        // A terminator may reach across parts: let it finish in a small text of its own.
        while !self.held.is_empty() {
            let Some((next, tail)) = rest.split_first() else {
                return;
            };
            let mut joint = std::mem::take(&mut self.held);
            joint.push(*next);
            if self.joint(&joint, start) {
                rest = tail;
                self.fed += 1;
            }
        }
        self.feed_whole(rest, start);
    }

    /// Decides what held bytes and the one behind them are. True if that one belongs to them.
    fn joint(&mut self, joint: &[u8], start: &mut impl FnMut(u32, u64)) -> bool {
        match joint {
            [b'\r', b'\n'] | [SEPARATOR_LEAD, 0x80, 0xa8 | 0xa9] => self.start_line(self.fed + 1, start),
            [SEPARATOR_LEAD, 0x80] => self.held = joint.to_vec(),
            [b'\r', _] => {
                self.start_line(self.fed, start);
                return false;
            }
            _ => return false,
        }
        true
    }

    fn feed_whole(&mut self, text: &[u8], start: &mut impl FnMut(u32, u64)) {
        let held = match text {
            [.., SEPARATOR_LEAD, 0x80] => 2,
            [.., b'\r' | SEPARATOR_LEAD] => 1,
            _ => 0,
        };
        let (whole, held) = text.split_at(text.len() - held);
        let mut at = 0;
        while let Some((line, terminator)) = line_end(&whole[at..]) {
            at += line + terminator;
            self.start_line(self.fed + at as u64, start);
        }
        self.fed += text.len() as u64;
        self.held.extend_from_slice(held);
    }

    fn start_line(&mut self, offset: u64, start: &mut impl FnMut(u32, u64)) {
        self.lines = self.lines.saturating_add(1);
        start(self.lines, offset);
    }

    /// Ends the text and returns its number of lines.
    pub(super) fn finish(mut self, start: &mut impl FnMut(u32, u64)) -> u32 {
        if self.held == [b'\r'] {
            self.start_line(self.fed, start);
        }
        self.lines.saturating_add(1)
    }
}
