"""Maps inside their file's comment, in every spelling that tools write."""

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sourcemaps.javascript.comments import find_source_map_url
from sourcemaps.javascript.data_urls import decode_data_url, is_data_url
from sourcemaps.javascript.identifier import IDENTIFIER
from symbolicator.errors import MalformedArtifact
from tests.sourcemaps.javascript.maps import source_map

MAP = source_map(["it's ü.js"], [(0, 0, 0, 0, 0)])
BASE64 = base64.b64encode(MAP).decode()
AS_JAVASCRIPT = "!'()*~"
"""What encodeURIComponent leaves as it is."""
URLS = [
    f"data:application/json;base64,{BASE64}",
    f"data:application/json;charset=utf-8;base64,{BASE64}",
    f"data:application/json; charset=UTF-8; BASE64,{BASE64}".replace(" ", ""),
    f"DATA:application/json;base64,{BASE64.rstrip('=')}",
    f"data:application/json;base64,{quote(BASE64, safe='')}",
    f"data:application/json,{quote(MAP)}",
    f"data:application/json;charset=utf-8,{quote(MAP, safe=AS_JAVASCRIPT)}",
    f"data:,{quote(MAP)}",
]


@pytest.mark.parametrize("url", URLS)
def test_every_spelling_is_read(url: str) -> None:
    """Babel writes base64 with a charset, esbuild whichever is shorter, older tools percent-encoding."""
    assert find_source_map_url(f"run()\n//# sourceMappingURL={url}\n") == url
    assert is_data_url(url)
    assert decode_data_url(url) == MAP
    identities = IDENTIFIER.identify("app.js", f"run()\n/*# sourceMappingURL={url} */".encode())
    assert [identity.kind for identity in identities] == ["minified", "sourcemap"]
    assert "cannot be read" not in identities[1].label


@pytest.mark.parametrize("url", ["data:", "data:application/json;base64", "data:;base64,A", "data:x;base64,AAAAA"])
def test_what_is_cut_off_says_so(url: str) -> None:
    """A proxy that limits lengths, an editor that wraps lines."""
    with pytest.raises(MalformedArtifact, match="build it"):
        decode_data_url(url)


def test_the_bundles_debug_id_is_that_of_the_map_inside_it() -> None:
    """The event may know the id and the bundle be stored under another name."""
    debug_id = "85314830-023f-4cf1-a267-535f4e37bb17"
    bundle = f"run()\n//# debugId={debug_id}\n//# sourceMappingURL={URLS[0]}".encode()
    keys = [(key.kind, key.by) for identity in IDENTIFIER.identify("app.js", bundle) for key in identity.keys]
    assert ("sourcemap", "debug_id") in keys


@given(data=st.binary(max_size=200))
def test_any_bytes_survive_the_way(data: bytes) -> None:
    """Encoding is not the place where a map is lost."""
    assert decode_data_url("data:application/json;base64," + base64.b64encode(data).decode()) == data
    assert decode_data_url("data:application/json," + quote(data)) == data


@given(text=st.text(max_size=100))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Comments come from anybody."""
    try:
        decode_data_url("data:" + text)
    except MalformedArtifact as error:
        assert str(error)
