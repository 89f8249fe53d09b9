"""The JavaScript that asked for what a thread does, as React Native's classic bridge on iOS left it in the report.

The bridge hands calls of JavaScript to another queue. Sentry's SDK for React Native (0.x, 2017 to 2019) passed the
stack of each call along, and kept that of the latest one in KSCrash's report::

    {"user": {"event_extra": {
      "__sentry_address": 4351243536,
      "__sentry_stack": [
        {"file": "http://localhost:8081/index.bundle", "lineNumber": 1645, "column": 27, "methodName": "enqueue"}]}}}

The address is the start of the function that carries calls out; the stack's newest call comes first; lines and columns
count from 1. Source: the SDK's reports.
"""

import itertools
from collections.abc import Iterator

from native.crashes.apple.json_fields import Fields
from native.crashes.apple.report import MAX_FRAMES
from symbolicator.model import AbsoluteAddress, Caller, Frame, Stacktrace

RULE = "react-native-ios-bridge"
_STACK, _ADDRESS = "__sentry_stack", "__sentry_address"
_EXTRAS = ("event_extra", "extra")
_NAMELESS = "<unknown>"


def caller_in(user: Fields) -> Caller | None:
    """Who asked for what the crashed thread does; None if the report says nothing of it."""
    extra = next((found for name in _EXTRAS if _STACK in (found := user.fields(name))), user)
    frames = tuple(_frames(extra))
    if not frames:
        return None
    address = extra.number(_ADDRESS)
    return Caller(
        stacktrace=Stacktrace(frames=frames[::-1]),
        function_addr=AbsoluteAddress(address) if address and address > 0 else None,
        rule=RULE,
    )


def _frames(extra: Fields) -> Iterator[Frame]:
    """The calls, newest first, up to as many as a thread may have."""
    for one in itertools.islice(extra.items(_STACK), MAX_FRAMES):
        method, file = one.text("methodName"), one.text("file")
        line, column = one.number("lineNumber"), one.number("column")
        if method or file:
            yield Frame(
                platform="javascript",
                function=None if method == _NAMELESS else method,
                filename=file,
                abs_path=file,
                lineno=line if line and line > 0 else None,
                colno=column if column and column > 0 else None,
            )
