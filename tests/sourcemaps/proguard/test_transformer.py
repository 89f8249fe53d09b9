"""Frames of Java from the program to the source."""

from typing import Any

import pytest

from sourcemaps.proguard.mapping_file import mapping_uuid
from symbolicator.model import DebugImage, DebugMeta, Event, ExceptionValue, Frame, Lock, Stacktrace, Thread, Values
from tests.sourcemaps.proguard.conftest import MAPPING, Resolve, event, frame, resolved

SECOND = "a.a -> x.y:\n    9:9:void a(a.b):2:2 -> z\n"
"""What another tool made of the program that R8 wrote."""


def frames_of(changed: Event) -> list[Frame]:
    stack = changed.exceptions[0].stacktrace
    assert stack is not None
    return list(stack.frames[::-1])


def with_images(*ids: str, **more: Any) -> DebugMeta:
    return DebugMeta(images=tuple(DebugImage(type="proguard", uuid=one, **more) for one in ids))


def test_inlined_calls_become_frames(resolve: Resolve) -> None:
    """Two calls in one frame are two lines of the source that an engineer has to see."""
    changed = resolve(event(frame("a.a.a:1"), frame("a.a.a:3")), mapping=MAPPING)
    assert resolved(changed) == [
        "com.shop.Price.round(Price.java:40)",
        "com.shop.Cart.add(Cart.java:12)",
        "com.shop.Cart.add(Cart.java:21)",
    ]
    inner, outer, _ = frames_of(changed)
    assert (inner.raw_function, inner.in_app, inner.abs_path) == ("a", True, "com/shop/Price.java")
    assert inner.data is not None
    assert outer.data is not None
    assert (inner.data.inlined, outer.data.inlined, outer.data.evidence) == (True, False, "mapping")
    assert (inner.data.original_index, outer.data.resolved_with) == (1, "name")


def test_the_exception_and_its_message_are_readable(resolve: Resolve) -> None:
    """The first line of a crash is the one that people search for."""
    value = resolve(event(frame("a.a.a:3")), mapping=MAPPING).exceptions[0]
    assert (value.module, value.type, value.value) == ("com.shop", "Line", "no com.shop.Line left")
    assert (value.raw_value, value.extra) == ("no a.b left", {"raw_type": "b", "raw_module": "a"})


def test_plain_java_needs_nothing(resolve: Resolve) -> None:
    """Nobody wants a warning about mapping files for a server that was never obfuscated."""
    changed = resolve(event(frame("com.shop.Cart.add:3", filename="Cart.java"), frame("java.lang.Thread.run:9")))
    own, system = frames_of(changed)
    assert (own.status, own.in_app, system.status, system.in_app) == ("as_is", True, "as_is", False)
    assert changed.errors == ()


def test_obfuscated_frames_without_a_mapping_say_what_is_missing(resolve: Resolve) -> None:
    """The engineer has to know which file to look for, and where builds leave it."""
    changed = resolve(event(frame("a.a.a:3"), debug_meta=with_images("32a80091-86e7-54cc-87f4-f2c3f37c6c3c")))
    [problem] = changed.errors
    assert (problem.type, problem.image_uuid) == ("proguard_missing_mapping", "32a80091-86e7-54cc-87f4-f2c3f37c6c3c")
    assert "mapping.txt" in (problem.remedy or "")
    assert (frames_of(changed)[0].status, changed.images[0].debug_status) == ("missing", "missing")


def test_a_mapping_of_another_build_is_not_used(resolve: Resolve) -> None:
    """Names are given anew in every build: the wrong mapping gives a wrong trace that looks right."""
    listed = with_images("32a80091-86e7-54cc-87f4-f2c3f37c6c3c")
    changed = resolve(event(frame("a.a.a:3"), debug_meta=listed), mapping=MAPPING)
    assert resolved(changed) == ["a.a.a(SourceFile:3)"]
    assert "wanted 32a80091" in (changed.errors[0].message or "")


def test_the_id_in_the_file_name_finds_the_mapping(resolve: Resolve) -> None:
    """R8 leaves nothing else in a stack text."""
    asked = event(frame("a.a.a:3", filename="r8-map-id-1a2b3c4"))
    changed = resolve(asked, mapping=MAPPING, other=SECOND)
    assert resolved(changed) == ["com.shop.Cart.add(Cart.java:21)"]
    assert "proguard_missing_mapping" in [one.type for one in resolve(asked_with("r8-map-id-0000000")).errors]


def asked_with(file: str) -> Event:
    return event(frame("q.q.a:3", filename=file))


def test_several_mappings_are_applied_in_their_order(resolve: Resolve) -> None:
    """An app that is obfuscated again after R8 needs both files, the last tool's first."""
    ids = [mapping_uuid(text.encode()) for text in (SECOND, MAPPING)]
    changed = resolve(event(frame("x.y.z:9"), debug_meta=with_images(*ids)), first=SECOND, second=MAPPING)
    assert resolved(changed) == ["com.shop.Cart.add(Cart.java:20)"]
    assert [image.debug_status for image in changed.images] == ["found", "found"]


def test_a_chain_of_mappings_with_a_gap_says_so(resolve: Resolve) -> None:
    """Half resolved names look like the source's to somebody in a hurry."""
    ids = [mapping_uuid(text.encode()) for text in (SECOND, MAPPING)]
    changed = resolve(event(frame("x.y.z:9"), debug_meta=with_images(*ids)), first=SECOND)
    assert resolved(changed) == ["a.a.a(a.java:2)"]
    assert [problem.image_uuid for problem in changed.errors] == [ids[1]]


def test_what_a_line_would_tell_is_not_guessed(resolve: Resolve) -> None:
    """Of two methods the wrong one sends people to the wrong place."""
    changed = resolve(event(frame("a.a.b")), mapping=MAPPING)
    assert resolved(changed) == ["com.shop.Cart.clear or fill(Cart.java:0)"]
    [only] = frames_of(changed)
    assert only.data is not None
    assert only.data.evidence == "mapping, ambiguous"
    assert only.data.extra["alternatives"] == ["com.shop.Cart.clear(Cart.java)", "com.shop.Cart.fill(Cart.java)"]
    assert [problem.type for problem in changed.errors] == ["proguard_missing_lineno"]


def test_names_that_the_mapping_does_not_know_are_complained_about(resolve: Resolve) -> None:
    """A mapping of another build often knows half of the names."""
    changed = resolve(event(frame("a.a.q:3"), frame("q.q.a:3")), mapping=MAPPING)
    assert [one.status for one in frames_of(changed)] == ["missing_symbol", "missing_symbol"]
    assert {problem.type for problem in changed.errors} == {"proguard_wrong_mapping"}


def test_a_library_s_class_that_kept_its_name_is_no_fault_of_the_mapping(resolve: Resolve) -> None:
    """Vendors obfuscate files only, and mappings leave out what did not change."""
    changed = resolve(event(frame("com.vendor.Player.play:3")), mapping=MAPPING)
    assert (frames_of(changed)[0].status, changed.errors) == ("as_is", ())


def test_a_method_that_kept_its_name_is_resolved_by_its_class(resolve: Resolve) -> None:
    """Methods that override the platform's are in no mapping."""
    changed = resolve(event(frame("a.a.onCreate:3")), mapping=MAPPING)
    assert resolved(changed) == ["com.shop.Cart.onCreate(Cart.java:3)"]
    assert changed.errors == ()


def test_what_the_compiler_made_is_folded(resolve: Resolve) -> None:
    """A lambda's class between two calls of the source is noise, with and without a mapping."""
    text = (
        "com.shop.Cart$$ExternalSyntheticLambda0 -> a.c:\n# {'id':'com.android.tools.r8.synthesized'}\n"
        "    1:1:void run():0:0 -> run\n    # {'id':'com.android.tools.r8.synthesized'}\n"
        "    2:2:void com.shop.Cart.lambda$add$0():8:8 -> run\n    2:2:void run():0 -> run\n"
    )
    plain = frame("com.shop.Checkout$$Lambda$14/0x0000000800c03000.run", filename=None)
    changed = resolve(event(frame("a.c.run:2"), frame("a.c.run:1"), plain), mapping=text)
    assert [one.function for one in frames_of(changed)] == ["lambda$add$0", "run", "run"]
    assert [one.data and one.data.machinery for one in frames_of(changed)] == [None, *["lambdas and accessors"] * 2]


def test_monitors_are_of_classes_that_people_know(resolve: Resolve) -> None:
    """A deadlock between a.a and a.b tells nobody where to look."""
    lock = Lock(type=8, address="0x1", package_name="a", class_name="b", thread_id=2)
    thread = Thread(
        id=1, stacktrace=Stacktrace(frames=(frame("a.a.a:1", lock=lock),)), held_locks={"0x2": Lock(class_name="a.a")}
    )
    changed = resolve(Event(platform="java", threads=Values(values=(thread,))), mapping=MAPPING)
    [one] = changed.thread_list
    assert one.stacktrace is not None
    assert one.held_locks is not None
    locks = [each.lock for each in one.stacktrace.frames]
    assert [each and (each.package_name, each.class_name) for each in locks] == [("com.shop", "Line"), None]
    assert one.held_locks["0x2"].class_name == "Cart"


def test_a_null_check_of_r8_is_no_call_of_the_source(resolve: Resolve) -> None:
    """The innermost frame is where people look first: R8 says which one it made up."""
    rule = '{"id":"com.android.tools.r8.rewriteFrame","conditions":["throws(Ljava/lang/NullPointerException;)"],'
    text = (
        "# compiler: R8\nsome.Class -> a.a:\n    4:4:void other.Class.inlinee():23:23 -> a\n"
        f'    4:4:void caller(other.Class):7 -> a\n    # {rule}"actions":["removeInnerFrames(1)"]}}\n'
    )
    stack = Stacktrace(frames=(frame("a.a.a:4"),))
    thrown = ExceptionValue(type="NullPointerException", module="java.lang", thread_id=1)
    on_thread = Event(
        platform="java",
        exception=Values(values=(thrown,)),
        threads=Values(values=(Thread(id=1, stacktrace=stack),)),
    )
    changed = resolve(on_thread, mapping=text)
    found = changed.thread_list[0].stacktrace
    assert found is not None
    assert [one.function for one in found.frames] == ["caller"]


def test_frames_of_other_languages_are_left_alone(resolve: Resolve) -> None:
    """Native frames stand between Java's in every crash of Android."""
    native = Frame(platform="native", function="art_quick_invoke", package="libart.so")
    changed = resolve(event(native, frame("a.a.a:3")), mapping=MAPPING)
    assert (frames_of(changed)[0].function, frames_of(changed)[0].status) == ("art_quick_invoke", None)


@pytest.mark.parametrize("line", [-5, 0, 2**31, 2**70])
def test_lines_that_make_no_sense_are_no_lines(resolve: Resolve, line: int) -> None:
    """SDKs send -1 for unknown and -2 for native methods."""
    changed = resolve(event(frame("a.a.a", lineno=line)), mapping=MAPPING)
    assert resolved(changed)[0].startswith("com.shop.Cart.add(")
