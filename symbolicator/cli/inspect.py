"""``symbolicator inspect``: what files are, their ids and what they can resolve."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import click
import msgspec
from msgspec import Struct, field

from symbolicator import plugins
from symbolicator.cli.inputs import open_input
from symbolicator.cli.output import write_bytes, write_lines
from symbolicator.engine import Engine
from symbolicator.errors import SymbolicatorError, UnreadableInput
from symbolicator.model import Event
from symbolicator.model.edit import stacks_of
from symbolicator.protocols import Artifact, Buffer, Identity, Key, Missing
from symbolicator.render.lines import Line, Span, Style, line
from symbolicator.render.safe import safe
from symbolicator.store import FileBlob
from symbolicator.store.folder import identify

MAX_KEYS = 5
"""Keys of one kind that are listed; the JSON has them all."""


class Report(Struct, frozen=True):
    """A crash report that a reader recognised. ``error``: why it cannot be read all the same."""

    reader: str
    frames: int = 0
    threads: int = 0
    images: int = 0
    error: str | None = None


class Inspection(Struct, frozen=True):
    """What one file is. All empty: nobody knows."""

    file: str
    artifacts: tuple[Identity, ...] = ()
    report: Report | None = None
    error: str | None = None
    notes: Sequence[str] = field(default_factory=tuple)

    @property
    def known(self) -> bool:
        """Whether anybody knows what it is."""
        return bool(self.artifacts or self.report)


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--format", "output", type=click.Choice(["text", "json"]), default="text", help="For a person or a program."
)
@click.pass_context
def inspect(ctx: click.Context, files: tuple[str, ...], output: str) -> None:
    """Shows what each FILE is, its ids and what it can resolve.

    Exit codes: 0 every file is known, 1 some are not, 2 some cannot be read.
    """
    inspections = [inspect_file(name) for name in files]
    if output == "json":
        write_bytes(msgspec.json.encode([_to_json(inspection) for inspection in inspections]))
    else:
        write_lines(text for inspection in inspections for text in describe_inspection(inspection))
    ctx.exit(2 if any(found.error for found in inspections) else 0 if all(found.known for found in inspections) else 1)


def inspect_file(name: str) -> Inspection:
    """Asks every identifier, then the readers."""
    if Path(name).is_dir():
        return Inspection(name, error="it is a folder: pass its files.")
    notes: list[str] = []
    try:
        with FileBlob(Path(name), name).open() as data:
            artifacts = tuple(identify(Path(name).as_posix(), data, plugins.identifiers(), notes.append))
        if artifacts:
            return Inspection(name, artifacts, notes=tuple(notes))
        with open_input(name) as payload:
            return Inspection(name, report=_report(payload), notes=tuple(notes))
    except SymbolicatorError as error:
        return Inspection(name, error=str(error))


def _report(payload: Buffer) -> Report | None:
    engine = Engine(_NoStore())
    try:
        reader = engine.reader_of(payload)
    except UnreadableInput:
        return None
    try:
        event = engine.read(payload)
    except UnreadableInput as error:
        return Report(reader.name, error=str(error))
    return _report_of(reader.name, event)


def _report_of(reader: str, event: Event) -> Report:
    frames = sum(len(stack.frames) for _, stack in stacks_of(event))
    return Report(reader, frames, len(event.thread_list), len(event.images))


class _NoStore:
    """For an engine that only reads."""

    def fetch(self, keys: frozenset[Key]) -> dict[Key, Artifact | Missing]:
        return {key: Missing(key, "nothing is looked for") for key in keys}


def describe_inspection(inspection: Inspection) -> Iterator[Line]:
    """The file and what it is, as lines."""
    yield line(safe(inspection.file), Style.HEADING)
    if inspection.error:
        yield line(f"  {safe(inspection.error)}", Style.BAD)
    elif not inspection.known:
        yield line("  unknown: no crash report and no artifact that an installed plug-in reads", Style.BAD)
    yield from _artifact_lines(inspection.artifacts)
    if inspection.report:
        yield from _report_lines(inspection.report)
    yield from (line(f"  {safe(note)}", Style.PROBLEM) for note in inspection.notes)


def _artifact_lines(identities: Iterable[Identity]) -> Iterator[Line]:
    """Artifacts by what they are; one file may serve several uses."""
    uses: dict[tuple[str, tuple[tuple[str, str], ...]], set[Key]] = {}
    for identity in identities:
        uses.setdefault((identity.label, tuple(identity.details.items())), set()).update(identity.keys)
    for (label, details), keys in uses.items():
        yield line(f"  {safe(label)}", Style.OWN)
        yield from _table([*details, *_key_rows(keys, {value for _, value in details})])


def _key_rows(keys: Iterable[Key], told: set[str]) -> Iterator[tuple[str, str]]:
    """``found by url`` and the first few values that were not told yet."""
    found = sorted({(key.by, key.value) for key in keys if key.value not in told})
    for by, group in groupby(found, key=lambda pair: pair[0]):
        values = [value for _, value in group]
        more = [f"and {len(values) - MAX_KEYS:,} more"] if len(values) > MAX_KEYS else []
        yield f"found by {by.replace('_', ' ')}", ", ".join([*values[:MAX_KEYS], *more])


def _report_lines(report: Report) -> Iterator[Line]:
    counts = [(report.frames, "frame"), (report.threads, "thread"), (report.images, "image")]
    parts = [f"{count:,} {noun}{'' if count == 1 else 's'}" for count, noun in counts if count or noun == "frame"]
    what = f"cannot be read: {report.error}" if report.error else ", ".join(parts)
    yield (Span("  "), Span(safe(f"crash report: {report.reader}"), Style.OWN), Span(f", {safe(what)}"))


def _table(rows: Iterable[tuple[str, str]]) -> Iterator[Line]:
    rows = [(safe(name, 40), safe(value, 1000)) for name, value in rows]
    width = max((len(name) for name, _ in rows), default=0)
    for name, value in rows:
        yield (Span(f"    {name:<{width}}  ", Style.DIM), Span(value))


def _to_json(inspection: Inspection) -> dict[str, object]:
    return {
        "file": inspection.file,
        "known": inspection.known,
        "artifacts": [_identity_to_json(identity) for identity in inspection.artifacts],
        "report": inspection.report,
        "error": inspection.error,
        "notes": inspection.notes,
    }


def _identity_to_json(identity: Identity) -> dict[str, object]:
    return {
        "kind": identity.kind,
        "label": identity.label,
        "details": dict(identity.details),
        "keys": [{"kind": key.kind, "by": key.by, "value": key.value} for key in sorted(identity.keys)],
    }
