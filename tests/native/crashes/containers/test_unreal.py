"""Crash files of Unreal Engine."""

import zlib

import pytest

from native.crashes.containers.unreal import READER
from native.crashes.containers.unreal_context import read_context
from symbolicator.errors import UnreadableInput
from tests.native.crashes.containers.bodies import DUMP, unreal
from tests.native.crashes.minidump.dumps import FIXTURES

CONTEXT = "CrashContext.runtime-xml"


def xml(fields: str) -> bytes:
    return f"<FGenericCrashContext><RuntimeProperties>{fields}</RuntimeProperties></FGenericCrashContext>".encode()


def test_the_fixture_has_dump_message_and_log() -> None:
    """The engine's own account and the last lines of the log are half of the answer."""
    data = (FIXTURES / "minidump-unreal" / "crash.uecrash").read_bytes()
    assert READER.detect(data[:65536]) > 0.95
    event = READER.read(data)
    assert (event.exceptions[-1].type, event.exceptions[-1].value) == (
        "EXCEPTION_ACCESS_VIOLATION",
        "Unhandled Exception: EXCEPTION_ACCESS_VIOLATION reading address 0x0000000000000008",
    )
    assert len(event.thread_list) == 4
    contexts = event.contexts or {}
    assert contexts["runtime"] == {"name": "Unreal Engine", "version": "5.3.2-29314046+++UE5+Release-5.3"}
    assert contexts["unreal"]["GameData"] == {"Shelf": "magazines"}  # type: ignore[index,call-overload]
    assert event.breadcrumbs is not None
    last = event.breadcrumbs.values[-1]
    assert (last.timestamp, last.category, last.level) == ("2026-11-23T14:05:03.250Z", "LogWindows", "error")
    assert "sortShelf" in str(event.extra["unreal_callstack"])


def test_other_dumps_in_the_file_are_named() -> None:
    """The editor's dump beside the game's would be lost without a word."""
    event = READER.read(unreal({"UEMinidump.dmp": DUMP, "editor.dmp": DUMP}))
    assert [problem.message for problem in event.errors] == ["The file holds another minidump, not read: editor.dmp."]


def test_who_played_is_not_kept() -> None:
    """Accounts, machines and tokens on the command line are nobody's business."""
    event = READER.read((FIXTURES / "minidump-unreal" / "crash.uecrash").read_bytes())
    told = str(event)
    assert not [word for word in ("0123456789abcdef", "c0ffee00", "0badcafe", "clerk") if word in told]


@pytest.mark.parametrize("old", [False, True])
def test_both_versions_of_the_format_are_read(old: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Games in the field have engines of ten years."""
    data = unreal({CONTEXT: xml("<EngineVersion>4.27</EngineVersion>"), "UE4Minidump.dmp": DUMP}, old=old)
    assert READER.detect(data) > 0.95
    event = READER.read(data)
    assert event.exceptions[-1].type == "SIGSEGV"
    assert (event.contexts or {})["runtime"] == {"name": "Unreal Engine", "version": "4.27"}


def test_without_a_dump_the_engines_stack_is_the_event() -> None:
    """On consoles there is no minidump, and the engine's stack is all."""
    stack = "game 0x0000000140000000 + 1320\nKERNEL32 0x000000007b600000 + 27e49\n"
    fields = f"<CrashType>Assert</CrashType><ErrorMessage>Out of shelf</ErrorMessage><PCallStack>{stack}</PCallStack>"
    event = READER.read(unreal({CONTEXT: xml(fields)}))
    [value] = event.exceptions
    assert (value.type, value.value) == ("Assert", "Out of shelf")
    assert value.stacktrace is not None
    frames = [(frame.package, frame.instruction_addr) for frame in value.stacktrace.frames]
    assert frames == [("KERNEL32", 0x7B627E49), ("game", 0x140001320)]
    assert [image.image_addr for image in event.images] == [0x140000000, 0x7B600000]


def test_a_file_that_is_cut_off_gives_what_it_holds() -> None:
    """Uploads break off in the dump, which comes last."""
    data = unreal({CONTEXT: xml("<CrashType>Crash</CrashType>"), "UE4Minidump.dmp": DUMP})
    event = READER.read(data[:-200])
    assert event.platform == "native"
    with pytest.raises(UnreadableInput, match="neither a minidump nor a stack"):
        READER.read(data[:60])


def test_entities_are_not_expanded() -> None:
    """A billion laughs in a few lines of XML take all memory."""
    bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + xml("<GameName>&b;</GameName>").decode()
    assert read_context(bomb.encode()).sections == {}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"<",
        b"<a>" * 100_000,
        xml("<GameName>x</GameName>")[:-20],
        xml("<GameName>" + "x" * 100_000 + "</GameName>"),
    ],
)
def test_damaged_xml_gives_what_comes_before(text: bytes) -> None:
    """The message is near the top; an error further down must not cost it."""
    fields = read_context(text).sections.get("RuntimeProperties", {})
    assert len(fields.get("GameName", "")) <= 65536
    assert bool(fields) == (b"</GameName>" in text)


@pytest.mark.parametrize("data", [zlib.compress(b"text" * 100), b"\x78\x9c", b"x\x01", zlib.compress(bytes(10_000))])
def test_other_compressed_files_are_not_its_own(data: bytes) -> None:
    """Anything may be compressed with zlib."""
    assert READER.detect(data) < 0.3
