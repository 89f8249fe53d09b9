//! Frames of small maps, and the bounds that hostile ones meet.

use super::super::error::{Mode, SourceMapError};
use super::super::{SourceIndex, build_index};
use super::{Function, MAX_DEPTH, ScopeFrame};
use crate::mapped::Bytes;

fn map_with(fields: &str) -> String {
    format!(r#"{{"version":3,"sources":["a.js"],"names":["x","f"],"mappings":"",{fields}}}"#)
}

fn frames(fields: &str, column0: u32) -> Vec<ScopeFrame> {
    let built = build_index(map_with(fields).as_bytes(), Mode::Lenient).unwrap();
    let index = SourceIndex::open(Bytes::Owned(built.bytes)).unwrap();
    let mut answers = Vec::new();
    index.scope_frames(&[[0, column0]], |frames| answers.extend_from_slice(frames)).unwrap();
    answers
}

#[test]
fn the_example_has_an_inlined_call() {
    let fields = r#""scopes":"BCAAA,BHCECA,CEA,CAA,ECAA,ECOC,IACE,FI,FI""#;
    let inlined = ScopeFrame { function: Function::Named(1), call: None };
    let caller = ScopeFrame { function: Function::Named(1), call: Some([0, 2, 4]) };
    let top_level = ScopeFrame { function: Function::TopLevel, call: None };
    assert_eq!(frames(fields, 13), [top_level]);
    assert_eq!(frames(fields, 14), [inlined, caller]);
    assert_eq!(frames(fields, 21), [inlined, caller]);
    assert_eq!(frames(fields, 22), [top_level]);
    assert_eq!(frames(fields, 30), []);
}

#[test]
fn the_split_form_says_the_same() {
    let fields = r#""scopes":["BCAAA,BHCECA,CEA,CAA"],"ranges":"ECAAA,ECOAC,IACE,FI,FI""#;
    assert_eq!(frames(fields, 14).len(), 2);
    assert_eq!(frames(fields, 14), frames(r#""scopes":"BCAAA,BHCECA,CEA,CAA,ECAA,ECOC,IACE,FI,FI""#, 14));
}

#[test]
fn strict_mode_refuses_what_breaks_a_rule() {
    for scopes in [
        "BAAA",
        "CAA",
        "EAA",
        "FA",
        "DA",
        "GA",
        "IAAA",
        "BBAAE,CAA",
        "ECAA,FA",
        "EIA,FA",
        "A,A",
        "$",
        "A,",
        "AA",
    ] {
        let map = map_with(&format!(r#""scopes":"{scopes}""#));
        let refused = build_index(map.as_bytes(), Mode::Strict);
        assert!(matches!(refused, Err(SourceMapError::Violation(_))), "{scopes}");
        let defects = build_index(map.as_bytes(), Mode::Lenient).unwrap().defects;
        assert!(scopes == "AA" || !defects.is_empty(), "{scopes}");
    }
    for scopes in ["", "A", "JJJ", "/AAAAA", "A,sBBB,EAA,LA,FA"] {
        let map = map_with(&format!(r#""scopes":"{scopes}""#));
        assert!(build_index(map.as_bytes(), Mode::Strict).is_ok(), "{scopes}");
    }
}

#[test]
fn depth_and_size_are_bounded() {
    for (start, end) in [("BFAAC,", ",CAA"), ("EIA,", ",FB"), ("EEA,IAAA,", ",FB"), ("EAA,IAAA,", ",FB")] {
        let scopes = format!("{}JA{}", start.repeat(200_000), end.repeat(200_000));
        let map = map_with(&format!(r#""scopes":"{scopes}""#));
        let built = build_index(map.as_bytes(), Mode::Lenient).unwrap();
        assert!(built.bytes.len() < 2 * map.len(), "{start}: {} bytes", built.bytes.len());
        let index = SourceIndex::open(Bytes::Owned(built.bytes)).unwrap();
        index.scope_frames(&[[0, 0]], |frames| assert!(frames.len() <= MAX_DEPTH + 1)).unwrap();
    }
    let flat = map_with(&format!(r#""scopes":"BFAAC,CAA{}""#, ",EAA,IAAA,FB".repeat(200_000)));
    let built = build_index(flat.as_bytes(), Mode::Lenient).unwrap();
    assert!(built.bytes.len() < 2 * flat.len(), "{} bytes for {}", built.bytes.len(), flat.len());
}
