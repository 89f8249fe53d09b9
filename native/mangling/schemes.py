"""Which language a symbol's mangling belongs to, by how the symbol starts: as the compiled core tells them.

>>> language_by_start("$s4shop4CartC5totalSiyF"), language_by_start("?total@Cart@shop@@QEAAHXZ")
('swift', 'cpp')
"""

import re

_STARTS = (
    (re.compile(r"__.*_block_invoke", re.DOTALL), None),
    (re.compile(r"__?Z"), "cpp"),
    (re.compile(r"\?[^ ]"), "cpp"),
    (re.compile(r"_R"), "rust"),
    (re.compile(r"_?(?:\$[sSe]|T0|Tt)|_T(?:T[oO])?(?:F[CEFGOPSVZs0-9]|ZF|Zv)"), "swift"),
    (re.compile(r"_D(?:main$|[0-9]|__[TU])"), "d"),
    (re.compile(r"kfun:"), "kotlin"),
    (re.compile(r"_?Precompiled_"), "dart"),
)
_METHOD = re.compile(r"(?:__[0-9]*)?[-+]\[.*\]", re.DOTALL)
"""``-[Cart total]``, and with what clang puts before it where a block of it is named."""


def is_mangled(symbol: str) -> bool:
    """Whether a symbol encodes a name, or is a block's."""
    return any(start.match(symbol) for start, _ in _STARTS)


def language_by_start(symbol: str) -> str | None:
    """The language; None for plain names, and for blocks of functions that C, C++ or Objective-C may all have."""
    if _METHOD.match(symbol):
        return "objc"
    return next((language for start, language in _STARTS if start.match(symbol)), None)
