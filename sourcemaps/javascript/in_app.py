"""Whose code an original source is: the user's own, or a dependency's, a bundler's, a runtime's.

>>> is_in_app("webpack://shop/./src/cart.js"), is_in_app("../node_modules/react/index.js")
(True, False)
"""

import re

_OTHERS = re.compile(
    r"(?:\A|[/\\:])(?:node_modules|bower_components|jspm_packages|~)[/\\]"
    r"|(?:\A|/)webpack/(?:bootstrap|runtime|startup|before-startup|after-startup|universalModuleDefinition)"
    r"|\(webpack\)|(?:\A|/)external (?:[\"']|\w+ [\"'])"
    r"|\A(?:node|bun|ext|deno):|\Ainternal/"
    r"|\[turbopack\]|(?:\A|/)turbopack/"
    r"|(?:\A|/)(?:rollupPluginBabelHelpers|commonjsHelpers|tslib\.es6)\b|(?:\A|/)_virtual/|\A\0|/@vite/|vite/(?:preload|modulepreload)"
    r"|(?:\A|/)(?:__prelude__|InternalBytecode\.js)\Z"
)


def is_in_app(source: str) -> bool:
    """Whether the source, named as its map names it, is nobody else's."""
    return _OTHERS.search(source) is None
