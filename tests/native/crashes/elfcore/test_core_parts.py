"""Cores written by hand: each part of one, in every state that a real one can be in."""

import pytest

from native.crashes.elfcore.reader import READER
from native.crashes.elfcore.threads import MAX_STACK
from symbolicator.errors import UnreadableInput
from symbolicator.model import DebugImage, Event
from tests.native.crashes.elfcore import cores
from tests.native.crashes.elfcore.cores import EXECUTE, READ, Part, Processor

STACK = Part(0x7FFF0000, bytes(range(256)) * 16)
RSP, RIP = 19, 16
CODE = bytes(0x2000)


def _registers(pointer: int = 0x7FFF0100, counter: int = 0x401010) -> list[int]:
    values = list(range(1, 28))
    values[RSP], values[RIP] = pointer, counter
    return values


def _event(*notes: bytes, parts: tuple[Part, ...] = (STACK,)) -> Event:
    return READER.read(cores.core(notes, parts))


def _crashed(*notes: bytes) -> str | None:
    return _event(cores.thread(7, _registers(), 11), cores.program(7), *notes).exceptions[0].value


@pytest.mark.parametrize(
    ("processor", "arch", "named"),
    [
        (cores.X86_64, "x86_64", {"r15": 1, "rbp": 5, "rax": 11, "rdi": 15, "rip": 17, "eflags": 19, "rsp": 20}),
        (cores.X86, "x86", {"ebx": 1, "ebp": 6, "eax": 7, "eip": 13, "eflags": 15, "esp": 16}),
        (cores.ARM, "arm", {"r0": 1, "r12": 13, "sp": 14, "lr": 15, "pc": 16, "cpsr": 17}),
        (cores.ARM64, "arm64", {"x0": 1, "x28": 29, "fp": 30, "lr": 31, "sp": 32, "pc": 33}),
        (cores.RISCV64, "riscv64", {"pc": 1, "ra": 2, "sp": 3, "s0": 9, "s1": 10, "a0": 11, "s2": 19, "t6": 32}),
    ],
)
def test_registers_have_the_order_of_their_processor(processor: Processor, arch: str, named: dict[str, int]) -> None:
    """If one were another's, every walk on that processor would start in the wrong place."""
    status = cores.thread(7, range(1, processor.registers + 1), 11, processor)
    event = READER.read(cores.core([status], processor=processor))
    stack = event.thread_list[0].stacktrace
    assert stack
    registers = {name: int(value or 0) for name, value in (stack.registers or {}).items()}
    assert registers == {**registers, **named}
    assert event.thread_list[0].id == 7
    assert (event.contexts or {})["device"] == {"arch": arch}
    assert len(set(registers.values())) == len(registers)


def test_an_unknown_processor_is_told() -> None:
    """If this failed, threads without frames would be left unexplained."""
    status = cores.thread(7, range(10), 11, cores.Processor(8, 8, 45))
    event = READER.read(cores.core([status], processor=cores.Processor(8, 8, 45)))
    assert [problem.type for problem in event.errors] == ["core_unknown_processor"]
    assert event.thread_list[0].crashed
    assert event.thread_list[0].stacktrace is None


@pytest.mark.parametrize(
    ("note", "sentence"),
    [
        (cores.signal_information(11, 1, 8), "SEGV_MAPERR at 0x8: nothing is mapped there"),
        (cores.signal_information(11, 2, 0x401000), "SEGV_ACCERR at 0x401000: the memory there may not be used so"),
        (cores.signal_information(11, 0x80, 0), "SI_KERNEL: raised by the kernel, which tells no address"),
        (cores.signal_information(11, -6, 7), "SI_TKILL: sent by the process itself, as abort(3) and raise(3) do"),
        (cores.signal_information(11, 0, 812 | 1000 << 32), "SI_USER: sent by process 812, user 1000"),
        (cores.signal_information(11, 0, 7), "SI_USER: sent by the process itself"),
        (cores.signal_information(11, 99, 8), "si_code 99 at 0x8"),
        (cores.signal_information(8, 1, 8), None),
        (b"", None),
    ],
)  # fmt: skip
def test_a_signal_is_told_in_a_sentence(note: bytes, sentence: str | None) -> None:
    """If this failed, an engineer would have to look up numbers at night."""
    assert _crashed(note) == sentence


def test_a_forbidden_system_call_is_named() -> None:
    """If this failed, a sandbox's kill would not say what it was for."""
    status = cores.thread(7, _registers(), 31)
    event = _event(status, cores.signal_information(31, 1, 0x401010, 59))
    assert event.exceptions[0].type == "SIGSYS"
    assert event.exceptions[0].value == "SYS_SECCOMP: a seccomp filter forbids the system call (number 59)"


@pytest.mark.parametrize("signal", [0, 19])
def test_a_process_that_was_only_looked_at_did_not_crash(signal: int) -> None:
    """If this failed, a snapshot of a running server would be filed as a crash."""
    event = _event(cores.thread(7, _registers(), signal), cores.thread(8, _registers()), cores.program(7))
    assert event.exceptions == ()
    assert [(thread.crashed, thread.current) for thread in event.thread_list] == [(None, True), (None, None)]
    assert [(thread.name, thread.main) for thread in event.thread_list] == [("shop", True), (None, None)]
    assert event.extra == {"process_id": 7, "command_line": "./shop --open"}


def _image(event: Event) -> DebugImage:
    (image,) = event.images
    return image


def test_an_image_is_described_by_its_first_page() -> None:
    """If this failed, the debug file of another build would be taken for it."""
    note = cores.files([(0x400000, 0x401000, 0, "/srv/shop"), (0x401000, 0x403000, 1, "/srv/shop")])
    event = _event(
        cores.thread(7, _registers()), note,
        parts=(Part(0x400000, cores.image(bytes(range(1, 21)))), Part(0x401000, b"", READ | EXECUTE, 0x2000), STACK),
    )  # fmt: skip
    image = _image(event)
    assert (image.code_file, image.image_addr, image.image_size, image.arch) == (
        "/srv/shop",
        0x400000,
        0x3000,
        "x86_64",
    )
    assert image.code_id == bytes(range(1, 21)).hex()
    assert image.debug_id == "04030201-0605-0807-090a-0b0c0d0e0f10"


def test_a_deleted_executable_keeps_its_path_and_comes_first() -> None:
    """If this failed, a program that was replaced while it ran would have no name to look it up by."""
    note = cores.files(
        [
            (0x300000, 0x301000, 0, "/lib/libfirst.so"), (0x301000, 0x303000, 1, "/lib/libfirst.so"),
            (0x400000, 0x401000, 0, "/srv/shop (deleted)"), (0x401000, 0x403000, 1, "/srv/shop (deleted)"),
        ]
    )  # fmt: skip
    parts = (Part(0x300000, cores.image()), Part(0x400000, cores.image(kind=2, address=0x400000)), STACK)
    event = _event(cores.thread(7, _registers()), note, cores.auxiliary(entry=0x401000), parts=parts)
    assert [image.code_file for image in event.images] == ["/srv/shop", "/lib/libfirst.so"]
    assert event.images[0].extra == {"deleted": True}
    assert [image.image_vmaddr for image in event.images] == [0x400000, None]


def test_a_file_that_was_only_read_is_no_image() -> None:
    """If this failed, a debugger's or an editor's open files would be taken for its code."""
    note = cores.files(
        [
            (0x400000, 0x404000, 0, "/srv/read-as-a-whole.so"),
            (0x500000, 0x501000, 0, "/usr/lib/locale/locale-archive"),
            (0x600000, 0x601000, 0, "/srv/loaded.so"), (0x601000, 0x603000, 1, "/srv/loaded.so"),
        ]
    )  # fmt: skip
    parts = (Part(0x400000, cores.image()), Part(0x500000, bytes(4096)), Part(0x600000, cores.image()), STACK)
    event = _event(cores.thread(7, _registers()), note, parts=parts)
    assert [image.code_file for image in event.images] == ["/srv/loaded.so"]


def test_a_file_that_was_loaded_twice_is_two_images() -> None:
    """If this failed, frames of one namespace of the linker would be in no image."""
    mappings = [(at + start, at + end, offset, "/srv/a.so") for at in (0x400000, 0x500000) for start, end, offset in
                ((0, 0x1000, 0), (0x1000, 0x3000, 1))]  # fmt: skip
    parts = (Part(0x400000, cores.image()), Part(0x500000, cores.image()), STACK)
    event = _event(cores.thread(7, _registers()), cores.files(mappings), parts=parts)
    assert [(image.image_addr, image.image_size) for image in event.images] == [(0x400000, 0x3000), (0x500000, 0x3000)]


def test_files_without_headers_in_the_core_are_known_by_their_mappings() -> None:
    """If this failed, a core without file pages (coredump_filter 0x23) would have no images."""
    note = cores.files([(0x400000 + at * 4096, 0x401000 + at * 4096, at, "/srv/shop") for at in range(3)])
    event = _event(cores.thread(7, _registers()), note)
    assert (_image(event).image_addr, _image(event).image_size, _image(event).code_id) == (0x400000, 0x3000, None)


def test_images_are_found_without_a_list_of_files() -> None:
    """If this failed, cores of emulators and old kernels would resolve to nothing."""
    parts = (
        Part(0x400000, cores.image(bytes(range(1, 21)))), Part(0x401000, b"", READ | EXECUTE, 0x2000),
        Part(0x700000, b"./shop\0rest"), STACK,
    )  # fmt: skip
    event = _event(cores.thread(7, _registers()), cores.auxiliary(entry=0x401000, execfn=0x700000), parts=parts)
    assert (_image(event).code_file, _image(event).code_id) == ("./shop", bytes(range(1, 21)).hex())


def test_the_vdso_is_an_image_of_the_core_itself() -> None:
    """If this failed, a thread that asks for the time would stand in an unknown image."""
    vdso = Part(0x7FF000, cores.image(bytes(range(1, 21)), size=0x2000), READ | EXECUTE)
    event = _event(cores.thread(7, _registers()), cores.auxiliary(vdso=0x7FF000), parts=(vdso, STACK))
    assert (_image(event).code_file, _image(event).image_size) == ("linux-vdso.so.1", 0x2000)


def test_a_stack_goes_from_the_pointer_to_the_end_of_its_segment() -> None:
    """If this failed, callers would be looked for in somebody else's memory."""
    above = Part(STACK.address + len(STACK.data), b"not the stack", READ)
    thread = _event(cores.thread(7, _registers()), parts=(STACK, above)).thread_list[0]
    assert thread.stack_memory
    assert (thread.stack_memory.address, thread.stack_memory.data) == (0x7FFF0100, STACK.data[0x100:])


def test_a_stack_that_overflowed_is_taken_from_its_lowest_byte() -> None:
    """If this failed, endless recursion, the one crash of stacks, would have no callers."""
    guard = Part(STACK.address - 0x1000, b"", 0, 0x1000)
    event = _event(cores.thread(7, _registers(STACK.address - 0x10)), parts=(guard, STACK))
    assert event.thread_list[0].stack_memory
    assert event.thread_list[0].stack_memory.address == STACK.address
    assert event.errors == ()


def test_a_stack_is_taken_up_to_its_limit() -> None:
    """If this failed, one deep thread would take all memory."""
    large = Part(0x7F000000, bytes(MAX_STACK + 4096))
    event = _event(cores.thread(7, _registers(0x7F000000)), parts=(large,))
    assert event.thread_list[0].stack_memory
    assert len(event.thread_list[0].stack_memory.data) == MAX_STACK


def test_many_deep_threads_share_one_limit() -> None:
    """If this failed, a thousand threads of a megabyte each would be held at once."""
    large = Part(0x7F000000, bytes(MAX_STACK))
    event = _event(*(cores.thread(number, _registers(0x7F000000)) for number in range(1, 100)), parts=(large,))
    assert sum(len(thread.stack_memory.data) for thread in event.thread_list if thread.stack_memory) == 64 << 20
    assert [problem.type for problem in event.errors] == ["core_too_large"]


def test_stacks_that_were_not_dumped_are_told() -> None:
    """If this failed, threads of a filtered core would just have one frame, for no reason."""
    event = _event(
        cores.thread(7, _registers(), 11), cores.thread(8, _registers(0x1000)), parts=(Part(0x5000, b"x", 4),)
    )
    (problem,) = event.errors
    assert problem.message == "The core lacks the stacks of 2 of 2 threads."
    assert "coredump_filter" in (problem.remedy or "")


@pytest.mark.parametrize(
    ("interrupted", "begin"), [(STACK.address + 0x200, STACK.address + 0x200), (STACK.address - 0x40, STACK.address)]
)
def test_a_handlers_own_stack_brings_the_interrupted_one(interrupted: int, begin: int) -> None:
    """If this failed, a crash handler would be the last caller of every crash that it handled, overflows first."""
    context = (0, 0, 0x10000, 1, 0x2000, *range(15), interrupted, 0x401010)
    words = b"".join(word.to_bytes(8, "little") for word in context)
    handler = Part(0x10000, bytes(0x1000) + words.ljust(0x1000, b"\0"))
    memory = _event(cores.thread(7, _registers(0x10800)), parts=(handler, STACK)).thread_list[0].stack_memory
    assert memory
    first, second = memory.pieces
    assert (first.address, len(first.data)) == (0x10800, 0x1800)
    assert (second.address, second.data) == (begin, STACK.data[begin - STACK.address :])


def test_what_is_no_core_is_refused_with_a_reason() -> None:
    """If this failed, a program that was passed by mistake would be read as an empty crash."""
    with pytest.raises(UnreadableInput, match="--artifacts"):
        READER.read(cores.image())
    with pytest.raises(UnreadableInput, match="cut off"):
        READER.read(cores.core([]))
    with pytest.raises(UnreadableInput, match="cannot be read"):
        READER.read(b"\x7fELF\2\1")


def test_a_core_is_known_by_its_header() -> None:
    """If this failed, a core would be taken for a debug file, or any binary for a core."""
    assert READER.detect(cores.core([])[:64]) > 0.9
    assert READER.detect(cores.core([], processor=cores.MIPS)[:64]) > 0.9
    assert [READER.detect(head) for head in (cores.image(), b"", b"\x7fELF", b"#0 0x1 in main ()")] == [0.0] * 4


@pytest.mark.parametrize(
    ("magic", "tool"), [(b"\x28\xb5\x2f\xfd", "unzstd"), (b"\x04\x22\x4d\x18", "unlz4"), (b"\xfd7zXZ\0", "unxz")]
)
def test_a_compressed_core_is_told_to_be_unpacked(magic: bytes, tool: str) -> None:
    """If this failed, people would not know what to do with what coredumpctl left."""
    assert 0.3 <= READER.detect(magic + bytes(60)) < 0.5
    with pytest.raises(UnreadableInput, match=tool):
        READER.read(magic + bytes(60))
