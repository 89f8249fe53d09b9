"""Programs compiled for the tests, and the loop that a pipeline runs."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pytest

from symbolicator.model import Event
from symbolicator.protocols import Artifact, Key, Missing, Transformer

PROGRAM = """\
#include <functional>
#include <string>
#define NI __attribute__((noinline))
namespace shop {
namespace { struct Till { int cents; NI int owed() const { return cents * 3; } }; }
enum class Kind { gift, sale };
template <typename T, int N> struct Box {
  T items[N];
  NI explicit Box(T first) { for (auto &item : items) item = first; }
  NI ~Box() { items[0] = T{}; }
  NI explicit operator bool() const { return items[0] != T{}; }
  NI Box &operator<<(T more) { items[0] += more; return *this; }
  NI bool operator<(const Box &other) const { return items[0] < other.items[0]; }
  template <typename F> NI T fold(F step) const { T sum{}; for (auto &item : items) sum += step(item); return sum; }
  struct Lid { NI int weight(int grams) { return grams * N; } };
};
template <Kind kind> NI int priced(int cents) { return kind == Kind::gift ? 0 : cents; }
inline int rounded(int cents) { return cents / 5 * 5; }
inline int taxed(int cents) { return rounded(cents * 119) / 100; }
NI int total(const int *cents, int count) {
  int sum = 0;
  for (int i = 0; i < count; ++i)
    sum += taxed(cents[i]);
  return sum;
}
NI int tried(int count) {
  auto twice = [count](int x) NI { return x * count; };
  auto any = [](auto x) NI { return x * 2; };
  return twice(3) + any(4) + (int)any(2.5);
}
struct Rule { virtual ~Rule() {} virtual NI int applied(int x) { return x; } };
struct Cap final : Rule { NI int applied(int x) override { return Till{x}.owed(); } };
template <typename... Parts> NI int packed(Parts... parts) { return (0 + ... + parts); }
}  // namespace shop
extern "C" NI int c_entry(int x) { return x + 42; }
int main(int argc, char **) {
  shop::Box<int, 3> box(argc);
  box << 2;
  shop::Box<int, 3>::Lid lid;
  shop::Rule *rule = new shop::Cap;
  int cents[] = {argc, 7, 9};
  int sum = rule->applied(3) + lid.weight(2) + shop::priced<shop::Kind::sale>(argc) + shop::tried(argc);
  sum += shop::total(cents, argc) + shop::packed(argc, 2, 3) + box.fold([](int x) { return x * x; }) + c_entry(argc);
  delete rule;
  return (box ? sum : 0) + (box < shop::Box<int, 3>(2));
}
"""


class Compile(Protocol):
    """Compiles ``source`` with g++ and returns the program."""

    def __call__(self, *flags: str, source: str = PROGRAM) -> Path: ...


@pytest.fixture(scope="session")
def compile_cpp(tmp_path_factory: pytest.TempPathFactory) -> Compile:
    """Programs by the flags that they are compiled with, each made once."""
    made: dict[tuple[str, ...], Path] = {}

    def compile_once(*flags: str, source: str = PROGRAM) -> Path:
        if shutil.which("g++") is None:
            pytest.skip("g++ is not installed")
        if (*flags, source) not in made:
            folder = tmp_path_factory.mktemp("cpp")
            (folder / "shop.cpp").write_text(source)
            command = ["g++", "-std=c++17", "-Wno-attributes", *flags, "shop.cpp", "-o", "shop"]
            subprocess.run(command, cwd=folder, check=True, capture_output=True)
            made[(*flags, source)] = folder / "shop"
        return made[(*flags, source)]

    return compile_once


Answers = Mapping[Key, Artifact | Missing]
Rounds = list[frozenset[Key]]


class Run(Protocol):
    """Runs needs and transform as the pipeline does; returns the event and what each round asked for."""

    def __call__(self, transformer: Transformer, event: Event, answers: Answers, /) -> tuple[Event, Rounds]: ...


@pytest.fixture(scope="session")
def run() -> Run:
    """The loop of a pipeline, over a dictionary of artifacts."""

    def run_with(transformer: Transformer, event: Event, answers: Answers, /) -> tuple[Event, Rounds]:
        artifacts: dict[Key, Artifact | Missing] = {}
        rounds: Rounds = []
        while wanted := transformer.needs(event, artifacts) - artifacts.keys():
            rounds.append(frozenset(wanted))
            artifacts |= {key: answers.get(key) or Missing(key, "It is not there.") for key in wanted}
            assert len(rounds) < 16
        return transformer.transform(event, artifacts), rounds

    return run_with


@pytest.fixture(scope="session")
def debug_files(fixtures: Path) -> Sequence[Path]:
    """The debug files of all native fixtures."""
    return sorted(fixtures.glob("*/bin/*.debug"))
