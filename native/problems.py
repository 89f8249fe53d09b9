"""Why native frames did not resolve, in words: what is missing, and what to do."""

from collections.abc import Sequence

from native.debug_files import DebugFile
from native.images import APPLE, Image
from native.maps import Maps, is_kernel_address
from native.placement import Base
from native.system_code import is_system_image
from native.universal import is_of
from symbolicator.model import Problem
from symbolicator.protocols import NearMiss

MAX_SHOWN = 3
_BUILD_HINT = "Build with -g and pass the unstripped binary or its .debug file with --artifacts"
_BUILD_HINTS = {
    "macho": "Build with -g, run dsymutil and pass the dSYM bundle with --artifacts",
    "apple": "Build with -g, run dsymutil and pass the dSYM bundle with --artifacts",
    "pe": "Build with /Zi (clang and MinGW: -g) and pass the PDB, or the program if it has DWARF, with --artifacts",
    "wasm": "Build with -g and pass the module with its debug sections with --artifacts",
}
_WINDOWS_SYSTEM_HINT = "For names pass its PDB from Microsoft's public symbol server (symchk of the SDK fetches it)."
_APPLE_SYSTEM_HINT = (
    "For names pass the system's libraries of that very build: Xcode copies those of a connected device into "
    "~/Library/Developer/Xcode/iOS DeviceSupport."
)

_ID_WORDS = {"pe": "code id", "macho": "UUID", "apple": "UUID"}


def unknown_image(addresses: Sequence[int], maps: Maps, *, are_listed: bool) -> Problem:
    """Addresses in no image of the report; ``are_listed``: it has some."""
    shown = ", ".join(hex(address) for address in sorted(set(addresses))[:MAX_SHOWN])
    if maps.ambiguous:
        near = ", ".join(maps.ambiguous[:MAX_SHOWN])
        remedy = f"Pass only the map of the process that crashed: {near} fit equally well."
    elif all(map(is_kernel_address, addresses)):
        remedy = "For code of the kernel pass its System.map, or a copy of its /proc/kallsyms, with --artifacts."
    else:
        whole = (
            "all its loaded images" if are_listed else "its loaded images, or a core file or minidump, which has them"
        )
        remedy = (
            f"Send the report with {whole}; for code compiled at run time pass what its runtime wrote for perf "
            "(perf-PID.map or jit-PID.dump) with --artifacts."
        )
    covering = (
        "No loaded image of the report covers"
        if are_listed
        else "The report lists no images, so nothing says what lies at"
    )
    return Problem(type="native_unknown_image", message=f"{covering} {_count(addresses)} ({shown}).", remedy=remedy)


def unknown_base(image: Image, file: DebugFile | None, base: Base) -> Problem:
    """An image that nobody knows the load address of."""
    where = _where(file)
    if base.unmapped:
        message = (
            f"The report says that {_named(image)} was mapped from offset {image.file_offset:#x} of its file, and "
        )
        message += f"{where} does not say what lies there."
        remedy = f"Pass {_named(image)} itself beside its debug file: its program headers say it."
    elif base.contradictory:
        message = f"The functions in the report are not where {where} has them: {_named(image)} is another build."
        remedy = f"Pass the debug file of the very build that crashed for {_named(image)}, or send its build id."
    else:
        message = f"The report does not say where {_named(image)} was loaded, so its addresses cannot be looked up."
        remedy = "Send the loaded images with the report, or addresses relative to the image, such as prog(+0x1234)."
    return _problem("native_unknown_load_address", image, message, remedy)


def missing_file(image: Image, file: DebugFile) -> Problem:
    """No debug file for an image."""
    if is_system_image(image.path):
        return _missing_system_file(image)
    if is_other_build(image, file):
        return _problem("native_missing_dsym", image, _other_build(image, file), _remedy(image, file))
    why = f": {file.binary.name} is that binary, stripped of debug information and symbols" if file.binary else ""
    if file.other_crc and file.binary:
        why = f": {file.other_crc} has the right name and another CRC than {file.binary.name} says"
    message = f"No debug file for {_described(image)} was found{why}{_near(file)}."
    return _problem("native_missing_dsym", image, message, _remedy(image, file))


def stripped(image: Image, file: DebugFile) -> Problem:
    """A binary that has nothing left but the names that other files may call."""
    message = (
        f"{_where(file)} is stripped: the frames of {_named(image)} have names of exported functions, and no lines."
    )
    return _problem("native_missing_dsym", image, message, _remedy(image, file))


def missing_symbol(image: Image, file: DebugFile, addresses: Sequence[int]) -> Problem:
    """A debug file that knows nothing about an address."""
    shown = ", ".join(hex(address) for address in sorted(set(addresses))[:MAX_SHOWN])
    unchecked = file.resolved_with == "name"
    message = f"{_where(file)} was found for {_named(image)} and has no function at {shown}"
    if unchecked:
        return _problem(
            "native_missing_symbol",
            image,
            f"{message}; it was found by its name alone, so it may be of another build.",
            f"Pass the debug file of the build that crashed, or a report with the build id of {_named(image)}.",
        )
    if not file.has_debug_info:
        message += "; it has no debug information"
        return _problem("native_missing_symbol", image, f"{message}.", _remedy(image, file))
    remedy = f"Build {_named(image)} with -g, and with -funwind-tables so that its stack is walked right."
    return _problem("native_missing_symbol", image, f"{message}.", remedy)


def missing_companion(image: Image, file: DebugFile) -> Problem:
    """A debug file that keeps parts of its information in files which are not there."""
    names = sorted({one.name for one in file.lacking})
    more = f" and {len(names) - MAX_SHOWN} more" if len(names) > MAX_SHOWN else ""
    shown = ", ".join(names[:MAX_SHOWN]) + more + (", which was" if len(names) == 1 else ", which were")
    message = f"{_where(file)} keeps a part of its debug information in {shown} not found."
    return _problem("native_missing_companion", image, message, _companion_remedy(image, file))


def _companion_remedy(image: Image, file: DebugFile) -> str:
    shared = [one.id for one in file.lacking if one.kind != "dwo"]
    if shared:
        return f"Pass the file that dwz wrote, with --artifacts; its build id must be {_listed(shared)}."
    program = image.name or "PROGRAM"
    ids = _listed([one.id for one in file.lacking])
    return (
        f"Pass the .dwo files of that build with --artifacts, or all of them in {program}.dwp (llvm-dwp -e {program} "
        f"-o {program}.dwp); unit ids: {ids}."
    )


def other_crc(image: Image, file: DebugFile) -> Problem:
    """The debug file that a binary names is of another build, so that its symbols alone answer."""
    message = f"{_named(image)} has symbols alone: {file.other_crc} has the right name and another CRC than it says."
    return _problem("native_missing_dsym", image, message, f"{_BUILD_HINT}, of the very build that crashed.")


def _listed(ids: Sequence[str]) -> str:
    return ", ".join(ids[:MAX_SHOWN]) + (" …" if len(ids) > MAX_SHOWN else "")


def no_lines(image: Image, file: DebugFile) -> Problem:
    """A program of Apple's that still has its debug information in the object files that it was linked from."""
    where = _where(file)
    message = f"{where} has names and no lines: it was linked from object files that have them, and has no dSYM."
    return _problem(
        "native_missing_dsym",
        image,
        message,
        f"Run dsymutil {where} where it was built, and pass the {_named(image)}.dSYM that it makes with --artifacts.",
    )


def hidden_names(image: Image, file: DebugFile, original: str | None) -> Problem:
    """A dSYM whose names are in a symbol map. ``original``: debug id of the build that the map is of."""
    wanted = f"{original.upper()}.bcsymbolmap" if original else "the one of this build"
    return _problem(
        "native_hidden_names",
        image,
        f"{_where(file)} hides names of {_named(image)}: it was made from bitcode, and the symbol map was not found.",
        f"Pass the folder BCSymbolMaps of the archive (.xcarchive) with --artifacts; {wanted} is needed.",
    )


def bad_file(image: Image, file: DebugFile) -> Problem:
    """A debug file that cannot be read."""
    why = file.missing.why.removesuffix(" Copy it again.") if file.missing else "it is damaged"
    message = f"The debug file for {_described(image)} cannot be read: {why.rstrip('.')}."
    return _problem("native_bad_dsym", image, message, "Copy the file again from where it was built, in binary mode.")


def unsupported(image: Image) -> Problem:
    """An image of a format that nothing here reads."""
    message = f"{_described(image)} is of a format ({image.type}) that is not read; its frames stay as they came."
    return _problem("native_unsupported_dsym", image, message, "Resolve it with the tools of its own platform for now.")


def is_other_build(image: Image, file: DebugFile) -> bool:
    """Whether the binary of that name among the artifacts is of another build."""
    summary = file.binary_summary
    return image.has_id and summary is not None and not is_of(summary, image)


def _other_build(image: Image, file: DebugFile) -> str:
    """The ids side by side."""
    summary, name = file.binary_summary, file.binary.name if file.binary else ""
    by_code = bool(image.code_id and summary and summary.code_id)
    word = _id_word(image) if by_code else "debug id"
    wanted = image.code_id if by_code else image.debug_id or image.code_id
    found = (summary.code_id if by_code else summary.debug_id) if summary else None
    return (
        f"{name} is of another build than the {_named(image)} that crashed: {word} {found or 'none'}, wanted {wanted}."
    )


def _remedy(image: Image, file: DebugFile) -> str:
    hint = _BUILD_HINTS.get(image.type or "", _BUILD_HINT)
    if image.has_id:
        word, value = (_id_word(image), image.code_id) if image.code_id else ("debug id", image.debug_id)
        return f"{hint}; its {word} must be {value}."
    summary = file.binary_summary
    if summary and summary.debug_link:
        return f"{hint}; the binary says that it is called {summary.debug_link}."
    return f"{hint}; it must be called {image.name} or {image.name}.debug, as the report has no build id."


def _missing_system_file(image: Image) -> Problem:
    return _problem(
        "native_missing_system_dsym",
        image,
        f"Frames inside the system library {_described(image)} have no names; your own code does not need them.",
        _system_hint(image),
    )


def _system_hint(image: Image) -> str:
    if image.type in APPLE:
        return _APPLE_SYSTEM_HINT
    if image.type == "pe":
        return _WINDOWS_SYSTEM_HINT
    wanted = f"buildid/{image.code_id}/debuginfo from a debuginfod server, or " if image.code_id else ""
    return f"For names pass {wanted}the debug file of the distribution's package (on Debian libc6-dbg and other -dbg)."


def _near(file: DebugFile) -> str:
    near = file.missing.near if file.missing else ()
    shown = "; ".join(map(_near_miss, near[:MAX_SHOWN]))
    return f" (near: {shown})" if shown else ""


def _near_miss(near: NearMiss) -> str:
    return f"{near.name}, {near.note}"


def _count(addresses: Sequence[int]) -> str:
    count = len(set(addresses))
    return "one address" if count == 1 else f"{count} addresses"


def _where(file: DebugFile | None) -> str:
    return file.name if file and file.name else "the debug file"


def _named(image: Image) -> str:
    return image.name or "the image"


def _described(image: Image) -> str:
    identity = _identity(image)
    return f"{image.path or 'an image'} ({identity})" if identity else image.path or "an image"


def _identity(image: Image) -> str:
    if image.code_id:
        return f"{_id_word(image)} {image.code_id}"
    return f"debug id {image.debug_id}" if image.debug_id else ""


def _id_word(image: Image) -> str:
    return _ID_WORDS.get(image.type or "", "build id")


def _problem(kind: str, image: Image, message: str, remedy: str) -> Problem:
    return Problem(
        type=kind,
        message=message,
        remedy=remedy,
        image_path=image.path,
        image_uuid=image.debug_id or image.code_id,
        image_arch=image.arch,
    )
