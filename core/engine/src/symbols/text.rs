//! Names out of string tables that nobody has checked.

/// Longer names are cut: no compiler writes them, and a table without a NUL must not be
/// searched to its end for every name.
const MAX_NAME: usize = 64 * 1024;

/// The string that starts at `offset`, up to its NUL; None if it starts outside.
pub(super) fn cut_at_nul(table: &[u8], offset: usize) -> Option<&[u8]> {
    let rest = table.get(offset..)?;
    let rest = &rest[..rest.len().min(MAX_NAME)];
    Some(&rest[..memchr::memchr(0, rest).unwrap_or(rest.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_at_its_nul_at_the_table_or_at_the_limit() {
        assert_eq!(cut_at_nul(b"ab\0cd", 1), Some(&b"b"[..]));
        assert_eq!(cut_at_nul(b"ab\0cd", 3), Some(&b"cd"[..]));
        assert_eq!(cut_at_nul(b"ab\0cd", 5), Some(&b""[..]));
        assert_eq!(cut_at_nul(b"ab\0cd", 6), None);
        assert_eq!(cut_at_nul(&vec![b'x'; MAX_NAME * 2], 1).map(<[u8]>::len), Some(MAX_NAME));
    }
}
