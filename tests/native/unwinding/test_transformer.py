"""The unwinder as a pipeline runs it: what it asks for, what it says, what it leaves alone."""

import subprocess
import zipfile
from pathlib import Path
from tempfile import gettempdir

import pytest
from msgspec.structs import replace

from native.backends import select
from native.debug_files import UNWIND, UNWIND_DEBUG
from native.identifier import IDENTIFIER
from native.unwinding import transformer as module
from native.unwinding.transformer import UNWINDER
from symbolicator.model import AbsoluteAddress, DebugImage, DebugMeta, Event, ReportedAddress, Values
from symbolicator.protocols import Artifact, Key, Missing
from symbolicator.store.blobs import FileBlob
from symbolicator.store.cache import FolderCache
from tests.native.conftest import Answers, Run
from tests.native.unwinding.conftest import Stop
from tests.native.unwinding.stacks import Capture

FLAGS = ("-O2", "-fomit-frame-pointer", "-Wl,--build-id")
ID = "00112233445566778899aabbccddeeff00112233"


def ids_of(capture: Capture) -> dict[Path, str]:
    """An id for every file, made up: only the answers decide what is found."""
    return {path: f"{at:040x}" for at, path in enumerate(capture.places, 1)}


def answer(path: Path, kind: str, code_id: str) -> tuple[Key, Artifact]:
    key = Key(kind, "code_id", code_id)
    return key, Artifact(
        key, path.name, IDENTIFIER.load(kind, FileBlob(path, path.name), FolderCache(Path(gettempdir())))
    )


def answers(capture: Capture, without: str = "") -> Answers:
    ids = ids_of(capture)
    return dict(answer(path, UNWIND, ids[path]) for path in capture.places if path.name != without)


def test_threads_get_frames_and_lose_their_memory(stop: Stop, run: Run) -> None:
    """A dump would be shown with one frame a thread."""
    capture = stop("handler", *FLAGS)
    event, rounds = run(UNWINDER, capture.event(ids_of(capture)), answers(capture))
    [thread] = event.thread_list
    assert thread.stacktrace
    frames = thread.stacktrace.frames[::-1]
    assert [frame.instruction_addr for frame in frames] == capture.threads[0].truth
    assert thread.stack_memory is None
    assert thread.stacktrace.registers
    assert [frame.trust for frame in frames] == ["context", *["cfi"] * (len(frames) - 1)]
    exact = [index for index, frame in enumerate(frames) if frame.adjust_instruction_addr is False]
    assert len(exact) == 3
    assert exact[0] == 0
    assert len(rounds) == 1
    assert not event.errors


def test_images_say_what_became_of_their_unwind_information(stop: Stop, run: Run) -> None:
    """Nobody would know which file a guessed stack is for the want of."""
    capture = stop("plain", *FLAGS)
    raw = capture.event(ids_of(capture))
    unused = DebugImage(type="elf", code_file="/lib/unused.so", code_id=ID, image_addr=None)
    raw = replace(raw, debug_meta=DebugMeta(images=(*raw.images, unused)))
    event, _ = run(UNWINDER, raw, answers(capture, without="stack"))
    statuses = {Path(image.code_file or "").name: image.unwind_status for image in event.images}
    assert statuses["stack"] == "missing"
    assert statuses["libc.so.6"] == "found"
    assert statuses["unused.so"] == "unused"
    [problem] = event.errors
    assert problem.type == "native_missing_unwind_info"
    assert ids_of(capture)[next(path for path in capture.places if path.name == "stack")] in (problem.remedy or "")


def test_only_images_that_the_stack_refers_to_are_asked_for(stop: Stop) -> None:
    """A store on the network would be asked for hundreds of libraries that no thread is in."""
    capture = stop("plain", *FLAGS)
    raw = capture.event(ids_of(capture))
    far = tuple(
        DebugImage(type="elf", code_id=f"{at:040x}", image_addr=AbsoluteAddress(0x1000 * at), image_size=16)
        for at in range(1000, 1100)
    )
    wanted = UNWINDER.needs(replace(raw, debug_meta=DebugMeta(images=(*raw.images, *far))), {})
    assert {key.kind for key in wanted} == {UNWIND, UNWIND_DEBUG}
    assert not {f"{at:040x}" for at in range(1000, 1100)} & {key.value for key in wanted}


def test_damaged_files_cost_their_rules_and_nothing_else(stop: Stop, run: Run) -> None:
    """One bad file among the artifacts would take all stacks with it."""
    capture = stop("plain", *FLAGS)
    ids = ids_of(capture)
    program = next(path for path in capture.places if path.name == "stack")
    keys = [Key(kind, "code_id", ids[program]) for kind in (UNWIND, UNWIND_DEBUG)]
    bad = {key: Missing(key, "It is damaged.", malformed=True) for key in keys}
    event, _ = run(UNWINDER, capture.event(ids), {**answers(capture, without="stack"), **bad})
    assert next(image.unwind_status for image in event.images if image.code_file == str(program)) == "malformed"
    assert "It is damaged." in (event.errors[0].message or "")


def test_without_the_core_nothing_is_lost(monkeypatch: pytest.MonkeyPatch, stop: Stop, run: Run) -> None:
    """The memory of a dump that cannot be walked here could not be walked elsewhere later."""
    capture = stop("plain", *FLAGS)
    raw = capture.event({})
    monkeypatch.setattr(module, "compiled_core", lambda: None)
    event, rounds = run(UNWINDER, raw, {})
    assert replace(event, errors=()) == raw
    assert [problem.type for problem in event.errors] == ["native_not_unwound"]
    assert rounds == []


def test_events_without_memory_stay_as_they_are(run: Run) -> None:
    """Every other report would change on its way through the unwinder."""
    event = Event(platform="native")
    assert run(UNWINDER, event, {}) == (event, [])


def test_a_stripped_binary_is_found_for_its_unwind_information(stop: Stop) -> None:
    """Binaries of a release have no debug information, and their exception tables are what unwinding needs."""
    capture = stop("plain", *FLAGS)
    program = next(path for path in capture.places if path.name == "stack")
    stripped, debug = program.with_name("stripped"), program.with_name("stack.debug")
    subprocess.run(["strip", "-o", stripped, program], check=True)
    subprocess.run(["objcopy", "--only-keep-debug", program, debug], check=True)
    kinds = {identity.kind for identity in IDENTIFIER.identify("stack", stripped.read_bytes())}
    assert UNWIND in kinds
    assert UNWIND_DEBUG not in kinds
    kinds = {identity.kind for identity in IDENTIFIER.identify("stack.debug", debug.read_bytes())}
    assert not {UNWIND, UNWIND_DEBUG} & kinds


def test_breakpad_files_are_found_beside_the_code(fixtures: Path) -> None:
    """A minidump whose libraries are at hand as .sym files alone would be walked by guesses."""
    data = (fixtures / "native-containers/bin/breakpad/tank.sym").read_bytes()
    with_records = data + b"STACK CFI INIT 1000 40 .cfa: $rsp 8 + .ra: .cfa 8 - ^\n"
    assert UNWIND_DEBUG in {identity.kind for identity in IDENTIFIER.identify("tank.sym", with_records)}


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_libraries_in_archives_are_unwound(stop: Stop, run: Run, tmp_path: Path, packing: int) -> None:
    """Apps of Android keep their libraries in a package, which nobody unpacks for a crash."""
    capture = stop("plain", *FLAGS)
    archive = tmp_path / "base.apk"
    ids = ids_of(capture)
    with zipfile.ZipFile(archive, "w", packing) as package:
        for path in capture.places:
            package.write(path, f"lib/x86_64/{path.name}.so")
            ids[path] = select().summarize(path.read_bytes()).code_id or ""
    found = [
        identity for identity in IDENTIFIER.identify(archive.name, archive.read_bytes()) if identity.kind == UNWIND
    ]
    loaded = IDENTIFIER.load(UNWIND, FileBlob(archive, archive.name), FolderCache(tmp_path))
    packed = {key: Artifact(key, archive.name, loaded) for identity in found for key in identity.keys}
    event, _ = run(UNWINDER, capture.event(ids), packed)
    [thread] = event.thread_list
    assert thread.stacktrace
    assert [frame.instruction_addr for frame in thread.stacktrace.frames[::-1]] == capture.threads[0].truth


@pytest.mark.parametrize("value", [-1, 1 << 64, 1 << 200])
def test_numbers_that_are_no_addresses_are_left_out(stop: Stop, run: Run, value: int) -> None:
    """One impossible number in an event would cost all its stacks."""
    capture = stop("plain", *FLAGS)
    raw = capture.event(ids_of(capture))
    [thread] = raw.thread_list
    assert thread.stacktrace
    assert thread.stacktrace.registers
    registers: dict[str, ReportedAddress | None] = {**thread.stacktrace.registers, "r11": ReportedAddress(value)}
    thread = replace(thread, stacktrace=replace(thread.stacktrace, registers=registers))
    odd = replace(raw.images[-1], image_addr=AbsoluteAddress(value))
    big = replace(raw.images[-1], image_size=value)
    meta = DebugMeta(images=(*raw.images[:-1], odd, big))
    event, _ = run(UNWINDER, replace(raw, threads=Values(values=(thread,)), debug_meta=meta), answers(capture))
    [thread] = event.thread_list
    assert thread.stacktrace
    assert len(thread.stacktrace.frames) > 5
