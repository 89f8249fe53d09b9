//! The unwind information of one file.

use super::arch::Arch;
use super::breakpad::{self, Breakpad};
use super::cfi::Cfi;
use super::eh_frame_hdr::Header;
use super::frame::{Frame, Unwound};
use super::place::Place;
use super::{compact, exidx, pe_arm64, pe_x64};
use crate::symbols::{Code, DebugFileError, Loaded, breakpad_arch, guarded};

/// Bytes of a file, whoever holds them.
pub type Data = Box<dyn AsRef<[u8]> + Send + Sync>;

/// How to find the callers of a file's functions. Opening it reads headers only.
pub struct UnwindInfo {
    data: Data,
    contents: Contents,
}

/// What was found in a file, without its bytes.
#[derive(Default)]
struct Contents {
    arch: Option<Arch>,
    arch_name: &'static str,
    load_address: u64,
    code: Code,
    /// Virtual address and bytes of what is loaded, ascending.
    parts: Vec<(u64, Place)>,
    eh_frame: Option<Cfi>,
    debug_frame: Option<Cfi>,
    /// `__unwind_info`.
    compact: Option<Place>,
    /// `.pdata`.
    functions: Option<Place>,
    /// `.ARM.exidx`, with its virtual address.
    exidx: Option<(u64, Place)>,
    breakpad: Option<Breakpad>,
}

impl UnwindInfo {
    /// Reads the headers of a file. `index`: which one of a universal binary, 0 for any other file.
    pub fn open(data: Data, index: usize) -> Result<Self, DebugFileError> {
        let contents = guarded(|| Contents::read((*data).as_ref(), index))?;
        Ok(Self { data, contents })
    }

    /// The processor as in Sentry's payload.
    #[must_use]
    pub fn arch(&self) -> &'static str {
        self.contents.arch_name
    }

    /// Virtual address where the image begins.
    #[must_use]
    pub fn load_address(&self) -> u64 {
        self.contents.load_address
    }

    /// Whether there are any rules.
    #[must_use]
    pub fn has_rules(&self) -> bool {
        let Contents { eh_frame, debug_frame, compact, functions, exidx, breakpad, .. } = &self.contents;
        let has_dwarf = eh_frame.is_some() || debug_frame.is_some();
        has_dwarf || compact.is_some() || functions.is_some() || exidx.is_some() || breakpad.is_some()
    }

    fn file(&self) -> &[u8] {
        (*self.data).as_ref()
    }

    /// Follows the rules for the frame's address; None if there are none that can be followed.
    ///
    /// Those that hold at every instruction come first.
    pub(super) fn unwind(&self, frame: &Frame<'_>) -> Option<Unwound> {
        let Contents { eh_frame, debug_frame, compact, functions, exidx, breakpad, .. } = &self.contents;
        let (arch, file) = (frame.registers.arch(), self.file());
        if self.contents.arch != Some(arch) {
            return None;
        }
        let dwarf =
            [eh_frame, debug_frame].into_iter().flatten().find_map(|section| section.unwind(file, frame));
        let rest = || {
            let compact = compact.as_ref();
            compact.and_then(|place| compact::unwind(self, place.bytes(file), eh_frame.as_ref(), frame))
        };
        let windows = || {
            let table = functions.as_ref()?.bytes(file);
            match arch {
                Arch::X86_64 => pe_x64::unwind(self, table, frame),
                Arch::Arm64 => pe_arm64::unwind(self, table, frame),
                Arch::X86 | Arch::Arm => None,
            }
        };
        let arm =
            || exidx.as_ref().and_then(|(at, place)| exidx::unwind(self, place.bytes(file), *at, frame));
        let records = || breakpad.as_ref().and_then(|records| records.unwind(file, frame));
        dwarf.or_else(rest).or_else(windows).or_else(arm).or_else(records)
    }

    /// Follows the entry at an offset of `.eh_frame`.
    pub(super) fn follow_entry(&self, eh_frame: &Cfi, offset: usize, frame: &Frame<'_>) -> Option<Unwound> {
        eh_frame.unwind_at(self.file(), offset, frame)
    }

    /// Bytes of the image at a virtual address, as the file has them.
    pub(super) fn bytes(&self, address: u64, len: usize) -> Option<&[u8]> {
        let parts = &self.contents.parts;
        let after = parts.partition_point(|(start, _)| *start <= address);
        let (start, place) = parts.get(after.checked_sub(1)?)?;
        let from = usize::try_from(address - start).ok()?;
        place.bytes(self.file()).get(from..from.checked_add(len)?)
    }

    /// Whether code can lie at a virtual address. A Breakpad file does not say where it does.
    pub(super) fn is_code(&self, address: u64) -> bool {
        self.contents.breakpad.is_some() || self.contents.code.containing(address).is_some()
    }
}

impl Contents {
    fn read(data: &[u8], index: usize) -> Result<Self, DebugFileError> {
        if let Some(arch) = breakpad_arch(data)? {
            let breakpad = breakpad::is_there(data).then(Breakpad::default);
            return Ok(Self { arch: Arch::named(arch), arch_name: arch, breakpad, ..Self::default() });
        }
        let file = Loaded::parse(data, index)?;
        let parts = file.parts();
        let places = parts.iter().filter_map(|part| Some((part.address, Place::of(part.bytes, data)?)));
        let place = |name: &str| {
            let (address, section) = file.section(name)?;
            Some((address, Place::of_section(section, data)?))
        };
        Ok(Self {
            arch: Arch::named(file.arch()).filter(|_| file.is_little_endian()),
            arch_name: file.arch(),
            load_address: file.load_address(),
            code: file.code().clone(),
            parts: places.collect(),
            eh_frame: eh_frame(&file, data),
            debug_frame: place(".debug_frame").map(|(_, place)| Cfi::debug_frame(place)),
            compact: place(".unwind_info").map(|(_, place)| place),
            functions: file.exception_table().and_then(|table| Place::of(table.bytes, data)),
            exidx: place(".ARM.exidx"),
            breakpad: None,
        })
    }
}

fn eh_frame(file: &Loaded<'_>, data: &[u8]) -> Option<Cfi> {
    let header = file
        .section(".eh_frame_hdr")
        .and_then(|(address, section)| Header::parse(Place::of_section(section, data)?, address, data));
    let (address, section) = file.section(".eh_frame")?;
    let header = header.filter(|header| header.eh_frame == address);
    let text = file.section(".text").map_or(0, |(address, _)| address);
    Some(Cfi::eh_frame(Place::of_section(section, data)?, address, text, header))
}
