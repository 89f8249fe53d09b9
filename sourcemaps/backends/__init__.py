"""The two ways to read source maps: the compiled core, and the pure-Python reference that serves without it.

::

    index = select().load(blob, cache)
"""

from sourcemaps.protocol import SourceMapBackend
from symbolicator.core import compiled_core


def select() -> SourceMapBackend:
    """The compiled core where it is installed, else the reference backend."""
    if compiled_core() is not None:
        from sourcemaps.backends.core import BACKEND as CORE  # noqa: PLC0415 - only the chosen one is imported

        return CORE
    from sourcemaps.backends.reference import BACKEND as REFERENCE  # noqa: PLC0415 - as above

    return REFERENCE
