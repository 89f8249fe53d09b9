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
        "webpack-internal:///(rsc)/./src/app/page.tsx",
        "turbopack:///[project]/src/app/page.tsx",
        "turbopack:///[project]/turbo/pack.ts",
        ".yarn/__virtual__/ui-virtual-7a1/1/packages/ui/src/index.ts",
        "/@fs/home/ada/shop/src/x.ts",
        "ng:///AppModule/AppComponent.ngfactory.js",
        "package:shop/main.dart",
        "org-dartlang-app:///lib/main.dart",
        "app:///src/screens/Cart.tsx",
        "file:///home/ada/shop/src/a.js",
        "https://shop.example/src/a.js",
        "src/next/distance.ts",
        "src/timezone.js",
        "src/emscripten.ts",
        "src/rolldown.ts",
        "src/~ada.js",
        "src/nodes/internal/list.js",
        "lib/webpack/plugin.js",
        "src/flutter/bridge.ts",
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
        "node_modules/.pnpm/react@18.2.0/node_modules/react/index.js",
        "../../.yarn/cache/lodash-npm-4.17.21-6382451519-eb835a2e51.zip/node_modules/lodash/map.js",
        "/root/.yarn/unplugged/esbuild-npm-0.1/lib/main.js",
        ".yarn/__virtual__/react-dom-virtual-1/0/cache/react-dom.zip/index.js",
        "/home/ada/.bun/install/cache/lodash@4/map.js",
        "webpack:///~/react/index.js",
        "webpack:///./~/react/index.js",
        "webpack://shop/webpack/container/reference/cart",
        "webpack:///webpack/sharing/consume",
        "webpack:///(webpack)-hot-middleware/client.js",
        "rspack/runtime/define property getters",
        "webpack://shop/rspack/bootstrap",
        "turbopack:///[next]/internal/font.js",
        "turbopack:///[externals]/node:fs",
        "turbopack:///[project]/node_modules/.pnpm/next@15/node_modules/next/dist/client/index.js",
        "webpack://_N_E/../../next/dist/client/index.js",
        "next/dist/client/components/app-router.js",
        "webpack:///../zone.js/dist/zone.js",
        "zone.js",
        "/js/react-native-github/Libraries/Renderer/implementations/ReactFabric-prod.js",
        "../../metro-runtime/src/polyfills/require.js",
        "/@vite/client",
        "/@react-refresh",
        "\0rolldown/runtime.js",
        "rolldown:runtime",
        ".svelte-kit/generated/client/app.js",
        "https://deno.land/std@0.200.0/http/server.ts",
        "https://jsr.io/@std/assert/0.1/mod.ts",
        "https://esm.sh/react@18/index.js",
        "jsr:@std/assert",
        "npm:chalk@5",
        "bun:main",
        "ext:core/01_core.js",
        "org-dartlang-sdk:///sdk/lib/_internal/js_runtime/lib/js_helper.dart",
        "../../../../flutter/packages/flutter/lib/src/widgets/framework.dart",
        "package:flutter/src/widgets/framework.dart",
        "../../.pub-cache/hosted/pub.dev/http-1.2.0/lib/http.dart",
        "_framework/blazor.webassembly.js",
        "_framework/dotnet.runtime.8.0.0.js",
        "/emsdk/upstream/emscripten/src/library.js",
    ],
)
def test_machinery_is_not(source: str) -> None:
    """Frameworks would hide the line that the user can change."""
    assert not is_in_app(source)
