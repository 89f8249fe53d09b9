//! What R8 says in comments: JSON objects, in which names and strings may also be in single quotes or in none.
//!
//! ```text
//! # {"id":"sourceFile","fileName":"Cart.kt"}
//! # {'id':'com.android.tools.r8.outlineCallsite','positions':{'1':4,'2':5},'outline':'La;a()I'}
//! ```

/// Entries of a comment that are read, and how deep they may nest.
const MAX_VALUES: usize = 1 << 16;
const MAX_DEPTH: usize = 4;

/// What is said about the class or method above.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fact<'a> {
    /// R8 wrote what follows.
    Version,
    SourceFile(&'a [u8]),
    Synthesized,
    Outline,
    /// Lines of the outline and of the method that calls it.
    Callsite(Vec<(u32, u32)>),
    /// A method's descriptor in the program.
    Residual(&'a [u8]),
    Rewrite(Rewrite<'a>),
}

/// Calls to leave out of the innermost frame if all conditions hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rewrite<'a> {
    /// Descriptors of exceptions, such as `Ljava/lang/NullPointerException;`.
    pub(super) throws: Vec<&'a [u8]>,
    pub(super) remove: u32,
}

/// The fact that a comment states, without its `#`.
pub(super) fn fact(comment: &[u8]) -> Option<Fact<'_>> {
    let Value::Object(fields) = Parser { rest: comment.trim_ascii(), values: 0 }.value(0)? else {
        return None;
    };
    let text = |name: &str| {
        fields.iter().find(|(key, _)| *key == name.as_bytes()).and_then(|(_, value)| value.text())
    };
    let id = text("id")?;
    match id.strip_prefix(b"com.android.tools.r8.").unwrap_or(id) {
        b"mapping" => Some(Fact::Version),
        b"sourceFile" => text("fileName").map(Fact::SourceFile),
        b"synthesized" => Some(Fact::Synthesized),
        b"outline" => Some(Fact::Outline),
        b"outlineCallsite" => find(&fields, "positions").map(|value| Fact::Callsite(positions(value))),
        b"residualsignature" => text("signature").map(Fact::Residual),
        b"rewriteFrame" => rewrite(&fields).map(Fact::Rewrite),
        _ => None,
    }
}

type Fields<'a> = Vec<(&'a [u8], Value<'a>)>;

fn find<'a, 'b>(fields: &'b Fields<'a>, name: &str) -> Option<&'b Value<'a>> {
    fields.iter().find(|(key, _)| *key == name.as_bytes()).map(|(_, value)| value)
}

fn positions(value: &Value<'_>) -> Vec<(u32, u32)> {
    let Value::Object(fields) = value else { return Vec::new() };
    fields.iter().filter_map(|(from, to)| Some((decimal(from)?, decimal(to.text()?)?))).collect()
}

/// None where a condition or an action is not known: then the rule means something else.
fn rewrite<'a>(fields: &Fields<'a>) -> Option<Rewrite<'a>> {
    let throws =
        find(fields, "conditions")?.texts().map(|text| argument(text, b"throws(")).collect::<Option<_>>()?;
    let actions = find(fields, "actions")?.texts();
    let counts = actions.map(|text| decimal(argument(text, b"removeInnerFrames(")?));
    let remove = counts.collect::<Option<Vec<_>>>()?.into_iter().fold(0, u32::saturating_add);
    Some(Rewrite { throws, remove })
}

fn argument<'a>(text: &'a [u8], start: &[u8]) -> Option<&'a [u8]> {
    text.strip_prefix(start)?.strip_suffix(b")")
}

fn decimal(text: &[u8]) -> Option<u32> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

enum Value<'a> {
    Text(&'a [u8]),
    List(Vec<Value<'a>>),
    Object(Fields<'a>),
}

impl<'a> Value<'a> {
    fn text(&self) -> Option<&'a [u8]> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    fn texts(&self) -> impl Iterator<Item = &'a [u8]> + '_ {
        let items = match self {
            Self::List(items) => items.as_slice(),
            _ => &[],
        };
        items.iter().filter_map(Value::text)
    }
}

struct Parser<'a> {
    rest: &'a [u8],
    values: usize,
}

impl<'a> Parser<'a> {
    fn value(&mut self, depth: usize) -> Option<Value<'a>> {
        self.values += 1;
        if self.values > MAX_VALUES || depth > MAX_DEPTH {
            return None;
        }
        match self.peek()? {
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            _ => self.text().map(Value::Text),
        }
    }

    fn object(&mut self, depth: usize) -> Option<Value<'a>> {
        self.take(b'{')?;
        let mut fields = Vec::new();
        while self.peek()? != b'}' {
            let name = self.text()?;
            self.take(b':')?;
            fields.push((name, self.value(depth + 1)?));
            self.comma();
        }
        self.take(b'}')?;
        Some(Value::Object(fields))
    }

    fn list(&mut self, depth: usize) -> Option<Value<'a>> {
        self.take(b'[')?;
        let mut items = Vec::new();
        while self.peek()? != b']' {
            items.push(self.value(depth + 1)?);
            self.comma();
        }
        self.take(b']')?;
        Some(Value::List(items))
    }

    /// Text in quotes, or a word.
    fn text(&mut self) -> Option<&'a [u8]> {
        let quote = self.peek()?;
        if quote == b'"' || quote == b'\'' {
            let end = memchr::memchr(quote, &self.rest[1..])?;
            let text = &self.rest[1..=end];
            self.rest = &self.rest[end + 2..];
            return Some(text);
        }
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-$+".contains(byte);
        let len = self.rest.iter().take_while(|byte| is_word(byte)).count();
        let (word, rest) = self.rest.split_at(len);
        self.rest = rest;
        (len > 0).then_some(word)
    }

    fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_ascii_start();
        self.rest.first().copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.rest = &self.rest[1..])
    }

    fn comma(&mut self) {
        if self.peek() == Some(b',') {
            self.rest = &self.rest[1..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r8_is_understood_in_every_kind_of_quotes() {
        let cases: [(&str, Fact<'_>); 7] = [
            ("{id:com.android.tools.r8.mapping,version:'2.2'}", Fact::Version),
            (r#" {"id":"sourceFile","fileName":"Cart.kt"}"#, Fact::SourceFile(b"Cart.kt")),
            ("{'id':'com.android.tools.r8.synthesized'}", Fact::Synthesized),
            ("{ id: 'com.android.tools.r8.outline', x: [1, {}] }", Fact::Outline),
            (
                "{'id':'com.android.tools.r8.outlineCallsite','positions':{'1':4,'2':5},'outline':'La;a()I'}",
                Fact::Callsite(vec![(1, 4), (2, 5)]),
            ),
            (
                r#"{"id":"com.android.tools.r8.residualsignature","signature":"(La;)V"}"#,
                Fact::Residual(b"(La;)V"),
            ),
            (
                r#"{"id":"com.android.tools.r8.rewriteFrame","conditions":["throws(Ljava/lang/X;)"],"actions":["removeInnerFrames(2)"]}"#,
                Fact::Rewrite(Rewrite { throws: vec![b"Ljava/lang/X;"], remove: 2 }),
            ),
        ];
        for (comment, expected) in cases {
            assert_eq!(fact(comment.as_bytes()), Some(expected), "{comment}");
        }
    }

    #[test]
    fn plain_comments_and_unknown_rules_say_nothing() {
        let unknown = r#"{"id":"com.android.tools.r8.rewriteFrame","conditions":["is(1)"],"actions":["removeInnerFrames(2)"]}"#;
        for comment in
            [" compiler: R8", "{", "{}", "{'id'", "{'id':'x'}", "[[[[[[[[", unknown, "{'id':'sourceFile'}"]
        {
            assert_eq!(fact(comment.as_bytes()), None, "{comment}");
        }
    }
}
