//! A debug file and a companion of it, both any bytes. Nothing may panic, hang or run out of memory.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolicator_engine::mapped::Bytes;
use symbolicator_engine::symbols::symcache::SymCache;
use symbolicator_engine::symbols::{Conversion, missing_companions, summarize_debug_file};

const MAGIC: &[u8] = b"\x7fELF";

/// Without its magic nothing of a file would be read.
fn as_elf(data: &[u8]) -> Vec<u8> {
    let mut data = data.to_vec();
    for (to, from) in data.iter_mut().zip(MAGIC) {
        *to = *from;
    }
    data
}

// The first four bytes say how long the debug file is; what follows it is the companion.
fuzz_target!(|data: &[u8]| {
    let Some((length, rest)) = data.split_first_chunk::<4>() else { return };
    let length = u32::from_le_bytes(*length) as usize % (rest.len() + 1);
    let (main, companion) = rest.split_at(length);
    let (main, companion) = (as_elf(main), as_elf(companion));
    let _any = summarize_debug_file(&companion);
    let _any = missing_companions(&main, &[&companion]);
    let Ok(index) = Conversion { companions: &[&companion], ..Conversion::default() }.run(&main) else {
        return;
    };
    let symcache = SymCache::open(Bytes::Owned(index)).expect("what was built can be opened");
    symcache.verify().expect("what was built holds its checksums");
    symcache.missing_companions().expect("what was built can be read");
    let addresses: Vec<u64> = (0..0x2000).step_by(5).collect();
    symcache.lookup(&addresses).expect("what was built can be read");
});
