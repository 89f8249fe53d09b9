//! Any bytes as sections of DWARF, behind right headers, compressed or not: a made-up program whose sections the input
//! patches or replaces.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolicator_fuzz::{Input, elf, program, questions};

/// Sections that the input may add.
const OTHERS: [&str; 6] = [
    ".debug_ranges",
    ".debug_rnglists",
    ".debug_addr",
    ".debug_str_offsets",
    ".debug_line_str",
    ".debug_aranges",
];

/// Overwrites some bytes of a section, cuts it off behind them or replaces all of it.
fn patch(section: &mut Vec<u8>, input: &mut Input<'_>) {
    let (how, at) = (input.below(4), usize::from(input.byte()) | usize::from(input.byte()) << 8);
    let bytes = input.bytes();
    let start = if how == 0 { 0 } else { at.min(section.len()) };
    for (index, byte) in bytes.iter().enumerate() {
        match section.get_mut(start + index) {
            Some(old) => *old = *byte,
            None => section.push(*byte),
        }
    }
    if how < 2 {
        section.truncate(start + bytes.len());
    }
}

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let program::Program { mut sections, is_packed, .. } = program::made_up(&mut Input(input.bytes()));
    for name in OTHERS {
        if !sections.iter().any(|(known, _)| *known == name) {
            sections.push((name, Vec::new()));
        }
    }
    while !input.0.is_empty() {
        let section = usize::from(input.byte()) % sections.len();
        patch(&mut sections[section].1, &mut input);
    }
    let sections = sections.iter().map(|(name, bytes)| (*name, &bytes[..], is_packed));
    questions::ask(&elf::file(&sections.collect::<Vec<_>>()));
});
