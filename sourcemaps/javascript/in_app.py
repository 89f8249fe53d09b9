"""Whose code an original source is: the user's own, or a dependency's, a bundler's, a runtime's.

>>> is_in_app("webpack://shop/./src/cart.js"), is_in_app("../node_modules/react/index.js")
(True, False)

The map's own ``ignoreList`` comes first (`Resolution.ignored`); this is for what maps leave unsaid. A folder that the
user's own sources may well be called (``webpack/config.js``) is not on the list.
"""

import re

_START = r"(?:\A|[/\\:])"
"""Of a path component."""

_PACKAGES = (
    r"(?:node_modules|bower_components|jspm_packages|~)[/\\]",
    r"\.yarn[/\\](?:cache|unplugged|berry)[/\\]|\.pnpm-store[/\\]|\.bun[/\\]install[/\\]|\.pub-cache[/\\]",
    r"__virtual__[/\\][^/\\]+[/\\]\d+[/\\](?:cache|unplugged)[/\\]",
)
"""Where package managers put what others wrote. Yarn's virtual folders also stand for packages of the own workspace."""

_REMOTE = (
    r"\Ahttps://(?:deno\.land|jsr\.io|(?:www\.)?unpkg\.com|esm\.sh|cdn\.jsdelivr\.net|cdn\.skypack\.dev)/"
    r"|\A(?:jsr|npm):"
)
"""Packages that are loaded by URL."""

_BUNDLERS = (
    r"(?:webpack|rspack)/(?:bootstrap|runtime|(?:before-|after-)?startup|universalModuleDefinition|container|sharing)",
    r"external (?:[\"']|\w+ [\"'])",
    r"\[(?:turbopack|externals|next)\]",
    r"turbopack/",
    r"(?:rollupPluginBabelHelpers|commonjsHelpers|tslib\.es6)\b",
    r"_virtual/|@vite/|vite/(?:preload|modulepreload)|@react-refresh\Z|rolldown[:/]runtime",
    r"\.svelte-kit/generated/",
    r"__prelude__\Z",
)
"""What bundlers write into a bundle themselves."""

_RUNTIMES = (
    r"InternalBytecode\.js\Z",
    r"next/dist/|zone\.js(?:/|\Z)|react-native-github/|metro-runtime/",
    r"dart-sdk/|flutter/(?:packages/flutter|bin/cache)/|package:flutter(?:_web_plugins|_test)?/",
    r"_framework/(?:blazor|dotnet)\.|emsdk/|emscripten/(?:system|src)/",
)
"""Frameworks and languages under names of their own: Next.js, Angular, React Native, Dart, .NET, Emscripten."""

_OTHERS = re.compile(
    "|".join(f"{_START}(?:{part})" for part in (*_PACKAGES, *_BUNDLERS, *_RUNTIMES))
    + r"|\(webpack\)|\A\0|\A(?:node|bun|ext|deno|org-dartlang-sdk):|\Ainternal/|"
    + _REMOTE
)


def is_in_app(source: str) -> bool:
    """Whether the source, named as its map names it, is nobody else's."""
    return _OTHERS.search(source) is None
