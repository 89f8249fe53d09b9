"""Comments at the end of generated files: they lead to the map, and code must not be taken for one."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sourcemaps.javascript.comments import (
    find_debug_id,
    find_injected_debug_id,
    find_source_map_url,
    read_tail,
    text_tail,
)
from sourcemaps.javascript.minified import parse_minified
from sourcemaps.text import split_lines

ID = "85314830-023f-4cf1-a267-535f4e37bb17"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("run();\n//# sourceMappingURL=app.js.map", "app.js.map"),
        ("run();\n//# sourceMappingURL=app.js.map\n\n  \n", "app.js.map"),
        ("run();\n//@ sourceMappingURL=app.js.map\r\n", "app.js.map"),
        ("run();//# sourceMappingURL=app.js.map", "app.js.map"),
        ("run('https://x.example');//# sourceMappingURL=app.js.map", "app.js.map"),
        ("run();\n/*# sourceMappingURL=app.css.map */", "app.css.map"),
        ("run();\n//#\tsourceMappingURL=app.js.map\u2028", "app.js.map"),
        ("//# sourceMappingURL=a.map\n//# sourceMappingURL=b.map", "b.map"),
        ("//# sourceMappingURL=a.map\n// done\n/* really */ /* done */", "a.map"),
        (f"//# sourceMappingURL=a.map\n//# debugId={ID}", "a.map"),
        ("//# sourceMappingURL=a.map\nrun();", None),
        ("//# sourceMappingURL=a.map\n/* a\n comment of lines */", None),
        ('run("//# sourceMappingURL=a.map")', None),
        ('run("\\n//# sourceMappingURL=a.map");', None),
        ("run('//# sourceMappingURL=a.map')", None),
        ("run(`\n//# sourceMappingURL=a.map\n`)", None),
        ("// write //# sourceMappingURL=a.map", None),
        ("//# sourceMappingURL=two words", None),
        ("//# sourceMappingURL=", None),
        ("// sourceMappingURL=a.map", None),
        ("/*# sourceMappingURL=a.map", None),
        ("", None),
    ],
)
def test_the_last_comment_that_no_code_follows_counts(text: str, expected: str | None) -> None:
    """Bundles that contain bundlers have such texts in their strings; a wrong one finds a wrong map."""
    assert find_source_map_url(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"run();\n//# debugId={ID}\n//# sourceMappingURL=a.map\n", ID),
        (f"run();\n//# debugId={ID.upper()}", ID),
        (f"//# debugId={ID}\n\n1;\n\n2;\n3;\n4;\n", ID),
        (f"//# debugId={ID}\n1;\n2;\n3;\n4;\n5;", None),
        ("//# debugId=nonsense", None),
    ],
)
def test_a_debug_id_stands_in_the_last_five_lines(text: str, expected: str | None) -> None:
    """The id is the only proof that map and bundle belong together."""
    assert find_debug_id(text) == expected


def test_the_snippet_of_bundler_plugins_is_read() -> None:
    """Bundles of Sentry's plug-ins have their id nowhere else."""
    snippet = b'!function(){e._sentryDebugIds[n]="x",e._sentryDebugIdIdentifier="sentry-dbid-%s"}();' % ID.encode()
    assert find_injected_debug_id(snippet + b"x" * 1_000_000) == ID
    assert find_injected_debug_id(b"x" * 1_000_000 + snippet) == ID
    assert find_injected_debug_id(b"sentry-dbid-1234") is None


def test_an_embedded_map_longer_than_the_tail_is_found_whole() -> None:
    """Development builds embed maps of megabytes."""
    url = "data:application/json;base64," + "QUJD" * 1_000_000
    data = b"run();\n//# sourceMappingURL=" + url.encode() + b"\n//# debugId=" + ID.encode() + b"\n"
    assert find_source_map_url(read_tail(data)) == url
    assert find_source_map_url(text_tail(data.decode())) == url


def test_a_long_line_of_code_is_not_read_whole() -> None:
    """Each 20 MB bundle of a folder would be copied and decoded to look at its end."""
    assert len(read_tail(b"f(a, b);" * 1_000_000)) == 64 * 1024
    assert len(text_tail("f(a, b);" * 1_000_000)) == 64 * 1024


def _by_the_standard(text: str) -> str | None:
    """ECMA-426, JavaScriptExtractSourceMapURL without parsing, step by step from the first line to the last."""
    found = None
    for line in split_lines(text):
        at = 0
        while at < len(line):
            if line.startswith("//", at):
                found = _match(line[at + 2 :]) or found
                break
            if line.startswith("/*", at):
                comment, _, _ = line[at + 2 :].partition("*/")
                found = _match(comment) if _match(comment) and "*/" in line[at + 2 :] else found
                at += len(comment) + 4
                continue
            found = found if line[at].isspace() else None
            at += 1
    return found


def _match(comment: str) -> str | None:
    match = re.match(r"[@#]\s*sourceMappingURL=(\S*?)\s*\Z", comment)
    return match[1] if match and match[1] else None


COMMENTS = st.sampled_from(
    [
        *("//# sourceMappingURL=a.map", "//@ sourceMappingURL=b.map ", "/*# sourceMappingURL=c.map */", "// note"),
        *("/*@ sourceMappingURL=d.map*/", "//# sourceMappingURL=", "/* open", "//# sourceURL=x.js", "/* x */"),
        f"//# debugId={ID}",
    ]
)
LINES = st.builds(
    lambda code, space, comment: code + space + comment,
    st.sampled_from(["", "", "run();", "}", "a / b;"]),
    st.sampled_from(["", " ", "\t"]),
    st.just("") | COMMENTS,
)


@settings(max_examples=500)
@given(lines=st.lists(LINES, max_size=6), end=st.sampled_from(["\n", "\r\n", "\r", "\u2028"]))
def test_the_standards_own_steps_find_the_same_comment(lines: list[str], end: str) -> None:
    """Browsers and we must agree which map belongs to a file."""
    assert find_source_map_url(end.join(lines)) == _by_the_standard(end.join(lines))


@pytest.mark.parametrize("hostile", [b"//#sourceMappingURL=", b"/*", b"/**/", b"*/", b" ", b"//", b"\n", b"a"])
def test_hostile_ends_do_not_hang(hostile: bytes) -> None:
    """Quadratic searching on a megabyte of comment starts would stop a worker."""
    parse_minified(hostile * 1_000_000 + b"x")
    parse_minified(hostile * 1_000_000)


@given(data=st.binary(max_size=300))
def test_any_bytes_can_be_looked_at(data: bytes) -> None:
    """Every file of a folder is."""
    parse_minified(data)
    parse_minified(b"run();\n//# sourceMappingURL=" + data)
