"""The commits that a crash may come from, below the trace, each with what speaks for it."""

from collections.abc import Iterator, Sequence

from symbolicator.model import Event, SuspectCommit, SuspectEvidence
from symbolicator.render.lines import Line, Span, Style, cells, cut, indented, line
from symbolicator.render.safe import safe

MAX_EVIDENCE = 3
MAX_SUSPECTS = 3
_SHORT = 7
_INDENT = "  "
_MIN_SUBJECT = 16
_MAX_LINES = 40
_WEAKER = ": weaker evidence"
_UNITS = ((365 * 86_400, "year"), (30 * 86_400, "month"), (86_400, "day"), (3_600, "hour"), (60, "minute"))


def suspect_lines(event: Event, width: int) -> Iterator[Line]:
    """The suspects, the likeliest first; nothing where there are none."""
    suspects = event.suspects[:MAX_SUSPECTS]
    repositories = {suspect.repository for suspect in suspects}
    for suspect in suspects:
        yield _suspect(suspect, width, names_repository=len(repositories) > 1)
        yield from _evidence_lines(suspect, width)
    if suspects:
        yield from indented([_states(suspects)], width, Style.DIM, first=_INDENT, rest=f"{_INDENT} ")


def _suspect(suspect: SuspectCommit, width: int, *, names_repository: bool) -> Line:
    """Commit and subject; of a subject too long for the line the end goes."""
    start = f"Suspect: {safe(suspect.sha[:_SHORT])} "
    where = f" in {safe(suspect.repository, 80)}" if names_repository else ""
    about = ", ".join(part for part in (safe(suspect.author or "", 60), _when(suspect)) if part)
    end = f"{where} ({about}), {_share(suspect.score)}"
    subject = cut(safe(suspect.subject or ""), max(_MIN_SUBJECT, width - cells(start) - cells(end) - 2))
    return (Span(start, Style.HEADING), Span(f'"{subject}"', Style.OWN), Span(end, Style.CONTEXT))


def _share(score: float) -> str:
    return f"{min(max(score, 0.0), 1.0):.0%}" if score == score else "some"  # noqa: PLR0124 - a payload may say NaN


def _when(suspect: SuspectCommit) -> str:
    """``3 days before the crash``, or the date where the crash has none or a clock was wrong."""
    seconds = suspect.seconds_before
    if seconds is None or seconds < 0:
        return safe((suspect.date or "")[:10])
    for size, unit in _UNITS:
        if seconds >= size:
            count = int(min(seconds / size, 9_999))
            return f"{count:,} {unit}{'s' if count > 1 else ''} before the crash"
    return "just before the crash"


def _evidence_lines(suspect: SuspectCommit, width: int) -> Iterator[Line]:
    telling = list(_telling(suspect.evidence))
    for evidence in telling[:MAX_EVIDENCE]:
        first, rest = f"{_INDENT}changed ", f"{_INDENT}  "
        yield from indented([_told(evidence)], width, Style.PLAIN, first=first, rest=rest.ljust(len(first)))
    hidden = len(telling) - MAX_EVIDENCE
    if hidden > 0:
        yield line(f"{_INDENT}and {hidden:,} more place{'s' if hidden > 1 else ''} of the trace", Style.DIM)


def _telling(evidence: Sequence[SuspectEvidence]) -> Iterator[SuspectEvidence]:
    """Without what names no line that was not named before: a change that is near several calls is one change."""
    named: dict[str, set[int]] = {}
    for one in evidence:
        lines = {one.line} if one.kind == "line" else set(one.changed)
        known = named.get(one.path)
        if known is None or not lines <= known:
            yield one
        named.setdefault(one.path, set()).update(lines)


def _told(evidence: SuspectEvidence) -> str:
    path = safe(evidence.path, 300)
    former = f" (then {safe(evidence.former_path, 300)})" if evidence.former_path else ""
    match evidence.kind:
        case "line":
            function = f" in {safe(evidence.function, 120)}" if evidence.function else ""
            return f"{path}:{evidence.line}{former}{function}, {_line_of(evidence)}{_doubt(evidence)}"
        case "near":
            return f"{path}:{_ranges(evidence.changed)}{former}, {_distance(evidence)} from {_line_of(evidence)}"
        case _:
            return f"{path} elsewhere, the file with {_line_of(evidence)}"


def _ranges(lines: Sequence[int]) -> str:
    """``9-10, 14``: runs of lines."""
    runs: list[tuple[int, int]] = []
    for number in sorted(set(lines))[:_MAX_LINES]:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return ", ".join(str(start) if start == end else f"{start}-{end}" for start, end in runs)


def _distance(evidence: SuspectEvidence) -> str:
    count = min((abs(number - evidence.line) for number in evidence.changed), default=0)
    return f"{count:,} line{'' if count == 1 else 's'}"


def _line_of(evidence: SuspectEvidence) -> str:
    return "the line that failed" if evidence.rank == 0 else "a line that called it"


def _doubt(evidence: SuspectEvidence) -> str:
    doubts = {"shifted": " (found by its text)", "other text": " (which reads differently there)"}
    return doubts.get(evidence.match, "")


def _states(suspects: Sequence[SuspectCommit]) -> str:
    """Which states of the code were blamed; that they are no releases is said once if it is true of all."""
    names_repository = len({suspect.repository for suspect in suspects}) > 1
    is_weaker = not any(suspect.is_release for suspect in suspects)
    states = (
        _state(suspect, names_repository=names_repository) + ("" if is_weaker or suspect.is_release else _WEAKER)
        for suspect in suspects
    )
    return f"({', '.join(dict.fromkeys(states))}{_WEAKER if is_weaker else ''}; % of all evidence)"


def _state(suspect: SuspectCommit, *, names_repository: bool) -> str:
    where = f"{safe(suspect.repository, 80)} " if names_repository else ""
    return f"{where}as of {safe(suspect.revision_source, 120)} ({safe(suspect.revision[:_SHORT])})"
