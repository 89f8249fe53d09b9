"""Frames of C# from native frames whose functions IL2CPP made."""

import re

from msgspec.structs import replace

from native.crashes.dotnet.frames import GLUE
from native.dotnet.frames import is_system
from native.il2cpp.code import FoundPlace
from native.il2cpp.names import Generated, Method
from native.images import base_name
from native.source_paths import short, tidy
from symbolicator.model import Frame
from symbolicator.model.edit import with_data

PLATFORM = "csharp"
_ENGINE = re.compile(r"(?:UnityEngine|UnityEditor|Unity|TMPro)\.")
_LIBRARY_CODE = re.compile(r"(?:mscorlib|netstandard|System|Mono|UnityEngine|Unity)(?:[.0-9][\w.]{0,200})?\Z")
"""Generated files are called after their assembly."""
_LIBRARY_PATH = re.compile(r"(?:.{0,1000}[\\/])?(?:PackageCache|bokken)[\\/]")
"""Sources of packages, and of the engine on Unity's own machines."""
_SUFFIX = ".cpp"


def csharp_frame(call: Frame, generated: Generated, method: Method | None, found: FoundPlace | None) -> Frame:
    """The native call as one of C#. Without a line of C# it keeps that of C++."""
    named = replace(
        call,
        platform=PLATFORM,
        module=method.module if method else None,
        function=method.function if method else generated.shown,
        raw_function=generated.symbol,
        lang=None,
    )
    named = with_data(named, method=None if generated.is_thunk else generated.key)
    placed = _placed(named, found) if found else named
    placed = replace(placed, in_app=_is_in_app(placed, call, found))
    return with_data(placed, machinery=GLUE) if generated.is_thunk else placed


def _placed(frame: Frame, found: FoundPlace) -> Frame:
    path = tidy(found.place.path)
    by_name = frame.data is not None and frame.data.resolved_with == "name"
    from_line = f"{base_name(frame.abs_path or '')}:{frame.lineno}"
    placed = replace(
        frame,
        abs_path=path,
        filename=short(path),
        lineno=found.place.line,
        colno=None,
        source_link=None,
        pre_context=None,
        context_line=None,
        post_context=None,
    )
    evidence = f"{found.evidence} of {from_line}"
    return with_data(
        placed, evidence=evidence, sourcemap=found.artifact, resolved_with="name" if by_name else found.found_by
    )


def _is_in_app(frame: Frame, call: Frame, found: FoundPlace | None) -> bool | None:
    """Whether it is the program's own code, by its method, its source, or else the assembly that its C++ is of."""
    if call.in_app is False or (frame.module and (is_system(None, frame) or _ENGINE.match(f"{frame.module}."))):
        return False
    generated_file = base_name(call.abs_path or "").removesuffix(_SUFFIX)
    is_library = _LIBRARY_PATH.match(found.place.path) if found else _LIBRARY_CODE.match(generated_file)
    return False if is_library else call.in_app
