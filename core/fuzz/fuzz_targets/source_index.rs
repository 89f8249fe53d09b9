//! Any bytes as the sections of a source index, behind a header with the right checksums: every question gets
//! an answer or a refusal.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolicator_engine::container::{Kind, Writer};
use symbolicator_engine::mapped::Bytes;
use symbolicator_engine::sourcemap::{
    FORMAT_VERSION, Mode, Options, RangeMappings, SourceIndex, prepare_index,
};

const KIND: Kind = Kind { tag: 1, version: FORMAT_VERSION };
const SECTIONS: u32 = 48;

/// A real index whose sections the input patches: pairs of section and length, then the bytes.
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

/// The sections of the index of a small map that has something of everything.
fn real_sections() -> Vec<Vec<u8>> {
    let map = br#"{"version":3,"file":"o.js","debugId":"1aad9d9e-2b50-454f-a5f2-0dd5e95c154c",
        "sources":["a.js","b.js"],"sourcesContent":["one\ntwo","x"],"names":["f","g"],"ignoreList":[1],
        "mappings":"AAAA,IAAIA,E;CCACC,gBAAgBD,,",
        "x_facebook_sources":[[{"names":["<global>","f"],"mappings":"AAA;ECC"}]],
        "scopes":"BCAAA,BHCECA,CEA,CAA,ECAA,ECOC,IACE,FI,FI","rangeMappings":"AB",
        "x_facebook_offsets":[0,1],"x_facebook_segments":{"1":{"mappings":"AAAA","sources":["c"]}},
        "x_hermes_function_offsets":{"0":[0,9]}}"#;
    let options = Options { mode: Mode::Lenient, texts: true, range_mappings: RangeMappings::ZeroBased };
    let bytes = prepare_index(map, options).expect("the map is sound enough").0.finish();
    let u64_at = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
    let mut sections = vec![Vec::new(); SECTIONS as usize];
    for entry in 0..SECTIONS as usize {
        let at = 40 + 24 * entry;
        let id = u64_at(at) as u32 as usize;
        let start = u64_at(at + 8) as usize;
        sections[id - 1] = bytes[start..start + u64_at(at + 16) as usize].to_vec();
    }
    sections
}

fuzz_target!(|data: &[u8]| {
    let Ok(index) = SourceIndex::open(Bytes::Owned(index_of(data))) else { return };
    for line0 in (0..4).chain([u32::MAX]) {
        for column0 in [0, 1, 4, 5, 9, 300, u32::MAX] {
            let mut found = Vec::new();
            let _refused = index.lookup(&[[line0, column0]], |position| found.extend(position));
            let _refused = index.scope_frames(&[[line0, column0]], |_| ());
            for position in found {
                let _refused =
                    (index.source_name(position.source), position.name.map(|name| index.name(name)));
            }
        }
    }
    for source in (0..4).chain([u32::MAX]) {
        let _refused = (index.source_ignored(source), index.source_text(source));
        let _refused =
            (index.segment_line0(source), index.module_line0(source, 1), index.function_offset(source, 1));
        for (first, count) in [(0, 1), (1, 5), (15, 2), (0, u32::MAX), (u32::MAX, u32::MAX)] {
            let _refused =
                (index.source_lines(source, first, count), index.function_at(source, first, count));
        }
    }
    let _refused = (index.defects(), index.verify());
});
