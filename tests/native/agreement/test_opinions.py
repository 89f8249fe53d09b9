"""Where the core and llvm-symbolizer 19 differ, and why the core's answer is right, or no worse.

These are all the classes that are left among 10,000 random addresses of each of five large files: libc, a program of
templates, libjvm, a Linux kernel and ceph-osd (tests/benchmarks/native counts them).
"""

import pytest

from tests.native.agreement.programs import Ask, Build, LineSequence, Symbols, with_lines

_core = pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")

ALIASES = """\
int aaa_internal(int x) { return x * 3 + 1; }
extern int zzz_public(int) __attribute__((alias("aaa_internal")));
int main(int argc, char **argv) { return aaa_internal(argc) + zzz_public(argc); }
"""

FOLDED = """\
static __attribute__((noinline)) int first(int x) { return x * 7 % 1000003; }
static __attribute__((noinline)) int second(int x) { return x * 7 % 1000003; }
int main(int argc, char **argv) { return first(argc) + second(argc + 1); }
"""

SPLIT = """\
#include <stdexcept>
#include <string>
struct Depot {
  int taken;
  __attribute__((noinline)) int take(int count);
};
int Depot::take(int count) {
  if (__builtin_expect(count > 1000, 0))
    throw std::runtime_error("too many: " + std::to_string(count));
  return taken += count;
}
int main(int argc, char **) { return Depot{argc}.take(argc); }
"""

LOCAL = """\
#include <stdexcept>
#include <string>
namespace {
struct Base { virtual int cost(int) = 0; virtual ~Base() {} };
struct Local final : Base {
  std::string label = "a label that is too long for the small string";
  int cost(int x) override { return x * (int)label.size(); }
  ~Local() override;
  int operator[](int x) const;
};
__attribute__((noinline)) Local::~Local() { label += "."; }
__attribute__((noinline)) int Local::operator[](int x) const { return label[x]; }
}
__attribute__((noinline)) Base *made(int) { return new Local; }
int main(int argc, char **) {
  auto lambda = [argc](int x) __attribute__((noinline)) {
    if (__builtin_expect(x > 1000, 0)) throw std::runtime_error("too many: " + std::to_string(x));
    return x * argc;
  };
  Base *base = made(argc);
  int sum = base->cost(argc) + lambda(argc) + static_cast<Local &>(*base)[argc];
  delete base;
  return sum;
}
"""

STRUCTORS = """\
struct Box {
  int size;
  __attribute__((noinline)) explicit Box(int n);
};
Box::Box(int n) : size(n * 3) {}
int main(int argc, char **) { return Box(argc).size; }
"""

VERSIONED = """\
__asm__(".symver count_v1, count@V1");
int count_v1(int x) { return x + 1; }
"""

BARE = """\
int bare(int x) { return x * 5; }
int main(int argc, char **argv) { return bare(argc); }
"""


def test_an_alias_is_called_as_in_the_debug_info(build: Build, ours: Ask, llvm: Ask, symbols: Symbols) -> None:
    """The debug info names the function that was written, which is what its author looks for; llvm takes any alias."""
    program = build("aliases.c", ALIASES, "-g", "-O1")
    names = symbols(program)
    start, _size = names["aaa_internal"]
    [[found]], [[expected]] = ours(program, [start]), llvm(program, [start])
    assert names["zzz_public"] == names["aaa_internal"]
    assert found.name == "aaa_internal"
    assert expected.name in {"aaa_internal", "zzz_public"}
    assert (found.file, found.line, found.column) == (expected.file, expected.line, expected.column)


def test_folded_functions_are_called_as_in_the_debug_info(build: Build, ours: Ask, llvm: Ask, symbols: Symbols) -> None:
    """The compiler kept one of two equal functions, and the lines are that one's: another name would not fit them."""
    program = build("folded.c", FOLDED, "-g", "-O2", "-fipa-icf")
    names = symbols(program)
    assert names["first"] == names["second"], "the compiler folded nothing: change the source"
    [[found]], [[expected]] = ours(program, [names["first"][0]]), llvm(program, [names["first"][0]])
    assert {"first": 1, "second": 2}[found.name] == found.line
    assert expected.name in {"first", "second"}
    assert expected.line == found.line


def test_a_part_that_was_split_off_has_both_names(build: Build, ours: Ask, llvm: Ask, symbols: Symbols) -> None:
    """The symbol, ``….cold``, is all that llvm gives; the user knows the function as written: the core keeps both."""
    program = build("split.cpp", SPLIT, "-g", "-O2")
    names = symbols(program)
    [cold] = [name for name in names if name.startswith("_ZN5Depot4take") and "cold" in name]
    [found], [expected] = ours(program, [names[cold][0]]), llvm(program, [names[cold][0]])
    assert found[-1].name == expected[-1].name == cold
    assert found[-1].shown == "Depot::take(int)"


def test_functions_without_linkage_name_have_their_symbol(build: Build, ours: Ask, llvm: Ask, symbols: Symbols) -> None:
    """g++ gives local classes and lambdas no linkage name: without the symbol two of them would look like one."""
    program = build("local.cpp", LOCAL, "-g", "-O2", "-fno-ipa-sra", "-fno-ipa-cp")
    named = {name: start for name, (start, size) in symbols(program).items() if size and "_Z" in name}
    local = [name for name in named if "Local" in name and "TV" not in name and "TI" not in name and "TS" not in name]
    lambdas = [name for name in named if "UliE_clEi" in name]
    assert any("D0Ev" in name for name in local)
    assert any("ixEi" in name for name in local)
    assert any(name.endswith(".cold") for name in lambdas)
    chosen = [*local, *lambdas]
    addresses = [named[name] for name in chosen]
    for name, found, expected in zip(chosen, ours(program, addresses), llvm(program, addresses), strict=True):
        assert _kindless(found[-1].name) == _kindless(expected[-1].name) == _kindless(name)
        assert found[-1].shown != found[-1].name


def test_one_code_for_two_kinds_of_constructor(build: Build, ours: Ask, llvm: Ask, symbols: Symbols) -> None:
    """C1 and C2 are one code and one constructor in the source: whichever symbol is taken, it reads the same."""
    program = build("structors.cpp", STRUCTORS, "-g", "-O1")
    names = symbols(program)
    assert names["_ZN3BoxC1Ei"] == names["_ZN3BoxC2Ei"]
    start, _size = names["_ZN3BoxC1Ei"]
    [[found]], [[expected]] = ours(program, [start]), llvm(program, [start])
    assert {found.name, expected.name} <= {"_ZN3BoxC1Ei", "_ZN3BoxC2Ei"}
    assert found.shown == _core.demangle(expected.name) == "Box::Box(int)"


def test_a_symbol_s_version_is_no_part_of_its_name(build: Build, ours: Ask, llvm: Ask, symbols: Symbols) -> None:
    """``@V1`` is the linker's: nobody wrote it, and with it a name would not be found in the source."""
    (script := build("empty.c", "", "-shared").with_name("versions")).write_text("V1 { global: count; local: *; };\n")
    program = build("versioned.c", VERSIONED, "-O1", "-shared", "-fPIC", f"-Wl,--version-script={script}")
    names = {name.partition("@")[0]: place for name, place in symbols(program).items()}
    start, _size = names["count"]
    [[found]], [[expected]] = ours(program, [start]), llvm(program, [start])
    assert found.name.partition("_")[0] == expected.name.partition("@")[0].partition("_")[0] == "count"
    assert "@" not in found.name


def test_a_path_is_written_without_detours(build: Build, ours: Ask, llvm: Ask, symbols: Symbols) -> None:
    """One file has one path: with ``..`` left in, sources are looked for under names that no upload has."""
    program = build("folder/../bare.c", BARE, "-g", "-O1")
    start, _size = symbols(program)["bare"]
    [[found]], [[expected]] = ours(program, [start]), llvm(program, [start])
    assert expected.file.endswith("/folder/../bare.c")
    assert found.file == expected.file.replace("/folder/..", "")
    assert (found.line, found.column) == (expected.line, expected.column)


def test_an_object_file_s_name_is_no_source_file(build: Build, ours: Ask, llvm: Ask, symbols: Symbols) -> None:
    """The FILE symbol that llvm gives with line 0 leads nowhere without a line, and may be an object file's."""
    program = build("bare.c", BARE, "-O1", "-fno-inline")
    start, _size = symbols(program)["bare"]
    [[found]], [[expected]] = ours(program, [start]), llvm(program, [start])
    assert found.name == expected.name == "bare"
    assert (found.file, found.line) == ("", 0)
    assert (expected.file, expected.line) in {("", 0), ("bare.c", 0)}


def test_code_of_no_line_has_line_0(build: Build, ours: Ask, llvm: Ask, symbols: Symbols) -> None:
    """Line 0 says that no line was written for this code: the line before it would send the user somewhere else."""
    source = with_lines([LineSequence("first", [(0, 7), (1, 0), (1, 9)], 62)])
    program = build("made.s", source, "-nostdlib", "-shared")
    start, _size = symbols(program)["first"]
    addresses = [start, start + 1, start + 2]
    for line, [found], [expected] in zip((7, 0, 9), ours(program, addresses), llvm(program, addresses), strict=True):
        assert found.name == expected.name == "first"
        assert found.line == expected.line == line


def _kindless(name: str) -> str:
    """D1 and D2 of one destructor are one code."""
    return name.replace("D1Ev", "D2Ev")
