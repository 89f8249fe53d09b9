"""Line rows as pyelftools reads them, another reader of the same line programs, held against the core's answers."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.benchmarks.native.rows import Lines, Row, answers
from tests.native.agreement.programs import Ask, Build, Symbols

_core = pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")

SOURCE = """\
#include <algorithm>
#include <string>
#include <vector>
static int weight(const std::string &word) { return (int)word.size() * 3; }
__attribute__((noinline)) int weighed(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  int sum = 0;
  for (const auto &word : words)
    sum += weight(word);
  return sum;
}
int main(int argc, char **argv) { return weighed({argv, argv + argc}); }
"""


def differing(program: Path) -> tuple[int, list[tuple[Row, Row]]]:
    """How many rows were compared, and those that differ: pyelftools' and the core's."""
    symcache = _core.SymCache.from_bytes(_core.build_symcache(program.read_bytes()))
    with Lines(program) as lines:
        pairs = [pair for rows in lines.sampled() for pair in zip(rows, answers(symcache, rows), strict=True)]
    return len(pairs), [(row, found) for row, found in pairs if row != found]


def test_rows_of_fixtures(debug_files: Sequence[Path]) -> None:
    """The line of a crash would be wrong in a file that a real toolchain wrote."""
    compared = 0
    for file in debug_files:
        count, differ = differing(file)
        assert not differ, (file.name, differ[:3])
        compared += count
    assert compared > 500


@pytest.mark.parametrize("version", [2, 3, 4, 5])
def test_rows_of_a_program_linked_with_its_relocations(version: int, build: Build) -> None:
    """A kernel keeps ``.rela.debug_*`` although it is linked: whoever adds them again is wrong everywhere."""
    program = build("words.cpp", SOURCE, "-g", f"-gdwarf-{version}", "-O2", "-no-pie", "-Wl,--emit-relocs")
    count, differ = differing(program)
    assert count > 100
    assert not differ, differ[:3]


def test_relocations_that_are_kept_change_no_answer(build: Build, ours: Ask, symbols: Symbols) -> None:
    """The same program must read the same, whether its linker kept them or not."""
    answers_of = []
    for name, flags in (("plain.cpp", ()), ("kept.cpp", ("-Wl,--emit-relocs",))):
        program = build(name, SOURCE, "-g", "-O2", "-no-pie", *flags)
        start, size = symbols(program)[
            "_Z7weighedSt6vectorINSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEESaIS5_EE"
        ]
        chains = ours(program, range(start, start + size))
        answers_of.append([[(call.shown, call.line, call.column) for call in chain] for chain in chains])
    assert answers_of[0] == answers_of[1]
