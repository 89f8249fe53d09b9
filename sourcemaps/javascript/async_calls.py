"""What engines write in front of the names of functions that were not on the stack any more, and libraries above them.

====================================================  ==========================================
``async load``                                        V8 and JavaScriptCore: awaited
``async*load``                                        SpiderMonkey: awaited
``promise callback*load``, ``setTimeout handler*``    SpiderMonkey: called back, and by what
``From previous event:``                              Bluebird and Q: a line between two stacks
``---------------------------------------------``     longjohn: the same
``-------------   Elapsed: 9 ms; At: …   ---------``  zone.js: the same
====================================================  ==========================================

Source: v8.dev/docs/stack-trace-api; SpiderMonkey's SavedStacks (``asyncCause``); what these libraries print.
"""

import re

from symbolicator.model import AsyncCall

V8 = AsyncCall(rule="v8-async")
JAVASCRIPTCORE = AsyncCall(rule="javascriptcore-async")
_ASYNC = "async "
_CAUSE = re.compile(
    r"(?P<cause>async|[A-Za-z]{1,40} (?:callback|handler)|EventListener\.handleEvent|EventHandlerNonNull|"
    r"FrameRequestCallback)\*"
)
_PREVIOUS_EVENT = "From previous event:"
_RULE = re.compile(r"-{40,60}\Z")
_ZONE = re.compile(r"-{10,20} {1,5}Elapsed: (?P<elapsed>[0-9]{1,12}) ms; At: [^\n]{1,100}? {1,5}-{10,20}\Z")
_KIND = re.compile(r" (?:callback|handler)\Z")


def async_call_of(name: str) -> AsyncCall | None:
    """What the name that an engine wrote says of the call; None if it was on the stack."""
    if name.startswith(_ASYNC):
        return V8
    cause = _CAUSE.match(name)
    return called_back(cause["cause"]) if cause else None


def called_back(cause: str) -> AsyncCall:
    """By SpiderMonkey's cause; ``async`` is that of an ``await``."""
    if cause == "async":
        return AsyncCall(rule="spidermonkey-async")
    return _callback("spidermonkey-async", _KIND.sub("", cause))


def _callback(rule: str, what: str) -> AsyncCall:
    return AsyncCall(rule=rule, label=f"called back asynchronously{what and ': '}{what}", each_time=True)


def separator_of(line: str) -> AsyncCall | None:
    """What a line between two frames says that a library for long stack traces put there; None if it is none."""
    text = line.strip()
    if text == _PREVIOUS_EVENT:
        return _callback("previous-event", "promise")
    if _RULE.match(text):
        return _callback("longjohn", "")
    zone = _ZONE.match(text)
    return _callback("zone", f"{zone['elapsed']} ms later") if zone else None
