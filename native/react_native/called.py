"""What JavaScript had called when native code failed, by the word of the error that it got for it.

===============================================  =====  =============================================================
``at lookUp (native)`` as the newest call        sync   Hermes shows a module's method as a function: it was running
``Menu.order raised an exception: …``            ?      module and method; of iOS, in some builds of Android too
``at fn (native)``, below it ``charge``          async  the promise was being made: the method ran later, on a queue
``nativeStackAndroid``, ``nativeStackIOS``       async  a promise was rejected; what was called is not said
===============================================  =====  =============================================================

Source: React Native's ``JavaTurboModule``, ``RCTTurboModule`` (``convertNSExceptionToJSError``, ``createPromise``) and
JSI (a host function's error begins with ``Exception in HostFunction``).
"""

import re
from collections.abc import Sequence

from native.react_native.turbo_modules import RULE
from symbolicator.model import Caller, ExceptionValue, Frame

ASYNC_SOURCES = frozenset({"nativeStackAndroid", "nativeStackIOS"})
_SAID = re.compile(
    r"(?:Exception in HostFunction: )?([A-Za-z_$][\w$]{0,100}\.[A-Za-z_$][\w$]{0,100}) raised an exception: "
)
_NATIVE_FILE, _PROMISE = "native", "fn"
_MAKES_PROMISES = frozenset({"Promise", "apply", "call", "construct"})
"""Native functions of the engine that lie between a promise's function and the method that returns the promise."""
_MAX_BELOW = 12
"""Frames below a promise's function among which the method stands that made it."""


def called_by(error: ExceptionValue, source: str | None) -> Caller:
    """What JavaScript had called as far as its error tells; ``source``: the error's field that the cause is from."""
    if source in ASYNC_SOURCES:
        return Caller(kind="async", rule=RULE)
    frames = error.stacktrace.frames if error.stacktrace else ()
    running = _native_function(frames[-1]) if frames else None
    said = _SAID.match(error.value or "")
    if running == _PROMISE:
        return Caller(asked_for=_made_promise(frames), kind="async", rule=RULE)
    if running is None:
        return Caller(asked_for=said[1] if said else None, rule=RULE)
    if said and said[1].rpartition(".")[2] != running:
        return Caller(rule=RULE)
    return Caller(asked_for=said[1] if said else running, kind="sync", rule=RULE)


def _native_function(frame: Frame) -> str | None:
    return frame.function if frame.filename == _NATIVE_FILE and frame.function else None


def _made_promise(frames: Sequence[Frame]) -> str | None:
    """The newest native function below the promise's."""
    below = frames[-1 - _MAX_BELOW : -1][::-1]
    return next((name for name in map(_native_function, below) if name and name not in _MAKES_PROMISES), None)
