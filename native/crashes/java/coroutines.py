r"""What kotlinx.coroutines puts into stack texts where a coroutine was resumed by another one.

::

    com.shop.OutOfStock: only 2 left of tea
        at com.shop.stock.Shelf.take(Shelf.kt:10)
        at com.shop.stock.Shelf$take$1.invokeSuspend(Shelf.kt)
        at _COROUTINE._BOUNDARY._(CoroutineDebugging.kt:42)
        at com.shop.Checkout.pay(Checkout.kt:14)
    Caused by: com.shop.OutOfStock: only 2 left of tea
        at com.shop.stock.Shelf.take(Shelf.kt:10)
        at com.shop.stock.Shelf$take$1.invokeSuspend(Shelf.kt)
        at kotlinx.coroutines.DispatchedTask.run(DispatchedTask.kt:100)

What is below the boundary awaited what is above. An exception that crosses it is thrown again as a copy of itself, and
its cause is the exception that was thrown first: that one has the calls that really ran.

====================================================  ============================================================
``at _COROUTINE._BOUNDARY._(CoroutineDebugging.kt)``  kotlinx.coroutines since 1.7
``at _COROUTINE.w3._(SourceFile:1)``                  the same, renamed by R8
``at _COROUTINE._CREATION._(CoroutineDebugging.kt)``  where the coroutine was created, of its debugger
``at (Coroutine boundary.(Coroutine boundary)``       until 1.6; ``(Coroutine creation stacktrace``
====================================================  ============================================================

Source: kotlinx-coroutines-core, "Stacktrace recovery" and "Debugging coroutines".
"""

import re

from symbolicator.model import AsyncCall, Frame

_RULE = "kotlin-coroutine"
_RESUMED = AsyncCall(rule=_RULE, label="coroutine resumed")
_CREATED = AsyncCall(rule=_RULE, label="coroutine created")
_PACKAGE = "_COROUTINE."
_MARKER = re.compile(
    r"\s{0,40}at (?:_COROUTINE\.(?P<name>[\w$]{1,100})\._\(|\(Coroutine (?P<words>boundary|creation stacktrace))"
)


def marker_of(line: str) -> AsyncCall | None:
    """What a line says of the calls below it; None if it is no marker."""
    match = _MARKER.match(line)
    if match is None:
        return None
    return _CREATED if match["name"] == "_CREATION" or match["words"] == "creation stacktrace" else _RESUMED


def marker_frame(frame: Frame) -> AsyncCall | None:
    """The same of a frame, where a marker was read as one."""
    module = frame.module or ""
    if frame.function != "_" or not module.startswith(_PACKAGE):
        return None
    return _CREATED if module == f"{_PACKAGE}_CREATION" else _RESUMED


def is_resumed(frame: Frame) -> bool:
    """Whether the frame is of a coroutine that was resumed by what is newer."""
    call = frame.data.async_call if frame.data else None
    return call is not None and call.rule == _RULE
