"""Cores as files: mapped as readers get them."""

from mmap import ACCESS_READ, mmap
from pathlib import Path


def mapped(path: Path) -> memoryview:
    """A file as readers get it when it is large."""
    with path.open("rb") as file:
        return memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))
