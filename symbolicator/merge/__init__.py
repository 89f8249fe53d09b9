"""Puts the stacks of an event into ONE trace, as a view: the stacks themselves stay as they are.

::

    event = merge(event, plugins.bridges)
    [(frame.stack, frame.index) for frame in event.merged.frames]  # oldest call first, the crash last
"""

from symbolicator.merge.bridges import BridgeTables
from symbolicator.merge.view import merge

__all__ = ["BridgeTables", "merge"]
