//! Any bytes as a WebAssembly module.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    symbolicator_fuzz::questions::ask_behind(b"\0asm\x01\0\0\0", data);
});
