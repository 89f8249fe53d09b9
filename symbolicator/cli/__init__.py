"""The command line: ``symbolicator resolve crash.txt``.

Start-up counts where a person waits, so a command's module is imported when the command runs, and not before.

Exit codes: 0 every frame resolved, 1 some did not, 2 the input cannot be read (or the command line is wrong), 70 a bug
of ours, 130 interrupted.
"""

import os
import sys
from collections.abc import Sequence

import click

from symbolicator import __version__
from symbolicator.cli.commands import Commands
from symbolicator.errors import SymbolicatorError

DEBUG_VARIABLE = "SYMBOLICATOR_DEBUG"
UNREADABLE = 2
INTERNAL_ERROR = 70
INTERRUPTED = 130


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="symbolicator")
def cli() -> None:
    """Turns a crash - minified JavaScript, native addresses, Hermes bytecode - into one readable trace."""


def main() -> None:
    """Runs the command line and ends the process."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Runs one command line and returns its exit code. Whatever goes wrong is one or two lines on stderr."""
    try:
        outcome: object = cli.main(list(arguments), prog_name="symbolicator", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except SymbolicatorError as error:
        _say(str(error))
        return UNREADABLE
    except Exception as error:  # noqa: BLE001 - a traceback helps nobody at 3 a.m.
        return _internal_error(error)
    return outcome if isinstance(outcome, int) else 0


def _internal_error(error: Exception) -> int:
    if os.environ.get(DEBUG_VARIABLE):
        import traceback  # noqa: PLC0415 - only then

        traceback.print_exc()
    else:
        what = f"{type(error).__name__}: {error}".split("\n", 1)[0]
        _say(f"internal error: {what[:300]} (run with {DEBUG_VARIABLE}=1 for the traceback)")
    return INTERNAL_ERROR


def _say(text: str) -> None:
    from symbolicator.cli.output import say  # noqa: PLC0415 - only when something went wrong

    say(text)
