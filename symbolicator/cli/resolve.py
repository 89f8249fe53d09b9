"""``symbolicator resolve``: a crash report in, one readable trace out."""

import sys
from pathlib import Path

import click
from msgspec.structs import replace

from symbolicator import codec
from symbolicator.cli.artifact_options import artifact_options
from symbolicator.cli.busy import Busy
from symbolicator.cli.hints import what_it_is
from symbolicator.cli.inputs import open_input
from symbolicator.cli.local_images import local_files
from symbolicator.cli.output import width_of, write_bytes, write_lines
from symbolicator.cli.stores import open_stores
from symbolicator.cli.suspects import suspect_options, with_suspects
from symbolicator.engine import Engine
from symbolicator.errors import UnreadableInput
from symbolicator.merge import merge
from symbolicator.model import Event
from symbolicator.model.edit import stacks_of, with_raw_stacks
from symbolicator.protocols import Buffer, Reader
from symbolicator.render import Options, is_resolved, render
from symbolicator.rule_file import read_rules

RESOLVED = 0
SOME_UNRESOLVED = 1


@click.command()
@click.argument("report", metavar="INPUT")
@artifact_options
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
@suspect_options
@click.option(
    "--format", "output", type=click.Choice(["text", "json"]), default="text", help="Trace to read, or the event."
)
@click.option("--explain", is_flag=True, help="Say for every frame how it was resolved.")
@click.option("--threads", is_flag=True, help="Show every thread, not only the crashed one.")
@click.option("--no-fold", is_flag=True, help="Show library frames and machinery one by one.")
@click.option("--raw", is_flag=True, help="Show the stacks as they came, each by itself: nothing resolved or merged.")
@click.pass_context
def resolve(  # noqa: PLR0913 - one a command-line option
    ctx: click.Context,
    *,
    report: str,
    artifacts: tuple[Path, ...],
    store: Path | None,
    local: bool,
    release: str | None,
    dist: str | None,
    fetch: tuple[str, ...],
    rules: Path | None,
    repositories: tuple[Path, ...],
    commit: str | None,
    output: str,
    explain: bool,
    threads: bool,
    no_fold: bool,
    raw: bool,
) -> None:
    """Shows the crash in INPUT (a file, or - for stdin) as one readable trace.

    Exit codes: 0 every frame resolved, 1 some did not, 2 INPUT cannot be read.
    """
    with Busy() as busy, open_stores(artifacts, store, busy.looked_at, fetch) as stores:
        engine = Engine(stores, rules=read_rules(rules))
        event, reader = _read(engine, report)
        event = _of_build(event, release, dist)
        if local:
            stores.also(local_files(event))
        event = engine.resolve_event(event)
        notes = stores.notes
    event = with_suspects(event, repositories, commit)
    if output == "json":
        write_bytes(codec.encode(event))
    else:
        options = Options(
            width=width_of(sys.stdout),
            fold=not no_fold,
            threads=threads,
            explain=explain,
            raw=raw,
            reader=reader,
            notes=notes,
        )
        write_lines(render(_as_it_came(event) if raw else event, options))
    ctx.exit(_exit_code(event))


def _as_it_came(event: Event) -> Event:
    """The raw stacks, each by itself, without references to problems."""
    return merge(with_raw_stacks(replace(event, errors=(), crash_kind=None)))


def _checked_origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    if origins:
        from symbolicator.cli.fetching import check_origins  # noqa: PLC0415 - as in open_stores

        check_origins(origins)
    return origins


def _read(engine: Engine, report: str) -> tuple[Event, str]:
    """The event and the name of its reader."""
    with open_input(report) as payload:
        reader = _reader_of(engine, payload)
        return engine.read_with(reader, payload), reader.name


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
