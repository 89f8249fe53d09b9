"""Which function a frame is in: what the map's scopes, the original source and the generated file say of it."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from symbolicator.model import AsyncCall, Event, ExceptionValue, Frame, FrameData, Stacktrace, Values

SOURCE = """\
function price(item) {
  return item.cents;
}

function total(cart) {
  return price(cart[0]);
}
"""
INLINED = "BAAA,BFAAA,CCB,BFCAC,CCB,CBA,ECAA,EGKE,ECKD,IAFJ,FU,FU,FnB"
"""By the encoder of ``test_scope_frames``: ``price`` was inlined into ``total`` from column 20 to 40."""


def source_map(**fields: object) -> bytes:
    """Generated line 1: column 10 is the start of ``total``, column 20 is ``.cents`` in ``price``, 40 its call."""
    smap = {"version": 3, "sources": ["src/cart.js"], "sourcesContent": [SOURCE], "names": ["price", "total"]}
    return json.dumps(smap | {"mappings": "UAIAC,UAHc,oBAIVD"} | fields).encode()


def frames(store: Any, *raw: Frame) -> list[Frame]:
    stack = Stacktrace(frames=raw)
    event = Event(platform="javascript", exception=Values(values=(ExceptionValue(stacktrace=stack),)))
    return list(store.resolve(event).exceptions[0].stacktrace.frames)


def frame(function: str | None, column1: int) -> Frame:
    return Frame(function=function, abs_path="https://shop.example/app.js", lineno=1, colno=column1)


def test_an_inlined_call_is_a_frame_of_its_own(store: Any) -> None:
    """The engine has one frame where the author wrote two functions; both belong in the trace, with their lines."""
    store.add("app.js.map", source_map(scopes=INLINED))
    outer, inner = frames(store, frame("t", 26))
    assert (outer.function, outer.raw_function, outer.lineno, outer.colno) == ("total", "t", 6, 10)
    assert (inner.function, inner.raw_function, inner.lineno) == ("price", None, 2)
    assert (outer.context_line, inner.context_line) == ("  return price(cart[0]);", "  return item.cents;")
    assert [found.data and (found.data.inlined, found.data.original_index) for found in (outer, inner)] == [
        (False, 0),
        (True, 0),
    ]


def test_scopes_name_functions_where_the_source_is_not_at_hand(store: Any) -> None:
    """A map may keep the sources to its company and still say what their functions are called."""
    store.add("app.js.map", source_map(scopes=INLINED, sourcesContent=[]))
    outer, inner = frames(store, frame("t", 26))
    assert (outer.function, inner.function) == ("total", "price")


def test_a_minified_name_in_scopes_is_not_believed(store: Any) -> None:
    """Swc writes its own short names into the field: ``e`` would hide what the source says."""
    store.add("app.js.map", source_map(scopes=INLINED, names=["e", "t"]))
    outer, inner = frames(store, frame("t", 26))
    assert (outer.function, inner.function) == ("total", "price")


MINIFIED = b"var e=1;  function t(n){ return n.cents  };function i(e){return t(e)}\n//# sourceMappingURL=app.js.map\n"


@pytest.mark.parametrize(
    ("names", "content", "expected"),
    [
        (["price"], None, "price"),
        ([], ["component.cents = price => price"], "t"),
    ],
)
def test_the_generated_file_names_what_no_source_does(
    store: Any, names: list[str], content: list[str] | None, expected: str
) -> None:
    """Without sources the name stands where the minified function's own name is mapped from; else nobody knows it."""
    smap = {"version": 3, "sources": ["src/cart.elm"], "sourcesContent": content, "names": names}
    mappings = "mBAAS" + ("A" if names else "") + ",MAAgB"
    store.add("app.js.map", json.dumps(smap | {"mappings": mappings}).encode())
    store.add("app.js", MINIFIED)
    [found] = frames(store, frame("t", 33))
    assert (found.function, found.lineno) == (expected, 1)


def test_an_awaiting_caller_calls_nobody_by_that_name(store: Any) -> None:
    """``const left = await reserve()`` stands at ``left`` when it is resumed: no name for ``reserve``."""
    store.add("app.js.map", source_map(sourcesContent=[]))
    awaiting, called = frame("async a", 11), frame("b", 26)
    assert frames(store, awaiting, called)[1].function == "b"
    resumed = replace(frame("a", 11), data=FrameData(async_call=AsyncCall(rule="v8-async")))
    assert frames(store, resumed, called)[1].function == "b"
    assert frames(store, frame("a", 11), called)[1].function == "total"
