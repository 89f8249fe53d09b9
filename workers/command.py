"""``symbolicator worker --redis URL --store DIR``: resolves events from the queue until it is stopped."""

import os
import sys
from pathlib import Path

import click

from symbolicator.errors import SymbolicatorError
from symbolicator.render.safe import safe
from symbolicator.rule_file import read_rules

MIN_LOST_AFTER_SECONDS = 2.0


@click.command()
@click.option(
    "--redis",
    "url",
    required=True,
    envvar="SYMBOLICATOR_REDIS_URL",
    metavar="URL",
    help="Redis of the queue, as in redis://HOST:6379/0; better in $SYMBOLICATOR_REDIS_URL if it holds a password.",
)
@click.option(
    "--store",
    required=True,
    envvar="SYMBOLICATOR_STORE",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Store that `symbolicator upload` filled.",
)
@click.option(
    "--repo",
    "repositories",
    metavar="PATH",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="Clone of a program's git repository, for suspect commits; may be repeated.",
)
@click.option(
    "--rules",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="SYMBOLICATOR_RULES",
    help="Rules of your own: whose code frames are, and which fold.",
)
@click.option(
    "--processes", type=click.IntRange(1, 256), default=os.cpu_count() or 1, show_default="one a CPU", help="Processes."
)
@click.option(
    "--threads", type=click.IntRange(1, 64), default=1, show_default=True, help="Events at once in each process."
)
@click.option(
    "--time-limit", type=click.FloatRange(1), default=60.0, show_default=True, help="Seconds that an event may take."
)
@click.option(
    "--lost-after",
    type=click.FloatRange(MIN_LOST_AFTER_SECONDS),
    default=60.0,
    show_default=True,
    help="Seconds without a sign of life after which other workers take over a worker's events.",
)
@click.pass_context
def worker(  # noqa: PLR0913 - one a command-line option
    ctx: click.Context,
    *,
    url: str,
    store: Path,
    repositories: tuple[Path, ...],
    rules: Path | None,
    processes: int,
    threads: int,
    time_limit: float,
    lost_after: float,
) -> None:
    """Resolves events from a queue until it is stopped (SIGTERM: the events that were begun are finished).

    Exit codes: 0 stopped, 2 Redis cannot be reached, or the store or the rules cannot be opened.
    """
    import logging  # noqa: PLC0415 - the command is loaded for --help too, and dramatiq takes its time

    from workers import logs  # noqa: PLC0415 - as above
    from workers.process import Settings  # noqa: PLC0415
    from workers.redis_client import connect, masked, reachable  # noqa: PLC0415
    from workers.supervisor import Supervisor  # noqa: PLC0415

    settings = Settings(
        redis_url=url,
        store=store.absolute(),
        repositories=tuple(path.absolute() for path in repositories),
        rules=rules and rules.absolute(),
        threads=threads,
        time_limit=time_limit,
        lost_after=lost_after,
    )
    with reachable(url):
        connect(url).ping()
    _check_store(settings.store)
    read_rules(settings.rules)
    logs.configure()
    fields = {
        "pid": os.getpid(), "redis": masked(url), "store": str(store), "processes": processes, "threads": threads,
    }  # fmt: skip
    logging.getLogger("symbolicator.worker").info("started", extra={"fields": fields})
    Supervisor(settings, processes).run()
    ctx.exit(0)


def _check_store(folder: Path) -> None:
    """Says now, and not with the first event, that the store cannot be opened."""
    from symbolicator.store.database import Database  # noqa: PLC0415 - as above

    Database(folder, create=False).close()


def main() -> None:
    """Runs the command by itself: ``python -m workers.command``."""
    try:
        worker()
    except SymbolicatorError as error:
        sys.stderr.write(f"symbolicator: {safe(str(error))}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
