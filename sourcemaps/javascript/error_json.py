r"""Reads an error object of JavaScript that somebody wrote down as JSON.

>>> event = READER.read(b'{"name": "JSError", "message": "no", "stack": "JSError: no\n    at pay (app.js:1:20)"}'
...                     .replace(b"\n", b"\\n"))
>>> event.exceptions[0].stacktrace.frames[0].function
'pay'

::

    {"name": "JSError", "message": "…", "stack": "…", "code": "E_PAY",
     "cause": {"name": "java.lang.IllegalStateException", "message": "…", "stackElements": […]}}

``cause`` may be another such error, or one of native code: whatever has no field of its own is in the exception's
``mechanism.data``, where the transformers of other languages find what is theirs. ``debug_meta`` and ``contexts`` may
be there too, in the form of Sentry's payload.
"""

import re
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from sourcemaps.javascript.stacktext.report import read_report
from symbolicator import codec
from symbolicator.errors import UnreadableInput
from symbolicator.model import JSON, Event, ExceptionValue, Mechanism, Values
from symbolicator.protocols import Buffer
from symbolicator.readers.text import MAX_REPORT_BYTES

_SURE, _LIKELY = 0.92, 0.7
_STACK = re.compile(rb'"stack"\s{0,8}:\s{0,8}"')
_NAME = re.compile(rb'"(?:name|message)"\s{0,8}:\s{0,8}"')
_NATIVE = re.compile(rb'"(?:stackElements|stackReturnAddresses|nativeStackAndroid|nativeStackIOS)"\s{0,8}:\s{0,8}\[')
_EVENT = re.compile(rb'"(?:exception|threads|event_id|logentry)"\s{0,8}:\s{0,8}[\[{"]')
_MAX_CAUSES = 50
_OWN = frozenset({"name", "message", "stack"})


class ErrorJsonReader:
    """Reader of error objects."""

    name = "JavaScript error object"

    def detect(self, head: bytes) -> float:
        """An object with a stack of text and a name or message, that is no event."""
        if not head.lstrip().startswith(b"{") or _EVENT.search(head):
            return 0.0
        if _NATIVE.search(head) and (_NAME.search(head) or _STACK.search(head)):
            return _SURE
        return _LIKELY if _STACK.search(head) and _NAME.search(head) else 0.0

    def read(self, data: Buffer) -> Event:
        """Reads the object. Raises `UnreadableInput` if it is none."""
        if len(data) > MAX_REPORT_BYTES:
            raise UnreadableInput(f"The error has more than {MAX_REPORT_BYTES:,} bytes. Pass it without other fields.")
        event = codec.decode(data)
        chain = list(_chain(event.extra))
        values = [_exception(one, number, len(chain)) for number, one in enumerate(chain)]
        is_native = _NATIVE.search(bytes(data)) is not None
        if not is_native and not any(value.stacktrace for value in values):
            raise UnreadableInput(
                "The error object has no stack. Pass it with `stack`, as in "
                "JSON.stringify({name: e.name, message: e.message, stack: e.stack, cause: e.cause})."
            )
        runtime: dict[str, JSON] = {"runtime": {"name": "react-native"}} if is_native else {}
        return replace(
            event,
            platform="javascript",
            contexts={**runtime, **(event.contexts or {})} or None,
            exception=Values(values=tuple(reversed(values))),
            extra={},
        )


READER = ErrorJsonReader()


def _chain(error: Mapping[str, JSON]) -> Sequence[Mapping[str, JSON]]:
    """The error and those of JavaScript that caused it, each without the next one."""
    chain: list[Mapping[str, JSON]] = []
    current: JSON = dict(error)
    while isinstance(current, dict) and len(chain) < _MAX_CAUSES:
        cause = current.get("cause")
        is_of_javascript = isinstance(cause, dict) and isinstance(cause.get("stack"), str)
        chain.append({name: value for name, value in current.items() if name != "cause" or not is_of_javascript})
        current = cause if is_of_javascript else None
    return chain


def _exception(error: Mapping[str, JSON], number: int, count: int) -> ExceptionValue:
    stack, name, message = (_text(error, field) for field in ("stack", "name", "message"))
    printed = _printed(stack) if stack else None
    left = {key: value for key, value in error.items() if key not in _OWN}
    linked = count > 1
    mechanism = Mechanism(
        type="chained" if number else "generic",
        source="cause" if number else None,
        exception_id=number if linked else None,
        parent_id=number - 1 if number else None,
        data=left or None,
    )
    return ExceptionValue(
        type=name or (printed.type if printed else None),
        value=message or (printed.value if printed else None),
        mechanism=mechanism if linked or left else None,
        stacktrace=printed.stacktrace if printed else None,
    )


def _printed(stack: str) -> ExceptionValue | None:
    """What the text of a stack tells; a stack that is in another form is none."""
    try:
        exceptions = read_report(stack).exceptions
    except UnreadableInput:
        return None
    return exceptions[-1] if exceptions else None


def _text(error: Mapping[str, JSON], field: str) -> str | None:
    found = error.get(field)
    return found or None if isinstance(found, str) else None
