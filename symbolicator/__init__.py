"""Symbolicator turns a crash into one readable trace.

The domain: `symbolicator.model` (the event), `symbolicator.protocols` (what plug-ins offer), `symbolicator.pipeline`
(one event's way), `symbolicator.engine` (all of it wired together)::

    from symbolicator.engine import Engine

    event = Engine.for_folder("dist").resolve(open("crash.txt", "rb").read())
"""

__version__ = "0.1.0"
