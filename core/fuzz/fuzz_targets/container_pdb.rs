//! Any bytes as a PDB.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    symbolicator_fuzz::questions::ask_behind(b"Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0", data);
});
