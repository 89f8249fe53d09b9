"""What can be switched on for every source map: fields of the standard's proposals that may still change.

``SYMBOLICATOR_RANGE_MAPPINGS=0-based`` makes ``rangeMappings`` count (proposal "Range Mappings": one segment stands for
every character up to the next). It numbers the segments of a line from 0 since April 2026; ``1-based`` reads older
maps.
"""

import os
import sys
from functools import cache

VARIABLE = "SYMBOLICATOR_RANGE_MAPPINGS"


def range_mappings() -> str | None:
    """From where range mappings count the segments of a line; None if they are not read."""
    return _known(os.environ.get(VARIABLE, ""))


@cache
def _known(value: str) -> str | None:
    """A value that nobody knows is said once, loudly, and switches nothing on."""
    if value not in ("", "0-based", "1-based"):
        sys.stderr.write(
            f"symbolicator: {VARIABLE}={value} is unknown, range mappings are not read: set it to 0-based or 1-based.\n"
        )
        return None
    return value or None
