//! The way from a map's bytes to answers, as users of the module go it.

use std::fmt::Write as _;

use super::*;
use crate::container::Container;
use crate::mapped::Bytes;

fn index(map: &str) -> (SourceIndex, Vec<String>) {
    let built = build_index(map.as_bytes(), Mode::Lenient).unwrap();
    let index = SourceIndex::open(Bytes::Owned(built.bytes)).unwrap();
    index.verify().unwrap();
    assert_eq!(index.defects().unwrap(), built.defects);
    (index, built.defects)
}

/// "a.js:0:4 f" for each position.
fn lookup(index: &SourceIndex, positions: &[[u32; 2]]) -> Vec<String> {
    let mut answers = Vec::new();
    let describe = |position: OriginalPosition| {
        let source = index.source_name(position.source).unwrap().unwrap_or("?");
        let mut text = format!("{source}:{}:{}", position.line0, position.column0);
        if let Some(name) = position.name {
            write!(text, " {}", index.name(name).unwrap().unwrap()).unwrap();
        }
        text
    };
    let found = |position: Option<OriginalPosition>| answers.push(position.map_or("-".to_owned(), describe));
    index.lookup(positions, found).unwrap();
    answers
}

fn error(map: &str) -> String {
    build_index(map.as_bytes(), Mode::Strict).unwrap_err().to_string()
}

#[test]
fn the_worked_example_of_the_layout_is_true() {
    let map = plain("AAAA,IAAIA");
    let bytes = Bytes::Owned(build_index(map.as_bytes(), Mode::Strict).unwrap().bytes);
    let container = Container::open(bytes, layout::KIND).unwrap();
    let read = |id: u32| {
        let section = container.section(id).unwrap();
        container.read(section, 0..section.len()).unwrap().to_vec()
    };
    let [first_keys, offsets, blocks] = layout::POSITIONS.map(read);
    let head = [2, 0, 3, 0, 0, 3, 1];
    let smallest = [0, 1, 0, 0, 0].map(u32::to_le_bytes).concat();
    assert_eq!(blocks, [&head[..], &smallest, &[0x20, 0x20, 0x02], &[0; 8]].concat());
    assert_eq!(first_keys, [0; 8]);
    assert_eq!(offsets, [0, 30].map(u32::to_le_bytes).concat());
}

/// A plain map of one source and one name.
fn plain(mappings: &str) -> String {
    format!(r#"{{"version":3,"sources":["a.js"],"names":["f"],"mappings":"{mappings}"}}"#)
}

#[test]
fn lookups_never_cross_a_line() {
    let (index, defects) = index(&plain("EAAA;;IACC,EAACA"));
    assert_eq!(
        lookup(&index, &[[0, 0], [0, 1], [0, 2], [0, 99], [1, 0], [2, 3], [2, 4], [2, 6], [3, 0], [9, 9]]),
        ["-", "-", "a.js:0:0", "a.js:0:0", "-", "-", "a.js:1:1", "a.js:1:2 f", "-", "-"]
    );
    assert!(defects.is_empty());
}

#[test]
fn the_first_segment_of_a_line_survives_though_it_repeats_the_last_position() {
    let (index, _) = index(&plain("AAAA;AAAA;AAAA"));
    assert_eq!(lookup(&index, &[[0, 0], [1, 0], [2, 5]]), ["a.js:0:0"; 3]);
    assert_eq!(index.token_count(), 3);
}

#[test]
fn a_segment_without_source_answers_none() {
    let (index, _) = index(&plain("AAAA,E,EAAC"));
    assert_eq!(lookup(&index, &[[0, 1], [0, 2], [0, 3], [0, 4]]), ["a.js:0:0", "-", "-", "a.js:0:1"]);
}

#[test]
fn escapes_inside_mappings_are_decoded() {
    let (index, defects) = index(&plain(r"AAAA,\u0045AAC\u003bAAg\/\u0041A"));
    assert_eq!(defects, [""; 0]);
    assert_eq!(lookup(&index, &[[0, 2], [1, 0]]), ["a.js:0:1", "a.js:496:1"]);
}

#[test]
fn unsorted_segments_are_sorted_and_equal_ones_keep_their_order() {
    let (index, defects) = index(&plain("IAAA,FAAC,AAAC,EAAC;AAAA"));
    assert!(defects.is_empty());
    assert_eq!(
        lookup(&index, &[[0, 1], [0, 2], [0, 3], [0, 4], [1, 0]]),
        ["-", "a.js:0:2", "a.js:0:2", "a.js:0:3", "a.js:0:3"]
    );
}

#[test]
fn nothing_is_answered_behind_a_segment_that_cannot_be_read() {
    for broken in ["EAA", "EA", "E!AA", "EAAg", "EAAAAA", "EAAgggggggE", "EgAAA="] {
        let (index, defects) = index(&plain(&format!("AAAA,EAAC,{broken},EAAC;AAAA")));
        assert_eq!(lookup(&index, &[[0, 0], [0, 2], [0, 3], [0, 9], [1, 0]])[..2], ["a.js:0:0", "a.js:0:1"]);
        assert_eq!(lookup(&index, &[[0, 3], [0, 9], [1, 0]]), ["-"; 3], "{broken}");
        assert_eq!(defects.len(), 1);
        assert!(defects[0].contains("generated line 1, segment 3"), "{defects:?}");
    }
}

#[test]
fn a_segment_that_points_nowhere_costs_only_itself() {
    let (index, defects) = index(&plain("AAAA,ECAA,EDAC,EAACC,EAACD"));
    assert_eq!(
        lookup(&index, &[[0, 0], [0, 2], [0, 4], [0, 6], [0, 8]]),
        ["a.js:0:0", "-", "a.js:0:1", "a.js:0:2", "a.js:0:3 f"]
    );
    assert_eq!(defects.len(), 2, "{defects:?}");
}

#[test]
fn long_stretches_and_odd_ones_give_the_same_answers() {
    // Segments of every shape, some too long for the quick way, on lines of many lengths.
    let shapes = ["CAAC", "E", "gBAAgB", "CAAgggC", "CAACA", "oCAgCDA", "CAAC", "CAADA"];
    let (mut text, mut expected) = (String::new(), Vec::new());
    let (mut line, mut column) = (0u32, 0u32);
    for i in 0..5_000usize {
        let shape = shapes[i * 7 % shapes.len()];
        column += match shape.as_bytes()[0] {
            b'C' => 1,
            b'E' => 2,
            b'g' => 16,
            _ => 36,
        };
        expected.push([line, column]);
        text.push_str(shape);
        if i % 300 == 299 {
            text.push_str(&";".repeat(1 + i % 3));
            (line, column) = (line + 1 + i as u32 % 3, 0);
        } else if i < 4_999 {
            text.push(',');
        }
    }
    let (index, defects) = index(&plain(&text));
    assert!(defects.is_empty(), "{:?}", defects.first());
    assert_eq!(index.token_count(), 5_000);
    let mut slow = text.replace("CAAC", "CAAggA").replace("CAAggA", "CAAC");
    slow.insert(0, ';');
    let (shifted, _) = self::index(&plain(&slow));
    let moved: Vec<_> = expected.iter().map(|[line, column]| [line + 1, *column]).collect();
    assert_eq!(lookup(&index, &expected), lookup(&shifted, &moved));
}

#[test]
fn sections_are_placed_by_their_offsets() {
    let section = |line: u32, column: u32, source: &str| {
        format!(
            r#"{{"offset":{{"line":{line},"column":{column}}},"map":{{"version":3,"names":["n"],
            "sources":["{source}"],"sourcesContent":["text of {source}"],"mappings":"AAAA,CAACA;AAAA"}}}}"#
        )
    };
    let sections = [section(0, 10, "a.js"), section(1, 5, "b.js"), section(7, 0, "c.js")].join(",");
    let (index, defects) = index(&format!(r#"{{"version":3,"file":"x.js","sections":[{sections}]}}"#));
    assert_eq!(defects, [""; 0]);
    assert_eq!(
        lookup(&index, &[[0, 9], [0, 10], [0, 11], [1, 0], [1, 4], [1, 5], [1, 6], [2, 0], [7, 0], [8, 0]]),
        [
            "-",
            "a.js:0:0",
            "a.js:0:1 n",
            "a.js:0:1",
            "a.js:0:1",
            "b.js:0:0",
            "b.js:0:1 n",
            "b.js:0:1",
            "c.js:0:0",
            "c.js:0:1"
        ]
    );
    assert_eq!(index.file(), Some("x.js"));
    assert_eq!(index.source_text(1).unwrap().as_deref(), Some("text of b.js"));
}

#[test]
fn a_section_ends_where_the_next_begins() {
    let map = r#"{"version":3,"sections":[
        {"offset":{"line":0,"column":0},"map":{"version":3,"sources":["a.js"],"mappings":"AAAA,IAAI,IAAI;AAAA"}},
        {"offset":{"line":0,"column":6},"map":{"version":3,"sources":["b.js"],"mappings":"AAAA"}}]}"#;
    let (index, defects) = index(map);
    assert_eq!(lookup(&index, &[[0, 4], [0, 5], [0, 6], [0, 9], [1, 0]])[2..], ["b.js:0:0", "b.js:0:0", "-"]);
    assert!(defects[0].contains("reaches into the next"), "{defects:?}");
    assert!(error(map).contains("reaches into the next"));
}

#[test]
fn everything_around_the_mappings_comes_back() {
    let map = r#"{"version":3,"file":"out.js","sourceRoot":"src","sources":["a.js",null,"b.js"],
        "sourcesContent":["one\ntwo\r\nthree",null,""],"names":["x\u00e9","\ud83d\ude00"],
        "ignoreList":[2],"debugId":"1AAD9D9E2B50454FA5F20DD5E95C154C","mappings":""}"#;
    let (index, _) = index(map);
    assert_eq!(index.debug_id(), Some("1aad9d9e-2b50-454f-a5f2-0dd5e95c154c"));
    assert_eq!(index.source_name(0).unwrap(), Some("src/a.js"));
    assert_eq!(index.source_name(1).unwrap(), None);
    assert_eq!(index.source_name(3).unwrap(), None);
    assert_eq!((index.source_ignored(0), index.source_ignored(2)), (Ok(false), Ok(true)));
    assert_eq!(index.name(1).unwrap(), Some("\u{1f600}"));
    assert_eq!(index.name(2).unwrap(), None);
    assert_eq!(index.source_text(1).unwrap(), None);
    assert_eq!(index.source_text(2).unwrap().as_deref(), Some(""));
    assert_eq!(index.source_lines(0, 1, 9).unwrap(), Some(vec!["two".to_owned(), "three".to_owned()]));
    let summary = summarize(map.as_bytes()).unwrap();
    assert_eq!(summary.sources, [Some("src/a.js".to_owned()), None, Some("src/b.js".to_owned())]);
    assert_eq!((summary.sources_with_content, summary.names, summary.sections), (2, 2, 0));
}

#[test]
fn debug_id_with_an_underscore_wins() {
    let ids = r#""debugId":"11111111-2222-3333-4444-555555555555","debug_id":"aaaaaaaa-2222-3333-4444-555555555555""#;
    let (index, _) = index(&format!(r#"{{"version":3,"sources":[],"mappings":"",{ids}}}"#));
    assert_eq!(index.debug_id(), Some("aaaaaaaa-2222-3333-4444-555555555555"));
}

#[test]
fn functions_of_metro_are_found_by_original_position() {
    let map = r#"{"version":3,"sources":["a.js","b.js"],"mappings":"",
        "x_facebook_sources":[null,[{"names":["<global>","f"],"mappings":"AAA;ECC;ADC"}]]}"#;
    let (index, _) = index(map);
    let at = |source, line0, column0| index.function_at(source, line0, column0).unwrap();
    assert_eq!(at(1, 0, 0), Some("<global>"));
    assert_eq!(at(1, 1, 1), Some("<global>"));
    assert_eq!(at(1, 1, 2), Some("f"));
    assert_eq!(at(1, 1, 900), Some("f"));
    assert_eq!(at(1, 2, 0), Some("<global>"));
    assert_eq!((at(0, 0, 0), at(2, 0, 0)), (None, None));
}

#[test]
fn a_million_empty_lines_cost_nothing_but_time() {
    let map = plain(&(";".repeat(3_000_000) + "AAAA"));
    let (index, _) = index(&map);
    assert_eq!(lookup(&index, &[[3_000_000, 0], [2_999_999, 0]]), ["a.js:0:0", "-"]);
    let built = build_index(map.as_bytes(), Mode::Lenient).unwrap();
    assert!(built.bytes.len() < 2_000);
}

#[test]
fn a_long_root_is_not_multiplied() {
    let sources = vec!["\"\""; 100_000].join(",");
    let root = "x".repeat(100_000);
    let map = format!(r#"{{"version":3,"sourceRoot":"{root}","sources":[{sources}],"mappings":""}}"#);
    let (index, defects) = index(&map);
    assert_eq!(index.source_name(5).unwrap(), Some(""));
    assert!(defects[0].contains("sourceRoot"));
}

#[test]
fn a_map_cut_off_inside_its_mappings_gives_what_was_there() {
    let map = plain("AAAA,EAAC;EAACA,EAAC");
    let cut = map.find("A,EAAC\"").unwrap() + 4;
    let (index, defects) = index(&map[..cut]);
    assert_eq!(
        lookup(&index, &[[0, 0], [0, 2], [1, 2], [1, 4]]),
        ["a.js:0:0", "a.js:0:1", "a.js:0:2 f", "a.js:0:2 f"]
    );
    assert_eq!(defects.len(), 1);
}

#[test]
fn lenient_takes_what_strict_refuses() {
    let map = r#"{"version":"3","sourceRoot":7,"sources":["a.js",5],"names":["f",null],"ignoreList":[0,9,"x"],
        "sourcesContent":["text",4],"debugId":"nonsense","mappings":"AAAAA,",}"#;
    let (index, defects) = index(map);
    assert_eq!(lookup(&index, &[[0, 0]]), ["a.js:0:0 f"]);
    assert_eq!(defects.len(), 10, "{defects:#?}");
    assert!(error(map).contains("not a source map: no JSON at byte"));
}

#[test]
fn strict_names_rule_and_place() {
    assert!(
        error(&plain("AAAA;AAAA,"))
            .contains("generated line 2, segment 2 (both from 1): the segment has no fields")
    );
    assert!(error(r#"{"version":2,"sources":[],"mappings":""}"#).contains("\"version\" is not the number 3"));
    let section =
        r#"{"sections":[{"offset":{"line":0,"column":0},"map":{"version":3,"sources":[],"mappings":4}}]"#;
    assert!(error(&format!(r#"{section},"version":3}}"#)).contains("section 0: \"mappings\" is no string"));
}

#[test]
fn other_files_are_no_source_maps() {
    for text in ["", "[]", "null", "\u{7f}ELF", "{}", r#"{"version":3,"sources":[]}"#, "{\"mappings", ")]}'"]
    {
        let error = build_index(text.as_bytes(), Mode::Lenient).unwrap_err();
        assert!(error.to_string().starts_with("not a source map"), "{text}: {error}");
        assert!(summarize(text.as_bytes()).is_err());
    }
}

#[test]
fn a_column_left_of_its_section_is_left_out() {
    let map = r#"{"version":3,"sections":[{"offset":{"line":3,"column":10},"map":
        {"version":3,"sources":["a.js"],"mappings":"DAAA,EAAC,EAAC;DAAA,CAAC"}}]}"#;
    let (index, defects) = index(map);
    assert_eq!(defects.len(), 2, "{defects:?}");
    assert_eq!(
        lookup(&index, &[[3, 9], [3, 10], [3, 11], [3, 13], [4, 0]]),
        ["-", "-", "a.js:0:1", "a.js:0:2", "a.js:0:3"]
    );
}

#[test]
fn any_flipped_byte_is_an_error_or_changes_nothing() {
    let map =
        plain("AAAA,EAAC;EAACC,EAAC").replace("\"version\"", "\"sourcesContent\":[\"a\\nb\"],\"version\"");
    let good = build_index(map.as_bytes(), Mode::Lenient).unwrap().bytes;
    let positions = [[0, 0], [0, 2], [1, 2], [1, 4], [2, 0]];
    let expected = lookup(&SourceIndex::open(Bytes::Owned(good.clone())).unwrap(), &positions);
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x41;
        if let Ok(index) = SourceIndex::open(Bytes::Owned(bad)) {
            let mut words = Vec::new();
            let result = index.lookup(&positions, |position| words.push(position));
            assert!(result.is_err() || lookup(&index, &positions) == expected, "byte {at}");
        }
    }
}
