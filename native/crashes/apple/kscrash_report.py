"""The parts of KSCrash's report: system, images, what else goes through as it is."""

import itertools

from native.crashes.apple.contexts import contexts_of, system_name
from native.crashes.apple.json_fields import MAX_DEPTH, Fields, bounded
from native.crashes.apple.kscrash_caller import caller_in
from native.crashes.apple.kscrash_error import failure_of, has_exceptions_stack
from native.crashes.apple.kscrash_threads import threads
from native.crashes.apple.processors import arch_of
from native.crashes.apple.report import MAX_IMAGES, PrintedImage, Report
from native.crashes.apple.stamps import event_id, timestamp_of
from symbolicator.model import JSON, AbsoluteAddress, Breadcrumb, DebugImage, Problem
from symbolicator.model.debug_ids import normal_debug_id

_MODELLED = frozenset({"binary_images", "crash", "user", "recrash_report"})
_MAX_LOG_LINES = 200
_MICROSECONDS_FROM = 10**14
"""Time stamps of version 3.7 on are in microseconds, all others in seconds."""
_MICROSECOND = 1_000_000


def report_of(report: Fields, outer: Fields, problems: tuple[Problem, ...]) -> Report:
    """The report; what it lacks, as ``user`` and images, comes from the ``outer`` one."""
    system = report.fields("system") or outer.fields("system")
    arch = _arch(system)
    crash = report.fields("crash")
    head = report.fields("report") or outer.fields("report")
    return Report(
        failure=failure_of(crash),
        threads=threads(crash, arch, of_exception=has_exceptions_stack(crash)),
        images=_images(report if report.array("binary_images") else outer),
        arch=arch,
        event_id=event_id(head.text("id")),
        timestamp=_timestamp(head),
        contexts=_contexts(system, arch),
        breadcrumbs=_log(report.fields("debug") or outer.fields("debug")),
        problems=problems,
        caller=caller_in(report.fields("user") or outer.fields("user")),
        extra=_extra(report, outer),
    )


def _images(report: Fields) -> list[PrintedImage]:
    return [_image(one) for one in itertools.islice(report.items("binary_images"), MAX_IMAGES + 1)]


def _image(one: Fields) -> PrintedImage:
    path, uuid = one.text("name"), one.text("uuid")
    image = DebugImage(
        type="macho",
        code_file=path,
        debug_id=normal_debug_id(uuid) if uuid else None,
        arch=arch_of(one.number("cpu_type"), one.number("cpu_subtype")),
        image_addr=_address(one.number("image_addr")),
        image_vmaddr=_address(one.number("image_vmaddr")),
        image_size=_address(one.number("image_size")),
    )
    return PrintedImage(image, name=path.rpartition("/")[2] if path else None)


def _address(value: int | None) -> AbsoluteAddress | None:
    return AbsoluteAddress(value) if value is not None and value >= 0 else None


def _arch(system: Fields) -> str | None:
    """The processor that the program is for: that of a simulator runs other code than the device would."""
    program = arch_of(system.number("binary_cpu_type"), system.number("binary_cpu_subtype"))
    return program or system.text("binary_arch") or system.text("cpu_arch")


def _timestamp(head: Fields) -> str | None:
    """RFC 3339: old reports have it so, newer ones have a number."""
    number = head.number("timestamp")
    if number is None:
        return head.text("timestamp")
    return timestamp_of(number / _MICROSECOND if number >= _MICROSECONDS_FROM else number)


def _contexts(system: Fields, arch: str | None) -> dict[str, JSON]:
    name = system.text("system_name")
    return contexts_of(
        os={
            "name": system_name(name) if name else None,
            "version": system.text("system_version"),
            "build": system.text("os_version"),
            "kernel_version": system.text("kernel_version"),
        },
        device={"model": system.text("machine"), "model_id": system.text("model"), "arch": arch},
        app={
            "app_name": system.text("CFBundleName") or system.text("process_name"),
            "app_identifier": system.text("CFBundleIdentifier"),
            "app_version": system.text("CFBundleShortVersionString"),
            "app_build": system.text("CFBundleVersion"),
        },
    )


def _log(debug: Fields) -> list[Breadcrumb]:
    lines = [line for text in debug.texts("console_log") for line in text.splitlines()]
    return [Breadcrumb(category="console", message=line) for line in lines[-_MAX_LOG_LINES:]]


def _extra(report: Fields, outer: Fields) -> dict[str, JSON]:
    """``user`` is what the app gave along: it becomes the payload's ``extra``, whatever is in it."""
    kept: dict[str, JSON] = {"kscrash": report.rest(_MODELLED)}
    user = dict(report.fields("user").pairs()) or dict(outer.fields("user").pairs())
    if user:
        kept["extra"] = bounded(user, MAX_DEPTH)
    other = outer.fields("recrash_report")
    if other:
        handler = other if dict(report.pairs()) == dict(outer.pairs()) else outer
        kept["recrash_report"] = handler.rest(frozenset({"recrash_report", "binary_images"}))
    return kept
