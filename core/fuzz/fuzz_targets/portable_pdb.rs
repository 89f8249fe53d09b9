//! Any bytes as a portable PDB, or as the metadata of an assembly: summary, conversion, sources. Nothing may panic, hang or run out of memory.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolicator_engine::mapped::Bytes;
use symbolicator_engine::symbols::symcache::SymCache;
use symbolicator_engine::symbols::{build_symcache, portable_pdb_source, portable_pdb_sources};

/// Metadata starts alike in a PDB and in an assembly; anything else is an image.
fn with_magic(data: &[u8]) -> Vec<u8> {
    let mut data = data.to_vec();
    let magic: &[u8] = if data.starts_with(b"M") { b"MZ" } else { b"BSJB" };
    for (to, from) in data.iter_mut().zip(magic) {
        *to = *from;
    }
    data
}

fuzz_target!(|data: &[u8]| {
    let data = with_magic(data);
    if let Ok(sources) = portable_pdb_sources(&data) {
        for (path, is_embedded) in sources.documents.iter().take(20) {
            // A damaged text is an error.
            let text = portable_pdb_source(&data, path);
            assert!(*is_embedded || matches!(text, Ok(None)) || sources.documents.len() > 1);
        }
    }
    let Ok(index) = build_symcache(&data, 0) else { return };
    let symcache = SymCache::open(Bytes::Owned(index)).expect("what was built can be opened");
    let addresses: Vec<u64> = (1..200).flat_map(|row| [row << 32, row << 32 | 0x25]).collect();
    symcache.lookup(&addresses).expect("what was built can be read");
});
