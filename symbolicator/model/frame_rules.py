"""Rules about frames that somebody wrote for their own code: what is theirs, what folds.

They are data, in a TOML file::

    [[rules]]
    id = "vendored"                     # said where the rule made a difference
    match = { path = "*/third_party/*" }
    in_app = false

    [[rules]]
    id = "event loop"
    match = { family = "native", function = "shop::loop::*" }
    caller = { function = "main" }      # only where the next older frame matches this
    fold = "event loop"

``match``, ``caller`` (the next older frame) and ``callee`` (the next newer one) name any of ``family`` (the platform),
``function``, ``module``, ``package`` and ``path``; all that are named must match. ``*`` stands for any text, ``?`` for
a character; slashes match in either direction. Of several rules that match the last one counts, for ``in_app`` and
``fold`` each by itself.
"""

import re
from fnmatch import translate
from functools import cache

from msgspec import Struct

from symbolicator.model.frames import Frame

_MAX_VALUE = 4_000


class Matcher(Struct, frozen=True, forbid_unknown_fields=True):
    """Globs for the fields of a frame; what is None is not looked at."""

    family: str | None = None
    function: str | None = None
    module: str | None = None
    package: str | None = None
    path: str | None = None

    def matches(self, frame: Frame, platform: str | None) -> bool:
        """Whether a frame is meant. A field that it does not have matches nothing."""
        values = (
            (self.family, platform),
            (self.function, frame.function),
            (self.module, frame.module),
            (self.package, frame.package),
            (self.path, frame.abs_path or frame.filename),
        )
        return all(value is not None and _fits(glob, value) for glob, value in values if glob is not None)


class FrameRule(Struct, frozen=True, forbid_unknown_fields=True):
    """Says whose code the frames that match are, or what they serve so that they fold."""

    id: str
    match: Matcher
    caller: Matcher | None = None
    callee: Matcher | None = None
    in_app: bool | None = None
    fold: str | None = None


def _fits(glob: str, value: str) -> bool:
    return _pattern(glob).match(value.replace("\\", "/")[:_MAX_VALUE]) is not None


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    return re.compile(translate(glob.replace("\\", "/")))
