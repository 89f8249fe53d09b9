"""Rules about frames: whose code they are, and which fold. The built-in tables and people's own files are the same.

They are data, in a TOML file::

    [[rules]]
    id = "vendored"                     # said where the rule made a difference
    why = "copies of other projects"    # where the id does not say it
    match = { path = ["*/third_party/*", "*/vendor/*"] }
    in_app = false

    [[rules]]
    id = "event loop"
    match = { family = "native", function = "shop::loop::*" }
    caller = { function = "main" }      # only where the next older frame matches this
    fold = "event loop"

``match``, ``caller`` (the next older frame) and ``callee`` (the next newer one) name any of ``family`` (the platform),
``function``, ``module``, ``package`` (path of the image), ``library`` (its file name) and ``path`` (of the source) by a
glob, or by several of which one must match (`symbolicator.model.globs`); all fields that are named must match. Of all
rules that match the last one counts, for ``in_app`` and ``fold`` each by itself.

Tables come with plug-ins (entry-point group ``symbolicator.frame_rules``), a `RuleTable` each. Those decide only what
the report leaves unsaid; people's rules come after them and decide anything.
"""

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

UNKNOWN_FAMILY = "other"
"""Of frames of which nobody says what language they are."""


class Matcher(Struct, frozen=True, forbid_unknown_fields=True):
    """Globs for the fields of a frame; what is None is not looked at. A field that a frame has not matches nothing."""

    family: str | tuple[str, ...] | None = None
    function: str | tuple[str, ...] | None = None
    """Not looked at where it is only the nearest symbol's."""
    module: str | tuple[str, ...] | None = None
    package: str | tuple[str, ...] | None = None
    library: str | tuple[str, ...] | None = None
    path: str | tuple[str, ...] | None = None


class FrameRule(Struct, frozen=True, forbid_unknown_fields=True):
    """Says whose code the frames that match are, or what they serve so that they fold."""

    id: str
    match: Matcher
    caller: Matcher | None = None
    callee: Matcher | None = None
    in_app: bool | None = None
    system: bool = False
    """The code comes with a system or a language: nobody is expected to have debug files or a mapping for it."""
    fold: str | None = None
    newer: bool = False
    """All newer frames fold too: the function begins what the program does once it failed."""
    why: str = ""


class RuleTable(Struct, frozen=True):
    """A file of rules for the frames of some platforms, read once such a frame occurs."""

    file: Path
    platforms: frozenset[str]


def globs_of(globs: str | Sequence[str] | None) -> tuple[str, ...]:
    """The globs of a field."""
    return () if globs is None else (globs,) if isinstance(globs, str) else tuple(globs)
