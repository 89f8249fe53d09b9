"""The model: immutable values with the field names of the Sentry event payload.

>>> from symbolicator.model import Event, Frame
>>> Frame(function="total", lineno=3).status is None
True

Change a value with ``msgspec.structs.replace(frame, function="sum")``.
"""

from symbolicator.model.addresses import AbsoluteAddress, FunctionId, LookupAddress, RelativeAddress, ReportedAddress
from symbolicator.model.base import JSON, Model
from symbolicator.model.event import (
    Breadcrumb,
    Caller,
    DebugImage,
    DebugMeta,
    Event,
    ExceptionValue,
    Mechanism,
    StackMemory,
    Thread,
    Values,
)
from symbolicator.model.fingerprints import Fingerprint
from symbolicator.model.frames import AsyncCall, Frame, FrameData, FrameStatus, Lock, Stacktrace
from symbolicator.model.kinds import CrashKind
from symbolicator.model.merged import Apart, Fold, FrameReference, MergedFrame, MergedTrace, Seam
from symbolicator.model.problems import Problem
from symbolicator.model.suspects import SuspectCommit, SuspectEvidence

__all__ = [
    "JSON",
    "AbsoluteAddress",
    "Apart",
    "AsyncCall",
    "Breadcrumb",
    "Caller",
    "CrashKind",
    "DebugImage",
    "DebugMeta",
    "Event",
    "ExceptionValue",
    "Fingerprint",
    "Fold",
    "Frame",
    "FrameData",
    "FrameReference",
    "FrameStatus",
    "FunctionId",
    "Lock",
    "LookupAddress",
    "Mechanism",
    "MergedFrame",
    "MergedTrace",
    "Model",
    "Problem",
    "RelativeAddress",
    "ReportedAddress",
    "Seam",
    "StackMemory",
    "Stacktrace",
    "SuspectCommit",
    "SuspectEvidence",
    "Thread",
    "Values",
]
