"""Where a command that resolves reports looks for artifacts, and by which rules it judges frames."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--artifacts",
        metavar="PATH",
        type=click.Path(exists=True, path_type=Path),
        multiple=True,
        help="File or folder with source maps and debug files; may be repeated.  [default: the working folder]",
    ),
    click.option(
        "--store",
        metavar="DIR",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        envvar="SYMBOLICATOR_STORE",
        show_envvar=True,
        help="Store that `symbolicator upload` filled.",
    ),
    click.option(
        "--local/--no-local",
        default=True,
        envvar="SYMBOLICATOR_LOCAL",
        help="Whether to look for the crashed program's files where the report says they lie, by their ids.",
    ),
    click.option(
        "--rules",
        metavar="FILE",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        envvar="SYMBOLICATOR_RULES",
        show_envvar=True,
        help="Rules of your own: whose code frames are, and which fold (TOML; see the README).",
    ),
)


def artifact_options(command: Command) -> Command:
    """Adds ``--artifacts``, ``--store``, ``--local`` and ``--rules``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
