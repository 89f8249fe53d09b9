"""Which backend reads debug files: the compiled core where it is installed, else the pure-Python reference.

::

    symcache = select().load(blob, cache)
"""

from native.protocol import DebugFileBackend
from symbolicator.core import compiled_core


def select() -> DebugFileBackend:
    """The backend that serves. Only that one is imported."""
    if compiled_core() is not None:
        from native.backends.core import CoreBackend  # noqa: PLC0415 - optional by design

        return CoreBackend()
    from native.backends.reference import ReferenceBackend  # noqa: PLC0415 - pyelftools costs start-up time

    return ReferenceBackend()
