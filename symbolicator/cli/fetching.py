"""``--fetch``: artifacts from the web, with a line on stderr for each attempt."""

import logging
from collections.abc import Sequence

import click

from symbolicator.cli.output import say
from symbolicator.protocols import Identifier, IndexCache
from symbolicator.store.folder import Progress
from symbolicator.store.web import AllowList, Fetcher, WebStore, parse_origin


def check_origins(origins: Sequence[str]) -> None:
    """Raises `click.BadParameter` for one that is none."""
    for origin in origins:
        try:
            parse_origin(origin)
        except ValueError as error:
            raise click.BadParameter(f"{error}.") from error


def web_store(
    origins: Sequence[str], identifiers: Sequence[Identifier], cache: IndexCache, progress: Progress
) -> WebStore:
    """A store that fetches from these origins, and says so."""
    log = logging.getLogger("symbolicator.store.web")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.handlers = [_OnStderr()]
    allowed = AllowList(map(parse_origin, origins))
    return WebStore(Fetcher(allowed), identifiers, cache, progress=progress)


class _OnStderr(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        """Writes one line, made safe for a terminal."""
        say(record.getMessage())
