"""What is added once the frames are resolved: whose code they are, source lines, statuses, a title, fingerprints.

`SOURCE_CONTEXT` is a transformer like any other, run last: it asks for source files. `enrich` needs nothing.
"""

from symbolicator.enrich.fingerprint import with_fingerprints
from symbolicator.enrich.frame_rules import Rules, with_rules
from symbolicator.enrich.settle import settle
from symbolicator.enrich.source_context import SOURCE_CONTEXT
from symbolicator.enrich.title import with_title
from symbolicator.model import Event

__all__ = ["SOURCE_CONTEXT", "Rules", "enrich", "with_rules"]


def enrich(event: Event) -> Event:
    """Gives every frame a status and the event a title, a culprit and fingerprints."""
    return with_fingerprints(with_title(settle(event)))
