"""Made-up crashes, written as text and as protobuf by the fixture's recipe: both are read as the same event."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from native.crashes.android.tombstone_reader import READER

RECIPE = Path(__file__).resolve().parents[4] / "fixtures" / "android-tombstone"


def recipe(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, RECIPE / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


as_text = recipe("as_text").as_text
as_protobuf = recipe("as_protobuf").as_protobuf

numbers = st.integers(0, 2**63 - 1)
ids = st.integers(1, 2**31 - 1)
words = st.text("abcxyzABC019_$:<>*&,~ .-", min_size=1, max_size=30).map(str.strip).filter(bool)
functions = st.one_of(
    st.just(""),
    st.from_regex(r"(?:[a-z]{1,5}::){0,3}[a-z]{1,8}(?:\((?:int|char\*|std::f<\(a\)>)?\)(?: const)?)?", fullmatch=True),
    st.from_regex(r"(?:[a-z]{1,5}\.){1,3}[A-Z][a-z$0-9]{0,8}\.(?:<init>|[a-z0-9$]{1,8})", fullmatch=True),
)
paths = st.sampled_from(
    [
        "/data/app/~~x==/shop-y==/base.apk", "/data/app/~~x==/shop-y==/base.apk!libshop.so", "/system/lib64/libc.so",
        "/data/app/~~x==/shop-y==/oat/arm64/base.odex", "[anon:dalvik-classes.dex extracted in memory from /a/b.apk]",
        "/memfd:jit-cache (deleted)", "[anon:.bss]", "<unknown>", "<anonymous:7b02000000>", "/data/a b/x (1).so",
        "[vdso]",
    ]
)  # fmt: skip
build_ids = st.sampled_from(["", "ab12", "099523c8f0ea5f54cfadbdb62277226f418ed82e"])
frames = st.fixed_dictionaries(
    {
        "pc": st.integers(0, 2**40),
        "path": paths,
        "function": functions,
        "function_offset": st.integers(0, 2**31),
        "map_offset": st.sampled_from([0, 0x4000, 0x123000]),
        "build_id": build_ids,
    }
)
stacks = st.lists(frames, max_size=6)
registers = st.dictionaries(st.sampled_from(["x0", "x1", "x29", "lr", "sp", "pc", "pst"]), numbers, max_size=7)
dumps = st.fixed_dictionaries(
    {
        "register": st.sampled_from(["x0", "sp"]),
        "mapping": st.sampled_from(["/system/lib64/libc.so", "[anon:stack (1)]"]),
        "address": st.integers(0, 2**48),
        "data": st.integers(1, 20).flatmap(lambda count: st.binary(min_size=8 * count, max_size=8 * count)),
    }
)
threads = st.fixed_dictionaries(
    {
        "id": ids,
        "name": words,
        "registers": registers,
        "frames": stacks,
        "memory": st.lists(dumps, max_size=2, unique_by=lambda dump: dump["register"]),
    }
)
heaps = st.fixed_dictionaries({"freed_by": ids, "freed": stacks, "made_by": ids, "made": stacks})
rows = st.tuples(
    st.integers(1, 2**40).map(lambda page: page * 4096),
    st.integers(1, 64),
    st.sampled_from([0, 0x4000, 0x8000]),
    st.sampled_from(["r--", "r-x", "rw-"]),
    paths.filter(lambda path: not path.startswith("<")),
)
logs = st.tuples(
    st.just("11-28 06:20:58.001"), ids.map(lambda n: n % 10**7), ids.map(lambda n: n % 10**7),
    st.sampled_from("VDIWEF"), st.from_regex(r"[A-Za-z]{1,12}", fullmatch=True), words,
)  # fmt: skip


@st.composite
def crashes(draw: st.DrawFn) -> dict[str, Any]:
    found = draw(st.lists(threads, min_size=1, max_size=4, unique_by=lambda thread: thread["id"]))
    crashed, *others = found
    heap = draw(st.none() | heaps)
    causes = [{"text": draw(words), "heap": heap}] if heap or draw(st.booleans()) else []
    return {
        "fingerprint": "google/redfin/redfin:13/TQ3A.230901.001/10750268:user/release-keys",
        "revision": "MP1.0",
        "arch": draw(st.sampled_from(["arm64", "x86_64"])),
        "timestamp": "2026-11-28 06:20:58.501234567+0100",
        "uptime": draw(st.integers(1, 10**6)),
        "command_line": ["com.example.shop"],
        "pid": draw(ids),
        "tid": crashed["id"],
        "uid": draw(ids),
        "signal": {
            "number": 11, "name": "SIGSEGV", "code": draw(st.integers(1, 9)), "code_name": "SEGV_MAPERR",
            "address": draw(numbers),
        },
        "abort_message": "",
        "causes": causes,
        "threads": [crashed, *sorted(others, key=lambda thread: int(str(thread["id"])))],
        "map": draw(st.lists(rows, max_size=8)),
        "log": {"main": draw(st.lists(logs, max_size=4))},
        "files": draw(st.lists(st.tuples(st.integers(1, 9999), st.just("/dev/null (x)")), max_size=3)),
    }  # fmt: skip


@given(crashes(), st.dictionaries(paths, build_ids.filter(bool), max_size=3))
def test_text_and_protobuf_agree(crash: dict[str, Any], ids_of_map: dict[str, str]) -> None:
    """Which of the two files a person got off the device must not change the trace."""
    text = READER.read(as_text(crash, ids_of_map).encode())
    message = READER.read(as_protobuf(crash, ids_of_map))
    assert replace(text, extra={}) == message
