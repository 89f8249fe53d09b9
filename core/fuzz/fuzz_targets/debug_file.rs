//! Any bytes as a debug file: summary, conversion, lookups. Nothing may panic, hang or run out of memory.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolicator_engine::mapped::Bytes;
use symbolicator_engine::symbols::symcache::{NONE, SymCache};
use symbolicator_engine::symbols::{build_symcache, summarize_debug_file};

fuzz_target!(|data: &[u8]| {
    let mut data = data.to_vec();
    // Without its magic nothing of the file would be read.
    for (to, from) in data.iter_mut().zip(*b"\x7fELF") {
        *to = from;
    }
    let summary = summarize_debug_file(&data);
    let Ok(index) = build_symcache(&data) else { return };
    assert!(summary.is_ok());
    let symcache = SymCache::open(Bytes::Owned(index)).expect("what was built can be opened");
    symcache.verify().expect("what was built holds its checksums");
    let addresses: Vec<u64> = (0..0x4000).step_by(5).chain([u64::MAX, 1 << 63]).collect();
    let chains = symcache.lookup(&addresses).expect("what was built can be read");
    for frame in chains.frames.iter().take(500) {
        for id in [frame.function, frame.symbol, frame.file].into_iter().filter(|id| *id != NONE) {
            symcache.string(id).expect("what was built can be read");
        }
    }
    symcache.symbol_address("main(int)").expect("what was built can be read");
});
