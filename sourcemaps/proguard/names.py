"""Class names outside of frames: of exceptions, in their messages, and of the monitors that threads hold.

>>> names = Names(mappings)
>>> names.in_text("no a.b of tea")
'no com.shop.Line of tea'
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sourcemaps.proguard.frames import is_short
from sourcemaps.proguard.search import Applied
from symbolicator.model import ExceptionValue, Lock, Thread

if TYPE_CHECKING:
    from symbolicator.model import JSON

MAX_TEXT = 64 * 1024
"""Characters of a message that are looked through."""
_MAX_NAMES = 1_000
_IDENTIFIER = re.compile(r"(?<![\w$./-])[A-Za-z_][\w$]{0,200}(?:\.[A-Za-z_$][\w$]{0,200}){1,40}(?![\w$/-]|\.\w)")


class Names:
    """Classes of the program by the names that they have in the source."""

    def __init__(self, mappings: Sequence[Applied]) -> None:
        self._mappings = mappings
        self._known: dict[str, str] = {}

    def original(self, name: str) -> str:
        """The class in the source; the name itself if no mapping knows it."""
        if name not in self._known:
            new = name
            for applied in self._mappings:
                new = applied.mapping.classes([new])[0] or new
            self._known[name] = new
        return self._known[name]

    def in_text(self, text: str) -> str:
        """A text with the classes that it names whole, with their package, and that are called as obfuscators do."""
        left = _MAX_NAMES

        def renamed(match: re.Match[str]) -> str:
            nonlocal left
            left -= 1
            return self.original(match[0]) if left >= 0 and is_short(match[0]) else match[0]

        return _IDENTIFIER.sub(renamed, text[:MAX_TEXT]) + text[MAX_TEXT:]

    def exception(self, value: ExceptionValue) -> ExceptionValue:
        """An exception with its class and message; what the report had stays beside them."""
        full = class_of(value)
        name = self.original(full) if full else None
        if name and name != full:
            package, _, simple = name.rpartition(".")
            raw: dict[str, JSON] = {"raw_type": value.type, "raw_module": value.module}
            value = replace(value, type=simple, module=package or None, extra=value.extra | raw)
        text = self.in_text(value.value) if value.value else value.value
        if text == value.value:
            return value
        return replace(value, value=text, raw_value=value.raw_value or value.value)

    def lock(self, lock: Lock) -> Lock:
        """A monitor with its class."""
        if not lock.class_name:
            return lock
        full = f"{lock.package_name}.{lock.class_name}" if lock.package_name else lock.class_name
        name = self.original(full)
        package, _, simple = name.rpartition(".")
        return lock if name == full else replace(lock, package_name=package or None, class_name=simple)

    def thread(self, thread: Thread) -> Thread:
        """A thread with the classes of the monitors that it holds."""
        held = thread.held_locks
        return replace(thread, held_locks={key: self.lock(lock) for key, lock in held.items()}) if held else thread


def class_of(value: ExceptionValue) -> str | None:
    """Class of an exception with its package, as the report has it."""
    if not value.type:
        return None
    return f"{value.module}.{value.type}" if value.module else value.type
