//! Any text as a mangled C++ name: nothing may panic, hang or run out of memory, and the text stays within its limit.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolicator_engine::symbols::demangle;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let name = format!("_Z{text}");
    let told = demangle(&name);
    assert!(told.len() <= (256 << 10).max(name.len()), "a text got too long");
    assert_eq!(told, demangle(&name), "memory that is used again changes a name");
});
