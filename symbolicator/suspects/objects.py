"""Parses what git says about the files of a commit: ``git ls-tree -r -z`` and ``git cat-file --batch``.

An entry of the tree is ``100644 blob 3f9c2ab…<TAB>src/cart.cpp<NUL>`` (git-ls-tree documentation, "Output Format"),
an object of the batch ``3f9c2ab… blob 8112<LF>``, its bytes, and ``<LF>``; where it is not there, ``3f9c2ab…
missing<LF>`` (git-cat-file documentation, "Batch output").
"""

import os
import re
from collections.abc import Iterator

_FILE = re.compile(rb"100(?:644|755) blob ([0-9a-f]{40,64})[ \t]+(.+)", re.DOTALL)
_OBJECT = re.compile(rb"([0-9a-f]{40,64}) (?:blob (\d{1,15})|missing|[a-z]{1,10} \d{1,15})\n")


def parse_tree(data: bytes) -> dict[str, str]:
    """The blob of each file, by the file's path, in which bytes that are no UTF-8 are surrogates.

    Links and submodules are left out.
    """
    found = map(_FILE.fullmatch, data.split(b"\0"))
    return {os.fsdecode(file[2]): file[1].decode() for file in found if file}


def parse_sizes(data: bytes) -> dict[str, int]:
    """Sizes of blobs in bytes, from ``--batch-check``."""
    return {found[1].decode(): int(found[2]) for found in _OBJECT.finditer(data) if found[2]}


def parse_blobs(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Blobs with their bytes. What follows something damaged is left out."""
    at = 0
    while found := _OBJECT.match(data, at):
        end = found.end() + int(found[2] or 0)
        if found[2] and end < len(data):
            yield found[1].decode(), data[found.end() : end]
        at = end + 1 if found[2] else found.end()


def lines_of(data: bytes) -> tuple[str, ...]:
    """Lines without their ends, as git counts them."""
    lines = data.decode("utf-8", "replace").split("\n")
    return tuple(lines[:-1] if lines[-1] == "" else lines)
