"""What is read for a few addresses alone answers there exactly as the whole file does."""

import shutil
import subprocess
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from symbolicator._core import SymCache
    from tests.native.conftest import Compile

_core = pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")

Frame: TypeAlias = tuple[tuple[str | None, ...], tuple[int, ...]]

SOURCE = """\
#include <functional>
#include <vector>
#define NI __attribute__((noinline))
static inline int scaled(int x) { return x * 7 + 1; }
template <int N> struct Nest {
  NI int run(int x) {
    struct Local { NI int step(int y) { return scaled(y) + N; } } local;
    auto outer = [&](int a) NI {
      auto middle = [&, a](int b) NI {
        auto inner = [=](int c) { return scaled(c) ^ scaled(a + b); };
        return inner(b) + inner(a) + local.step(b);
      };
      return middle(a) + middle(x);
    };
    return outer(x) + scaled(x);
  }
};
NI int thrown(int x) { if (x > 100) throw x; return Nest<3>{}.run(x); }
int main(int argc, char **) {
  std::vector<std::function<int(int)>> steps{thrown, [](int x) { return Nest<4>{}.run(x); }};
  int sum = 0;
  for (auto &step : steps) try { sum += step(argc); } catch (int caught) { sum -= caught; }
  return sum;
}
"""
FLAGS = {
    "optimized": ("-g", "-O2"),
    "plain": ("-g", "-O0"),
    "sections": ("-g", "-O2", "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections"),
    "DWARF 4": ("-gdwarf-4", "-O2"),
    "types apart": ("-gdwarf-4", "-O2", "-fdebug-types-section"),
    "link time": ("-g", "-O2", "-flto"),
    "lines only": ("-g1", "-O2"),
}
CHANGES = {
    "as it is": (),
    "without aranges": ("--remove-section=.debug_aranges",),
    "zlib": ("--compress-debug-sections=zlib",),
    "zlib without aranges": ("--compress-debug-sections=zlib", "--remove-section=.debug_aranges"),
    "zstd": ("--compress-debug-sections=zstd",),
}
REACH = 0x40000
STEP = 3

_known: dict[bytes, tuple["SymCache", list[int]]] = {}


def frames(symcache: "SymCache", address: int) -> Iterator[Frame]:
    records = memoryview(symcache.lookup(array("Q", [address]))[1]).cast("I").tolist()
    for start in range(0, len(records), 8):
        names = (None if name == 0xFFFFFFFF else symcache.string(name) for name in records[start : start + 3])
        yield tuple(names), tuple(records[start + 3 : start + 8])


def whole(data: bytes) -> tuple["SymCache", list[int]]:
    """The whole index, and addresses that it answers."""
    if data not in _known:
        symcache = _core.SymCache.from_bytes(_core.build_symcache(data))
        some = array("Q", range(0, REACH, STEP))
        ends = memoryview(symcache.lookup(some)[0]).cast("I").tolist()
        answered = [address for address, before, end in zip(some, [0, *ends], ends, strict=False) if end > before]
        _known[data] = symcache, answered or [0]
    return _known[data]


def check(data: bytes, choose: st.DataObject) -> None:
    symcache, answered = whole(data)
    anywhere = st.integers(0, REACH) | st.sampled_from([0, 1 << 63, (1 << 64) - 1])
    addresses = choose.draw(st.lists(st.sampled_from(answered) | anywhere, min_size=1, max_size=30))
    partial = _core.SymCache.from_bytes(_core.build_symcache(data, addresses=array("Q", addresses)))
    for address in addresses:
        assert list(frames(partial, address)) == list(frames(symcache, address)), hex(address)


def changed(program: Path, change: Sequence[str]) -> bytes:
    if shutil.which("objcopy") is None:
        pytest.skip("objcopy is not installed")
    target = program.with_name("changed")
    subprocess.run(["objcopy", *change, str(program), str(target)], check=True)
    return target.read_bytes()


relaxed = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("flags", FLAGS)
@relaxed
@given(choose=st.data())
def test_compiled_programs(
    compile_cpp: "Compile", fixtures: Path, flags: str, change: str, choose: st.DataObject
) -> None:
    """A first trace that differs from the second one is a wrong trace, however the program was built."""
    others = [str(fixtures / "native-cpp/src" / name) for name in ("order.cpp", "crash.cpp")]
    program = compile_cpp(*FLAGS[flags], *others, source=SOURCE)
    check(changed(program, CHANGES[change]), choose)


def test_fixtures_are_there(debug_info: Sequence[Path]) -> None:
    """The next test must not pass because it has no files."""
    assert len(debug_info) > 8


@relaxed
@given(choose=st.data())
def test_fixtures(debug_info: Sequence[Path], choose: st.DataObject) -> None:
    """The same for files of other compilers and other formats."""
    check(choose.draw(st.sampled_from(debug_info)).read_bytes(), choose)


@pytest.fixture(scope="session")
def debug_info(fixtures: Path) -> Sequence[Path]:
    """The files of all native fixtures that can be converted."""
    return [path for path in sorted(fixtures.glob("*/bin/**/*")) if path.is_file() and is_readable(path.read_bytes())]


def is_readable(data: bytes) -> bool:
    try:
        _core.build_symcache(data)
    except _core.DebugFileError:
        return False
    return True
