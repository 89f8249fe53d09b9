//! Any text as a name, under each language's prefix. Nothing may panic, hang, or grow without bound.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolicator_engine::symbols::{demangle, demangle_without_arguments};

const PREFIXES: [&str; 13] =
    ["", "_Z", "_R", "?", "$s", "_T0", "_TtC", "_D", "kfun:", "Precompiled_", "__1-[", "_ZN17h", "$s4main"];
/// What the longest name may become: see `MAX_DEMANGLED`, and what is put around it.
const MAX_SHOWN: usize = 300 * 1024;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    for prefix in PREFIXES {
        let name = format!("{prefix}{text}");
        for shown in [demangle(&name), demangle_without_arguments(&name)] {
            assert!(shown.len() <= MAX_SHOWN.max(name.len()));
            assert!(!shown.is_empty() || name.is_empty());
        }
    }
});
