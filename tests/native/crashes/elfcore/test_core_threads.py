"""Cores of a program with forty threads, by the kernel and by gdb: what gdb and readelf read out of them."""

import re
import subprocess
from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.segments import NoteSegment

from native.crashes.elfcore.notes import notes_of
from native.crashes.elfcore.process import read_process
from native.crashes.elfcore.reader import READER
from native.elf.layout import ElfFile
from symbolicator import codec
from tests.native.crashes.elfcore import gdb
from tests.native.crashes.elfcore.files import mapped
from tests.native.crashes.elfcore.gdb import Built

_BUILD_ID = re.compile(r"Build ID: ([0-9a-f]+)")


def test_registers_are_those_that_gdb_reads(core: Path, forty_threads: Built) -> None:
    """If one differed, every walk would start in the wrong place."""
    event = READER.read(mapped(core))
    truth = gdb.registers(forty_threads.program, core)
    read = {thread.id: thread.stacktrace.registers for thread in event.thread_list if thread.stacktrace}
    assert len(read) == len(truth) == 40
    for thread, registers in read.items():
        assert registers
        assert len(registers) == 18
        assert registers == {name: truth[int(thread or 0)][name] for name in registers}


def test_the_crashed_thread_is_the_one_with_the_signal(core: Path, forty_threads: Built) -> None:
    """If this failed, an engineer would look at a thread that only waited."""
    event = READER.read(mapped(core))
    (exception,) = event.exceptions
    first, *others = event.thread_list
    assert (exception.type, exception.value) == ("SIGSEGV", "SEGV_MAPERR at 0x0: nothing is mapped there")
    assert exception.thread_id == first.id == _current(forty_threads, core)
    assert (first.crashed, first.current) == (True, True)
    assert not any(thread.crashed or thread.current for thread in others)
    assert [thread.name for thread in event.thread_list if thread.main] == ["depot"]
    assert exception.stacktrace is None


def _current(built: Built, core: Path) -> int:
    said = re.search(r"Current thread is \d+ \(.*LWP (\d+)\)", gdb.ask(built.program, core, "thread"))
    assert said
    return int(said[1])


def test_images_lie_where_the_mappings_say(core: Path, forty_threads: Built) -> None:
    """If an image were missing or elsewhere, its frames would be resolved with another one's symbols."""
    event = READER.read(mapped(core))
    files = gdb.mappings(forty_threads.program, core)
    paths = {path for *_, path in files if ".so" in path or path.endswith("/depot")}
    named = {image.code_file: image for image in event.images}
    assert {path for path in named if path != "linux-vdso.so.1"} == paths
    assert event.images[0].code_file == str(forty_threads.program)
    for path in paths:
        image = named[path]
        assert image.image_addr == min(start for start, _, _, file in files if file == path)
        assert image.image_size
        assert image.image_addr + image.image_size >= max(end for _, end, _, file in files if file == path)


def test_build_ids_are_those_of_the_files(core: Path) -> None:
    """If one differed, the right debug file would be refused and a wrong one taken."""
    images = {image.code_file: image for image in READER.read(mapped(core)).images}
    vdso = images.pop("linux-vdso.so.1")
    for path, image in images.items():
        notes = subprocess.run(["readelf", "-n", str(path)], capture_output=True, text=True, check=True).stdout
        said = _BUILD_ID.search(notes)
        assert said
        assert image.code_id == said[1]
        assert image.arch == "x86_64"
    assert vdso.code_id
    assert vdso.image_size == 0x2000


def test_stacks_are_the_memory_at_the_stack_pointers(core: Path, forty_threads: Built) -> None:
    """If this failed, the unwinder would find other callers than there were."""
    event = READER.read(mapped(core))
    for thread in event.thread_list:
        assert thread.stack_memory
        assert thread.stacktrace
        assert thread.stacktrace.registers
        assert int(thread.stack_memory.address) == int(thread.stacktrace.registers["rsp"] or 0)
        assert 8 <= len(thread.stack_memory.data) <= 512 * 1024
    crashed = event.thread_list[0].stack_memory
    assert crashed
    said = gdb.ask(forty_threads.program, core, f"x/64xg {crashed.address:#x}")
    words = [int(word, 16) for line in said.splitlines() if line.startswith("0x7f") for word in line.split("\t")[1:]]
    assert len(words) == 64
    assert b"".join(word.to_bytes(8, "little") for word in words) == crashed.data[:512]


def test_the_event_survives_its_json(core: Path) -> None:
    """If this failed, a core could not be read in one process and walked in another."""
    event = READER.read(mapped(core))
    assert event.errors == ()
    assert event.contexts == {
        "os": {"name": "Linux"}, "device": {"arch": "x86_64"}, "app": {"app_name": "depot"},
    }  # fmt: skip
    assert codec.decode(codec.encode(event)) == event


def test_notes_are_those_that_pyelftools_reads(core: Path) -> None:
    """If this failed, a mapped file, the program or a thread would be missed or made up."""
    elf = ElfFile.parse(mapped(core), may_be_cut=True)
    process = read_process(elf, notes_of(elf))
    with core.open("rb") as file:
        notes = [
            note
            for segment in ELFFile(file).iter_segments()
            if isinstance(segment, NoteSegment)
            for note in segment.iter_notes()
        ]
    (listed,) = [note["n_desc"] for note in notes if note["n_type"] == "NT_FILE"]
    (program,) = [note["n_desc"] for note in notes if note["n_type"] == "NT_PRPSINFO"]
    assert [(one.start, one.end, one.offset, one.path) for one in process.files] == [
        (row.vm_start, row.vm_end, row.page_offset * listed.page_size, path.decode())
        for row, path in zip(listed.Elf_Nt_File_Entry, listed.filename, strict=True)
    ]
    assert process.program
    assert (process.program.id, process.program.name) == (program.pr_pid, program.pr_fname.decode().rstrip("\0"))
    assert process.program.arguments == program.pr_psargs.decode().rstrip("\0").strip()
    assert len(process.threads) == sum(note["n_type"] == "NT_PRSTATUS" for note in notes)
