"""Mapping files and indexes that are damaged, or made to hurt."""

import os
import random
import time
from pathlib import Path

import pytest

from symbolicator import _core
from tests.sourcemaps.proguard.oracle import frames_of

MUTATIONS = int(os.environ.get("SYMBOLICATOR_MUTATIONS", "300"))


def mutated(data: bytes, chance: random.Random) -> bytes:
    at, other = chance.randrange(len(data)), chance.randrange(len(data))
    match chance.randrange(5):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
        case 2:
            return data[:at] + data[other:]
        case 3:
            return data[: at + 1] + data[at : at + 400] + data[at + 1 :]
        case _:
            return data[:at] + str(chance.choice((0, -1, 2**32 - 1, 2**64))).encode() + data[at:]


@pytest.fixture(scope="module")
def mapping(fixtures: Path) -> bytes:
    return (fixtures / "java-r8/mapping.txt").read_bytes()


@pytest.mark.timeout(60 + MUTATIONS // 10)
def test_damaged_mapping_files_still_answer(mapping: bytes) -> None:
    """A download that broke off has to show what it still holds, and never ends the process."""
    chance = random.Random(1)
    asked = [(one.class_name, one.method, one.line, None, None) for one in frames_of(mapping.decode())]
    for _ in range(MUTATIONS):
        try:
            built = _core.build_proguard_index(mutated(mapping, chance))
        except _core.ProguardError:
            continue
        answers = _core.ProguardIndex.from_bytes(built).lookup(asked, thrown="java.lang.NullPointerException")
        assert len(answers) == len(asked)
        assert all(call.class_name for one in answers for calls in one.alternatives for call in calls)


@pytest.mark.timeout(60 + MUTATIONS // 10)
def test_damaged_indexes_are_found_out(mapping: bytes) -> None:
    """A flipped bit on the disk must be built anew, not shown as another method."""
    chance, built = random.Random(2), _core.build_proguard_index(mapping)
    asked = [(one.class_name, one.method, one.line, None, None) for one in frames_of(mapping.decode())]
    right = repr(_core.ProguardIndex.from_bytes(built).lookup(asked)[0].alternatives)
    for _ in range(MUTATIONS):
        try:
            index = _core.ProguardIndex.from_bytes(mutated(built, chance))
            assert repr(index.lookup(asked)[0].alternatives) == right
        except _core.IndexFileError:
            continue


def test_ranges_without_end_cost_nothing() -> None:
    """Four billion lines in a range are one entry, and one that may be any line is a few alternatives."""
    text = b"x.A -> a.a:\n    0:4294967295:void m():0:4294967295 -> a\n    void n():1:4294967295 -> b\n"
    index = _core.ProguardIndex.from_bytes(_core.build_proguard_index(text))
    exact, any_line = index.lookup([("a.a", "a", 4_000_000_000, None, None), ("a.a", "b", 7, None, None)])
    assert exact.alternatives[0][0].line == 4_000_000_000
    assert len(any_line.alternatives) == 64


def test_lines_of_several_megabytes_are_passed_over() -> None:
    """A file of one line would otherwise be one name."""
    text = b"x.A -> a.a:\n    void " + b"m" * 3_000_000 + b"() -> b\n    void n() -> c\n"
    index = _core.ProguardIndex.from_bytes(_core.build_proguard_index(text))
    assert (index.entry_count, index.left_out) == (1, 1)


def test_deep_chains_are_bounded() -> None:
    """Inlining of a million calls in one frame would be a million frames."""
    text = b"# compiler: R8\nx.A -> a.a:\n" + b"    1:1:void m():1 -> a\n" * 100_000
    index = _core.ProguardIndex.from_bytes(_core.build_proguard_index(text))
    started = time.monotonic()
    answers = index.lookup([("a.a", "a", 1, None, None)] * 2_000)
    assert len(answers[0].alternatives[0]) == 512
    assert answers[-1].found == "class"
    assert time.monotonic() - started < 30
