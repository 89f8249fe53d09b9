"""What Ruby prints, read as a person reads it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from native.crashes.ruby.control_frames import frames_of, parse_control_frame
from native.crashes.ruby.frames import frame_at
from native.crashes.ruby.reader import READER
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event, Frame, Stacktrace

ROOT = Path(__file__).resolve().parents[4]
SAMPLES = Path(__file__).with_name("samples")


def read(name: str) -> Event:
    path = SAMPLES / f"{name}.txt"
    return READER.read((path if path.exists() else ROOT / "fixtures" / name / "crash.txt").read_bytes())


def calls(stack: Stacktrace | None) -> list[tuple[str | None, str | None, int | None]]:
    """Newest first."""
    assert stack is not None
    return [(frame.function, frame.filename, frame.lineno) for frame in reversed(stack.frames)]


def ruby_frames(event: Event) -> list[Frame]:
    """Ruby's view of the thread that crashed, newest first."""
    stack = event.thread_list[0].vm_stacktrace
    assert stack is not None
    return list(reversed(stack.frames))


def control(frame: Frame) -> tuple[object, bool, bool]:
    assert frame.data is not None
    return frame.data.extra["control_frame"], frame.data.is_entry, frame.data.is_native


def test_control_frames_have_the_names_of_methods() -> None:
    """Two sections describe the same stack: kinds and entries stand in one, names in the other."""
    frames = ruby_frames(read("merge-ruby"))
    assert [(frame.function, frame.lineno, *control(frame)) for frame in frames[:6]] == [
        ("read", None, "CFUNC", False, True),
        ("stamp", 30, "METHOD", False, False),
        ("block (2 levels) in discount", 23, "BLOCK", True, False),
        ("guard", None, "CFUNC", False, True),
        ("block in discount", 21, "BLOCK", True, False),
        ("map", None, "CFUNC", False, True),
    ]
    assert (frames[-1].function, frames[-1].lineno, *control(frames[-1])) == ("<main>", 39, "EVAL", True, False)


def test_native_frames_lie_in_the_images_of_the_memory_map() -> None:
    """Without load addresses no debug file says anything; Ruby also maps whole files to read their symbols."""
    event = read("merge-ruby")
    stack = event.thread_list[0].stacktrace
    assert stack is not None
    [image] = [image for image in event.images if (image.code_file or "").endswith("relay.so")]
    read_it = next(frame for frame in stack.frames if frame.function == "relay_read")
    assert (read_it.image_addr, read_it.package, image.arch) == (image.image_addr, image.code_file, "x86_64")
    library = [image for image in event.images if "libruby" in (image.code_file or "")]
    assert [(image.image_size or 0) < 0x500000 for image in library] == [True]


def test_the_interrupted_frame_is_exact() -> None:
    """Its address is that of the instruction that failed; what is newer is the handler of the signal."""
    stack = read("merge-ruby").thread_list[0].stacktrace
    assert stack is not None
    assert stack.registers is not None
    *_, trampoline, _, _, _ = stack.frames
    interrupted = next(frame for frame in stack.frames if frame.adjust_instruction_addr is False)
    assert interrupted.function == "relay_read"
    assert interrupted.instruction_addr == stack.registers["rip"]
    assert trampoline.data is not None
    assert trampoline.data.machinery == "signal handling"


def test_a_report_says_what_ran() -> None:
    """Version, processor and script decide which build to look at."""
    event = read("merge-ruby")
    [raised] = event.exceptions
    assert (raised.type, raised.value) == ("SIGSEGV", "Segmentation fault at 0x0000000000000008")
    assert event.contexts is not None
    assert event.contexts["runtime"] == {
        "name": "ruby",
        "version": "3.1.2p20",
        "raw_description": "ruby 3.1.2p20 (2022-04-12 revision 4491bb740a) [x86_64-linux-gnu]",
    }
    assert event.contexts["app"] == {"app_name": "src/shop.rb"}


def test_blocks_and_starts_of_extensions_in_c() -> None:
    """They have control frames and no line in the backtrace: all names after them would be those of others."""
    nested = [(frame.function, control(frame)[0]) for frame in ruby_frames(read("ruby-nested-c"))]
    assert nested[4:9] == [
        ("sort", "CFUNC"),
        ("block in <main>", "BLOCK"),
        ("<block in C>", "IFUNC"),
        ("each", "CFUNC"),
        ("each_slice", "CFUNC"),
    ]
    start = ruby_frames(read("ruby-extension-start"))
    assert (start[0].function, *control(start[0])) == ("<start of extension>", "TOP", False, True)
    assert start[2].function == "open_shop"


def test_ruby_code_of_ruby_itself() -> None:
    """Since 3.4 the backtrace gives it the place of its caller, or leaves it out: no other call may take its name."""
    printed = [
        "BLOCK  a.rb:2 [FINISH]", "METHOD <internal:array>:42", "METHOD a.rb:2", "METHOD <internal:kernel>:7",
        "EVAL   a.rb:9",
    ]  # fmt: skip
    control = [parse_control_frame(f"c:0001 p:0001 s:0001 e:000001 {text}") for text in printed]
    listed = [frame_at("a.rb", 9, "<main>"), frame_at("a.rb", 9, "Kernel#tap"), frame_at("a.rb", 2, "A#go"),
              frame_at("a.rb", 2, "block in A#go")]  # fmt: skip
    named = frames_of([frame for frame in control if frame], listed)
    assert [(frame.function, frame.filename, frame.lineno) for frame in named] == [
        ("<main>", "a.rb", 9),
        ("Kernel#tap", "<internal:kernel>", 7),
        ("A#go", "a.rb", 2),
        (None, "<internal:array>", 42),
        ("block in A#go", "a.rb", 2),
    ]


def test_a_place_that_was_cut() -> None:
    """Ruby keeps 127 bytes of it: the line is missing, or some of its digits."""
    path = "/srv/" + "a" * 119 + ".rb"
    frame = parse_control_frame(f"c:0001 p:0001 s:0001 e:000001 METHOD {path}:1")
    assert frame is not None
    [call] = frames_of([frame], [frame_at(path, 123, "total")])
    assert (call.function, call.lineno) == ("total", 123)


def test_calls_that_were_inlined() -> None:
    """With debug information Ruby writes inlined calls as lines without address."""
    stack = read("ruby-symbols.synthetic").thread_list[0].stacktrace
    assert stack is not None
    *_, report, printing = stack.frames
    assert (report.function, report.filename, report.lineno) == ("rb_vm_bugreport", "vm_dump.c", 1045)
    assert (printing.function, printing.lineno) == ("rb_print_backtrace", 759)
    assert report.instruction_addr == printing.instruction_addr


def test_a_report_of_macos() -> None:
    """Its C frames have the form of that system."""
    stack = read("ruby-macos.synthetic").thread_list[0].stacktrace
    assert stack is not None
    call = next(frame for frame in stack.frames if frame.function == "relay_read")
    assert call.data is not None
    assert (call.package, call.instruction_addr, call.data.function_offset) == ("relay.bundle", 0x106A01E52, 18)


def test_extensions_of_gems_are_not_own_code(ruled: Callable[[Event], Event]) -> None:
    """The frame of a gem's library on top would be taken for the culprit."""
    report = (ROOT / "fixtures/merge-ruby/crash.txt").read_text()
    gem = report.replace("/tmp/symbolicator-fixture/merge-ruby/relay.so", "/srv/gems/relay-1.0/lib/relay.so")
    stack = ruled(READER.read(gem.encode())).thread_list[0].stacktrace
    assert stack is not None
    assert [frame.in_app for frame in stack.frames if frame.function == "relay_read"] == [False]
    libruby = [frame.in_app for frame in stack.frames if "libruby" in (frame.package or "")]
    assert set(libruby) == {False}


def test_a_report_without_sections_of_c() -> None:
    """Ruby's own stack is what there is on systems that cannot walk C's."""
    whole = (ROOT / "fixtures/merge-ruby/crash.txt").read_bytes()
    thread = READER.read(whole[: whole.index(b"-- Machine")]).thread_list[0]
    assert thread.vm_stacktrace is None
    assert calls(thread.stacktrace)[1] == ("stamp", "src/shop.rb", 30)


def test_causes() -> None:
    """Ruby prints a cause below the exception that it caused, with no word between them."""
    event = read("ruby-causes")
    assert [(error.type, error.value, error.module) for error in event.exceptions] == [
        ("KeyError", 'key not found: "cents"', None),
        ("NoMethodError", "undefined method `cents' for nil:NilClass", None),
        ("Shop::NoPrice", "no price for the cart\nof today", "Shop"),
    ]
    links = [error.mechanism for error in event.exceptions]
    assert [(link.exception_id, link.parent_id, link.source) for link in links if link] == [
        (2, 1, "cause"), (1, 0, "cause"), (0, None, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("between", "links"), [("", 1), ("\n    nil.x\n       ^^\n", 1), ("\ngoing on\n", 0)]
)  # fmt: skip
def test_a_cause_without_calls(between: str, links: int) -> None:
    """A script's own top level has no caller: what stands right below it is its cause all the same."""
    text = f"a.rb:3:in `<main>': no (AError)\n{between}a.rb:1:in `<main>': none (BError)\n"
    mechanisms = [error.mechanism for error in READER.read(text.encode()).exceptions]
    assert sum(mechanism is not None and mechanism.parent_id is not None for mechanism in mechanisms) == links


def test_the_source_line_that_failed() -> None:
    """The line as it ran is in the report, and which part of it."""
    stack = read("ruby-causes").exceptions[1].stacktrace
    assert stack is not None
    assert (stack.frames[-1].context_line, stack.frames[-1].colno) == ('    item["price"].cents * item["count"]', 18)


@pytest.mark.parametrize(
    ("name", "error", "newest", "count"),
    [
        ("ruby-34.synthetic", ("NoMethodError", "undefined method 'cents' for nil"), ("Cart#total", 12), 5),
        ("ruby-old-order.synthetic", ("RuntimeError", "no price"), ("price", 2), 3),
        ("ruby-logger", ("KeyError", "no price"), ("price", 4), 2),
        ("ruby-rails.synthetic", ("NoMethodError", "undefined method `price' for nil:NilClass"), ("total", 12), 3),
        ("ruby-puma.synthetic", ("NoMethodError", "undefined method `x' for nil:NilClass"), ("call", 3), 2),
        ("ruby-syntax", ("SyntaxError", "syntax error, unexpected `end'"), (None, 3), 1),
        ("ruby-thread", ("ArgumentError", "no price"), ("price", 2), 2),
    ],
)
def test_other_forms(name: str, error: tuple[str, str], newest: tuple[str | None, int], count: int) -> None:
    """Ruby's versions, Rails, servers and loggers each write the same exception in their own way."""
    [raised] = read(name).exceptions
    assert (raised.type, raised.value) == error
    (function, _, line1), *older = calls(raised.stacktrace)
    assert ((function, line1), len(older) + 1) == (newest, count)


def test_a_thread_that_ended() -> None:
    """Ruby prints the exception for the thread and once more for the program: it is one."""
    event = read("ruby-thread")
    assert [(thread.name, thread.crashed) for thread in event.thread_list] == [("till", True)]
    assert event.exceptions[0].thread_id == "till"


def test_rake_names_causes() -> None:
    """The task's own error is the one below it."""
    event = read("ruby-rake")
    assert [(error.type, error.value) for error in event.exceptions] == [
        ("NoMethodError", "undefined method `price' for nil:NilClass"),
        ("ArgumentError", "no price"),
    ]
    assert calls(event.exceptions[0].stacktrace)[0] == ("block in <top (required)>", "/srv/demo/Rakefile", 2)


@pytest.mark.parametrize(("name", "count"), [("ruby-limit", "10"), ("ruby-overflow", "10,068")])
def test_calls_that_ruby_left_out(name: str, count: str) -> None:
    """Who counts frames is misled by a stack that is not whole and does not say so."""
    [problem] = read(name).errors
    assert count in (problem.message or "")


def test_a_report_that_breaks_off() -> None:
    """What has no frame at all is said to be unreadable, with what was expected."""
    with pytest.raises(UnreadableInput, match="with all its sections"):
        READER.read(b"-- Control frame information ---\n\n")
