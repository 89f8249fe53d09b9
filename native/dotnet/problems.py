"""Why frames of .NET did not resolve, in words: what is missing, and what to do."""

from native.dotnet.files import AssemblyFiles
from native.dotnet.mvid import MVID
from native.images import Image
from native.protocol import DebugFileSummary
from symbolicator.model import Frame, Problem

_MAX_NEAR = 3


def missing_pdb(image: Image, files: AssemblyFiles) -> Problem:
    """No portable PDB for an assembly."""
    wanted = f"; its debug id must be {image.debug_id}" if image.debug_id else ""
    return _problem(
        "native_missing_dsym",
        image,
        f"No portable PDB for {_described(image)} was found{_why(files)}.",
        f"Pass the .pdb that the build wrote beside the assembly with --artifacts, or build with "
        f"<DebugType>embedded</DebugType> and pass the assembly{wanted}.",
    )


def bad_pdb(image: Image, files: AssemblyFiles) -> Problem:
    """A portable PDB that cannot be read."""
    why = files.missing.why.rstrip(".") if files.missing else "it cannot be read"
    return _problem(
        "native_bad_dsym",
        image,
        f"The portable PDB for {_described(image)} cannot be read: {why}.",
        "Copy the file again from where it was built, in binary mode.",
    )


def missing_method(image: Image, files: AssemblyFiles) -> Problem:
    """A PDB that knows nothing of a method."""
    name = files.lines.name if files.lines else "the PDB"
    return _problem(
        "native_missing_symbol",
        image,
        f"{name} was found for {image.name or 'the assembly'} and has no line for one of its methods.",
        "The compiler made that method and no line of the source is its own; the frame around it has the line.",
    )


def missing_module(frame: Frame) -> Problem:
    """No assembly with the version id that a frame names."""
    mvid = str(frame.data.extra.get(MVID)) if frame.data else ""
    return Problem(
        type="native_missing_dsym",
        message=f"No assembly with the module version id {mvid} was found, so that its frames have no lines.",
        remedy="Pass the assembly that crashed and its portable PDB with --artifacts; a rebuilt one has another id.",
        image_uuid=mvid,
    )


def unknown_assembly(index: str) -> Problem:
    """A frame that names no assembly of the report."""
    return Problem(
        type="native_unknown_image",
        message=f"Frames of .NET name an assembly that the report does not list ({index}).",
        remedy="Send debug_meta.images with the report: one entry of type pe_dotnet for each assembly in the trace.",
        url=index,
    )


def _why(files: AssemblyFiles) -> str:
    other = files.other_build.content if files.other_build else None
    if isinstance(other, DebugFileSummary) and files.other_build:
        return f": {files.other_build.name} has the right name and another debug id, {other.debug_id or 'none'}"
    near = files.missing.near if files.missing else ()
    shown = "; ".join(f"{miss.name}, {miss.note}" for miss in near[:_MAX_NEAR])
    return f" (near: {shown})" if shown else ""


def _described(image: Image) -> str:
    return f"{image.path or 'an assembly'} (debug id {image.debug_id})" if image.debug_id else f"{image.path}"


def _problem(kind: str, image: Image, message: str, remedy: str) -> Problem:
    return Problem(
        type=kind,
        message=message,
        remedy=remedy,
        image_path=image.path,
        image_uuid=image.debug_id,
        image_arch=image.arch,
    )
