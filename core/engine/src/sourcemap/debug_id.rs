//! Debug ids: UUIDs that name a build, written alike wherever they came from.

/// The id in lower case with hyphens (`1aad9d9e-2b50-454f-a5f2-0dd5e95c154c`), from 32 hexadecimal digits
/// with or without the hyphens in their places; `None` for anything else.
pub(super) fn normalize(text: &str) -> Option<String> {
    let digits: String =
        text.chars().filter(|&char| char != '-').map(|char| char.to_ascii_lowercase()).collect();
    if digits.len() != 32 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    let id = parts.join("-");
    (!text.contains('-') || text.eq_ignore_ascii_case(&id)).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::normalize;

    #[test]
    fn every_spelling_of_an_id_becomes_one() {
        let id = "1aad9d9e-2b50-454f-a5f2-0dd5e95c154c";
        for text in [id, "1AAD9D9E-2B50-454F-A5F2-0DD5E95C154C", "1aad9d9e2b50454fa5f20dd5e95c154c"] {
            assert_eq!(normalize(text).as_deref(), Some(id));
        }
    }

    #[test]
    fn what_is_no_uuid_is_no_id() {
        for text in [
            "",
            "this is not a UUID",
            "1aad9d9e-2b50-454f-a5f2-0dd5e95c154",
            "1-aad9d9e2b50454fa5f20dd5e95c154c",
        ] {
            assert_eq!(normalize(text), None, "{text}");
        }
        assert_eq!(normalize("é".repeat(16).as_str()), None);
    }
}
