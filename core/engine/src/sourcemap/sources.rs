//! Names of original sources: `sourceRoot` put in front (ECMA-426, DecodeSourceMapSources).
//!
//! The standard joins text; this departs from it where every consumer in use does, too: an empty root adds
//! nothing, a source that is a URL of its own keeps it, and one that starts with `/` keeps the root's
//! origin only. Resolving against the map's own URL is left to whoever knows it.

/// The name of `source` under `root`.
pub(super) fn join(root: &str, source: &str) -> String {
    if root.is_empty() || has_scheme(source) {
        return source.to_owned();
    }
    if source.starts_with('/') {
        return format!("{}{source}", origin(root));
    }
    let slash = if root.ends_with('/') { "" } else { "/" };
    format!("{root}{slash}{source}")
}

/// Whether the name starts with a URL scheme (RFC 3986). One letter is a Windows drive, which is absolute too.
fn has_scheme(name: &str) -> bool {
    let Some((scheme, _)) = name.split_once(':') else {
        return false;
    };
    scheme.starts_with(|char: char| char.is_ascii_alphabetic())
        && scheme.chars().all(|char| char.is_ascii_alphanumeric() || "+-.".contains(char))
}

/// Scheme and authority of a root that is a URL, else nothing.
fn origin(root: &str) -> &str {
    let Some((scheme, rest)) = root.split_once("://").filter(|_| has_scheme(root)) else {
        return "";
    };
    let authority = rest.find('/').unwrap_or(rest.len());
    &root[..scheme.len() + "://".len() + authority]
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn a_root_goes_in_front_with_one_slash() {
        assert_eq!(join("theroot", "a.js"), "theroot/a.js");
        assert_eq!(join("theroot/", "a.js"), "theroot/a.js");
        assert_eq!(join("", "a.js"), "a.js");
        assert_eq!(join("webpack://app", "./src/a.js"), "webpack://app/./src/a.js");
    }

    #[test]
    fn absolute_names_stay_what_they_are() {
        assert_eq!(join("root", "https://cdn.example/a.js"), "https://cdn.example/a.js");
        assert_eq!(join("root", "webpack:///src/a.js"), "webpack:///src/a.js");
        assert_eq!(join("root", "C:\\src\\a.js"), "C:\\src\\a.js");
        assert_eq!(join("root", "/src/a.js"), "/src/a.js");
        assert_eq!(join("https://host:8080/x/y", "/src/a.js"), "https://host:8080/src/a.js");
        assert_eq!(join("root", "a b:c.js"), "root/a b:c.js");
    }
}
