"""Why frames of Java stayed obfuscated, in words: what is missing, and what to do."""

from symbolicator.model import Problem
from symbolicator.protocols import Missing

_MAX_NEAR = 3
_WHERE = "the build writes it to app/build/outputs/mapping/<variant>/mapping.txt"


def missing_mapping(wanted: str, missing: Missing | None) -> Problem:
    """No mapping file. ``wanted``: the id that it must have; empty if nothing says which one."""
    which = f"id {wanted}" if wanted else "no id in the report"
    return Problem(
        type="proguard_missing_mapping",
        message=f"Classes are obfuscated and no mapping file of ProGuard or R8 was found ({which}{_near(missing)}).",
        remedy=_remedy(wanted, missing),
        image_uuid=wanted or None,
    )


def bad_mapping(wanted: str, missing: Missing) -> Problem:
    """A mapping file that cannot be read."""
    return Problem(
        type="proguard_bad_mapping",
        message=f"The mapping file cannot be used: {missing.why.rstrip('.')}.",
        remedy=missing.remedy or "Copy the mapping file again from where it was built.",
        image_uuid=wanted or None,
    )


def wrong_mapping(name: str, member: str) -> Problem:
    """A mapping file that does not know an obfuscated name."""
    return Problem(
        type="proguard_wrong_mapping",
        message=f"{name} does not know {member}, which is obfuscated.",
        remedy="Pass the mapping file of this very build: names are given anew in every build.",
        url=name,
    )


def missing_line(name: str, method: str) -> Problem:
    """A frame without the line that would tell which of several places it is."""
    return Problem(
        type="proguard_missing_lineno",
        message=f"Frames have no line number ({method}), so inlined calls and overloads cannot be told apart.",
        remedy="Keep line numbers in the build: -keepattributes SourceFile,LineNumberTable.",
        url=name,
    )


def _remedy(wanted: str, missing: Missing | None) -> str:
    if missing and missing.remedy:
        return missing.remedy
    of_build = f" The one wanted has the id {wanted}." if wanted else ""
    return f"Pass the mapping file of this build with --artifacts, or upload it: {_WHERE}.{of_build}"


def _near(missing: Missing | None) -> str:
    near = missing.near[:_MAX_NEAR] if missing else ()
    return "; near: " + "; ".join(f"{miss.name}, {miss.note}" for miss in near) if near else ""
