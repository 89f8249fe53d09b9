//! Any bytes as a minidump, with and without a header that is right.

#![no_main]

use symbolicator_engine::dumps::minidump::{self, Minidump};

const STACKS: usize = 64 << 20;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    check(data);
    // Most of what the fuzzer makes up would else end at the first four bytes.
    check(&[&b"MDMP\x93\xa7\0\0"[..], data].concat());
});

fn check(data: &[u8]) {
    let Ok(dump) = minidump::read(data) else { return };
    stacks_lie_in_the_file(&dump, data.len());
    let texts: usize = dump.modules.iter().map(|module| module.name.len()).sum();
    assert!(texts <= 32 << 20);
    assert!(dump.walked_threads.iter().map(|thread| thread.frames.len()).sum::<usize>() <= 100_000);
}

fn stacks_lie_in_the_file(dump: &Minidump, len: usize) {
    let stacks = dump.threads.iter().filter_map(|thread| thread.stack.as_ref());
    let mut all = 0;
    for stack in stacks {
        assert!(stack.place.start < stack.place.end && stack.place.end <= len);
        assert!(stack.address.checked_add(stack.place.len() as u64).is_some());
        all += stack.place.len();
    }
    assert!(all <= STACKS);
}
