"""Events through the queue: none is lost, none is stuck, and a poisoned one stops nobody."""

import base64
import json
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
import redis
from dramatiq import Message

import workers
from symbolicator.errors import StoreError
from symbolicator.model import Event
from symbolicator.model.tables import parse_rules
from symbolicator.protocols import Artifact, Key, Missing
from tests.workers.conftest import RedisServer, Scripted, kill_group, serving, started, wait_until
from workers.broker import make_broker
from workers.client import Queue
from workers.errors import PayloadTooLarge, QueueUnreachable, ResolveFailed, ResultPending
from workers.resolver import StoreResolver

SCRIPT = str(Path(__file__).with_name("scripted_worker.py"))
EVERYTHING_HANDLED = ("symbolicator:resolve", "symbolicator:resolve.msgs", "symbolicator:resolve.XQ")


def _title(event: Event) -> str | None:
    return event.title


def test_an_event_comes_back_resolved(server: RedisServer) -> None:
    """The whole way in small; another process can fetch the result by its id, more than once."""
    with serving(server.url, Scripted()):
        submission = workers.submit(b"hello", url=server.url)
        assert submission.result(10).title == "hello"
    assert Queue(server.url).submission(submission.id).result(1).title == "hello"
    [key] = server.client.scan_iter("symbolicator-results:*")
    assert 3_500_000 < int(str(server.client.pttl(key))) <= 3_600_000
    assert not server.client.exists(*EVERYTHING_HANDLED)


def test_poison_between_good_events(server: RedisServer) -> None:
    """What cannot be resolved fails once, with a reason, and everything after it is resolved."""
    resolver, queue = Scripted(), Queue(server.url)
    orders = ["one", "unreadable", "two", "bug", "three", "exit", "four"]
    with serving(server.url, resolver):
        submissions = {order: queue.submit(order.encode()) for order in orders}
        reasons = {}
        for order, submission in submissions.items():
            try:
                assert submission.result(10).title == order
            except ResolveFailed as error:
                reasons[order] = (error.reason, str(error))
    assert {order: reason for order, (reason, _) in reasons.items()} == {
        "unreadable": "unreadable",
        "bug": "bug",
        "exit": "bug",
    }
    assert reasons["unreadable"][1] == "This is no crash report."
    assert "please report it" in reasons["bug"][1]
    assert sorted(resolver.seen) == sorted(orders)
    assert not server.client.exists(*EVERYTHING_HANDLED)


def test_an_endless_event_is_interrupted(server: RedisServer) -> None:
    """An event that would spin for ever costs its time limit, and the next one is resolved by the same thread."""
    queue = Queue(server.url)
    with serving(server.url, Scripted(), time_limit=0.5):
        endless, next_one = queue.submit(b"spin"), queue.submit(b"next")
        with pytest.raises(ResolveFailed, match="took longer") as failure:
            endless.result(10)
        assert failure.value.reason == "time_limit"
        assert next_one.result(10).title == "next"


def test_the_same_event_twice_is_resolved_twice(server: RedisServer) -> None:
    """A sender that is not sure may send again."""
    queue = Queue(server.url)
    with serving(server.url, Scripted(), threads=2):
        assert [queue.submit(b"same").result(10).title for _ in range(2)] == ["same", "same"]


def test_garbage_in_the_queue_is_skipped(server: RedisServer) -> None:
    """What is no message, a message for nobody, and one with other arguments stop nothing."""
    broker = make_broker(server.url, patience_seconds=0)
    broker.do_enqueue("resolve", "garbage", b"\xff no json")
    for actor, arguments in (("nobody", {}), ("resolve", {"unknown": 1}), ("resolve", {"payload": "%"})):
        broker.enqueue(Message(queue_name="resolve", actor_name=actor, args=(), kwargs=arguments, options={}))
    with serving(server.url, Scripted()):
        assert workers.submit(b"after", url=server.url).result(10).title == "after"


def test_a_worker_that_dies_in_the_middle(server: RedisServer, tmp_path: Path) -> None:
    """``kill -9`` while an event is resolved: another worker takes it over."""
    queue = Queue(server.url)
    with started(SCRIPT, server.url, str(tmp_path / "marker")) as dying:
        submission = queue.submit(b"sleep")
        wait_until((tmp_path / "marker").exists)
        kill_group(dying)
    with serving(server.url, Scripted(), lost_after=1.0):
        assert submission.result(20).title == "sleep"


def test_an_event_that_kills_its_worker_fails_in_the_end(server: RedisServer, tmp_path: Path) -> None:
    """Workers are started again and again, but not for ever; the event beside it is not blamed."""
    queue = Queue(server.url)
    fatal, innocent = queue.submit(b"kill"), queue.submit(b"innocent")
    with pytest.raises(ResolveFailed, match="ended its worker 3 times") as failure:
        _result_from_mortals(server, fatal, tmp_path)
    assert failure.value.reason == "crashed_worker"
    assert _result_from_mortals(server, innocent, tmp_path).title == "innocent"


def _result_from_mortals(server: RedisServer, submission: workers.Submission, tmp_path: Path) -> Event:
    for _ in range(6):
        with started(SCRIPT, server.url, str(tmp_path / "marker")) as worker:
            while worker.poll() is None:
                try:
                    return submission.result(0.2)
                except ResultPending:
                    continue
    raise AssertionError("no worker ever answered")


def test_redis_goes_and_comes_back(server: RedisServer) -> None:
    """While Redis restarts, an event is in progress: its result arrives, and the worker goes on by itself."""
    resolver, queue = Scripted(), Queue(server.url)
    with serving(server.url, resolver):
        running = queue.submit(b"wait")
        wait_until(lambda: resolver.seen)
        server.stop()
        resolver.go_on.set()
        with pytest.raises(QueueUnreachable):
            queue.submit(b"too early")
        server.start()
        assert running.result(20).title == "wait"
        assert queue.submit(b"later").result(20).title == "later"


def test_messages_whose_delivery_was_cut_off_are_delivered(server: RedisServer) -> None:
    """Redis hands a message out and the connection breaks: it must not stay invisible until the worker restarts."""
    queue = Queue(server.url)
    broker = make_broker(server.url, patience_seconds=0)
    submission = queue.submit(b"lost")
    consumer = broker.consume("resolve")
    assert broker.do_fetch("resolve", 1)  # the answer goes nowhere
    assert next(consumer) is None
    message = next(broker.consume("resolve"))
    assert message is not None
    assert message.message_id == submission.id
    again = next(broker.consume("resolve"))  # it is held now: a new connection does not hand it out twice
    assert again is None


def test_delayed_messages_survive_a_lost_connection(server: RedisServer) -> None:
    """A broken connection makes dramatiq forget the retries that it holds in memory; they must come back."""
    broker = make_broker(server.url, patience_seconds=0)
    message: Message[Any] = Message(queue_name="resolve", actor_name="resolve", args=(), kwargs={}, options={})
    broker.enqueue(message, delay=1)
    first = next(broker.consume("resolve.DQ"))
    second = next(broker.consume("resolve.DQ"))
    assert first is not None
    assert second is not None
    assert first.message_id == second.message_id == message.message_id


def test_a_worker_finishes_its_event_before_it_stops(server: RedisServer) -> None:
    """A deployment must not throw away work, nor take events along that were not begun."""
    resolver, queue = Scripted(), Queue(server.url)
    threads = []
    with serving(server.url, resolver):
        begun = queue.submit(b"wait")
        wait_until(lambda: resolver.seen)
        waiting = queue.submit(b"waiting")
        threads.append(threading.Timer(0.5, resolver.go_on.set))
        threads[0].start()
    assert begun.result(1).title == "wait"
    with pytest.raises(ResultPending):
        waiting.result(0.1)
    with serving(server.url, resolver):
        assert waiting.result(10).title == "waiting"


class Flaky:
    """A resolver whose store is away for the first tries."""

    def __init__(self, failures: int) -> None:
        self.failures = failures

    def resolve(self, payload: bytes) -> Event:
        self.failures -= 1
        if self.failures >= 0:
            raise StoreError("The store is away: wait.")
        return Event(title=payload.decode())


def test_a_store_that_is_away_is_tried_again(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """An outage of the store delays events; it neither loses them nor sends them back unresolved."""
    monkeypatch.setattr("workers.broker._MIN_BACKOFF_MS", 50)
    queue = Queue(server.url)
    with serving(server.url, Flaky(2)):
        assert queue.submit(b"patience").result(20).title == "patience"
    with serving(server.url, Flaky(99)):
        with pytest.raises(ResolveFailed, match="The store is away") as failure:
            queue.submit(b"in vain").result(20)
        assert failure.value.reason == "store"
        assert "tried 4 times" in str(failure.value)


class DownStore:
    """A store whose disk is gone."""

    def fetch(self, keys: frozenset[Key]) -> Any:
        raise StoreError("The disk is gone: check it.")


def test_an_outage_of_the_store_is_no_miss(fixtures: Path) -> None:
    """The pipeline makes a miss of it; the worker must see the outage, or it would answer "not found"."""
    payload = (fixtures / "js-esbuild" / "crash.txt").read_bytes()
    with pytest.raises(StoreError, match="The disk is gone"):
        StoreResolver(DownStore()).resolve(payload)


def test_too_large_a_payload_is_refused_at_once(server: RedisServer) -> None:
    """The sender learns it, not the operator of Redis."""
    with pytest.raises(PayloadTooLarge, match="11 bytes, more than 10"):
        Queue(server.url, max_payload_bytes=10).submit(b"x" * 11)
    assert not server.client.exists(*EVERYTHING_HANDLED)


@pytest.mark.timeout(60)
def test_a_large_payload_goes_through(server: RedisServer) -> None:
    """Twenty megabytes are allowed, so they must work."""
    payload = b"big:" + b"x" * (20 * 1024 * 1024 - 4)
    with serving(server.url, Scripted()):
        event = Queue(server.url).submit(payload).result(30)
    assert len(event.title or "") == len(payload) - 1


def test_without_a_worker_the_result_is_pending(server: RedisServer) -> None:
    """The error says what to start, and is a TimeoutError like any other."""
    with pytest.raises(TimeoutError, match="symbolicator worker"):
        workers.submit(b"x", url=server.url).result(0.05)
    with pytest.raises(ResultPending):
        Queue(server.url).submission("unknown").result(0)


@pytest.mark.parametrize(
    "url",
    [
        "redis://user:secret@127.0.0.1:1/0",
        "redis://127.0.0.1:1/0?password=secret",
        "redis://:se/secret@127.0.0.1:1/0",
        "redis://127.0.0.1:1/0?unknown=secret@x",
        "http://:secret@x",
        "secret@x:y",
        "",
    ],
)
def test_redis_down_is_one_clear_error(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The URL is named so that a typo shows, the password is not, and the remedy is."""
    monkeypatch.setattr("workers.client.PATIENCE_SECONDS", 0)
    with pytest.raises(QueueUnreachable) as error:
        workers.submit(b"x", url=url)
    assert "secret" not in str(error.value)
    assert "redis" in str(error.value).lower()


def test_a_refusing_redis_is_a_clear_error(server: RedisServer) -> None:
    """Out of memory is the commonest refusal: the operator reads it in the error."""
    server.client.config_set("maxmemory", "1")
    try:
        with pytest.raises(QueueUnreachable, match="memory"):
            workers.submit(b"x", url=server.url)
    finally:
        server.client.config_set("maxmemory", "0")


def test_the_stored_answer_is_plain_json(server: RedisServer) -> None:
    """Other languages read results too: the envelope is documented and must not drift."""
    with serving(server.url, Scripted()):
        queue = Queue(server.url)
        good, bad = queue.submit(b"fine"), queue.submit(b"unreadable")
        good.result(10)
        with pytest.raises(ResolveFailed):
            bad.result(10)
    assert _stored(server.client, good.id) == {"status": "completed", "event": {"title": "fine"}}
    failure = {"status": "failed", "reason": "unreadable", "message": "This is no crash report."}
    assert _stored(server.client, bad.id) == failure


def _stored(client: redis.Redis, submission_id: str) -> object:
    value = client.lindex(f"symbolicator-results:resolve:resolve:{submission_id}", 0)
    assert isinstance(value, bytes)
    return json.loads(value)


def test_the_payload_is_base64_in_the_message(server: RedisServer) -> None:
    """Senders in other languages rely on the format of the message."""
    Queue(server.url).submit(b"\x00\xff")
    [message] = server.client.hvals("symbolicator:resolve.msgs")
    assert base64.b64decode(json.loads(message)["kwargs"]["payload"]) == b"\x00\xff"


class EmptyStore:
    """Has nothing."""

    def fetch(self, keys: frozenset[Key]) -> dict[Key, Artifact | Missing]:
        return {key: Missing(key, "There is nothing here.") for key in keys}


def test_a_worker_looks_into_its_repositories_and_goes_by_its_rules(tmp_path: Path) -> None:
    """What the command line knows of a crash, an ingest backend must be told too."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "cart.py").write_text("def total():\n    return 1 / 0\n")
    (tmp_path / "src" / "loop.py").write_text("def run():\n    total()\n")
    author = ["-c", "user.name=Ada", "-c", "user.email=ada@shop.example"]
    for command in (["init", "-q"], ["add", "."], [*author, "commit", "-qm", "Round prices down"]):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    rules = parse_rules('[[rules]]\nid = "loop"\nmatch = { path = "*/loop.py" }\nin_app = false')
    frames = [
        {"function": name, "filename": f"src/{file}.py", "abs_path": f"/srv/src/{file}.py", "lineno": 2, "in_app": True}
        for name, file in (("run", "loop"), ("total", "cart"))
    ]
    crash = {"type": "ZeroDivisionError", "stacktrace": {"frames": frames}}
    payload = json.dumps({"platform": "python", "exception": {"values": [crash]}}).encode()
    event = StoreResolver(EmptyStore(), [tmp_path], rules).resolve(payload)
    assert [frame.in_app for frame in event.exceptions[0].stacktrace.frames] == [False, True]  # type: ignore[union-attr]  # it has one
    assert [suspect.subject for suspect in event.suspects] == ["Round prices down"]
