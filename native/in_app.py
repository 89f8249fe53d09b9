"""Whose code a frame is: the application's, or a system library's, a toolchain's, a runtime's.

The rules are the table below, first match decides; what matches none is the application's. A report that says itself
whose code a frame is keeps its word.
"""

import re
from typing import NamedTuple

from native.images import base_name
from symbolicator.model import Frame


class Rule(NamedTuple):
    """Frames whose ``field`` matches ``pattern`` are not the application's."""

    field: str
    pattern: re.Pattern[str]
    what: str


def _rule(field: str, pattern: str, what: str) -> Rule:
    return Rule(field, re.compile(pattern), what)


RULES: tuple[Rule, ...] = (
    _rule("package", r"(?:/usr)?/lib(?:32|64|x32|exec)?/", "system library folder"),
    _rule("package", r"/(?:system|apex|vendor|system_ext|product)/", "Android system folder"),
    _rule("package", r"(?:/private/preboot/Cryptexes/\w+)?(?:/System/|/usr/lib/)", "Apple system folder"),
    _rule("package", r"/.{1,400}/RuntimeRoot/|/Applications/Xcode[^/]*/.{1,400}\.sdk/", "simulator's system folder"),
    _rule("package", r"(?i)[a-z]:[\\/]windows[\\/]", "Windows's folder"),
    _rule("library", r"(?:linux-vdso|linux-gate)\.so|\[vdso\]|\[vsyscall\]", "code that the kernel lends"),
    _rule("library", r"(?:libc|libm|libpthread|libdl|librt|libresolv|libutil|libnsl)(?:-\d[\d.]*)?\.so", "C library"),
    _rule("library", r"ld-(?:linux|musl|\d)|ld64\.so|ld\.so", "dynamic linker"),
    _rule("library", r"lib(?:stdc\+\+|c\+\+|c\+\+abi|gcc_s|unwind|gomp|atomic)[.\-]", "compiler runtime"),
    _rule("library", r"libswift\w{1,60}\.dylib", "Swift runtime"),
    _rule("package", r".*/lib-dynload/", "Python standard library"),
    _rule("library", r"(?:lib)?python[23](?:\.\d+)?[a-z]*(?:\.so|\Z)|Python\Z|python3\d+\.dll", "Python interpreter"),
    _rule("library", r"node(?:\.exe)?\Z|libnode\.", "Node.js"),
    _rule("package", r".*/(?:jvm|jdk|jre)[^/]*/", "Java runtime"),
    _rule("library", r"lib(?:jvm|art|artd|hermes|jsc|reactnative|jsi|flutter|unity|ffi)\.", "language runtime"),
    _rule("library", r"UnityPlayer(?:_s)?\.", "Unity engine"),
    _rule("library", r"lib(?:mono|coreclr|clrjit|hostfxr|hostpolicy)", ".NET runtime"),
    _rule("library", r"lib(?:asan|tsan|ubsan|lsan|msan|hwasan)\.|libclang_rt\.", "sanitizer runtime"),
    _rule("path", r"/usr/(?:local/)?include/", "system header"),
    _rule("path", r"/usr/lib/(?:gcc|llvm-)|/usr/lib/clang/|.*/gcc/[^/]+/[^/]+/include/", "compiler's header"),
    _rule("path", r"/rustc/[0-9a-f]{8,}/|.*/rustlib/src/rust/|.*/\.rustup/toolchains/", "Rust standard library"),
    _rule("path", r".*/registry/src/[^/]+/|.*/\.?cargo/registry/|.*/\.?cargo/git/", "Rust dependency"),
    _rule("path", r"/build/(?:glibc|gcc|llvm)[^/]*/|(?:\./)?\.\./sysdeps/|.*/sysdeps/", "toolchain's source"),
    _rule("path", r".*/compiler-rt/lib/", "sanitizer's source"),
    _rule("path", r"/usr/(?:local|lib)/go(?:-[\d.]+)?/src/", "Go standard library"),
    _rule("path", r"dart:|org-dartlang-|package:flutter(?:_test|_web_plugins)?/", "Dart library"),
    _rule("path", r".*/pkg/mod/|(?:[\w.-]+/)+[\w.-]+@v\d", "Go dependency"),
    _rule(
        "path", r"(?:.*/)?(?:std_(?:function|mutex|thread)|stl_(?:algo|function|map|tree|vector))\.h\Z", "C++ header"
    ),
    _rule("function", r"(?:std::)?__invoke(?:_impl)?\b|(?:\w{1,200}::){0,8}_M_\w", "C++ library"),
    _rule("function", r"__GI_|__pthread_kill_\w+\Z|_int_(?:free|malloc|realloc)\Z|__\w+_chk\Z", "glibc's own name"),
    _rule("function", r"(?:runtime(?:/\w+)*|internal/[\w/]+|reflect|sync(?:/atomic)?|syscall)\.", "Go runtime"),
    _rule("function", r"_start\Z|__libc_start_(?:main|call_main)|call_init\Z|_dl_", "process start"),
    _rule("function", r"(?:start_thread|(?:__)?clone3?|thread_start)\Z", "thread start"),
    _rule("function", r"__restore(?:_rt)?\Z|_sigtramp\Z|<signal handler called>|__kernel_(?:rt_)?sigreturn", "signal"),
    _rule("function", r"std::rt::lang_start|std::sys(?:_common)?::backtrace::__rust_(?:begin|end)_short", "Rust start"),
    _rule("function", r"(?:<.* as )?core::ops::function::FnOnce(?:<T>)?>?::call_once", "Rust call glue"),
    _rule("function", r"(?:std|core)::panicking::|__rustc::|rust_(?:begin_unwind|panic|eh_)", "Rust panic machinery"),
    _rule("function", r"il2cpp(?:::|_)|(?:RuntimeInvoker|(?:Reverse|Delegate)PInvokeWrapper)_|NullCheck\Z", "IL2CPP"),
    _rule("function", r"(?:Generic)?(?:Virt|Virtual|Interface|Invoker)(?:Action|Func)Invoker\d", "IL2CPP call glue"),
    _rule("function", r"__(?:asan|hwasan|tsan|ubsan|lsan|msan|sanitizer|interceptor)_|___interceptor_", "sanitizer"),
)


def is_in_app(frame: Frame, package: str | None) -> bool:
    """Whether a frame is the application's own code. ``package`` is the path of the image that holds it."""
    return frame.in_app if frame.in_app is not None else first_match(frame, package) is None


def first_match(frame: Frame, package: str | None) -> Rule | None:
    """The rule that says that a frame is not the application's."""
    texts = {
        "package": package,
        "library": base_name(package) if package else None,
        "path": frame.abs_path or frame.filename,
        "function": frame.function,
    }
    return next((rule for rule in RULES if (text := texts[rule.field]) and rule.pattern.match(text)), None)


def is_system_image(package: str | None) -> bool:
    """Whether an image belongs to the system: nobody is expected to have debug files for it."""
    return package is not None and first_match(Frame(), package) is not None
