"""Which reader takes which report: all readers that are installed stand beside each other."""

import json
from pathlib import Path

import pytest

from native.crashes.apple import ips, kscrash, plcrash, text
from symbolicator.engine import HEAD_BYTES, MIN_CONFIDENCE, Engine
from symbolicator.protocols import Key, Missing, Reader

FIXTURES = Path(__file__).resolve().parents[4] / "fixtures"
OWN: dict[str, Reader] = {
    "apple-crash-text": text.READER,
    "apple-ips": ips.READER,
    "apple-jetsam": ips.READER,
    "apple-kscrash": kscrash.READER,
    "apple-plcrash": plcrash.READER,
    "apple-watchdog": ips.READER,
    "merge-react-native-ios": kscrash.READER,
}
OTHERS = sorted(path for path in FIXTURES.glob("*/crash.*") if path.parent.name not in OWN)


class NoStore:
    def fetch(self, keys: frozenset[Key]) -> dict[Key, Missing]:
        return {}


@pytest.mark.parametrize("case", OWN)
def test_every_report_finds_its_reader(case: str) -> None:
    """`resolve` takes no option that says what the file is."""
    report = next((FIXTURES / case).glob("crash.*"))
    assert Engine(NoStore()).reader_of(report.read_bytes()).name == OWN[case].name


@pytest.mark.parametrize("report", OTHERS, ids=lambda path: path.parent.name)
def test_no_other_report_is_taken(report: Path) -> None:
    """A reader that is too sure of itself would take the reports of other systems."""
    head = report.read_bytes()[:HEAD_BYTES]
    assert [reader.name for reader in set(OWN.values()) if reader.detect(head) >= MIN_CONFIDENCE] == []


def test_a_payload_of_sentrys_stays_one() -> None:
    """An event about an Apple crash has the same words in it, and is no raw report."""
    event = {
        "event_id": "f71ccc533a834ba788a409303932e28a", "platform": "cocoa",
        "debug_meta": {"images": [{"image_addr": "0x1", "image_vmaddr": "0x0", "image_size": 1, "uuid": "x"}]},
        "exception": {"values": [{"type": "EXC_BAD_ACCESS", "mechanism": {"meta": {"mach_exception": {}}}}]},
        "threads": {"values": [{"id": 0, "crashed": True, "stacktrace": {"frames": [{"instruction_addr": "0x1"}]}}]},
        "contexts": {"os": {"kernel_version": "x"}, "app": {"device_app_hash": "y"}},
    }  # fmt: skip
    data = json.dumps(event).encode()
    assert Engine(NoStore()).reader_of(data).name == "event JSON"


@pytest.mark.parametrize(
    ("told", "is_taken"),
    [
        ("Thread 0 Crashed:\n0   Cart  0x1000 main + 8\n", True),
        ("Last Exception Backtrace:\n0   CoreFoundation  0x1000 __exceptionPreprocess + 8\n", True),
        ("Process: com.example.cart, PID: 7\njava.lang.IllegalStateException: x\n", False),
        ("[12:00:01] Process: 7\n", False),
        ("Process:  Cart [7]\nEvent:    hang\nBinary Images:\n", False),
        ("Binary Images:\n", False),
    ],
)
def test_excerpts(told: str, is_taken: object) -> None:
    """People paste the part that matters; words that others use too are no sign."""
    assert (text.READER.detect(told.encode()) >= MIN_CONFIDENCE) is is_taken


def test_a_report_below_a_log() -> None:
    """The crash stands where the log has it: far down."""
    report = (FIXTURES / "apple-crash-text" / "crash.crash").read_bytes()
    data = b"Apr  6 18:06:51 phone diner[1052] <Notice>: soup\n" * 4000 + report
    engine = Engine(NoStore())
    assert engine.reader_of(data).name == text.READER.name
    assert len(engine.read(data).thread_list) == 4


def test_utf_16() -> None:
    """Editors on Windows save texts so."""
    report = (FIXTURES / "apple-crash-text" / "crash.crash").read_text()
    assert len(Engine(NoStore()).read(report.encode("utf-16")).thread_list) == 4
