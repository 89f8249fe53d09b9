"""What crashes of the same cause have in common."""

from symbolicator.model.base import Model

MERGED = "merged"
"""Name of the fingerprint of the whole trace."""
UNNAMED = "? "
"""How a call begins whose function is not known for sure: symbols or a mapping for it were not found."""

OFFSET = "+0x"
"""What in such a call comes before its place in the image, which tells it apart from others of the same build."""


class Fingerprint(Model, frozen=True, kw_only=True):
    """Equal for crashes that belong together. ``name``: ``merged``, or the platform whose frames alone it is made of.

    ``hash``: 32 hex digits of the SHA-256 of ``parts``, which a person can read: the error, then calls, newest first.
    """

    name: str
    hash: str
    parts: tuple[str, ...] = ()
