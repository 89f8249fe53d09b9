"""Tables of lines and offsets of CPython, against the interpreter itself and its headers."""

import importlib
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from native.crashes.elfcore.cpython.layouts import PYTHON_3_11, PYTHON_3_12, Layout
from native.crashes.elfcore.cpython.linetable import Position, position

FIXTURES = Path(__file__).resolve().parents[4] / "fixtures"
MODULES = ("argparse", "asyncio.base_events", "dataclasses", "json.decoder", "typing", "unittest.mock")
_TELL_CODE = """\
import argparse
code = argparse.ArgumentParser.parse_args.__code__
print(code.co_firstlineno, code.co_linetable.hex(), *(line or 0 for line, *_ in code.co_positions()))
"""


def _code_of(module: ModuleType) -> CodeType:
    path = Path(str(module.__file__))
    return compile(path.read_text(), str(path), "exec")


def _all_code(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _all_code(constant)


@pytest.mark.parametrize("name", MODULES)
def test_positions_are_those_that_python_tells(name: str) -> None:
    """If one differed, some line of some program would be off."""
    count = 0
    for code in _all_code(_code_of(importlib.import_module(name))):
        for unit, (line, _, column, _) in enumerate(code.co_positions()):
            told = Position(line, None if column is None else column + 1) if line else None
            assert position(code.co_linetable, code.co_firstlineno, unit) == told
            count += 1
    assert count > 500


def test_code_without_columns_has_lines() -> None:
    """If this failed, programs that run with ``-X no_debug_ranges`` would have no lines."""
    environment = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": "/nowhere"}
    command = [sys.executable, "-X", "no_debug_ranges", "-c", _TELL_CODE]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split()
    table = bytes.fromhex(said[1])
    found = [position(table, int(said[0]), unit) for unit in range(len(said) - 2)]
    assert [place.line1 if place else 0 for place in found] == [int(line) for line in said[2:]]
    assert {place.column1 for place in found if place} == {None}


def test_a_unit_behind_the_table_has_no_position() -> None:
    """If this failed, an instruction of another function would be given this one's last line."""
    code = test_a_unit_behind_the_table_has_no_position.__code__
    assert position(code.co_linetable, code.co_firstlineno, len(code.co_code) // 2) is None
    assert position(b"", 1, 0) is None


@given(st.binary(max_size=300), st.integers(-5, 1 << 31), st.integers(0, 400))
def test_any_table_ends(table: bytes, first_line: int, unit: int) -> None:
    """If this failed, a damaged core would keep the reader busy, or give it lines below the first."""
    place = position(table, first_line, unit)
    assert place is None or place.line1 > 0


@pytest.mark.parametrize("layout", [PYTHON_3_11, PYTHON_3_12], ids=lambda layout: layout.version)
def test_offsets_are_those_of_the_headers(layout: Layout, tmp_path: Path) -> None:
    """If one differed, Python's frames of that version would be garbage, or missing."""
    include = _headers(layout.version)
    compiler = shutil.which("gcc") or pytest.skip("gcc is not installed")
    program = tmp_path / "offsets"
    source = FIXTURES / "core-python" / "offsets.c"
    subprocess.run([compiler, f"-I{include}", str(source), "-o", str(program)], check=True, capture_output=True)
    said = dict(line.split("=") for line in subprocess.check_output([program], text=True).split())
    for name, value in said.items():
        known = getattr(layout, name)
        assert value == ",".join(map(str, known)) if isinstance(known, tuple) else str(known)


def _headers(version: str) -> str:
    own = sysconfig.get_path("include")
    folders = [Path(own), *Path.home().glob(f".pyenv/versions/{version}.*/include/python{version}")]
    found = (path for path in folders if path.name == f"python{version}" and (path / "internal").is_dir())
    return str(next(found, None) or pytest.skip(f"the headers of Python {version} are not installed"))
