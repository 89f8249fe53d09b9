//! Any bytes as the tables of a Go program: conversion, lookups. Nothing may panic, hang or run out of memory.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolicator_engine::mapped::Bytes;
use symbolicator_engine::symbols::symcache::SymCache;
use symbolicator_engine::symbols::{build_symcache, has_go_table};

const HEADER: [u8; 64] = [
    0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 62, 0, 1, 0, 0, 0, 0, 0x10, 0x40, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 56, 0, 0, 0, 64, 0, 4, 0, 3,
    0,
];
const NAMES: &[u8] = b"\0.text\0.gopclntab\0.shstrtab\0";
const TEXT: u64 = 0x40_1000;
const TABLE: u64 = 0x50_0000;

/// A program whose table is `data`, with the magic of one of the versions.
fn program(data: &[u8]) -> Vec<u8> {
    let mut table = data.to_vec();
    let version = [0xfb, 0xfa, 0xf0, 0xf1][usize::from(table.first().copied().unwrap_or(0) % 4)];
    for (to, from) in table.iter_mut().zip([version, 0xff, 0xff, 0xff, 0, 0, 1, 8]) {
        *to = from;
    }
    let start = (HEADER.len() + 4 * 64) as u64;
    let len = table.len() as u64;
    let sections: [[u64; 8]; 4] = [
        [0; 8],
        [1, 1 | 6 << 32, TEXT, start, 0x1000.min(len), 0, 0, 0],
        [7, 1 | 2 << 32, TABLE, start, len, 0, 0, 0],
        [18, 3, 0, start + len, NAMES.len() as u64, 0, 0, 0],
    ];
    let mut out = HEADER.to_vec();
    for [name, kind_and_flags, address, offset, size, ..] in sections {
        out.extend((name as u32).to_le_bytes());
        out.extend((kind_and_flags as u32).to_le_bytes());
        for field in [kind_and_flags >> 32, address, offset, size, 0, 1, 0] {
            out.extend(field.to_le_bytes());
        }
    }
    out.extend(&table);
    out.extend(NAMES);
    out
}

fuzz_target!(|data: &[u8]| {
    let program = program(data);
    let _found = has_go_table(&program);
    let Ok(index) = build_symcache(&program, 0) else { return };
    let symcache = SymCache::open(Bytes::Owned(index)).expect("what was built can be opened");
    let addresses: Vec<u64> = (0..0x1000).step_by(3).map(|at| TEXT + at - symcache.load_address()).collect();
    symcache.lookup(&addresses).expect("what was built can be read");
});
