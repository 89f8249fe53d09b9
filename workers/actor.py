"""The actor: one event resolved, whatever it is, and its answer kept.

::

    register(broker, lambda: open_resolver(Path("symbols")), Tools(results, starts, watchdog))

Only a store that cannot be read is a reason to try again. Everything else - a payload that is no report, a bug, an
event that takes too long or ends its worker - is an answer. The answer is kept before the message is acknowledged.
"""

import base64
import binascii
import logging
import threading
import time
from collections.abc import Callable

import dramatiq
from dramatiq.encoder import MessageData
from dramatiq.middleware import CurrentMessage, TimeLimitExceeded
from msgspec import Struct

from symbolicator.errors import StoreError, SymbolicatorError, UnreadableInput
from workers.broker import MAX_RETRIES, QUEUE
from workers.envelope import Reason, completed, failed, status_of
from workers.resolver import Resolver
from workers.results import ACTOR, Results
from workers.starts import MAX_STARTS, Gate, Starts
from workers.watchdog import Watchdog

_log = logging.getLogger("symbolicator.worker")


class Tools(Struct, frozen=True):
    """What the actor works with."""

    results: Results
    starts: Starts
    watchdog: Watchdog


def register(
    broker: dramatiq.Broker, resolver_factory: Callable[[], Resolver], tools: Tools
) -> dramatiq.Actor[[str], None]:
    """Declares the actor on a broker. The resolver is made with the first event, once a process."""
    work = _Work(resolver_factory, tools)

    def resolve(payload: str) -> None:
        work.do(payload)

    return dramatiq.actor(actor_name=ACTOR, queue_name=QUEUE, broker=broker)(resolve)


class _Work:
    def __init__(self, resolver_factory: Callable[[], Resolver], tools: Tools) -> None:
        self._factory = resolver_factory
        self._resolver: Resolver | None = None
        self._making = threading.Lock()
        self._gate = Gate()
        self._tools = tools

    def do(self, payload: str) -> None:
        """Resolves and answers. Raises `dramatiq.Retry` if the store is away and there are tries left."""
        message = CurrentMessage.get_current_message()
        if message is None:
            raise RuntimeError("the actor runs in a worker only")
        started = time.monotonic()
        envelope = self._guarded(message.message_id, payload, int(message.options.get("retries", 0)))
        self._tools.results.keep(message.message_id, envelope)
        fields = {"id": message.message_id, "ms": round((time.monotonic() - started) * 1000)}
        _log.info(status_of(envelope), extra={"fields": fields})

    def _guarded(self, submission_id: str, payload: str, retries: int) -> MessageData:
        """Counts the start, so that an event that ends its worker is found out."""
        starts = self._tools.starts
        before = starts.unfinished(submission_id)
        if before >= MAX_STARTS:
            return failed(
                Reason.CRASHED_WORKER,
                f"The event ended its worker {before} times and is not tried again: please report it with its payload.",
            )
        with self._gate.passed(alone=before > 0):
            starts.begin(submission_id)
            try:
                return self._tried(payload, retries)
            finally:
                starts.finish(submission_id)

    def _tried(self, payload: str, retries: int) -> MessageData:
        try:
            return self._limited(payload)
        except TimeLimitExceeded:
            limit = self._tools.watchdog.soft_seconds
            return failed(Reason.TIME_LIMIT, f"Resolving took longer than {limit:g} s: please report it.")
        except (StoreError, OSError) as error:
            if retries < MAX_RETRIES:
                _log.warning("store unavailable, trying again later: %s", error)
                raise dramatiq.errors.Retry(str(error)) from error
            return failed(Reason.STORE, f"{error} (tried {retries + 1} times)")
        except (UnreadableInput, binascii.Error) as error:
            return failed(Reason.UNREADABLE, str(error))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - plug-ins are strangers; the queue goes on
            _log.exception("an event failed")
            return failed(Reason.BUG, _words_for(error))

    def _limited(self, payload: str) -> MessageData:
        with self._tools.watchdog.limit():
            return completed(self._ready().resolve(base64.b64decode(payload, validate=True)))

    def _ready(self) -> Resolver:
        with self._making:
            if self._resolver is None:
                self._resolver = self._factory()
            return self._resolver


def _words_for(error: BaseException) -> str:
    if isinstance(error, SymbolicatorError):
        return str(error)
    return f"Resolving failed with a bug of ours ({type(error).__name__}: {error}): please report it with the payload."
