//! Any bytes as an ELF file.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    symbolicator_fuzz::questions::ask_behind(b"\x7fELF", data);
});
