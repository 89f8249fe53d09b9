//! Any file as unwind information, and any registers and stack to walk with it.
//!
//! The end of the input is the stack too: words of it that are odd are made to point into the image.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolicator_engine::unwind::{
    Arch, Image, MAX_FRAMES, Region, Registers, Stack, UnwindInfo, images_on_stacks,
};

const BASE: u64 = 0x5555_0000;
const STACK: u64 = 0x7ffe_0000;
const MAX_STACK: usize = 1024;
const STARTS: usize = 8;

fn stack(data: &[u8], word: usize, size: u64) -> Vec<u8> {
    let tail = &data[data.len().saturating_sub(MAX_STACK)..];
    let words = tail.chunks_exact(word).map(|bytes| {
        let value = bytes.iter().rev().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
        match value % 4 {
            0 | 2 => value,
            1 => BASE + (value >> 2) % size,
            _ => STACK + (value >> 2) % MAX_STACK as u64,
        }
    });
    words.flat_map(|value| value.to_le_bytes().into_iter().take(word)).collect()
}

fuzz_target!(|data: &[u8]| {
    let index = usize::from(data.last().copied().unwrap_or(0) % 3 / 2);
    let Ok(info) = UnwindInfo::open(Box::new(data.to_vec()), index) else { return };
    let Some(arch) = Arch::named(info.arch()) else { return };
    let size = (data.len() as u64).max(1) * 2;
    let images = [Image { address: BASE, size, base: BASE, infos: vec![&info] }];
    let stack = stack(data, usize::try_from(arch.word()).unwrap_or(8), size);
    let memory = [Region { address: STACK, bytes: &stack }];
    let _used = images_on_stacks(arch, &[&stack], &[BASE], &[(BASE, size)]);
    for start in data.rchunks_exact(4).take(STARTS) {
        let offset = u64::from(u32::from_le_bytes([start[0], start[1], start[2], start[3]])) % size;
        let mut registers = Registers::new(arch);
        for register in 0..33 {
            registers.set(register, Some(STACK + u64::from(register) * 8));
        }
        for (name, value) in [("sp", STACK), ("rsp", STACK), ("esp", STACK)] {
            arch.register(name).into_iter().for_each(|register| registers.set(register, Some(value)));
        }
        for name in ["pc", "rip", "eip"] {
            arch.register(name).into_iter().for_each(|register| registers.set(register, Some(BASE + offset)));
        }
        let frames = (Stack { memory: &memory, images: &images }).walk(registers, MAX_FRAMES);
        assert!(!frames.is_empty() && frames.len() <= MAX_FRAMES);
    }
});
