//! Any bytes as a mapping file, and any bytes as the sections of an index behind a header with the right checksums:
//! every question gets an answer or a refusal.

#![no_main]

use libfuzzer_sys::fuzz_target;
use symbolicator_engine::container::{Container, Kind, Writer};
use symbolicator_engine::mapped::Bytes;
use symbolicator_engine::proguard::{Answers, Index, PROGUARD_INDEX_VERSION, Query, build_index};

const KIND: Kind = Kind { tag: 4, version: PROGUARD_INDEX_VERSION };
const SECTIONS: u32 = 9;
/// Starts an input that patches an index.
const PATCHES: u8 = 0xff;

const MAPPING: &[u8] = b"\
# {\"id\":\"com.android.tools.r8.mapping\",\"version\":\"2.2\"}
a.A -> a:
# {\"id\":\"sourceFile\",\"fileName\":\"A.kt\"}
    1:2:int outline():0 -> a
    # {'id':'com.android.tools.r8.outline'}
b.B -> b:
    4:4:int call(int):23 -> s
    5:5:void c.C.inner():98:98 -> s
    5:5:int call(int):24 -> s
    # {'id':'com.android.tools.r8.rewriteFrame','conditions':['throws(La;)'],'actions':['removeInnerFrames(1)']}
    27:27:int call(int):0:0 -> s
    # {'id':'com.android.tools.r8.outlineCallsite','positions':{'1':4,'2':5},'outline':'La;a()I'}
    void one(a.A) -> t
    void two(int):7:9 -> t
      # {'id':'com.android.tools.r8.residualsignature','signature':'(La;)V'}
";

/// A real index whose sections the input patches: section, offset and length, then the bytes.
fn patched(data: &[u8]) -> Vec<u8> {
    let built = build_index(MAPPING).expect("the mapping is small");
    let container = Container::open(Bytes::Owned(built), KIND).expect("what was built can be opened");
    let section = |id| {
        let section = container.section(id).expect("there are so many");
        container.read(section, 0..section.len()).expect("it is undamaged").to_vec()
    };
    let mut sections: Vec<Vec<u8>> = (1..=SECTIONS).map(section).collect();
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

/// Names of the program in the bytes, as far as they are text: what stands behind arrows.
fn names(data: &[u8]) -> Vec<&str> {
    let lines = data.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
    lines
        .filter_map(|line| line.rsplit_once(" -> "))
        .map(|(_, name)| name.trim_end_matches([':', '\r']))
        .take(64)
        .collect()
}

fn look_at(index: &Index, answers: &Answers) {
    for frame in 0..answers.found.len() {
        for alternative in 0..answers.alternatives(frame).min(64) {
            for call in answers.calls(frame, alternative).iter().take(600) {
                let _refused = index.string(call.class);
                let _refused = index.made_up_file(call.class, call.is_kotlin);
                let _refused = index.string(call.parameters);
            }
        }
    }
}

fn ask(index: &Index, names: &[&str]) {
    let mut frames = Vec::new();
    for class in names.iter().take(6) {
        for method in names {
            for line in [0, 1, 2, 5, 27, u32::MAX] {
                let parameters = [None, Some("a"), Some("(La;[I)V"), Some("int")][line as usize % 4];
                frames.push(Query { class, method, line, parameters, file: Some("A.kt") });
            }
        }
    }
    for thrown in [None, names.first().copied()] {
        if let Ok(answers) = index.lookup(&frames, thrown) {
            assert_eq!(answers.found.len(), frames.len());
            look_at(index, &answers);
        }
    }
}

fuzz_target!(|data: &[u8]| {
    if let [PATCHES, patches @ ..] = data {
        let Ok(index) = Index::open(Bytes::Owned(patched(patches))) else { return };
        ask(&index, &["a", "b", "s", "t"]);
        return;
    }
    let Ok(built) = build_index(data) else { return };
    let index = Index::open(Bytes::Owned(built)).expect("what was built can be opened");
    index.verify().expect("what was built is undamaged");
    let names = names(data);
    let answers = index.lookup(&[Query { class: "a", method: "a", line: 1, ..Query::default() }], None);
    answers.expect("what was built can be read");
    ask(&index, &names);
});
