r"""A generated JavaScript file: all that matters of it is what it says about its source map.

>>> parse_minified(b"run();\n//# sourceMappingURL=app.js.map").source_map_url
'app.js.map'
"""

from msgspec import Struct

from sourcemaps.javascript.columns import WideCharacters
from sourcemaps.javascript.comments import find_debug_id, find_injected_debug_id, find_source_map_url, read_tail
from sourcemaps.javascript.data_urls import is_data_url
from sourcemaps.protocol import GeneratedFunctions
from sourcemaps.text import split_lines
from symbolicator.protocols import Buffer

MAX_PLAIN_BYTES = 2 * 1024 * 1024
MAX_PLAIN_COLUMNS = 400
"""A longer line is a minifier's work, not a person's."""
MIN_PLAIN_LINES = 2


class MinifiedFile(Struct, frozen=True):
    """What a generated file says about itself. ``lines``: its text, where it is plainly what a person wrote.

    ``wide`` and ``functions``: its columns and what encloses its positions, where it was opened from a store; read
    when they are asked for.
    """

    source_map_url: str | None
    debug_id: str | None
    embedded: bool
    lines: tuple[str, ...] = ()
    wide: WideCharacters | None = None
    functions: GeneratedFunctions | None = None

    @property
    def points_to_map(self) -> bool:
        """Whether it names its map at all."""
        return self.embedded or self.source_map_url is not None or self.debug_id is not None


def parse_minified(data: Buffer) -> MinifiedFile:
    """Reads the comments at the end of a generated file; never fails."""
    tail = read_tail(data)
    url = find_source_map_url(tail)
    embedded = url is not None and is_data_url(url)
    debug_id = find_debug_id(tail) or find_injected_debug_id(data)
    plain = () if url or debug_id else _plain_lines(data)
    return MinifiedFile(None if embedded else url, debug_id, embedded, plain)


def embedded_map_url(data: Buffer) -> str | None:
    """The ``data:`` URL that holds the file's own map."""
    url = find_source_map_url(read_tail(data))
    return url if url and is_data_url(url) else None


def _plain_lines(data: Buffer) -> tuple[str, ...]:
    """The lines of a file that nobody minified; empty for others."""
    if len(data) > MAX_PLAIN_BYTES:
        return ()
    lines = split_lines(bytes(data).decode("utf-8", "replace"))
    is_plain = len(lines) >= MIN_PLAIN_LINES and max(map(len, lines)) <= MAX_PLAIN_COLUMNS
    return tuple(lines) if is_plain else ()
