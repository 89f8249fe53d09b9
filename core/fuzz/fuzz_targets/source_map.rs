//! Any bytes as a source map: lenient, strict and summary. Nothing may panic, hang or run out of memory, and
//! what was built can be read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolicator_engine::mapped::Bytes;
use symbolicator_engine::sourcemap::{Mode, SourceIndex, SourceMapError, build_index, summarize};

const TOO_LONG: &str = "an index took more than twice the map";

/// A map's first bytes choose whether the rest is a whole file or the mappings of one.
fn wrapped(data: &[u8]) -> Vec<u8> {
    match data.strip_prefix(b"m") {
        Some(mappings) => {
            let head = br#"{"version":3,"sources":["a","b"],"names":["x","y"],"mappings":""#;
            [head, mappings, b"\"}"].concat()
        }
        None => data.to_vec(),
    }
}

fn read_everything(bytes: Vec<u8>) {
    let index = SourceIndex::open(Bytes::Owned(bytes)).expect("what was built can be opened");
    index.verify().expect("what was built holds its checksums");
    let lines = (0..20).chain([u32::MAX - 1, u32::MAX]);
    let positions: Vec<[u32; 2]> =
        lines.flat_map(|line0| [0, 1, 5, 100, u32::MAX].map(|column0| [line0, column0])).collect();
    let mut found = Vec::new();
    index.lookup(&positions, |position| found.extend(position)).expect("what was built can be read");
    index.scope_frames(&positions, |frames| assert!(frames.len() < 600)).expect("what was built can be read");
    for segment in 0..3 {
        index.segment_line0(segment).expect("what was built can be read");
        index.module_line0(segment, 1).expect("what was built can be read");
        index.function_offset(segment, 1).expect("what was built can be read");
    }
    for position in &found {
        assert!((position.source as usize) < index.source_count());
        assert!(position.name.is_none_or(|name| (name as usize) < index.name_count()));
        index
            .function_at(position.source, position.line0, position.column0)
            .expect("what was built can be read");
    }
    for source in 0..index.source_count().min(20) as u32 {
        index.source_name(source).expect("what was built can be read");
        let text = index.source_text(source).expect("what was built can be read");
        let lines = index.source_lines(source, 0, u32::MAX).expect("what was built can be read");
        assert_eq!(text.is_some(), lines.is_some());
    }
    assert!(index.defects().expect("what was built can be read").len() <= 101);
}

fuzz_target!(|data: &[u8]| {
    let data = wrapped(data);
    let lenient = build_index(&data, Mode::Lenient);
    let summary = summarize(&data);
    match &lenient {
        Ok(_) => assert!(summary.is_ok()),
        Err(error) => assert!(matches!(error, SourceMapError::NotASourceMap(_)), "{error}"),
    }
    if let Ok(strict) = build_index(&data, Mode::Strict) {
        assert!(strict.defects.is_empty());
        assert!(lenient.is_ok(), "strict took what lenient refused");
    }
    if let Ok(built) = lenient {
        let defects: usize = built.defects.iter().map(String::len).sum();
        assert!(built.bytes.len() < 8 * data.len() + defects + 8_192, "{TOO_LONG}");
        read_everything(built.bytes);
    }
});
