//! Any bytes as a perf map, a jitdump or a list of kernel symbols: summary, conversion, lookups. Nothing may panic, hang or run out of memory.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolicator_engine::mapped::Bytes;
use symbolicator_engine::symbols::symcache::SymCache;
use symbolicator_engine::symbols::{build_symcache, summarize_debug_file};

/// Three lines that have the form, so that the rest of the file is read.
fn with_head(data: &[u8]) -> Vec<u8> {
    match data.split_first() {
        Some((0, rest)) => [&b"1000 10 a\n1010 10 b\n1020 10 c\n"[..], rest].concat(),
        Some((1, rest)) => {
            let line = b"ffffffff81000000 T _text\n";
            [&line[..], line, line, rest].concat()
        }
        Some((kind, rest)) => {
            let magic = if kind % 2 == 0 { b"DTiJ" } else { b"JiTD" };
            [&magic[..], &[1, 0, 0, 0, 40, 0, 0, 0], &[0; 28], rest].concat()
        }
        None => Vec::new(),
    }
}

fuzz_target!(|data: &[u8]| {
    let data = with_head(data);
    let summary = summarize_debug_file(&data);
    let Ok(index) = build_symcache(&data, 0) else { return };
    assert!(summary.is_ok());
    let symcache = SymCache::open(Bytes::Owned(index)).expect("what was built can be opened");
    let addresses: Vec<u64> = (0x1000..0x1100).chain([0, 1 << 63, u64::MAX]).collect();
    symcache.lookup(&addresses).expect("what was built can be read");
});
