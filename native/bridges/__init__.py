"""Bridge rules of the runtimes that native code runs in or that run native code, a TOML table each.

How rules are written is described in `symbolicator.model.bridges`; each table says where its names are from.
"""

from importlib.resources import files

from symbolicator.model.bridges import Bridge
from symbolicator.model.tables import parse_bridge

TABLES = (
    "art", "clr", "cpython", "dart", "hermes", "il2cpp", "javascriptcore", "jvm", "lua", "react_native_android",
    "react_native_ios", "ruby", "v8", "wasm",
)  # fmt: skip


def _load(table: str) -> Bridge:
    return parse_bridge((files(__name__) / f"{table}.toml").read_text(encoding="utf-8"))


def __getattr__(name: str) -> Bridge:
    """``native.bridges.CPYTHON``: the table ``cpython.toml``, read when it is asked for."""
    if name.isupper() and (table := name.lower()) in TABLES:
        return _load(table)
    raise AttributeError(name)
