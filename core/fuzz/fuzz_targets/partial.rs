//! Any program that does not contradict itself: what is read for a few addresses alone answers as the whole file does.
//!
//! Where units or functions claim each other's addresses the two may differ: which claim is the tighter one is then
//! decided with what was read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolicator_fuzz::{Input, elf, program, questions};

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let made_up = program::made_up(&mut input);
    let sections = made_up.sections.iter().map(|(name, bytes)| (*name, &bytes[..], made_up.is_packed));
    let file = elf::file(&sections.collect::<Vec<_>>());
    let code = (made_up.end - elf::CODE_AT) as u16 + 2;
    let asked = 1 + input.below(30);
    let mut address = || u64::from(u16::from_le_bytes([input.byte(), input.byte()]) % code);
    // Without program headers the image begins at 0.
    let addresses: Vec<u64> = (0..asked).map(|_| elf::CODE_AT + address()).collect();
    questions::compare_partial(&file, &addresses);
});
