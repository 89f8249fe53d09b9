//! Names of functions from the type records of a PDB: a name is spelled with its scope and the types it takes.
//!
//! The records (Microsoft's `cvinfo.h`) refer to each other at will, so the depth and the length of what is spelled
//! are limited, and nothing is allocated by a count that a record claims.

use crate::symbols::text;
use std::collections::HashMap;

/// Types nest a few levels: a pointer to a constant array of functions.
const MAX_DEPTH: u32 = 24;
/// Longer names are cut.
const MAX_NAME: usize = 8 * 1024;
/// All spelled names together; those beyond it come without parameters, inlined ones without name.
const MAX_SPELLED: usize = 1 << 28;
const HEADER_LEN: usize = 56;
/// Types below this number are built in.
const FIRST_RECORD: u32 = 0x1000;

const LF_MODIFIER: u16 = 0x1001;
const LF_POINTER: u16 = 0x1002;
const LF_PROCEDURE: u16 = 0x1008;
const LF_MFUNCTION: u16 = 0x1009;
const LF_ARGLIST: u16 = 0x1201;
const LF_ARRAY: u16 = 0x1503;
const LF_CLASS: u16 = 0x1504;
const LF_STRUCTURE: u16 = 0x1505;
const LF_UNION: u16 = 0x1506;
const LF_ENUM: u16 = 0x1507;
const LF_INTERFACE: u16 = 0x1519;
const LF_FUNC_ID: u16 = 0x1601;
const LF_MFUNC_ID: u16 = 0x1602;
const LF_STRING_ID: u16 = 0x1605;
const FIRST_NUMERIC_LEAF: u16 = 0x8000;

/// The records of a type stream (TPI) or an id stream (IPI).
pub(super) struct Records<'d> {
    first: u32,
    /// Kind and content.
    records: Vec<(u16, &'d [u8])>,
}

impl<'d> Records<'d> {
    /// Reads the headers of all records, up to the first damaged one.
    pub(super) fn parse(stream: &'d [u8]) -> Self {
        let mut records = Vec::new();
        let header_len = word(stream, 4).map_or(HEADER_LEN, |len| len as usize);
        let mut rest = stream.get(header_len..).unwrap_or(&[]);
        while let (Some(len), Some(kind)) = (half(rest, 0), half(rest, 2)) {
            let end = usize::from(len) + 2;
            let Some(content) = rest.get(4..end) else { break };
            records.push((kind, content));
            rest = rest.get(end..).unwrap_or(&[]);
        }
        Self { first: word(stream, 8).unwrap_or(FIRST_RECORD), records }
    }

    fn get(&self, index: u32) -> Option<(u16, &'d [u8])> {
        self.records.get(index.checked_sub(self.first)? as usize).copied()
    }
}

/// Spells functions.
pub(super) struct Spelling<'d> {
    types: Records<'d>,
    ids: Records<'d>,
    known: HashMap<u32, Vec<u8>>,
    spelled: usize,
}

impl<'d> Spelling<'d> {
    pub(super) fn new(types: Records<'d>, ids: Records<'d>) -> Self {
        Self { types, ids, known: HashMap::new(), spelled: 0 }
    }

    /// A function whose name has its scopes already, with the types that it takes. `kind`: a record of its type.
    pub(super) fn function(&mut self, name: &[u8], kind: u32) -> Vec<u8> {
        let mut out = Out::new(name);
        if self.spelled < MAX_SPELLED {
            // A damaged type costs the parameters.
            let _damaged = self.parameters(kind, 0, &mut out);
        }
        self.spelled += out.0.len();
        out.0
    }

    /// A function that was inlined, by its record in the id stream. None if there is no such record.
    pub(super) fn inlinee(&mut self, id: u32) -> Option<Vec<u8>> {
        if self.spelled >= MAX_SPELLED {
            return None;
        }
        if let Some(known) = self.known.get(&id) {
            self.spelled += known.len();
            return Some(known.clone());
        }
        let (kind, content) = self.ids.get(id)?;
        let (scope, function) = (word(content, 0)?, word(content, 4)?);
        let mut qualified = match kind {
            LF_FUNC_ID => self.scope(scope),
            LF_MFUNC_ID => self.type_name(scope).map(<[u8]>::to_vec),
            _ => return None,
        }
        .unwrap_or_default();
        if !qualified.is_empty() {
            qualified.extend_from_slice(b"::");
        }
        qualified.extend_from_slice(cut(content.get(8..)?));
        let name = self.function(&qualified, function);
        self.known.insert(id, name.clone());
        Some(name)
    }

    /// The namespace of a function, as a string record has it.
    fn scope(&self, id: u32) -> Option<Vec<u8>> {
        let (kind, content) = self.ids.get(id)?;
        (kind == LF_STRING_ID).then(|| cut(content.get(4..).unwrap_or(&[])).to_vec())
    }

    /// Name of a class, structure, union or enumeration.
    fn type_name(&self, index: u32) -> Option<&'d [u8]> {
        let (kind, content) = self.types.get(index)?;
        match kind {
            LF_CLASS | LF_STRUCTURE | LF_INTERFACE => after_number(content.get(16..)?).map(cut),
            LF_UNION => after_number(content.get(8..)?).map(cut),
            LF_ENUM => content.get(12..).map(cut),
            _ => None,
        }
    }

    fn parameters(&self, function: u32, depth: u32, out: &mut Out) -> Option<()> {
        let (kind, content) = self.types.get(function)?;
        let list = match kind {
            LF_PROCEDURE => word(content, 8)?,
            LF_MFUNCTION => word(content, 16)?,
            _ => return None,
        };
        let (kind, content) = self.types.get(list)?;
        if kind != LF_ARGLIST {
            return None;
        }
        out.put(b"(")?;
        let given = content.get(4..)?.chunks_exact(4).take(word(content, 0)? as usize);
        for (position, argument) in given.enumerate() {
            out.put(if position > 0 { b", " } else { b"" })?;
            let index = word(argument, 0)?;
            // A last parameter of no type stands for any further ones.
            if index == 0 { out.put(b"...")? } else { self.spell(index, depth + 1, out)? }
        }
        out.put(b")")
    }

    fn spell(&self, index: u32, depth: u32, out: &mut Out) -> Option<()> {
        if index < FIRST_RECORD {
            return primitive(index, out);
        }
        if depth > MAX_DEPTH {
            return out.put(b"...");
        }
        let (kind, content) = self.types.get(index)?;
        match kind {
            LF_POINTER => self.pointer(content, depth, out),
            LF_MODIFIER => {
                self.spell(word(content, 0)?, depth + 1, out)?;
                qualifiers(half(content, 4)?.into(), 1, 2, out)
            }
            LF_ARRAY => {
                self.spell(word(content, 0)?, depth + 1, out)?;
                out.put(b"[]")
            }
            LF_PROCEDURE | LF_MFUNCTION => {
                self.spell(word(content, 0)?, depth + 1, out)?;
                out.put(b" ")?;
                self.parameters(index, depth + 1, out)
            }
            _ => out.put(self.type_name(index)?),
        }
    }

    fn pointer(&self, content: &[u8], depth: u32, out: &mut Out) -> Option<()> {
        let (target, attributes) = (word(content, 0)?, word(content, 4)?);
        self.spell(target, depth + 1, out)?;
        out.put(match attributes >> 5 & 7 {
            1 => b"&",
            4 => b"&&",
            _ => b"*",
        })?;
        qualifiers(attributes, 1 << 10, 1 << 9, out)
    }
}

/// `constant` and `volatile`: the bits that say so.
fn qualifiers(flags: u32, constant: u32, volatile: u32, out: &mut Out) -> Option<()> {
    if flags & constant != 0 {
        out.put(b" const")?;
    }
    if flags & volatile != 0 { out.put(b" volatile") } else { Some(()) }
}

/// A built-in type: the low byte says which, the next four bits whether it is a pointer to it.
fn primitive(index: u32, out: &mut Out) -> Option<()> {
    out.put(match index & 0xff {
        0x03 => b"void",
        0x08 => b"HRESULT",
        0x10 | 0x70 => b"char",
        0x20 => b"unsigned char",
        0x68 => b"signed char",
        0x69 => b"unsigned char",
        0x71 => b"wchar_t",
        0x7a => b"char16_t",
        0x7b => b"char32_t",
        0x7c => b"char8_t",
        0x11 | 0x72 => b"short",
        0x21 | 0x73 => b"unsigned short",
        0x12 => b"long",
        0x22 => b"unsigned long",
        0x74 => b"int",
        0x75 => b"unsigned int",
        0x13 | 0x76 => b"long long",
        0x23 | 0x77 => b"unsigned long long",
        0x14 | 0x78 => b"__int128",
        0x24 | 0x79 => b"unsigned __int128",
        0x40 => b"float",
        0x41 => b"double",
        0x42 => b"long double",
        0x30 => b"bool",
        _ => b"?",
    })?;
    if index == 0x103 {
        // The type of nullptr is a pointer mode of its own.
        return Some(());
    }
    if index >> 8 & 0xf != 0 { out.put(b"*") } else { Some(()) }
}

/// A name that is being written, up to a limit.
struct Out(Vec<u8>);

impl Out {
    fn new(start: &[u8]) -> Self {
        Self(start[..start.len().min(MAX_NAME)].to_vec())
    }

    /// None once the name is too long, so that whoever writes it stops.
    fn put(&mut self, text: &[u8]) -> Option<()> {
        let fits = self.0.len() + text.len() <= MAX_NAME;
        fits.then(|| self.0.extend_from_slice(text))
    }
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.first_chunk().copied().map(u16::from_le_bytes)
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.first_chunk().copied().map(u32::from_le_bytes)
}

/// The bytes up to a NUL.
fn cut(bytes: &[u8]) -> &[u8] {
    text::cut_at_nul(bytes, 0).unwrap_or(&[])
}

/// What follows a number of variable length.
fn after_number(bytes: &[u8]) -> Option<&[u8]> {
    let leaf = half(bytes, 0)?;
    let len = match leaf {
        ..FIRST_NUMERIC_LEAF => 0,
        0x8000 => 1,
        0x8001 | 0x8002 => 2,
        0x8003..=0x8005 => 4,
        0x8006 | 0x8009 | 0x800a => 8,
        _ => return None,
    };
    bytes.get(2 + len..)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream of records, the first of which is number 0x1000.
    fn stream(records: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let mut stream = vec![0; HEADER_LEN];
        stream[4..8].copy_from_slice(&(HEADER_LEN as u32).to_le_bytes());
        stream[8..12].copy_from_slice(&FIRST_RECORD.to_le_bytes());
        for (kind, content) in records {
            stream.extend_from_slice(&(content.len() as u16 + 2).to_le_bytes());
            stream.extend_from_slice(&kind.to_le_bytes());
            stream.extend_from_slice(content);
        }
        stream
    }

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    fn spelled(types: &[(u16, Vec<u8>)], function: u32) -> String {
        let (types, ids) = (stream(types), stream(&[]));
        let mut spelling = Spelling::new(Records::parse(&types), Records::parse(&ids));
        String::from_utf8(spelling.function(b"shop::price", function)).unwrap()
    }

    #[test]
    fn parameters_are_spelled_with_pointers_and_qualifiers() {
        let types = [
            (LF_MODIFIER, words(&[0x70, 1])),
            (LF_POINTER, words(&[0x1000, 0])),
            (LF_ARGLIST, words(&[3, 0x1001, 0x674, 0])),
            (LF_PROCEDURE, words(&[3, 0, 0x1002])),
        ];
        assert_eq!(spelled(&types, 0x1003), "shop::price(char const*, int*, ...)");
    }

    #[test]
    fn types_that_refer_to_themselves_and_counts_that_lie_end() {
        let endless = [
            (LF_POINTER, words(&[0x1000, 0])),
            (LF_ARGLIST, words(&[u32::MAX, 0x1000])),
            (LF_PROCEDURE, words(&[3, 0, 0x1001])),
        ];
        let expected = format!("shop::price(...{})", "*".repeat(MAX_DEPTH as usize));
        assert_eq!(spelled(&endless, 0x1002), expected);
        assert_eq!(spelled(&[], 0x1002), "shop::price");
    }
}
