//! Everything that can be asked of a debug file. Nothing may panic, hang or run out of memory.

use symbolicator_engine::mapped::Bytes;
use symbolicator_engine::symbols::symcache::{FrameRecord, NONE, SymCache};
use symbolicator_engine::symbols::{
    Conversion, DebugFileError, SourceLinks, build_symcache, summarize_debug_files,
};

/// Where generated code lies, image-relative.
const CODE: std::ops::Range<u64> = 0..0x4000;

/// Puts `magic` at the start of `data`, without which nothing of it would be read, and asks.
pub fn ask_behind(magic: &[u8], data: &[u8]) {
    let mut data = data.to_vec();
    for (to, from) in data.iter_mut().zip(magic) {
        *to = *from;
    }
    ask(&data);
}

/// Summary, conversion in both ways, lookups by address and by name.
pub fn ask(data: &[u8]) {
    let summaries = summarize_debug_files(data);
    let addresses: Vec<u64> = CODE.step_by(5).chain([u64::MAX, 1 << 63]).collect();
    let _refused = around(data, &addresses).map(|index| ask_index(index, &addresses));
    let _unknown = SourceLinks::read(data).map(|links| links.url("C:\\build\\bakery\\bakery.c"));
    let Ok(index) = build_symcache(data, 0) else { return };
    assert!(summaries.is_ok(), "what was built has a summary");
    ask_index(index, &addresses);
}

fn ask_index(index: Vec<u8>, addresses: &[u64]) {
    let symcache = open(index);
    symcache.verify().expect("what was built holds its checksums");
    let chains = symcache.lookup(addresses).expect("what was built can be read");
    for frame in chains.frames.iter().take(500) {
        for id in [frame.function, frame.symbol, frame.file].into_iter().filter(|id| *id != NONE) {
            symcache.string(id).expect("what was built can be read");
        }
    }
    symcache.symbol_address("main(int)").expect("what was built can be read");
}

/// Asserts that a conversion for `addresses` alone gives the answers of the whole one.
pub fn compare_partial(data: &[u8], addresses: &[u64]) {
    let whole = open(build_symcache(data, 0).expect("a program that was written well can be read"));
    let partial = around(data, addresses).expect("part of it can be read as well");
    let partial = open(partial);
    for &address in addresses {
        assert_eq!(chain(&partial, address), chain(&whole, address), "at {address:#x}");
    }
}

fn open(index: Vec<u8>) -> SymCache {
    SymCache::open(Bytes::Owned(index)).expect("what was built can be opened")
}

type Frame = ([Option<String>; 3], [u32; 3], u64);

fn chain(symcache: &SymCache, address: u64) -> Vec<Frame> {
    let chains = symcache.lookup(&[address]).expect("what was built can be read");
    chains.frames.iter().map(|frame| spelled(symcache, frame)).collect()
}

fn spelled(symcache: &SymCache, frame: &FrameRecord) -> Frame {
    let text = |id| (id != NONE).then(|| symcache.string(id).expect("what was built can be read"));
    let texts = [frame.function, frame.symbol, frame.file].map(text);
    (texts, [frame.line, frame.column, frame.flags], frame.entry)
}

fn around(data: &[u8], addresses: &[u64]) -> Result<Vec<u8>, DebugFileError> {
    Conversion { addresses: Some(addresses), ..Conversion::default() }.run(data)
}
