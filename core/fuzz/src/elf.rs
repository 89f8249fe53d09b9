//! An ELF file around sections that somebody else made up: right headers, whatever is behind them.

use std::io::Read;

use flate2::Compression;
use flate2::read::ZlibEncoder;

/// Virtual address of the code.
pub const CODE_AT: u64 = 0x1000;
/// Bytes of code.
pub const CODE_LEN: u64 = 0x3000;

const HEADER_LEN: usize = 64;
const NOBITS: u32 = 8;
const PROGBITS: u32 = 1;
const STRTAB: u32 = 3;
const COMPRESSED: u64 = 0x800;

struct Section {
    name: String,
    kind: u32,
    flags: u64,
    address: u64,
    len: u64,
    bytes: Vec<u8>,
}

/// The file; `sections` are names, bytes, and whether to compress them.
pub fn file(sections: &[(&str, &[u8], bool)]) -> Vec<u8> {
    let code = Section {
        name: ".text".to_owned(),
        kind: NOBITS,
        flags: 6,
        address: CODE_AT,
        len: CODE_LEN,
        bytes: Vec::new(),
    };
    let mut all = vec![code];
    all.extend(sections.iter().map(|(name, bytes, packed)| debug_section(name, bytes, *packed)));
    let names: Vec<u8> = all.iter().flat_map(|section| [section.name.as_bytes(), &[0]].concat()).collect();
    let names = [&[0][..], &names, b".shstrtab\0"].concat();
    all.push(Section {
        name: ".shstrtab".to_owned(),
        kind: STRTAB,
        flags: 0,
        address: 0,
        len: names.len() as u64,
        bytes: names,
    });
    write(&all)
}

fn debug_section(name: &str, bytes: &[u8], is_packed: bool) -> Section {
    let (bytes, flags) = if is_packed { (packed(bytes), COMPRESSED) } else { (bytes.to_vec(), 0) };
    Section { name: name.to_owned(), kind: PROGBITS, flags, address: 0, len: bytes.len() as u64, bytes }
}

/// Behind an `Elf64_Chdr`.
fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut out = [1, bytes.len() as u64, 1].map(u64::to_le_bytes).concat();
    let mut encoder = ZlibEncoder::new(bytes, Compression::fast());
    encoder.read_to_end(&mut out).expect("memory can be written to");
    out
}

fn write(sections: &[Section]) -> Vec<u8> {
    let mut file = file_header(sections.len() as u16 + 1);
    let mut headers = vec![0; HEADER_LEN];
    let mut name = 1_u32;
    for section in sections {
        headers.extend([name, section.kind].map(u32::to_le_bytes).concat());
        let place = [section.flags, section.address, file.len() as u64, section.len, 0, 1, 0];
        headers.extend(place.map(u64::to_le_bytes).concat());
        file.extend(&section.bytes);
        name += section.name.len() as u32 + 1;
    }
    let at = file.len() as u64;
    file[40..48].copy_from_slice(&at.to_le_bytes());
    file.extend(headers);
    file
}

/// x86-64, little endian, a shared library, without program headers.
fn file_header(sections: u16) -> Vec<u8> {
    let mut out = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    out.extend([3_u16, 62].map(u16::to_le_bytes).concat());
    out.extend(1_u32.to_le_bytes());
    out.extend([0_u64, 0, 0].map(u64::to_le_bytes).concat());
    out.extend(0_u32.to_le_bytes());
    out.extend([HEADER_LEN as u16, 0, 0, 64, sections, sections - 1].map(u16::to_le_bytes).concat());
    out
}
