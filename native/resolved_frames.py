"""Frames from what was looked up: every inlined call one of its own, caller to callee."""

from collections.abc import Iterator

from msgspec.structs import replace

from native.images import base_name
from native.lookups import Answer
from native.mangling import is_mangled, language_of, readable
from native.names import normal_form
from native.protocol import NEAREST, SourceLocation
from native.source_paths import short, tidy
from symbolicator.model import AbsoluteAddress, Frame, FrameStatus
from symbolicator.model.edit import with_data

MAX_CALLS = 512
"""Calls at one address; more were not compiled from anything a person wrote."""
_MANGLED_LANGUAGES = ("cpp", "rust")
"""Whose names have something to bring into form; other languages' demanglers write what is shown."""


def resolved_frames(raw: Frame, answer: Answer) -> tuple[Frame, ...]:
    """The calls at an address, outermost first, in place of the raw frame."""
    return tuple(_frames(raw, answer))


def _frames(raw: Frame, answer: Answer) -> Iterator[Frame]:
    chain = answer.chain[-MAX_CALLS:]
    for depth, location in enumerate(reversed(chain)):
        yield _frame(raw, answer, location, is_inlined=depth > 0)


def _frame(raw: Frame, answer: Answer, location: SourceLocation, *, is_inlined: bool) -> Frame:
    path = tidy(location.file) if location.file else None
    frame = replace(
        raw,
        function=shown_name(location) or raw.function,
        symbol=_mangled(location) or (None if location.function else raw.symbol),
        abs_path=path,
        filename=short(path) if path else None,
        source_link=location.source_link,
        lineno=location.line,
        colno=location.column if location.line else None,
        lang=location.language or raw.lang,
        package=raw.package or (answer.image.path if answer.image else _map_name(answer)),
        image_addr=raw.image_addr if raw.image_addr is not None else answer.base or None,
        symbol_addr=None if is_inlined else _entry(answer, location),
    )
    return with_data(
        frame,
        status=FrameStatus.SYMBOLICATED,
        resolved_with=answer.file.resolved_with if answer.file else None,
        evidence=location.evidence,
        symbol_distance=_distance(answer, location),
        inlined=is_inlined,
        function_offset=None,
    )


def _map_name(answer: Answer) -> str | None:
    """Code in no image is of the map that knows it."""
    return base_name(answer.file.name) if answer.file and answer.file.name else None


def shown_name(location: SourceLocation) -> str | None:
    """The function's name in normal form, from its symbol where there is one: so it is the same by any backend."""
    mangled = _mangled(location)
    language = (language_of(mangled) if mangled else None) or location.language
    function = _function(location, mangled, language)
    if function is None:
        return None
    return normal_form(function) if language in _MANGLED_LANGUAGES else function


def _function(location: SourceLocation, mangled: str | None, language: str | None) -> str | None:
    """The name; with arguments where its normal form drops them, else as the language's demangler writes it without."""
    told = location.function if location.function != mangled else None
    if told and language in _MANGLED_LANGUAGES and mangled and not mangled.startswith("?"):
        return told
    return (readable(mangled) if mangled else None) or location.function


def _mangled(location: SourceLocation) -> str | None:
    """The symbol, where it says more than the name."""
    symbol = location.symbol
    return symbol if symbol and is_mangled(symbol) else None


def _distance(answer: Answer, location: SourceLocation) -> int | None:
    """Bytes behind the start of a symbol that is only the nearest one."""
    if location.evidence != NEAREST or location.entry is None or answer.address is None:
        return None
    return answer.address - location.entry


def _entry(answer: Answer, location: SourceLocation) -> AbsoluteAddress | None:
    if location.entry is None or not answer.base:
        return None
    return AbsoluteAddress(answer.base + location.entry)
