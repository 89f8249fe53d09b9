"""Which backend reads debug files: the compiled core where it is installed, else the pure-Python reference.

::

    symcache = select().load(blob, cache)
"""

from native.protocol import DebugFileBackend
from symbolicator.core import compiled_core


def select() -> DebugFileBackend:
    """The backend that serves. Only that one is imported."""
    if compiled_core() is not None:
        from native.backends.core import CORE  # noqa: PLC0415 - optional by design

        return CORE
    from native.backends.reference import REFERENCE  # noqa: PLC0415 - pyelftools costs start-up time

    return REFERENCE
