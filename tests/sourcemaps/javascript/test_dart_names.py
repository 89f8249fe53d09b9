"""Names that dart2js makes of Dart's: people look for the ones that they wrote."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sourcemaps.javascript.dart_names import MAX_DART_NAME, dart_name
from sourcemaps.javascript.reader import READER


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Cart.total$1", "Cart.total"),
        ("Foo.bar$1$0", "Foo.bar"),
        ("add$2$key$value", "add"),
        ("main__closure.call$0", "main.<fn>.<fn>"),
        ("main_closure0.call$0", "main.<fn>"),
        ("main__closure", "main.<fn>.<fn>"),
        ("Foo_bar_closure.call$1", "Foo.bar.<fn>"),
        ("Foo__bar_closure.call$1", "Foo._bar.<fn>"),
        ("_Foo_bar_closure.call$1", "_Foo.bar.<fn>"),
        ("_wrapJsFunctionForAsync_closure.$protected", "_wrapJsFunctionForAsync.<fn>"),
        ("Foo_bar$1$0", "Foo_bar"),
        ("$async$main", "main"),
        ("$async$main$0", "main"),
        ("Cart.$async$load$1", "Cart.load"),
        ("_asyncStartSync", "_asyncStartSync"),
        ("_Future._complete$1", "_Future._complete"),
        ("Object._asyncStartSync", "_asyncStartSync"),
        ("A.main", "main"),
        ("J.toString$0", "toString"),
        ("Cart.get$length", "Cart.length"),
        ("set$length$1", "length"),
        ("Cart.$index$1", "Cart.[]"),
        ("$eq$1", "=="),
        ("Cart$fromJson", "Cart.fromJson"),
        ("new Cart$", "new Cart"),
        ("load</<", "load"),
        ("f.call", "f"),
        ("total", "total"),
        ("Api.total", "Api.total"),
        ("<anonymous>", "<anonymous>"),
        ("", ""),
    ],
)
def test_names_of_dart2js_are_readable(raw: str, name: str) -> None:
    """A search for the method finds its crash."""
    assert dart_name(raw) == name


@given(raw=st.text(max_size=80) | st.from_regex(r"[A-Za-z_$.0-9]{1,60}"))
def test_any_name_has_a_name(raw: str) -> None:
    """Frames without a name are worse than ugly ones."""
    assert bool(dart_name(raw)) is bool(raw)
    assert dart_name("a" * MAX_DART_NAME + raw).startswith("a" * 100)


def test_frames_in_dart_sources_have_dart_names(store: Any) -> None:
    """Flutter's web builds and dart2js name the frame; the map knows no functions. The raw name stays beside it."""
    smap = {"version": 3, "sources": ["../lib/cart.dart", "app.js"], "names": [], "mappings": "AAEA,UCEA"}
    store.add("web/main.dart.js.map", json.dumps(smap).encode())
    text = (
        b"Error: x\n    at Cart_total_closure.call$1 (main.dart.js:1:1)\n    at a_closure.call$1 (main.dart.js:1:11)\n"
    )
    [script, dart] = store.resolve(READER.read(text)).exceptions[0].stacktrace.frames
    assert (dart.function, dart.raw_function) == ("Cart.total.<fn>", "Cart_total_closure.call$1")
    assert (dart.filename, dart.lineno, dart.in_app) == ("lib/cart.dart", 3, True)
    assert script.function == "a_closure.call$1"
