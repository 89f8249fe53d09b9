"""``symbolicator upload PATH… --store DIR``: puts artifacts where `resolve --store` and the workers find them.

``--release`` and ``--dist`` say which build they are of, ``--url-prefix`` where they are served, ``--header`` what a
file is served with: what the web server knows about them and the files themselves do not.

One line a file that is an artifact: what became of it, its name, what it is and its ids. Other files are counted.
Exit codes: 0 every artifact is in the store, 1 there was none, 2 something could not be read or written.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import click
from msgspec import Struct

from symbolicator import plugins
from symbolicator.errors import StoreError
from symbolicator.protocols import Identity
from symbolicator.render.safe import safe
from symbolicator.store.cache import FolderCache
from symbolicator.store.keys import counted
from symbolicator.store.local import UNKNOWN_FILE, LocalStore, Upload
from symbolicator.store.origin import MAX_HEADERS, Origin, check_release, parse_header
from symbolicator.store.walk import Limits, Walk

UPLOAD_LIMITS = Limits(files=1_000_000, seconds=math.inf)
"""Nobody waits for an upload as for an answer: it may take its time, and must be complete."""
_ID_LABELS = {"debug_id": "debug id", "code_id": "build id"}
_FAILED = "failed"
_NOTHING = " Name the folder that holds the source maps or the debug files of the build."
_MAX_PREFIX = 1000


class Target(Struct, frozen=True):
    """Where an upload goes. ``prefix``: of every name, empty or with a slash at its end."""

    folder: Path
    prefix: str
    origin: Origin


Value: TypeAlias = str | tuple[str, ...] | None


def _checked(check: Callable[[str], object]) -> Callable[[click.Context, click.Parameter, Value], object]:
    """An option whose value, or each of whose values, ``check`` reads; its ValueError is a usage error."""

    def callback(_context: click.Context, _parameter: click.Parameter, value: Value) -> object:
        try:
            if isinstance(value, tuple):
                return tuple(check(one) for one in value)
            return None if value is None else check(value)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error

    return callback


def _prefix(text: str) -> str:
    """With one slash at its end. Raises ValueError."""
    if not text.strip("/") or len(text) > _MAX_PREFIX or any(mark in text for mark in "?#\\\0"):
        raise ValueError("it is empty, too long or has a query: pass '~/static/js' or 'https://cdn.example/static/js'")
    return text.rstrip("/") + "/"


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
@click.option(
    "--release",
    metavar="NAME",
    callback=_checked(check_release),
    help="Only events of this release find the files by name; by debug id any event does.",
)
@click.option(
    "--dist", metavar="NAME", callback=_checked(check_release), help="Build of the release, where it has several."
)
@click.option(
    "--url-prefix",
    "prefix",
    metavar="URL",
    callback=_checked(_prefix),
    help="Where the files are served, as in ~/static/js (any host): stands in front of their paths below PATH.",
)
@click.option(
    "--header",
    "headers",
    metavar="'NAME: VALUE'",
    multiple=True,
    callback=_checked(parse_header),
    help="Header that the file is served with, as in 'SourceMap: app.js.map'; for one PATH that is a file.",
)
@click.pass_context
def upload(  # noqa: PLR0913 - one a command-line option
    ctx: click.Context,
    *,
    paths: tuple[Path, ...],
    folder: Path,
    release: str | None,
    dist: str | None,
    prefix: str | None,
    headers: tuple[tuple[str, str], ...],
) -> None:
    """Puts the source maps, bundles and debug files in PATH... into a store.

    Exit codes: 0 every artifact is in the store, 1 there was none, 2 something could not be read or written.
    """
    if dist and not release:
        raise click.UsageError("--dist names a build of a release: pass --release too.")
    if headers and (len(paths) != 1 or paths[0].is_dir() or len(headers) > MAX_HEADERS):
        raise click.UsageError(f"--header (at most {MAX_HEADERS}) belongs to one file: upload the others without it.")
    target = Target(folder, prefix or "", Origin(release or "", dist or "", dict(headers)))
    with LocalStore(folder, plugins.identifiers(), FolderCache(), create=True) as store:
        code = _run(paths, target, store)
    ctx.exit(code)


def _run(paths: Sequence[Path], target: Target, store: LocalStore) -> int:
    counts: Counter[str] = Counter()
    walk = Walk(paths, UPLOAD_LIMITS, without=target.folder)
    for outcome, line in _uploads(walk, target, store):
        counts[outcome] += 1
        if line:
            click.echo(safe(line))
    for note in walk.notes:
        click.echo(safe(note), err=True)
    click.echo(safe(_summary(counts, target)))
    return _exit_code(counts, is_complete=not walk.is_cut_short)


def _uploads(walk: Walk, target: Target, store: LocalStore) -> Iterator[tuple[str, str]]:
    for found in walk.files():
        try:
            done = store.add(found.path, target.prefix + found.name, target.origin)
        except StoreError as error:
            yield _FAILED, f"{_FAILED:<14} {target.prefix}{found.name}: {error}"
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


def _summary(counts: Counter[str], target: Target) -> str:
    release, dist = target.origin.release, target.origin.dist
    build = (f" for release {release}" + (f" (dist {dist})" if dist else "")) if release else ""
    there = f"{counts['added']} added, {counts['already there']} already there in {target.folder}{build}"
    refused = f"; {counted(counts['refused'], 'other file')} left out" if counts["refused"] else ""
    failed = f"; {counts[_FAILED]} could not be uploaded" if counts[_FAILED] else ""
    nothing = "" if counts["added"] or counts["already there"] else _NOTHING
    return there + refused + failed + "." + nothing


def _exit_code(counts: Counter[str], *, is_complete: bool) -> int:
    if counts[_FAILED] or not is_complete:
        return 2
    return 0 if counts["added"] or counts["already there"] else 1
