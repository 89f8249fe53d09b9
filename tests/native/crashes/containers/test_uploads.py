"""Bodies of crash reporters' uploads."""

import gzip

import pytest

from native.crashes.containers import inflate
from native.crashes.containers.multipart import parts_of
from native.crashes.containers.upload import READER
from symbolicator.errors import UnreadableInput
from tests.native.crashes.containers.bodies import DUMP, multipart
from tests.native.crashes.minidump.dumps import FIXTURES

UPLOAD = FIXTURES / "minidump-upload" / "crash.multipart.gz"
FILE = ('name="upload_file_minidump"; filename="a.dmp"', DUMP)


def test_what_curl_posts_is_read() -> None:
    """The body as it comes over the wire: compressed, fields around the dump, a log beside it."""
    data = UPLOAD.read_bytes()
    assert READER.detect(data[:65536]) > 0.95
    event = READER.read(data)
    assert event.exceptions[-1].type == "EXC_BAD_ACCESS"
    assert (event.release, event.environment) == ("tank@2.3.1", "beta")
    contexts = event.contexts or {}
    assert contexts["app"]["app_version"] == "2.3.1.0"  # type: ignore[index,call-overload]
    assert contexts["crashpad"]["ptype"] == "browser"  # type: ignore[index,call-overload]
    assert contexts["crashpad"]["channel"] == "beta"  # type: ignore[index,call-overload]
    assert event.extra["attachments"] == [{"name": "tank.log", "field": "tank", "size": 43}]
    assert event.breadcrumbs is not None
    assert [crumb.message for crumb in event.breadcrumbs.values] == ["[main] pump 3 started", "[main] pump 3 is dry"]


@pytest.mark.parametrize("line", [b"\r\n", b"\n"])
@pytest.mark.parametrize("boundary", [b"x", b"----WebKitFormBoundary7MA4YWxkTrZu0gW", b"a b'()+_,-./:=?c"])
def test_every_boundary_is_found(boundary: bytes, line: bytes) -> None:
    """The header that names the boundary is not in the body: its first line has to do."""
    body = multipart(('name="prod"', b"Tank"), FILE, ("name=ver", b"1"), boundary=boundary, line=line)
    assert READER.detect(body) > 0.95
    parts = list(parts_of(memoryview(body)))
    assert [(part.name, part.filename) for part in parts] == [
        ("prod", None), ("upload_file_minidump", "a.dmp"), ("ver", None),
    ]  # fmt: skip
    assert bytes(parts[1].content) == DUMP


def test_a_dump_under_another_name_is_found() -> None:
    """Older reporters and proxies call the field otherwise."""
    assert READER.read(multipart(('name="dump"; filename="core"', DUMP))).exceptions[-1].type == "SIGSEGV"


def test_other_dumps_of_the_upload_are_named() -> None:
    """A browser posts its own dump beside that of the page; the second one would be lost without a word."""
    other = ('name="upload_file_minidump_browser"; filename="b.dmp"', DUMP)
    (problem,) = READER.read(multipart(other, FILE)).errors
    assert (problem.type, problem.message) == ("other_minidumps", "The file holds another minidump, not read: b.dmp.")
    many = READER.read(multipart(*[other] * 9, FILE)).errors[0].message or ""
    assert many.startswith("The file holds 9 more minidumps")
    assert many.endswith("4 more.")


def test_a_compressed_dump_alone_is_read() -> None:
    """Dumps are kept and sent compressed."""
    data = gzip.compress(DUMP)
    assert READER.detect(data) > 0.95
    assert READER.read(data).exceptions[-1].type == "SIGSEGV"


def test_an_upload_that_broke_off_gives_its_dump() -> None:
    """The most is there when the connection is lost."""
    body = multipart(('name="prod"', b"Tank"), FILE)
    event = READER.read(body[: len(body) - len(DUMP) // 2])
    assert event.errors[0].type == "minidump_damaged"
    packed = gzip.compress(body)
    assert READER.read(packed[: len(packed) * 2 // 3]).platform == "native"


def test_without_a_dump_it_says_so() -> None:
    """An error without the reason is a ticket."""
    with pytest.raises(UnreadableInput, match="upload_file_minidump"):
        READER.read(multipart(('name="prod"', b"Tank")))


@pytest.mark.parametrize("said", [b"{", b'{"release": 5}', b'{"release": "\xff"}', b"[]"])
def test_a_damaged_field_of_sentry_costs_itself_alone(said: bytes) -> None:
    """The dump is there; what the upload says about the build is not worth losing it."""
    assert READER.read(multipart(('name="sentry"', said), FILE)).release is None


@pytest.mark.parametrize(
    "data", [b"--x\r\nfoo", b"\x1f\x8b\x08", gzip.compress(b"text", mtime=0), b"-- SQL comment\n", b""]
)
def test_other_files_are_not_its_own(data: bytes) -> None:
    """Texts that begin with two hyphens, and archives, belong to others."""
    assert READER.detect(data) < 0.3


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few kilobytes must not become gigabytes."""
    monkeypatch.setattr(inflate, "MAX_INFLATED", 1 << 20)
    with pytest.raises(UnreadableInput, match=r"\.dmp"):
        READER.read(gzip.compress(bytes(8 << 20)))


def test_thousands_of_fields_are_bounded() -> None:
    """A body of nothing but fields would keep a worker busy."""
    body = multipart(*[(f'name="f{number}"', b"x") for number in range(5_000)])
    assert len(list(parts_of(memoryview(body)))) == 1_000
