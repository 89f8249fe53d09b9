"""Class names in texts: only whole ones, and only those that an obfuscator made."""

import pytest

from sourcemaps.proguard.frames import looks_obfuscated
from sourcemaps.proguard.names import Names
from sourcemaps.proguard.search import Applied
from symbolicator.model import Frame


class FewClasses:
    name = "mapping.txt"
    has_lines = True

    def classes(self, names: list[str]) -> list[str | None]:
        known = {
            "a.b": "com.shop.Line",
            "b": "com.shop.Bare",
            "com.shop.Kept": "com.shop.Other",
            "a.b$c": "com.shop.In",
        }
        return [known.get(name) for name in names]


NAMES = Names([Applied(FewClasses(), "", "name")])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b", "com.shop.Line"),
        ("no a.b left, no a.b$c: a.b.", "no com.shop.Line left, no com.shop.In: com.shop.Line."),
        ("a.b@1f2e", "com.shop.Line@1f2e"),
        ("xa.b a.bc a.b.c a.b/c /a.b a-a.b", "xa.b a.bc a.b.c a.b/c /a.b a-a.b"),
        ("b is com.shop.Kept", "b is com.shop.Kept"),
        ("", ""),
    ],
)
def test_texts(text: str, expected: str) -> None:
    """A message that is changed where it should not be lies about what the program said."""
    assert NAMES.in_text(text) == expected


def test_long_texts_cost_no_more_than_their_start() -> None:
    """Some exceptions carry a whole document as their message."""
    text = "a.b " * 1_000_000
    assert NAMES.in_text(text).endswith("a.b a.b ")
    assert NAMES.in_text("a." * 1_000_000) == "a." * 1_000_000


@pytest.mark.parametrize(
    ("module", "file", "expected"),
    [
        ("a.b", "SourceFile", True),
        ("a.b", "Cart.java", True),
        ("com.shop.Cart", "r8-map-id-1a2b3c4", True),
        ("com.shop.Cart", "Cart.java", False),
        ("com.shop.Cart", None, False),
        ("com.shop.Db", "Database.kt", False),
        ("com.shop.Q", None, True),
        ("java.util.a", "SourceFile", False),
        ("com.shop.ui$a", "Ui.kt", True),
    ],
)
def test_what_looks_obfuscated(module: str, file: str | None, expected: bool) -> None:  # noqa: FBT001 - a table
    """A warning too many and people stop to read them; one too few and they do not know what is missing."""
    assert looks_obfuscated(Frame(module=module, function="run", filename=file)) is expected
