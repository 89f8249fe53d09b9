"""The README is always true: every command in it is run, and what it shows is what comes out."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "README.md").read_text()
SHOWN = re.findall(r"```console\n\$ symbolicator (.+)\n((?s:.*?))```\n", TEXT)


@pytest.mark.parametrize(("arguments", "output"), SHOWN, ids=[arguments for arguments, _ in SHOWN])
def test_a_command_prints_what_the_readme_shows(arguments: str, output: str) -> None:
    """A newcomer tries the README first: what it shows must be what they get."""
    done = subprocess.run(
        [sys.executable, "-m", "symbolicator", *arguments.split()],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout == output, done.stderr


def test_every_file_and_target_that_the_readme_names_is_there() -> None:
    """A dead link or a target that is gone ends a newcomer's first try."""
    assert len(SHOWN) >= 4
    for target in re.findall(r"make (\w+)", TEXT):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE), target
    for link in re.findall(r"\]\(([^)#:]+)\)", TEXT):
        assert (ROOT / link).exists(), link
