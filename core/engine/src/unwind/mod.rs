//! Unwinding: the registers and the stack of a stopped thread to its frames.
//!
//! A file says how to find the callers of its functions ([`UnwindInfo`]); where it does not, frame pointers and then
//! the bare words of the stack are tried ([`Trust`] says what a frame was found by). Everything that is read may be
//! damaged: nothing is followed without a limit.
//!
//! ```no_run
//! use symbolicator_engine::unwind::{Arch, Image, Region, Registers, Stack, UnwindInfo};
//!
//! let info = UnwindInfo::open(Box::new(std::fs::read("libcrash.so")?), 0)?;
//! let image = Image { address: 0x7f00_0000_0000, size: 0x5000, base: 0x7f00_0000_0000, infos: vec![&info] };
//! let memory = [Region { address: 0x7ffd_0000_1000, bytes: &[0; 64] }];
//! let mut registers = Registers::new(Arch::X86_64);
//! registers.set(16, Some(0x7f00_0000_1139));
//! registers.set(7, Some(0x7ffd_0000_1000));
//! for frame in (Stack { memory: &memory, images: &[image] }).walk(registers, 256) {
//!     println!("{:#x} {}", frame.address, frame.trust.name());
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod arch;
mod arm64_code;
mod breakpad;
mod breakpad_cfi;
mod breakpad_win;
mod calls;
mod cfi;
mod compact;
mod compact_arm64;
mod compact_x86;
mod eh_frame_hdr;
mod exidx;
mod exidx_program;
mod expression;
mod fallback;
mod frame;
mod info;
mod memory;
mod pe_arm64;
mod pe_arm64_operations;
mod pe_x64;
mod place;
mod pointers;
mod postfix;
mod references;
mod registers;
mod trampoline;
mod walk;
mod x86_code;

pub use arch::{Arch, Register};
pub use info::{Data, UnwindInfo};
pub use memory::Region;
pub use references::images_on_stacks;
pub use registers::Registers;
pub use walk::{Frame, Image, MAX_FRAMES, Stack, Trust};
