//! Any bytes as a PE image.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    symbolicator_fuzz::questions::ask_behind(b"MZ", data);
});
