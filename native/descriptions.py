"""Debug files in words: what one is, and what it can tell."""

from collections.abc import Iterator

from native.elf.summary import COMPANION_KINDS
from native.magic import title
from native.protocol import DebugFileSummary

ASSEMBLY = ".NET assembly"
FAST_LINK = "fast link"
"""Kind of a PDB that is of no use without the object files; whoever asks for it hears so."""
_MAPS = frozenset({"perf_map", "jitdump", "kallsyms"})
"""Formats that list code by absolute address."""
_MAX_SHOWN = 3
_ID_NAMES = {"elf": "build id", "macho": "code id", "pe": "code id", "wasm": "build id", "breakpad": "code id"}
_LINKED_WITH = {"elf": "link with -Wl,--build-id", "wasm": "link with -Wl,--build-id"}


def label_of(summary: DebugFileSummary) -> str:
    """What the file is, in a line: ``ELF shared library, arm64, with debug information``."""
    kind = "" if summary.format in _MAPS else f" {summary.kind}"
    arch = "" if summary.arch == "unknown" else f", {summary.arch}"
    return f"{title(summary.format)}{kind}{arch}, {_content(summary)}"


def _content(summary: DebugFileSummary) -> str:
    if summary.kind in COMPANION_KINDS:
        return "which belongs to another debug file"
    if summary.format in _MAPS:
        return "code and lines by address" if summary.has_debug_info else "function names by address"
    if summary.kind == ASSEMBLY:
        return "with its portable PDB" if summary.has_debug_info else "without its PDB"
    return _content_by_address(summary)


def _content_by_address(summary: DebugFileSummary) -> str:
    if summary.kind == FAST_LINK:
        return "without debug information"
    if summary.has_debug_info:
        return "with debug information"
    if summary.has_go_table:
        return "with the tables of Go's runtime"
    return "with symbols, without debug information" if summary.has_symbols else "stripped"


def details_of(summary: DebugFileSummary) -> Iterator[tuple[str, str]]:
    """Names and values for ``inspect``."""
    yield "format", title(summary.format)
    if summary.image_name:
        yield "image", summary.image_name
    if summary.arch != "unknown":
        yield "architecture", summary.arch
    if summary.split_ids:
        yield "unit ids", ", ".join(summary.split_ids[:_MAX_SHOWN])
    if summary.code_id or (summary.format in _LINKED_WITH and summary.kind not in COMPANION_KINDS):
        advice = _LINKED_WITH.get(summary.format, "")
        yield _ID_NAMES.get(summary.format, "code id"), summary.code_id or f"none ({advice})"
    if summary.format not in _MAPS:
        yield "debug id", summary.debug_id or "none"
    if summary.debug_link:
        yield "debug file", summary.debug_link
    yield "resolves", _abilities(summary)


def _abilities(summary: DebugFileSummary) -> str:
    if summary.kind in COMPANION_KINDS:
        return "nothing by itself: it completes the debug file that refers to it"
    if summary.format in _MAPS:
        return "addresses in no image, where it is the only file of its kind"
    if summary.format == "portable_pdb":
        return "files, lines and columns; the names of methods are in the assembly"
    if summary.kind == ASSEMBLY:
        return "names of methods, files, lines and columns" if summary.has_debug_info else "names of methods"
    return _abilities_by_address(summary)


def _abilities_by_address(summary: DebugFileSummary) -> str:
    if summary.kind == FAST_LINK:
        return "nothing: link with /DEBUG:FULL, or run mspdbcmf.exe on it where it was built"
    if summary.has_debug_info or summary.has_go_table:
        hidden = "; names with the symbol map (.bcsymbolmap) of the build" if summary.has_hidden_names else ""
        return f"functions, inlined calls, files and lines{hidden}"
    if summary.has_debug_map:
        return "function names; run dsymutil on it where it was built for the rest"
    if summary.has_symbols:
        return "function names"
    walked = "; stacks of dumps are walked by it" if summary.has_unwind_info else ""
    return f"nothing: it is stripped; its debug file is needed{walked}"
