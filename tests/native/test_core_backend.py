"""The backend on top of the core: one conversion a file, and damage in the cache repairs itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

import pytest

_core = pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")

from native.backends.core import CoreBackend  # noqa: E402 - needs the core
from native.protocol import SymCache  # noqa: E402
from symbolicator.errors import MalformedArtifact  # noqa: E402
from symbolicator.model import LookupAddress  # noqa: E402
from symbolicator.protocols import Blob, Buffer  # noqa: E402

Compile: TypeAlias = Callable[..., Path]


@dataclass(frozen=True)
class Bytes:
    """A blob in memory."""

    data: bytes
    name: str = "shop.debug"

    @property
    def content_hash(self) -> str:
        return sha256(self.data).hexdigest()

    @property
    def stamp(self) -> str:
        return self.content_hash

    @contextmanager
    def open(self) -> Iterator[memoryview]:
        yield memoryview(self.data)


@dataclass
class Folder:
    """An index cache in a folder; ``damage`` is done to every index that is built."""

    path: Path
    damage: Callable[[bytes], bytes] = lambda index: index
    built: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def is_new(self, blob: Blob, index_format: str) -> bool:
        name = f"{blob.stamp}.{index_format}"
        is_new = name not in self.asked
        self.asked.add(name)
        return is_new

    def get_or_build(self, blob: Blob, index_format: str, build: Callable[[Buffer], bytes]) -> Path:
        index = self.path / f"{blob.content_hash}.{index_format}"
        if not index.exists():
            with blob.open() as data:
                index.write_bytes(self.damage(build(data)))
            self.built.append(index_format)
        return index

    def discard(self, blob: Blob, index_format: str) -> None:
        (self.path / f"{blob.content_hash}.{index_format}").unlink(missing_ok=True)


@pytest.fixture(scope="module")
def program(compile_cpp: Compile) -> Bytes:
    return Bytes(compile_cpp("-g", "-O2").read_bytes())


def opened(program: Bytes, cache: Folder) -> SymCache:
    return CoreBackend().load(program, cache)


def asked(symcache: SymCache) -> LookupAddress:
    entry = symcache.symbol_address("shop::total(int const*, int)")
    assert entry is not None
    return LookupAddress(entry)


def replace_index(folder: Path, data: bytes) -> None:
    """Puts ``data`` in place of the one index; the old file stays as it is for those who have mapped it."""
    [index] = folder.iterdir()
    index.unlink()
    index.write_bytes(data)


def test_answers_are_what_the_protocol_promises(program: Bytes, tmp_path: Path) -> None:
    """The transformer relies on names, 1-based lines, the language and the entry of the function."""
    symcache = opened(program, Folder(tmp_path))
    [chain, nothing] = symcache.lookup([asked(symcache), LookupAddress(1 << 40)])
    assert nothing == ()
    outermost = chain[-1]
    assert (outermost.function, outermost.symbol) == ("shop::total(int const*, int)", "_ZN4shop5totalEPKii")
    assert (outermost.language, outermost.evidence) == ("cpp", "debug info")
    assert int(outermost.entry or 0) == int(asked(symcache))
    assert outermost.file is not None
    assert outermost.file.endswith("/shop.cpp")
    assert outermost.line is not None


def test_inlined_calls_come_innermost_first(program: Bytes, tmp_path: Path) -> None:
    """The order decides which function is shown as the place of the crash."""
    symcache = opened(program, Folder(tmp_path))
    start = asked(symcache)
    chains = symcache.lookup([LookupAddress(start + offset) for offset in range(64)])
    names = [[call.function for call in chain] for chain in chains]
    assert ["shop::rounded(int)", "shop::taxed(int)", "shop::total(int const*, int)"] in names


def test_a_file_is_converted_once(program: Bytes, tmp_path: Path) -> None:
    """Every crash would cost a conversion."""
    cache = Folder(tmp_path)
    opened(program, cache)
    opened(program, cache)
    assert cache.built == [f"symcache-v{_core.SYMCACHE_VERSION}"]


def test_the_first_trace_of_a_large_file_waits_for_no_index(
    program: Bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever crashed once waits; who comes again must be answered from the index, and both must hear the same."""
    cache = Folder(tmp_path)
    expected = opened(program, Folder(tmp_path))
    addresses = [LookupAddress(asked(expected) + offset) for offset in range(0, 64, 3)]
    next(tmp_path.iterdir()).unlink()
    monkeypatch.setattr("native.backends.core.LARGE_BYTES", 1)
    first = opened(program, cache)
    assert first.load_address == expected.load_address
    assert first.lookup(addresses) == expected.lookup(addresses)
    assert cache.built == []
    assert opened(program, cache).lookup(addresses) == expected.lookup(addresses)
    assert asked(first) == asked(expected)
    assert len(cache.built) == 1


def test_a_large_file_that_cannot_be_read_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found out during a lookup it would cost the whole event instead of this image."""
    monkeypatch.setattr("native.backends.core.LARGE_BYTES", 1)
    with pytest.raises(MalformedArtifact, match="Give the file"):
        CoreBackend().load(Bytes(b"\x7fELF garbage"), Folder(tmp_path))


def test_a_damaged_index_is_built_again(program: Bytes, tmp_path: Path) -> None:
    """A half-written or foreign file in the cache would otherwise stay there for good."""
    cache = Folder(tmp_path)
    expected = opened(program, cache)
    replace_index(tmp_path, b"half an index")
    assert opened(program, cache).lookup([asked(expected)]) == expected.lookup([asked(expected)])
    assert len(cache.built) == 2


def test_damage_that_shows_late_is_repaired_too(program: Bytes, tmp_path: Path) -> None:
    """Blocks are checked when they are first read: the lookup that finds the damage must still be answered."""
    cache = Folder(tmp_path)
    expected = opened(program, cache)
    address = asked(expected)
    [index] = tmp_path.iterdir()
    data = bytearray(index.read_bytes())
    data[-1000] ^= 1
    replace_index(tmp_path, bytes(data))
    symcache = opened(program, cache)
    assert symcache.lookup([address]) == expected.lookup([address])
    assert len(cache.built) == 2


def test_a_disk_that_damages_everything_is_named(program: Bytes, tmp_path: Path) -> None:
    """Building again and again would hang the worker; the user must hear about the disk."""
    cache = Folder(tmp_path, damage=lambda index: index[:-1])
    with pytest.raises(MalformedArtifact, match="disk"):
        opened(program, cache)
    assert len(cache.built) == 2


@pytest.mark.parametrize("data", [b"", b"no ELF file", b"\x7fELF garbage"])
def test_other_files_are_refused_with_advice(data: bytes, tmp_path: Path) -> None:
    """The user gave the wrong file and must learn which one is right."""
    with pytest.raises(MalformedArtifact, match=r"shop\.debug cannot be read: .*\. Give the file"):
        CoreBackend().load(Bytes(data), Folder(tmp_path))
    with pytest.raises(MalformedArtifact, match="Give the file"):
        CoreBackend().summarize(data)


def test_summaries_carry_every_field(program: Bytes) -> None:
    """A field that is lost here is lost for `inspect` and for finding the file."""
    summary = CoreBackend().summarize(program.data)
    assert (summary.format, summary.arch, summary.kind) == ("elf", "x86_64", "executable")
    assert summary.code_id is not None
    assert summary.has_debug_info
