//! Any bytes as the sections of a function index, behind a header with the right checksums: every question gets an
//! answer or a refusal.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolicator_engine::container::{Container, Kind, Writer};
use symbolicator_engine::javascript::{FUNCTION_INDEX_VERSION, FunctionIndex, build_function_index};
use symbolicator_engine::mapped::Bytes;

const KIND: Kind = Kind { tag: 3, version: FUNCTION_INDEX_VERSION };
const SECTIONS: u32 = 12;

/// The sections of the index of a small script that has something of everything.
fn real_sections() -> Vec<Vec<u8>> {
    let script = b"class a{b(){c(()=>1)}static d=2;get e(){}}\nf.g['h-i']=function(){};j={k(){}}";
    let built = build_function_index(script).expect("the script is small");
    let container = Container::open(Bytes::Owned(built), KIND).expect("what was built can be opened");
    let section = |id| {
        let section = container.section(id).expect("there are so many");
        container.read(section, 0..section.len()).expect("it is undamaged").to_vec()
    };
    (1..=SECTIONS).map(section).collect()
}

/// A real index whose sections the input patches: section, offset and length, then the bytes.
fn index_of(data: &[u8]) -> Vec<u8> {
    let mut sections = real_sections();
    let mut rest = data;
    while let [section, offset, len, tail @ ..] = rest {
        let section = &mut sections[usize::from(*section) % SECTIONS as usize];
        let (patch, after) = tail.split_at(usize::from(*len).min(tail.len()));
        let start = usize::from(*offset).min(section.len());
        if *len >= 0x80 {
            section.truncate(start);
        }
        for (i, byte) in patch.iter().enumerate() {
            match section.get_mut(start + i) {
                Some(old) => *old = *byte,
                None => section.push(*byte),
            }
        }
        rest = after;
    }
    let mut writer = Writer::new(KIND);
    for (id, section) in (1..).zip(sections) {
        writer.section(id, section);
    }
    writer.finish()
}

fuzz_target!(|data: &[u8]| {
    let Ok(index) = FunctionIndex::open(Bytes::Owned(index_of(data))) else { return };
    for line0 in (0..4).chain([u32::MAX]) {
        for column0 in [0, 1, 9, 12, 15, 30, 300, u32::MAX] {
            let _refused = index.lookup(&[[line0, column0]], |id| {
                assert!(id.is_none_or(|id| id < index.function_count()));
            });
        }
    }
    for id in (0..12).chain([index.function_count().saturating_sub(1), u32::MAX]) {
        let _refused = index.function(id);
    }
    let _refused = index.verify();
});
