"""A protobuf message of PLCrashReporter that a library has written as JSON, read by the numbers of its fields.

Fields have their names as in the message's definition, or in lower camel case; 64-bit numbers are strings, bytes are
Base64, enumerations are names or numbers.
"""

import binascii
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Protocol

from msgspec import Struct

from native.crashes.apple.json_fields import Fields, whole_number


class AnyMessage(Protocol):
    """What the report is read from: a message of either form."""

    def number(self, tag: int, /) -> int | None: ...

    def numbers(self, tag: int, /) -> tuple[int, ...]: ...

    def flag(self, tag: int, /) -> bool | None: ...

    def text(self, tag: int, /) -> str | None: ...

    def data(self, tag: int, /) -> bytes | None: ...

    def message(self, tag: int, /) -> "AnyMessage | None": ...

    def messages(self, tag: int, /) -> "Iterator[AnyMessage]": ...


class Schema(Struct, frozen=True):
    """``names`` of the fields by number; ``inner``: those of messages inside."""

    names: Mapping[int, str]
    inner: "Mapping[int, Schema]" = {}


_ENUMS = {
    "MAC_OS_X": 0, "IPHONE_OS": 1, "IPHONE_SIMULATOR": 2, "OS_UNKNOWN": 3, "APPLE_TVOS": 4,
    "X86_32": 0, "X86_64": 1, "ARMV6": 2, "PPC": 3, "PPC64": 4, "ARMV7": 5, "ARCHITECTURE_UNKNOWN": 6,
    "TYPE_ENCODING_UNKNOWN": 0, "TYPE_ENCODING_MACH": 1,
}  # fmt: skip
_PROCESSOR = Schema({1: "encoding", 2: "type", 3: "subtype"})
_FRAME = Schema({3: "pc", 6: "symbol"}, {6: Schema({1: "name", 2: "start_address", 3: "end_address"})})
_THREAD = Schema(
    {1: "thread_number", 2: "frames", 3: "crashed", 4: "registers"}, {2: _FRAME, 4: Schema({1: "name", 2: "value"})}
)
_REPORT = Schema(
    {
        1: "system_info", 2: "application_info", 3: "threads", 4: "binary_images", 5: "exception", 6: "signal",
        7: "process_info", 8: "machine_info", 9: "report_info", 10: "custom_data",
    },
    {
        1: Schema({1: "operating_system", 2: "os_version", 3: "architecture", 4: "timestamp", 5: "os_build"}),
        2: Schema({1: "identifier", 2: "version", 3: "marketing_version"}),
        3: _THREAD,
        4: Schema({1: "base_address", 2: "size", 3: "name", 4: "uuid", 5: "code_type"}, {5: _PROCESSOR}),
        5: Schema({1: "name", 2: "reason", 3: "frames"}, {3: _FRAME}),
        6: Schema({1: "name", 2: "code", 3: "address", 4: "mach_exception"}, {4: Schema({1: "type", 2: "codes"})}),
        7: Schema(
            {
                1: "process_name", 2: "process_id", 3: "process_path", 4: "parent_process_name",
                5: "parent_process_id", 6: "native", 7: "start_time",
            }
        ),
        8: Schema({1: "model", 2: "processor", 3: "processor_count", 4: "logical_processor_count"}, {2: _PROCESSOR}),
        9: Schema({1: "user_requested", 2: "uuid"}),
    },
)  # fmt: skip


class JsonMessage:
    """A message as JSON."""

    def __init__(self, fields: Fields, schema: Schema) -> None:
        self._fields = fields
        self._schema = schema

    @staticmethod
    def of_report(fields: Fields) -> "JsonMessage":
        """The whole report."""
        return JsonMessage(fields, _REPORT)

    def number(self, tag: int, /) -> int | None:
        """A number, or that of an enumeration's name."""
        name = self._name(tag)
        value = self._fields.number(name)
        return _ENUMS.get(self._fields.text(name) or "") if value is None else value

    def numbers(self, tag: int, /) -> tuple[int, ...]:
        """The numbers of a repeated field."""
        found = (whole_number(value) for value in self._fields.array(self._name(tag)))
        return tuple(number for number in found if number is not None)

    def flag(self, tag: int, /) -> bool | None:
        """Whether it is true; None if it is not there."""
        name = self._name(tag)
        return self._fields.flag(name) if name in self._fields else None

    def text(self, tag: int, /) -> str | None:
        """A string."""
        return self._fields.text(self._name(tag))

    def data(self, tag: int, /) -> bytes | None:
        """Bytes, which are Base64; None if they are not."""
        text = self._fields.text(self._name(tag))
        try:
            return b64decode(text) if text else None
        except (binascii.Error, ValueError):
            return None

    def message(self, tag: int, /) -> "JsonMessage | None":
        """The message in a field."""
        fields = self._fields.fields(self._name(tag))
        return JsonMessage(fields, self._schema.inner[tag]) if fields else None

    def messages(self, tag: int, /) -> Iterator["JsonMessage"]:
        """The messages of a repeated field."""
        schema = self._schema.inner[tag]
        return (JsonMessage(fields, schema) for fields in self._fields.items(self._name(tag)))

    def _name(self, tag: int) -> str:
        """The field's name in the one of the two spellings that is there."""
        name = self._schema.names[tag]
        head, *others = name.split("_")
        camel = head + "".join(part.capitalize() for part in others)
        return camel if camel in self._fields else name
