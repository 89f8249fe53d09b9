"""The DWARF sections of an ELF file as pyelftools wants them, within limits of our own.

pyelftools' own loader decompresses without a bound and fills absent bytes with zeros; this one does neither.
"""

from typing import cast

from elftools.dwarf.dwarfinfo import DebugSectionDescriptor, DwarfConfig, DWARFInfo

from native.backends.guard import BudgetedStream
from native.elf.layout import ElfFile
from symbolicator.errors import MalformedArtifact

MAX_INFO = 64 << 20
"""Bytes of ``.debug_info`` that this backend takes on."""
MAX_SECTION = 256 << 20
MAX_UNIT = 4 << 20
"""Bytes of one unit that this backend takes on: some 20 seconds of work."""
_READS_PER_BYTE = 8
_SPARE_READS = 1 << 20

_USED = (
    "debug_info",
    "debug_aranges",
    "debug_abbrev",
    "debug_str",
    "debug_line",
    "debug_ranges",
    "debug_addr",
    "debug_str_offsets",
    "debug_line_str",
    "debug_rnglists",
    "debug_loclists",  # for the references to it that entries hold
)
_UNUSED = (
    "debug_frame",
    "eh_frame",
    "debug_loc",
    "debug_pubtypes",
    "debug_pubnames",
    "debug_sup",
    "gnu_debugaltlink",
    "debug_types",
)


def dwarf_of(elf: ElfFile) -> DWARFInfo:
    """Copies the sections out of the file. Raises `MalformedArtifact` if one is damaged or too large."""
    sections = {f"{name}_sec": _descriptor(elf, name) for name in _USED}
    if sections["debug_info_sec"] is None or sections["debug_abbrev_sec"] is None:
        raise MalformedArtifact("The file has no DWARF.")
    config = DwarfConfig(little_endian=elf.little_endian, machine_arch="", default_address_size=elf.word_size)
    return DWARFInfo(config=config, **sections, **{f"{name}_sec": None for name in _UNUSED})


def allow_unit(dwarf: DWARFInfo, size: int) -> None:
    """Grants every section the reads that a unit of so many bytes can justify."""
    for section in _present(dwarf):
        _budgeted(section).allow(_READS_PER_BYTE * size + _SPARE_READS)


def allow_overview(dwarf: DWARFInfo) -> None:
    """Grants every section the reads that one look at the top of every unit can justify."""
    for section in _present(dwarf):
        _budgeted(section).allow(min(section.size, MAX_INFO) + _SPARE_READS)


def line_program_bytes(dwarf: DWARFInfo) -> bytes:
    """The bytes of ``.debug_line``; empty if there is none."""
    return _budgeted(dwarf.debug_line_sec).getvalue() if dwarf.debug_line_sec else b""


def _budgeted(section: DebugSectionDescriptor) -> BudgetedStream:
    return cast("BudgetedStream", section.stream)


def _present(dwarf: DWARFInfo) -> list[DebugSectionDescriptor]:
    sections = (getattr(dwarf, f"{name}_sec") for name in _USED)
    return [section for section in sections if section]


def _descriptor(elf: ElfFile, name: str) -> DebugSectionDescriptor | None:
    section = elf.section(f".{name}") or elf.section(f".z{name}")
    if section is None or not len(elf.raw(section)):
        return None
    content = elf.content(section, MAX_INFO if name == "debug_info" else MAX_SECTION)
    return DebugSectionDescriptor(BudgetedStream(content), section.name, section.offset, len(content), section.address)
