"""Why a stack could not be walked as it should, in words: what is missing, and what to do."""

from native.images import APPLE, Image
from native.unwinding.walker import UnwindingOf
from symbolicator.model import Problem

_OF_KERNEL = ("linux-vdso", "linux-gate", "[vdso]")
_BESIDE = {
    "pe": "the program or DLL itself, or a Breakpad .sym file made from it,",
    None: "the file itself as it was on that machine (stripped will do), or a Breakpad .sym file made from it,",
}


def no_core(count: int) -> Problem:
    """Nothing here can walk a stack."""
    return Problem(
        type="native_not_unwound",
        message=f"The stacks of {_threads(count)} were not walked: only the compiled core can.",
        remedy="Install a Rust toolchain and reinstall symbolicator; `symbolicator doctor` says what is missing.",
    )


def unknown_processor(arch: str | None, count: int) -> Problem:
    """A processor whose stacks are not walked."""
    what = f"of {arch} are not known" if arch else "depend on the processor, which the dump does not say"
    return Problem(
        type="native_not_unwound",
        message=f"The stacks of {_threads(count)} were not walked: the rules {what}.",
        remedy="Read that dump with the debugger of its platform; x86, x86_64, arm and arm64 are walked here.",
    )


def guessed(image: Image, files: UnwindingOf) -> Problem | None:
    """An image without unwind information, whose callers were guessed from the words on the stack."""
    if files.status == "found" or (image.name or "").startswith(_OF_KERNEL):
        return None
    name = image.path or image.name or "an image"
    why = (
        f"its unwind information cannot be read ({files.why})" if files.why else "its unwind information was not found"
    )
    return Problem(
        type="native_missing_unwind_info",
        message=f"Callers of functions in {name} were guessed from words on the stack, and may be wrong: {why}.",
        remedy=f"Pass {_wanted(image)} with --artifacts{_identified(image)}.",
        image_path=image.path,
        image_uuid=image.debug_id or image.code_id,
        image_arch=image.arch,
    )


def _wanted(image: Image) -> str:
    if image.type in APPLE:
        return "the binary itself"
    return _BESIDE["pe"] if image.type == "pe" else _BESIDE[None]


def _identified(image: Image) -> str:
    if image.code_id and image.type not in APPLE:
        return f"; its {'code id' if image.type == 'pe' else 'build id'} must be {image.code_id}"
    return f"; its {'UUID' if image.type in APPLE else 'debug id'} must be {image.debug_id}" if image.debug_id else ""


def _threads(count: int) -> str:
    return "one thread" if count == 1 else f"{count} threads"
