"""Which reader takes which report: many texts look alike, and a wrong reader shows a wrong crash."""

from pathlib import Path

import pytest

from symbolicator import plugins

ROOT = Path(__file__).resolve().parents[4]
FIXTURES = sorted((ROOT / "fixtures").glob("*/crash.*"))
SAMPLES = sorted(Path(__file__).with_name("samples").glob("*.txt"))
MARGIN = 0.1
"""How much surer than any other the right reader has to be."""
READERS = {
    "flutter-": "Dart or Flutter stack trace",
    "go-": "Go panic or goroutine dump",
    "hermes-": "JavaScript stack text",
    "js-": "JavaScript stack text",
    "lldb-": "LLDB session",
    "lua-": "Lua traceback",
    "native-": "native backtrace",
    "node-": "Node.js fatal error or report",
    "perl-": "Perl error",
    "php-": "PHP error",
    "python-": "Python traceback",
    "rn-": "JavaScript stack text",
    "rust-": "native backtrace",
    "ruby-": "Ruby crash text",
    "san-": "native backtrace",
    "dotnet-": ".NET exception text",
    "merge-lua": "Lua traceback",
    "merge-node": "Node.js fatal error or report",
    "merge-ruby": "Ruby crash text",
    "kernel-": "Linux kernel oops",
    "dart-": "Dart or Flutter stack trace",
    "mono-": ".NET exception text",
    "swift-": "Swift backtrace",
    "text-dotnet": ".NET exception text",
    "text-gdb": "native backtrace",
    "text-kasan": "Linux kernel oops",
    "text-kernel": "Linux kernel oops",
    "text-mono": ".NET exception text",
    "unity-": "Unity player log",
    "android-unity": "logcat",
    "unity-il2cpp": ".NET exception text",
    "wasm-": "JavaScript stack text",
}
"""By the longest start of the case's or sample's name. Cases of other names belong to the tests of their topic."""


def confidences(report: Path) -> list[tuple[float, str]]:
    head = report.read_bytes()[: 64 * 1024]
    return sorted(((reader.detect(head), reader.name) for reader in plugins.readers()), reverse=True)


def expected(report: Path) -> str | None:
    name = report.stem if report.parent.name == "samples" else report.parent.name
    starts = sorted((start for start in READERS if name.startswith(start)), key=len)
    return READERS[starts[-1]] if starts and (report.suffix == ".txt" or "node-report" in name) else None


@pytest.mark.parametrize("report", [*FIXTURES, *SAMPLES], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_one_reader_is_sure(report: Path) -> None:
    """Two readers that are as sure as one another: which of them reads the crash would be chance."""
    (first, name), (second, other) = confidences(report)[:2]
    assert first - second >= MARGIN, f"{name} {first}, {other} {second}"
    assert expected(report) in (name, None)


@pytest.mark.parametrize("report", SAMPLES, ids=lambda path: path.name)
def test_a_report_in_a_log_is_found(report: Path) -> None:
    """Containers and services put a time in front of each line; the crash is the same one."""
    lines = report.read_bytes().splitlines()
    logged = b"\n".join(b"2026-11-28T06:20:59.123456789Z stderr F " + line for line in lines)
    reader = next(reader for reader in plugins.readers() if reader.name == expected(report))
    assert reader.detect(logged[: 64 * 1024]) >= 0.5


@pytest.mark.parametrize(
    "text",
    [
        "panic: at the disco\n",
        "goroutine 1 [running]: was what I saw\n",
        "Traceback (most recent call last): nothing below\n",
        "He said: at Foo.Bar() in the evening\n",
        "FATAL ERROR: the disk is full\n",
        "thread #1 is the best\n",
        "#0 is my favourite number (really)\n",
        "Call Trace: none\n",
        "0x1234 (hex) is 4660\n",
        "error at Shop.Cart.Total: 3 items\n",
        "   at last, we arrived in time (at Paris:12)\n",
        "stack traceback: see below\n",
        "we met at noon line 3.\n",
        "Stack trace:\n#1 in my list (really)\n",
        "error: the name is in /etc/passwd on line 3\n",
        "[BUG] the door squeaks\n-- by the way ---\n",
        "train from Rome:12: late (Again)\n",
    ],
)
def test_prose_is_nobodys(text: str) -> None:
    """A log that only mentions such words is no crash: people are owed "this is no crash report"."""
    assert max(reader.detect(text.encode()) for reader in plugins.readers()) < 0.3
