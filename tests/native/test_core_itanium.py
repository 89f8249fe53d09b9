"""C++ names that the core reads by itself, against binutils, on a program of templates, lambdas and expressions."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

_core = pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")

PROGRAM = """\
#include <algorithm>
#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <regex>
#include <sstream>
#include <thread>
#include <tuple>
#include <variant>
#include <vector>
namespace shop {
namespace { struct Till { int owed(int cents) const { return cents * 3; } }; }
using Item = std::variant<int, std::string, std::vector<double>>;
template <typename... Parts> struct Order {
  std::tuple<Parts...> parts;
  template <typename F> auto each(F step) & noexcept {
    return std::apply([&](auto &...part) { return (step(part) + ...); }, parts);
  }
  template <typename T> operator std::optional<T>() const { return T{}; }
};
template <typename T, int N> auto sum(T const (&items)[N]) -> decltype(items[0] + items[1]) {
  T total{};
  for (auto &item : items) total += item;
  return total;
}
template <auto Member, typename T> auto get(T &&value) -> decltype((std::forward<T>(value).*Member)) {
  return std::forward<T>(value).*Member;
}
struct Cart { int count; int (*priced)(int) noexcept; int (Cart::*rule)(char) const &; };
int used(Cart &cart) { return get<&Cart::count>(cart); }
}  // namespace shop
int main() {
  using namespace shop;
  std::map<std::string, std::shared_ptr<std::function<int(Item const &)>>> rules;
  rules["a"] = std::make_shared<std::function<int(Item const &)>>([](Item const &item) {
    return std::visit([](auto const &value) { return static_cast<int>(sizeof(value)); }, item);
  });
  Order<int, long, short> order{{1, 2, 3}};
  int const items[] = {1, 2, 3};
  Cart cart{1, nullptr, nullptr};
  std::sort(rules["a"] ? &order : &order, &order + 1, [](auto &, auto &) { return false; });
  auto count = [&](std::vector<std::string> names) { return names.size(); };
  auto later = std::async(std::launch::deferred, count, std::vector<std::string>{"x"});
  std::regex_match(std::string("abc"), std::regex("a.c"));
  std::thread([] { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }).join();
  std::ostringstream out;
  out << later.get() << order.each([](auto part) { return part * 2; }) << sum(items) << used(cart) << Till{}.owed(1);
  return std::optional<int>(order).value() + static_cast<int>(out.str().size());
}
"""
_EMPTY_PLACE = re.compile(r"[<(,] ?,|, ?[>)]")
"""c++filt puts a comma where a pack has no members: ``f<int, , char>``."""


def told(command: list[str], text: str = "") -> list[str]:
    """The lines that a tool prints."""
    tool = shutil.which(command[0]) or pytest.skip(f"{command[0]} is not installed")
    return subprocess.run([tool, *command[1:]], input=text, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Every mangled name of the program."""
    folder = tmp_path_factory.mktemp("itanium")
    (folder / "rich.cpp").write_text(PROGRAM)
    program = str(folder / "rich")
    told(["g++", "-std=c++20", "-O0", "-pthread", str(folder / "rich.cpp"), "-o", program])
    symbols = {line.split()[-1].partition("@")[0] for line in told(["nm", program]) if line}
    return sorted(symbol for symbol in symbols if symbol.startswith("_Z"))


def test_every_name_of_a_program_reads_as_in_binutils(names: list[str]) -> None:
    """A name that reads differently than in the debugger is not recognized.

    Left out is what c++filt takes a parameter of for that of another function, which is among the template arguments.
    """
    theirs = dict(zip(names, told(["c++filt"], "\n".join(names)), strict=True))
    witnessed = {
        name: text
        for name, text in theirs.items()
        if name != text and not _EMPTY_PLACE.search(text) and "call_once" not in text
    }
    assert len(witnessed) > 2_500
    assert {name: _core.demangle(name) for name in witnessed} == witnessed


def test_names_that_binutils_does_not_read_are_read(names: list[str]) -> None:
    """A conversion operator to a template would show as a mangled name."""
    assert {_core.demangle(name) for name in names if "cvSt8optional" in name} == {
        "shop::Order<int, long, short>::operator std::optional<int><int>() const"
    }


def test_names_of_real_programs_read_as_in_binutils(fixtures: Path) -> None:
    """Boost's and LLVM's names are longer and stranger than what a test compiles."""
    pairs = [line.split("\t") for line in (fixtures / "demangling-itanium/names.tsv").read_text().splitlines()]
    assert [_core.demangle(name) for name, _ in pairs] == [text for _, text in pairs]
