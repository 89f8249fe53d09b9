//! Any bytes as a shared cache of Apple's.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    symbolicator_fuzz::questions::ask_behind(b"dyld_v1  arm64e\0", data);
});
