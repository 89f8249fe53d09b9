"""Everything wired together: bytes of a crash report in, resolved event out.

::

    event = Engine.for_folder("dist").resolve(Path("crash.txt").read_bytes())

The command line, the workers and the tests all go through here.
"""

import codecs
from collections.abc import Sequence
from pathlib import Path

from symbolicator import pipeline, plugins
from symbolicator.enrich import Rules
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event
from symbolicator.model.frame_rules import FrameRule
from symbolicator.model.rule_set import RuleSet
from symbolicator.protocols import Buffer, Reader, Store, Transformer
from symbolicator.store import FolderCache, FolderStore

HEAD_BYTES = 64 * 1024
MAX_SEARCHED_BYTES = 4 * 1024 * 1024
"""How far down a log the crash is looked for."""
MAX_COPIED_BYTES = 32 * 1024 * 1024
"""Up to here a report that is mapped is copied, so that readers get plain bytes; only dumps are larger."""
MIN_CONFIDENCE = 0.3
"""Below this no reader is sure enough for its answer to be better than none."""
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class Engine:
    """Reads and resolves crash reports with the installed plug-ins and one store."""

    def __init__(
        self,
        store: Store,
        *,
        readers: Sequence[Reader] | None = None,
        transformers: Sequence[Transformer] | None = None,
        rules: Sequence[FrameRule] = (),
    ) -> None:
        self._store = store
        self._readers = readers
        self._rules = Rules(RuleSet(rules), plugins.frame_rules)
        self._transformers = plugins.transformers() if transformers is None else transformers

    @classmethod
    def for_folder(cls, *paths: str | Path) -> "Engine":
        """An engine that finds its artifacts in these files and folders."""
        return cls(FolderStore([Path(path) for path in paths], plugins.identifiers(), FolderCache()))

    def reader_of(self, payload: Buffer) -> Reader:
        """The reader that is surest of the report. Raises `UnreadableInput` if none is sure enough.

        A crash may be far down in a log: what its beginning does not show, a later part may.
        """
        payload = _as_utf8(payload)
        for start in range(0, min(len(payload), MAX_SEARCHED_BYTES), HEAD_BYTES):
            head = bytes(payload[start : start + HEAD_BYTES])
            ranked = [(reader.detect(head), reader) for reader in self._asked(head)]
            best, reader = max(ranked, key=lambda pair: pair[0], default=(0.0, None))
            if reader and best >= MIN_CONFIDENCE:
                return reader
        raise UnreadableInput(self._nothing_fits(payload))

    def _asked(self, head: bytes) -> Sequence[Reader]:
        return plugins.readers_for(head) if self._readers is None else self._readers

    def read(self, payload: Buffer) -> Event:
        """Reads a report without resolving it. Raises `UnreadableInput`."""
        return self.read_with(self.reader_of(payload), payload)

    @staticmethod
    def read_with(reader: Reader, payload: Buffer) -> Event:
        """Reads a report whose reader is known. Raises `UnreadableInput`."""
        return reader.read(_as_utf8(payload))

    def resolve(self, payload: Buffer) -> Event:
        """Reads and resolves a report. Raises `UnreadableInput`."""
        return self.resolve_event(self.read(payload))

    def resolve_event(self, event: Event) -> Event:
        """Resolves an event."""
        return pipeline.resolve(event, self._transformers, self._store, plugins.bridges, self._rules)

    def _nothing_fits(self, payload: Buffer) -> str:
        if not bytes(payload[:HEAD_BYTES]).strip():
            return "The input is empty. Pass the file that holds the crash, or pipe it in with `-`."
        readers = plugins.readers() if self._readers is None else self._readers
        kinds = ", ".join(reader.name for reader in readers) or "none: no reader is installed"
        return f"This looks like no crash report that can be read ({kinds}). Pass the crash's own text or JSON."


def _as_utf8(payload: Buffer) -> Buffer:
    """Text as UTF-8: shells on Windows redirect a program's output as UTF-16. Dumps as they are."""
    if len(payload) > MAX_COPIED_BYTES:
        return payload
    payload = bytes(payload)
    for mark, encoding in _UTF16.items():
        if payload.startswith(mark):
            return payload[len(mark) :].decode(encoding, "replace").encode()
    return payload.removeprefix(codecs.BOM_UTF8)
