"""What belongs to an uploaded file besides its bytes: the release that it is part of, the headers it is served with.

>>> parse_header("SourceMap: app.js.map")
('sourcemap', 'app.js.map')
"""

import re
from collections.abc import Mapping

from msgspec import Struct

MAX_RELEASE_CHARACTERS = 250
MAX_HEADERS = 32
MAX_HEADER_CHARACTERS = 4096
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
_NO_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_NO_RELEASE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class Origin(Struct, frozen=True):
    """``release`` and ``dist`` are empty for what fits any build. ``headers``: names in lower case."""

    release: str = ""
    dist: str = ""
    headers: Mapping[str, str] = {}


def parse_header(text: str) -> tuple[str, str]:
    """Name (in lower case) and value of ``Name: value`` (RFC 9110, section 5). Raises ValueError with the reason."""
    name, colon, value = text.partition(":")
    value = value.strip(" \t")
    if not colon or not _NAME.match(name):
        raise ValueError("a header is written 'Name: value', as in 'SourceMap: app.js.map'")
    if not value or _NO_VALUE.search(value) or len(text) > MAX_HEADER_CHARACTERS:
        raise ValueError(f"the value of {name[:100]} is empty, too long or has control characters")
    return name.lower(), value


def check_release(text: str) -> str:
    """The name of a release or dist, without space around it. Raises ValueError with the reason."""
    name = text.strip()
    if not name or len(name) > MAX_RELEASE_CHARACTERS or _NO_RELEASE.search(name):
        raise ValueError(f"it is empty, longer than {MAX_RELEASE_CHARACTERS} characters or has control characters")
    return name
