//! Names that the Objective-C runtime has for Swift classes and protocols: `_TtC4main3Foo` is `main.Foo`.
//!
//! What is left of the mangling of Swift 1 to 3; functions of programs of that time are read by `swift3`.

use super::super::text::Cursor;
use super::Style;

/// Classes within classes.
const MAX_NESTING: usize = 32;

/// The name of a class, protocol or other declared type; None for any other type.
pub(super) fn demangled(name: &str, style: Style) -> Option<String> {
    let mut cursor = Cursor::new(name.strip_prefix("_Tt")?);
    let path = if cursor.eat(b'P') { protocol(&mut cursor)? } else { nominal(&mut cursor)? };
    let shown = if style == Style::Simple { path.get(1..)? } else { &path };
    (cursor.is_at_end() && !shown.is_empty()).then(|| shown.join("."))
}

fn protocol(cursor: &mut Cursor<'_>) -> Option<Vec<String>> {
    let path = vec![module(cursor)?, identifier(cursor)?];
    cursor.expect(b'_')?;
    Some(path)
}

/// Letters of the kinds, innermost first, then the module and the names.
fn nominal(cursor: &mut Cursor<'_>) -> Option<Vec<String>> {
    let is_generic = cursor.eat(b'G');
    let mut depth = 0;
    while matches!(cursor.peek(), b'C' | b'V' | b'O') && depth < MAX_NESTING {
        cursor.next()?;
        depth += 1;
    }
    let mut path = vec![module(cursor)?];
    for _ in 0..depth {
        path.push(identifier(cursor)?);
    }
    if is_generic {
        let rest = cursor.rest().len();
        cursor.take(rest)?;
    }
    (depth > 0).then_some(path)
}

fn module(cursor: &mut Cursor<'_>) -> Option<String> {
    if cursor.eat(b's') {
        return Some("Swift".to_owned());
    }
    if cursor.eat_text("So") {
        return Some("__C".to_owned());
    }
    identifier(cursor)
}

fn identifier(cursor: &mut Cursor<'_>) -> Option<String> {
    if cursor.eat(b'P') {
        let _file = identifier_text(cursor)?;
    }
    identifier_text(cursor)
}

fn identifier_text(cursor: &mut Cursor<'_>) -> Option<String> {
    let is_punycode = cursor.eat(b'X');
    let length = usize::try_from(cursor.number()?).ok().filter(|length| *length > 0)?;
    let text = cursor.take(length)?;
    if is_punycode { super::punycode::decoded(text) } else { Some(text.to_owned()) }
}
