//! Any bytes as the scopes of a map, in both forms of the field: nothing may panic or hang, what was built can be
//! read, and no lookup gives more frames than ranges may nest.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolicator_engine::mapped::Bytes;
use symbolicator_engine::sourcemap::{Function, Mode, Options, RangeMappings, SourceIndex, prepare_index};

const MAX_FRAMES: usize = 513;

/// The first byte chooses the form: one string, or strings split at `;`, the last of them the ranges'.
fn map_with(data: &[u8]) -> Vec<u8> {
    let head = &br#"{"version":3,"sources":["a","b","c"],"names":["x","y"],"mappings":"AAAA,IACC;AAAA,ECAA","rangeMappings":"B;A","scopes":"#[..];
    let text: Vec<u8> =
        data.iter().map(|&byte| if matches!(byte, b'"' | b'\\') { b'!' } else { byte }).collect();
    let Some(split) = text.strip_prefix(b"s") else {
        return [head, b"\"", &text, b"\"}"].concat();
    };
    let mut parts: Vec<&[u8]> = split.split(|&byte| byte == b';').collect();
    let ranges = parts.pop().unwrap_or_default();
    [head, b"[\"", &parts.join(&b"\",\""[..]), b"\"],\"ranges\":\"", ranges, b"\"}"].concat()
}

fuzz_target!(|data: &[u8]| {
    let map = map_with(data);
    let strict = Options { mode: Mode::Strict, texts: true, range_mappings: RangeMappings::ZeroBased };
    if let Ok((_, defects)) = prepare_index(&map, strict) {
        assert!(defects.is_empty(), "strict passed a defect over");
    }
    let lenient = Options { mode: Mode::Lenient, texts: true, range_mappings: RangeMappings::OneBased };
    let bytes = prepare_index(&map, lenient).expect("the map is one").0.finish();
    assert!(bytes.len() < 3 * map.len() + 16_384, "an index took much more than the map");
    let index = SourceIndex::open(Bytes::Owned(bytes)).expect("what was built can be opened");
    index.verify().expect("what was built holds its checksums");
    let lines = (0..8).chain([100, u32::MAX - 1, u32::MAX]);
    let positions: Vec<[u32; 2]> =
        lines.flat_map(|line0| [0, 1, 2, 5, 9, 17, 100, u32::MAX].map(|column0| [line0, column0])).collect();
    let check = |frames: &[symbolicator_engine::sourcemap::ScopeFrame]| {
        assert!(frames.len() <= MAX_FRAMES);
        for (number, frame) in frames.iter().enumerate() {
            assert_eq!(frame.call.is_none(), number == 0);
            assert!(frame.call.is_none_or(|[source, ..]| source < 3));
            assert!(!matches!(frame.function, Function::Named(name) if name >= 2));
        }
    };
    index.scope_frames(&positions, check).expect("what was built can be read");
});
