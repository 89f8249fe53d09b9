"""Reports of memory pressure (``JetsamEvent``): no crash and no stack, but which process the system killed and why.

Source: "Identifying high-memory use with jetsam event reports" of Apple's documentation.
"""

from collections.abc import Sequence

from native.crashes.apple.contexts import contexts_of, system_context
from native.crashes.apple.json_fields import Document, Fields
from native.crashes.apple.report import Failure, Report
from native.crashes.apple.stamps import event_id, timestamp
from symbolicator.model import JSON

MAX_PROCESSES = 10_000
_PAGE = 16 * 1024
"""Bytes of a page of memory where the report does not say; all 64-bit devices have such pages."""
_MEGABYTE = 1024 * 1024
_REASONS = {
    "per-process-limit": "it used more memory than one process may",
    "vm-pageshortage": "the system had no more memory",
    "vnode-limit": "the system had no more files to open",
    "highwater": "it used more memory than it may while others need some",
    "fc-thrashing": "the system spent its time on reading files again",
    "jettisoned": "the system needed its memory",
    "vm-compressor-thrashing": "the system spent its time on compressing memory",
    "vm-compressor-space-shortage": "the system had no more space for compressed memory",
    "disk-space-shortage": "the system had no disk space to move memory to",
    "idle-exit": "it was idle and the system needed memory",
    "long-idle-exit": "it was idle for long and the system needed memory",
}


def is_memory_report(body: Fields) -> bool:
    """Whether a body is of that kind."""
    return "largestProcess" in body or ("memoryStatus" in body and "processes" in body)


def report_of(header: Fields, document: Document) -> Report:
    """The report: its exception says in words what happened."""
    body = document.value
    page = body.fields("memoryStatus").number("pageSize") or _PAGE
    processes = [one for one, _ in zip(body.items("processes"), range(MAX_PROCESSES), strict=False)]
    return Report(
        failure=Failure(kind="jetsam", name="Jetsam", reason=" ".join(_told(body, processes, page))),
        event_id=event_id(body.text("incident") or header.text("incident_id")),
        timestamp=timestamp(body.text("date") or header.text("timestamp")),
        contexts=_contexts(header, body),
        problems=(document.problem,) if document.problem else (),
        extra={"jetsam": body.rest(())},
    )


def _contexts(header: Fields, body: Fields) -> dict[str, JSON]:
    system = system_context(header.text("os_version") or body.text("build"))
    return contexts_of(os=system, device={"model": body.text("product")})


def _told(body: Fields, processes: Sequence[Fields], page: int) -> list[str]:
    killed = [one for one in processes if one.text("reason")]
    largest = body.text("largestProcess")
    said = [_killing(one, page) for one in killed[:3]]
    if len(killed) > len(said):
        said.append(f"So were {len(killed) - len(said)} other processes.")
    if largest:
        used = next((_memory(one, page) for one in processes if one.text("name") == largest), None)
        said.append(f"The largest process was {largest}" + (f" with {used}." if used else "."))
    return said or ["The system was short of memory; the report does not say which process it killed."]


def _killing(one: Fields, page: int) -> str:
    reason = one.text("reason") or ""
    name, pid, used = one.text("name") or "a process", one.number("pid"), _memory(one, page)
    who = f"{name} (pid {pid})" if pid is not None else name
    states = ", ".join(one.texts("states"))
    why = f"{reason}: {_REASONS[reason]}" if reason in _REASONS else reason
    return f"{who} was killed ({why}{f'; it had {used}' if used else ''}{f'; {states}' if states else ''})."


def _memory(one: Fields, page: int) -> str | None:
    pages = one.number("rpages")
    return None if pages is None else f"{max(pages, 0) * page // _MEGABYTE:,} MB"
