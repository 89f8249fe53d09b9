"""Maps made to exhaust us: whatever they claim, memory stays within twice their length and a small constant."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("symbolicator._core", reason="the compiled core is not built: nothing to test")

STATUS = Path("/proc/self/status")
CONSTANT = 32 * 1024 * 1024
LENGTH = 16 * 1024 * 1024

CHILD = """
import sys
from pathlib import Path
from symbolicator import _core

def peak():
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024

data = Path(sys.argv[1]).read_bytes()
before = peak()
for strict in (False, True):
    try:
        built = _core.build_source_index(data, strict=strict)
    except _core.SourceMapError:
        built = None
    del built
print(peak() - before)
"""


def plain(sources: str = '"a.js"', names: str = '"f"', mappings: str = "AAAAA", more: str = "") -> str:
    return f'{{"version":3,"sources":[{sources}],"names":[{names}],"mappings":"{mappings}"{more}}}'


def filled(item: str, separator: str = ",") -> str:
    """As many items as make up the length of a hostile map."""
    return separator.join([item] * (LENGTH // (len(item) + len(separator))))


def nested(opening: str, innermost: str, closing: str) -> str:
    depth = LENGTH // (len(opening) + len(closing))
    return opening * depth + innermost + closing * depth


def sections_beyond_32_bits() -> str:
    section = '{"offset":{"line":2147483648,"column":2147483648},"map":%s}' % plain()  # noqa: UP031 - braces
    return '{"version":3,"sections":[%s]}' % filled(section)  # noqa: UP031 - braces


MAPS: dict[str, Callable[[], str]] = {
    "a column a gigabyte wide": lambda: plain(mappings="AAAA,ggggg+BAAA"),
    "every column far away": lambda: plain(mappings=filled("ggggg+BAAA,hgggg+BAAA")),
    "numbers that jump in every field": lambda: plain(mappings=filled("gggC,AAggggCggggC,AAhgggChgggC")),
    "a line in reverse": lambda: plain(mappings="ggggg+BAAA," + filled("DAAA")),
    "sections at 2^31 and beyond": sections_beyond_32_bits,
    "empty sections": lambda: '{"version":3,"sections":[' + filled("{}") + "]}",
    "sections in sections": lambda: '{"version":3,' + nested('"sections":[{"map":{', '"mappings":""', "}}]") + "}",
    "lists in lists": lambda: plain(more=',"x":' + nested("[", "", "]")),
    "millions of empty lines": lambda: plain(mappings=filled("", ";")),
    "segments that say nothing": lambda: plain(mappings=filled("A")),
    "empty segments": lambda: plain(mappings=filled("", ",")),
    "empty names": lambda: plain(names=filled('""')),
    "names that are none": lambda: plain(names=filled("0")),
    "one endless name": lambda: plain(names='"' + "x" * LENGTH + '"'),
    "names of escapes": lambda: plain(names='"' + filled("\\u00e9", "") + '"'),
    "nameless sources": lambda: plain(sources=filled("null")),
    "short sources": lambda: plain(sources=filled('"a"')),
    "sources under a root": lambda: plain(sources=filled('"a"'), more=',"sourceRoot":"' + "r" * 4_000 + '"'),
    "empty texts": lambda: plain(sources=filled('""'), more=',"sourcesContent":[' + filled('""') + "]"),
    "a text of empty lines": lambda: plain(more=',"sourcesContent":["' + filled("\\n", "") + '"]'),
    "a text that is no Unicode": lambda: plain(more=',"sourcesContent":["' + filled("\\ud800", "") + '"]'),
    "empty function maps": lambda: plain(
        sources=filled('""'), more=',"x_facebook_sources":[' + filled('[{"names":["f"],"mappings":"AAA"}]') + "]"
    ),
}


@pytest.mark.skipif(not STATUS.exists(), reason="peak memory is read from /proc")
@pytest.mark.parametrize("name", MAPS)
def test_memory_is_bounded_by_the_length_of_the_map(name: str, tmp_path: Path) -> None:
    """One uploaded map could otherwise end a worker, and every event in it."""
    path = tmp_path / "hostile.map"
    path.write_text(MAPS[name](), "ascii")
    child = subprocess.run([sys.executable, "-c", CHILD, str(path)], check=True, capture_output=True, text=True)
    assert int(child.stdout) <= 2 * path.stat().st_size + CONSTANT


def test_a_position_a_gigabyte_to_the_right_is_found() -> None:
    """A claim that is no lie must be answered, too: memory is bounded by not believing in it, not by refusing it."""
    from array import array  # noqa: PLC0415 - one test needs these

    from symbolicator import _core  # noqa: PLC0415

    built, defects = _core.build_source_index(plain(mappings="AAAA,ggggggCAAA").encode())
    answers = _core.SourceIndex.from_bytes(built).lookup(array("I", [0, 2**29, 0, 2**31 - 1, 0, 2**32 - 1]))
    assert (len(defects), len(answers)) == (0, 48)
