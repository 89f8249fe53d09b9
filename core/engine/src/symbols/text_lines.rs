//! Words of text files that list addresses, a line each.

/// Longer lines are cut: no name is as long.
const MAX_LINE: usize = 64 * 1024;
/// Digits of an address.
const MAX_DIGITS: usize = 16;

/// The lines without their ends.
pub(super) fn lines(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    data.split(|byte| *byte == b'\n').map(|line| {
        let line = &line[..line.len().min(MAX_LINE)];
        line.strip_suffix(b"\r").unwrap_or(line)
    })
}

/// A hexadecimal number up to the next space, and what follows that.
pub(super) fn hex(text: &[u8]) -> Option<(u64, &[u8])> {
    let end = memchr::memchr(b' ', text).filter(|end| (1..=MAX_DIGITS).contains(end))?;
    let digits = std::str::from_utf8(&text[..end]).ok()?;
    // A sign would be read as well.
    let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hex.then(|| u64::from_str_radix(digits, 16).ok())?.map(|number| (number, &text[end + 1..]))
}

/// The first whole lines: enough of them to tell what a file is, None if there are too few.
pub(super) fn first_lines(data: &[u8]) -> Option<Vec<&[u8]>> {
    const HEAD: usize = 4096;
    const ENOUGH: usize = 3;
    const LOOKED_AT: usize = 16;
    let head = &data[..data.len().min(HEAD)];
    let end = memchr::memrchr(b'\n', head)?;
    let found: Vec<_> = lines(&head[..end]).take(LOOKED_AT).collect();
    (found.len() >= ENOUGH).then_some(found)
}
