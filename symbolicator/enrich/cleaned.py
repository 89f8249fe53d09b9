"""Names without what differs from build to build, or from run to run, while the code is the same.

>>> clean_function("shop::total(int) [clone .isra.0]"), clean_function("core::ops::call::h0123456789abcdef")
('shop::total(int)', 'core::ops::call')
>>> clean_file("assets/app.3f9c2b1a.min.js")
'app.min.js'
"""

import re

_NOISE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r" ?\[clone [^\]\n]{1,60}\]"), ""),  # GNU demanglers' word for the next
    (re.compile(r"(?:\.(?:part|isra|constprop|cold|llvm|lto_priv|localalias|resume|destroy)(?:\.\d{1,20})?)+\Z"), ""),
    (re.compile(r"::h[0-9a-f]{16}\b"), ""),  # Rust's legacy mangling
    (re.compile(r"\{\{closure\}\}|\{closure#\d{1,9}\}"), "{closure}"),
    (
        re.compile(
            r"\{lambda[^{}\n]{0,200}#\d{1,9}\}|\$_\d{1,9}|'lambda\d{0,9}'|<lambda(?:[_\d]{0,40}|\([^<>()\n]{0,200}\))>"
        ),
        "{lambda}",
    ),
    (re.compile(r"\$\$Lambda[$/@][\w$/@]{1,80}"), "$$Lambda"),  # the JVM numbers them as they come
    (re.compile(r"\blambda\$(\w{1,200}?)\$\d{1,9}"), r"lambda$\1"),
    (re.compile(r"\bfunc\d{1,9}(?:\.\d{1,9}){0,9}\b"), "func"),  # Go
    (re.compile(r"0x[0-9a-fA-F]{4,16}"), "0x…"),
    (re.compile(r"__(\d{1,4})(?=[-+]\[)"), "__"),  # a block's name has the length of its method's
    (re.compile(r"_block_invoke(?:[._]\d{1,9})*"), "_block_invoke"),
)
_HASH = re.compile(r"[.\-_](?=[0-9a-zA-Z]{0,30}\d)[0-9a-fA-F]{6,40}(?=[.\-_]|\Z)|[.\-_][0-9A-Z_]{8}(?=\.\w{1,5}\Z)")
_QUERY = re.compile(r"[?#].*\Z", re.DOTALL)
MAX_NAME = 1_000


def clean_function(name: str) -> str:
    """The function's name as every build of it has it."""
    name = name[:MAX_NAME]
    for noise, instead in _NOISE:
        name = noise.sub(instead, name)
    return name.strip()


def clean_file(path: str) -> str:
    """The file's own name, without the hash of its content and what a URL adds."""
    name = _QUERY.sub("", path[-MAX_NAME:]).replace("\\", "/").rstrip("/").rpartition("/")[2]
    return _HASH.sub("", name)


def clean_message(text: str) -> str:
    """The first line of a message without the numbers, ids and quoted values that differ from crash to crash."""
    line = text.strip().split("\n", 1)[0][:MAX_NAME]
    line = re.sub(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b|0x[0-9a-fA-F]+", "…", line)
    return re.sub(r"\d+(?:\.\d+)*", "…", line)
