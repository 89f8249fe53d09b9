"""``symbolicator group``: many crash reports in, the few bugs that they come from out."""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click
import msgspec

from symbolicator import plugins
from symbolicator.cli.artifact_options import artifact_options
from symbolicator.cli.busy import Busy
from symbolicator.cli.group_lines import group_lines, to_json
from symbolicator.cli.local_images import local_files
from symbolicator.cli.output import width_of, write_bytes, write_lines
from symbolicator.cli.report_files import Reading, read_reports
from symbolicator.cli.stores import OpenStores, open_stores
from symbolicator.engine import Engine
from symbolicator.grouping.batch import Crash, crash_of
from symbolicator.grouping.batch import group as grouped
from symbolicator.model import Event
from symbolicator.model.edit import stacks_of
from symbolicator.render import is_resolved
from symbolicator.rule_file import read_rules

RESOLVED = 0
SOME_UNRESOLVED = 1
SOME_UNREADABLE = 2


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@artifact_options
@click.option(
    "--format", "output", type=click.Choice(["text", "json"]), default="text", help="For a person or a program."
)
@click.pass_context
def group(  # noqa: PLR0913 - one a command-line option
    ctx: click.Context,
    *,
    paths: tuple[Path, ...],
    artifacts: tuple[Path, ...],
    store: Path | None,
    local: bool,
    rules: Path | None,
    output: str,
) -> None:
    """Shows which of the crash reports in the PATHs (files, or folders of them) are the same bug.

    Reports with the same fingerprint are one group, and so are those that are nearly the same: after a function was
    renamed, inlined otherwise, or where the symbols of one side are missing. What differs is said.

    Exit codes: 0 every frame resolved, 1 some did not, 2 some PATH cannot be read.
    """
    reading, crashes, all_resolved = Reading(), list[Crash](), True
    with Busy() as busy, open_stores(artifacts, store, busy.looked_at) as stores:
        resolve = _resolver(stores, rules, local=local)
        for name, event in _resolved(paths, resolve, reading):
            crashes.append(crash_of(name, event))
            all_resolved &= _is_resolved(event)
            busy.looked_at(len(crashes), None, name)
    groups = grouped(crashes)
    if output == "json":
        write_bytes(msgspec.json.encode(to_json(groups, reading)))
    else:
        write_lines(group_lines(groups, reading, width_of(sys.stdout)))
    ctx.exit(SOME_UNREADABLE if reading.unreadable else RESOLVED if all_resolved else SOME_UNRESOLVED)


def _resolver(stores: OpenStores, rules: Path | None, *, local: bool) -> Callable[[Event], Event]:
    transformers, frame_rules = plugins.transformers(), read_rules(rules)

    def resolve(event: Event) -> Event:
        """With the artifacts of all, and the local files of this report alone."""
        store = stores.with_files(local_files(event)) if local else stores
        return Engine(store, transformers=transformers, rules=frame_rules).resolve_event(event)

    return resolve


def _resolved(
    paths: Sequence[Path], resolve: Callable[[Event], Event], reading: Reading
) -> Iterator[tuple[str, Event]]:
    reports = read_reports(Engine(OpenStores(None, None)), paths, reading)
    return ((name, resolve(event)) for name, event in reports)


def _is_resolved(event: Event) -> bool:
    return all(is_resolved(frame) for _, stack in stacks_of(event) for frame in stack.frames)
