"""The built-in tables of rules: every rule decides the frames that it is for, and takes nobody's own code."""

import pytest
from msgspec.structs import replace

import native.rules
import sourcemaps.rules
from symbolicator import plugins
from symbolicator.enrich.frame_rules import Rules, with_rules
from symbolicator.model import Event, Frame, FrameData, Stacktrace
from symbolicator.model.frame_rules import FrameRule, RuleTable
from symbolicator.model.tables import parse_rules

Sample = tuple[str, str]
"""A field of a frame and its value."""

SAMPLES: dict[str, list[Sample]] = {
    "cpp-library-name": [("function", "std::vector<int>::at"), ("function", "operator new(unsigned long)")],
    "rust-library-name": [
        ("function", "alloc::vec::Vec<T,A>::push"),
        ("function", "<alloc::vec::Vec<T> as core::ops::drop::Drop>::drop"),
    ],
    "cpp-library-internal": [("function", "__invoke_impl<void, F>"), ("function", "X::_M_run")],
    "glibc-internal": [("function", "__GI_raise"), ("function", "_int_free"), ("function", "__memcpy_chk")],
    "cpp-header": [("path", "std_thread.h"), ("path", "/opt/gcc/bits/stl_algo.h")],
    "abort": [("function", "abort"), ("function", "__GI_abort"), ("function", "__assert_fail(char const*)")],
    "uncaught-exception": [("function", "std::terminate()"), ("function", "__cxa_throw")],
    "go-runtime": [("function", "runtime.gopanic"), ("function", "sync/atomic.AddInt32")],
    "process-start": [("function", "_start"), ("function", "__libc_start_main"), ("function", "mainCRTStartup")],
    "thread-start": [("function", "start_thread"), ("function", "clone3")],
    "signal-return": [("function", "__restore_rt"), ("function", "<signal handler called>")],
    "rust-start": [("function", "std::rt::lang_start<T>::{{closure}}")],
    "rust-call-glue": [
        ("function", "core::ops::function::FnOnce::call_once"),
        ("function", "<alloc::boxed::Box<T> as core::ops::function::FnOnce<T>>::call_once"),
    ],
    "rust-panic-machinery": [("function", "core::panicking::panic_fmt"), ("function", "rust_begin_unwind")],
    "sanitizer-name": [("function", "__asan_report_load4"), ("function", "___interceptor_free")],
    "rust-panic": [("function", "core::result::unwrap_failed")],
    "node-fatal-error": [("function", "node::OnFatalError(char const*)")],
    "system-header": [("path", "/usr/include/c++/12/bits/stl_numeric.h"), ("path", "/x/MacOSX.sdk/usr/include/a.h")],
    "compiler-header": [
        ("path", "/usr/lib/gcc/x86_64-linux-gnu/12/include/emmintrin.h"),
        ("path", "/opt/cross/lib/gcc/arm-none-eabi/12.2/include/stdint.h"),
        ("path", "C:\\Program Files\\VS\\VC\\Tools\\MSVC\\14.38\\include\\vector"),
    ],
    "toolchain-source": [
        ("path", "/build/glibc-6iIyft/glibc-2.28/stdlib/abort.c"),
        ("path", "../sysdeps/unix/sysv/linux/raise.c"),
        ("path", "D:\\a\\_work\\1\\s\\src\\vctools\\crt\\vcstartup\\src\\startup\\exe_common.inl"),
    ],
    "sanitizer-source": [("path", "/llvm/compiler-rt/lib/asan/asan_malloc_linux.cpp")],
    "cpp-dependency": [("path", "/srv/build/_deps/fmt-src/src/format.cc"), ("path", "C:/v/vcpkg_installed/x/a.h")],
    "apple-dependency": [("path", "/Users/ada/Shop/Pods/Alamofire/Source/AF.swift")],
    "rust-library": [
        ("path", "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/option.rs"),
        ("path", "/home/me/.rustup/toolchains/stable/lib/rustlib/src/rust/library/std/src/rt.rs"),
    ],
    "rust-dependency": [
        ("path", "/home/me/.cargo/registry/src/index.crates.io-6f17d22bba15001f/serde-1.0.0/src/de.rs"),
        ("path", "/usr/local/cargo/git/checkouts/foo/src/lib.rs"),
    ],
    "go-library": [("path", "/usr/local/go/src/net/http/server.go"), ("path", "/usr/lib/go-1.19/src/runtime/panic.go")],
    "go-dependency": [
        ("path", "/home/me/go/pkg/mod/github.com/spf13/cobra@v1.8.0/command.go"),
        ("path", "github.com/spf13/cobra@v10.8.0/command.go"),
    ],
    "dart-library-in-native-code": [("path", "dart:async/zone.dart"), ("path", "package:flutter/src/framework.dart")],
    "linux-system": [("package", "/lib/x86_64-linux-gnu/libz.so.1"), ("package", "/usr/lib64/libfoo.so")],
    "android-system": [("package", "/system/lib64/libutils.so"), ("package", "/apex/com.android.art/lib64/libdex.so")],
    "android-shared-app": [
        ("package", "/data/app/~~x==/com.google.android.trichromelibrary-1/base.apk!libmonochrome.so")
    ],
    "apple-system": [
        ("package", "/System/Library/Frameworks/UIKit.framework/UIKit"),
        ("package", "/private/preboot/Cryptexes/OS/usr/lib/libobjc-trampolines.dylib"),
    ],
    "apple-simulator": [
        ("package", "/Library/Developer/CoreSimulator/Runtimes/iOS 26.simruntime/RuntimeRoot/usr/lib/libz.dylib"),
        ("package", "/Applications/Xcode-15.app/Contents/Developer/SDKs/iPhoneSimulator.sdk/usr/lib/dyld_sim"),
    ],
    "windows-system": [
        ("package", "C:\\Windows\\System32\\ole32.dll"),
        ("package", "c:/windows/WinSxS/x/comctl32.dll"),
    ],
    "homebrew": [("package", "/opt/homebrew/Cellar/zlib/1.3/lib/libz.dylib")],
    "kernel": [("package", "vmlinux")],
    "kernel-lent": [("package", "linux-vdso.so.1"), ("package", "[vdso]")],
    "c-library": [("package", "libc.so.6"), ("package", "/opt/sysroot/libpthread-2.31.so"), ("package", "libm.so.6")],
    "dynamic-linker": [("package", "/opt/ld-linux-x86-64.so.2"), ("package", "ld-musl-x86_64.so.1")],
    "compiler-runtime": [
        ("package", "libstdc++.so.6"),
        ("package", "/opt/gcc/libgcc_s.so.1"),
        ("package", "/data/app/~~x==/com.shop-1/base.apk!libc++_shared.so"),
        ("package", "C:\\Games\\Shop\\VCRUNTIME140.dll"),
    ],
    "swift-runtime": [("package", "/var/containers/Bundle/Application/1/Cart.app/Frameworks/libswiftCore.dylib")],
    "python-runtime": [
        ("package", "/opt/bin/python3.11"),
        ("package", "/opt/libpython3.12.so.1.0"),
        ("package", "/Library/Frameworks/Python.framework/Versions/3.11/Python"),
    ],
    "python-library-module": [("package", "/opt/python/lib/python3.11/lib-dynload/_ctypes.so")],
    "ruby-extension": [("package", "/usr/local/bundle/gems/relay-1.0/lib/relay.so")],
    "ruby-runtime": [("package", "/opt/ruby/lib/libruby-3.3.so.3.3"), ("package", "C:/x64-msvcrt-ruby310.dll")],
    "node-runtime": [("package", "/opt/node/bin/node"), ("package", "libnode.so.108"), ("package", "C:\\n\\node.exe")],
    "java-runtime": [("package", "/opt/jvm/java-17/lib/libnet.so"), ("package", "/opt/jdk-21/lib/libjava.so")],
    "language-runtime": [
        ("package", "base.apk!/lib/arm64-v8a/libhermes.so"),
        ("package", "libjvm.so"),
    ],
    "react-native": [("package", "/data/app/com.shop-1/base.apk!libreact_newarchdefaults.so")],
    "dotnet-runtime": [("package", "/opt/dotnet/libcoreclr.so"), ("package", "libmonosgen-2.0.so")],
    "unity-player": [("package", "C:\\Games\\Shop\\UnityPlayer.dll"), ("package", "/srv/UnityPlayer_s.debug")],
    "il2cpp-runtime": [("function", "il2cpp::vm::Runtime::Invoke"), ("function", "RuntimeInvoker_TrueVoid_t4861")],
    "il2cpp-call-glue": [("function", "InterfaceFuncInvoker0<bool>::Invoke")],
    "windows-by-name": [("package", "KERNEL32"), ("package", "ntdll")],
    "sanitizer-runtime": [("package", "libasan.so.8"), ("package", "/opt/libclang_rt.asan-x86_64.so")],
    "apple-bundled-library": [
        ("package", "/private/var/containers/Bundle/Application/1/Cart.app/Frameworks/Sentry.framework/Sentry")
    ],
    "go-runtime-file": [("path", "/usr/local/go/src/runtime/panic.go"), ("path", "runtime/panic.go")],
    "go-dependency-folder": [("path", "/srv/shop/vendor/example.com/cart/a.go"), ("path", "gopkg.in/x@v3.0.1/a.go")],
    "cgo-glue": [("path", "_cgo_gotypes.go")],
    "python-frozen": [("path", "<frozen importlib._bootstrap>")],
    "python-library": [
        ("path", "/usr/lib/python3.11/threading.py"),
        ("path", "/opt/python/lib/python3.13t/asyncio/runners.py"),
        ("path", "/opt/app/python311.zip/json/decoder.py"),
    ],
    "python-library-on-windows": [
        ("path", "C:\\Python311\\Lib\\json\\decoder.py"),
        ("path", "C:\\Users\\ana\\AppData\\Local\\Programs\\Python\\Python312\\Lib\\os.py"),
    ],
    "python-library-file": [("path", "threading.py"), ("path", "concurrent/futures/thread.py")],
    "python-dependency": [
        ("path", "/srv/shop/.venv/lib/python3.12/site-packages/flask/app.py"),
        ("path", "/usr/lib/python3/dist-packages/yaml/__init__.py"),
    ],
    "dotnet-dependency": [("module", "Newtonsoft.Json.JsonConvert")],
    "dotnet-dependency-full-name": [("function", "Serilog.Log.Write")],
    "unity-engine": [("module", "UnityEngine.Events.UnityEvent"), ("module", "TMPro.TMP_Text")],
    "dotnet-library": [("module", "System.String"), ("module", "Microsoft.Extensions.Hosting.Host")],
    "dotnet-library-full-name": [("function", "System.String.Concat")],
    "dotnet-library-file": [("package", "/app/System.Linq.dll")],
    "mono-unknown": [("function", "<unknown>")],
    "dart-dependency": [("path", "package:http/src/client.dart"), ("path", "/home/a/.pub-cache/hosted/x/a.dart")],
    "dart-library": [("path", "dart:async/zone.dart")],
    "flutter-framework": [("path", "package:flutter/src/widgets/framework.dart")],
    "ruby-internal": [("path", "<internal:kernel>")],
    "ruby-library": [
        ("path", "/usr/lib/ruby/3.1.0/json/common.rb"),
        ("path", "/home/ada/.rbenv/versions/3.3.0/lib/ruby/3.3.0/net/http.rb"),
        ("path", "C:/Ruby31-x64/lib/ruby/3.1.0/set.rb"),
        ("path", "/usr/lib/ruby/vendor_ruby/rubygems.rb"),
    ],
    "ruby-program": [("path", "/usr/bin/rake")],
    "ruby-gem": [
        ("path", "/usr/local/bundle/gems/rack-3.0.8/lib/rack/builder.rb"),
        ("path", "/srv/shop/vendor/bundle/ruby/3.3.0/gems/puma-6.4.0/lib/puma/server.rb"),
        ("path", "/usr/local/bundle/bundler/gems/shop-0a1b2c/lib/shop.rb"),
        ("path", "/home/ada/.rbenv/versions/3.3.0/lib/ruby/gems/3.3.0/gems/bundler-2.5.0/exe/bundle"),
    ],
    "lua-library": [
        ("path", "/usr/share/lua/5.4/socket/http.lua"),
        ("path", "/srv/lua_modules/share/lua/5.4/socket.lua"),
        ("path", "/usr/local/openresty/lualib/resty/core.lua"),
    ],
    "perl-library": [("path", "/usr/share/perl5/Till.pm"), ("path", "/usr/lib/x86_64-linux-gnu/perl-base/Carp.pm")],
    "perl-dependency": [("path", "/usr/local/lib/site_perl/5.36/Try.pm"), ("path", "/home/ana/perl5/lib/Try.pm")],
    "php-library": [("path", "/usr/share/php/PEAR.php"), ("path", "phar:///usr/bin/composer/a.php")],
    "php-dependency": [("path", "/srv/shop/vendor/laravel/framework/src/Router.php")],
    "java-dependency": [("module", "okhttp3.RealCall"), ("module", "org.springframework.web.Filter")],
    "java-crash-reporter": [("module", "io.sentry.Hub")],
    "java-app-framework": [("module", "com.facebook.react.bridge.CatalystInstance")],
    "java-platform": [("module", "java.util.ArrayList")],
    "jvm-language": [("module", "kotlin.collections.ArrayDeque"), ("module", "kotlinx.coroutines.EventLoop")],
    "android-platform": [("module", "android.os.Looper"), ("module", "androidx.core.App")],
    "android-vendor": [("module", "com.samsung.android.view.X")],
    "js-dependency": [
        ("path", "../node_modules/react/index.js"),
        ("path", "node_modules/react/index.js"),
        ("path", "C:\\shop\\node_modules\\x\\a.js"),
        ("path", "webpack:///./~/lodash/map.js"),
    ],
    "js-package-cache": [
        ("path", "/root/.yarn/unplugged/esbuild-npm-0.1/lib/main.js"),
        ("path", ".yarn/__virtual__/react-dom-virtual-1/0/cache/react-dom.zip/index.js"),
        ("path", "/home/ada/.bun/install/cache/lodash@4/map.js"),
        ("path", "../../.pub-cache/hosted/pub.dev/http-1.2.0/lib/http.dart"),
    ],
    "js-package-by-url": [
        ("path", "https://deno.land/std@0.200.0/http/server.ts"),
        ("path", "https://esm.sh/react@18/index.js"),
        ("path", "jsr:@std/assert"),
        ("path", "npm:chalk@5"),
    ],
    "js-webpack": [
        ("path", "webpack://shop/webpack/bootstrap"),
        ("path", "webpack://shop/webpack/runtime/chunk loading"),
        ("path", "webpack:///(webpack)/buildin/global.js"),
        ("path", "webpack:///(webpack)-hot-middleware/client.js"),
        ("path", "webpack://shop/webpack/container/reference/cart"),
        ("path", "rspack/runtime/define property getters"),
    ],
    "js-webpack-external": [("path", 'webpack:///external "react"'), ("path", "webpack://shop/external commonjs 'fs'")],
    "js-turbopack": [("path", "turbopack:///[turbopack]/browser/runtime.ts"), ("path", "turbopack:///[next]/font.js")],
    "js-rollup": [
        ("path", "\0vite/preload-helper.js"),
        ("path", "_virtual/_rollupPluginBabelHelpers.js"),
        ("path", "rolldown:runtime"),
        ("path", ".svelte-kit/generated/client/app.js"),
    ],
    "js-vite": [("path", "/@vite/client"), ("path", "/@react-refresh")],
    "js-metro": [
        ("path", "__prelude__"),
        ("path", "../../metro-runtime/src/polyfills/require.js"),
        ("path", "/js/react-native-github/Libraries/Renderer/implementations/ReactFabric-prod.js"),
    ],
    "js-framework": [
        ("path", "webpack://_N_E/../../next/dist/client/index.js"),
        ("path", "next/dist/client/components/app-router.js"),
        ("path", "webpack:///../zone.js/dist/zone.js"),
        ("path", "zone.js"),
    ],
    "js-compiled-language": [
        ("path", "org-dartlang-sdk:///sdk/lib/_internal/js_runtime/lib/js_helper.dart"),
        ("path", "../../../../flutter/packages/flutter/lib/src/widgets/framework.dart"),
        ("path", "_framework/blazor.webassembly.js"),
        ("path", "/emsdk/upstream/emscripten/src/library.js"),
    ],
    "js-engine": [("path", "node:internal/modules/cjs/loader"), ("path", "bun:main"), ("path", "ext:core/01_core.js")],
}
"""What each rule decides, frame by frame. Rules that ask for more than one field have tests of their own."""

OWN: dict[str, list[Sample]] = {
    "native": [
        ("path", "/src/main.cpp"),
        ("path", "/home/me/usr/include/shop.h"),
        ("path", "/src/sysdep/x.c"),
        ("function", "_starts"),
        ("function", "core::ops::mine"),
        ("function", "shop::start_threads"),
        ("function", "main::{lambda(int, int)#1}::operator()"),
        ("function", "<alloc::vec::Vec<T> as shop::Total>::total"),
        ("package", "/home/lib/shop"),
        ("package", "/data/app/~~x==/com.shop-1/base.apk!libshop.so"),
        ("package", "/data/app/~~x==/com.shop-1/lib/arm64/libil2cpp.so"),
        ("package", "/private/var/containers/Bundle/Application/1/Cart.app/Frameworks/CartKit.framework/CartKit"),
        ("package", "C:\\Games\\Shop\\GameAssembly.dll"),
        ("package", "./shop"),
    ],
    "go": [("module", "main"), ("module", "example.com/shop"), ("path", "/home/ana/go/src/shop/main.go")],
    "python": [
        ("path", "/srv/library/python/shop.py"),
        ("path", "/srv/lib/python_tools/run.py"),
        ("path", "/home/ada/python3-shop/lib/cart.py"),
        ("path", "/srv/shop/threading.py"),
        ("path", "<stdin>"),
        ("path", "shop.py"),
    ],
    "csharp": [("module", "Shop.Cart"), ("module", "SystemShop.Cart"), ("function", "Shop.Cart.Total")],
    "dart": [("path", "package:shop/cart.dart"), ("path", "file:///srv/app/bin/main.dart")],
    "perl": [("path", "/srv/shop/Cart.pm"), ("path", "-e")],
    "php": [("path", "/srv/shop/src/Cart.php"), ("path", "/srv/vendors/a.php")],
    "ruby": [
        ("path", "/srv/shop/app/models/cart.rb"),
        ("path", "/srv/shop/lib/ruby/cart.rb"),
        ("path", "/home/ada/gems/cart.rb"),
        ("path", "lib/till.rb"),
    ],
    "lua": [("path", "/srv/shop/cart.lua"), ("path", "lua_modules/x.lua"), ("path", '[string "x"]')],
    "java": [("module", "com.shop.Cart"), ("module", "javafx2.Shop"), ("module", "a.b.c")],
    "javascript": [
        ("path", path)
        for path in (
            "src/cart.js",
            "webpack://shop/./src/cart.js",
            "/home/ada/shop/src/webpack/config.js",
            "webpack:///src/external/api.js",
            "../packages/ui/index.ts",
            "C:\\shop\\src\\a.js",
            "webpack-internal:///(rsc)/./src/app/page.tsx",
            "turbopack:///[project]/turbo/pack.ts",
            ".yarn/__virtual__/ui-virtual-7a1/1/packages/ui/src/index.ts",
            "/@fs/home/ada/shop/src/x.ts",
            "ng:///AppModule/AppComponent.ngfactory.js",
            "package:shop/main.dart",
            "org-dartlang-app:///lib/main.dart",
            "app:///src/screens/Cart.tsx",
            "https://shop.example/src/a.js",
            "src/next/distance.ts",
            "src/timezone.js",
            "src/emscripten.ts",
            "src/rolldown.ts",
            "src/~ada.js",
            "src/nodes/internal/list.js",
            "lib/webpack/plugin.js",
            "src/flutter/bridge.ts",
        )
    ],
}


TABLES = [*native.rules.TABLES, *sourcemaps.rules.TABLES]
RULES = [(table, rule) for table in TABLES for rule in parse_rules(table.file.read_text())]
OF_SEVERAL_FIELDS = {"library-name-in-own-source", "rust-main-of-c", "go-library-package"}
OF_ONE_FIELD = [(table, rule) for table, rule in RULES if rule.id not in OF_SEVERAL_FIELDS]


def frame(field: str, value: str) -> Frame:
    return replace(Frame(), **{"abs_path" if field == "path" else field: value})


def ruled(platform: str, *frames: Frame) -> list[Frame]:
    event = Event(platform=platform, stacktrace=Stacktrace(frames=frames))
    stack = with_rules(event, Rules(tables=plugins.frame_rules)).stacktrace
    assert stack
    return list(stack.frames)


def labels(*functions: str) -> list[str | None]:
    found = ruled("native", *(Frame(function=name) for name in functions))
    return [one.data.machinery if one.data else None for one in found]


@pytest.mark.parametrize(("table", "rule"), OF_ONE_FIELD, ids=[rule.id for _, rule in OF_ONE_FIELD])
def test_every_rule_decides_its_samples(table: RuleTable, rule: FrameRule) -> None:
    """A rule without effect puts machinery in front of the user's own code, and nobody notices."""
    assert SAMPLES[rule.id], "a rule needs a frame that it decides"
    for sample in SAMPLES[rule.id]:
        for platform in table.platforms:
            (found,) = ruled(platform, frame(*sample))
            assert found.data, sample
            if rule.fold:
                assert found.data.machinery == rule.fold, sample
            else:
                assert (found.data.in_app_rule, found.in_app) == (rule.id, rule.in_app), sample


@pytest.mark.parametrize("platform", OWN)
def test_own_code_stays_own(platform: str) -> None:
    """A rule that takes too much hides the very line that failed."""
    for sample in OWN[platform]:
        (found,) = ruled(platform, frame(*sample))
        assert (found.in_app, found.data) == (True, None), sample


def test_ids_are_unique_and_every_table_is_found() -> None:
    """Two rules of one id would make an explanation point at the wrong one; a table that nobody finds does nothing."""
    ids = [rule.id for _, rule in RULES]
    assert len(ids) == len(set(ids))
    assert set(SAMPLES) | OF_SEVERAL_FIELDS == set(ids)
    assert all(plugins.frame_rules(platform) for table in TABLES for platform in table.platforms)
    assert plugins.broken() == ()


def test_a_specialization_of_the_library_in_own_source_is_own() -> None:
    """std::hash<Order> is where it failed as well as any other function of the program."""
    own, library, unknown = ruled(
        "native",
        Frame(function="std::hash<shop::Order>::operator()", abs_path="/home/ada/shop/order.h"),
        Frame(function="std::hash<int>::operator()", abs_path="/usr/include/c++/12/functional"),
        Frame(function="std::hash<int>::operator()"),
    )
    assert (own.in_app, library.in_app, unknown.in_app) == (True, False, False)


def test_what_the_standard_library_calls_back_is_own() -> None:
    """A lambda that std::sort was given is the program's, between two frames that are not."""
    frames = [
        Frame(function="shop::total"),
        Frame(function="std::sort<shop::Line*>"),
        Frame(function="shop::total(Cart const&)::{lambda(Line, Line)#1}::operator()"),
    ]
    assert [one.in_app for one in ruled("native", *frames)] == [True, False, True]


def test_rusts_main_of_c_is_no_own_code() -> None:
    """The compiler makes it; without source it would stand in front as if the user wrote it."""
    start = Frame(function="std::rt::lang_start")
    assert [one.in_app for one in ruled("native", Frame(function="main"), start)] == [False, False]
    assert [one.in_app for one in ruled("native", Frame(function="main"), Frame(function="shop"))] == [True, True]


@pytest.mark.parametrize(
    ("module", "file", "own"),
    [
        ("net/http", "/usr/local/go/src/net/http/server.go", False),
        ("sync", "/opt/go1.26/src/runtime/sema.go", False),
        ("runtime", "runtime/panic.go", False),
        ("main", "/home/ana/go/src/shop/main.go", True),
        ("log/audit", "/home/ana/src/audit/log.go", True),
        ("gopkg.in/yaml.v3", "/home/ana/go/pkg/mod/gopkg.in/yaml.v3@v3.0.1/a.go", False),
        ("example.com/shop", "/srv/vendor/example.com/shop/a.go", False),
        (None, "/usr/local/go/src/runtime/panic.go", False),
    ],
)
def test_whose_go_code(module: str | None, file: str, own: bool) -> None:  # noqa: FBT001 - test data
    """The standard library tells itself by package and folder together: each alone may be the program's."""
    (found,) = ruled("go", Frame(module=module, function="f", abs_path=file))
    assert found.in_app is own


def test_all_that_ran_after_a_panic_folds() -> None:
    """A program's own panic hook would stand on top of every Rust trace, as if it had failed."""
    assert labels("main", "shop::total", "core::result::unwrap_failed", "core::panicking::panic_fmt", "shop::hook") == [
        None, None, *["panic handling"] * 3
    ]  # fmt: skip
    assert labels("give_up", "napi_fatal_error", "node::OnFatalError(char const*)", "node::Abort()") == [
        None, None, *["fatal error handling"] * 2
    ]  # fmt: skip
    assert labels("main", "abort_order", "__GI_abort", "raise") == [None, None, *["abort handling"] * 2]
    assert labels("main", "core_panicking::total", "std::panicking::r#try") == [None] * 3


def test_the_nearest_symbols_name_decides_nothing() -> None:
    """In a stripped program that is often _start, and the code is the program's own."""
    nearest = Frame(function="_start", package="/srv/shop", data=FrameData(symbol_distance=0x4000))
    (found,) = ruled("native", nearest)
    assert found.in_app is True


def test_system_code_is_known_before_anything_is_resolved() -> None:
    """Nobody is asked to build the C library with -g, but everybody for a framework that the app brought along."""
    rules = plugins.frame_rules("native")
    assert rules.is_system(Frame(package="/lib/x86_64-linux-gnu/libc.so.6"))
    assert not rules.is_system(Frame(package="./shop"))
    assert not rules.is_system(Frame(package="/x/Cart.app/Frameworks/Sentry.framework/Sentry"))
    assert not plugins.frame_rules("java").is_system(Frame(module="okhttp3.RealCall"))
