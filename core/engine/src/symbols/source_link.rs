//! Source Link (<https://github.com/dotnet/designs/blob/main/accepted/2020/diagnostics/source-link.md>): from the path
//! that a compiler saw to the URL where a server keeps that very version of the file.
//!
//! A PDB carries the rules as JSON, native ones in a stream named `sourcelink`, portable ones in their custom debug
//! information:
//!
//! ```json
//! {"documents": {"C:\\src\\*": "https://example.org/raw/1f3c/*", "C:\\src\\gen\\api.cs": "https://example.org/api.cs"}}
//! ```
//!
//! Paths are compared without case; of several rules that fit the longest holds.

use std::collections::HashMap;

use crate::json::Value;
use crate::json::text::decode;

/// Rules of the largest repositories are a few dozens: one for each submodule, one for each generated file.
const MAX_WILDCARDS: usize = 4096;
const MAX_FILES: usize = 1 << 18;
/// Longer than what any server takes.
const MAX_URL: usize = 4096;
/// A link is there to be followed, and a report may come from anywhere: nothing but the web's own schemes.
const SCHEMES: [&str; 2] = ["https://", "http://"];

/// The rules of one file of debug information.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceLink {
    /// URLs of single files, by path in ASCII lower case.
    files: HashMap<String, String>,
    /// The longest first.
    folders: Vec<Wildcard>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Wildcard {
    /// What stands before the `*` of the path.
    path: String,
    /// What stands before and behind the `*` of the URL.
    url: (String, String),
}

impl SourceLink {
    /// Reads the JSON. Rules that contradict the format are left out; no rules where it is no such JSON.
    #[must_use]
    pub fn parse(json: &[u8]) -> Self {
        let mut found = Self::default();
        let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
        let root = Value::new(json.trim_ascii(), true);
        let documents = root.members().map_while(Result::ok).find(|(key, _)| *key == b"documents");
        for (path, url) in documents.into_iter().flat_map(|(_, rules)| rules.members()).map_while(Result::ok)
        {
            if let Some(url) = url.string() {
                found.add(decode(path), decode(url));
            }
        }
        found.folders.sort_by_key(|folder| std::cmp::Reverse(folder.path.len()));
        found
    }

    /// Whether there is no rule.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.folders.is_empty()
    }

    /// Where the source file of this path is; None if no rule fits.
    #[must_use]
    pub fn url(&self, path: &str) -> Option<String> {
        if let Some(url) = self.files.get(&path.to_ascii_lowercase()) {
            return Some(url.clone());
        }
        let (folder, rest) = self.folders.iter().find_map(|folder| Some((folder, folder.rest_of(path)?)))?;
        let url = format!("{}{}{}", folder.url.0, escaped(rest), folder.url.1);
        is_link(&url).then_some(url)
    }

    fn add(&mut self, path: String, url: String) {
        if !is_link(&url) || url.matches('*').count() > 1 {
            return;
        }
        match (path.strip_suffix('*'), url.split_once('*')) {
            (None, None) if !path.contains('*') && self.files.len() < MAX_FILES => {
                self.files.entry(path.to_ascii_lowercase()).or_insert(url);
            }
            (Some(path), Some((before, behind)))
                if !path.contains('*') && self.folders.len() < MAX_WILDCARDS =>
            {
                let url = (before.to_owned(), behind.to_owned());
                self.folders.push(Wildcard { path: path.to_owned(), url });
            }
            _ => {}
        }
    }
}

impl Wildcard {
    /// The part of a path that the `*` stands for.
    fn rest_of<'p>(&self, path: &'p str) -> Option<&'p str> {
        let (head, rest) = path.split_at_checked(self.path.len())?;
        head.eq_ignore_ascii_case(&self.path).then_some(rest)
    }
}

/// Whether a URL may be shown as a link.
pub(super) fn is_link(url: &str) -> bool {
    url.len() <= MAX_URL
        && !url.contains(char::is_control)
        && SCHEMES
            .iter()
            .any(|scheme| url.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme)))
}

/// A path as part of a URL: slashes between its components, everything else but RFC 3986's unreserved percent-encoded.
fn escaped(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'/' | b'\\' => out.push('/'),
            b'-' | b'.' | b'_' | b'~' => out.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(json: &str, path: &str) -> Option<String> {
        SourceLink::parse(json.as_bytes()).url(path)
    }

    #[test]
    fn the_longest_rule_that_fits_holds() {
        let json = r#"{"documents": {
            "C:\\src\\*": "http://example.org/v1/*",
            "C:\\src\\lib\\*": "http://example.org/lib/*?raw",
            "C:\\src\\lib\\api.cs": "http://example.org/api.cs"
        }}"#;
        assert_eq!(url(json, "C:\\src\\a.cs").as_deref(), Some("http://example.org/v1/a.cs"));
        assert_eq!(url(json, "C:\\src\\lib\\b\\c.cs").as_deref(), Some("http://example.org/lib/b/c.cs?raw"));
        assert_eq!(url(json, "c:\\SRC\\lib\\API.cs").as_deref(), Some("http://example.org/api.cs"));
        assert_eq!(url(json, "D:\\src\\a.cs"), None);
        assert_eq!(url(json, "C:\\"), None);
    }

    #[test]
    fn what_a_url_cannot_hold_is_encoded_and_a_path_is_cut_between_characters() {
        let json = r#"{"documents": {"/é/*": "https://example.org/*"}}"#;
        assert_eq!(url(json, "/é/a b/#ü.cs").as_deref(), Some("https://example.org/a%20b/%23%C3%BC.cs"));
        assert_eq!(url(r#"{"documents": {"/e*": "https://example.org/*"}}"#, "/é"), None);
        assert_eq!(url(r#"{"documents": {"/ab*": "https://example.org/*"}}"#, "/é"), None);
    }

    #[test]
    fn rules_against_the_format_are_left_out() {
        for rule in [
            r#""a*": "https://example.org/a""#,
            r#""a": "https://example.org/*""#,
            r#""*a*": "https://example.org/*""#,
            r#""*": "https://example.org/*/*""#,
            r#""*": "javascript:alert(1)//*""#,
            r#""*": "//server/share/*""#,
            r#""*": "https://example.org/\n*""#,
            r#""*": 7"#,
        ] {
            assert!(
                SourceLink::parse(format!("{{\"documents\": {{{rule}}}}}").as_bytes()).is_empty(),
                "{rule}"
            );
        }
        for text in ["", "[]", "{\"documents\": []}", "{\"documents\"", "\u{feff}{}", "null"] {
            assert!(SourceLink::parse(text.as_bytes()).is_empty(), "{text}");
        }
    }
}
