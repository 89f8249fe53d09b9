"""Why a JavaScript frame did not resolve, and what to do. Types are Sentry's; one problem a file and reason."""

import re
from collections.abc import Iterable, Sequence

from sourcemaps.javascript.urls import base_name, display_name
from symbolicator.model import Problem
from symbolicator.protocols import Missing

MAX_NEAR = 3
MAX_LISTED = 3
_MAX_URL = 400
_AND_MORE = re.compile(r"And ([0-9]{1,12}) more\.\Z")
"""What an index says last if it does not list all its defects."""
_DEPLOYED = re.compile(r"https?://[\w.-]{1,253}(?::[0-9]{1,5})?(?=/)", re.IGNORECASE | re.ASCII)
_REACT_NATIVE = (".bundle", ".jsbundle", ".hbc")


def no_source(path: str, misses: Sequence[Missing]) -> Problem:
    """Neither the generated file nor a map for it."""
    return Problem(
        type="js_no_source",
        url=_short(path),
        message=f"Neither {_short(path)} nor a source map for it was found{_nearest(misses)}.{_tried(misses)}",
        remedy=_remedy(misses) or _pass_map(path, base_name(path) + ".map"),
    )


def no_source_map(path: str, file: str, named: str | None, misses: Sequence[Missing]) -> Problem:
    """The generated file is there, its map is not. ``named``: the map that it names."""
    what = f"names the source map {_short(named)}, which" if named else "names no source map, and one beside it"
    return Problem(
        type="js_no_source",
        url=_short(path),
        message=f"{_short(file)} {what} was not found{_nearest(misses)}.{_tried(misses)}",
        remedy=_remedy(misses) or _pass_map(path, base_name(named or path + ".map")),
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


def defective_map(source_map: str, defects: Sequence[str]) -> Problem:
    """The map breaks rules, and was read all the same. ``defects``: a sentence each."""
    uncounted = _AND_MORE.match(defects[-1])
    count = len(defects) - 1 + int(uncounted[1]) if uncounted else len(defects)
    more = f" And {count - MAX_LISTED:,} more." if count > MAX_LISTED else ""
    return Problem(
        type="js_invalid_source",
        url=_short(source_map),
        message=(
            f"{_short(source_map)} breaks the rules of source maps, and some of its positions may be wrong: "
            f"{' '.join(map(_short, defects[:MAX_LISTED]))}{more}"
        ),
        remedy=(
            "Update the tool that wrote the map, or the one that merged it with others, and build again; what is sure "
            "was resolved."
        ),
    )


def no_text(source_map: str, sources: Sequence[str]) -> Problem:
    """The map has no text of own sources, and nobody else has it."""
    shown = ", ".join(_short(display_name(source)) for source in sources[:MAX_LISTED])
    more = f" and {len(sources) - MAX_LISTED:,} more" if len(sources) > MAX_LISTED else ""
    return Problem(
        type="js_missing_sources_content",
        url=_short(source_map),
        message=(
            f"{_short(source_map)} has no text of {shown}{more}, and no such file is among the artifacts: source lines "
            "are not shown, and names of functions are the best guess of the map."
        ),
        remedy=(
            "Have the bundler write `sourcesContent` into the map, or pass the folder with the sources too: "
            "symbolicator resolve CRASH --artifacts dist/ --artifacts src/."
        ),
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


def _pass_map(path: str, name: str) -> str:
    is_hermes = name.removesuffix(".map").endswith(_REACT_NATIVE)
    which = f"{_short(name)} (with Hermes: Metro's and hermesc's maps, or both in one)" if is_hermes else _short(name)
    origin = _DEPLOYED.match(path)
    fetch = f" - or have it fetched from where it is deployed: --fetch {origin[0].lower()}" if origin else ""
    return (
        f"Pass the folder that holds {which}: symbolicator resolve CRASH --artifacts dist/ - or upload it once: "
        f"symbolicator upload dist/ --store DIR{fetch}."
    )


def _tried(misses: Sequence[Missing]) -> str:
    """What the store did to get the file, where it did more than look."""
    return next((f" {miss.why}" for miss in misses if miss.remedy), "")


def _remedy(misses: Sequence[Missing]) -> str | None:
    """What to do if a near miss is the file that was meant, or what the store itself advises."""
    near = (near.remedy for miss in misses for near in miss.near if near.remedy)
    return next(near, None) or next((miss.remedy for miss in misses if miss.remedy), None)


def _nearest(misses: Sequence[Missing]) -> str:
    """The near misses; those that come with a remedy say more than likeness."""
    notes: dict[str, str] = {}
    nearest = [near for miss in misses for near in miss.near]
    for near in sorted(nearest, key=lambda near: not near.remedy):
        notes.setdefault(near.name, near.note)
    shown = [f"{_short(name)} ({note})" for name, note in list(notes.items())[:MAX_NEAR]]
    return f"; nearest: {', '.join(shown)}" if shown else ""


def _short(text: str) -> str:
    """A name as it is; an attack cut off."""
    return text if len(text) <= _MAX_URL else text[:_MAX_URL] + "…"
