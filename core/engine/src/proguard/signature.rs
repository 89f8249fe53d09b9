//! Types as the JVM writes them (`(La;[I)V`) and as Java does (`a,int[]`).

/// Types of one descriptor that are read.
const MAX_TYPES: usize = 255;

/// Parameters, separated by commas, and return type of a descriptor; None if it is none.
///
/// ```text
/// (Ljava/lang/String;[[I)V    java.lang.String,int[][]    void
/// ```
pub(super) fn java_types(descriptor: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut rest = descriptor.strip_prefix(b"(")?;
    let (mut parameters, mut count) = (Vec::new(), 0);
    while !rest.starts_with(b")") {
        count += 1;
        if count > MAX_TYPES {
            return None;
        }
        if !parameters.is_empty() {
            parameters.push(b',');
        }
        rest = java_type(rest, &mut parameters)?;
    }
    let mut returns = Vec::new();
    let rest = java_type(&rest[1..], &mut returns)?;
    rest.is_empty().then_some((parameters, returns))
}

/// Appends the type that `text` begins with; what follows it.
fn java_type<'a>(text: &'a [u8], out: &mut Vec<u8>) -> Option<&'a [u8]> {
    let dimensions = text.iter().take_while(|byte| **byte == b'[').count();
    if dimensions > MAX_TYPES {
        return None;
    }
    let (&kind, rest) = text[dimensions..].split_first()?;
    let rest = if kind == b'L' {
        let end = memchr::memchr(b';', rest)?;
        out.extend(rest[..end].iter().map(|byte| if *byte == b'/' { b'.' } else { *byte }));
        &rest[end + 1..]
    } else {
        out.extend_from_slice(primitive(kind)?);
        rest
    };
    (0..dimensions).for_each(|_| out.extend_from_slice(b"[]"));
    Some(rest)
}

fn primitive(kind: u8) -> Option<&'static [u8]> {
    Some(match kind {
        b'V' => b"void",
        b'Z' => b"boolean",
        b'B' => b"byte",
        b'C' => b"char",
        b'S' => b"short",
        b'I' => b"int",
        b'J' => b"long",
        b'F' => b"float",
        b'D' => b"double",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_become_java_types() {
        let types = |text: &[u8]| {
            let (parameters, returns) = java_types(text)?;
            Some((String::from_utf8(parameters).ok()?, String::from_utf8(returns).ok()?))
        };
        let pair = |parameters: &str, returns: &str| Some((parameters.to_owned(), returns.to_owned()));
        assert_eq!(types(b"()V"), pair("", "void"));
        assert_eq!(types(b"(Ljava/lang/String;[[IZ)La;"), pair("java.lang.String,int[][],boolean", "a"));
        for broken in [&b""[..], b"(", b"()", b"(L)V", b"(X)V", b"()VV", b"([", b"II"] {
            assert_eq!(types(broken), None);
        }
        assert_eq!(types(&[b'['; 100_000]), None);
    }
}
