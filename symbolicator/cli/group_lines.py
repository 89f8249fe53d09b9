"""Groups of crashes as lines for a person, and as JSON for a program."""

import os
from collections.abc import Iterator, Sequence

from symbolicator.cli.report_files import Reading
from symbolicator.grouping.batch import Crash, Group, Variant
from symbolicator.model.fingerprints import MERGED
from symbolicator.render.lines import BLANK, Line, Style, indented, line
from symbolicator.render.safe import safe

MAX_CALLS = 5
MAX_MEMBERS = 5
MAX_DIFFERENCES = 3
_UNTITLED = "Report without an error"


def group_lines(groups: Sequence[Group], reading: Reading, width: int) -> Iterator[Line]:
    """How many there are, each group by its title, culprit, calls and members, then what could not be read."""
    crashes = sum(group.count for group in groups)
    yield line(f"{_counted(len(groups), 'group')} of {_counted(crashes, 'crash report')}", Style.HEADING)
    for number, group in enumerate(groups, 1):
        yield BLANK
        yield from _group(number, group, width)
    yield from _endings(reading, width)


def _group(number: int, group: Group, width: int) -> Iterator[Line]:
    leader = group.leader
    title = f"{number}. {safe(leader.title or _UNTITLED, 200)}  ({_counted(group.count, 'report')})"
    yield from indented([title], width, Style.ERROR, first="", rest="   ")
    if leader.culprit:
        yield line(f"   {safe(leader.culprit, 300)}", Style.OWN)
    calls = [safe(part, 100) for part in group.common[1 : MAX_CALLS + 1]]
    if calls:
        more = " ← …" if len(group.common) > MAX_CALLS + 1 else ""
        yield from indented([" ← ".join(calls) + more], width, Style.DIM, first="   ", rest="     ")
    for variant in group.variants:
        yield from _variant(variant, width)


def _variant(variant: Variant, width: int) -> Iterator[Line]:
    placement = variant.placement
    if not placement.is_new:
        yield from indented([_likeness(variant)], width, Style.SEAM, first="   ", rest="     ")
    yield from indented([_members(variant.crashes)], width, Style.CONTEXT, first="   ", rest="     ")


def _likeness(variant: Variant) -> str:
    """``0.86 alike, but for: shop::old → shop::new``."""
    placement = variant.placement
    changes = [safe(str(one), 200) for one in placement.differences[:MAX_DIFFERENCES]]
    hidden = len(placement.differences) - len(changes)
    told = ", ".join(changes) + (f" and {hidden:,} more" if hidden else "")
    same = f"the same {placement.by} calls, " if placement.by else ""
    return f"{same}{placement.similarity:.2f} alike" + (f", but for: {told}" if told else "")


def _members(crashes: Sequence[Crash]) -> str:
    names = ", ".join(safe(crash.name, 300) for crash in crashes[:MAX_MEMBERS])
    hidden = len(crashes) - MAX_MEMBERS
    return f"{names} and {hidden:,} more" if hidden > 0 else names


def _endings(reading: Reading, width: int) -> Iterator[Line]:
    if reading.unreadable or reading.others:
        yield BLANK
    for failed in reading.unreadable:
        file, error = safe(failed.file, 300), safe(failed.error, 2_000)
        text = error if error.startswith(file) else f"{file}: {error}"
        yield from indented([text], width, Style.BAD, first="", rest="  ")
    if reading.others:
        what = "no crash report" if reading.others == 1 else "no crash reports"
        yield line(f"{_counted(reading.others, 'other file')} in the folders: {what}", Style.DIM)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def to_json(groups: Sequence[Group], reading: Reading) -> dict[str, object]:
    """The groups with all of their members."""
    return {
        "groups": [_group_to_json(group) for group in groups],
        "unreadable": reading.unreadable,
        "other_files": reading.others,
    }


def _group_to_json(group: Group) -> dict[str, object]:
    leader = group.leader
    return {
        "title": leader.title,
        "culprit": leader.culprit,
        "kind": leader.kind,
        "count": group.count,
        "common": group.common,
        "variants": [_variant_to_json(variant) for variant in group.variants],
    }


def _variant_to_json(variant: Variant) -> dict[str, object]:
    placement, prints = variant.placement, variant.crashes[0].fingerprints
    return {
        "fingerprint": next((one.hash for one in prints if one.name == MERGED), None),
        "similarity": round(placement.similarity, 4),
        "same_calls_of": placement.by,
        "differences": placement.differences,
        "count": len(variant.crashes),
        "files": [os.fspath(crash.name) for crash in variant.crashes],
    }
