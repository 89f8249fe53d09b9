"""Player logs of Unity, read as a person reads them."""

from pathlib import Path

from native.crashes.unity.reader import READER
from symbolicator.model import Event, Frame, Stacktrace

ROOT = Path(__file__).resolve().parents[4]
SAMPLES = Path(__file__).with_name("samples")


def read(name: str) -> Event:
    path = SAMPLES / f"{name}.synthetic.txt"
    return READER.read((path if path.exists() else ROOT / "fixtures" / name / "crash.txt").read_bytes())


def newest_first(stack: Stacktrace | None) -> list[Frame]:
    assert stack is not None
    return list(reversed(stack.frames))


def test_an_exception_that_was_wrapped() -> None:
    """The one that was thrown again is outermost; the first one is why."""
    event = read("unity-scripts")
    cause, raised = event.exceptions
    assert (raised.type, raised.value) == ("CheckoutException", "cannot check out")
    assert (cause.type, cause.value) == ("InvalidOperationException", "no price for pear")
    assert cause.mechanism is not None
    assert (cause.mechanism.source, cause.mechanism.parent_id) == ("InnerException", 0)
    frames = newest_first(raised.stacktrace)
    assert [(f.module, f.function, f.lineno) for f in frames[:3]] == [
        ("Shop.Checkout", "Pay", 41), ("Shop.CheckoutButton", "OnClick", 12),
        ("UnityEngine.Events.InvokableCall", "Invoke", 178),
    ]  # fmt: skip


def test_a_crash_on_windows() -> None:
    """The log lists where each library was loaded: with that addresses can be looked up."""
    event = read("unity-windows")
    error = event.exceptions[0]
    assert error.type == "access violation"
    assert event.contexts == {"runtime": {"name": "Unity", "version": "2021.3.5f1"}}
    image = event.images[0]
    assert (image.type, image.image_addr, image.image_size) == (
        "pe",
        0x7FFB20000000,
        32768,
    )
    frames = newest_first(error.stacktrace)
    assert [(f.package, f.function) for f in frames][2:] == [
        ("C:\\Games\\Shop\\GameAssembly.dll", None), ("C:\\Games\\Shop\\UnityPlayer.dll", "UnityMain"),
        ("C:\\Windows\\System32\\KERNEL32.DLL", "BaseThreadInitThunk"),
    ]  # fmt: skip


def test_scripts_in_a_native_stack() -> None:
    """The compiler of mono left its calls on the stack: they are C#, and have their lines."""
    frames = newest_first(read("unity-editor").exceptions[0].stacktrace)
    assert [f.platform for f in frames] == ["native", "csharp", "csharp", "native", "native"]
    assert (frames[1].module, frames[1].function, frames[1].lineno) == ("Shop.Cart", "Total", 12)


def test_a_crash_on_linux() -> None:
    """The exceptions before a crash are not the crash; they are what happened before it."""
    event = read("unity-linux")
    assert event.exceptions[0].type == "SIGSEGV"
    assert [f.function for f in newest_first(event.exceptions[0].stacktrace)] == [
        "funlockfile", None, "UnityMain", "__libc_start_main",
    ]  # fmt: skip
    assert event.breadcrumbs is not None
    assert [crumb.message for crumb in event.breadcrumbs.values] == [
        "NullReferenceException: Object reference not set to an instance of an object"
    ]
