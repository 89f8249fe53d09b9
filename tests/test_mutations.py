"""Damaged reports of every kind through the whole engine: a clear error or a partial result, nothing else."""

import os
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from symbolicator.codec import encode
from symbolicator.engine import Engine
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event
from symbolicator.protocols import Artifact, Key, Missing
from symbolicator.render import Options, plain, render

ROOT = Path(__file__).resolve().parent.parent
MUTATIONS = int(os.environ.get("SYMBOLICATOR_MUTATIONS", "300"))
"""Of each report; ``make soak`` makes 10,000."""
TIMEOUT = 60 + MUTATIONS
"""In seconds: a hang is a failure."""
REPORTS = {path.parent.name: path for path in sorted((ROOT / "fixtures").glob("*/crash.*"))}


class EmptyStore:
    """Finds nothing: these tests are about reports, and every frame must then say why it stayed as it is."""

    def fetch(self, keys: frozenset[Key]) -> dict[Key, Artifact | Missing]:
        return {key: Missing(key, "There are no artifacts here.") for key in keys}


def mutations(good: bytes, seed: int) -> Iterator[bytes]:
    """Truncated, bit-flipped, spliced and doubled versions of ``good``, the empty input among them."""
    chance = random.Random(seed)
    yield b""
    for _ in range(MUTATIONS - 1):
        data = bytearray(good)
        match chance.randrange(4):
            case 0:
                del data[chance.randrange(len(data)) :]
            case 1:
                for _ in range(chance.randint(1, 8)):
                    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            case 2:
                start = chance.randrange(len(data))
                del data[start : start + chance.randint(1, 200)]
            case 3:
                start = chance.randrange(len(data))
                data[start:start] = data[chance.randrange(len(data)) :][: chance.randint(1, 200)]
        yield bytes(data)


def check(engine: Engine, payload: bytes) -> Event | None:
    try:
        event = engine.resolve(payload)
    except UnreadableInput as error:
        assert len(str(error)) > 20
        return None
    assert not [problem for problem in event.errors if problem.type == "transformer_failed"]
    assert re.sub("[\u200c\u200d]", "", "".join(plain(render(event, Options())))).isprintable()
    return event


@pytest.mark.timeout(TIMEOUT)
@pytest.mark.parametrize("case", REPORTS)
def test_a_damaged_report_gives_an_error_or_a_partial_result(case: str) -> None:
    """A traceback or a hang on one poison report would take a worker down with it."""
    engine = Engine(EmptyStore())
    good = REPORTS[case].read_bytes()
    assert check(engine, good)
    for payload in mutations(good, seed=len(good)):
        check(engine, payload)


@pytest.mark.timeout(TIMEOUT)
def test_a_damaged_event_gives_an_error_or_a_partial_result() -> None:
    """Event payloads come from the network: anything may be in them."""
    engine = Engine(EmptyStore())
    good = encode(engine.resolve(REPORTS["native-cpp"].read_bytes()))
    assert check(engine, good)
    for payload in mutations(good, seed=1):
        check(engine, payload)
