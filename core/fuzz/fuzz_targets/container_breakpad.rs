//! Any bytes as a Breakpad symbol file.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    symbolicator_fuzz::questions::ask_behind(
        b"MODULE windows x86_64 000102030405060708090A0B0C0D0E0F1 a\n",
        data,
    );
});
