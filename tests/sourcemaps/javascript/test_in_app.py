"""Whose code a source is: own frames stand in front, others are folded away."""

import pytest

from sourcemaps.javascript.in_app import is_in_app


@pytest.mark.parametrize(
    "source",
    [
        "src/cart.js",
        "webpack://shop/./src/cart.js",
        "/home/ada/shop/src/webpack/config.js",
        "webpack:///src/external/api.js",
        "../packages/ui/index.ts",
        "C:\\shop\\src\\a.js",
    ],
)
def test_own_sources_are_in_app(source: str) -> None:
    """The failing line of the user would be folded away."""
    assert is_in_app(source)


@pytest.mark.parametrize(
    "source",
    [
        "../node_modules/react/index.js",
        "node_modules/react/index.js",
        "webpack://shop/./node_modules/lodash/map.js",
        "webpack:///./~/lodash/map.js",
        "C:\\shop\\node_modules\\x\\a.js",
        "webpack://shop/webpack/bootstrap",
        "webpack://shop/webpack/runtime/chunk loading",
        "webpack:///(webpack)/buildin/global.js",
        'webpack:///external "react"',
        "webpack://shop/external commonjs 'fs'",
        "node:internal/modules/cjs/loader",
        "turbopack:///[turbopack]/browser/runtime.ts",
        "\0vite/preload-helper.js",
        "_virtual/_rollupPluginBabelHelpers.js",
        "__prelude__",
    ],
)
def test_machinery_is_not(source: str) -> None:
    """Frameworks would hide the line that the user can change."""
    assert not is_in_app(source)
