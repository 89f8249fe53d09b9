//! WebAssembly modules (<https://webassembly.github.io/spec/core/binary/>) with DWARF in custom sections.
//!
//! DWARF counts addresses from the content of the code section, engines and browsers from the start of the module
//! (`wasm-function[12]:0x3f`). Image-relative addresses are the latter: the code section's offset is added.

use std::ops::Range;

use gimli::{EndianSlice, LittleEndian, Reader};
use object::CompressedData;

use super::code::Code;
use super::debug_file::{Container, Summary};
use super::error::DebugFileError;
use super::hexadecimal;
use super::ident::DebugId;
use super::symtab::{Binding, Kind, Symbol, Symbols};

/// `\0asm` and version 1.
pub(super) const MAGIC: [u8; 4] = *b"\0asm";
const HEADER_LEN: usize = 8;
/// Modules have a few dozen sections, and for functions the engines' own limit is a million.
const MAX_SECTIONS: usize = 10_000;
const MAX_FUNCTIONS: u64 = 1 << 22;
const MAX_BUILD_ID: usize = 64;

const CUSTOM: u8 = 0;
const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;
const CODE: u8 = 10;
const FUNCTION_NAMES: u8 = 1;

type Input<'d> = EndianSlice<'d, LittleEndian>;

/// A module of which the sections are known and the functions found.
struct Wasm<'d> {
    /// Custom sections by name.
    custom: Vec<(&'d [u8], &'d [u8])>,
    imports: &'d [u8],
    exports: &'d [u8],
    has_code: bool,
    /// Offset in the module of what DWARF calls address 0.
    code_offset: u64,
    /// Where the functions lie, by DWARF's addresses; imported ones are left out.
    bodies: Vec<Range<u64>>,
    code: Code,
}

/// Parses the section headers and finds the functions.
pub(super) fn parse(data: &[u8]) -> Result<Box<dyn Container<'_> + '_>, DebugFileError> {
    Ok(Box::new(Wasm::parse(data)?))
}

impl<'d> Wasm<'d> {
    fn parse(data: &'d [u8]) -> Result<Self, DebugFileError> {
        let mut wasm = Self {
            custom: Vec::new(),
            imports: &[],
            exports: &[],
            has_code: false,
            code_offset: 0,
            bodies: Vec::new(),
            code: Code::default(),
        };
        let mut rest = input(data.get(HEADER_LEN..).ok_or_else(cut_off)?);
        for _ in 0..MAX_SECTIONS {
            let Some((id, content)) = section(&mut rest)? else { break };
            let offset = data.len() - rest.len() - content.len();
            wasm.add(id, content, offset as u64);
        }
        wasm.code = Code::new(wasm.bodies.clone());
        Ok(wasm)
    }

    fn add(&mut self, id: u8, content: &'d [u8], offset: u64) {
        match id {
            CUSTOM => self.custom.extend(named(content)),
            IMPORTS => self.imports = content,
            EXPORTS => self.exports = content,
            CODE => {
                self.has_code = true;
                self.code_offset = offset;
                // Functions before a damaged one stand.
                let _damaged = self.add_bodies(content);
            }
            _ => {}
        }
    }

    fn add_bodies(&mut self, content: &'d [u8]) -> Option<()> {
        let mut rest = input(content);
        let count = rest.read_uleb128().ok()?;
        for _ in 0..count.min(MAX_FUNCTIONS) {
            let size = rest.read_uleb128().ok()?;
            let start = (content.len() - rest.len()) as u64;
            rest.skip(usize::try_from(size).ok()?).ok()?;
            self.bodies.push(start..start + size);
        }
        Some(())
    }

    fn custom(&self, name: &[u8]) -> Option<&'d [u8]> {
        self.custom.iter().find(|(other, _)| *other == name).map(|(_, content)| *content)
    }

    /// With its length before it as linkers write it, or bare as `wasm-split` does.
    fn build_id(&self) -> Option<&'d [u8]> {
        let content = self.custom(b"build_id")?;
        let counted = content.split_first().filter(|(len, id)| usize::from(**len) == id.len());
        let id = counted.map_or(content, |(_, id)| id);
        (1..=MAX_BUILD_ID).contains(&id.len()).then_some(id)
    }

    /// File name of the module that has the DWARF.
    fn external(&self) -> Option<String> {
        let name = name(&mut input(self.custom(b"external_debug_info")?))?;
        let name = name.rsplit(|byte| *byte == b'/').next()?;
        Some(String::from_utf8_lossy(name).into_owned())
    }

    fn functions(&self) -> Vec<Symbol<'d>> {
        let imported = imported_functions(self.imports);
        let names = self.custom(b"name").and_then(function_names).unwrap_or_default();
        let exports = exported_functions(self.exports);
        let bindings = [(names, Binding::Global), (exports, Binding::Weak)];
        let named = bindings
            .into_iter()
            .flat_map(|(list, binding)| list.into_iter().map(move |(index, name)| (index, name, binding)));
        let symbol = |(index, name, binding): (u64, &'d [u8], Binding)| {
            let body = self.bodies.get(usize::try_from(index.checked_sub(imported?)?).ok()?)?;
            Some(Symbol::new(name, body.start, body.end - body.start, Kind::Function, binding))
        };
        named.filter_map(symbol).collect()
    }
}

impl<'d> Container<'d> for Wasm<'d> {
    fn arch(&self) -> &'static str {
        "wasm32"
    }

    fn summarize(&self) -> Summary {
        let build_id = self.build_id();
        let has_debug_info = self.custom(b".debug_info").is_some_and(|info| !info.is_empty());
        Summary {
            format: "wasm",
            index: 0,
            image_name: None,
            arch: "wasm32",
            kind: if self.has_code { "executable" } else { "debug companion" },
            code_id: build_id.map(hexadecimal),
            debug_id: build_id.map(|id| {
                let mut uuid = [0; 16];
                uuid.iter_mut().zip(id).for_each(|(to, from)| *to = *from);
                DebugId::of_uuid(uuid)
            }),
            debug_link: self.external(),
            debug_link_crc: None,
            split_ids: Vec::new(),
            load_address: 0,
            has_debug_info: has_debug_info && self.has_code,
            has_symbols: !self.functions().is_empty(),

            has_hidden_names: false,
            has_debug_map: false,
        }
    }

    fn origin(&self) -> u64 {
        self.code_offset.wrapping_neg()
    }

    fn code(&self) -> &Code {
        &self.code
    }

    fn is_little_endian(&self) -> bool {
        true
    }

    fn section(&self, name: &str) -> CompressedData<'d> {
        CompressedData::none(self.custom(name.as_bytes()).unwrap_or(&[]))
    }

    fn symbols(&self) -> Symbols<'d> {
        Symbols::new(self.functions().into_iter(), &self.code)
    }
}

fn input(bytes: &[u8]) -> Input<'_> {
    EndianSlice::new(bytes, LittleEndian)
}

fn cut_off() -> DebugFileError {
    DebugFileError::Malformed("the WebAssembly module is cut off".to_owned())
}

/// The next section: its id and its content.
fn section<'d>(rest: &mut Input<'d>) -> Result<Option<(u8, &'d [u8])>, DebugFileError> {
    if rest.is_empty() {
        return Ok(None);
    }
    let mut read = || -> Option<(u8, &'d [u8])> {
        let id = rest.read_u8().ok()?;
        let size = usize::try_from(rest.read_uleb128().ok()?).ok()?;
        Some((id, rest.split(size).ok()?.slice()))
    };
    read().map(Some).ok_or_else(cut_off)
}

/// The name of a custom section and what follows it.
fn named(content: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut rest = input(content);
    Some((name(&mut rest)?, rest.slice()))
}

fn name<'d>(rest: &mut Input<'d>) -> Option<&'d [u8]> {
    let len = usize::try_from(rest.read_uleb128().ok()?).ok()?;
    Some(rest.split(len).ok()?.slice())
}

/// How many functions are imported: they come first in the index space. None if there is an import of a kind that
/// nobody knew when this was written, because then the index of every function is unknown.
fn imported_functions(content: &[u8]) -> Option<u64> {
    if content.is_empty() {
        return Some(0);
    }
    let mut rest = input(content);
    let mut functions = 0;
    for _ in 0..rest.read_uleb128().ok()? {
        name(&mut rest)?;
        name(&mut rest)?;
        match rest.read_u8().ok()? {
            0 => {
                functions += 1;
                rest.read_uleb128().ok()?;
            }
            1 => {
                rest.skip(1).ok()?;
                skip_limits(&mut rest)?;
            }
            2 => skip_limits(&mut rest)?,
            3 => rest.skip(2).ok()?,
            4 => {
                rest.skip(1).ok()?;
                rest.read_uleb128().ok()?;
            }
            _ => return None,
        }
    }
    Some(functions)
}

fn skip_limits(rest: &mut Input<'_>) -> Option<()> {
    let flags = rest.read_u8().ok()?;
    rest.read_uleb128().ok()?;
    if flags & 1 != 0 {
        rest.read_uleb128().ok()?;
    }
    Some(())
}

/// Index and name of every function that the `name` section knows.
fn function_names(content: &[u8]) -> Option<Vec<(u64, &[u8])>> {
    let mut rest = input(content);
    while let Some((id, subsection)) = section(&mut rest).ok()? {
        if id != FUNCTION_NAMES {
            continue;
        }
        let mut rest = input(subsection);
        let mut names = Vec::new();
        for _ in 0..rest.read_uleb128().ok()?.min(MAX_FUNCTIONS) {
            let Ok(index) = rest.read_uleb128() else { break };
            let Some(name) = name(&mut rest) else { break };
            names.push((index, name));
        }
        return Some(names);
    }
    None
}

fn exported_functions(content: &[u8]) -> Vec<(u64, &[u8])> {
    let mut rest = input(content);
    let mut functions = Vec::new();
    for _ in 0..rest.read_uleb128().unwrap_or(0).min(MAX_FUNCTIONS) {
        let Some(name) = name(&mut rest) else { break };
        let (Ok(kind), Ok(index)) = (rest.read_u8(), rest.read_uleb128()) else { break };
        if kind == 0 {
            functions.push((index, name));
        }
    }
    functions
}

#[cfg(test)]
mod tests {
    use crate::mapped::Bytes;
    use crate::symbols::symcache::SymCache;
    use crate::symbols::{build_symcache, summarize_debug_file};

    /// Two imports, of which one is a function; two functions of two bytes each; `second` is exported.
    fn module(build_id: &[u8]) -> Vec<u8> {
        let section = |id: u8, content: &[u8]| [&[id, content.len() as u8], content].concat();
        let imports = b"\x02\x01m\x01f\x00\x00\x01m\x01t\x01\x70\x00\x01";
        let custom = [b"\x08build_id", build_id].concat();
        let names = b"\x04name\x01\x08\x01\x01\x05first";
        let parts = [
            b"\0asm\x01\0\0\0".to_vec(),
            section(2, imports),
            section(7, b"\x01\x06second\x00\x02"),
            section(10, b"\x02\x02\x00\x0b\x02\x00\x0b"),
            section(0, names),
            section(0, &custom),
        ];
        parts.concat()
    }

    #[test]
    fn functions_are_numbered_after_the_imported_ones_and_found_by_module_offset() {
        let module = module(b"\x02\xab\xcd");
        let symcache = SymCache::open(Bytes::Owned(build_symcache(&module, 0).unwrap())).unwrap();
        let body = module.windows(4).position(|bytes| bytes == b"\x02\x02\x00\x0b").unwrap() as u64 + 2;
        let name = |address| {
            let frames = symcache.lookup(&[address]).unwrap().frames;
            frames.first().map(|frame| symcache.string(frame.function).unwrap())
        };
        assert_eq!(name(body - 1), None);
        assert_eq!(name(body).as_deref(), Some("first"));
        assert_eq!(name(body + 3).as_deref(), Some("second"));
        assert_eq!(name(body + 5), None);
    }

    #[test]
    fn a_build_id_is_read_with_and_without_its_length() {
        for id in [&b"\x04\xab\xcd\xef\x01"[..], b"\xab\xcd\xef\x01"] {
            let summary = summarize_debug_file(&module(id)).unwrap();
            assert_eq!(summary.code_id.as_deref(), Some("abcdef01"));
            assert_eq!(summary.debug_id.unwrap().to_string(), "abcdef01-0000-0000-0000-000000000000");
        }
    }
}
