"""Frames that a text prints without token: mono's, with a method's name, an IL offset, and the module's version id.

::

    at Shop.Box`1[T].First[U] (System.Func`2[T,TResult] read) [0x00001] in <835568c18a0447f69f3038782ae31719>:0

The assembly is found by that id, and says which PDB it belongs to. The method is found by its name, where the assembly
has one method of that name only: parameters are not compared.
"""

import re
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from native.debug_files import HEADERS
from native.dotnet.mvid import MVID
from native.images import Image, Images
from native.protocol import SymCache
from symbolicator.model import Event, Frame, LookupAddress
from symbolicator.protocols import Artifact, Artifacts, Key

if TYPE_CHECKING:
    from native.protocol import DebugFileSummary

IL_OFFSET = "il_offset"
"""In ``Frame.data``: bytes from the start of the method's IL, inside the call."""
_ARITY = re.compile(r"`[0-9]{1,3}")
_OFFSET_BITS = 32


def is_printed(frame: Frame) -> bool:
    """Whether a frame names its method and its module, and nobody took it yet."""
    return frame.status is None and il_offset(frame) is not None and (frame.addr_mode or "").startswith("rel:")


def il_offset(frame: Frame) -> int | None:
    """The IL offset of a frame that has no token."""
    value = frame.data.extra.get(IL_OFFSET) if frame.data and frame.function_id is None else None
    return value if isinstance(value, int) else None


def wanted_modules(event: Event, images: Images) -> frozenset[Key]:
    """The assemblies of the event that are known by version id alone."""
    return frozenset(_key(mvid) for image in images.all if (mvid := _mvid(event, image)))


def identified(event: Event, images: Images, artifacts: Artifacts) -> Images:
    """The images; those known by version id with the debug id that their assembly has."""
    return Images([_identified(image, _mvid(event, image), artifacts) for image in images.all])


def _identified(image: Image, mvid: str | None, artifacts: Artifacts) -> Image:
    found = artifacts.get(_key(mvid)) if mvid else None
    if not isinstance(found, Artifact):
        return image
    summary = cast("DebugFileSummary", found.content)
    return replace(image, debug_id=summary.debug_id, path=image.path or found.name)


def _mvid(event: Event, image: Image) -> str | None:
    if image.index is None or image.debug_id:
        return None
    value = event.images[image.index].extra.get(MVID)
    return value if isinstance(value, str) else None


def _key(mvid: str) -> Key:
    return Key(HEADERS, MVID, mvid)


def address_by_name(frame: Frame, names: SymCache | None) -> LookupAddress | None:
    """Where the frame is in the index of its assembly; None if no method, or more than one, is called so."""
    offset = il_offset(frame)
    row = names.symbol_address(spelled(frame)) if names and offset is not None else None
    return None if row is None or offset is None else LookupAddress((row >> _OFFSET_BITS) << _OFFSET_BITS | offset)


def spelled(frame: Frame) -> str:
    """``Shop.Box`1[T]`` and ``First[U]`` as the index of an assembly spells them: ``Shop.Box<T>.First<U>``."""
    module = _ARITY.sub("", frame.module or "").replace("+", ".").replace("/", ".")
    name = f"{module}.{(frame.function or '').lstrip('.')}"
    return name.replace("[", "<").replace("]", ">").replace(".<lambda>", ".{lambda}").replace(",", ", ")
