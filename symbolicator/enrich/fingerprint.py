"""Fingerprints: what a crash is recognised by when it comes again, from another build or without some of its symbols.

One is made of the merged trace: the error and the program's own calls, newest first, names cleaned of what differs
between builds and between sources of names, no lines, machinery and libraries left out, recursion said once. The error
is the family of its kind where systems and readers name the same error differently, else its type. Beside it stands
one for each language, made of its own frames alone: where the symbols of one side are missing, the other side's still
agrees.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from symbolicator.enrich.cleaned import clean_file, clean_function, clean_message
from symbolicator.enrich.own_calls import own_calls
from symbolicator.enrich.signatures import without_signature
from symbolicator.model import Event, Fingerprint, Frame, FrameStatus
from symbolicator.model.causes import raised_exception
from symbolicator.model.edit import platform_of
from symbolicator.model.fingerprints import MERGED, OFFSET, UNNAMED

MAX_CALLS = 30
"""Calls from the crash on; what lies below is how the program came to work at all."""
_MAX_PERIOD = 8
_BY_NAME_ALONE = frozenset({"native", "c", "cpp", "rust", "swift", "objc", "cocoa", "java", "csharp", "go"})
"""Platforms whose names of functions are qualified: their files only move."""
_MINIFIED = re.compile(r"(?:new )?(?:[\w$]{1,2}\.){0,4}[\w$]{1,2}")
_WITH_SIGNATURES = frozenset({"native", "c", "cpp", "rust", "cocoa", "objc"})

_Starts: TypeAlias = Mapping[str | None, int]
"""Addresses of images, by their paths."""


class _Call(Struct, frozen=True):
    text: str
    platform: str


def with_fingerprints(event: Event) -> Event:
    """Sets ``fingerprints``; none where the event has neither an error nor a trace. Looks at ``crash_kind``."""
    error = _error(event)
    starts = {image.code_file: image.image_addr for image in event.images if image.image_addr is not None}
    calls = [_call(frame, platform_of(event, frame) or "", starts) for frame in own_calls(event)]
    prints = [_made(MERGED, error, calls)]
    platforms = dict.fromkeys(call.platform for call in calls)
    if len(platforms) > 1:
        prints += [_made(name, error, [call for call in calls if call.platform == name]) for name in sorted(platforms)]
    return replace(event, fingerprints=tuple(one for one in prints if one.parts))


def _made(name: str, error: Sequence[str], calls: Iterable[_Call]) -> Fingerprint:
    parts = (*error, *list(_without_recursion([call.text for call in calls]))[:MAX_CALLS])
    return Fingerprint(name=name, hash=sha256("\n".join(parts).encode()).hexdigest()[:32], parts=parts)


def _error(event: Event) -> tuple[str, ...]:
    """The error's family or type; where no call is known, what it says too: there is nothing else to know it by."""
    index = raised_exception(event)
    if index is None:
        return ()
    raised = event.exceptions[index]
    message = clean_message(raised.value) if raised.value and not any(True for _ in own_calls(event)) else None
    family = event.crash_kind and event.crash_kind.family
    return tuple(part for part in (family or (raised.type and clean_function(raised.type)), message) if part)


def _call(frame: Frame, platform: str, starts: _Starts) -> _Call:
    return _Call(_text(frame, platform, starts), platform)


def _text(frame: Frame, platform: str, starts: _Starts) -> str:
    """``Cart.total (cart.ts)``; ``? (libshop.so+0x1f0)`` without a name, ``? t (app.js)`` with one that is no proof."""
    place = clean_file(frame.filename or frame.abs_path or frame.package or "")
    if not frame.function:
        return f"{UNNAMED}({frame.module or place}{_offset(frame, starts)})"
    if frame.status is FrameStatus.MISSING and _MINIFIED.fullmatch(frame.function):
        return f"{UNNAMED}{frame.function} ({frame.module or place})"
    function = clean_function(frame.function)
    function = without_signature(function) if platform in _WITH_SIGNATURES else function
    if platform in _BY_NAME_ALONE:
        return f"{frame.module}.{function}" if frame.module else function
    return f"{function} ({frame.module or place})" if frame.module or place else function


def _offset(frame: Frame, starts: _Starts) -> str:
    """Bytes from the image's start, which tell calls of one build apart; absolute addresses differ from run to run."""
    address = frame.instruction_addr
    if address is None or frame.function_id is not None:
        return ""
    if (frame.addr_mode or "").startswith("rel:"):
        return f"{OFFSET}{address:x}"
    start = starts.get(frame.package) if frame.image_addr is None else frame.image_addr
    return "" if start is None or address < start else f"{OFFSET}{address - start:x}"


def _without_recursion(calls: Sequence[str]) -> Iterator[str]:
    """Calls that repeat, alone or in a round of up to eight, once."""
    kept: list[str] = []
    for call in calls:
        kept.append(call)
        if call.startswith(f"{UNNAMED}(") and OFFSET not in call:
            continue
        for period in range(1, _MAX_PERIOD + 1):
            if kept[-period:] == kept[-2 * period : -period]:
                del kept[-period:]
                break
    yield from kept
