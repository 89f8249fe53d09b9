r"""Code that was compiled at run time: its frames are of the language that it was compiled from, not native ones.

What a runtime writes for perf says so in the names (`native.maps`). Frames that it names are given to the transformers
of their language, before any of those runs: JavaScript goes through source maps, Java through ProGuard's mapping.

===============================================  =====================================================================
``JS:*total /shop/shop.js:6:15``                 V8: kind of code, function, where that begins (1-based)
``LazyCompile:~total /shop/shop.js:6:15``        the same before V8 9.5, also ``Function:``, ``Script:``, ``Eval:``
``Lcom/shop/Cart;::total``                       perf-map-agent
``int com.shop.Cart.total(int)``                 HotSpot itself (``jcmd PID Compiler.perfmap``)
``py::total:/shop/cart.py``                      CPython 3.12 with ``-X perf``
===============================================  =====================================================================

A jitdump may know the line where a call is; without it there is only the place where the function begins.
Sources: v8 src/logging/log.cc; OpenJDK codeCache.cpp (write_perf_map); CPython Python/perf_trampoline.c.
"""

import re

from msgspec import Struct
from msgspec.structs import replace

from native.debug_files import MAPS
from native.lookups import Answer, Lookups, images_of, own_places
from native.maps import wanted_address_maps
from native.own_frames import is_own, is_readable
from native.resolved_frames import resolved_frames
from symbolicator.model import Event, Frame, FrameData, Stacktrace
from symbolicator.model.edit import rewrite_frames
from symbolicator.protocols import Artifact, Artifacts, Key

_MAX_NAME = 4_000
_NO_NAME = "<anonymous>"
"""As V8 calls functions, and whole scripts, that have no name."""
_V8 = re.compile(
    r"(?:JS|LazyCompile|Function|Script|Eval):[~*^+]?(?P<what>[^\n]{1,3000}):(?P<line>[0-9]{1,9}):(?P<column>[0-9]{1,9})\Z"
)
_BEFORE_FILE = re.compile(r" (?=/|[A-Za-z][A-Za-z0-9+.-]{0,20}:|internal/)")
_PERF_MAP_AGENT = re.compile(r"L(?P<class>[^\s;.:()]{1,1000});::(?P<method>[^\s();]{1,500})")
_HOTSPOT = re.compile(
    r"[\w.$\[\]]{1,500} (?P<class>[^\W\d][\w$]{0,200}(?:\.[\w$+/]{1,200}){1,30})\.(?P<method>[\w$<>]{1,500})"
    r"\([\w.$\[\], ]{0,2000}\)\Z"
)
_CPYTHON = re.compile(r"py::(?P<function>[^\n:]{1,500}):(?P<file>[^\n]{1,1000})\Z")


class Named(Struct, frozen=True):
    """What a name in a map says. ``line1`` and ``column1`` are where the function begins, from 1."""

    platform: str
    function: str | None
    module: str | None = None
    file: str | None = None
    line1: int | None = None
    column1: int | None = None


def parse_name(name: str) -> Named | None:
    """The function of a name; None for those of no form that is known, as of a runtime's own stubs."""
    if len(name) > _MAX_NAME:
        return None
    if match := _V8.match(name):
        return _of_v8(match)
    if match := _CPYTHON.match(name):
        return Named("python", match["function"], None, match["file"])
    if match := _PERF_MAP_AGENT.match(name) or _HOTSPOT.match(name):
        return Named("java", match["method"], match["class"].replace("/", "."))
    return None


def _of_v8(match: re.Match[str]) -> Named | None:
    """Both the function's name and the file's may have spaces."""
    space = _BEFORE_FILE.search(match["what"])
    if space is None:
        return None
    function, file = match["what"][: space.start()], match["what"][space.end() :]
    return Named("javascript", function or _NO_NAME, None, file, int(match["line"]), int(match["column"]))


class RunTimeCodeTransformer:
    """Gives the frames of such code to their language."""

    name = "run-time code"

    def needs(self, event: Event, artifacts: Artifacts) -> frozenset[Key]:  # noqa: ARG002 - one round is enough
        """The maps, if a frame lies in no image."""
        images = images_of(event)
        return wanted_address_maps(images, event, own_places(event, images))

    def transform(self, event: Event, artifacts: Artifacts) -> Event:
        """Frames that a map names in a language's form become that language's; all others stay as they are."""
        if not any(key.kind == MAPS and isinstance(found, Artifact) for key, found in artifacts.items()):
            return event
        lookups = Lookups.of(event, artifacts)

        def resolve(stack: Stacktrace, index: int) -> tuple[Frame, ...] | None:
            frame = stack.frames[index]
            if not is_own(event, frame) or is_readable(frame, None) or frame.instruction_addr is None:
                return None
            return _frame_of(frame, lookups.answer(stack, index))

        return rewrite_frames(event, resolve)


def _frame_of(raw: Frame, answer: Answer) -> tuple[Frame, ...] | None:
    named = parse_name(answer.chain[-1].function or "") if answer.image is None and answer.chain else None
    if named is None:
        return None
    found = resolved_frames(raw, answer)[-1]
    has_line = found.lineno is not None and found.abs_path is not None
    begin = replace(found, abs_path=named.file, filename=named.file, lineno=named.line1, colno=named.column1)
    placed = found if has_line else begin
    data = placed.data or FrameData()
    is_start = not has_line and named.line1 is not None
    kept = FrameData(resolved_with=data.resolved_with, original_index=data.original_index, at_function_start=is_start)
    return (
        replace(
            placed,
            platform=named.platform,
            function=named.function,
            module=named.module,
            raw_function=answer.chain[-1].function,
            symbol=None,
            lang=None,
            in_app=raw.in_app,
            data=kept,
        ),
    )


TRANSFORMER = RunTimeCodeTransformer()
