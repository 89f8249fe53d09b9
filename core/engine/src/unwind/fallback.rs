//! Callers of frames that no rules lead out of: by the link register, by frame pointers, by the words on the stack.

use super::arch::{Arch, Register};
use super::registers::Registers;
use super::trampoline;
use super::walk::{Frame, Trust, Walker};

/// Words of the stack that are looked at for a return address.
const MAX_SCANNED: u64 = 1024;
/// The same while nobody can tell code from data.
const MAX_SCANNED_BLIND: u64 = 256;
/// Records of frame pointers that are followed to see whether they lead anywhere.
const MAX_LOOKAHEAD: usize = 32;

/// Where a frame pointer points at: bytes from there to the caller's frame pointer and to the return address.
#[derive(Clone, Copy)]
struct Record {
    register: Register,
    to_fp: i64,
    to_pc: i64,
}

/// That of compilers for each processor. On ARM code of either instruction set has its own, and that of GCC another.
fn records(arch: Arch) -> Vec<Record> {
    let pair = |register| Record { register, to_fp: 0, to_pc: arch.word().cast_signed() };
    match arch {
        Arch::Arm => vec![pair(11), Record { register: 11, to_fp: -4, to_pc: 0 }, pair(arch.fp())],
        _ => vec![pair(arch.fp())],
    }
}

/// A caller by a record of frame pointers.
struct Linked {
    fp: u64,
    pc: u64,
    /// Behind the record.
    sp: u64,
}

impl Walker<'_> {
    /// The caller of a frame for which no file has rules.
    pub(super) fn without_rules(&self, frame: &Frame) -> Option<Frame> {
        if frame.trust == Trust::Fp && frame.registers.fp() == Some(0) {
            return None; // the program's first function says so
        }
        if let Some(interrupted) = self.by_signal(frame) {
            return Some(interrupted);
        }
        let at_nowhere = frame.is_interrupted && self.memory.image_at(frame.address).is_none();
        let called = if at_nowhere { self.by_call_to_nowhere(frame) } else { None };
        let leaf = || self.by_link_register(frame).filter(|_| !at_nowhere);
        called.or_else(leaf).or_else(|| self.by_frame_pointer(frame)).or_else(|| self.by_scan(frame))
    }

    /// What a handler returns to need not be at hand: it belongs to the kernel, or to a library that nobody passed.
    fn by_signal(&self, frame: &Frame) -> Option<Frame> {
        let is_unseen = !frame.is_interrupted && self.memory.of_file(frame.address, 1).is_none();
        let registers =
            trampoline::likely_interrupted(&frame.registers, &self.memory).filter(|_| is_unseen)?;
        self.frame(registers, Trust::Scan, true)
    }

    /// A call through a bad pointer has left the return address, and done nothing else yet.
    fn by_call_to_nowhere(&self, frame: &Frame) -> Option<Frame> {
        let sp = frame.registers.sp()?;
        let (pc, sp) = match frame.registers.lr() {
            Some(lr) => (lr, sp),
            None => (self.memory.read(sp, self.arch.word())?, sp.checked_add(self.arch.word())?),
        };
        let pc = self.pointers.code(pc);
        let registers = frame.registers.returned(Some(pc), Some(sp));
        if self.is_return_address(pc) { self.frame(registers, Trust::Scan, false) } else { None }
    }

    /// A function that calls none may have its return address in the register still.
    fn by_link_register(&self, frame: &Frame) -> Option<Frame> {
        let lr = self.pointers.code(frame.registers.lr().filter(|_| frame.is_interrupted)?);
        let stored = self.linked(frame).is_some_and(|record| record.pc == lr);
        if stored || !self.is_return_address(lr) {
            return None;
        }
        self.frame(frame.registers.returned(Some(lr), frame.registers.sp()), Trust::Fp, false)
    }

    fn by_frame_pointer(&self, frame: &Frame) -> Option<Frame> {
        let (register, caller) = self.linked_by(frame)?;
        let mut registers = frame.registers.returned(Some(caller.pc), Some(caller.sp));
        registers.set(register, Some(caller.fp));
        self.frame(registers, Trust::Fp, false)
    }

    fn linked(&self, frame: &Frame) -> Option<Linked> {
        self.linked_by(frame).map(|(_, caller)| caller)
    }

    /// The caller by the first record that leads to code, and the register that pointed at it.
    fn linked_by(&self, frame: &Frame) -> Option<(Register, Linked)> {
        let sp = frame.registers.sp()?;
        records(self.arch).into_iter().find_map(|record| {
            let fp = frame.registers.get(record.register).filter(|fp| *fp >= sp)?;
            let caller = self.read(record, fp)?;
            self.leads_to_code(record, &caller).then_some((record.register, caller))
        })
    }

    fn read(&self, record: Record, fp: u64) -> Option<Linked> {
        let word = self.arch.word();
        let at = fp.checked_add_signed(record.to_pc).filter(|at| at.is_multiple_of(word))?;
        let pc = self.pointers.code(self.memory.read(at, word)?);
        let caller = self.memory.read(fp.checked_add_signed(record.to_fp)?, word)?;
        let is_up = caller == 0 || caller > fp;
        is_up.then_some(Linked { fp: caller, pc, sp: at.checked_add(word)? })
    }

    /// Whether a record returns into an image, or to code that was made at run time and that an image called.
    fn leads_to_code(&self, record: Record, caller: &Linked) -> bool {
        let (mut fp, mut pc) = (caller.fp, caller.pc);
        for _ in 0..MAX_LOOKAHEAD {
            if self.is_return_address(pc) {
                return true;
            }
            if pc == 0 || self.memory.image_at(pc).is_some() {
                return false;
            }
            let Some(next) = self.read(record, fp) else { return false };
            (fp, pc) = (next.fp, next.pc);
        }
        false
    }

    /// Of the nearest word on the stack that can be a return address.
    fn by_scan(&self, frame: &Frame) -> Option<Frame> {
        let word = self.arch.word();
        let sp = frame.registers.sp()?.checked_next_multiple_of(word)?;
        for at in 0..MAX_SCANNED {
            let place = sp.checked_add(at * word)?;
            let pc = self.pointers.code(self.memory.read(place, word)?);
            let is_known =
                at < MAX_SCANNED_BLIND || self.memory.image_at(pc).is_some_and(|one| !one.infos.is_empty());
            if is_known && self.is_return_address(pc) {
                return self.scanned(frame, pc, place);
            }
        }
        None
    }

    /// What is known where a return address was found: hardly any register.
    fn scanned(&self, frame: &Frame, pc: u64, place: u64) -> Option<Frame> {
        let word = self.arch.word();
        let mut registers = Registers::new(self.arch);
        registers.set(self.arch.pc(), Some(pc));
        registers.set(self.arch.sp(), Some(place.checked_add(word)?));
        // Functions that keep a frame pointer save their caller's below the return address.
        let saved = place.checked_sub(word).and_then(|below| self.memory.read(below, word));
        let is_above = |fp: &u64| *fp > place && self.memory.is_dumped(*fp);
        let fp =
            saved.filter(|_| self.arch.is_x86()).filter(is_above).or(frame.registers.fp().filter(is_above));
        registers.set(self.arch.fp(), fp);
        self.frame(registers, Trust::Scan, false)
    }
}
