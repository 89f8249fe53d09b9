//! Any bytes as a Mach-O file.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    symbolicator_fuzz::questions::ask_behind(b"\xcf\xfa\xed\xfe", data);
});
