"""``--repo``: the commits that a crash is likely to come from."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from symbolicator.model import Event

Command = TypeVar("Command", bound=Callable[..., Any])


def suspect_options(command: Command) -> Command:
    """Adds the options that `with_suspects` takes."""
    commit = click.option(
        "--commit", metavar="REV", help="Commit that was built, for --repo where the report's release does not tell."
    )
    repositories = click.option(
        "--repo",
        "repositories",
        metavar="PATH",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        multiple=True,
        help="Clone of the program's git repository: says which commit may have caused the crash; may be repeated.",
    )
    return repositories(commit(command))


def with_suspects(event: Event, repositories: Sequence[Path], commit: str | None) -> Event:
    """The event with its suspect commits, if repositories are given."""
    if not repositories:
        return event
    from symbolicator.suspects import find_suspects  # noqa: PLC0415 - without --repo git is never asked

    return find_suspects(event, repositories, commit)
