//! Any bytes as a debug file: summary, conversion, lookups. Nothing may panic, hang or run out of memory.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolicator_engine::mapped::Bytes;
use symbolicator_engine::symbols::symcache::{NONE, SymCache};
use symbolicator_engine::symbols::{SourceLinks, build_symcache, summarize_debug_file};

/// Without its magic nothing of the file would be read. The first two bytes say which format is meant.
fn magic(data: &[u8]) -> &'static [u8] {
    match data {
        [0xcf, ..] => b"\xcf\xfa\xed\xfe",
        [0xca, ..] => b"\xca\xfe\xba\xbe\0\0\0\x02",
        [0, ..] => b"\0asm\x01\0\0\0",
        [b'M', b'i', ..] => b"Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0",
        [b'M', b'O', ..] => b"MODULE windows x86_64 000102030405060708090A0B0C0D0E0F1 a\n",
        [b'M', ..] => b"MZ",
        [b'd', ..] => b"dyld_v1  arm64e\0",
        _ => b"\x7fELF",
    }
}

fuzz_target!(|data: &[u8]| {
    let mut data = data.to_vec();
    let magic = magic(&data);
    for (to, from) in data.iter_mut().zip(magic) {
        *to = *from;
    }
    if let Ok(links) = SourceLinks::read(&data) {
        links.url("C:\\build\\bakery\\bakery.c");
    }
    let summary = summarize_debug_file(&data);
    let Ok(index) = build_symcache(&data, 0) else { return };
    assert!(summary.is_ok() || magic.starts_with(b"\xca"));
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
