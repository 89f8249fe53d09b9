"""``CrashContext.runtime-xml`` of Unreal Engine: what the engine knows about the crash.

The parser is expat, which is given no document type: without it there are no entities to expand. Depth, elements and
text are bounded. Who the player is, and the command line, which may hold tokens, are left out.
"""

import re
from contextlib import suppress
from xml.parsers import expat

from msgspec import Struct, field

from native.crashes.raw_frames import RawFrame
from symbolicator.protocols import Buffer

MAX_XML = 16 * 1024 * 1024
_MAX_DEPTH = 32
_MAX_FIELDS = 2_000
_MAX_TEXT = 64 * 1024
_SECTIONS = frozenset({"RuntimeProperties", "PlatformProperties", "EngineData", "GameData"})
_PRIVATE = frozenset({
    "LoginId", "EpicAccountId", "UserName", "MachineId", "CommandLine", "UserActivityHint", "BaseDir", "RootDir",
    "Threads", "Modules", "EpicAccountID", "LoginIdStr", "PlayerId", "RecordedCommandLine",
})  # fmt: skip
_STACKS = frozenset({"CallStack", "PCallStack", "SourceContext", "PCallStackHash"})
_FRAME = re.compile(
    r"(?P<module>[^\n]{1,300}?)\s{1,20}0x(?P<base>[0-9a-fA-F]{1,16})\s{1,4}\+\s{1,4}(?P<offset>[0-9a-fA-F]{1,16})\s*\Z"
)
_MAX_FRAMES = 256


class UnrealContext(Struct, frozen=True):
    """Fields by section, in the file's own names."""

    sections: dict[str, dict[str, str]] = field(default_factory=dict)

    def get(self, name: str) -> str | None:
        """A field of the runtime's section; None if it is empty."""
        return self.sections.get("RuntimeProperties", {}).get(name) or None

    def fields(self) -> dict[str, dict[str, str]]:
        """What an event may keep, without the stacks."""
        kept = {
            section: {name: text for name, text in fields.items() if text and name not in _STACKS}
            for section, fields in self.sections.items()
        }
        return {section: fields for section, fields in kept.items() if fields}


class _StopError(Exception):
    """A limit was met, or there is a document type."""


def read_context(xml: Buffer) -> UnrealContext:
    """The fields of the file; of one that is damaged, those before."""
    handler = _Handler()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.text
    parser.StartDoctypeDeclHandler = handler.refuse
    with suppress(expat.ExpatError, _StopError, ValueError):
        parser.Parse(bytes(xml[:MAX_XML]).rstrip(b"\0 \r\n"), True)  # noqa: FBT003 - positional only: the last piece
    return handler.context


class _Handler:
    def __init__(self) -> None:
        self.context = UnrealContext()
        self._path: list[str] = []
        self._text: list[str] = []
        self._room = 0
        self._count = 0

    def start(self, name: str, _: dict[str, str]) -> None:
        self._path.append(name)
        self._count += 1
        if len(self._path) > _MAX_DEPTH or self._count > _MAX_FIELDS * 20:
            raise _StopError
        self._text, self._room = [], _MAX_TEXT

    def text(self, text: str) -> None:
        self._text.append(text[: self._room])
        self._room -= len(self._text[-1])

    def end(self, name: str) -> None:
        self._path.pop()
        section = self._path[-1] if self._path else ""
        if len(self._path) == 2 and section in _SECTIONS and name not in _PRIVATE:  # noqa: PLR2004 - root and section
            fields = self.context.sections.setdefault(section, {})
            if len(fields) < _MAX_FIELDS:
                fields[name] = "".join(self._text).strip()
        self._text, self._room = [], 0

    def refuse(self, *_: object) -> None:
        raise _StopError


def portable_frames(context: UnrealContext) -> list[RawFrame]:
    """The stack that the engine walked: ``Game-Win64-Shipping 0x00007ff7e7e30000 + 28cd7fc``, newest call first."""
    lines = (context.get("PCallStack") or "").splitlines()[:_MAX_FRAMES]
    matches = [match for line in lines if (match := _FRAME.match(line.strip()))]
    return [_frame(match) for match in matches]


def _frame(match: re.Match[str]) -> RawFrame:
    base, offset = int(match["base"], 16), int(match["offset"], 16)
    return RawFrame(image=match["module"], image_offset=offset, address=base + offset)
