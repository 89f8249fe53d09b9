"""``symbolicator doctor``: what is installed, which backend serves, and whether all of it works."""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

import click
from msgspec import Struct

from symbolicator import __version__, core, plugins
from symbolicator.cli.output import write_lines
from symbolicator.errors import SymbolicatorError
from symbolicator.render.lines import BLANK, Line, Span, Style
from symbolicator.render.safe import safe
from symbolicator.store import FolderCache
from symbolicator.suspects.git import OLDEST, Git


class Finding(Struct, frozen=True):
    """One thing that was looked at. ``remedy``: what to do if it is not ``good``."""

    name: str
    text: str
    good: bool = True
    remedy: str = ""


@click.command()
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Shows what is installed and whether it works. Exit codes: 0 healthy, 1 not."""
    findings = list(examine())
    healthy = all(finding.good for finding in findings)
    write_lines(_lines(findings, healthy=healthy))
    ctx.exit(0 if healthy else 1)


def examine() -> Iterator[Finding]:
    """Looks at everything."""
    yield Finding("symbolicator", __version__)
    yield Finding("Python", f"{platform.python_version()} ({sys.executable})")
    yield _backend()
    yield _cache()
    yield from (_plugins(kind, names) for kind, names in _PLUGINS)
    yield from (_broken(plugin) for plugin in plugins.broken())
    yield from _services()


def _backend() -> Finding:
    try:
        compiled = core.compiled_core()
    except SymbolicatorError as error:
        return Finding("backend", str(error), good=False)
    if compiled is not None:
        formats = f"source index {compiled.SOURCE_INDEX_VERSION}, SymCache {compiled.SYMCACHE_VERSION}"
        return Finding("backend", f"compiled core {compiled.__version__} (index formats: {formats})")
    if os.environ.get(core.VARIABLE):
        return Finding("backend", f"pure-Python reference ({core.VARIABLE} asks for it)")
    return _why_no_core()


def _why_no_core() -> Finding:
    """A core that was never built is a choice; one that cannot be loaded is broken."""
    if find_spec("symbolicator._core") is None:
        return Finding("backend", "pure-Python reference, slower (the compiled core is not installed: it needs Rust)")
    text = "pure-Python reference, slower: the compiled core is there and cannot be loaded"
    return Finding("backend", text, good=False, remedy="Build it again on this machine: make, or pip install .")


def _cache() -> Finding:
    cache = FolderCache()
    text = f"{cache.folder} ({_megabytes(cache.size())})"
    folder = next((path for path in (cache.folder, *cache.folder.parents) if path.exists()), cache.folder)
    if os.access(folder, os.W_OK):
        return Finding("cache", text)
    return Finding("cache", f"{text} cannot be written", good=False, remedy="Make it writable, or choose another one.")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size else "empty"


_PLUGINS: tuple[tuple[str, Callable[[], list[str]]], ...] = (
    ("readers", lambda: [reader.name for reader in plugins.readers()]),
    ("transformers", lambda: [transformer.name for transformer in plugins.transformers()]),
    ("identifiers", lambda: [identifier.name for identifier in plugins.identifiers()]),
    ("rules", lambda: [table.file.stem for table in plugins.rule_tables()]),
    ("bridges", lambda: [bridge.name for bridge in plugins.bridges()]),
)


def _plugins(kind: str, names: Callable[[], list[str]]) -> Finding:
    found = names()
    if found:
        return Finding(kind, ", ".join(found))
    return Finding(kind, "none", good=False, remedy="Install the package again: its entry points are missing.")


def _broken(plugin: plugins.BrokenPlugin) -> Finding:
    text = f"{plugin.name} in {plugin.group} cannot be loaded: {plugin.why}"
    return Finding("broken plug-in", text, good=False, remedy="Reinstall or remove the package that it comes from.")


def _services() -> Iterator[Finding]:
    """What only some commands need: its absence is no fault."""
    yield Finding("queue", ", ".join(_version_of(name) for name in ("dramatiq", "redis")))
    server = shutil.which("redis-server")
    yield Finding("redis-server", server or "not on this machine (only workers on several machines need one)")
    yield Finding("git", _git())


def _git() -> str:
    git = Git.installed()
    if git is None:
        return "not on this machine (without it --repo names no suspect commits)"
    version = git.version()
    is_old = version is None or version < OLDEST
    number = ".".join(map(str, version)) if version else "of an unknown version"
    needs = f" (--repo needs {'.'.join(map(str, OLDEST))} or newer to name suspect commits)" if is_old else ""
    return f"{number} ({git.program}){needs}"


def _version_of(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} not installed (only the worker needs it)"


def _lines(findings: list[Finding], *, healthy: bool) -> Iterator[Line]:
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        text = Style.PLAIN if finding.good else Style.BAD
        yield (Span(f"{finding.name:<{width}}  ", Style.DIM), Span(safe(finding.text), text))
        if finding.remedy:
            yield (Span(f"{'':<{width}}  → {safe(finding.remedy)}", Style.REMEDY),)
    yield BLANK
    faults = sum(not finding.good for finding in findings)
    yield (Span("Healthy.", Style.GOOD) if healthy else Span(f"{faults} to repair.", Style.BAD),)
