//! The lines of a mapping file.

use memchr::memchr;

/// Longer lines are passed over, in bytes: real ones end within some thousand.
pub(super) const MAX_LINE: usize = 1 << 20;

/// Lines without their ends (`\n` or `\r\n`), a byte order mark, and what stands behind their last character.
pub(super) struct Lines<'a> {
    rest: &'a [u8],
    /// Lines that were passed over because they are too long.
    pub(super) too_long: u32,
}

impl<'a> Lines<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { rest: data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data), too_long: 0 }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        while !self.rest.is_empty() {
            let end = memchr(b'\n', self.rest);
            let (line, after) = match end {
                Some(end) => (&self.rest[..end], &self.rest[end + 1..]),
                None => (self.rest, &[][..]),
            };
            self.rest = after;
            if line.len() <= MAX_LINE {
                return Some(line.trim_ascii_end());
            }
            self.too_long = self.too_long.saturating_add(1);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_marks_and_lines_without_end_are_no_part_of_a_line() {
        let long = vec![b'x'; MAX_LINE + 1];
        let data = [b"\xef\xbb\xbfa -> b:\r\n\n  c  \n", &long[..], b"\nlast"].concat();
        let mut lines = Lines::new(&data);
        let read: Vec<_> = lines.by_ref().collect();
        assert_eq!(read, [&b"a -> b:"[..], b"", b"  c", b"last"]);
        assert_eq!(lines.too_long, 1);
    }
}
