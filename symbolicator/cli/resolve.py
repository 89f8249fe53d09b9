"""``symbolicator resolve``: a crash report in, one readable trace out."""

import sys
from pathlib import Path

import click
from msgspec import Struct
from msgspec.structs import replace

from symbolicator import codec
from symbolicator.cli.busy import Busy
from symbolicator.cli.hints import what_it_is
from symbolicator.cli.inputs import open_input
from symbolicator.cli.output import width_of, write_bytes, write_lines
from symbolicator.cli.stores import OpenStores, open_stores
from symbolicator.engine import Engine
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event
from symbolicator.model.edit import stacks_of
from symbolicator.protocols import Buffer, Reader
from symbolicator.render import Options, is_resolved, render

RESOLVED = 0
SOME_UNRESOLVED = 1
_PATH = click.Path(exists=True, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


class Resolved(Struct, frozen=True):
    """A resolved event and what ``--explain`` tells about the way there."""

    event: Event
    reader: str
    notes: tuple[str, ...]


@click.command()
@click.argument("report", metavar="INPUT")
@click.option(
    "--artifacts",
    metavar="PATH",
    type=_PATH,
    multiple=True,
    help="File or folder with source maps and debug files; may be repeated.  [default: the working folder]",
)
@click.option(
    "--store",
    metavar="DIR",
    type=_FOLDER,
    envvar="SYMBOLICATOR_STORE",
    show_envvar=True,
    help="Store that `symbolicator upload` filled.",
)
@click.option("--release", metavar="NAME", help="Release that crashed, for a report that does not name one.")
@click.option("--dist", metavar="NAME", help="Build of that release, for a report that does not name one.")
@click.option(
    "--fetch",
    metavar="ORIGIN",
    multiple=True,
    callback=lambda _ctx, _option, origins: _checked_origins(origins),
    help="Fetch what is missing from this origin, as in https://cdn.example or https://*.shop.example; may be "
    "repeated.  [default: nothing is fetched]",
)
@click.option(
    "--format", "output", type=click.Choice(["text", "json"]), default="text", help="Trace to read, or the event."
)
@click.option("--explain", is_flag=True, help="Say for every frame how it was resolved.")
@click.option("--threads", is_flag=True, help="Show every thread, not only the crashed one.")
@click.option("--all-frames", is_flag=True, help="Show library frames one by one.")
@click.pass_context
def resolve(  # noqa: PLR0913 - one a command-line option
    ctx: click.Context,
    *,
    report: str,
    artifacts: tuple[Path, ...],
    store: Path | None,
    release: str | None,
    dist: str | None,
    fetch: tuple[str, ...],
    output: str,
    explain: bool,
    threads: bool,
    all_frames: bool,
) -> None:
    """Shows the crash in INPUT (a file, or - for stdin) as one readable trace.

    Exit codes: 0 every frame resolved, 1 some did not, 2 INPUT cannot be read.
    """
    with Busy() as busy, open_stores(artifacts, store, busy.looked_at, fetch) as stores:
        resolved = _resolve(report, stores, release, dist)
    if output == "json":
        write_bytes(codec.encode(resolved.event))
    else:
        options = Options(
            width=width_of(sys.stdout),
            fold=not all_frames,
            threads=threads,
            explain=explain,
            reader=resolved.reader,
            notes=resolved.notes,
        )
        write_lines(render(resolved.event, options))
    ctx.exit(_exit_code(resolved.event))


def _checked_origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    if origins:
        from symbolicator.cli.fetching import check_origins  # noqa: PLC0415 - as in open_stores

        check_origins(origins)
    return origins


def _resolve(report: str, stores: OpenStores, release: str | None, dist: str | None) -> Resolved:
    engine = Engine(stores)
    with open_input(report) as payload:
        reader = _reader_of(engine, payload)
        event = engine.read_with(reader, payload)
    return Resolved(engine.resolve_event(_of_build(event, release, dist)), reader.name, stores.notes)


def _reader_of(engine: Engine, payload: Buffer) -> Reader:
    try:
        return engine.reader_of(payload)
    except UnreadableInput as error:
        hint = what_it_is(payload)
        raise UnreadableInput(f"{error}\n{hint}".strip()) from error


def _of_build(event: Event, release: str | None, dist: str | None) -> Event:
    """The event with a release and a dist, where it names none itself: it was there when it crashed."""
    if event.release and release and event.release != release:
        return event  # of which ``dist`` is no build
    return replace(event, release=event.release or release, dist=event.dist or dist)


def _exit_code(event: Event) -> int:
    frames = (frame for _, stack in stacks_of(event) for frame in stack.frames)
    return RESOLVED if all(map(is_resolved, frames)) else SOME_UNRESOLVED
