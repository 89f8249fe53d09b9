"""Where CPython's structures have what: bytes from their start, a layout for each version.

Version 3.13 and later say it themselves: ``_PyRuntime`` begins with a table (``_Py_DebugOffsets``) that starts with
``xdebugpy``. Its own form differs by version. For 3.11 and 3.12 the offsets are those of 64-bit builds, the same in all
their patch releases; fixtures/core-python/offsets.c prints them from the interpreter's headers.

Source: CPython's Include/internal (pycore_runtime.h, pycore_interp.h, pycore_frame.h; pycore_debug_offsets.h since
3.14), Include/cpython/code.h and unicodeobject.h.
"""

import struct
from collections.abc import Mapping

from msgspec import Struct

COOKIE = b"xdebugpy"
MAX_OFFSET = 1 << 20
"""No structure is larger."""


class Layout(Struct, frozen=True):
    """Offsets in bytes; the names are those of CPython's fields.

    ``interpreter_runtime`` is the way back from an interpreter to ``_PyRuntime``, where it is needed to find that.
    ``thread_frame`` leads to the current frame, over ``cframe`` where there is such a thing. ``frame_entry`` is the
    flag of a frame that C called (3.11); later versions have a frame of their own, a shim, before such a one.
    """

    version: str
    interpreters_head: int
    interpreter_next: int
    threads_head: int
    thread_next: int
    thread_interpreter: int
    thread_native_id: int
    thread_frame: tuple[int, ...]
    frame_executable: int
    frame_previous: int
    frame_instruction: int
    frame_owner: int
    code_filename: int
    code_qualname: int
    code_linetable: int
    code_firstlineno: int
    code_adaptive: int
    ascii_size: int
    compact_size: int
    interpreter_runtime: int | None = None
    frame_entry: int | None = None
    kind_shift: int = 2
    """Bits of a string's state before its kind."""
    length: int = 16
    """Of a string, a bytes object, anything with a size."""
    string_state: int = 32
    bytes_value: int = 32


PYTHON_3_11 = Layout(
    version="3.11",
    interpreters_head=40,
    interpreter_next=0,
    interpreter_runtime=40,
    threads_head=16,
    thread_next=8,
    thread_interpreter=16,
    thread_native_id=160,
    thread_frame=(56, 8),
    frame_executable=32,
    frame_previous=48,
    frame_instruction=56,
    frame_owner=69,
    frame_entry=68,
    code_filename=112,
    code_qualname=128,
    code_linetable=136,
    code_firstlineno=72,
    code_adaptive=184,
    ascii_size=48,
    compact_size=72,
)
PYTHON_3_12 = Layout(
    version="3.12",
    interpreters_head=40,
    interpreter_next=0,
    interpreter_runtime=96,
    threads_head=72,
    thread_next=8,
    thread_interpreter=16,
    thread_native_id=144,
    thread_frame=(56, 0),
    frame_executable=0,
    frame_previous=8,
    frame_instruction=56,
    frame_owner=70,
    code_filename=112,
    code_qualname=128,
    code_linetable=136,
    code_firstlineno=68,
    code_adaptive=192,
    ascii_size=40,
    compact_size=56,
)
WITHOUT_TABLE = (PYTHON_3_11, PYTHON_3_12)

_RUNTIME = "size finalizing interpreters_head"
_INTERPRETER = "size id next threads_head gc imports sysdict builtins ceval_gil gil gil_enabled gil_locked gil_holder"
_THREAD = "size prev next interp current_frame thread_id native_thread_id datastack status"
_FRAME = "size previous executable instr_ptr localsplus owner"
_CODE = "size filename name qualname linetable firstlineno argcount names kinds adaptive"
_VALUES = (
    ("dict", "size keys values"),
    ("float", "size value"),
    ("long", "size tag digit"),
    ("bytes", "size length value"),
    ("unicode", "size state length ascii_size"),
)
_TYPES = (
    ("object", "size type"),
    ("type", "size name repr flags"),
    ("tuple", "size item length"),
    ("list", "size item length"),
)
_TABLES: Mapping[tuple[int, int], tuple[tuple[str, str], ...]] = {
    (3, 13): (
        ("runtime", _RUNTIME),
        ("interpreter", _INTERPRETER),
        ("thread", _THREAD),
        ("frame", _FRAME),
        ("code", _CODE),
        *_TYPES,
        *_VALUES,
    ),
    (3, 14): (
        ("runtime", _RUNTIME),
        ("interpreter", _INTERPRETER.replace(" gc ", " threads_main gc ") + " code_generation tlbc_generation"),
        ("thread", _THREAD),
        ("frame", f"{_FRAME} stackpointer tlbc_index"),
        ("code", f"{_CODE} tlbc"),
        *_TYPES,
        ("set", "size used table mask"),
        *_VALUES,
    ),
}
"""The fields of ``_Py_DebugOffsets`` in their order, eight bytes each, behind cookie, version and free_threaded."""
_HEAD = 24
_BUILDS = {0xA: "a", 0xB: "b", 0xC: "rc"}
TABLE_SIZE = _HEAD + 8 * max(len(" ".join(names for _, names in table).split()) for table in _TABLES.values())


def layout_of_table(table: bytes) -> Layout | None:
    """The layout that an interpreter's own table gives; None for one of a version that is not known."""
    if len(table) < _HEAD or not table.startswith(COOKIE):
        return None
    version, free_threaded = struct.unpack_from("<QQ", table, len(COOKIE))
    fields = _TABLES.get((version >> 24 & 0xFF, version >> 16 & 0xFF)) if version >> 32 == 0 else None
    names = [f"{part}.{name}" for part, listed in fields for name in listed.split()] if fields else []
    if not names or len(table) < _HEAD + 8 * len(names):
        return None
    at = dict(zip(names, struct.unpack_from(f"<{len(names)}Q", table, _HEAD), strict=True))
    if any(offset > MAX_OFFSET for offset in at.values()):
        return None
    return _layout(_version(version), at, kind_shift=8 if free_threaded else 2)


def _version(number: int) -> str:
    """``3.13.0`` of ``PY_VERSION_HEX``."""
    major, minor, micro, level, serial = (number >> shift & mask for shift, mask in _VERSION_PARTS)
    build = f"{_BUILDS[level]}{serial}" if level in _BUILDS else ""
    return f"{major}.{minor}.{micro}{build}"


_VERSION_PARTS = ((24, 0xFF), (16, 0xFF), (8, 0xFF), (4, 0xF), (0, 0xF))


def _layout(version: str, at: Mapping[str, int], *, kind_shift: int) -> Layout:
    return Layout(
        version=version,
        interpreters_head=at["runtime.interpreters_head"],
        interpreter_next=at["interpreter.next"],
        threads_head=at["interpreter.threads_head"],
        thread_next=at["thread.next"],
        thread_interpreter=at["thread.interp"],
        thread_native_id=at["thread.native_thread_id"],
        thread_frame=(at["thread.current_frame"],),
        frame_executable=at["frame.executable"],
        frame_previous=at["frame.previous"],
        frame_instruction=at["frame.instr_ptr"],
        frame_owner=at["frame.owner"],
        code_filename=at["code.filename"],
        code_qualname=at["code.qualname"],
        code_linetable=at["code.linetable"],
        code_firstlineno=at["code.firstlineno"],
        code_adaptive=at["code.adaptive"],
        ascii_size=at["unicode.ascii_size"],
        compact_size=at["unicode.ascii_size"] + _UTF8,
        kind_shift=kind_shift,
        length=at["unicode.length"],
        string_state=at["unicode.state"],
        bytes_value=at["bytes.value"],
    )


_UTF8 = 16
"""Bytes of the length and the address of a string's UTF-8 form, behind what all strings have."""
