"""Threads, images, contexts and annotations of a dump, as the event has them."""

import mmap
from pathlib import Path

import pytest

from native.crashes.minidump.reader import READER
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event
from tests.native.crashes.minidump.dumps import Fault, crash, md, read


def stack_of(event: Event, number: int) -> list[int | None]:
    thread = next(thread for thread in event.thread_list if thread.id == number)
    return [frame.instruction_addr for frame in thread.stacktrace.frames] if thread.stacktrace else []


def test_only_minidumps_are_its_own() -> None:
    """Other reports would end in an error instead of their own reader."""
    assert READER.detect(b"MDMP\x93\xa7") > 0.95
    assert READER.detect(b'{"exception": "MDMP"}') < 0.3
    with pytest.raises(UnreadableInput, match=r"whole \.dmp file"):
        READER.read(b"MDMP")


def test_a_real_dump_has_all_its_threads() -> None:
    """Each thread needs its registers and its stack to be walked; the one that crashed those of the crash."""
    event = read("minidump-linux")
    assert [thread.name for thread in event.thread_list] == ["kiosk", "bell", "stairs", "shelf"]
    assert [thread.crashed for thread in event.thread_list] == [None, None, None, True]
    for thread in event.thread_list:
        assert thread.stacktrace is not None
        assert thread.stacktrace.registers is not None
        assert thread.stack_memory is not None
        [frame] = thread.stacktrace.frames
        assert (frame.trust, frame.instruction_addr) == ("context", thread.stacktrace.registers["rip"])
        assert int(thread.stack_memory.address) == thread.stacktrace.registers["rsp"]
    assert event.exceptions[-1].thread_id == event.thread_list[3].id
    assert event.exceptions[-1].stacktrace is None


def test_a_real_dump_has_its_images_and_contexts() -> None:
    """Ids find the debug files; contexts say where to look for the fault."""
    event = read("minidump-linux")
    kiosk = event.images[0]
    assert (kiosk.code_file or "").endswith("bin/kiosk")
    assert (kiosk.type, kiosk.arch, len(kiosk.code_id or "")) == ("elf", "x86_64", 40)
    contexts = event.contexts or {}
    assert contexts["device"]["arch"] == "x86_64"  # type: ignore[index,call-overload]
    assert contexts["os"]["name"] == "Linux"  # type: ignore[index,call-overload]
    assert contexts["os"]["distribution_name"] == "Debian GNU/Linux"  # type: ignore[index,call-overload]
    assert contexts["app"]["app_name"] == "kiosk"  # type: ignore[index,call-overload]
    assert event.timestamp
    assert not event.errors


def test_windows_as_wine_writes_it() -> None:
    """Code ids of PE images are timestamp and size: without them symbol servers find nothing."""
    event = read("minidump-windows")
    names = [(image.code_file or "").rpartition("\\")[2] for image in event.images]
    assert names[:3] == ["kiosk.exe", "ntdll.dll", "kernel32.dll"]
    assert event.images[1].code_id == "63f14e2b361000"
    assert event.exceptions[-1].value == "reading address 0x8 (a null pointer)"
    assert (event.contexts or {})["os"] == {"name": "Windows", "version": "6.1.7601", "build": "Service Pack 1"}


def test_windows_debug_ids_have_their_age() -> None:
    """A PDB is found by GUID and age; either alone fits builds that it is not of."""
    tank = read("minidump-windows-arm64").images[1]
    assert (tank.type, tank.debug_id) == ("pe", "74d0043b-f617-3d73-4c4c-44205044422e-1")
    assert (tank.debug_file, tank.code_id) == (r"C:\build\tank.pdb", "6b03ce757000")
    assert tank.extra == {"version": "1.2.3.4"}


def test_macos_ids_are_uuids() -> None:
    """Breakpad and Crashpad put Mach-O's UUID into Windows's record: as a GUID it would be another one."""
    tank = read("minidump-macos").images[0]
    assert (tank.type, tank.code_id) == ("macho", "106b5ad09a353f56adafa990fac605d6")
    assert tank.debug_id == "106b5ad0-9a35-3f56-adaf-a990fac605d6"


def test_annotations_of_crashpad_are_kept() -> None:
    """What the program noted down about itself is lost with the process."""
    event = read("minidump-macos")
    crashpad = (event.contexts or {})["crashpad"]
    assert crashpad == {"channel": "beta", "locale": "de_DE", "report_id": "2f1e8a60-6f3c-4f0e-9d6e-0a1b2c3d4e5f"}
    assert event.extra["crashpad_modules"] == [
        {"module": "tank", "annotations": {"tank.level": "low"}, "texts": ["pump 3 is dry"]}
    ]


def test_android_tells_the_writer_from_the_crashed() -> None:
    """The thread that only wrote the dump would be shown with a stack of the crash handler."""
    event = read("minidump-android")
    assert [(thread.crashed, thread.state) for thread in event.thread_list] == [(True, None), (None, "wrote the dump")]
    assert (event.contexts or {})["app"] == {"app_name": "org.example.tank", "process_id": 4001}
    assert "secret" not in str(event)


def test_stacks_of_the_client_go_before_walking() -> None:
    """The client had files that nobody here has: walking again would lose its frames."""
    names = b"innermain"
    walked = md.struct.pack("<7I4x", 1, 1, 2, len(names), 7, 0, 2)
    walked += md.struct.pack("<QIIQII", 0x401000, 0, 5, 0x402000, 5, 4) + names
    event = READER.read(crash(md.X86_64, md.LINUX, Fault(11, 1), (md.CLIENT_STACKS, walked)))
    [thread] = event.thread_list
    assert thread.stacktrace is not None
    frames = [(frame.function, frame.instruction_addr, frame.trust) for frame in thread.stacktrace.frames]
    assert frames == [("main", 0x402000, "prewalked"), ("inner", 0x401000, "prewalked")]
    assert thread.stack_memory is None
    assert thread.crashed is True


def test_a_lost_thread_list_leaves_the_crashed_thread() -> None:
    """Of an upload that broke off the exception may be all that there is, and it has registers of its own."""
    dump = md.Writer()
    context = dump.place(md.context_x86_64({"rip": 0x401000, "rsp": 0x7000}))
    dump.stream(md.SYSTEM_INFO, md.system(md.X86_64, md.LINUX))
    dump.stream(md.EXCEPTION, md.exception(7, 11, context, 1, 8))
    event = READER.read(dump.finish())
    assert stack_of(event, 7) == [0x401000]
    assert event.thread_list[0].crashed is True
    assert event.errors[0].type == "minidump_damaged"


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (
            "electron.v8-oom.stack",
            "    #0 grow (file:///app/a b.js:4821:17)\n    #1 (anonymous) (file:///app/main.js:9:5)\n",
        ),
        ("v8-oom-stack", "grow in file:///app/a b.js:4821:17\n<none> in file:///app/main.js:9:5"),
    ],
)
def test_the_stack_of_a_full_heap_is_javascript(key: str, text: str) -> None:
    """When V8 has no more memory the native stack is its garbage collector; who filled it is in an annotation."""
    dump = md.Writer()
    context = dump.place(md.context_x86_64({"rip": 0x401000, "rsp": 0x7000}))
    dump.stream(md.SYSTEM_INFO, md.system(md.X86_64, md.WINDOWS))
    dump.stream(md.EXCEPTION, md.exception(7, 0xE0000008, context))
    dump.stream(md.THREADS, md.listed(md.thread(7, dump.memory(0x7000, bytes(64)), context)))
    dump.crashpad([], [(key, text)])
    [thread] = READER.read(dump.finish()).thread_list
    assert thread.vm_stacktrace is not None
    frames = [(one.function, one.filename, one.lineno, one.colno, one.platform) for one in thread.vm_stacktrace.frames]
    assert frames == [
        (None, "file:///app/main.js", 9, 5, "javascript"),
        ("grow", "file:///app/a b.js", 4821, 17, "javascript"),
    ]


def test_a_heap_summary_is_no_stack() -> None:
    """Electron's annotation holds a summary until the stack is there: it would be shown as a call."""
    dump = md.Writer()
    dump.stream(md.SYSTEM_INFO, md.system(md.X86_64, md.WINDOWS))
    dump.stream(md.EXCEPTION, md.exception(7, 0xE0000008, (0, 0)))
    dump.crashpad([], [("electron.v8-oom.stack", "Heap: used=4062.1MB limit=4096.0MB (stack pending)")])
    assert READER.read(dump.finish()).thread_list[0].vm_stacktrace is None


def test_unloaded_images_are_named() -> None:
    """A call into a library that is gone cannot be told otherwise."""
    dump = md.Writer()
    row = md.struct.pack("<QIIII", 0x500000, 0x2000, 0, 0x5F000001, dump.text("gone.dll"))
    dump.stream(md.SYSTEM_INFO, md.system(md.X86_64, md.WINDOWS))
    dump.stream(md.UNLOADED_MODULES, md.struct.pack("<III", 12, 24, 1) + row)
    assert READER.read(dump.finish()).extra["unloaded_modules"] == [
        {"code_file": "gone.dll", "code_id": "5f0000012000", "image_addr": "0x500000", "image_size": 0x2000}
    ]


def test_a_dump_that_is_cut_off_says_so() -> None:
    """Half a report that looks whole sends people after the wrong threads."""
    data = crash(md.X86_64, md.LINUX, Fault(11))
    event = READER.read(data[: len(data) - 40])
    assert not READER.read(data).errors
    assert event.errors[0].type == "minidump_damaged"
    assert "cut off" in (event.errors[0].message or "")


def test_a_full_dump_of_gigabytes_is_not_copied(tmp_path: Path) -> None:
    """Dumps with the whole memory are larger than the machine that reads them."""
    stack, far = bytes(range(256)), 5 << 30
    dump = md.Writer()
    context = dump.place(md.context_x86_64({"rip": 0x401000, "rsp": 0x7000}))
    dump.stream(md.SYSTEM_INFO, md.system(md.X86_64, md.WINDOWS))
    dump.stream(md.EXCEPTION, md.exception(7, 0xC0000005, context, parameters=(0, 8)))
    dump.stream(md.THREADS, md.listed(md.thread(7, bytes(16), context)))
    dump.stream(md.MEMORY64, md.struct.pack("<6Q", 2, 1 << 20, 0x10000, far, 0x7000, len(stack)))
    path = tmp_path / "full.dmp"
    with path.open("wb") as file:
        file.write(dump.finish())
        file.seek((1 << 20) + far)
        file.write(stack)
    with path.open("rb") as whole, mmap.mmap(whole.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        view = memoryview(mapped)
        [thread] = READER.read(view).thread_list
        view.release()
    assert thread.stack_memory is not None
    assert (int(thread.stack_memory.address), thread.stack_memory.data) == (0x7000, stack)
