"""Which processor a dump is of, by Sentry's name of one whose stacks are walked."""

from collections import Counter

from symbolicator.model import Event

WALKED = ("x86_64", "x86", "arm64", "arm")
_SPELLINGS = {"amd64": "x86_64", "i386": "x86", "i686": "x86", "aarch64": "arm64"}
_BY_REGISTER = (("rip", "x86_64"), ("eip", "x86"), ("x0", "arm64"), ("r0", "arm"))


def arch_of(event: Event) -> str | None:
    """By the device, else by most of the images, else by the names of registers; None if stacks are not walked."""
    stated = _device(event)
    listed = Counter(known for image in event.images if (known := _known(image.arch)))
    by_images = next((name for name, _ in listed.most_common(1)), None)
    return _known(stated) or by_images or _by_registers(event)


def _device(event: Event) -> str | None:
    device = (event.contexts or {}).get("device")
    arch = device.get("arch") if isinstance(device, dict) else None
    return arch if isinstance(arch, str) else None


def _known(arch: str | None) -> str | None:
    name = (arch or "").lower()
    name = _SPELLINGS.get(name, name)
    return next((one for one in WALKED if name.startswith(one) and name != "arm64_32"), None)


def _by_registers(event: Event) -> str | None:
    names = {name for thread in event.thread_list if thread.stacktrace for name in thread.stacktrace.registers or {}}
    return next((arch for register, arch in _BY_REGISTER if register in names), None)
