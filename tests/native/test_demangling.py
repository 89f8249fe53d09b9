"""Names of every language from the core, held against other demanglers' answers to real compilers' names."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from native.mangling import is_mangled, language_of, readable
from native.names import normal_form
from native.protocol import SourceLocation
from native.resolved_frames import shown_name
from symbolicator.model import RelativeAddress

_core = pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")

NAMES = Path(__file__).parents[2] / "fixtures" / "demangling" / "names"
LANGUAGES = {"msvc": "cpp", "dlang": "d", "swift": "swift", "kotlin": "kotlin", "dart": "dart"}
PREFIXES = ["_Z", "_R", "?", "$s", "_T0", "_TF", "_TtC", "_D", "kfun:", "Precompiled_", "__1-["]


def table(name: str) -> list[list[str]]:
    """Rows of a table: the mangled name and what others make of it."""
    return [line.split("\t") for line in (NAMES / f"{name}.tsv").read_text().splitlines()[1:]]


def without_labels(name: str) -> str:
    """What symbolic leaves of a name: no labels; and not what it adds, signatures of constrained extensions."""
    without = re.sub(r"\((?:[\w$]*:)*\)", "", name)
    return re.sub(r" +", " ", re.sub(r"<[A-Z0-9, ]*>", "", without)).replace(" in", "in")


@pytest.mark.parametrize("language", ["msvc", "kotlin", "dart"])
def test_names_read_as_by_others(language: str) -> None:
    """A name that reads differently than in the debugger is not recognized."""
    rows = table(language)
    assert len(rows) > 5
    assert [_core.demangle(row[0]) for row in rows] == [row[1] for row in rows]


def test_names_of_d_read_as_by_binutils() -> None:
    """As above; binutils leaves alone what it cannot read, which is not in the table."""
    rows = table("dlang")
    assert len(rows) > 300
    assert [_core.demangle(row[0]) for row in rows] == [row[1] for row in rows]


def test_swift_names_read_as_by_apple() -> None:
    """In full, where Apple's demangler of that age reads all of the name (it leaves names within names)."""
    rows = [row for row in table("swift") if "Propagated" not in row[1]]
    different = [row[0] for row in rows if _core.demangle(row[0]) != row[1]]
    assert len(rows) > 900
    assert [name for name in different if not is_known_difference(name)] == []


def is_known_difference(name: str) -> bool:
    """Generic signatures behind a value's type are told of outlined functions there; ours tell the type alone."""
    return "WO" in name


def test_swift_names_for_short_read_as_by_apple() -> None:
    """Traces show these: no modules, no types; labels are part of a name, which the other tool drops."""
    rows = table("swift")
    different = [
        row[0]
        for row in rows
        if without_labels(_core.demangle(row[0], arguments=False)) != without_labels(row[2])
        and "AnyObject" not in row[2]
    ]
    assert different == []


@pytest.mark.parametrize("name", (NAMES / "blocks.txt").read_text().splitlines())
def test_blocks_say_what_they_are_in(name: str) -> None:
    """No tool reads these: the number tells which block it is, which changes whenever one is added before it."""
    shown = _core.demangle(name, arguments=False)
    assert shown == name if name.startswith("global") else shown.startswith("block in ")


@pytest.mark.parametrize(
    ("name", "full", "short"),
    [
        (
            "__17-[Cart total:in:]_block_invoke_2",
            "block #2 in -[Cart total:in:]",
            "block in -[Cart total:in:]",
        ),
        ("___ZN4Line5totalEi_block_invoke", "block #1 in Line::total(int)", "block in Line::total"),
        ("-[Cart total:in:]", "-[Cart total:in:]", "-[Cart total:in:]"),
        (
            "__18-[Cart total:in:]_block_invoke",
            "__18-[Cart total:in:]_block_invoke",
            "__18-[Cart total:in:]_block_invoke",
        ),
    ],
)
def test_objective_c(name: str, full: str, short: str) -> None:
    """Methods are readable as they are; a length that does not fit is somebody else's name."""
    assert _core.demangle(name) == full
    assert _core.demangle(name, arguments=False) == short


def test_names_without_arguments_are_what_the_full_ones_contain() -> None:
    """Without arguments the same function must be meant."""
    for language in ("msvc", "dlang", "kotlin"):
        for mangled, *_ in table(language):
            assert _core.demangle(mangled, arguments=False) in _core.demangle(mangled), mangled


@pytest.mark.parametrize("table_name", LANGUAGES)
def test_the_language_is_told_by_the_name(table_name: str) -> None:
    """A frame without debug information has nothing else to tell its language by."""
    assert {language_of(row[0]) for row in table(table_name)} == {LANGUAGES[table_name]}
    assert {is_mangled(row[0]) for row in table(table_name)} == {True}


@pytest.mark.parametrize(
    ("symbol", "language", "shown"),
    [
        ("$s4shop4CartC5total2inSiSS_tF", "swift", "Cart.total(in:)"),
        ("$s4shop4CartC5totalSiyFSiyXEfU_TA", "swift", "partial apply for closure #1 in Cart.total()"),
        ("?total@?$Box@H$02@shop@@QEBAHH@Z", "cpp", "shop::Box<T>::total"),
        ("?go@Local@?1??total@Cart@shop@@QEAAHH@Z@QEAAHXZ", "cpp", "shop::Cart::total::Local::go"),
        ("?helper@?A0x1b2c3d4e@shop@@YAHXZ", "cpp", "shop::(anonymous namespace)::helper"),
        ("??_GCart@shop@@UEAAPEAXI@Z", "cpp", "shop::Cart::`scalar deleting dtor'"),
        ("??BCart@shop@@QEBAHXZ", "cpp", "shop::Cart::operator int"),
        ("_D4shop4Cart5totalMFiZi", "d", "shop.Cart.total"),
        ("kfun:shop.Cart#total(kotlin.Int){}kotlin.String", "kotlin", "shop.Cart.total"),
        ("__13-[Cart total]_block_invoke_2", "objc", "block in -[Cart total]"),
        ("-[Cart total]", "objc", "-[Cart total]"),
        ("_ZN4shop4Cart5totalEi", "cpp", "shop::Cart::total"),
    ],
)
def test_what_a_trace_shows(symbol: str, language: str, shown: str) -> None:
    """The name alone, as the language's own tools say it: arguments and calling conventions are noise."""
    assert language_of(symbol) == language
    location = SourceLocation(
        function=_core.demangle(symbol),
        symbol=symbol,
        file=None,
        line=None,
        column=None,
        language=language,
        entry=RelativeAddress(0),
        evidence="symbol table",
    )
    assert shown_name(location) == shown


@pytest.mark.parametrize("table_name", ["msvc"])
def test_normal_forms_are_normal(table_name: str) -> None:
    """Doing it twice must change nothing, or two frames of one function would differ."""
    for mangled, *_ in table(table_name):
        shown = normal_form(_core.demangle(mangled, arguments=False))
        assert normal_form(shown) == shown, mangled


@given(
    st.builds("{}{}".format, st.sampled_from(PREFIXES), st.text(alphabet="0123456789ABCDQSTXYZ_$@?acdfgiklmoqstvwxyz."))
)
def test_no_text_upsets_the_core(name: str) -> None:
    """Names come from files that anyone can upload: one of them must not stop a worker."""
    assert _core.demangle(name)
    assert _core.demangle(name, arguments=False)
    assert readable(name) != name
