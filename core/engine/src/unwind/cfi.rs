//! DWARF call frame information (DWARF 5, 6.4), as `.debug_frame` has it and, with differences, `.eh_frame`.
//!
//! Source of the differences: Linux Standard Base 5.0, Core, 10.6.

use std::sync::OnceLock;

use gimli::{
    BaseAddresses, CfaRule, CieOrFde, DebugFrame, EhFrame, EndianSlice, FrameDescriptionEntry, LittleEndian,
    RegisterRule, UnwindContext, UnwindContextStorage, UnwindSection, UnwindTableRow, Vendor,
};

use super::arch::{Arch, REGISTERS, Register};
use super::eh_frame_hdr::Header;
use super::expression::evaluate;
use super::frame::{Frame, Unwound};
use super::place::Place;
use super::registers::Registers;

type Slice<'d> = EndianSlice<'d, LittleEndian>;
type Fde<'d> = FrameDescriptionEntry<Slice<'d>>;
type Row = UnwindTableRow<usize, Storage>;

/// Bytes of a function's rules; those of huge functions take some ten thousand.
const MAX_RULES_LEN: usize = 1 << 16;
/// Entries that may begin at the same address, as those of dropped functions do.
const MAX_ALIKE: usize = 16;

/// Room for the rules of every register of a processor, vectors included.
struct Storage;

impl UnwindContextStorage<usize> for Storage {
    type Rules = [(gimli::Register, RegisterRule<usize>); 96];
    type Stack = Box<[UnwindTableRow<usize, Self>; 8]>;
}

/// A section of call frame information.
pub(super) struct Cfi {
    place: Place,
    bases: BaseAddresses,
    is_eh_frame: bool,
    header: Option<Header>,
    /// Where functions begin, and the offset of each one's entry, ascending.
    index: OnceLock<Vec<(u64, usize)>>,
}

impl Cfi {
    /// `.eh_frame` at a virtual address, with the table of `.eh_frame_hdr` if there is one.
    pub(super) fn eh_frame(place: Place, address: u64, text: u64, header: Option<Header>) -> Self {
        let bases = BaseAddresses::default().set_eh_frame(address).set_text(text);
        Self { place, bases, is_eh_frame: true, header, index: OnceLock::new() }
    }

    /// `.debug_frame`.
    pub(super) fn debug_frame(place: Place) -> Self {
        let bases = BaseAddresses::default();
        Self { place, bases, is_eh_frame: false, header: None, index: OnceLock::new() }
    }

    /// Follows the rules for the frame's address; None if there are none that can be followed.
    pub(super) fn unwind(&self, file: &[u8], frame: &Frame<'_>) -> Option<Unwound> {
        self.with(file, frame.registers.arch(), Unwind { frame, offset: None })?
    }

    /// Follows the rules of the entry at an offset, if it is one for the frame's address.
    pub(super) fn unwind_at(&self, file: &[u8], offset: usize, frame: &Frame<'_>) -> Option<Unwound> {
        self.with(file, frame.registers.arch(), Unwind { frame, offset: Some(offset) })?
    }

    /// Asks the section, whichever of the two kinds it is.
    fn with<A: Ask>(&self, file: &[u8], arch: Arch, ask: A) -> Option<A::Answer> {
        let bytes = EndianSlice::new(self.place.bytes(file), LittleEndian);
        let size = if arch.is_64() { 8 } else { 4 };
        if self.is_eh_frame {
            let mut section = EhFrame::from(bytes);
            section.set_address_size(size);
            section.set_vendor(vendor(arch));
            Some(ask.ask(self, file, &section))
        } else {
            let mut section = DebugFrame::from(bytes);
            section.set_address_size(size);
            section.set_vendor(vendor(arch));
            Some(ask.ask(self, file, &section))
        }
    }

    fn entry<'d, S: UnwindSection<Slice<'d>>>(
        &self,
        file: &[u8],
        section: &S,
        address: u64,
    ) -> Option<Fde<'d>> {
        if let Some(header) = &self.header {
            let offset = header.find(file, address)?;
            return self.parsed(section, offset).filter(|entry| entry.contains(address));
        }
        let index = self.index.get_or_init(|| index(section, &self.bases));
        let after = index.partition_point(|(start, _)| *start <= address);
        let near = index.get(..after)?.iter().rev().take(MAX_ALIKE);
        near.filter_map(|(_, offset)| self.parsed(section, *offset)).find(|entry| entry.contains(address))
    }

    fn parsed<'d, S: UnwindSection<Slice<'d>>>(&self, section: &S, offset: usize) -> Option<Fde<'d>> {
        section.fde_from_offset(&self.bases, offset.into(), S::cie_from_offset).ok()
    }
}

fn vendor(arch: Arch) -> Vendor {
    if arch == Arch::Arm64 { Vendor::AArch64 } else { Vendor::Default }
}

/// A question to a section of either kind.
trait Ask {
    type Answer;
    fn ask<'d, S: UnwindSection<Slice<'d>>>(self, cfi: &Cfi, file: &[u8], section: &S) -> Self::Answer;
}

struct Unwind<'f> {
    frame: &'f Frame<'f>,
    /// Of the entry, where it is known.
    offset: Option<usize>,
}

impl Ask for Unwind<'_> {
    type Answer = Option<Unwound>;

    fn ask<'d, S: UnwindSection<Slice<'d>>>(self, cfi: &Cfi, file: &[u8], section: &S) -> Option<Unwound> {
        let address = self.frame.address;
        let entry = match self.offset {
            Some(offset) => cfi.parsed(section, offset).filter(|entry| entry.contains(address))?,
            None => cfi.entry(file, section, address)?,
        };
        if entry.entry_len().saturating_add(entry.cie().entry_len()) > MAX_RULES_LEN {
            return None;
        }
        let mut context = UnwindContext::<usize, Storage>::new_in();
        let row = entry.unwind_info_for_address(section, &cfi.bases, &mut context, address).ok()?;
        Rules { section, entry: &entry, row, frame: self.frame }.follow()
    }
}

/// Where functions begin, and the offset of each one's entry. What comes after damage is not seen.
fn index<'d, S: UnwindSection<Slice<'d>>>(section: &S, bases: &BaseAddresses) -> Vec<(u64, usize)> {
    let mut found = Vec::new();
    let mut entries = section.entries(bases);
    while let Ok(Some(entry)) = entries.next() {
        let CieOrFde::Fde(partial) = entry else { continue };
        if let Ok(entry) = partial.parse(S::cie_from_offset) {
            found.push((entry.initial_address(), entry.offset()));
        }
    }
    found.sort_unstable();
    found
}

/// The rules for one address, to be followed.
struct Rules<'r, 'd, S> {
    section: &'r S,
    entry: &'r Fde<'d>,
    row: &'r Row,
    frame: &'r Frame<'r>,
}

impl<'d, S: UnwindSection<Slice<'d>>> Rules<'_, 'd, S> {
    fn follow(&self) -> Option<Unwound> {
        let arch = self.frame.registers.arch();
        let cfa = self.cfa()? & arch.max();
        let returned = self.entry.cie().return_address_register();
        if self.row.register(returned) == Some(RegisterRule::Undefined) {
            return Some(Unwound::End);
        }
        let mut caller = self.frame.registers.returned(None, Some(cfa));
        for register in (0..).take(REGISTERS) {
            if let Some(rule) = self.row.register(gimli::Register(register)) {
                caller.set(register, self.value(&rule, register, cfa));
            }
        }
        caller.set(arch.pc(), self.return_address(returned, cfa));
        caller.pc()?;
        let is_signal = self.entry.is_signal_trampoline();
        Some(if is_signal { Unwound::interrupted(caller) } else { Unwound::caller(caller) })
    }

    /// A leaf function leaves it where the call put it.
    fn return_address(&self, register: gimli::Register, cfa: u64) -> Option<u64> {
        match self.row.register(register) {
            Some(rule) => self.value(&rule, register.0, cfa),
            None => self.frame.registers.get(register.0).filter(|_| Some(register.0) == self.arch().lr()),
        }
    }

    fn arch(&self) -> Arch {
        self.frame.registers.arch()
    }

    fn cfa(&self) -> Option<u64> {
        match self.row.cfa() {
            CfaRule::RegisterAndOffset { register, offset } => {
                Some(self.frame.registers.get(register.0)?.wrapping_add_signed(*offset))
            }
            CfaRule::Expression(expression) => self.evaluated(expression, None),
        }
    }

    fn value(&self, rule: &RegisterRule<usize>, register: Register, cfa: u64) -> Option<u64> {
        let registers: &Registers = self.frame.registers;
        match rule {
            RegisterRule::SameValue => registers.get(register),
            RegisterRule::Offset(offset) => {
                self.frame.word(cfa.wrapping_add_signed(*offset) & self.arch().max())
            }
            RegisterRule::ValOffset(offset) => Some(cfa.wrapping_add_signed(*offset)),
            RegisterRule::Register(other) => registers.get(other.0),
            RegisterRule::Expression(expression) => self.frame.word(self.evaluated(expression, Some(cfa))?),
            RegisterRule::ValExpression(expression) => self.evaluated(expression, Some(cfa)),
            RegisterRule::Constant(value) => Some(*value),
            RegisterRule::Undefined | RegisterRule::Architectural => None,
        }
    }

    fn evaluated(&self, expression: &gimli::UnwindExpression<usize>, initial: Option<u64>) -> Option<u64> {
        let expression = expression.get(self.section).ok()?;
        evaluate(expression, self.entry.cie().encoding(), initial, self.frame)
    }
}
