"""Puts the messages in place of React's error codes: in the error that was raised, its causes and its siblings.

Which wording, is told by the version of React, in this order: the event's ``modules`` (react-dom, react), its ``react``
context, as Sentry's SDKs write them; a version in the raw frames' paths, as CDNs and pnpm have them; the URL in the
message; else the newest.
"""

import re
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from sourcemaps.javascript.react_errors.decode import Version, decode, parse_version
from symbolicator.model import JSON, Event, ExceptionValue
from symbolicator.protocols import Artifacts, Key

MAX_FRAMES = 2000
_PACKAGES = ("react-dom", "react")
_IN_PATH = re.compile(r"(?:\A|[/+])react(?:-dom)?@([0-9]{1,4}\.[0-9]{1,4})")


class ReactErrors:
    """A transformer that changes no frame, only ``exception.value``; ``raw_value`` keeps what it was."""

    name = "React error codes"

    def needs(self, event: Event, artifacts: Artifacts) -> frozenset[Key]:  # noqa: ARG002 - the table is its own
        """Nothing."""
        return frozenset()

    def transform(self, event: Event, artifacts: Artifacts) -> Event:  # noqa: ARG002 - as above
        """Decodes the value of every exception."""
        if event.exception is None or not any("#" in (exception.value or "") for exception in event.exceptions):
            return event
        version = react_version(event)
        values = tuple(_decoded(exception, version) for exception in event.exceptions)
        if all(new is old for new, old in zip(values, event.exceptions, strict=True)):
            return event
        return replace(event, exception=replace(event.exception, values=values))


TRANSFORMER = ReactErrors()


def _decoded(exception: ExceptionValue, version: Version | None) -> ExceptionValue:
    raw = exception.value or ""
    value = decode(raw, version)
    if value == raw:
        return exception
    return replace(exception, value=value, raw_value=exception.raw_value or raw)


def react_version(event: Event) -> Version | None:
    """The version of React that the event ran with, where it says so."""
    return next((version for text in _said(event) if (version := parse_version(text))), None) or _in_paths(event)


def _said(event: Event) -> Iterator[str]:
    modules = _object(event.extra.get("modules"))
    context = _object((event.contexts or {}).get("react"))
    for said in (*(modules.get(package) for package in _PACKAGES), context.get("version")):
        if isinstance(said, str):
            yield said


def _object(value: JSON) -> Mapping[str, JSON]:
    return value if isinstance(value, dict) else {}


def _in_paths(event: Event) -> Version | None:
    """The one version that the paths name: raw ones, so that it does not matter who resolved what before."""
    found = {match[1] for path in _paths(event) for match in _IN_PATH.finditer(path[:2000])}
    return parse_version(found.pop()) if len(found) == 1 else None


def _paths(event: Event) -> Iterator[str]:
    stacks = (exception.raw_stacktrace or exception.stacktrace for exception in event.exceptions)
    frames = [frame for stack in stacks if stack for frame in stack.frames[:MAX_FRAMES]][:MAX_FRAMES]
    yield from (frame.abs_path or frame.filename or "" for frame in frames)
