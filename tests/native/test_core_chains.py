"""The core's chains of inlined calls, held against llvm-symbolizer and pyelftools on programs compiled here."""

import bisect
import json
import posixpath
import random
import shutil
import subprocess
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

_core = pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")

SOURCE = """\
#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#define NOINLINE __attribute__((noinline))

namespace depot {
namespace {
struct Crate {
  int weight;
  std::string label;
  bool operator<(const Crate &other) const { return weight < other.weight; }
};
}

static NOINLINE int checked(int value) {
  if (__builtin_expect(value > 1000000, 0))
    throw std::runtime_error("heavy " + std::to_string(value));
  return value * 3;
}

template <int N> struct Tower {
  static inline int climb(int x) { return Tower<N - 1>::climb(x + N) ^ (x << 1); }
};
template <> struct Tower<0> {
  static inline int climb(int x) { return x * 7 + 1; }
};

class Depot {
public:
  explicit Depot(int size) {
    for (int i = 0; i < size; ++i)
      crates.push_back({Tower<8>::climb(i) % 97, "crate " + std::to_string(i)});
  }
  ~Depot() { crates.clear(); }
  NOINLINE int sorted_weight() {
    std::sort(crates.begin(), crates.end());
    return std::accumulate(crates.begin(), crates.end(), 0,
                           [](int sum, const Crate &crate) { return sum + checked(crate.weight); });
  }
  NOINLINE int local_classes(int seed) {
    struct Visitor {
      int sum;
      NOINLINE void visit(const Crate &crate) { sum += Tower<4>::climb(crate.weight); }
    } visitor{seed};
    for (const auto &crate : crates)
      visitor.visit(crate);
    return visitor.sum;
  }

private:
  std::vector<Crate> crates;
};

NOINLINE std::map<std::string, int> counted(const std::vector<std::string> &words) {
  std::map<std::string, int> counts;
  for (const auto &word : words)
    ++counts[word];
  return counts;
}
}  // namespace depot

static int helper(int depth) { return depth < 2 ? depth : helper(depth - 1) + helper(depth - 2); }

extern "C" NOINLINE int plain_c(int value) { return helper(value & 7) + depot::Tower<6>::climb(value); }

int main(int argc, char **argv) {
  std::vector<std::string> words(argv, argv + argc);
  depot::Depot stock(argc * 10);
  std::function<int(int)> twice = [&](int x) { return plain_c(x) * 2; };
  int sum = stock.sorted_weight() + stock.local_classes(argc) + twice(argc);
  for (const auto &[word, count] : depot::counted(words))
    sum += count * static_cast<int>(word.size());
  return sum & 127;
}
"""

SAMPLES = 2000
FRAME_FIELDS = 8
NONE = 0xFFFFFFFF

Compile: TypeAlias = Callable[..., Path]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a chain; line and column are 1-based, 0 unknown."""

    names: frozenset[str]
    file: str
    line: int
    column: int

    def same_place(self, other: "Call") -> bool:
        return (self.file, self.line, self.column) == (other.file, other.line, other.column)


Chain: TypeAlias = tuple[Call, ...]


def code_addresses(program: Path) -> list[int]:
    """A fixed random choice, uniform over the bytes of the program's functions."""
    functions = [(start, size) for start, size, _name in symbols(program) if size]
    choose = random.Random(20)
    weights = [size for _start, size in functions]
    return [start + choose.randrange(size) for start, size in choose.choices(functions, weights, k=SAMPLES)]


def symbols(program: Path) -> list[tuple[int, int, str]]:
    """Virtual address, size and name of every function in the symbol table."""
    with program.open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        assert isinstance(table, SymbolTableSection)
        defined = (symbol for symbol in table.iter_symbols() if symbol["st_shndx"] != "SHN_UNDEF")
        functions = [symbol for symbol in defined if symbol["st_info"]["type"] == "STT_FUNC"]
        return sorted((symbol["st_value"], symbol["st_size"], symbol.name) for symbol in functions)


def asked_llvm(tool: str, program: Path, addresses: Sequence[int]) -> dict[int, Chain]:
    command = [tool, f"--obj={program}", "--inlines", "--output-style=JSON", "--no-demangle"]
    questions = "".join(f"{address:#x}\n" for address in addresses)
    process = subprocess.run(command, input=questions, capture_output=True, text=True, check=True)
    answers = map(json.loads, process.stdout.splitlines())
    return {int(answer["Address"], 16): tuple(map(llvm_call, answer["Symbol"])) for answer in answers}


def llvm_call(symbol: Mapping[str, str | int]) -> Call:
    """Where there is no debug information the symbol table's object file stands for the source: not so here."""
    names = frozenset({str(symbol["FunctionName"]).partition("@")[0]} - {""})
    file = str(symbol["FileName"]) if symbol["Line"] or symbol["StartLine"] else ""
    return Call(names, normal(file), int(symbol["Line"]), int(symbol["Column"]))


def asked_core(program: Path, addresses: Sequence[int]) -> dict[int, Chain]:
    symcache = _core.SymCache.from_bytes(_core.build_symcache(program.read_bytes()))
    relative = array("Q", [address - symcache.load_address for address in addresses])
    ends, frames = symcache.lookup(relative)
    records = memoryview(frames).cast("I")
    calls = [core_call(symcache.string, records[at : at + FRAME_FIELDS]) for at in range(0, len(records), FRAME_FIELDS)]
    spans = pairwise((0, *memoryview(ends).cast("I")))
    return {address: tuple(calls[start:end]) for address, (start, end) in zip(addresses, spans, strict=True)}


def core_call(string: Callable[[int], str], record: Sequence[int]) -> Call:
    function, symbol, file, line, column, *_rest = record
    names = frozenset(string(name) for name in (function, symbol) if name != NONE)
    return Call(names, normal("" if file == NONE else string(file)), line, column)


def normal(path: str) -> str:
    """The core resolves ``..`` within a path, llvm-symbolizer does not."""
    return posixpath.normpath(path) if path else ""


class Aliases:
    """Names of the function around an address, without what the compiler puts behind the name of a part."""

    def __init__(self, program: Path) -> None:
        self._spans: dict[tuple[int, int], set[str]] = defaultdict(set)
        for start, size, name in symbols(program):
            self._spans[start, start + size].add(base(name))
        self._starts = sorted(self._spans)

    def at(self, address: int) -> set[str]:
        after = bisect.bisect_right(self._starts, (address, 1 << 64))
        around = (span for span in self._starts[max(0, after - 8) : after] if address < span[1])
        return set().union(*(self._spans[span] for span in around))


def base(name: str) -> str:
    """``_Z1fv`` of ``_Z1fv.part.0.cold``."""
    return name.partition(".")[0]


def difference(expected: Chain, found: Chain, aliases: set[str]) -> str | None:
    """The kind of the first difference that matters."""
    if len(expected) != len(found):
        return "depth"
    if not all(map(Call.same_place, expected, found)):
        return "place"
    if not all(map(same_inlined_function, expected[:-1], found[:-1])):
        return "inlined function"
    return None if not expected or same_outermost_function(expected[-1], found[-1], aliases) else "function"


def same_inlined_function(expected: Call, found: Call) -> bool:
    """A function without mangled name is qualified by its namespaces here, and is not by llvm-symbolizer."""
    return expected.names <= found.names or any(
        mine.endswith(f"::{theirs}") for mine in found.names for theirs in expected.names
    )


def same_outermost_function(expected: Call, found: Call, aliases: set[str]) -> bool:
    """llvm-symbolizer prefers the symbol table's name; any name of the same symbol is right."""
    mine, theirs = set(map(base, found.names)), set(map(base, expected.names))
    return bool(theirs & mine) or (theirs <= aliases and bool(mine & aliases))


def llvm_symbolizers() -> list[str]:
    """Every version at hand: old and new ones differ in what they get wrong."""
    return [tool for tool in ("llvm-symbolizer-19", "llvm-symbolizer-14", "llvm-symbolizer") if shutil.which(tool)][:2]


def differences(tool: str, program: Path) -> Iterator[tuple[str, int, Chain, Chain]]:
    addresses = code_addresses(program)
    expected, found = asked_llvm(tool, program, addresses), asked_core(program, addresses)
    aliases = Aliases(program)
    for address in addresses:
        kind = difference(expected[address], found[address], aliases.at(address))
        if kind is not None:
            yield kind, address, expected[address], found[address]


@pytest.mark.parametrize(
    ("version", "optimized"), [(2, "-O2"), (3, "-O2"), (4, "-O2"), (5, "-O1"), (5, "-O2"), (5, "-O3")]
)
def test_chains_equal_those_of_llvm_symbolizer(compile_cpp: Compile, version: int, optimized: str) -> None:
    """Users would be sent to wrong lines or miss inlined calls: nothing but 1 in 1000 addresses may differ."""
    tools = llvm_symbolizers()
    if not tools:
        pytest.skip("llvm-symbolizer is not installed: apt-get install llvm")
    program = compile_cpp("-g", f"-gdwarf-{version}", optimized, source=SOURCE)
    for tool in tools:
        found = list(differences(tool, program))
        assert len(found) <= SAMPLES // 1000, (tool, Counter(kind for kind, *_rest in found), found[:3])


def test_code_split_off_a_function_keeps_both_names(compile_cpp: Compile) -> None:
    """The user sees the function as written; a tool that compares symbols sees ``.cold`` or ``.part.0``."""
    program = compile_cpp("-g", "-O2", source=SOURCE)
    parts = [(start, name) for start, _size, name in symbols(program) if name.startswith("_ZN") and "." in name]
    assert parts, "the compiler split nothing: change the source"
    for address, chain in asked_core(program, [start for start, _name in parts]).items():
        name = next(name for start, name in parts if start == address)
        assert name in chain[-1].names
        assert _core.demangle(base(name)) in chain[-1].names


def line_rows(program: Path) -> dict[int, tuple[int, int]]:
    """Line and column of the last row at each address, from pyelftools; only addresses where a row starts."""
    rows: dict[int, tuple[int, int]] = {}
    with program.open("rb") as file:
        dwarf = ELFFile(file).get_dwarf_info()
        for unit in dwarf.iter_CUs():
            program_of_unit = dwarf.line_program_for_CU(unit)
            assert program_of_unit is not None
            states = [entry.state for entry in program_of_unit.get_entries() if entry.state is not None]
            for state, following in pairwise(states):
                if not state.end_sequence and following.address != state.address:
                    rows[state.address] = (state.line, state.column)
    return rows


@pytest.mark.parametrize("version", [2, 3, 4, 5])
def test_innermost_lines_equal_the_rows_that_pyelftools_reads(compile_cpp: Compile, version: int) -> None:
    """The line of the crash itself would be wrong: a second reader of the line table must see the same."""
    program = compile_cpp("-g", f"-gdwarf-{version}", "-O2", source=SOURCE)
    rows = line_rows(program)
    spans = [(start, start + size) for start, size, _name in symbols(program)]
    inside = [address for address in rows if any(start <= address < end for start, end in spans)]
    assert len(inside) > 500
    for address, chain in asked_core(program, inside).items():
        assert (chain[0].line, chain[0].column) == rows[address], hex(address)
