"""The body of an ``.ips`` crash report: the same as a ``.crash`` text says, in JSON."""

from collections.abc import Iterator

from native.crashes.apple.contexts import contexts_of, system_context
from native.crashes.apple.ips_threads import exception_frames, threads
from native.crashes.apple.json_fields import Document, Fields
from native.crashes.apple.processors import arch_of_code_type, image_arch
from native.crashes.apple.report import MAX_IMAGES, Failure, PrintedImage, Report, Termination
from native.crashes.apple.stamps import event_id, timestamp
from native.crashes.apple.uncaught import Uncaught, uncaught_exception
from symbolicator.model import JSON, AbsoluteAddress, DebugImage
from symbolicator.model.debug_ids import normal_debug_id

_MODELLED = frozenset(
    {
        "asi", "bundleInfo", "captureTime", "cpuType", "exception", "faultingThread", "incident", "modelCode",
        "lastExceptionBacktrace", "osVersion", "procName", "termination", "threads", "usedImages",
    }
)  # fmt: skip
"""Fields of the body that the event has elsewhere; all others stay as they are."""
_NO_ID = frozenset("0-")
_MAX_CODES = 4
_SYNDROME_FOR = "EXC_BAD_ACCESS"


def report_of(header: Fields, document: Document) -> Report:
    """The report; ``header`` is the line above, empty if there is none."""
    body = document.value
    arch = arch_of_code_type(body.text("cpuType") or "")
    listed = images(body)
    return Report(
        failure=_failure(body),
        threads=threads(body, listed),
        named_thread=_named_thread(body),
        images=[image for image in listed if image.name],
        exception_frames=exception_frames(body, listed),
        arch=arch,
        event_id=event_id(body.text("incident") or header.text("incident_id")),
        timestamp=timestamp(body.text("captureTime") or header.text("timestamp")),
        contexts=_contexts(header, body, arch),
        problems=(document.problem,) if document.problem else (),
        extra={**header_extra(header), "ips": body.rest(_MODELLED)},
    )


def _named_thread(body: Fields) -> int | None:
    """The thread that crashed, else that which is to blame, as the main thread that the watchdog waited for."""
    named = body.number("faultingThread")
    return body.fields("legacyInfo").number("threadHighlighted") if named is None else named


def images(body: Fields) -> list[PrintedImage]:
    """The images by their index; one without name only keeps the place of others."""
    found = zip(range(MAX_IMAGES + 1), body.items("usedImages"), strict=False)
    return [_image(one) for _, one in found]


def _image(one: Fields) -> PrintedImage:
    base, size, uuid = one.number("base"), one.number("size"), one.text("uuid")
    path, name = one.text("path"), one.text("name")
    image = DebugImage(
        type="macho",
        code_file=path or name,
        debug_id=normal_debug_id(uuid) if uuid and not set(uuid) <= _NO_ID else None,
        arch=image_arch(one.text("arch") or ""),
        image_addr=AbsoluteAddress(base) if base is not None and base >= 0 else None,
        image_size=size if size and size > 0 else None,
    )
    return PrintedImage(image, name=None if base == 0 else name or path)


def header_contexts(header: Fields) -> dict[str, JSON]:
    """What the line above the body says about system and app."""
    app: dict[str, JSON] = {
        "app_name": header.text("app_name") or header.text("name"),
        "app_identifier": header.text("bundleID"),
        "app_version": header.text("app_version"),
        "app_build": header.text("build_version"),
    }
    return contexts_of(os=system_context(header.text("os_version")), app=app)


def header_extra(header: Fields) -> dict[str, JSON]:
    """The line above the body as it is."""
    return {"ips_header": header.rest(())} if header else {}


def _contexts(header: Fields, body: Fields, arch: str | None) -> dict[str, JSON]:
    system, bundle = body.fields("osVersion"), body.fields("bundleInfo")
    train = system_context(system.text("train"))
    app: dict[str, JSON] = {
        "app_name": body.text("procName"),
        "app_identifier": bundle.text("CFBundleIdentifier"),
        "app_version": bundle.text("CFBundleShortVersionString"),
        "app_build": bundle.text("CFBundleVersion"),
    }
    told = contexts_of(
        os={**train, "build": system.text("build")} if train else {},
        device={"model": body.text("modelCode"), "arch": arch},
        app=app,
    )
    return {**header_contexts(header), **told}


def _failure(body: Fields) -> Failure:
    exception = body.fields("exception")
    said = list(messages(body))
    uncaught = uncaught_exception("\n".join(said)) or Uncaught()
    codes = [code for code in exception.array("rawCodes") if isinstance(code, int)]
    return Failure(
        kind=uncaught.kind or "mach",
        exception=exception.text("type"),
        signal=exception.text("signal"),
        codes=tuple(code for code in codes[:_MAX_CODES] if -(1 << 63) <= code < 1 << 64),
        subtype=exception.text("subtype") or exception.text("message"),
        name=uncaught.name,
        reason=uncaught.reason,
        messages=said,
        termination=_termination(body.fields("termination")),
        data=dict(_more(body)),
    )


def messages(body: Fields) -> Iterator[str]:
    """What libraries left for the report (``asi``), in its order."""
    said = body.fields("asi")
    for library, _ in said.pairs():
        yield from (text.strip() for text in said.texts(library) if text.strip())


def _termination(said: Fields) -> Termination | None:
    if not said:
        return None
    details = [*said.texts("indicator"), *said.texts("reasons"), *said.texts("details")]
    return Termination(said.text("namespace"), said.number("code"), tuple(dict.fromkeys(filter(None, details))))


def _more(body: Fields) -> Iterator[tuple[str, JSON]]:
    termination = body.fields("termination")
    if by := termination.text("byProc"):
        yield "terminating_process", by
    region = body.text("vmRegionInfo") or body.text("vmregioninfo")
    if region:
        yield "vm_region_info", region
    if meaning := _syndrome(body):
        yield "exception_syndrome", meaning


def _syndrome(body: Fields) -> str | None:
    """What the processor said about a failed access, of the thread that failed."""
    if body.fields("exception").text("type") != _SYNDROME_FOR:
        return None
    states = (one.fields("threadState") for one in body.items("threads") if one.flag("triggered"))
    told = (state.fields(name).text("description") for state in states for name in ("esr", "trap"))
    return next((text.strip(" ()") for text in told if text), None)
