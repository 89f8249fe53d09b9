//! Any bytes as a universal binary.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    symbolicator_fuzz::questions::ask_behind(b"\xca\xfe\xba\xbe\0\0\0\x02", data);
});
