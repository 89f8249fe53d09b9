"""The scripts in an original source: all of a JavaScript or TypeScript file, the script blocks of a component.

>>> [script] = scripts_of("<template/><script lang='ts'>run()</script>", "App.vue")
>>> script.start, script.end, script.typescript
(29, 34, True)

A component (Vue, Svelte, Astro) keeps its lines in the map, so a script is a range of the file. Loaders of webpack
name each part of a component by itself, as ``App.vue?vue&type=script``: such a text is all script.
"""

import re

from msgspec import Struct

from sourcemaps.javascript.urls import without_query

MAX_SCRIPTS = 16

_JAVASCRIPT = re.compile(r"(?:\A|[/\\])[^./\\]*\Z|\.(?:[mc]?[jt]sx?|es6?|flow|jsm)\Z", re.IGNORECASE)
_TYPESCRIPT = re.compile(r"\.[mc]?ts\Z", re.IGNORECASE)
_COMPONENT = re.compile(r"\.(?:vue|svelte|astro)\Z", re.IGNORECASE)
_BLOCK = re.compile(r"<(script|style)\b((?:[^>\"']|\"[^\"]{0,500}\"|'[^']{0,500}'){0,500})>", re.IGNORECASE)
_CLOSING = {tag: re.compile(rf"</{tag}\s*>", re.IGNORECASE) for tag in ("script", "style")}
_LANGUAGE = re.compile(r"\blang\s*=\s*[\"']?(\w+)", re.IGNORECASE)
_PART = re.compile(r"[?&]type=script\b")
_FENCE = re.compile(r"\A\s*---[ \t]*\n(.*?)^---[ \t]*$", re.DOTALL | re.MULTILINE)


class Script(Struct, frozen=True):
    """A range of the text, in characters. ``typescript``: whether it is TypeScript that cannot hold JSX."""

    start: int
    end: int
    typescript: bool = False


def scripts_of(text: str, source: str) -> list[Script]:
    """The scripts in a source by its name; none in what is no JavaScript."""
    bare = without_query(source)
    if _JAVASCRIPT.search(bare):
        return [Script(0, len(text), bool(_TYPESCRIPT.search(bare)))]
    if not _COMPONENT.search(bare):
        return []
    if _PART.search(source) and not text.lstrip().startswith("<"):
        return [Script(0, len(text), "lang.ts" in source or "lang=ts" in source)]
    return _fenced(text) + _blocks(text)


def _fenced(text: str) -> list[Script]:
    """The frontmatter of an Astro component."""
    found = _FENCE.match(text)
    return [Script(found.start(1), found.end(1), typescript=True)] if found else []


def _blocks(text: str) -> list[Script]:
    """What stands between the tags; a style that quotes one is passed over."""
    scripts: list[Script] = []
    at = 0
    while len(scripts) < MAX_SCRIPTS and (opening := _BLOCK.search(text, at)):
        tag = opening.group(1).lower()
        closing = _CLOSING[tag].search(text, opening.end())
        at = closing.start() if closing else len(text)
        if tag == "script":
            scripts.append(Script(opening.end(), at, _is_plain_typescript(opening.group(2))))
    return scripts


def _is_plain_typescript(attributes: str) -> bool:
    language = _LANGUAGE.search(attributes)
    return language is not None and language.group(1).lower() in ("ts", "typescript")
