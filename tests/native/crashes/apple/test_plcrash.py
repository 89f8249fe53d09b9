"""PLCrashReporter's reports as events, in both forms."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from native.crashes.apple.plcrash import READER
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event, Stacktrace

FIXTURE = Path(__file__).resolve().parents[4] / "fixtures" / "apple-plcrash" / "crash.plcrash"
UUID = bytes(range(16))


def as_json(*, camel: bool) -> dict[str, Any]:
    """The message as protobuf's libraries write it: names of the definition, or in camel case."""
    frames = [{"pc": "4298129408", "symbol": {"name": "_main", "start_address": "4298129400"}}]
    code = {"encoding": "TYPE_ENCODING_MACH", "type": "16777228", "subtype": "0"}
    registers = [{"name": "pc", "value": "4298129408"}]
    image = {"base_address": "4298113024", "size": "49152", "name": "/var/Cart.app/Cart", "code_type": code}
    told = {
        "system_info": {"operating_system": "IPHONE_OS", "os_version": "17.2", "timestamp": "1708330364"},
        "application_info": {"identifier": "com.example.cart", "version": "87"},
        "machine_info": {"model": "iPhone14,5", "processor": code},
        "threads": [{"thread_number": 0, "crashed": True, "frames": frames, "registers": registers}],
        "binary_images": [{**image, "uuid": base64.b64encode(UUID).decode()}],
        "exception": {"name": "NSRangeException", "reason": "beyond", "frames": frames},
        "signal": {"name": "SIGABRT", "code": "#0", "address": "0"},
    }
    renamed: dict[str, Any] = in_camel_case(told) if camel else told
    return renamed


def in_camel_case(value: Any) -> Any:
    if isinstance(value, dict):
        return {camel(name): in_camel_case(item) for name, item in value.items()}
    return [in_camel_case(item) for item in value] if isinstance(value, list) else value


def camel(name: str) -> str:
    head, *others = name.split("_")
    return head + "".join(part.capitalize() for part in others)


def stack(event: Event, number: int = 0) -> Stacktrace:
    found = event.thread_list[number].stacktrace
    assert found is not None
    return found


def test_the_binary_report() -> None:
    """Threads, registers, images and what the app gave along, out of the protobuf message."""
    event = READER.read(FIXTURE.read_bytes())
    exception = event.exceptions[0]
    assert (exception.type, exception.value, exception.thread_id) == (
        "EXC_BAD_ACCESS",
        "KERN_INVALID_ADDRESS at 0x18",
        0,
    )
    assert [(thread.id, thread.crashed) for thread in event.thread_list] == [(0, True), (1, None), (2, None)]
    crashed = stack(event)
    assert [frame.function for frame in crashed.frames] == ["start", None, None, None]
    assert crashed.registers is not None
    assert crashed.registers["rip"] == crashed.frames[-1].instruction_addr
    assert (event.images[0].debug_id, event.images[0].arch) == ("106b5ad0-9a35-3f56-adaf-a990fac605d6", "x86_64")
    assert event.contexts == {
        "os": {"name": "macOS", "version": "14.3", "build": "23D56"},
        "device": {"model": "MacBookPro16,1", "arch": "x86_64"},
        "app": {"app_name": "tank", "app_identifier": "com.example.tank", "app_version": "3.1", "app_build": "310"},
    }
    assert (event.timestamp, event.event_id) == ("2024-02-19T08:12:44Z", "5b6c7d8e9fa0411223344556677889a0")
    assert event.extra["custom_data"] == '{"trip": "Hamburg"}'


@pytest.mark.parametrize("spelling", [False, True])
def test_the_report_as_json(spelling: object) -> None:
    """Libraries write the message under either names; numbers of 64 bits are strings, bytes are Base64."""
    event = READER.read(json.dumps(as_json(camel=bool(spelling))).encode())
    exception = event.exceptions[0]
    assert (exception.type, exception.value) == ("NSRangeException", "beyond")
    assert exception.stacktrace is not None
    assert exception.stacktrace.instruction_addr_adjustment == "all"
    frame = stack(event).frames[0]
    assert (frame.function, frame.instruction_addr, frame.package) == ("main", 4298129408, "/var/Cart.app/Cart")
    assert event.images[0].debug_id == "00010203-0405-0607-0809-0a0b0c0d0e0f"
    assert event.images[0].arch == "arm64"
    assert (event.contexts or {})["os"] == {"name": "iOS", "version": "17.2"}
    assert event.timestamp == "2024-02-19T08:12:44Z"


def test_a_report_that_the_app_asked_for() -> None:
    """Nothing crashed: a live report must not be counted as a crash."""
    told = as_json(camel=False) | {"report_info": {"user_requested": True}}
    mechanism = READER.read(json.dumps(told).encode()).exceptions[0].mechanism
    assert mechanism is not None
    assert mechanism.handled is True


def test_a_report_that_breaks_off() -> None:
    """What stands before the cut is read, and the event says that there was more."""
    event = READER.read(FIXTURE.read_bytes()[:400])
    assert [problem.type for problem in event.errors] == ["incomplete_report"]
    assert event.thread_list[0].crashed


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"plcrash", "version None"),
        (b"plcrash\x02abc", "version 2"),
        (b"plcrash\x01", "no thread and no image"),
        (b"plcrash\x01\xff\xff", "no thread and no image"),
        (b'{"systemInfo": {}}', "no thread and no image"),
        (b"[]", "no JSON of a report"),
    ],
)
def test_what_cannot_be_read(data: bytes, words: str) -> None:
    """The error says what is wrong with the file, and what to pass instead."""
    with pytest.raises(UnreadableInput, match=rf"{words}.*Pass the report's own file"):
        READER.read(data)
