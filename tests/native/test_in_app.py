"""Whose code a frame is."""

import pytest

from native.in_app import RULES, first_match, is_in_app, is_system_image
from symbolicator.model import Frame

EXAMPLES: dict[str, list[tuple[Frame, str | None]]] = {
    "system library folder": [(Frame(), "/lib/x86_64-linux-gnu/libz.so.1"), (Frame(), "/usr/lib64/libfoo.so")],
    "Android system folder": [(Frame(), "/system/lib64/libart.so"), (Frame(), "/apex/com.android.art/lib64/libart.so")],
    "Apple system folder": [
        (Frame(), "/System/Library/Frameworks/UIKit.framework/UIKit"),
        (Frame(), "/private/preboot/Cryptexes/OS/usr/lib/libobjc-trampolines.dylib"),
    ],
    "simulator's system folder": [
        (
            Frame(),
            "/Library/Developer/CoreSimulator/Runtimes/iOS 26.simruntime/RuntimeRoot/usr/lib/libz.dylib",
        ),
        (Frame(), "/Applications/Xcode-15.app/Contents/Developer/SDKs/iPhoneSimulator.sdk/usr/lib/dyld_sim"),
    ],
    "Swift runtime": [(Frame(), "/var/containers/Bundle/Application/1/Cart.app/Frameworks/libswiftCore.dylib")],
    "Windows's folder": [
        (Frame(), "C:\\Windows\\System32\\kernel32.dll"),
        (Frame(), "c:/windows/WinSxS/x/comctl32.dll"),
    ],
    "code that the kernel lends": [(Frame(), "linux-vdso.so.1"), (Frame(), "[vdso]")],
    "C library": [(Frame(), "libc.so.6"), (Frame(), "/opt/sysroot/libpthread-2.31.so"), (Frame(), "libm.so.6")],
    "C++ header": [(Frame(function="operator()", filename="std_thread.h"), "./pool")],
    "C++ library": [(Frame(function="__invoke_impl<void, F>"), "./pool"), (Frame(function="X::_M_run"), "./pool")],
    "glibc's own name": [(Frame(function="__GI_raise"), None), (Frame(function="_int_free"), None)],
    "dynamic linker": [(Frame(), "/opt/ld-linux-x86-64.so.2"), (Frame(), "ld-musl-x86_64.so.1")],
    "compiler runtime": [(Frame(), "libstdc++.so.6"), (Frame(), "/opt/gcc/libgcc_s.so.1"), (Frame(), "libc++.so.1")],
    "Python standard library": [(Frame(), "/opt/python/lib/python3.11/lib-dynload/_ctypes.so")],
    "Python interpreter": [
        (Frame(), "/opt/bin/python3.11"),
        (Frame(), "/opt/libpython3.12.so.1.0"),
        (Frame(), "python3"),
    ],
    "Node.js": [(Frame(), "/opt/node/bin/node"), (Frame(), "libnode.so.108"), (Frame(), "C:\\node\\node.exe")],
    "Java runtime": [(Frame(), "/opt/jvm/java-17/lib/libnet.so"), (Frame(), "/opt/jdk-21/lib/libjava.so")],
    "language runtime": [
        (Frame(), "base.apk!/lib/arm64-v8a/libhermes.so"),
        (Frame(), "libjvm.so"),
        (Frame(), "libffi.so.8"),
    ],
    ".NET runtime": [(Frame(), "/opt/dotnet/libcoreclr.so"), (Frame(), "libmonosgen-2.0.so")],
    "sanitizer runtime": [(Frame(), "libasan.so.8"), (Frame(), "/opt/libclang_rt.asan-x86_64.so")],
    "system header": [(Frame(abs_path="/usr/include/c++/12/bits/stl_numeric.h"), "/srv/shop")],
    "compiler's header": [
        (Frame(abs_path="/usr/lib/gcc/x86_64-linux-gnu/12/include/emmintrin.h"), "/srv/shop"),
        (Frame(abs_path="/opt/cross/lib/gcc/arm-none-eabi/12.2/include/stdint.h"), "/srv/shop"),
    ],
    "Rust standard library": [
        (Frame(abs_path="/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/option.rs"), "/srv/ledger"),
        (Frame(abs_path="/home/me/.rustup/toolchains/stable/lib/rustlib/src/rust/library/std/src/rt.rs"), None),
    ],
    "Rust dependency": [
        (Frame(abs_path="/home/me/.cargo/registry/src/index.crates.io-6f17d22bba15001f/serde-1.0.0/src/de.rs"), None),
        (Frame(abs_path="/usr/local/cargo/git/checkouts/foo/src/lib.rs"), None),
    ],
    "Go standard library": [
        (Frame(abs_path="/usr/local/go/src/net/http/server.go"), "/srv/shop"),
        (Frame(abs_path="/usr/lib/go-1.19/src/runtime/panic.go"), None),
    ],
    "Dart library": [
        (Frame(abs_path="dart:async/zone.dart"), "libapp.so"),
        (Frame(abs_path="package:flutter/src/widgets/framework.dart"), "libapp.so"),
    ],
    "Go dependency": [
        (Frame(abs_path="/home/me/go/pkg/mod/github.com/spf13/cobra@v1.8.0/command.go"), "/srv/shop"),
        (Frame(abs_path="github.com/spf13/cobra@v1.8.0/command.go"), "/srv/shop"),
    ],
    "Go runtime": [(Frame(function="runtime.gopanic"), "/srv/shop"), (Frame(function="sync/atomic.AddInt32"), None)],
    "toolchain's source": [
        (Frame(abs_path="/build/glibc-6iIyft/glibc-2.28/stdlib/abort.c"), "/srv/static"),
        (Frame(abs_path="../sysdeps/unix/sysv/linux/raise.c"), "/srv/static"),
    ],
    "sanitizer's source": [(Frame(abs_path="/llvm/compiler-rt/lib/asan/asan_malloc_linux.cpp"), "/srv/shop")],
    "process start": [(Frame(function="_start"), "/srv/shop"), (Frame(function="__libc_start_main"), "/srv/shop")],
    "thread start": [(Frame(function="start_thread"), "/srv/shop"), (Frame(function="clone3"), "/srv/shop")],
    "signal": [(Frame(function="__restore_rt"), "/srv/shop"), (Frame(function="<signal handler called>"), None)],
    "Rust start": [
        (Frame(function="std::rt::lang_start<T>::{{closure}}"), "/srv/ledger"),
        (Frame(function="std::sys::backtrace::__rust_begin_short_backtrace"), "/srv/ledger"),
    ],
    "Rust call glue": [
        (Frame(function="core::ops::function::FnOnce::call_once"), "/srv/ledger"),
        (Frame(function="<alloc::boxed::Box<T> as core::ops::function::FnOnce<T>>::call_once"), "/srv/ledger"),
    ],
    "Rust panic machinery": [
        (Frame(function="core::panicking::panic_fmt"), "/srv/ledger"),
        (Frame(function="rust_begin_unwind"), "/srv/ledger"),
    ],
    "Unity engine": [(Frame(), "C:/Games/Shop/UnityPlayer.dll"), (Frame(), "/srv/shop/UnityPlayer.so")],
    "IL2CPP": [
        (Frame(function="il2cpp::vm::Runtime::Invoke"), "/srv/GameAssembly.so"),
        (Frame(function="RuntimeInvoker_TrueVoid_t4861"), None),
    ],
    "IL2CPP call glue": [(Frame(function="InterfaceFuncInvoker0<bool>::Invoke"), None)],
    "sanitizer": [(Frame(function="__asan_report_load4"), "/srv/shop"), (Frame(function="___interceptor_free"), None)],
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.what)
def test_every_rule_takes_its_examples(rule: object) -> None:
    """A rule without effect would put machinery in front of the user's own code."""
    what = getattr(rule, "what", "")
    matches = [first_match(frame, package) for frame, package in EXAMPLES[what]]
    assert [match.what if match else None for match in matches] == [what] * len(matches)


@pytest.mark.parametrize(
    ("frame", "package"),
    [
        (Frame(function="main", abs_path="/src/main.cpp"), "/srv/shop"),
        (Frame(function="shop::start_threads", abs_path="/home/me/usr/include/shop.h"), "./shop"),
        (Frame(function="_starts"), "/home/lib/shop"),
        (Frame(function="core::ops::mine"), "/srv/libcart.so"),
        (Frame(), "/data/app/com.shop/lib/arm64/libshop.so"),
        (Frame(abs_path="/src/sysdep/x.c"), "/srv/libcurl.so"),
        (Frame(), None),
    ],
)
def test_own_code_stays_own(frame: Frame, package: str | None) -> None:
    """A rule that takes too much would hide the very line that failed."""
    assert is_in_app(frame, package)


def test_what_the_report_says_goes_first() -> None:
    """An SDK that was configured by the user knows better than a table."""
    assert is_in_app(Frame(in_app=True, function="_start"), "/lib/libc.so.6")
    assert not is_in_app(Frame(in_app=False, function="main"), "/srv/shop")


def test_system_images_are_known_without_a_frame() -> None:
    """Nobody is asked to build the C library with -g."""
    assert is_system_image("/lib/x86_64-linux-gnu/libc.so.6")
    assert not is_system_image("./shop")
    assert not is_system_image(None)
