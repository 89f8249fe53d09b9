"""Damaged dumps and containers: an event or one clear error, soon, whatever the damage."""

import os
import random
from collections.abc import Iterator

import pytest

from native.crashes.containers import unreal, upload
from native.crashes.minidump import reader
from symbolicator import codec
from symbolicator.errors import UnreadableInput
from symbolicator.protocols import Reader
from tests.native.crashes.minidump.dumps import FIXTURES

MUTATIONS = int(os.environ.get("SYMBOLICATOR_MUTATIONS", "300"))
"""Of each file."""
FILES: dict[str, Reader] = {
    "minidump-linux/crash.dmp": reader.READER,
    "minidump-windows/crash.dmp": reader.READER,
    "minidump-windows-arm64/crash.dmp": reader.READER,
    "minidump-macos/crash.dmp": reader.READER,
    "minidump-android/crash.dmp": reader.READER,
    "minidump-upload/crash.multipart.gz": upload.READER,
    "minidump-unreal/crash.uecrash": unreal.READER,
}


def mutations(good: bytes, seed: int) -> Iterator[bytes]:
    """Truncated, flipped, spliced and doubled; half of the damage is where the tables are."""
    chance = random.Random(seed)
    for _ in range(MUTATIONS):
        data = bytearray(good)
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(min(len(data), 4096) if chance.random() < 0.5 else len(data))
            match chance.randrange(4):
                case 0:
                    data[place] ^= 1 << chance.randrange(8)
                case 1:
                    data[place : place + 4] = chance.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f"])
                case 2:
                    data[place:place] = data[chance.randrange(len(data)) :][: chance.randint(1, 200)]
                case 3:
                    del data[place : place + chance.randint(1, 200)]
        if chance.random() < 0.3:
            del data[chance.randrange(len(data)) :]
        yield bytes(data)


@pytest.mark.timeout(120 + MUTATIONS)
@pytest.mark.parametrize("name", FILES)
def test_damaged_files_give_an_event_or_an_error(name: str) -> None:
    """One poison dump would stop a worker, and with it everybody's crashes."""
    good, read = (FIXTURES / name).read_bytes(), FILES[name]
    for data in mutations(good, len(good)):
        assert 0 <= read.detect(data[:65536]) <= 1
        try:
            event = read.read(data)
        except UnreadableInput as error:
            assert len(str(error)) > 20
        else:
            assert codec.encode(event)
