"""Crashes of a game made with IL2CPP: the true order of calls, in C# where C# ran, and what is missing said."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from native.il2cpp.names import method_key, parse
from native.il2cpp.transformer import TRANSFORMER
from symbolicator import codec
from symbolicator.engine import Engine
from symbolicator.model import Event, Frame, FrameStatus
from symbolicator.model.edit import stacks_of
from symbolicator.pipeline import run
from symbolicator.store import FolderCache, FolderStore

pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")
EXCEPTION, CALLBACK, PLUGIN = "merge-unity-exception", "merge-unity-callback", "merge-unity-plugin"
MISSING = "il2cpp_missing_mapping"


def report(fixtures: Path, case: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((fixtures / case / "crash.json").read_text())
    return found


def resolved(data: dict[str, Any] | bytes, *artifacts: Path) -> Event:
    payload = data if isinstance(data, bytes) else json.dumps(data).encode()
    return Engine.for_folder(*artifacts).resolve(payload)


def merged_frames(event: Event) -> list[Frame]:
    """The trace, newest call first."""
    stacks = dict(stacks_of(event))
    assert event.merged
    return [stacks[one.stack].frames[one.index] for one in reversed(event.merged.frames)]


def called(frame: Frame) -> str | None:
    """What the truth calls a frame: methods by what IL2CPP makes of them, other functions by their own name."""
    if frame.data and frame.data.method:
        return frame.data.method
    if "FuncInvoker" in (frame.function or ""):
        return None  # inlined: it does not note that it runs
    return (frame.function or "").rpartition("::")[2] or None


def true_calls(fixtures: Path, case: str) -> list[str | None]:
    calls = json.loads((fixtures / case / "truth.json").read_text())["calls"]
    return [method_key(re.sub(r" \(.*", "", call)) if " (" in call else call for call in calls]


@pytest.mark.parametrize("case", [EXCEPTION, CALLBACK, PLUGIN])
def test_the_trace_has_every_call_in_the_order_in_which_it_ran(fixtures: Path, case: str) -> None:
    """Through the engine, scripts, a native plug-in and back: the program itself noted what ran."""
    [path] = (fixtures / case).glob("crash.*")
    event = resolved(path.read_bytes(), fixtures / case)
    true = true_calls(fixtures, case)
    if case == EXCEPTION:  # a report of scripts alone
        true = [call for call in true if call and call.startswith("il2cpp:")]
    assert [call for frame in merged_frames(event) if (call := called(frame)) in true] == true


@pytest.mark.parametrize("case", [EXCEPTION, CALLBACK, PLUGIN])
def test_own_methods_stand_in_their_source(fixtures: Path, case: str) -> None:
    """Lines of generated C++ are nothing that anyone can mend."""
    [path] = (fixtures / case).glob("crash.*")
    frames = merged_frames(resolved(path.read_bytes(), fixtures / case))
    lines = [(frame.filename, frame.context_line) for frame in frames if (frame.abs_path or "").endswith(".cs")]
    own = [(name, (line or "").strip()) for name, line in lines if line]
    in_cart = [("Scripts/Cart.cs", "var sum = lines.Sum(line => line.Cents);")] * 2
    expected = {
        EXCEPTION: [
            *in_cart,
            ("Scripts/CheckoutButton.cs", "Debug.Log(cart.Total(discount: 5));"),
            ("Scripts/CheckoutButton.cs", "Pay(new Cart());"),
        ],
        CALLBACK: [
            *in_cart,
            ("Scripts/Scanner.cs", "cart.Total(discount);"),
            ("Scripts/Scanner.cs", "scanner_read(null, OnRead);"),
            ("Scripts/CheckoutButton.cs", "Scanner.Begin(new Cart());"),
        ],
        PLUGIN: [
            ("Scripts/Scanner.cs", "scanner_read(null, OnRead);"),
            ("Scripts/CheckoutButton.cs", "Scanner.Begin(new Cart());"),
        ],
    }
    assert own == expected[case]


def test_frames_say_what_they_were_and_how_that_is_known(fixtures: Path) -> None:
    """Who doubts a line must be able to follow it back."""
    event = resolved(report(fixtures, CALLBACK), fixtures / CALLBACK)
    frame = next(frame for frame in merged_frames(event) if frame.function == "OnRead")
    assert (frame.platform, frame.module, frame.in_app) == ("csharp", "Shop.Scanner", True)
    assert frame.raw_function == "Scanner_OnRead_m491E0377DD6D101A4F22E712D4E42F461A6BF157"
    assert frame.data
    assert frame.data.evidence == "line mapping of Assembly-CSharp.cpp:131"
    assert frame.data.resolved_with == "debug-id"
    assert (frame.data.sourcemap or "").endswith("LineNumberMappings.json")


def test_the_views_of_one_thread_are_one_trace(fixtures: Path) -> None:
    """The exception has the methods, the thread what called them and what they called: apart both are riddles."""
    event = resolved(report(fixtures, CALLBACK), fixtures / CALLBACK)
    assert event.merged
    assert {(seam.relation, seam.rule, seam.confidence) for seam in event.merged.seams} == {
        ("R1", "il2cpp-method", 0.95)
    }
    matched = [(one.index, one.also.index) for one in event.merged.frames if one.also]
    assert [index for _, index in matched] == list(range(8))
    assert not event.merged.apart


def test_engine_and_runtime_fold(fixtures: Path) -> None:
    """The way from the player's loop to a script is the same in every crash."""
    event = resolved(report(fixtures, CALLBACK), fixtures / CALLBACK)
    assert event.merged
    folds = [(fold.label, fold.count) for fold in event.merged.folds]
    machinery = [("Unity engine", 5), ("IL2CPP", 3), ("IL2CPP", 1), ("IL2CPP", 1), ("IL2CPP", 1)]
    assert folds == [*machinery, ("exception handling", 13)]


def test_an_address_of_another_method_is_not_used(fixtures: Path) -> None:
    """The SDK pairs methods and addresses by their number: where one is missing every line would be a wrong one."""
    data = report(fixtures, EXCEPTION)
    frames = data["exception"]["values"][0]["stacktrace"]["frames"]
    addresses = [frame["instruction_addr"] for frame in frames]
    for frame, address in zip(frames, addresses[1:] + addresses[:1], strict=True):
        frame["instruction_addr"] = address
    event = resolved(data, fixtures / EXCEPTION)
    assert [frame.lineno for frame in merged_frames(event)] == [None] * 5
    assert [frame.function for frame in merged_frames(event)] == ["Total.<lambda>", "Sum", "Total", "Pay", "Update"]
    assert [problem.type for problem in event.errors] == ["il2cpp_other_method"]


def test_methods_that_were_inlined_are_shown_too(fixtures: Path) -> None:
    """IL2CPP's own stack traces lack them; the debug information at the address has them."""
    data = report(fixtures, EXCEPTION)
    newest = data["exception"]["values"][0]["stacktrace"]["frames"][-1]
    newest["instruction_addr"] = hex(int(newest["instruction_addr"], 16) - 21)
    frames = merged_frames(resolved(data, fixtures / EXCEPTION))
    shown = [(frame.module, frame.function, frame.lineno, frame.data and frame.data.inlined) for frame in frames[:2]]
    assert shown == [("Shop.Line", "get_Cents", 8, True), ("Shop.Cart", "Total.<lambda>", 17, False)]


def test_without_debug_information_the_methods_stay_readable(fixtures: Path, tmp_path: Path) -> None:
    """A report must never become worse by being looked at."""
    event = resolved(report(fixtures, EXCEPTION), tmp_path)
    assert [frame.function for frame in merged_frames(event)] == ["Total.<lambda>", "Sum", "Total", "Pay", "Update"]
    assert {frame.status for frame in merged_frames(event)} == {FrameStatus.AS_IS}
    assert [problem.type for problem in event.errors] == ["native_missing_dsym"]
    assert "missing" in {image.debug_status for image in event.images}


def test_without_a_mapping_it_is_said_what_to_pass(fixtures: Path) -> None:
    """Lines of generated C++ are half an answer: the other half lies in the build's folder."""
    event = resolved(report(fixtures, EXCEPTION), fixtures / EXCEPTION / "bin")
    [problem] = event.errors
    assert problem.type == MISSING
    assert "LineNumberMappings.json" in (problem.remedy or "")
    own = [frame for frame in merged_frames(event) if frame.in_app]
    assert {(frame.filename, frame.data and frame.data.problem) for frame in own} == {
        ("il2cppOutput/Assembly-CSharp.cpp", problem.id)
    }


def test_a_mapping_of_another_image_is_not_used(fixtures: Path, tmp_path: Path) -> None:
    """Every build has one of that name; the debug id in it says that it is not this one's."""
    text = (fixtures / CALLBACK / "Symbols" / "LineNumberMappings.json").read_text()
    other = re.sub(r'("__debug-id__": \{")[^"]+', r"\g<1>00000000-1111-2222-3333-444444444444", text)
    (tmp_path / "LineNumberMappings.json").write_text(other)
    event = resolved(report(fixtures, EXCEPTION), fixtures / EXCEPTION / "bin", tmp_path)
    assert [problem.type for problem in event.errors] == [MISSING]


def test_names_alone_are_parted_only_as_far_as_they_say(fixtures: Path) -> None:
    """Stripped of lines and without anything that knows the methods: no class is invented."""
    frames = merged_frames(resolved((fixtures / PLUGIN / "crash.txt").read_bytes(), fixtures / PLUGIN / "Assets"))
    shown = [(frame.module, frame.function) for frame in frames if parse(frame.raw_function)]
    assert shown == [
        (None, "Scanner_scanner_read"),
        ("Scanner", "Begin"),
        (None, "Scan"),
        ("SetupCoroutine", "InvokeMoveNext"),
    ]


def test_scripts_compiled_at_run_time_are_left_alone() -> None:
    """Mono's frames have addresses too, in no image: they are as readable as they will be."""
    frame = {"platform": "csharp", "module": "Shop.Cart", "function": "Total", "instruction_addr": "0x1000"}
    event = codec.decode(json.dumps({"exception": {"values": [{"stacktrace": {"frames": [frame]}}]}}).encode())
    assert TRANSFORMER.needs(event, {}) == frozenset()
    assert TRANSFORMER.transform(event, {}) == event


def test_transforming_twice_changes_nothing(fixtures: Path, tmp_path: Path) -> None:
    """Events are sent again, with what was resolved."""
    event = resolved(report(fixtures, CALLBACK), fixtures / CALLBACK)
    store = FolderStore([fixtures / CALLBACK], [], FolderCache(tmp_path))
    assert run(TRANSFORMER, event, store) == event
