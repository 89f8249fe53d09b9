"""Maps that a generated file carries in its own comment: ``data:application/json;base64,…`` (RFC 2397).

>>> decode_data_url("data:application/json,%7B%7D")
b'{}'
"""

import binascii
import re
from base64 import b64decode
from urllib.parse import unquote_to_bytes

from symbolicator.errors import MalformedArtifact

MAX_BYTES = 128 * 1024 * 1024
_BASE64 = re.compile(r";\s*base64\s*\Z", re.IGNORECASE)


def is_data_url(url: str) -> bool:
    """Whether the data stands in the URL itself."""
    return url[:5].lower() == "data:"


def decode_data_url(url: str) -> bytes:
    """The bytes in a ``data:`` URL. Raises MalformedArtifact."""
    header, comma, data = url[5:].partition(",")
    if not comma or len(data) > MAX_BYTES * 4 // 3:
        raise MalformedArtifact(
            f"The embedded source map is cut off or has more than {MAX_BYTES // 2**20} MiB: build it as a file."
        )
    decoded = unquote_to_bytes(data)
    if not _BASE64.search(header[-32:]):
        return decoded
    try:
        return b64decode(decoded + b"=" * (-len(decoded) % 4))
    except (binascii.Error, ValueError) as error:
        raise MalformedArtifact(f"The embedded source map is no valid base64 ({error}): build it again.") from error
