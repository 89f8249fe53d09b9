"""What retrace says about frames, and what we say, in the same words.

::

    python -m tests.sourcemaps.proguard.oracle mapping.txt r8.jar > retraced.txt

writes every frame that a mapping knows, and frames that it nearly knows, behind each what R8's retrace (a jar with
``com.android.tools.r8.retrace.Retrace``) or ProGuard's (two jars, ``:`` between them) makes of it::

    a.b.c:12
        com.shop.Price.round(Price.java:7) < com.shop.Cart.add(Cart.java:12)

Each line below a frame is an alternative: its calls, innermost first.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from symbolicator import _core

PROGUARD_MAIN = "proguard.retrace.ReTrace"
R8_MAIN = "com.android.tools.r8.retrace.Retrace"
_METHOD = re.compile(r"\s+(?:(\d+):(\d+):)?\S+ [\w$.<>\-]+\([^)]*\)(?::\d+)*(?::\d+)? -> (\S+)")
_CLASS = re.compile(r"(\S+) -> (\S+):")
_FRAME = re.compile(r"\s*(<OR> )?(?:at )?(?:(.+?)\.)?([^.(]+)\((?:([^:()]*)(?::(\d+))?)\)")
_MAX_LINES = 4
"""Lines of a range that are asked for, from either end."""


class Asked(Struct, frozen=True, order=True):
    """A frame of the program; line 0: none."""

    class_name: str
    method: str
    line: int

    @property
    def text(self) -> str:
        """As in a stack text."""
        return f"\tat {self.class_name}.{self.method}(SourceFile{f':{self.line}' if self.line else ''})"


def frames_of(mapping: str) -> list[Asked]:
    """Frames at the ends of every range of a mapping, beside the last one, and without a line; unknown methods."""
    found: set[Asked] = set()
    class_name = ""
    for line in mapping.splitlines():
        if named := _CLASS.fullmatch(line):
            class_name = named[2]
            found.add(Asked(class_name, "unknown", 5))
        elif class_name and (method := _METHOD.fullmatch(line)):
            first, last = int(method[1] or 0), int(method[2] or 0)
            inside = {*range(first, last + 1)[:_MAX_LINES], *range(first, last + 1)[-_MAX_LINES:]}
            found |= {Asked(class_name, method[3], at) for at in (*inside, last + 1, 0, 60_000)}
    return sorted(found)


def retrace(frames: Sequence[Asked], mapping: Path, jars: str) -> dict[Asked, tuple[str, ...]]:
    """The alternatives that retrace prints."""
    is_r8 = ":" not in jars
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as stack:
        for number, frame in enumerate(frames):
            stack.write(f"frame number {number}\n{frame.text}\n")
        stack.flush()
        command = ["java", "-cp", jars, R8_MAIN if is_r8 else PROGUARD_MAIN, str(mapping), stack.name]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    parts = re.split(r"^frame number (\d+)\n", printed, flags=re.MULTILINE)[1:]
    numbered = {int(number): text for number, text in zip(parts[::2], parts[1::2], strict=True)}
    return {frame: tuple(_alternatives(numbered[number])) for number, frame in enumerate(frames)}


def _alternatives(text: str) -> Iterator[str]:
    calls: list[str] = []
    class_name = ""
    for line in text.splitlines():
        found = _FRAME.match(line)
        assert found, line
        class_name = found[2] or class_name  # ProGuard's retrace leaves out what is as in the line above
        if found[1] and calls:
            yield " < ".join(calls)
            calls = []
        calls.append(_shown(class_name, found[3], found[4] or "", found[5] or "0"))
    if calls:
        yield " < ".join(calls)


def _shown(class_name: str, method: str, file: str, line: str | int) -> str:
    return f"{class_name}.{method}({file}:{line})"


def ours(frames: Sequence[Asked], index: _core.ProguardIndex) -> dict[Asked, tuple[str, ...]]:
    """The alternatives that the index gives, without what the compiler made at the outer end of a chain."""
    return {
        frame: tuple(dict.fromkeys(filter(None, map(_chain, index.lookup([_query(frame)])[0].alternatives))))
        for frame in frames
    }


def _query(frame: Asked) -> tuple[str, str, int, None, str]:
    return frame.class_name, frame.method, frame.line, None, "SourceFile"


def _chain(calls: Sequence[_core.JavaCall]) -> str:
    kept = calls[:-1] if calls and calls[-1].is_synthesized else calls
    return " < ".join(_shown(call.class_name, call.method, call.file, call.line or 0) for call in kept)


def flat(alternatives: Sequence[str]) -> tuple[str, ...]:
    """The calls of all alternatives in a row: all that ProGuard's retrace tells."""
    return tuple(call for alternative in alternatives for call in alternative.split(" < "))


def difference(frame: Asked, theirs: Sequence[str], own: Sequence[str]) -> str | None:  # noqa: PLR0911 - a table
    """Why an answer of ours is another than retrace's, in words; None if nothing explains it.

    Each class is one that we keep on purpose.
    """
    kept_method = f".{frame.method}("
    if len(theirs) == 1 and kept_method in theirs[0] and frame.line and all(text.endswith(":0)") for text in own):
        return "a line that no entry has: retrace keeps line and method as they are, which are none of the source"
    if not theirs and own:
        return "a frame that retrace drops, as what the compiler made has the same parameters"
    theirs, own = [_plain(text) for text in theirs], [_plain(text) for text in own]
    if sorted(theirs) == sorted(own):
        return "a file that nothing names: retrace knows no Kotlin there and no class that begins with a dollar sign"
    if flat(theirs) == flat(own):
        return "two methods of the same lines, which ProGuard writes like inlined calls"
    if not frame.line and theirs and set(flat(theirs)) < set(flat(own)):
        return "several methods are possible, of which retrace names the last one"
    if not frame.line and _methods(own) <= _methods(theirs):
        return "without a line: ProGuard's retrace names every call of the method, those inlined into it too"
    return None


def _methods(alternatives: Sequence[str]) -> set[str]:
    return {call.partition("(")[0].rpartition(".")[2] for call in flat(alternatives)}


def _plain(alternative: str) -> str:
    """An alternative without what files that are made up differ in."""
    return re.sub(r"\((?:\$[\w$]+)?(\w*)\.(?:kt|java):", r"(\1:", alternative)


def written(answers: dict[Asked, tuple[str, ...]]) -> str:
    """The file that a fixture keeps."""
    lines = [
        line
        for frame, alternatives in answers.items()
        for line in (f"{frame.class_name}.{frame.method}:{frame.line}", *(f"    {text}" for text in alternatives))
    ]
    return "\n".join(lines) + "\n"


def kept(text: str) -> dict[Asked, tuple[str, ...]]:
    """What `written` wrote."""
    answers: dict[Asked, tuple[str, ...]] = {}
    last = Asked("", "", 0)
    for line in text.splitlines():
        if line.startswith(" "):
            answers[last] += (line.strip(),)
        else:
            name, _, number = line.rpartition(":")
            class_name, _, method = name.rpartition(".")
            last = Asked(class_name, method, int(number))
            answers[last] = ()
    return answers


if __name__ == "__main__":
    path = Path(sys.argv[1])
    sys.stdout.write(written(retrace(frames_of(path.read_text("utf-8")), path, sys.argv[2])))
