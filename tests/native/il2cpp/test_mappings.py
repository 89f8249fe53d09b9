"""Line mappings, method maps and generated code: what they say, and what damaged ones do."""

import json
import random
from pathlib import Path

import pytest

from native.il2cpp.generated_code import GeneratedCode
from native.il2cpp.identifier import IDENTIFIER, LINES, METHODS
from native.il2cpp.line_mapping import LineMapping, Place, read_mapping
from native.il2cpp.method_map import MethodMap
from native.il2cpp.names import parse
from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Key
from symbolicator.store import FolderCache
from symbolicator.store.blobs import FileBlob

CPP, CS = "/build/il2cppOutput/Assembly-CSharp.cpp", "/shop/Assets/Player.cs"
DEBUG_ID = "a5cc05ca-4bcd-898c-42f8-7dc87e8b25c0"
SYMBOLS = Path("merge-unity-exception/Symbols")


def mapping(lines: dict[str, int], cpp: str = CPP, cs: str = CS) -> LineMapping:
    return read_mapping(json.dumps({cpp: {cs: lines}}).encode(), "LineNumberMappings.json")


@pytest.mark.parametrize(
    ("line", "found"),
    [(9, None), (10, 3), (12, 3), (15, 3), (16, None), (19, None), (20, 4), (21, 5), (26, 5), (27, None)],
)
def test_a_line_belongs_to_the_statement_just_above(line: int, found: int | None) -> None:
    """Glue between two methods would be shown as the last statement of the one above."""
    place = mapping({"10": 3, "20": 4, "21": 5}).find(CPP, line)
    assert place == (None if found is None else Place(CS, found))


@pytest.mark.parametrize(
    ("path", "is_known"),
    [
        (CPP, True),
        ("C:\\ci\\7\\il2cppOutput\\Assembly-CSharp.cpp", True),
        ("Assembly-CSharp.cpp", True),
        ("/build/il2cppOutput/Assembly-CSharp1.cpp", False),
    ],
)
def test_files_are_known_by_their_path_or_its_end(path: str, is_known: bool) -> None:  # noqa: FBT001 - a column
    """Builds map paths so that debug information has others than the mapping."""
    assert (mapping({"10": 3}).find(path, 10) is not None) == is_known


def test_code_that_nobody_wrote_has_no_line() -> None:
    """IL2CPP says `<no-source>` for what compilers added."""
    assert mapping({"10": 1}, cs="<no-source>").find(CPP, 10) is None


@pytest.mark.parametrize("line", ["x", "-1", "٣", "9" * 40, ""])
def test_lines_that_make_no_sense_are_left_out(line: str) -> None:
    """One damaged entry must not cost the others."""
    assert mapping({line: 3, "10": 4}).find(CPP, 10) == Place(CS, 4)


@pytest.mark.parametrize("data", [b"", b"[]", b'{"a": 1}', b'{"a": {"b": {"1": "x"}}}', b"{" * 100_000, b"\xff"])
def test_a_damaged_mapping_is_an_error_that_says_what_to_do(data: bytes) -> None:
    """A traceback would cost the whole event."""
    with pytest.raises(MalformedArtifact, match=r"Copy it again"):
        read_mapping(data, "LineNumberMappings.json")


def keys_of(name: str, data: bytes) -> set[Key]:
    return {key for identity in IDENTIFIER.identify(name, data) for key in identity.keys}


def test_a_mapping_is_found_by_name_and_by_the_debug_id_that_it_has() -> None:
    """What sentry-cli uploads is of one image alone, and has to be found for it."""
    by_name = Key(LINES, "name", "LineNumberMappings.json")
    plain = json.dumps({CPP: {CS: {"10": 3}}}).encode()
    with_id = json.dumps({CPP: {CS: {"10": 3}}, "__debug-id__": {DEBUG_ID.upper(): {}}}).encode()
    assert keys_of("Symbols/LineNumberMappings.json", plain) == {by_name}
    assert keys_of("x.json", with_id) == {by_name, Key(LINES, "debug_id", DEBUG_ID)}
    digits = DEBUG_ID.replace("-", "")
    assert Key(LINES, "debug_id", DEBUG_ID) in keys_of(f"symbols/{digits[:2]}/{digits[2:]}/il2cpp", plain)


@pytest.mark.parametrize(
    "data", [b'{"version": 3}', b'{"a.js": {"b": 1}}', b"Player_Jump\tA::B()\tC\n", b"", b"\0" * 99]
)
def test_other_files_are_left_alone(data: bytes) -> None:
    """Every JSON and every table of a project is looked at."""
    assert not IDENTIFIER.identify("src/table.tsv", data)
    assert not IDENTIFIER.identify("src/data.json", data)


def test_the_method_map_of_a_build(fixtures: Path) -> None:
    """Hundreds of thousands of methods, of which a crash has a few."""
    path = fixtures / SYMBOLS / "MethodMap.tsv"
    assert keys_of("Symbols/MethodMap.tsv", path.read_bytes()) == {Key(METHODS, "name", "MethodMap.tsv")}
    wanted = "U3CScanU3Ed__3_MoveNext_m5FD13F4E4DCEA5A2B2EA1CD18A88EBB0D556D821"
    found = MethodMap(FileBlob(path, path.name)).find([wanted, "Player_Jump"])
    assert {symbol: signature.printed for symbol, signature in found.items()} == {
        wanted: "Shop.CheckoutButton+<Scan>d__3.MoveNext"
    }


CODE = """\
// System.Int32 Shop.Player::get_Health()
IL2CPP_EXTERN_C int32_t Player_get_Health_m0A1B2C3D4E5F60718293A4B5C6D7E8F901234567 (Player_t* __this)
{
\tif (!s_Il2CppMethodInitialized)
\t{
\t}
\t{
\t\t//<source_info:/shop/Assets/Player.cs:7>
\t\treturn __this->___health;
\t}
}
// Method Definition Index: 7
IL2CPP_EXTERN_C void Player__ctor_m0A1B2C3D4E5F60718293A4B5C6D7E8F901234568 (Player_t* __this)
{
\t//<source_info:<no-source>:1>
\tMonoBehaviour__ctor_m(__this);
}
""".splitlines()


@pytest.mark.parametrize(
    ("line", "found"), [(4, None), (9, 7), (10, 7), (11, 7), (14, None), (16, None), (99, None), (0, None)]
)
def test_a_comment_holds_to_the_end_of_its_function(line: int, found: int | None) -> None:
    """A method's head would be shown as the last line of the one above it."""
    assert GeneratedCode(CODE).place(line) == (Place("/shop/Assets/Player.cs", found) if found else None)


def test_the_comment_above_a_function_says_its_method() -> None:
    """`Player_get_Health` alone does not say where the class ends."""
    getter = parse("Player_get_Health_m0A1B2C3D4E5F60718293A4B5C6D7E8F901234567")
    constructor = parse("Player__ctor_m0A1B2C3D4E5F60718293A4B5C6D7E8F901234568")
    assert getter
    assert constructor
    code = GeneratedCode(CODE)
    signature = code.signature(getter)
    assert signature
    assert signature.printed == "Shop.Player.get_Health"
    assert code.signature(constructor) is None
    assert code.has_places
    assert not GeneratedCode(["}", "int main()"]).has_places


@pytest.mark.parametrize("name", ["LineNumberMappings.json", "MethodMap.tsv"])
def test_damaged_files_give_an_error_or_an_answer(fixtures: Path, tmp_path: Path, name: str) -> None:
    """Artifacts come from outside: whatever they hold, the event goes on."""
    good = (fixtures / SYMBOLS / name).read_bytes()
    chance = random.Random(7)
    path = tmp_path / name
    for _ in range(300):
        data = bytearray(good[: chance.randrange(len(good))] if chance.random() < 0.3 else good)
        for _ in range(chance.randint(0, 8)):
            if data:
                data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data)
        IDENTIFIER.identify(name, bytes(data))
        try:
            content = IDENTIFIER.load(
                METHODS if name.endswith("tsv") else LINES, FileBlob(path, name), FolderCache(tmp_path)
            )
        except MalformedArtifact as error:
            assert len(str(error)) > 20
            continue
        if isinstance(content, MethodMap):
            content.find(["Cart_Total_mDB1D1AFE4EB333329AFDA48DC7B391917B5B4D2D"])
        else:
            content.find("il2cppOutput/Assembly-CSharp.cpp", 40)
