"""The part that the compiler splits off a constructor which serves as two."""

from array import array
from pathlib import Path
from subprocess import run

import pytest

_core = pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")

SOURCE = """\
struct Depot {
  explicit Depot(int size);
  int size;
};
__attribute__((noinline, cold)) void complain(int);
volatile int limit = 7;
void complain(int size) { limit = size; }
__attribute__((noinline)) Depot::Depot(int wanted) : size(wanted) {
  if (__builtin_expect(wanted > limit, 0)) {
    complain(wanted);
    complain(wanted + 1);
    throw wanted;
  }
}
int main(int count, char **) { return Depot(count).size; }
"""


def test_a_part_keeps_the_name_that_the_linker_saw(tmp_path: Path) -> None:
    """Its symbol is of C2 where debug information speaks of C1: without the symbol nobody sees that it is a part."""
    source, program = tmp_path / "depot.cpp", tmp_path / "depot"
    source.write_text(SOURCE)
    run(["g++", "-g", "-O2", str(source), "-o", str(program)], check=True)
    listing = run(["nm", str(program)], check=True, capture_output=True, text=True).stdout
    [(address, symbol)] = [
        (int(row.split()[0], 16), row.split()[2]) for row in listing.splitlines() if ".cold" in row and "Depot" in row
    ]
    data = program.read_bytes()
    base = _core.summarize_debug_file(data).load_address
    symcache = _core.SymCache.from_bytes(_core.build_symcache(data))
    [chain] = symcache.chains(array("Q", [address - base]))
    assert chain[-1].symbol == symbol
    assert chain[-1].function == "Depot::Depot(int)"
