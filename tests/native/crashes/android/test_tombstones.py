"""Tombstones: text and protobuf say the same, and every frame is of its language."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from native.crashes.android.tombstone_reader import READER
from symbolicator.engine import Engine
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event, Frame

FIXTURES = Path(__file__).resolve().parents[4] / "fixtures"
TEXT = FIXTURES / "android-tombstone" / "crash.txt"
PROTOBUF = FIXTURES / "android-tombstone-pb" / "crash.pb"
HEAP = FIXTURES / "android-tombstone-heap" / "crash.txt"
HEAD = "pid: 7, tid: 8, name: net  >>> com.example.shop <<<\n"
SEGV = "signal 11 (SIGSEGV), code 1 (SEGV_MAPERR), fault addr 0x8\n"


def read(text: str) -> Event:
    return READER.read(text.encode())


def crashed_frames(event: Event) -> list[Frame]:
    """Newest call first, as printed."""
    (stack,) = (thread.stacktrace for thread in event.thread_list if thread.crashed)
    assert stack
    return list(reversed(stack.frames))


def only_frame(line: str, rest: str = "") -> tuple[Frame, Event]:
    event = read(f"{HEAD}{SEGV}\nbacktrace:\n      {line}\n{rest}")
    (frame,) = crashed_frames(event)
    return frame, event


def test_text_and_protobuf_become_the_same_event() -> None:
    """Which of the two files a person got off the device must not change the trace."""
    text, message = READER.read(TEXT.read_bytes()), READER.read(PROTOBUF.read_bytes())
    assert replace(text, extra={}) == message


@pytest.mark.parametrize(
    "case", ["android-tombstone/crash.txt", "android-tombstone-pb/crash.pb", "android-logcat/crash.txt"]
)
def test_native_frames_of_a_package_resolve(case: str) -> None:
    """The library lies in base.apk: by its build id the real debug file is found, whatever the report's form."""
    report = FIXTURES / case
    event = Engine.for_folder(report.parent).resolve(report.read_bytes())
    truth = json.loads((FIXTURES / "native-apk" / "truth.json").read_text())["frames"]
    resolved = [(frame.function, frame.lineno) for frame in crashed_frames(event)[: len(truth)]]
    assert resolved == [(one["function"], one["line"]) for one in truth]


def test_every_frame_is_of_its_language() -> None:
    """Java marked as native never meets its mapping file; ART's own frames are no Java."""
    frames = crashed_frames(READER.read(TEXT.read_bytes()))
    java = [(frame.module, frame.function) for frame in frames if frame.platform == "java"]
    assert java == [
        ("com.example.shop.Cart", "total"),
        ("com.example.shop.Checkout", "pay"),
        ("com.example.shop.Checkout$1", "run"),
        ("java.lang.Thread", "run"),
    ]
    native = [frame.function for frame in frames if frame.platform is None]
    assert native[3:7] == [
        "art_jni_trampoline", "nterp_helper", "art_quick_invoke_stub", "art::Thread::CreateCallback(void*)",
    ]  # fmt: skip
    interpreted = next(frame for frame in frames if frame.function == "total")
    assert interpreted.data
    assert interpreted.instruction_addr is None
    assert str(interpreted.data.extra["dex_file"]).startswith("[anon:dalvik-classes.dex extracted in memory")


def test_addresses_are_not_stepped_back_again() -> None:
    """The unwinder did it: once more would be another line."""
    event = READER.read(TEXT.read_bytes())
    stacks = [thread.stacktrace for thread in event.thread_list]
    assert {stack.instruction_addr_adjustment for stack in stacks if stack} == {"none"}
    first = crashed_frames(event)[0]
    assert (first.instruction_addr, first.addr_mode) == (0x43E0, "rel:0")
    image = event.images[0]
    assert (image.image_addr, image.image_size, image.extra) == (0x7B0C5A4000, 0xC000, {"offset": "0x4000"})


def test_what_a_tombstone_says() -> None:
    """Signal, cause, thread, registers, memory, log, device: each where Sentry has it."""
    event = READER.read(TEXT.read_bytes())
    (value,) = event.exceptions
    assert (value.type, value.value, value.thread_id) == (
        "SIGSEGV",
        "SEGV_MAPERR at 0x8: null pointer dereference",
        12371,
    )
    assert [(thread.id, thread.crashed, thread.main) for thread in event.thread_list] == [
        (12371, True, None),
        (12345, None, True),
        (12360, None, None),
    ]
    stack = event.thread_list[0].stacktrace
    assert stack
    assert stack.registers
    assert (stack.registers["fp"], stack.registers["pc"]) == (0x7AC8346B10, 0x7B0C5A83E0)
    dumps = event.thread_list[0].extra["memory_near"]
    assert isinstance(dumps, list)
    assert dumps[0] == {
        "register": "sp",
        "mapping": "[anon:stack_and_tls:12371]",
        "address": "0x7ac8346ae0",
        "data": bytes(range(48)).hex(),
    }
    assert event.breadcrumbs
    assert [crumb.category for crumb in event.breadcrumbs.values] == ["ShopActivity", "Checkout", "Cart", "libc"]
    assert event.contexts
    assert event.contexts["os"] == {"name": "Android", "version": "13", "build": "TQ3A.230901.001"}
    assert event.contexts["device"] == {"brand": "google", "model": "redfin", "arch": "arm64"}
    assert event.timestamp == "2026-11-28T06:20:58.501234+01:00"


def test_who_freed_and_who_made_the_memory() -> None:
    """Of a use after free the free is the bug, more often than the use."""
    event = READER.read(HEAP.read_bytes())
    titles = [value.type for value in reversed(event.exceptions)]
    assert titles == ["SIGSEGV", "deallocated by thread 12360", "allocated by thread 12371"]
    freed = event.exceptions[-2]
    assert freed.stacktrace
    assert freed.mechanism
    assert (freed.mechanism.type, freed.mechanism.parent_id, freed.thread_id) == ("separate", None, None)
    assert freed.stacktrace.frames[-1].function == "free"


@pytest.mark.parametrize(
    ("line", "path", "function", "offset"),
    [
        ("#00 pc 0001a2b4  /system/lib/libc.so (abort+63)", "/system/lib/libc.so", "abort", 63),
        ("#00 pc 0001a2b4  /system/lib/libc.so", "/system/lib/libc.so", None, None),
        ("#00 pc 1a2b4  /a b/x (1).so (f((lambda)) const+12) (BuildId: ab)", "/a b/x (1).so", "f((lambda)) const", 12),
        ("#00 pc 0001a2b4  /data/x/libshop.so (deleted)", "/data/x/libshop.so (deleted)", None, None),
        ("#00 pc 0001a2b4  /x/base.apk (offset 0x4000) (shop_total+12)", "/x/base.apk", "shop_total", 12),
        ("#00 pc 0001a2b4  [vdso] (__kernel_rt_sigreturn)", "[vdso]", "__kernel_rt_sigreturn", 0),
    ],
)  # fmt: skip
def test_forms_of_native_frames(line: str, path: str, function: str | None, offset: int | None) -> None:
    """Paths and names have brackets of their own."""
    frame, event = only_frame(line)
    assert (frame.package, frame.function) == (path, function)
    assert (frame.data.function_offset if frame.data else None) == offset
    assert (frame.instruction_addr, event.images[0].code_file) == (0x1A2B4, path)


@pytest.mark.parametrize(
    ("place", "module", "function"),
    [
        ("/data/app/x/oat/arm64/base.odex (shop.Cart.total+88)", "shop.Cart", "total"),
        ("/system/boot.oat (offset 0x14b000) (android.os.Looper.loop [DEDUPED]+140)", "android.os.Looper", "loop"),
        ("/dev/ashmem/dalvik-jit-code-cache (deleted) (shop.Cart.<init>+8)", "shop.Cart", "<init>"),
        ("[anon_shmem:dalvik-jit-code-cache] (shop.Cart$-CC.total+8)", "shop.Cart$-CC", "total"),
        ("/memfd:jit-zygote-cache (deleted) (offset 0x2000000) (shop.Cart.total+8)", "shop.Cart", "total"),
        ("[anon:dalvik-DEX data] (shop.CartKt$main$1.invoke+8)", "shop.CartKt$main$1", "invoke"),
        ("/data/app/x/base.apk (shop.Cart.total+8)", "shop.Cart", "total"),
        ("/system/framework/framework.jar (android.os.Looper.loop)", "android.os.Looper", "loop"),
        ("/system/framework/arm/boot.oat (int shop.Cart.total(int, java.lang.String)+12)", "shop.Cart", "total"),
        ("<anonymous:7b02000000> (a.b.c+8)", "a.b", "c"),
    ],
)  # fmt: skip
def test_forms_of_java_frames(place: str, module: str, function: str) -> None:
    """Compiled ahead of time, by the JIT, and interpreted out of a dex file."""
    frame, event = only_frame(f"#00 pc 0001a2b4  {place}")
    assert (frame.platform, frame.module, frame.function) == ("java", module, function)
    assert not event.images


def test_code_in_no_file_has_an_absolute_address_where_the_report_tells_it() -> None:
    """An address that is taken for one of a file leads to any function of any file."""
    assert only_frame("#00 pc 0000007b0c5a83e0  <unknown>")[0].instruction_addr == 0x7B0C5A83E0
    assert only_frame("#00 pc 00000010  <anonymous:7b02000000>")[0].instruction_addr == 0x7B02000010
    row = "memory map (1 entry):\n    0000007b'02000000-0000007b'020fffff r-x         0    100000  [anon:jit]\n"
    assert only_frame("#00 pc 00000010  [anon:jit]", row)[0].instruction_addr == 0x7B02000010
    assert only_frame("#00 pc 00000010  [anon:jit]")[0].instruction_addr is None


def test_two_libraries_of_one_package_are_two_images() -> None:
    """They share the path; only where they begin tells them apart."""
    event = read(
        f"{HEAD}{SEGV}backtrace:\n      #00 pc 10  /data/app/x/base.apk (offset 0x4000)\n"
        "      #01 pc 20  /data/app/x/base.apk (offset 0x9000)\n      #02 pc 30  /data/app/x/base.apk (offset 0x4000)\n"
    )
    assert [frame.addr_mode for frame in crashed_frames(event)] == ["rel:0", "rel:1", "rel:0"]
    assert [image.extra["offset"] for image in event.images] == ["0x4000", "0x9000"]


def test_an_abort_message_of_several_lines() -> None:
    """It is what the program said, to the closing quote."""
    event = read(
        f"{HEAD}signal 6 (SIGABRT), code -1 (SI_QUEUE), fault addr --------\n"
        "Abort message: 'no price\nfor tea'\n    r0  00000000  r1  00001f45\n    ip  00000001  sp  bef8a2f0\n"
        "backtrace:\n      #00 pc 0001a2b4  /system/lib/libc.so (abort+63)\n"
    )
    assert event.exceptions[0].value == "no price\nfor tea"
    stack = event.thread_list[0].stacktrace
    assert stack
    assert sorted(stack.registers or {}) == ["ip", "r0", "r1", "sp"]


def test_an_abort_message_that_breaks_off() -> None:
    """Logs are cut where they are full, and the first words tell most."""
    assert read(f"{HEAD}Abort message: 'no price\nfor t").exceptions[0].value == "no price\nfor t"


def test_a_tombstone_of_android_5() -> None:
    """Older ones have other names for registers, no build ids, and the stack's words."""
    event = read(
        "*** *** *** *** *** *** *** *** *** *** *** *** *** *** *** ***\n"
        "Build fingerprint: 'a/b/c:5.1/LMY48B/1:user/x'\nRevision: '0'\nABI: 'arm'\n"
        "pid: 7, tid: 8, name: net  >>> shop <<<\nsignal 11 (SIGSEGV), code 1 (SEGV_MAPERR), fault addr 00000008\n"
        "    r0 00000008  r1 00000001  sl 00000002  fp 00000003\n    ip 00000000  sp bef8a2f0  cpsr 60000010\n\n"
        "backtrace:\n    #00 pc 0001a2b4  /data/app-lib/shop-1/libshop.so (shop_total+12)\n\nstack:\n"
        "         bef8a2b0  00000000  \n    #00  bef8a2f0  00000001  \n\nmemory near r1:\n"
        "    00000001 00000002 00000003 -------- 00000005  ................\n"
    )
    assert [frame.function for frame in crashed_frames(event)] == ["shop_total"]
    stack = event.thread_list[0].stacktrace
    assert stack
    assert stack.registers
    assert set(stack.registers) == {"r0", "r1", "r10", "r11", "r12", "sp", "cpsr"}
    dumps = event.thread_list[0].extra["memory_near"]
    assert isinstance(dumps, list)
    assert dumps == [{"register": "r1", "address": "0x1", "data": "0200000003000000"}]


def test_only_the_first_of_several_tombstones_is_read() -> None:
    """Two processes in one trace would be nonsense."""
    text = TEXT.read_text()
    assert replace(read(text + text), extra={}) == replace(read(text), extra={})


@pytest.mark.parametrize(
    ("head", "least"),
    [
        (TEXT.read_bytes(), 0.95),
        (PROTOBUF.read_bytes(), 0.95),
        (PROTOBUF.read_bytes()[:2000], 0.95),
        ((HEAD + SEGV).encode(), 0.95),
        (b"backtrace:\n  #00 pc 0001a2b4  /system/lib/libc.so (abort+63)", 0.3),
    ],
)
def test_tombstones_are_recognised(head: bytes, least: float) -> None:
    """Without an option, from the first 64 KiB, cut or whole."""
    assert READER.detect(head[:65536]) >= least


@pytest.mark.parametrize(
    "head",
    [
        b"\x08\x01\x12\x03abc",
        b"\x12\x00",
        b"\x08",
        b'{"signal": "signal 11"}',
        b"#0  0x55d0 in f () at a.c:1",
        b"hello",
    ],
)
def test_what_is_no_tombstone_is_left_to_others(head: bytes) -> None:
    """Any message of protobuf begins with the same byte."""
    assert READER.detect(head) == 0.0


def test_no_thread_is_said_with_what_to_do() -> None:
    """People pass a part of it."""
    with pytest.raises(UnreadableInput, match=r"expected lines such as .*Pass the whole tombstone"):
        READER.read(b"Build fingerprint: 'x'")
