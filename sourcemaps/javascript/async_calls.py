"""What engines write in front of the names of functions that were not on the stack any more.

====================================================  ==========================================
``async load``                                        V8 and JavaScriptCore: awaited
``async*load``                                        SpiderMonkey: awaited
``promise callback*load``, ``setTimeout handler*``    SpiderMonkey: called back, and by what
====================================================  ==========================================

Source: v8.dev/docs/stack-trace-api; SpiderMonkey's SavedStacks (``asyncCause``).
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
    return AsyncCall(rule="spidermonkey-async", label=f"called back asynchronously: {_KIND.sub('', cause)}")
