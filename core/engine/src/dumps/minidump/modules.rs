//! Images, loaded and unloaded.

use std::fmt::Write;

use minidump_common::format::{
    CvSignature, GUID, MINIDUMP_MODULE, MINIDUMP_STREAM_TYPE, MINIDUMP_UNLOADED_MODULE, VS_FFI_SIGNATURE,
};
use scroll::Pread;
use scroll::ctx::SizeWith;

use super::source::{Source, as_len, without_nul};
use super::values::{Module, UnloadedModule};

const MAX_MODULES: usize = 20_000;
const MAX_UNLOADED: usize = 1_000;
const MAX_BUILD_ID: usize = 64;
const MAX_RECORD: usize = 4096;
const WINDOWS: std::ops::RangeInclusive<u32> = 1..=4;
const APPLE: std::ops::RangeInclusive<u32> = 0x8101..=0x8102;

pub(super) fn read(source: &Source<'_>, os: u32) -> Vec<Module> {
    let raws: Vec<MINIDUMP_MODULE> =
        source.list(MINIDUMP_STREAM_TYPE::ModuleListStream, MAX_MODULES, "images");
    raws.iter().map(|raw| module(source, os, raw)).collect()
}

fn module(source: &Source<'_>, os: u32, raw: &MINIDUMP_MODULE) -> Module {
    let ids = Ids::read(source, os, raw);
    Module {
        base: raw.base_of_image,
        size: raw.size_of_image,
        name: source.utf16_at(raw.module_name_rva.into()).unwrap_or_default(),
        code_id: ids.code_id,
        debug_id: ids.debug_id,
        debug_file: ids.debug_file,
        version: version(os, raw),
    }
}

/// What the CodeView record says.
#[derive(Default)]
struct Ids {
    code_id: Option<String>,
    debug_id: Option<String>,
    debug_file: Option<String>,
}

impl Ids {
    fn read(source: &Source<'_>, os: u32, raw: &MINIDUMP_MODULE) -> Self {
        let record = source.slice(&raw.cv_record);
        let signature = record.pread_with::<u32>(0, source.endian).unwrap_or_default();
        let is_windows = WINDOWS.contains(&os);
        let of_pe = is_windows.then(|| pe_code_id(raw.time_date_stamp, raw.size_of_image)).flatten();
        match signature {
            signature if signature == CvSignature::Pdb70 as u32 => Self::pdb70(source, os, record, of_pe),
            signature if signature == CvSignature::Pdb20 as u32 => Self::pdb20(source, record, of_pe),
            signature if signature == CvSignature::Elf as u32 => Self::elf(record),
            _ => Self { code_id: of_pe, ..Self::default() },
        }
    }

    /// Windows's record. Breakpad has it for Mach-O too, whose UUID is no GUID, and had it for ELF.
    fn pdb70(source: &Source<'_>, os: u32, record: &[u8], of_pe: Option<String>) -> Self {
        let (Ok(guid), Ok(age)) = (record.pread_with(4, source.endian), record.pread_with(20, source.endian))
        else {
            return Self { code_id: of_pe, ..Self::default() };
        };
        let is_apple = APPLE.contains(&os);
        let debug_id = debug_id(&guid, age);
        let uuid = debug_id.as_deref().and_then(|id| id.get(..36)).map(|uuid| uuid.replace('-', ""));
        Self { code_id: if is_apple { uuid } else { of_pe }, debug_id, debug_file: path(record.get(24..)) }
    }

    fn pdb20(source: &Source<'_>, record: &[u8], of_pe: Option<String>) -> Self {
        let numbers =
            (record.pread_with::<u32>(8, source.endian), record.pread_with::<u32>(12, source.endian));
        let debug_id = match numbers {
            (Ok(timestamp), Ok(age)) => Some(format!("{timestamp:08x}-{age:x}")),
            _ => None,
        };
        Self { code_id: of_pe, debug_id, debug_file: path(record.get(16..)) }
    }

    /// Breakpad's record: a build id. Its first 16 bytes, read as a little-endian GUID, are the debug id.
    fn elf(record: &[u8]) -> Self {
        let build_id = record.get(4..).unwrap_or_default();
        let build_id = build_id.get(..MAX_BUILD_ID).unwrap_or(build_id);
        if build_id.iter().all(|byte| *byte == 0) {
            return Self::default();
        }
        let mut head = [0; 16];
        let len = build_id.len().min(head.len());
        head[..len].copy_from_slice(&build_id[..len]);
        let guid = head.pread_with::<GUID>(0, scroll::LE).ok();
        let code_id = build_id.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        Self { code_id: Some(code_id), debug_id: guid.and_then(|guid| debug_id(&guid, 0)), debug_file: None }
    }
}

/// A path at the end of a record, which a NUL ends.
fn path(bytes: Option<&[u8]>) -> Option<String> {
    let bytes = bytes.unwrap_or_default();
    let bytes = bytes.get(..MAX_RECORD).unwrap_or(bytes);
    Some(without_nul(&String::from_utf8_lossy(bytes))).filter(|path| !path.is_empty())
}

/// Timestamp and size: the key of symbol servers. None without a timestamp: it would fit any file of the size.
fn pe_code_id(timestamp: u32, size: u32) -> Option<String> {
    (timestamp != 0).then(|| format!("{timestamp:08x}{size:x}"))
}

/// As Sentry writes it; None if it is all zeros.
pub(super) fn debug_id(guid: &GUID, age: u32) -> Option<String> {
    let uuid = guid.to_string();
    let is_nothing = uuid.chars().all(|digit| matches!(digit, '0' | '-'));
    let full = if age == 0 { uuid } else { format!("{uuid}-{age:x}") };
    (!is_nothing).then_some(full)
}

/// Four numbers: 16 bits each on Windows and macOS, 32 bits each elsewhere.
fn version(os: u32, raw: &MINIDUMP_MODULE) -> Option<String> {
    let info = &raw.version_info;
    let halves = |high: u32, low: u32| (high >> 16, high & 0xffff, low >> 16, low & 0xffff);
    let (a, b, c, d) = if WINDOWS.contains(&os) || APPLE.contains(&os) {
        halves(info.file_version_hi, info.file_version_lo)
    } else {
        (info.file_version_hi, info.file_version_lo, info.product_version_hi, info.product_version_lo)
    };
    (info.signature == VS_FFI_SIGNATURE && (a, b, c, d) != (0, 0, 0, 0)).then(|| format!("{a}.{b}.{c}.{d}"))
}

pub(super) fn read_unloaded(source: &Source<'_>) -> Vec<UnloadedModule> {
    let Some(stream) = source.known(MINIDUMP_STREAM_TYPE::UnloadedModuleListStream) else {
        return Vec::new();
    };
    let number =
        |offset| stream.bytes.pread_with::<u32>(offset, source.endian).map(as_len).unwrap_or_default();
    let (head, stride, count) = (number(0), number(4), number(8));
    if !(MINIDUMP_UNLOADED_MODULE::size_with(&source.endian)..=MAX_RECORD).contains(&stride) {
        return Vec::new();
    }
    let rows = stream.bytes.get(head..).unwrap_or_default();
    let raws: Vec<MINIDUMP_UNLOADED_MODULE> =
        source.strided(rows, stride, count, MAX_UNLOADED, "unloaded images");
    raws.iter().map(|raw| unloaded(source, raw)).collect()
}

fn unloaded(source: &Source<'_>, raw: &MINIDUMP_UNLOADED_MODULE) -> UnloadedModule {
    UnloadedModule {
        base: raw.base_of_image,
        size: raw.size_of_image,
        name: source.utf16_at(raw.module_name_rva.into()).unwrap_or_default(),
        code_id: pe_code_id(raw.time_date_stamp, raw.size_of_image),
    }
}
