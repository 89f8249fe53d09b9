"""Frames that mono prints without tokens: found by the module's version id, the method's name and the IL offset."""

import random
import re
from pathlib import Path

from native.crashes.dotnet.reader import READER
from native.dotnet.mvid import mvid_of
from native.dotnet.printed import spelled
from symbolicator.engine import Engine
from symbolicator.model import Event, Frame, FrameStatus
from symbolicator.model.edit import stacks_of

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
FOLDER = FIXTURES / "text-mono"
CRASH = (FOLDER / "crash.txt").read_bytes()


def lines_of(event: Event) -> list[tuple[str | None, int | None]]:
    """Each method with its line; what was found and what was printed are called differently."""
    frames = [frame for _, stack in stacks_of(event) for frame in stack.frames]
    return [
        ((frame.function or "").partition("[")[0].partition("<")[0].rpartition(".")[2], frame.lineno)
        for frame in frames
    ]


def test_lines_are_those_that_mono_itself_prints() -> None:
    """The same program with its debug information at hand says the true lines."""
    true = lines_of(READER.read((FOLDER / "resolved.txt").read_bytes()))
    found = lines_of(Engine.for_folder(FOLDER / "bin").resolve(CRASH))
    assert [name for name, _ in found] == [name for name, _ in true]
    differing = [pair for pair in zip(found, true, strict=True) if pair[0] != pair[1]]
    assert differing == [(("Total", None), ("Total", 31))]  # two methods are called so: the one that it was made of too


def test_without_the_assembly_the_frames_stay_as_they_are() -> None:
    """Names are readable; what to pass for lines is said once."""
    event = Engine.for_folder(FIXTURES / "text-mono-native/bin").resolve(CRASH)
    assert {frame.status for _, stack in stacks_of(event) for frame in stack.frames} == {FrameStatus.AS_IS}
    assert [problem.image_uuid for problem in event.errors] == ["835568c18a0447f69f3038782ae31719"]


def test_another_build_is_not_taken() -> None:
    """Offsets into the IL of another build are lines of other code."""
    other = CRASH.replace(b"835568c18a0447f69f3038782ae31719", b"835568c18a0447f69f3038782ae31710")
    event = Engine.for_folder(FOLDER / "bin").resolve(other)
    assert not any(line for _, line in lines_of(event))


def test_ids_of_modules() -> None:
    """The id is the one that mono prints of that file."""
    assert mvid_of((FOLDER / "bin/Program.exe").read_bytes()) == "835568c18a0447f69f3038782ae31719"
    for path in (FIXTURES / "dotnet-portable/bin").glob("*.[de][lx][le]"):
        assert re.fullmatch("[0-9a-f]{32}", mvid_of(path.read_bytes()) or "")
    assert mvid_of((FIXTURES / "unity-windows/bin/GameAssembly.dll").read_bytes()) is None


def test_damaged_assemblies_have_none() -> None:
    """Files that people upload are cut and damaged: that is no reason to stop."""
    whole = (FOLDER / "bin/Program.exe").read_bytes()
    dice = random.Random(1)
    for _ in range(2000):
        data = bytearray(whole[: dice.randrange(len(whole))] if dice.random() < 0.3 else whole)
        for _ in range(dice.randrange(20)):
            if data:
                data[dice.randrange(len(data))] = dice.randrange(256)
        assert re.fullmatch("[0-9a-f]{32}", mvid_of(bytes(data)) or "0" * 32)


def test_spellings() -> None:
    """Runtime and index of an assembly spell generics and nested classes apart."""
    assert spelled(Frame(module="Shop.Box`1[T]", function="First[U]")) == "Shop.Box<T>.First<U>"
    assert spelled(Frame(module="Shop.Program+Desk", function=".ctor")) == "Shop.Program.Desk.ctor"
