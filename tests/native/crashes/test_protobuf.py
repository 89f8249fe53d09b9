"""Protobuf messages, whole and broken."""

from hypothesis import given
from hypothesis import strategies as st

from native.crashes.protobuf import Budget, Message, parse


def varint(value: int) -> bytes:
    digits = bytearray()
    while value >= 0x80:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*digits, value])


def part(tag: int, data: bytes) -> bytes:
    return varint(tag << 3 | 2) + varint(len(data)) + data


def number(tag: int, value: int) -> bytes:
    return varint(tag << 3) + varint(value)


def test_fields_by_kind() -> None:
    """An address read from the wrong bits sends the lookup to another function."""
    message = parse(
        number(1, 2**64 - 1) + part(2, "näme".encode()) + b"\x19" + (5).to_bytes(8, "little")
        + b"\x25" + (6).to_bytes(4, "little") + number(5, 3) + number(6, 0)
    )  # fmt: skip
    assert (message.number(1), message.signed(1), message.zigzag(5), message.flag(6)) == (2**64 - 1, -1, -2, False)
    assert (message.text(2), message.number(3), message.number(4)) == ("näme", 5, 6)
    assert (message.number(9), message.text(1), message.data(9), message.message(9)) == (None, None, None, None)
    assert not message.is_damaged


def test_repeated_fields() -> None:
    """Registers come unpacked from old writers and packed from new ones."""
    message = parse(number(1, 7) + number(1, 8) + part(1, varint(300) + varint(2)) + part(2, b"a") + part(2, b"b"))
    assert message.numbers(1) == (7, 8, 300, 2)
    assert message.texts(2) == ("a", "b")


def test_messages_inside() -> None:
    """Threads are messages inside of the report's message."""
    inner = part(3, number(1, 1)) + part(3, number(1, 2))
    outer = parse(part(1, inner)).message(1)
    assert outer is not None
    assert [one.number(1) for one in outer.messages(3)] == [1, 2]


def test_a_message_that_breaks_off_keeps_what_it_has() -> None:
    """A dump that was cut must still show the threads before the cut."""
    budget = Budget()
    inner = number(1, 9) + part(2, b"abcdef")
    cut = parse(part(1, inner)[:-3], budget)
    found = cut.message(1)
    assert found is not None
    assert (found.number(1), found.data(2), cut.is_damaged, budget.is_damaged) == (9, b"abc", True, True)


def test_what_is_no_field_ends_the_message() -> None:
    """Garbage behind the good fields must not be taken for more of them."""
    for garbage in (b"\x00\x01", b"\x0b\x0c", b"\x07", b"\xff" * 11, b"\x09\x01", b"\x0a"):
        message = parse(number(1, 5) + garbage)
        assert (message.number(1), message.is_damaged) == (5, True)


def test_fields_are_counted_over_all_messages() -> None:
    """A small file that unfolds into millions of fields must not take the worker's memory."""
    budget = Budget(fields=10)
    message = parse(part(1, b"\x08\x01" * 100) * 3, budget)
    assert [len(one.numbers(1)) for one in message.messages(1)] == [7, 0, 0]
    assert budget.is_damaged
    assert parse(part(1, b"\x01" * 100), Budget(fields=5)).numbers(1) == (1, 1, 1, 1)


@given(st.binary(max_size=500))
def test_any_bytes(data: bytes) -> None:
    """A damaged dump gives fields or none, and no traceback."""

    def visit(message: Message, depth: int) -> None:
        for tag in range(1, 16):
            message.numbers(tag), message.texts(tag), message.signed(tag), message.zigzag(tag)
            for one in message.messages(tag) if depth else ():
                visit(one, depth - 1)

    visit(parse(memoryview(data), Budget(fields=2000)), 3)
