"""The tables of bridge rules: each can be read, each rule matches what it names and nothing of another one."""

import pytest

import native.bridges
from symbolicator import plugins
from symbolicator.merge import merge
from symbolicator.merge.bridges import Bridges
from symbolicator.model import Event, Frame, FrameData, Stacktrace, Thread, Values
from symbolicator.model.bridges import Bridge, Rule
from symbolicator.model.tables import parse_bridge

BRIDGES = {name: getattr(native.bridges, name.upper()) for name in native.bridges.TABLES}
RULES = [(bridge, rule) for bridge in BRIDGES.values() for rule in bridge.rules]


def frame_of(rule: Rule, function: str) -> Frame:
    package = f"/system/lib64/{rule.images[0].replace('*', '-1.so')}" if rule.images else "/srv/bin/program"
    return Frame(function=function.replace("*", "Anything"), package=package, platform="native")


@pytest.mark.parametrize(("bridge", "rule"), RULES, ids=[rule.id for _, rule in RULES])
def test_a_rule_matches_every_function_that_it_names(bridge: Bridge, rule: Rule) -> None:
    """A name in a table that never matches is a crossing that nobody sees."""
    bridges = Bridges([bridge])
    for function in rule.functions:
        match = bridges.match(frame_of(rule, function), Frame(function=rule.calls[0]) if rule.calls else None)
        assert match
        assert match.rule == rule, f"{function} is named by {match.rule.id} too"


def test_the_ids_of_rules_are_unique() -> None:
    """Two rules of one id would make an explanation point at the wrong one."""
    ids = [rule.id for _, rule in RULES]
    assert len(ids) == len(set(ids))
    assert all(rule.enters or rule.leaves or rule.folds for _, rule in RULES)


def test_every_table_is_a_plug_in() -> None:
    """A table that no entry point names is never read."""
    assert {bridge.name for bridge in plugins.bridges()} >= {bridge.name for bridge in BRIDGES.values()}


def test_a_function_of_another_image_does_not_match() -> None:
    """`nterp_helper` in a program's own library is its own code."""
    bridges = Bridges([BRIDGES["art"]])
    assert bridges.match(Frame(function="nterp_helper", package="/apex/com.android.art/lib64/libart.so"))
    assert not bridges.match(Frame(function="nterp_helper", package="/data/app/base.apk!libshop.so"))


@pytest.mark.parametrize(("owner", "matches"), [("com.facebook.jni.NativeRunnable", True), ("com.shop.Job", False)])
def test_a_method_of_java_matches_with_its_class(owner: str, matches: bool) -> None:  # noqa: FBT001 - a table's column
    """Every second class has a `run`: that of fbjni alone leads to JavaScript."""
    frame = Frame(module=owner, function="run", platform="java")
    assert bool(Bridges([BRIDGES["react_native_android"]]).match(frame)) == matches


def test_a_nearest_symbol_does_not_match() -> None:
    """The name of the nearest symbol says nothing about a frame of a stripped library."""
    nearest = Frame(function="_PyEval_EvalFrameDefault", data=FrameData(symbol_distance=64))
    assert not Bridges([BRIDGES["cpython"]]).match(nearest)


@pytest.mark.parametrize(
    ("function", "matches"),
    [
        ("hermes::vm::Interpreter::interpretFunction<false, true>", True),
        ("hermes::vm::Interpreter::interpretFunction<std::pair<int, int> >", True),
        ("hermes::vm::Interpreter::interpretFunctionOfOthers", False),
        ("hermes::vm::Interpreter::interpretFunction<false, true>(hermes::vm::Runtime&, int)", True),
        ("operator<<", False),
        ("<unclosed", False),
    ],
)
def test_template_arguments_do_not_matter(function: str, matches: bool) -> None:  # noqa: FBT001 - a table's column
    """Compilers instantiate the interpreter's loop several times; each is the same crossing."""
    match = Bridges([BRIDGES["hermes"]]).match(Frame(function=function))
    assert (match is not None and match.rule.enters) == matches


def art_stack(*, java: bool) -> Event:
    art = "/apex/com.android.art/lib64/libart.so"
    called = Frame(function="onClick", module="com.shop.Main", platform="java" if java else "native")
    native = [
        Frame(function=function, package=art, platform="native")
        for function in ("nterp_helper", "ExecuteSwitchImplAsm", "art_quick_generic_jni_trampoline")
    ]
    frames = (*native[:2], called, native[2], Frame(function="Java_com_shop_Main_pay", platform="native"), native[0])
    return Event(threads=Values(values=(Thread(crashed=True, stacktrace=Stacktrace(frames=frames)),)))


def test_machinery_folds_where_its_language_is_in_the_trace() -> None:
    """Half of a tombstone's frames are the interpreter's: the reader wants those that are left."""
    merged = merge(art_stack(java=True), lambda: [BRIDGES["art"]]).merged
    assert merged
    assert [(fold.start, fold.count, fold.label) for fold in merged.folds] == [(0, 2, "ART"), (3, 1, "ART")]


def test_the_crash_site_is_never_folded_nor_is_a_runtime_by_itself() -> None:
    """A crash in the interpreter is a crash of the interpreter: folding it would hide the answer."""
    merged = merge(art_stack(java=False), lambda: [BRIDGES["art"]]).merged
    assert merged
    assert not merged.folds


@pytest.mark.parametrize("text", ["name = 3", "[[rules]]", 'name = "X"\nplatforms = []\nrules = []\nmore = 1'])
def test_a_wrong_table_says_so(text: str) -> None:
    """A table with a misspelt field that is passed over would look as if it worked."""
    with pytest.raises(ValueError, match=r".{10}"):
        parse_bridge(text)


def test_anonymous_namespaces_are_no_arguments() -> None:
    """V8 keeps much of its crossing in one."""
    invoke = Frame(function="v8::internal::(anonymous namespace)::Invoke(v8::internal::Isolate*, int)")
    match = Bridges([BRIDGES["v8"]]).match(invoke)
    assert match
    assert match.rule.id == "v8-entry"


def test_a_common_name_matches_by_what_it_calls_alone() -> None:
    """Every program has a `main`; only that of an app of iOS does nothing but start the run loop."""
    bridges = Bridges([BRIDGES["react_native_ios"]])
    main = Frame(function="main", package="/Shop.app/Shop")
    match = bridges.match(main, Frame(function="UIApplicationMain"))
    assert match
    assert (match.rule.id, match.rule.label) == ("ios-main", "the run loop")
    assert bridges.match(main, Frame(function="run")) is None
    assert bridges.match(main) is None
