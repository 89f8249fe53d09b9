"""Contexts of an event in Sentry's names, out of what Android's reports say about device, system and app.

Source: Android's Build.FINGERPRINT (brand/product/device:release/id/incremental:type/tags).
"""

import re

from symbolicator.model import JSON

_FINGERPRINT = re.compile(
    r"(?P<brand>[^/\n]{1,100})/(?P<product>[^/\n]{1,100})/(?P<device>[^:\n]{1,100}):(?P<release>[^/\n]{1,100})/"
    r"(?P<id>[^/\n]{1,100})/"
)
_PACKAGE = re.compile(r"(?P<package>(?:[A-Za-z]\w{0,100}\.){1,20}[A-Za-z]\w{0,100})(?::[\w.]{1,100})?\Z")
_TIMESTAMP = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}) (?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(?P<part>\.[0-9]{1,9})?(?P<zone>[+-][0-9]{4})?\Z"
)
_MICROSECONDS = 7


def contexts(fingerprint: str, arch: str | None, process: str) -> dict[str, JSON]:
    """``os``, ``device`` and ``app``, each with what is known."""
    match = _FINGERPRINT.match(fingerprint)
    system: dict[str, JSON] = {"name": "Android"}
    device: dict[str, JSON] = {}
    if match:
        system |= {"version": match["release"], "build": match["id"]}
        device |= {"brand": match["brand"], "model": match["device"]}
    if arch:
        device["arch"] = arch
    found: dict[str, JSON] = {"os": system, "device": device, "app": _app(process)}
    return {name: value for name, value in found.items() if value}


def _app(process: str) -> dict[str, JSON]:
    """A process is called by its app's package, and behind a colon by its own name."""
    match = _PACKAGE.match(process)
    named: dict[str, JSON] = {"app_identifier": match["package"]} if match else {}
    return named | ({"app_name": process} if process else {})


def iso_timestamp(text: str) -> str | None:
    """``2021-08-20 12:14:56.123456789+0200`` as ISO 8601 writes it, to microseconds; None for anything else."""
    match = _TIMESTAMP.match(text)
    if match is None:
        return None
    zone = match["zone"] or ""
    part = (match["part"] or "")[:_MICROSECONDS]
    return f"{match['day']}T{match['time']}{part}{zone[:3]}{':' if zone else ''}{zone[3:]}"
