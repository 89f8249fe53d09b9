"""Why a JavaScript frame did not resolve, and what to do. Types are Sentry's; one problem a file and reason."""

from collections.abc import Iterable, Sequence

from sourcemaps.javascript.urls import base_name
from symbolicator.model import Problem
from symbolicator.protocols import Missing

MAX_NEAR = 3
_MAX_URL = 400
_REACT_NATIVE = (".bundle", ".jsbundle", ".hbc")


def no_source(path: str, misses: Sequence[Missing]) -> Problem:
    """Neither the generated file nor a map for it."""
    return Problem(
        type="js_no_source",
        url=_short(path),
        message=f"Neither {_short(path)} nor a source map for it was found{_nearest(misses)}.{_tried(misses)}",
        remedy=_remedy(misses) or _pass_map(base_name(path) + ".map"),
    )


def no_source_map(path: str, file: str, named: str | None, misses: Sequence[Missing]) -> Problem:
    """The generated file is there, its map is not. ``named``: the map that it names."""
    what = f"names the source map {_short(named)}, which" if named else "names no source map, and one beside it"
    return Problem(
        type="js_no_source",
        url=_short(path),
        message=f"{_short(file)} {what} was not found{_nearest(misses)}.{_tried(misses)}",
        remedy=_remedy(misses) or _pass_map(base_name(named or path + ".map")),
    )


def no_file_name() -> Problem:
    """Frames that have a line and no file."""
    return Problem(
        type="js_no_source",
        message="The report has lines and columns without the file that they are in.",
        remedy="Report the error with its whole stack, so that every frame names its bundle.",
    )


def invalid_source_map(path: str, misses: Iterable[Missing]) -> Problem:
    """There is a map, and it cannot be read."""
    why = next((miss.why for miss in misses if miss.malformed), "it is damaged")
    return Problem(
        type="js_invalid_source",
        url=_short(path),
        message=f"The source map of {_short(path)} cannot be read: {why}",
        remedy="Build it again and pass or upload the new one; `symbolicator inspect FILE` shows whether it is whole.",
    )


def no_column(path: str) -> Problem:
    """A line alone says nothing in a file that is one line."""
    return Problem(
        type="js_no_column",
        url=_short(path),
        message=f"Frames of {_short(path)} come without line or column, and a generated line holds a whole program.",
        remedy="Report the error with `error.stack` as the engine gives it: every current engine prints columns.",
    )


def invalid_location(path: str, source_map: str, line1: int, column1: int) -> Problem:
    """The map knows nothing about the position."""
    return Problem(
        type="js_invalid_sourcemap_location",
        url=_short(path),
        message=f"{_short(source_map)} maps nothing at line {line1}, column {column1} of {_short(path)}.",
        remedy=(
            "Bundle and map probably come from different builds: pass the map that was built together with the "
            "bundle that crashed (debug ids make sure of it)."
        ),
    )


def too_many_files(limit: int) -> Problem:
    """More generated files than one crash has."""
    return Problem(
        type="js_too_many_sources",
        message=f"The stacks name more than {limit} generated files; source maps were looked for up to that number.",
        remedy="Check that the report holds one crash.",
    )


def _pass_map(name: str) -> str:
    is_hermes = name.removesuffix(".map").endswith(_REACT_NATIVE)
    which = f"{_short(name)} (with Hermes: Metro's and hermesc's maps composed into one)" if is_hermes else _short(name)
    return (
        f"Pass the folder that holds {which}: symbolicator resolve CRASH --artifacts dist/ - or upload it once: "
        "symbolicator upload dist/ --store DIR."
    )


def _tried(misses: Iterable[Missing]) -> str:
    """What the store did to get the file, where it did more than look."""
    return next((f" {miss.why}" for miss in misses if miss.remedy), "")


def _remedy(misses: Iterable[Missing]) -> str | None:
    return next((miss.remedy for miss in misses if miss.remedy), None)


def _nearest(misses: Iterable[Missing]) -> str:
    notes: dict[str, str] = {}
    for near in (near for miss in misses for near in miss.near):
        notes.setdefault(near.name, near.note)
    shown = [f"{_short(name)} ({note})" for name, note in list(notes.items())[:MAX_NEAR]]
    return f"; nearest: {', '.join(shown)}" if shown else ""


def _short(text: str) -> str:
    """A name as it is; an attack cut off."""
    return text if len(text) <= _MAX_URL else text[:_MAX_URL] + "…"
