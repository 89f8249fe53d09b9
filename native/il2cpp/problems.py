"""Why functions of IL2CPP are shown with lines of C++, or methods without any line: what is missing, what to do."""

from native.il2cpp.identifier import MAPPING_NAME
from native.images import base_name
from symbolicator.model import Frame, Problem

_WHERE = "it lies in il2cppOutput/Symbols of the build"


def missing_mapping(frame: Frame) -> Problem:
    """No line mapping for an image."""
    return Problem(
        type="il2cpp_missing_mapping",
        message=f"{_image(frame)} was made of C# by IL2CPP, and its line mapping was not found.",
        remedy=f"Build with the IL2CPP argument --emit-source-mapping and pass {MAPPING_NAME} ({_WHERE}) with "
        "--artifacts, or the C++ that IL2CPP generated.",
        image_path=frame.package,
    )


def other_method(frame: Frame, found: str) -> Problem:
    """An address that belongs to another method than its frame says."""
    return Problem(
        type="il2cpp_other_method",
        message=f"The address of {frame.module or ''}.{frame.function or ''} lies in {found}, which is another method: "
        "the report's addresses and methods do not belong together.",
        remedy="The methods are shown as the report names them, without lines. Unity leaves methods out of its own "
        "stack traces in Release builds; build with C++ Compiler Configuration Debug, or update the SDK.",
    )


def _image(frame: Frame) -> str:
    return base_name(frame.package) if frame.package else "The program"
