"""Where the program ran: contexts of the system, the device and the program, in Sentry's names."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from native.crashes.minidump.systems import System, system_name, system_of
from native.images import base_name
from symbolicator.model import JSON

if TYPE_CHECKING:
    from symbolicator import _core

_MAX_DIGITS = 10


def contexts_of(dump: "_core.Minidump") -> dict[str, JSON]:
    """Contexts ``os``, ``device`` and ``app``; those that the dump says nothing about are missing."""
    found = {"os": _os(dump), "device": _device(dump), "app": _app(dump)}
    return {name: _known(fields) for name, fields in found.items() if _known(fields)}


def _known(fields: Mapping[str, JSON]) -> dict[str, JSON]:
    return {name: value for name, value in fields.items() if value not in (None, "")}


def _os(dump: "_core.Minidump") -> dict[str, JSON]:
    system = dump.system
    if system is None:
        return {}
    kind, release = system_of(dump), dict(dump.linux.release)
    version, build = _version(kind, system)
    return {
        "name": system_name(system.platform_id),
        "version": version,
        "build": build,
        "kernel_version": _kernel(system.csd_version) if kind == "linux" else None,
        "distribution_name": release.get("DISTRIB_ID") or release.get("NAME"),
        "distribution_version": release.get("DISTRIB_RELEASE") or release.get("VERSION_ID"),
        "raw_description": system.csd_version if kind in ("linux", "other") else None,
    }


def _version(kind: System, system: "_core.MinidumpSystem") -> tuple[str | None, str | None]:
    """Version and build. Linux has none of its own: that is the kernel's."""
    major, minor, build = system.version
    numbers = f"{major}.{minor}.{build}" if any(system.version) else None
    if kind == "windows":
        return f"{major}.{minor}.{build}", system.csd_version
    if kind == "linux":
        return _kernel(system.csd_version) or numbers, None
    return numbers, system.csd_version


def _kernel(uname: str) -> str | None:
    """``6.1.0-18-amd64`` of ``Linux 6.1.0-18-amd64 #1 SMP … x86_64``, as uname(1) prints it."""
    words = uname.split()
    return next((word for word in words[:3] if word[0].isdigit()), None)


def _device(dump: "_core.Minidump") -> dict[str, JSON]:
    system = dump.system
    if system is None:
        return {}
    return {
        "arch": system.arch,
        "processor_count": system.processors or None,
        "cpu_description": dump.linux.cpu_model or system.cpu_info,
    }


def _app(dump: "_core.Minidump") -> dict[str, JSON]:
    """The program is the first image; where Linux's own texts are there, what they call it."""
    process = dump.process
    status = dict(dump.linux.status)
    program = dump.linux.program or (dump.modules[0].name if dump.modules else "")
    started = process.create_time if process else None
    return {
        "app_name": base_name(program) if program else status.get("Name"),
        "app_version": dump.modules[0].version if dump.modules else None,
        "app_start_time": _time(started) if started else None,
        "process_id": process.id if process and process.id is not None else _number(status.get("Pid")),
    }


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else None


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
