//! The stream `srcsrv` of a PDB (Microsoft's "Language Specification 1" of the source server): where each source file of
//! the program is served.
//!
//! ```text
//! SRCSRV: ini ----------
//! VERSION=2
//! SRCSRV: variables ----
//! SERVER=https://code.example.org
//! SRCSRVTRG=%server%/raw/%var3%/%var2%
//! SRCSRV: source files -
//! C:\build\shop.c*src/shop.c*4f1c0d2
//! SRCSRV: end ----------
//! ```
//!
//! `%var1%` is the path, `%var2%` what stands behind the first asterisk, and so on; a variable's value may name others.
//! Where the target is no URL but a place that a command fetches the file to, the URL in the command holds.

use std::collections::HashMap;
use std::ops::Range;

use crate::symbols::source_link::is_link;

/// The target, and the command that fetches it.
const TARGET: &str = "srcsrvtrg";
const COMMAND: &str = "srcsrvcmd";
/// The folder that files are fetched to: the debugger chooses it.
const TARGET_FOLDER: &str = "targ";
const MAX_VARIABLES: usize = 4096;
const MAX_FILES: usize = 1 << 20;
const MAX_FIELDS: usize = 64;
/// Longer than any URL, and than commands are.
const MAX_TEXT: usize = 1 << 14;
const MAX_DEPTH: usize = 16;
/// Variables and functions in one answer; each may name others.
const MAX_STEPS: usize = 1024;

/// Source files and what to make of them.
#[derive(Debug, Clone, Default)]
pub(in crate::symbols) struct SourceServer {
    text: String,
    /// Values by name in lower case.
    variables: HashMap<String, String>,
    /// Where the line of a file is in the text, by its path in lower case.
    files: HashMap<String, Range<usize>>,
}

#[derive(Clone, Copy)]
enum Section {
    Head,
    Variables,
    Files,
}

impl SourceServer {
    /// Reads the stream; lines that are none of the format's are passed over.
    pub(super) fn parse(stream: &[u8]) -> Self {
        let mut found = Self { text: String::from_utf8_lossy(stream).into_owned(), ..Self::default() };
        let text = std::mem::take(&mut found.text);
        let (mut section, mut start) = (Section::Head, 0);
        for raw in text.split_inclusive('\n') {
            let line = raw.trim_end_matches(['\r', '\n', '\0']);
            match (line.strip_prefix("SRCSRV: "), section) {
                (Some(title), _) if title.starts_with("variables") => section = Section::Variables,
                (Some(title), _) if title.starts_with("source files") => section = Section::Files,
                (Some(_), _) => section = Section::Head,
                (None, Section::Variables) => found.variable(line),
                (None, Section::Files) => found.file(line, start),
                (None, Section::Head) => {}
            }
            start += raw.len();
        }
        found.text = text;
        found
    }

    fn variable(&mut self, line: &str) {
        if let Some((name, value)) = line.split_once('=')
            && self.variables.len() < MAX_VARIABLES
        {
            self.variables.insert(name.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }

    fn file(&mut self, line: &str, start: usize) {
        if let Some((path, _)) = line.split_once('*')
            && self.files.len() < MAX_FILES
        {
            self.files.entry(path.to_ascii_lowercase()).or_insert(start..start + line.len());
        }
    }

    /// Whether no file is listed.
    pub(in crate::symbols) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Where the source file of this path is; None if it is not listed or is fetched from no URL.
    pub(in crate::symbols) fn url(&self, path: &str) -> Option<String> {
        let line = self.text.get(self.files.get(&path.to_ascii_lowercase())?.clone())?;
        let fields: Vec<&str> = line.split('*').take(MAX_FIELDS).collect();
        let value = |name: &str| Expansion { server: self, fields: &fields, steps: 0 }.variable(name, 0);
        let target =
            value(TARGET).map(|target| target.trim().replace(' ', "%20")).filter(|target| is_link(target));
        target.or_else(|| {
            let command = value(COMMAND)?;
            let fetched = fields.iter().skip(1).find(|field| is_link(field) && command.contains(**field));
            fetched.map(|url| (*url).to_owned())
        })
    }
}

/// A value that is being worked out for one file.
struct Expansion<'a> {
    server: &'a SourceServer,
    fields: &'a [&'a str],
    steps: usize,
}

impl Expansion<'_> {
    /// The value of a variable; None if there is none, or no end to it.
    fn variable(&mut self, name: &str, depth: usize) -> Option<String> {
        self.steps += 1;
        if depth > MAX_DEPTH || self.steps > MAX_STEPS {
            return None;
        }
        let name = name.to_ascii_lowercase();
        if let Some(number) = name.strip_prefix("var").and_then(|number| number.parse::<usize>().ok()) {
            return self.fields.get(number.checked_sub(1)?).map(|field| (*field).to_owned());
        }
        match self.server.variables.get(&name) {
            Some(value) => self.text(value, depth + 1),
            None => (name == TARGET_FOLDER).then(String::new),
        }
    }

    /// A text with its variables and functions replaced.
    fn text(&mut self, mut text: &str, depth: usize) -> Option<String> {
        let mut out = String::new();
        while let Some((before, rest)) = text.split_once('%') {
            out.push_str(before);
            let (name, behind) = rest.split_once('%')?;
            let (value, behind) = match function(name).zip(argument(behind)) {
                Some((apply, (argument, behind))) => {
                    let argument = self.text(argument, depth + 1)?;
                    (self.applied(apply, &argument, depth)?, behind)
                }
                None => (self.variable(name, depth)?, behind),
            };
            out.push_str(&value);
            text = behind;
            if out.len() > MAX_TEXT {
                return None;
            }
        }
        out.push_str(text);
        Some(out)
    }

    fn applied(&mut self, function: Function, argument: &str, depth: usize) -> Option<String> {
        match function {
            Function::Variable => self.variable(argument, depth + 1),
            Function::Backslashes => Some(argument.replace('/', "\\")),
            Function::FileName => argument.rsplit(['/', '\\']).next().map(str::to_owned),
        }
    }
}

#[derive(Clone, Copy)]
enum Function {
    Variable,
    Backslashes,
    FileName,
}

fn function(name: &str) -> Option<Function> {
    match name.to_ascii_lowercase().as_str() {
        "fnvar" => Some(Function::Variable),
        "fnbksl" => Some(Function::Backslashes),
        "fnfile" => Some(Function::FileName),
        _ => None,
    }
}

/// What stands between the parentheses at the start of a text, and what behind them.
fn argument(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('(')?;
    let mut depth = 0usize;
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => return Some((inner.get(..at)?, inner.get(at + 1..)?)),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(variables: &str, files: &str) -> SourceServer {
        let text = format!(
            "SRCSRV: ini ---\r\nVERSION=2\r\nSRCSRV: variables ---\r\n{variables}\r\nSRCSRV: source files ---\r\n{files}\r\nSRCSRV: end ---\r\nx*y\r\n"
        );
        SourceServer::parse(text.as_bytes())
    }

    #[test]
    fn a_target_is_put_together_from_the_fields_of_its_file() {
        let mozilla = server(
            "HGSERVER=https://hg.example.org/central\r\nSRCSRVVERCTRL=http\r\n\
             HTTP_EXTRACT_TARGET=%hgserver%/raw-file/%var3%/%var2%\r\nSRCSRVTRG=%http_extract_target%",
            "c:\\builds\\a b.cpp*mfbt/a b.cpp*1f3c\r\nc:\\builds\\c.cpp*c.cpp",
        );
        let url = "https://hg.example.org/central/raw-file/1f3c/mfbt/a%20b.cpp";
        assert_eq!(mozilla.url("C:\\builds\\A b.cpp").as_deref(), Some(url));
        assert_eq!(mozilla.url("c:\\builds\\c.cpp"), None);
        assert_eq!(mozilla.url("c:\\builds\\d.cpp"), None);
        assert_eq!(mozilla.url("x"), None);
    }

    #[test]
    fn functions_apply_to_what_their_argument_stands_for() {
        let all = server(
            "ONE=https://one.example.org\r\nSRCSRVTRG=%fnvar%(%var2%)/%fnfile%(%fnbksl%(%var1%))?(%var3%)",
            "d:/src/x.c*ONE*7",
        );
        assert_eq!(all.url("D:/src/x.c").as_deref(), Some("https://one.example.org/x.c?(7)"));
    }

    #[test]
    fn where_a_command_fetches_the_file_its_url_holds() {
        let chromium = server(
            "SRC_EXTRACT_TARGET=%targ%\\%fnbksl%(%var2%)\\%var3%\\%fnfile%(%var1%)\r\n\
             SRC_EXTRACT_CMD=cmd /c fetch \"%var4%\" \"%src_extract_target%\"\r\n\
             SRCSRVTRG=%src_extract_target%\r\nSRCSRVCMD=%src_extract_cmd%",
            "c:\\b\\x.cc*src/x.cc*1f3c*https://example.org/+/1f3c/x.cc?format=TEXT*https://elsewhere.example.org",
        );
        assert_eq!(
            chromium.url("c:\\b\\x.cc").as_deref(),
            Some("https://example.org/+/1f3c/x.cc?format=TEXT")
        );
        let perforce = server(
            "SRCSRVTRG=%targ%\\%var2%\r\nSRCSRVCMD=p4.exe print -o %srcsrvtrg% %var2%",
            "c:\\x*//depot/x",
        );
        assert_eq!(perforce.url("c:\\x"), None);
    }

    #[test]
    fn variables_that_have_no_end_are_no_url() {
        let doubled: String =
            (0..15).map(|at| format!("V{at}=%v{next}%%v{next}%\r\n", next = at + 1)).collect();
        for variables in [
            "SRCSRVTRG=%srcsrvtrg%".to_owned(),
            "SRCSRVTRG=%a%\r\nA=%b%\r\nB=%a%".to_owned(),
            format!("SRCSRVTRG=%v0%\r\n{doubled}V15="),
            "SRCSRVTRG=https://x/%var0%".to_owned(),
            "SRCSRVTRG=https://x/%fnfile%(%var1%".to_owned(),
            "SRCSRVTRG=https://x/100%".to_owned(),
            "SRCSRVTRG=file://%var2%".to_owned(),
        ] {
            assert_eq!(server(&variables, "c:\\x*y").url("c:\\x"), None, "{variables}");
        }
    }
}
