//! What the index answers, checked against what R8's documentation of retrace says.

use super::{Answers, Found, Index, ProguardError, Query, build_index};
use crate::mapped::Bytes;

fn index(mapping: &str) -> Index {
    let built = build_index(mapping.as_bytes()).unwrap();
    Index::open(Bytes::Owned(built)).unwrap()
}

fn query<'a>(class: &'a str, method: &'a str, line: u32) -> Query<'a> {
    Query { class, method, line, ..Query::default() }
}

/// The alternatives of a frame: `com.shop.Cart.add:12 < com.shop.Main.main:3`.
fn shown(index: &Index, answers: &Answers, frame: usize) -> Vec<String> {
    let text = |id| if id == super::NONE { "?".into() } else { index.string(id).unwrap() };
    let call = |call: &super::Call| format!("{}.{}:{}", text(call.class), text(call.method), call.line);
    let alternative = |number| answers.calls(frame, number).iter().map(call).collect::<Vec<_>>().join(" < ");
    (0..answers.alternatives(frame)).map(alternative).collect()
}

fn ask(mapping: &str, query: Query<'_>) -> (Found, Vec<String>) {
    let index = index(mapping);
    let answers = index.lookup(&[query], None).unwrap();
    (answers.found[0], shown(&index, &answers, 0))
}

const INLINED: &str = "\
# compiler: R8
com.shop.Price -> a.c:
    # {'id':'sourceFile','fileName':'Money.kt'}
com.shop.Cart -> a.b:
    int total -> a
    # {'id':'com.android.tools.r8.synthesized'}
    1:1:void com.shop.Price.round():7:7 -> c
    1:1:void add(int):12 -> c
    2:4:void add(int):20:22 -> c
    void clear() -> d
    5:6:void first(int) -> e
    7:8:void second(java.lang.String) -> e
";

#[test]
fn a_line_gives_the_inlined_calls_innermost_first() {
    assert_eq!(ask(INLINED, query("a.b", "c", 1)).1, ["com.shop.Price.round:7 < com.shop.Cart.add:12"]);
    assert_eq!(ask(INLINED, query("a.b", "c", 3)).1, ["com.shop.Cart.add:21"]);
}

#[test]
fn the_source_file_of_an_inlined_call_is_that_of_its_class() {
    let index = index(INLINED);
    let answers = index.lookup(&[query("a.b", "c", 1)], None).unwrap();
    let [inner, outer] = answers.calls(0, 0) else { panic!("two calls") };
    assert_eq!(index.string(inner.source_file).unwrap(), "Money.kt");
    assert_eq!(index.made_up_file(outer.class, false).unwrap(), "Cart.java");
}

#[test]
fn methods_without_lines_pass_the_line_on() {
    assert_eq!(ask(INLINED, query("a.b", "d", 33)), (Found::Line, vec!["com.shop.Cart.clear:33".to_owned()]));
}

#[test]
fn without_a_line_every_overload_may_be_meant_unless_parameters_tell() {
    let both = vec!["com.shop.Cart.first:0".to_owned(), "com.shop.Cart.second:0".to_owned()];
    assert_eq!(ask(INLINED, query("a.b", "e", 0)), (Found::Method, both));
    for parameters in ["java.lang.String", "(Ljava/lang/String;)V"] {
        let query = Query { parameters: Some(parameters), ..query("a.b", "e", 0) };
        assert_eq!(ask(INLINED, query).1, ["com.shop.Cart.second:0"]);
    }
}

#[test]
fn a_line_that_no_entry_has_leaves_the_method() {
    assert_eq!(ask(INLINED, query("a.b", "c", 99)), (Found::Method, vec!["com.shop.Cart.add:0".to_owned()]));
}

#[test]
fn what_is_not_mapped_says_so() {
    assert_eq!(ask(INLINED, query("a.b", "zz", 4)), (Found::Class, vec!["com.shop.Cart.?:4".to_owned()]));
    assert_eq!(ask(INLINED, query("java.lang.String", "c", 4)), (Found::Nothing, vec![]));
    assert_eq!(build_index(b"no mapping"), Err(ProguardError::NoMapping));
}

#[test]
fn comments_on_fields_say_nothing_about_the_class() {
    let index = index(INLINED);
    let answers = index.lookup(&[query("a.b", "zz", 4)], None).unwrap();
    assert!(!answers.calls(0, 0)[0].is_synthesized);
}

#[test]
fn of_a_span_without_lines_every_line_is_possible() {
    let mapping = "some.Class -> a:\n    1:1:void method():42:44 -> a\n";
    let lines = ["some.Class.method:42", "some.Class.method:43", "some.Class.method:44"];
    assert_eq!(ask(mapping, query("a", "a", 1)).1, lines);
    let endless = "some.Class -> a:\n    void method():1:4294967295 -> a\n";
    assert_eq!(ask(endless, query("a", "a", 1)).1.len(), 64);
}

#[test]
fn calls_that_a_null_check_added_are_left_out_of_its_own_exception() {
    let mapping = "\
some.Class -> a:
    4:4:void other.Class.inlinee():23:23 -> a
    4:4:void caller(other.Class):7 -> a
    # {\"id\":\"com.android.tools.r8.rewriteFrame\",\"conditions\":[\"throws(Ljava/lang/NullPointerException;)\"],\"actions\":[\"removeInnerFrames(1)\"]}
";
    let index = index(mapping);
    let frames = [query("a", "a", 4), query("a", "a", 4)];
    let thrown = index.lookup(&frames, Some("java.lang.NullPointerException")).unwrap();
    assert_eq!(shown(&index, &thrown, 0), ["some.Class.caller:7"]);
    assert_eq!(shown(&index, &thrown, 1), ["other.Class.inlinee:23 < some.Class.caller:7"]);
    let other = index.lookup(&frames, Some("java.lang.IllegalStateException")).unwrap();
    assert_eq!(shown(&index, &other, 0), ["other.Class.inlinee:23 < some.Class.caller:7"]);
}

#[test]
fn an_outline_hands_its_line_to_the_method_that_called_it() {
    let mapping = "\
# { id: 'com.android.tools.r8.mapping', version: '2.2' }
outline.Class -> a:
    1:2:int outline():0 -> a
    # { 'id':'com.android.tools.r8.outline' }
some.Class -> b:
    4:4:int outlineCaller(int):23 -> s
    5:5:int foo.bar.baz.outlineCaller(int):98:98 -> s
    5:5:int outlineCaller(int):24 -> s
    27:27:int outlineCaller(int):0:0 -> s
    # { 'id':'com.android.tools.r8.outlineCallsite','positions': { '1': 4, '2': 5 },'outline':'La;a()I' }
";
    let index = index(mapping);
    let answers =
        index.lookup(&[query("a", "a", 2), query("b", "s", 27), query("b", "s", 27)], None).unwrap();
    assert_eq!(answers.found, [Found::Outline, Found::Line, Found::Line]);
    assert_eq!(shown(&index, &answers, 1), ["foo.bar.baz.outlineCaller:98 < some.Class.outlineCaller:24"]);
    assert_eq!(shown(&index, &answers, 2), ["some.Class.outlineCaller:0"]);
}

#[test]
fn parameters_of_the_program_choose_between_overloads_that_changed() {
    let mapping = "\
com.shop.Item -> a:
com.shop.Cart -> b:
    void add(com.shop.Item[]) -> c
    void put(java.lang.Object) -> c
    # {'id':'com.android.tools.r8.residualsignature','signature':'(La;)V'}
";
    let with = |parameters| Query { parameters: Some(parameters), ..query("b", "c", 5) };
    assert_eq!(ask(mapping, with("a[]")).1, ["com.shop.Cart.add:5"]);
    assert_eq!(ask(mapping, with("(La;)V")).1, ["com.shop.Cart.put:5"]);
    assert_eq!(ask(mapping, with("int")).1.len(), 2);
}

#[test]
fn what_the_compiler_made_is_marked_wherever_the_comment_stands() {
    let mapping = "\
example.Foo$$ExternalSyntheticLambda0 -> a:
# {'id':'com.android.tools.r8.synthesized'}
    4:4:void example.Foo.lambda$main$0():225 -> a
    4:4:void run(example.Foo):2 -> a
    # {'id':'com.android.tools.r8.synthesized'}
    5:5:void run(example.Foo):4 -> a
";
    let index = index(mapping);
    let answers = index.lookup(&[query("a", "a", 4), query("a", "a", 5)], None).unwrap();
    let marks = |frame| answers.calls(frame, 0).iter().map(|call| call.is_synthesized).collect::<Vec<_>>();
    assert_eq!((marks(0), marks(1)), (vec![false, true], vec![true]));
}

#[test]
fn of_two_classes_with_one_name_the_last_one_counts() {
    let mapping = "some.A -> a:\n    void one() -> a\nsome.B -> a:\n    void two() -> a\n";
    assert_eq!(ask(mapping, query("a", "a", 1)).1, ["some.B.two:1"]);
}

#[test]
fn a_method_of_many_lines_answers_from_its_first_ones_in_time() {
    let mut mapping = "some.Class -> a:\n".to_owned();
    for line in 1..=200_000 {
        mapping.push_str(&format!("    {line}:{line}:void m{line}():1:1 -> a\n"));
    }
    let index = index(&mapping);
    assert_eq!(index.counts().left_out, 200_000 - (1 << 16));
    let frames = vec![query("a", "a", 65_536); 2_000];
    let answers = index.lookup(&frames, None).unwrap();
    assert_eq!((answers.found[0], answers.found[1_999]), (Found::Line, Found::Class));
}

#[test]
fn outlines_that_call_each_other_end() {
    let mapping = "\
a.A -> a:
    1:2:int m():0 -> a
    # {'id':'com.android.tools.r8.outline'}
    # {'id':'com.android.tools.r8.outlineCallsite','positions':{'1':2,'2':1},'outline':'La;a()I'}
";
    let index = index(mapping);
    let answers = index.lookup(&[query("a", "a", 1); 100], None).unwrap();
    assert!(answers.found.iter().all(|found| *found == Found::Outline));
}

#[test]
fn a_damaged_index_is_an_error_and_never_a_wrong_answer() {
    let built = build_index(INLINED.as_bytes()).unwrap();
    let right = ask(INLINED, query("a.b", "c", 1));
    for at in 0..built.len() {
        let mut damaged = built.clone();
        damaged[at] ^= 0x40;
        let Ok(index) = Index::open(Bytes::Owned(damaged)) else { continue };
        if let Ok(answers) = index.lookup(&[query("a.b", "c", 1)], None) {
            assert_eq!((answers.found[0], shown(&index, &answers, 0)), right);
        }
    }
}
