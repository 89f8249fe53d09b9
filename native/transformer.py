"""The native transformer: fills frames that have an address, from the debug files of the images they lie in.

It asks for one debug file an image, by build id, and by name only where the report has no id. Frames that came readable
stay as they are; every other one that does not resolve says why.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from native import problems
from native.addresses import image_of
from native.debug_files import DebugFile, hides_names, wanted_keys
from native.hidden_names import original_of, wanted_maps
from native.images import FORMATS, Image
from native.lookups import Answer, Lookups, images_of, own_places, used_images
from native.maps import wanted_address_maps
from native.own_frames import is_own, is_read_as_is, is_readable
from native.protocol import NEAREST, Evidence
from native.resolved_frames import resolved_frames
from native.swift_async import with_swift_awaits
from native.system_code import is_system_image
from symbolicator.model import Event, Frame, FrameStatus, Problem, Stacktrace
from symbolicator.model.edit import (
    annotate_frames,
    annotate_stacks,
    rewrite_frames,
    unresolved,
    with_data,
    with_problems,
)
from symbolicator.protocols import Artifacts, Key

_OF_EXPORTS: frozenset[Evidence] = frozenset({"export", NEAREST})


class NativeTransformer:
    """Resolves by address. Pure: everything comes from the event and the artifacts."""

    name = "native"

    def needs(self, event: Event, artifacts: Artifacts) -> frozenset[Key]:
        """The debug file of each image that a frame without a name lies in, step by step; maps for the rest."""
        known = images_of(event)
        images = [image for image in used_images(event, known) if image.is_supported]
        files = frozenset(key for image in images for key in wanted_keys(image, artifacts))
        hidden = (image for image in images if image.debug_id and hides_names(image, artifacts))
        maps = wanted_address_maps(known, event, own_places(event, known))
        return files.union(maps, *(wanted_maps(image.debug_id or "", artifacts) for image in hidden))

    def transform(self, event: Event, artifacts: Artifacts) -> Event:
        """Resolves native frames; leaves every other frame as it is."""
        run = Run(Lookups.of(event, artifacts), artifacts)
        resolved = annotate_frames(rewrite_frames(event, run.resolve), run.settle)
        resolved = annotate_stacks(resolved, with_swift_awaits)
        return with_image_statuses(with_problems(resolved, run.problems()), run.statuses())


class Run(Struct):
    """One event being resolved, and what went wrong so far."""

    lookups: Lookups
    artifacts: Artifacts
    _problems: dict[str, Problem] = field(default_factory=dict)
    _uncovered: list[int] = field(default_factory=list)
    _unnamed: dict[Image, list[int]] = field(default_factory=dict)
    _evidence: dict[Image, set[Evidence]] = field(default_factory=dict)

    def resolve(self, stack: Stacktrace, index: int) -> Sequence[Frame] | None:
        """The frames in place of the one at ``index``; None for those that are not native or came readable."""
        frame = stack.frames[index]
        if not is_own(self.lookups.event, frame) or is_readable(frame, image_of(self.lookups.images, frame)):
            return None
        if frame.instruction_addr is None:
            return None
        answer = self.lookups.answer(stack, index)
        self._note_companions(answer)
        if answer.chain and (answer.chain[0].function or answer.chain[0].line):
            if answer.image:
                self._evidence.setdefault(answer.image, set()).add(answer.chain[0].evidence)
            return resolved_frames(frame, answer)
        return (self._unresolved(frame, answer),)

    def settle(self, frame: Frame) -> Frame:
        """Marks a native frame that came readable."""
        if not is_own(self.lookups.event, frame) and not is_read_as_is(self.lookups.event, frame):
            return frame
        image = image_of(self.lookups.images, frame)
        if not is_readable(frame, image):
            return frame
        placed = replace(frame, package=frame.package or (image.path if image else None))
        return with_data(placed, status=FrameStatus.AS_IS)

    @property
    def _are_listed(self) -> bool:
        """Whether the report lists images at all."""
        return bool(self.lookups.event.images)

    def problems(self) -> list[Problem]:
        """All that went wrong."""
        found = list(self._problems.values())
        if self._uncovered:
            found.append(problems.unknown_image(self._uncovered, self.lookups.maps, are_listed=self._are_listed))
        files = self.lookups.files
        found += [problems.missing_symbol(image, files[image], addresses) for image, addresses in self._unnamed.items()]
        told = {image for image, file in files.items() if file.other_crc} | self._unnamed.keys()
        stripped = (image for image in self._evidence if self.is_stripped(image) and image not in told)
        found += [problems.stripped(image, files[image]) for image in stripped if not is_system_image(image.path)]
        found += [problems.no_lines(image, file) for image, file in files.items() if file.has_debug_map]
        return found + [self._hidden_names(image) for image in self.lookups.with_hidden_names]

    def _hidden_names(self, image: Image) -> Problem:
        original = original_of(image.debug_id, self.artifacts) if image.debug_id else None
        return problems.hidden_names(image, self.lookups.files[image], original)

    def is_stripped(self, image: Image) -> bool:
        """Whether the image's file was found and has nothing left that names a function of its own."""
        file = self.lookups.files[image]
        if file.symcache is None:
            return file.binary is not None and not problems.is_other_build(image, file)
        return not file.has_debug_info and not self._evidence.get(image, set()) - _OF_EXPORTS

    def statuses(self) -> dict[int | None, str]:
        """What became of the debug file of each image, by the image's number."""
        return {image.index: self.status_of(image) for image in self.lookups.files}

    def status_of(self, image: Image) -> str:
        """What became of the image's debug file, as ``debug_status`` says it."""
        file = self.lookups.files[image]
        if not image.is_supported:
            return "unsupported"
        if file.is_malformed:
            return "malformed"
        if problems.is_other_build(image, file):
            return "wrong_id"
        if self.is_stripped(image):
            return "stripped"
        return "found" if file.symcache is not None else "missing"

    def _note_companions(self, answer: Answer) -> None:
        """A frame without debug information, or with calls that have no name, may miss what is in another file."""
        is_complete = answer.chain and all(call.function and call.evidence == "debug info" for call in answer.chain)
        if is_complete or answer.image is None or answer.file is None or answer.file.symcache is None:
            return
        if answer.file.lacking:
            self._noted(problems.missing_companion(answer.image, answer.file))
        if answer.file.other_crc:
            self._noted(problems.other_crc(answer.image, answer.file))

    def _unresolved(self, frame: Frame, answer: Answer) -> Frame:
        status, problem = self._failure(frame, answer)
        package = frame.package or (answer.image.path if answer.image else None)
        return unresolved(replace(frame, package=package), status, problem)

    def _failure(self, frame: Frame, answer: Answer) -> tuple[FrameStatus, Problem]:
        address = int(frame.instruction_addr or 0)
        image, file = answer.image, answer.file
        if image is None or file is None:
            self._uncovered.append(address)
            return FrameStatus.UNKNOWN_IMAGE, problems.unknown_image(
                [address], self.lookups.maps, are_listed=self._are_listed
            )
        if file.symcache is None:
            return self._no_file(image, file)
        if answer.no_base:
            problem = self._noted(problems.unknown_base(image, file, answer.no_base))
            return FrameStatus.UNKNOWN_IMAGE, problem
        self._unnamed.setdefault(image, []).append(address)
        return FrameStatus.MISSING_SYMBOL, problems.missing_symbol(image, file, [address])

    def _no_file(self, image: Image, file: DebugFile) -> tuple[FrameStatus, Problem]:
        if not image.is_supported:
            return FrameStatus.MISSING, self._noted(problems.unsupported(image))
        if file.is_malformed:
            return FrameStatus.MALFORMED, self._noted(problems.bad_file(image, file))
        return FrameStatus.MISSING, self._noted(problems.missing_file(image, file))

    def _noted(self, problem: Problem) -> Problem:
        self._problems.setdefault(problem.id, problem)
        return problem


def with_image_statuses(event: Event, statuses: Mapping[int | None, str]) -> Event:
    """Says for each native image what became of its debug file."""
    if event.debug_meta is None or not statuses:
        return event
    listed = tuple(
        replace(image, debug_status=statuses.get(index, "unused"))
        if index in statuses or (image.type and image.type in FORMATS and image.debug_status is None)
        else image
        for index, image in enumerate(event.images)
    )
    return replace(event, debug_meta=replace(event.debug_meta, images=listed))


TRANSFORMER = NativeTransformer()
