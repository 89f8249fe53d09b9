//! From the registers and the stack of a thread to its frames.

use super::arch::Arch;
use super::calls;
use super::frame::{Frame as RuleFrame, Unwound};
use super::info::UnwindInfo;
use super::memory::{Memory, Region};
use super::pointers::Pointers;
use super::references::Places;
use super::registers::Registers;
use super::trampoline;
use crate::symbols::guarded;

/// No stack that is shown has more.
pub const MAX_FRAMES: usize = 256;

/// A loaded file.
pub struct Image<'m> {
    /// Where the image lies.
    pub address: u64,
    /// Bytes that it takes.
    pub size: u64,
    /// Where its lowest segment lies, which need not be where the image was seen.
    pub base: u64,
    /// Its files, best first.
    pub infos: Vec<&'m UnwindInfo>,
}

impl Image<'_> {
    /// What was added to the addresses of one of its files.
    fn bias(&self, info: &UnwindInfo) -> u64 {
        self.base.wrapping_sub(info.load_address())
    }

    /// A file's own address of what lies at an address of the process.
    pub(super) fn virtual_address(&self, info: &UnwindInfo, address: u64) -> u64 {
        address.wrapping_sub(self.bias(info))
    }

    /// Whether code can lie at an address; true where no file says.
    fn is_code(&self, address: u64) -> bool {
        self.infos.is_empty()
            || self.infos.iter().any(|info| info.is_code(self.virtual_address(info, address)))
    }
}

/// How a frame was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// By the thread's own registers.
    Context,
    /// By unwind information.
    Cfi,
    /// By the chain of frame pointers.
    Fp,
    /// By looking for return addresses on the stack.
    Scan,
}

impl Trust {
    /// As in Sentry's payload.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Context => "context",
            Self::Cfi => "cfi",
            Self::Fp => "fp",
            Self::Scan => "scan",
        }
    }
}

/// A frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Program counter, without what a processor keeps in a pointer besides the address: where the thread is, or
    /// where the call that it is in returns to.
    pub address: u64,
    /// How it was found.
    pub trust: Trust,
    /// Whether `address` is that of an instruction that was to be executed, and not a return address.
    pub is_interrupted: bool,
    /// What is known of its registers.
    pub registers: Registers,
    /// Bytes that the function which it called takes from the stack when it returns.
    callee_parameters: u64,
}

/// What a stack is walked with.
pub struct Stack<'m> {
    /// Memory of the process: the stack, and whatever else there is.
    pub memory: &'m [Region<'m>],
    /// The images, in any order.
    pub images: &'m [Image<'m>],
}

impl Stack<'_> {
    /// Walks a stack from a thread's registers: at most `max_frames` frames, newest first. No frame without a program
    /// counter.
    #[must_use]
    pub fn walk(&self, registers: Registers, max_frames: usize) -> Vec<Frame> {
        let spans: Vec<_> = self.images.iter().map(|image| (image.address, image.size)).collect();
        let walker = Walker {
            arch: registers.arch(),
            memory: Memory { regions: self.memory, images: self.images, places: Places::new(&spans) },
            pointers: Pointers::of(registers.arch(), spans.iter().copied()),
        };
        walker.walk(registers, max_frames.min(MAX_FRAMES))
    }
}

/// What a walk needs to know at every frame.
pub(super) struct Walker<'m> {
    pub(super) arch: Arch,
    pub(super) memory: Memory<'m>,
    pub(super) pointers: Pointers,
}

impl Walker<'_> {
    fn walk(&self, registers: Registers, max_frames: usize) -> Vec<Frame> {
        let mut frames = Vec::new();
        let mut next = self.frame(registers, Trust::Context, true);
        while let Some(mut frame) = next.take().filter(|_| frames.len() < max_frames) {
            next = self.caller(&frame);
            // Nobody called what a signal handler returns to: it is where the machine would have gone on.
            frame.is_interrupted |= next.as_ref().is_some_and(|caller| caller.is_interrupted);
            frames.push(frame);
        }
        frames
    }

    /// A frame of registers; None without a program counter.
    pub(super) fn frame(
        &self,
        mut registers: Registers,
        trust: Trust,
        is_interrupted: bool,
    ) -> Option<Frame> {
        let pc = self.pointers.code(registers.pc()?);
        registers.set(self.arch.pc(), Some(pc));
        Some(Frame { address: pc, trust, is_interrupted, registers, callee_parameters: 0 })
    }

    fn caller(&self, frame: &Frame) -> Option<Frame> {
        match self.by_rules(frame) {
            Some(Unwound::End) => None,
            Some(Unwound::Caller { registers, is_signal, parameters, .. }) => {
                let caller = self.frame(*registers, Trust::Cfi, is_signal)?;
                Some(Frame { callee_parameters: parameters, ..caller })
            }
            None => self.without_rules(frame),
        }
    }

    /// By the files of the image that the frame lies in.
    fn by_rules(&self, frame: &Frame) -> Option<Unwound> {
        if let Some(registers) = trampoline::interrupted(frame.address, &frame.registers, &self.memory) {
            return Some(Unwound::interrupted(registers));
        }
        let lookup = if frame.is_interrupted { frame.address } else { frame.address.checked_sub(1)? };
        let image = self.memory.image_at(lookup)?;
        image.infos.iter().find_map(|info| {
            let rule = RuleFrame {
                registers: &frame.registers,
                memory: &self.memory,
                address: image.virtual_address(info, lookup),
                bias: image.bias(info),
                is_interrupted: frame.is_interrupted,
                callee_parameters: frame.callee_parameters,
            };
            let unwound = guarded(|| Ok(info.unwind(&rule))).ok().flatten();
            unwound.filter(|unwound| self.makes_sense(frame, unwound))
        })
    }

    /// Whether a caller by rules is further up the stack. Stacks of signal handlers may lie anywhere.
    fn makes_sense(&self, frame: &Frame, unwound: &Unwound) -> bool {
        let Unwound::Caller { registers, is_signal, is_certain, .. } = unwound else { return true };
        let (old, new) = (frame.registers.sp(), registers.sp());
        // A leaf function that keeps its return address in a register needs no stack.
        let may_stay = frame.is_interrupted && self.arch.lr().is_some();
        let is_up = old.zip(new).is_some_and(|(old, new)| new > old || (may_stay && new == old));
        let is_trusted = *is_certain && matches!(frame.trust, Trust::Context | Trust::Cfi);
        let is_pc = |pc| pc != 0 && (is_trusted || self.is_caller(self.pointers.code(pc), registers));
        registers.pc().is_some_and(is_pc) && (is_up || (*is_signal && new.is_some()))
    }

    /// Whether a function can return to an address: to a call, or from a handler to what ends it.
    fn is_caller(&self, pc: u64, registers: &Registers) -> bool {
        self.is_return_address(pc) || trampoline::interrupted(pc, registers, &self.memory).is_some()
    }

    /// Whether a call can return to an address: it lies in code, behind a call where the code is at hand.
    pub(super) fn is_return_address(&self, address: u64) -> bool {
        let Some(before) = address.checked_sub(1) else { return false };
        let Some(image) = self.memory.image_at(before) else { return false };
        image.is_code(before) && calls::precedes(self.arch, address, &self.memory).unwrap_or(true)
    }
}
