"""The one place where an exception from inside a damaged debug file turns into an answer.

pyelftools trusts its input: damaged bytes surface as any of its own errors, `KeyError`, `TypeError`, `AssertionError`,
`RecursionError`, … A part that cannot be read costs that part.
"""

import io
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class OutOfBudgetError(Exception):
    """More reads than the bytes of a unit can justify: the input sends the parser round in circles."""


class BudgetedStream(io.BytesIO):
    """Bytes that can be read so many times; `allow` grants more. Bounds every loop of a parser that reads from it."""

    budget = 0

    def allow(self, reads: int) -> None:
        """Sets how many reads may follow."""
        self.budget = reads

    def read(self, size: int | None = -1, /) -> bytes:
        """Reads, at the cost of one."""
        self.budget -= 1
        if self.budget < 0:
            raise OutOfBudgetError
        return super().read(size)


def attempt(read: Callable[[], T], otherwise: T) -> T:
    """What ``read`` returns, or ``otherwise`` where the bytes do not let it finish."""
    try:
        return read()
    except Exception:  # noqa: BLE001 - see above: the library raises whatever damaged bytes lead it to
        return otherwise
