"""An upload may hold several minidumps, of a browser and its page, say. One is read; the others are named."""

from collections.abc import Sequence

from msgspec.structs import replace

from symbolicator.model import Event, Problem

_MAX_NAMED = 5
_MAX_NAME = 100


def with_other_dumps(event: Event, names: Sequence[str]) -> Event:
    """The event of the dump that was read, with a problem that names the others."""
    if not names:
        return event
    count = len(names)
    named = [name[:_MAX_NAME] for name in names[:_MAX_NAMED]]
    if count > _MAX_NAMED:
        named.append(f"{count - _MAX_NAMED:,} more")
    one = count == 1
    problem = Problem(
        type="other_minidumps",
        message=f"The file holds {'another minidump' if one else f'{count:,} more minidumps'}, not read: "
        f"{', '.join(named)}.",
        remedy=f"Take {'it' if one else 'them'} out of the file and pass {'it' if one else 'each'} by itself: "
        "each is a process of its own.",
    )
    return replace(event, errors=(*event.errors, problem))
