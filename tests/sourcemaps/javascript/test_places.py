"""What kinds of places frames name: which need a map, which are machinery, and what people are shown."""

import pytest

from sourcemaps.javascript.builtins import is_builtin, is_original
from sourcemaps.javascript.reader import READER
from sourcemaps.javascript.urls import display_name
from symbolicator.model import Frame


@pytest.mark.parametrize(
    ("path", "builtin"),
    [
        ("node:internal/modules/cjs/loader", True),
        ("internal/modules/cjs/loader.js", True),
        ("bun:main", True),
        ("ext:deno_web/02_timers.js", True),
        ("chrome-extension://abcdef/content.js", True),
        ("moz-extension://1b4e28ba-2fa1/content.js", True),
        ("safari-extension://com.shop/content.js", True),
        ("safari-web-extension://1b4e28ba-2fa1/content.js", True),
        ("webkit-masked-url://hidden/", True),
        ("wasm://wasm/0145fffe:wasm-function[0]:0x21", True),
        ("https://shop.example/app.wasm:wasm-function[12]:0x3f", True),
        ("[native code]", True),
        ("app:///[native code]", True),
        ("InternalBytecode.js", True),
        ("app:///InternalBytecode.js", True),
        ("/root/hermes/lib/InternalBytecode/InternalBytecode.js", True),
        ("https://shop.example/app.js", False),
        ("blob:https://shop.example/1b4e28ba-2fa1-11d2", False),
        ("file:///srv/app/main.mjs", False),
        ("app:///main.jsbundle", False),
        ("file:///var/containers/Bundle/Application/1B4E/Shop.app/main.jsbundle", False),
        ("capacitor://localhost/main.js", False),
        ("webpack-internal:///./src/x.js", False),
        ("turbopack:///[project]/src/x.ts", False),
    ],
)
def test_the_engines_own_places_need_no_map(path: str, *, builtin: bool) -> None:
    """Asking for their maps would report a missing one for every extension that a visitor has."""
    assert is_builtin(Frame(filename=path, lineno=1, colno=1)) is builtin


@pytest.mark.parametrize(
    ("path", "original", "shown"),
    [
        ("webpack://shop/./src/cart.js?a1b2", True, "src/cart.js"),
        ("webpack-internal:///./src/cart.js", True, "src/cart.js"),
        ("webpack-internal:///(rsc)/./src/app/page.tsx", True, "src/app/page.tsx"),
        ("webpack:///./~/react/index.js", True, "node_modules/react/index.js"),
        ("turbopack:///[project]/src/app/page.tsx", True, "src/app/page.tsx"),
        ("file:///srv/shop/src/cart.ts", True, "/srv/shop/src/cart.ts"),
        ("file:///srv/shop/dist/cart.js", False, "/srv/shop/dist/cart.js"),
        ("app:///dist/cart.js", False, "dist/cart.js"),
        ("https://shop.example/assets/cart.js?v=3", False, "assets/cart.js"),
    ],
)
def test_sources_are_shown_as_their_authors_write_them(path: str, shown: str, *, original: bool) -> None:
    """Bundlers' prefixes are noise; positions in sources need no map."""
    assert (is_original(path), display_name(path)) == (original, shown)


@pytest.mark.parametrize(
    ("line", "function", "place"),
    [
        ("at Object.<anonymous> (https://h/a.js:1:2)", "Object.<anonymous>", ("https://h/a.js", 1, 2)),
        ("at new Cart (https://h/a.js:1:2)", "new Cart", ("https://h/a.js", 1, 2)),
        ("at Cart.add [as push] (https://h/a.js:1:2)", "Cart.add", ("https://h/a.js", 1, 2)),
        ("at async Promise.all (index 0)", "Promise.all (index 0)", (None, None, None)),
        (
            "at eval (eval at g (eval at f (https://h/a.js:4:18), <anonymous>:1:1), <anonymous>:1:6)",
            "eval",
            ("https://h/a.js", 4, 18),
        ),
        ("at eval (eval at f (https://h/a.js:4:18), webpack-internal:///./b.js:2:3)", "eval",
         ("webpack-internal:///./b.js", 2, 3)),
        ("at f (http://10.0.2.2:8081/index.bundle//&platform=android&dev=false:1234:56)", "f",
         ("http://10.0.2.2:8081/index.bundle//&platform=android&dev=false", 1234, 56)),
        ("f@http://localhost:8081/index.bundle?platform=ios&dev=true:1234:56", "f",
         ("http://localhost:8081/index.bundle?platform=ios&dev=true", 1234, 56)),
        ("at Program.<Main>$ (https://h/_framework/dotnet.js:3:4)", "Program.<Main>$",
         ("https://h/_framework/dotnet.js", 3, 4)),
        ("at Array.__emval_call (https://h/app.js:1:2)", "Array.__emval_call", ("https://h/app.js", 1, 2)),
        ("at Cart_total_closure.call$1 (https://h/main.dart.js:5:6)", "Cart_total_closure.call$1",
         ("https://h/main.dart.js", 5, 6)),
        ("f@file:///var/containers/Bundle/Application/1B4E/Shop.app/main.jsbundle:1:985", "f",
         ("file:///var/containers/Bundle/Application/1B4E/Shop.app/main.jsbundle", 1, 985)),
    ],
)  # fmt: skip
def test_lines_of_every_kind_become_frames(
    line: str, function: str, place: tuple[str | None, int | None, int | None]
) -> None:
    """A line that is not read is a frame that is lost."""
    stack = READER.read(f"Error: x\n    {line}\n    at last (https://h/z.js:1:1)\n".encode()).exceptions[0].stacktrace
    assert stack is not None
    frame = stack.frames[-1]
    assert (frame.function, frame.filename, frame.lineno, frame.colno) == (function, *place)
