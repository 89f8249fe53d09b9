"""Shared by the tests of ProGuard: events of Java, and a store of a few mapping files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sourcemaps.proguard.identifier import IDENTIFIER
from sourcemaps.proguard.transformer import TRANSFORMER
from symbolicator import plugins
from symbolicator.enrich import Rules, with_rules
from symbolicator.model import Event, ExceptionValue, Frame, Stacktrace, Values
from symbolicator.pipeline import run
from symbolicator.store import FolderCache, FolderStore

MAPPING = """\
# compiler: R8
# pg_map_id: 1a2b3c4
com.shop.Line -> a.b:
# {"id":"sourceFile","fileName":"Checkout.kt"}
    1:1:void <init>(java.lang.String,int):7:7 -> <init>
com.shop.Cart -> a.a:
# {"id":"sourceFile","fileName":"Cart.java"}
    1:1:int com.shop.Price.round(int):40:40 -> a
    1:1:void add(com.shop.Line):12 -> a
    2:4:void add(com.shop.Line):20:22 -> a
    5:5:void clear():30:30 -> b
    6:6:void fill():31:31 -> b
"""


def frame(text: str, **more: Any) -> Frame:
    """``a.a.c:12``: class, method, line."""
    name, _, line = text.partition(":")
    module, _, function = name.rpartition(".")
    values: dict[str, Any] = {"filename": "SourceFile", "lineno": int(line) if line else None} | more
    return Frame(module=module, function=function, **values)


def event(*frames: Frame, **more: Any) -> Event:
    """An event of Java with one exception; ``frames``: the innermost first, as a stack text has them."""
    value = ExceptionValue(type="b", module="a", value="no a.b left", stacktrace=Stacktrace(frames=frames[::-1]))
    return Event(platform="java", exception=Values(values=(value,)), **more)


def resolved(changed: Event) -> list[str]:
    """The frames of the first exception, innermost first: ``com.shop.Cart.add(Cart.java:12)``."""
    stack = changed.exceptions[0].stacktrace
    assert stack is not None
    return [f"{one.module}.{one.function}({one.filename}:{one.lineno or 0})" for one in stack.frames[::-1]]


Resolve = Callable[..., Event]


@pytest.fixture
def resolve(tmp_path: Path) -> Resolve:
    """Resolves an event with the mapping files given by name."""

    def resolve(asked: Event, **files: str) -> Event:
        folder = tmp_path / "artifacts"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / f"{name}.txt").write_text(text)
        store = FolderStore([folder], [IDENTIFIER], FolderCache(tmp_path / "cache"))
        return with_rules(run(TRANSFORMER, asked, store), Rules(tables=plugins.frame_rules))

    return resolve
