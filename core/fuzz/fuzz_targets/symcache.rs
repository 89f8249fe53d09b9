//! Any bytes as the sections of a SymCache, behind a header with the right checksums: lookups answer or refuse.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolicator_engine::container::{Kind, Writer};
use symbolicator_engine::mapped::Bytes;
use symbolicator_engine::symbols::symcache::{FILE_VERSION, NONE, SymCache};

const SECTIONS: u32 = 10;

/// Cuts the input into sections, each behind its length, and writes a container around them.
fn index_of(mut data: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new(Kind { tag: 2, version: FILE_VERSION });
    for id in 1..=SECTIONS {
        let len = data.first_chunk::<2>().map_or(0, |len| usize::from(u16::from_le_bytes(*len)));
        let rest = data.get(2..).unwrap_or_default();
        let (section, after) = rest.split_at(len.min(rest.len()));
        writer.section(id, section.to_vec());
        data = after;
    }
    writer.finish()
}

fuzz_target!(|data: &[u8]| {
    let Ok(symcache) = SymCache::open(Bytes::Owned(index_of(data))) else { return };
    let addresses: Vec<u64> = (0..200).chain([u64::MAX, 1 << 63, 1 << 32]).collect();
    for address in &addresses {
        let Ok(chains) = symcache.lookup(&[*address]) else { continue };
        for frame in &chains.frames {
            for id in [frame.function, frame.symbol, frame.file].into_iter().filter(|id| *id != NONE) {
                let _refused = symcache.string(id);
            }
        }
    }
    let _refused = (symcache.lookup(&addresses), symcache.arch(), symcache.code_id(), symcache.debug_id());
    let _refused = (symcache.symbol_address("main"), symcache.symbol_address("a::f(int)"), symcache.verify());
});
