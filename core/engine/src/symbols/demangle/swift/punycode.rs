//! Identifiers beyond ASCII: Punycode (RFC 3492) with other digits (`a-zA-J`) and delimiter (`_`).

/// Characters of one identifier; more than any source line holds.
const MAX_CHARACTERS: usize = 4096;

/// The identifier; None if the text is none.
pub(in super::super) fn decoded(text: &str) -> Option<String> {
    let (plain, encoded) = text.rsplit_once('_').unwrap_or(("", text));
    let mut characters: Vec<char> = plain.chars().collect();
    let (mut code, mut at, mut bias) = (128_u32, 0_usize, 72);
    let mut digits = encoded.bytes();
    while digits.len() > 0 {
        let before = at;
        at = at.checked_add(difference(&mut digits, bias)?)?;
        let count = characters.len() + 1;
        if count > MAX_CHARACTERS {
            return None;
        }
        bias = adapted(at - before, count, before == 0);
        code = code.checked_add(u32::try_from(at / count).ok()?)?;
        at %= count;
        characters.insert(at, character(code)?);
        at += 1;
    }
    Some(characters.into_iter().collect())
}

/// ASCII that no identifier may hold stands behind the surrogates' start.
fn character(code: u32) -> Option<char> {
    let code = if (0xD800..0xD880).contains(&code) { code - 0xD800 } else { code };
    char::from_u32(code)
}

fn difference(digits: &mut std::str::Bytes<'_>, bias: usize) -> Option<usize> {
    let (mut sum, mut weight, mut base) = (0_usize, 1_usize, 36);
    loop {
        let digit = match digits.next()? {
            letter @ b'a'..=b'z' => usize::from(letter - b'a'),
            letter @ b'A'..=b'J' => usize::from(letter - b'A') + 26,
            _ => return None,
        };
        sum = sum.checked_add(digit.checked_mul(weight)?)?;
        let threshold = base.max(bias + 1).min(bias + 26) - bias;
        if digit < threshold {
            return Some(sum);
        }
        weight = weight.checked_mul(36 - threshold)?;
        base += 36;
    }
}

fn adapted(difference: usize, count: usize, is_first: bool) -> usize {
    let mut rest = difference / if is_first { 700 } else { 2 };
    rest += rest / count;
    let mut bias = 0;
    while rest > 455 {
        rest /= 35;
        bias += 36;
    }
    bias + 36 * rest / (rest + 38)
}
