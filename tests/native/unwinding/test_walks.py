"""Walks of real stacks, against gdb's frames of the same ones."""

import subprocess
from pathlib import Path

import pytest

from symbolicator import _core
from tests.native.unwinding.conftest import Stop
from tests.native.unwinding.stacks import Capture, addresses, walk

WHERE = ("plain", "handler", "overflow", "noreturn", "null", "thread")
BUILDS = {
    "no-frame-pointer": ("-O2", "-fomit-frame-pointer"),
    "unoptimized": ("-O0",),
    "fixed-address": ("-O2", "-fno-omit-frame-pointer", "-no-pie"),
    "static": ("-O2", "-static"),
    "debug-frame": (
        "-O2",
        "-g",
        "-gz=zlib",
        "-fno-asynchronous-unwind-tables",
        "-fno-unwind-tables",
        "-fno-exceptions",
    ),
    "static-pie": ("-O1", "-static-pie", "-fomit-frame-pointer"),
}
RECORDED = sorted((Path(__file__).parents[3] / "fixtures" / "native-unwind" / "truth").glob("*.json"))


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("flags", BUILDS.values(), ids=BUILDS)
def test_every_thread_has_the_frames_that_gdb_finds(stop: Stop, flags: tuple[str, ...], where: str) -> None:
    """A rule of DWARF CFI followed wrongly would lead to other callers, or to none."""
    capture = stop(where, *flags)
    assert capture.threads
    for captured in capture.threads:
        assert addresses(walk(capture, captured)) == captured.truth


@pytest.mark.parametrize("where", ["plain", "overflow", "noreturn", "null"])
@pytest.mark.parametrize("flags", [("-m32", "-O2"), ("-m32", "-O0"), ("-m32", "-O2", "-static")], ids=" ".join)
def test_threads_of_32_bit_programs_have_the_frames_that_gdb_finds(
    stop: Stop, flags: tuple[str, ...], where: str
) -> None:
    """Addresses and words of another width would make every walk end at once."""
    capture = stop(where, *flags)
    for captured in capture.threads:
        assert addresses(walk(capture, captured)) == captured.truth


def test_what_a_signal_interrupted_is_said_to_be_no_return_address(stop: Stop) -> None:
    """The interrupted instruction would be looked up one byte before itself, in another line or function."""
    capture = stop("handler", "-O2", "-fomit-frame-pointer")
    [captured] = capture.threads
    frames = walk(capture, captured)
    trampoline = next(index for index, frame in enumerate(captured.frames) if frame["signal"])
    assert [index for index, frame in enumerate(frames) if frame[2]] == [0, trampoline, trampoline + 1]


def test_frame_pointers_lead_on_where_there_are_no_rules(stop: Stop) -> None:
    """A dump without the files of its images would have one frame a thread."""
    capture = stop("plain", "-O2", "-fno-omit-frame-pointer", "-no-pie")
    [captured] = capture.threads
    program = next(path for path in capture.places if path.name == "stack")
    files = {path: path.read_bytes() for path in capture.places if path != program}
    frames = walk(capture, captured, files)
    found = addresses(frames)
    # The leaf has not stored the frame pointer, so that its own caller is not on the chain.
    assert found[0] == captured.truth[0]
    assert set(captured.truth[2:]) <= set(found)


def test_return_addresses_are_looked_for_where_nothing_else_leads_on(stop: Stop) -> None:
    """Code without frame pointers and without its files would have no callers."""
    capture = stop("plain", "-O2", "-fomit-frame-pointer")
    [captured] = capture.threads
    frames = walk(capture, captured, {})
    assert {frame[1] for frame in frames[1:]} <= {"scan", "fp"}
    assert len(set(captured.truth) & set(addresses(frames))) > len(captured.truth) // 2


def test_code_that_is_no_call_is_told_from_return_addresses(stop: Stop) -> None:
    """Pointers to functions that lie on the stack would become frames."""
    capture = stop("plain", "-O2", "-fomit-frame-pointer", "-fno-asynchronous-unwind-tables")
    [captured] = capture.threads
    frames = addresses(walk(capture, captured))
    assert set(captured.truth) <= set(frames)
    assert len(frames) <= len(captured.truth) + 3


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda path: path.stem)
def test_recorded_stacks_of_arm_have_the_frames_that_gdb_found(recorded: Path) -> None:
    """CFI with link registers and ARM's exception tables would lead to other callers."""
    capture = Capture.read(recorded)
    program, _, where = recorded.stem.rpartition("-")
    found = addresses(_walk_static(capture, recorded.parents[1] / "bin" / program))
    truth = capture.threads[0].truth
    if where == "handler":  # gdb gives up at the signal, or reads registers that were never there
        truth = truth[: next((at for at, one in enumerate(capture.threads[0].frames) if one["signal"]), len(truth))]
        assert len(found) > len(truth) + 5
    if where == "overflow":  # the recorded part of the stack is shorter
        truth = truth[: len(found)]
        assert len(found) > 3
    assert found[: len(truth)] == truth
    assert where == "handler" or len(found) == len(truth)


def test_a_handler_of_arm_leads_back_to_what_was_interrupted() -> None:
    """Frames below a signal handler would be lost on ARM, where no unwind information restores the registers."""
    folder = RECORDED[0].parents[1]
    for program in ("stack-arm64", "stack-arm64-nofp", "stack-arm"):
        plain = Capture.read(folder / "truth" / f"{program}-plain.json").threads[0].truth
        capture = Capture.read(folder / "truth" / f"{program}-handler.json")
        frames = _walk_static(capture, folder / "bin" / program)
        assert [frame[2] for frame in frames].count(True) == 3
        assert {frame[1] for frame in frames[1:]} == {"cfi"}
        assert addresses(frames)[-1] == plain[-1]


def _walk_static(capture: Capture, program: Path) -> list[tuple[int, str, bool, dict[str, int]]]:
    info = _core.UnwindInfo(program.read_bytes())
    images = [(info.load_address, 1 << 20, info.load_address, [info])]
    [captured] = capture.threads
    return _core.walk_stack(capture.arch, captured.registers, captured.memory, images)


def test_rules_beside_the_code_are_used_with_it(stop: Stop, tmp_path: Path) -> None:
    """Code whose rules were stripped with its debug information would be walked by guesses although both are there."""
    capture = stop("plain", *BUILDS["debug-frame"])
    [captured] = capture.threads
    program = next(path for path in capture.places if path.name == "stack")
    binary, debug = tmp_path / "stack", tmp_path / "stack.debug"
    subprocess.run(["strip", "-o", binary, program], check=True)
    subprocess.run(["objcopy", "--only-keep-debug", program, debug], check=True)
    images = [
        (start, size, start, [_core.UnwindInfo(one.read_bytes()) for one in files])
        for path, (start, size) in capture.places.items()
        for files in [(binary, debug) if path == program else (path,)]
    ]
    frames = _core.walk_stack(capture.arch, captured.registers, captured.memory, images)
    assert addresses(frames) == captured.truth
    assert {frame[1] for frame in frames[1:]} == {"cfi"}
