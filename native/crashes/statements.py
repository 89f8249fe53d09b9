"""What a program or its runtime says about why it died, beside the backtrace.

=====================================================================  ================================================
``*** signal 11 (SIGSEGV), address 0x8 ***``, ``Caught signal 11``     signal: type ``SIGSEGV``
``Segmentation fault (core dumped)``                                   signal, in a shell's words
``terminate called after throwing an instance of 'std::logic_error'``  C++ exception, below ``what():`` its message
``libc++abi: terminating due to uncaught exception of type X: msg``    C++ exception (libc++)
``thread 'main' panicked at src/main.rs:10:5:``                        Rust panic, message on the next lines
``thread 'main' panicked at 'msg', src/main.rs:10:5``                  Rust panic before 1.73
``prog: main.cpp:12: int main(): Assertion `x' failed.``               assert(3)
``*** stack smashing detected ***: terminated``                        checks of glibc, ``free(): invalid pointer``
``*** Error in `./prog': double free or corruption: 0x1c7c010 ***``    the same before glibc 2.26
=====================================================================  ================================================
"""

import re
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from native.crashes.raw_frames import position
from native.crashes.signals import find_signal
from symbolicator.model import JSON

_CPP = re.compile(r"terminate called after throwing an instance of '([^\n]{1,2000})'\s*\Z")
_CPP_WHAT = re.compile(r"\s{2}what\(\): {0,2}(.*)\Z")
_CPP_OTHER = re.compile(r"terminate called (?:without an active exception|recursively)")
_LIBCXX = re.compile(
    r"libc\+\+abi(?:\.dylib)?: terminating (?:due to|with) uncaught (?:foreign )?exception(?: of type (?P<rest>.*))?\Z"
)
_PANIC = re.compile(r"thread '(?P<name>[^'\n]{0,200})'(?: \((?P<id>[0-9]{1,10})\))? panicked at (?P<rest>.*)\Z")
_PANIC_NOTES = ("note: ", "stack backtrace:", "thread '")
_ASSERTION, _FAILED = ("Assertion `", "Assertion '"), "' failed"
_CHECK = re.compile(r"\*\*\* (?P<what>[^*]{1,200}) \*\*\*:? ?(?P<rest>.*)\Z")
_ERROR_IN = re.compile(r"Error in [`'](?P<where>[^'\n]{1,1000})': (?P<what>.*?)(?:: (?P<rest>0x[0-9a-f]{1,16}))?\Z")
_HEAP = re.compile(r"(?P<what>(?:free|malloc|realloc|calloc|munmap_chunk|malloc_consolidate)\(\)): (?P<rest>.*)\Z")
_HEAP_WORDS = re.compile(r"(?:double free or corruption|corrupted (?:size|double-linked list)|malloc_)")
_MAX_MESSAGE_LINES = 200


class Statement(Struct, frozen=True):
    """``signal`` is a name such as ``SIGSEGV``; ``data`` what else was said."""

    type: str | None = None
    value: str | None = None
    signal: str | None = None
    thread_id: int | None = None
    thread_name: str | None = None
    data: dict[str, JSON] = field(default_factory=dict)


Parse = Callable[[Sequence[str], int], Statement | None]


def find_statement(lines: Sequence[str]) -> Statement | None:
    """The most telling statement of these lines: an exception or a panic, a failed check, the last signal.

    A signal that is stated beside an exception is kept with it. None if the lines state nothing of the kind.
    """
    found = [statement for _, statement in statements(lines)]
    telling = next((statement for statement in found if statement.signal is None), None)
    signal = next((statement for statement in reversed(found) if statement.signal), None)
    if telling and signal:
        return replace(telling, signal=signal.signal)
    return telling or signal


def statements(lines: Sequence[str]) -> Iterator[tuple[int, Statement]]:
    """Every statement with the index of its line."""
    for index in range(len(lines)):
        statement = _statement(lines, index)
        if statement:
            yield index, statement


def states_something(line: str) -> bool:
    """Whether the line starts a statement."""
    return _statement([line], 0) is not None


def is_panic(line: str) -> bool:
    """Whether the line is the first one of a Rust panic."""
    return "panicked at" in line and _PANIC.match(line.strip()) is not None


def _statement(lines: Sequence[str], index: int) -> Statement | None:
    return next((found for parse in _PARSERS if (found := parse(lines, index))), None)


def _cpp_exception(lines: Sequence[str], index: int) -> Statement | None:
    line = lines[index].strip()
    thrown = _CPP.match(line)
    if thrown:
        return Statement(thrown[1], _what(lines, index + 1))
    if _CPP_OTHER.match(line):
        return Statement("std::terminate", line)
    libcxx = _LIBCXX.match(line)
    if libcxx is None:
        return None
    kind, _, message = (libcxx["rest"] or "").partition(": ")
    return Statement(kind or "std::terminate", message or (None if kind else line))


def _what(lines: Sequence[str], index: int) -> str | None:
    """The message of the exception: it may go on over several lines."""
    first = _CPP_WHAT.match(lines[index]) if index < len(lines) else None
    return "\n".join([first[1], *_message(lines, index + 1)]).rstrip() or None if first else None


def _message(lines: Sequence[str], index: int) -> Iterator[str]:
    """The lines up to a blank one, or one that says something else."""
    for line in lines[index : index + _MAX_MESSAGE_LINES]:
        if not line.strip() or _signal(line) or _CHECK.match(line):
            return
        yield line


def _panic(lines: Sequence[str], index: int) -> Statement | None:
    match = _PANIC.match(lines[index].strip())
    if match is None:
        return None
    below = _panic_message(lines[index + 1 : index + 1 + _MAX_MESSAGE_LINES])
    place, message = _old_panic("\n".join([match["rest"], *below])) or (
        match["rest"].removesuffix(":"),
        "\n".join(below),
    )
    return Statement(
        "panic",
        message or None,
        thread_id=int(match["id"]) if match["id"] else None,
        thread_name=match["name"],
        data={"panicked_at": place} if position(place)[1] else {},
    )


def _panic_message(lines: Sequence[str]) -> list[str]:
    """The lines up to what the runtime says next; where it says nothing, up to a blank one."""
    said = next((index for index, line in enumerate(lines) if line.startswith(_PANIC_NOTES)), None)
    if said is None:
        return list(_message(lines, 0))
    return "\n".join(lines[:said]).rstrip().split("\n")


def _old_panic(text: str) -> tuple[str, str] | None:
    """Place and message of ``'message', src/main.rs:10:5``."""
    message, separator, place = text.rpartition("', ")
    return (place, message[1:]) if separator and text.startswith("'") and position(place)[1] else None


def _assertion(lines: Sequence[str], index: int) -> Statement | None:
    line = lines[index].strip().removesuffix(".")
    start = max(line.find(words) for words in _ASSERTION)
    if start < 0 or not line.endswith(_FAILED):
        return None
    where = line[:start].strip().removesuffix(":")
    what = line[start + len(_ASSERTION[0]) : -len(_FAILED)]
    return Statement("Assertion failed", what or None, data={"where": where} if where else {})


def _check(lines: Sequence[str], index: int) -> Statement | None:
    line = lines[index].strip()
    match = _HEAP.match(line) or (None if find_signal(line) else _CHECK.match(line))
    error = _ERROR_IN.match(match["what"]) if match else None
    if error:
        return Statement(error["what"], error["rest"], data={"where": error["where"]})
    if match:
        return Statement(match["what"], match["rest"] or None)
    return Statement("heap corruption", line) if _HEAP_WORDS.match(line) else None


def _signal_statement(lines: Sequence[str], index: int) -> Statement | None:
    name = _signal(lines[index])
    if name is None:
        return None
    return Statement(name, _without_stars(lines[index], name), signal=name)


def _signal(line: str) -> str | None:
    return find_signal(line.strip()) if len(line) < _MAX_SIGNAL_LINE else None


_MAX_SIGNAL_LINE = 400


def _without_stars(line: str, name: str) -> str:
    text = line.strip().strip("*").strip().replace(f" ({name})", "")
    return text.removesuffix(".")


_PARSERS: tuple[Parse, ...] = (_cpp_exception, _panic, _assertion, _check, _signal_statement)
