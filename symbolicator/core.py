"""Which backend serves: the compiled core where it is installed, else the pure-Python reference.

``SYMBOLICATOR_BACKEND=reference`` (or ``core``) decides it by hand, for tests and comparisons.
"""

import os
import sys
from functools import cache
from types import ModuleType

from symbolicator.errors import SymbolicatorError

VARIABLE = "SYMBOLICATOR_BACKEND"


@cache
def compiled_core() -> ModuleType | None:
    """The extension ``symbolicator._core``, or None when the reference backend is to serve; said once, loudly."""
    wanted = os.environ.get(VARIABLE, "")
    if wanted not in ("", "core", "reference"):
        raise SymbolicatorError(f"{VARIABLE}={wanted} is unknown: set it to core or reference, or unset it.")
    if wanted == "reference":
        return None
    try:
        from symbolicator import _core  # noqa: PLC0415 - optional by design
    except ImportError as error:
        if wanted == "core":
            raise SymbolicatorError(f"The compiled core cannot be loaded ({error}): run make again.") from error
        sys.stderr.write(
            "symbolicator: the compiled core is not installed; the slower pure-Python backend serves.\n"
            "              Install a Rust toolchain and reinstall to get it (`symbolicator doctor`).\n"
        )
        return None
    return _core
