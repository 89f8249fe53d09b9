"""What can be switched on for every source map: fields of the standard's proposals that may still change.

``SYMBOLICATOR_RANGE_MAPPINGS=0-based`` makes ``rangeMappings`` count (proposal "Range Mappings": one segment stands for
every character up to the next). It numbers the segments of a line from 0 since April 2026; ``1-based`` reads older
maps.
"""

import os

from symbolicator.errors import SymbolicatorError

VARIABLE = "SYMBOLICATOR_RANGE_MAPPINGS"


def range_mappings() -> str | None:
    """From where range mappings count the segments of a line; None if they are not read. Raises SymbolicatorError."""
    wanted = os.environ.get(VARIABLE, "")
    if wanted not in ("", "0-based", "1-based"):
        raise SymbolicatorError(f"{VARIABLE}={wanted} is unknown: set it to 0-based or 1-based, or unset it.")
    return wanted or None
