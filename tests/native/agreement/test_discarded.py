"""What linkers leave of functions that they throw away: line sequences at address 0, -1 or -2.

They must answer for no address, whatever else they break. Where one runs on over code that is another function's, the
tightest sequence around an address is the one that was written for it.
"""

from collections.abc import Sequence

import pytest

from tests.native.agreement.programs import FUNCTION_SIZE, Ask, Build, LineSequence, Symbols, with_lines

TOMBSTONES = {"zero": 0, "minus one": 2**64 - 1, "minus two": 2**64 - 2}
BEYOND_ALL_CODE = 0x5000
DISCARDED = {
    f"{name}, set {times}": LineSequence(tombstone, [(0, 90), (1, 91)], BEYOND_ALL_CODE, again=times == "twice")
    for name, tombstone in TOMBSTONES.items()
    for times in ("once", "twice")
}

KEPT = [LineSequence("first", [(0, 1), (8, 2)], 56), LineSequence("second", [(0, 11), (8, 12)], 56)]
WRITTEN = {("first", 0): 1, ("first", 7): 1, ("first", 8): 2, ("first", 63): 2, ("second", 0): 11, ("second", 63): 12}
FIRST_ALONE = LineSequence("first", [(0, 1)], FUNCTION_SIZE)
SECOND_ALONE = LineSequence("second", [(0, 11)], FUNCTION_SIZE)
RUNS_ON = LineSequence("first", [(0, 90)], 2 * FUNCTION_SIZE)

COMDAT = """\
#include <vector>
template <int N> struct Shared {
  std::vector<int> items;
  __attribute__((noinline)) int sum() { int all = N; for (int item : items) all += item * EXTRA; return all; }
  __attribute__((noinline)) void put(int item) { items.push_back(item % EXTRA); }
};
int NAME(int argc) {
  Shared<3> shared; Shared<4> other;
  shared.put(argc); other.put(argc);
  return shared.sum() + other.sum();
}
"""
BOTH = f"""\
#define NAME one
#define EXTRA 2
{COMDAT}
#undef NAME
int two(int);
__attribute__((noinline)) int unused(int x) {{ return x / 3; }}
int main(int argc, char **) {{ return one(argc) + two(argc); }}
"""


def lines(chains: Sequence[Sequence[object]]) -> list[int]:
    return [getattr(chain[0], "line", 0) if chain else 0 for chain in chains]


@pytest.mark.parametrize("discarded", DISCARDED.values(), ids=DISCARDED)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_discarded_sequence_answers_nowhere(
    place: int, discarded: LineSequence, build: Build, ours: Ask, symbols: Symbols
) -> None:
    """One that swallows the next sequence, or covers code, would give a third of a large program wrong lines."""
    program = build("made.s", with_lines([*KEPT[:place], discarded, *KEPT[place:]]), "-nostdlib", "-shared")
    starts = {name: start for name, (start, _size) in symbols(program).items()}
    assert starts["second"] < BEYOND_ALL_CODE
    addresses = [starts[name] + offset for name, offset in WRITTEN]
    assert lines(ours(program, addresses)) == list(WRITTEN.values())
    outside = [1, starts["first"] - 1, starts["second"] + FUNCTION_SIZE]
    assert ours(program, outside) == [[], [], []]


@pytest.mark.parametrize("tombstone", TOMBSTONES.values(), ids=TOMBSTONES)
def test_llvm_symbolizer_agrees_where_the_address_is_set_once(
    tombstone: int, build: Build, ours: Ask, llvm: Ask, symbols: Symbols
) -> None:
    """The answers above must be right by somebody else's reading, too."""
    discarded = LineSequence(tombstone, [(0, 90), (1, 91)], 8)
    program = build("made.s", with_lines([discarded, *KEPT]), "-nostdlib", "-shared")
    starts = {name: start for name, (start, _size) in symbols(program).items()}
    addresses = [starts[name] + offset for name, offset in WRITTEN]
    assert lines(ours(program, addresses)) == lines(llvm(program, addresses)) == list(WRITTEN.values())


@pytest.mark.parametrize("sequences", [(RUNS_ON, SECOND_ALONE), (SECOND_ALONE, RUNS_ON)], ids=["before", "after"])
def test_the_tightest_sequence_wins(
    sequences: tuple[LineSequence, ...], build: Build, ours: Ask, symbols: Symbols
) -> None:
    """A sequence that runs on over the next function must not hide that function's own lines, wherever it stands."""
    program = build("made.s", with_lines(sequences), "-nostdlib", "-shared")
    starts = {name: start for name, (start, _size) in symbols(program).items()}
    assert lines(ours(program, [starts["first"], starts["second"], starts["second"] + 63])) == [90, 11, 11]


def test_equal_sequences_of_two_discarded_copies_change_nothing(build: Build, ours: Ask, symbols: Symbols) -> None:
    """Two copies of one function at one address are usual: either gives the same line."""
    program = build("made.s", with_lines([FIRST_ALONE, FIRST_ALONE, SECOND_ALONE]), "-nostdlib", "-shared")
    starts = {name: start for name, (start, _size) in symbols(program).items()}
    assert lines(ours(program, [starts["first"] + 5, starts["second"] + 5])) == [1, 11]


@pytest.mark.parametrize("version", [4, 5])
def test_what_a_linker_really_discards_changes_no_answer(
    version: int, build: Build, ours: Ask, llvm: Ask, symbols: Symbols
) -> None:
    """Templates come in every unit that uses them and sections that nobody calls go: the rest keeps its lines."""
    flags = ("-g", f"-gdwarf-{version}", "-O1", "-ffunction-sections")
    second = build("two.cpp", f"#define NAME two\n#define EXTRA 3\n{COMDAT}", *flags, "-c")
    program = build("both.cpp", BOTH, *flags, "-Wl,--gc-sections", "-x", "none", second.name)
    names = symbols(program)
    assert not any("unused" in name for name in names)
    spans = [place for name, place in names.items() if place[1] and ("Shared" in name or name.startswith("_Z3"))]
    addresses = [address for start, size in spans for address in range(start, start + size)]
    assert len(addresses) > 200
    places = [[(call.file, call.line, call.column) for call in chain] for chain in ours(program, addresses)]
    assert places == [[(call.file, call.line, call.column) for call in chain] for chain in llvm(program, addresses)]
