"""From calls in the source to the frames that take a raw frame's place."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sourcemaps.ownership import is_platform_class
from sourcemaps.proguard.frames import is_synthetic
from sourcemaps.proguard.steps import Step
from symbolicator.model import Frame, FrameStatus
from symbolicator.model.edit import with_data

if TYPE_CHECKING:
    from symbolicator.model import JSON

BRIDGE = "lambdas and accessors"
"""What a call serves that no source has: a lambda's class, an accessor."""
EVIDENCE, AMBIGUOUS = "mapping", "mapping, ambiguous"


def source_frames(frame: Frame, steps: Sequence[Step], by: str) -> tuple[Frame, ...]:
    """The frames of the source in place of one of the program, caller to callee. ``steps``: innermost first."""
    return tuple(_source_frame(frame, step, by) for step in reversed(steps))


def plain_frame(frame: Frame) -> Frame:
    """A frame that needs no mapping."""
    placed = replace(frame, abs_path=_path(frame, frame.filename))
    named = with_data(placed, status=FrameStatus.AS_IS)
    if not is_synthetic(frame.module or "", frame.function or ""):
        return named
    return with_data(replace(named, in_app=False), machinery=BRIDGE)


def _source_frame(frame: Frame, step: Step, by: str) -> Frame:
    is_exact = not step.is_inlined and step.class_name == frame.module
    named = replace(
        frame,
        module=step.class_name,
        function=step.method,
        raw_function=frame.raw_function or frame.function,
        filename=step.file,
        lineno=step.line or None,
        in_app=False if step.is_synthesized else frame.in_app if is_exact else None,
        lang="kotlin" if (step.file or "").endswith(".kt") else frame.lang,
        lock=None if step.is_inlined else frame.lock,
    )
    return with_data(replace(named, abs_path=_path(named, step.file)), **_data(frame, step, by))


def _data(frame: Frame, step: Step, by: str) -> dict[str, object]:
    extra: dict[str, JSON] = dict(frame.data.extra) if frame.data else {}
    if step.alternatives:
        extra["alternatives"] = list(step.alternatives)
    return {
        "status": FrameStatus.SYMBOLICATED,
        "resolved_with": by,
        "evidence": AMBIGUOUS if step.alternatives else EVIDENCE,
        "inlined": step.is_inlined,
        "machinery": BRIDGE if step.is_synthesized else frame.data.machinery if frame.data else None,
        "extra": extra,
    }


def _path(frame: Frame, file: str | None) -> str | None:
    """Where a class's file lies below the folder of the sources: packages are folders."""
    class_name = frame.module or ""
    if not file or "/" in file or "." not in file or not class_name or is_platform_class(class_name):
        return frame.abs_path
    package = class_name.rpartition(".")[0].replace(".", "/")
    return f"{package}/{file}" if package else file
