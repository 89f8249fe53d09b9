"""``symbolicator upload PATH… --store DIR``: puts artifacts where `resolve --store` and the workers find them.

One line a file that is an artifact: what became of it, its name, what it is and its ids. Other files are counted.
Exit codes: 0 every artifact is in the store, 1 there was none, 2 something could not be read or written.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from symbolicator import plugins
from symbolicator.errors import StoreError
from symbolicator.protocols import Identity
from symbolicator.render.safe import safe
from symbolicator.store.cache import FolderCache
from symbolicator.store.keys import counted
from symbolicator.store.local import UNKNOWN_FILE, LocalStore, Upload
from symbolicator.store.walk import Limits, Walk

UPLOAD_LIMITS = Limits(files=1_000_000, seconds=math.inf)
"""Nobody waits for an upload as for an answer: it may take its time, and must be complete."""
_ID_LABELS = {"debug_id": "debug id", "code_id": "build id"}
_FAILED = "failed"
_NOTHING = " Name the folder that holds the source maps or the debug files of the build."


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--store",
    "folder",
    required=True,
    envvar="SYMBOLICATOR_STORE",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the store; made if it is not there.",
)
@click.pass_context
def upload(ctx: click.Context, *, paths: tuple[Path, ...], folder: Path) -> None:
    """Puts the source maps, bundles and debug files in PATH... into a store.

    Exit codes: 0 every artifact is in the store, 1 there was none, 2 something could not be read or written.
    """
    with LocalStore(folder, plugins.identifiers(), FolderCache(), create=True) as store:
        code = _run(paths, folder, store)
    ctx.exit(code)


def _run(paths: Sequence[Path], folder: Path, store: LocalStore) -> int:
    counts: Counter[str] = Counter()
    walk = Walk(paths, UPLOAD_LIMITS, without=folder)
    for outcome, line in _uploads(walk, store):
        counts[outcome] += 1
        if line:
            click.echo(safe(line))
    for note in walk.notes:
        click.echo(safe(note), err=True)
    click.echo(safe(_summary(counts, folder)))
    return _exit_code(counts, is_complete=not walk.is_cut_short)


def _uploads(walk: Walk, store: LocalStore) -> Iterator[tuple[str, str]]:
    for found in walk.files():
        try:
            done = store.add(found.path, found.name)
        except StoreError as error:
            yield _FAILED, f"{_FAILED:<14} {found.name}: {error}"
        else:
            yield done.outcome, _line(done)


def _line(done: Upload) -> str:
    """Files that nobody knows are counted, not listed; one that a plug-in stumbled over is worth a line."""
    if done.outcome != "refused":
        ids = ", ".join(_ids(done.identities))
        labels = "; ".join(dict.fromkeys(identity.label for identity in done.identities))
        return f"{done.outcome:<14} {done.name}: {labels}" + (f" ({ids})" if ids else "")
    return "" if done.why == UNKNOWN_FILE else f"{'refused':<14} {done.name}: {done.why}"


def _ids(identities: Sequence[Identity]) -> list[str]:
    keys = sorted({(key.by, key.value) for identity in identities for key in identity.keys})
    return [f"{_ID_LABELS[by]} {value}" for by, value in keys if by in _ID_LABELS]


def _summary(counts: Counter[str], folder: Path) -> str:
    there = f"{counts['added']} added, {counts['already there']} already there in {folder}"
    refused = f"; {counted(counts['refused'], 'other file')} left out" if counts["refused"] else ""
    failed = f"; {counts[_FAILED]} could not be uploaded" if counts[_FAILED] else ""
    nothing = "" if counts["added"] or counts["already there"] else _NOTHING
    return there + refused + failed + "." + nothing


def _exit_code(counts: Counter[str], *, is_complete: bool) -> int:
    if counts[_FAILED] or not is_complete:
        return 2
    return 0 if counts["added"] or counts["already there"] else 1
