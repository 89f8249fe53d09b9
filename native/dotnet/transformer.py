"""The .NET transformer: fills frames that name a method and an IL offset, from portable PDBs and assemblies.

It asks for the files of an assembly by its debug id. Frames that came with their line stay as they are. Lines of an
embedded source stand around the failing one, and a source link says where the file can be had.
"""

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from native.dotnet import problems
from native.dotnet.files import AssemblyFiles, found, wanted
from native.dotnet.frames import IMAGE_TYPES, address_of, image_of, is_own, is_readable, is_system
from native.dotnet.printed import address_by_name, identified, is_printed, wanted_modules
from native.images import Image, Images
from native.protocol import SourceLocation, SymCache
from native.source_paths import short, tidy
from symbolicator.enrich.source_context import LINES, MAX_COLUMNS
from symbolicator.model import DebugImage, Event, Frame, FrameStatus, LookupAddress, Problem, Stacktrace
from symbolicator.model.edit import rewrite_frames, stacks_of, unresolved, with_data, with_problems
from symbolicator.protocols import Artifacts, Key

_STATE_MACHINE = re.compile(r"(.*)\+<(\w+)>(?:d__|c__async|c__Iterator)\d*(?:`\d+)?(?:\[.*)?", re.DOTALL)


class DotnetTransformer:
    """Resolves by method and IL offset. Pure: everything comes from the event and the artifacts."""

    name = "dotnet"

    def needs(self, event: Event, artifacts: Artifacts) -> frozenset[Key]:
        """PDB, assembly and sources of each assembly that a frame without a line lies in."""
        images = Images.of(event)
        modules = wanted_modules(event, images)
        known = _used(event, identified(event, images, artifacts))
        return modules.union(key for image in known if image.debug_id or image.name for key in wanted(image))

    def transform(self, event: Event, artifacts: Artifacts) -> Event:
        """Resolves frames of .NET; leaves every other frame as it is."""
        images = identified(event, Images.of(event), artifacts)
        used = _used(event, images)
        run = _Run(event, images, {image: found(image, artifacts) for image in used})
        resolved = rewrite_frames(event, run.resolve)
        return _with_image_statuses(with_problems(resolved, run.problems.values()), run.files)


class _Run(Struct):
    """One event being resolved, and what went wrong so far."""

    event: Event
    images: Images
    files: Mapping[Image, AssemblyFiles]
    problems: dict[str, Problem] = field(default_factory=dict)

    def resolve(self, stack: Stacktrace, index: int) -> Sequence[Frame] | None:
        """The frame in place of the one at ``index``; None for those that are not of .NET."""
        frame = stack.frames[index]
        image = image_of(self.images, frame)
        if is_printed(frame):
            return self._by_name(frame, image)
        if not is_own(self.event, frame):
            return None
        if is_readable(frame):
            placed = replace(frame, package=frame.package or (image.path if image else None))
            return (with_data(placed, status=FrameStatus.AS_IS),)
        address = address_of(frame)
        if image is None or address is None:
            problem = self._noted(problems.unknown_assembly(frame.addr_mode or "no addr_mode"))
            return (unresolved(frame, FrameStatus.UNKNOWN_IMAGE, problem),)
        return (self._looked_up(frame, image, address),)

    def _by_name(self, frame: Frame, image: Image | None) -> Sequence[Frame] | None:
        """The frame with its line where that is found; without it is readable as it came."""
        files = self.files.get(image, AssemblyFiles()) if image else AssemblyFiles()
        if image and not image.debug_id and not image.name and not is_system(image, frame):
            self._noted(problems.missing_module(frame))
        address = address_by_name(frame, files.name_cache)
        line = _location(files.line_cache, address) if address is not None else None
        if image is None or line is None or not line.line:
            return None
        return (_placed(replace(frame, package=image.path), line, files),)

    def _looked_up(self, frame: Frame, image: Image, address: LookupAddress) -> Frame:
        files = self.files.get(image, AssemblyFiles())
        line = _location(files.line_cache, address)
        named = _named(frame, _name(files, line, address))
        named = replace(named, package=frame.package or image.path)
        if line and line.line:
            return _placed(named, line, files)
        if named.function and is_system(image, named):
            return with_data(named, status=FrameStatus.AS_IS)
        return self._without_line(named, image, files)

    def _without_line(self, frame: Frame, image: Image, files: AssemblyFiles) -> Frame:
        if files.lines is None:
            if files.missing and files.missing.malformed:
                return unresolved(frame, FrameStatus.MALFORMED, self._noted(problems.bad_pdb(image, files)))
            return unresolved(frame, FrameStatus.MISSING, self._noted(problems.missing_pdb(image, files)))
        problem = self._noted(problems.missing_method(image, files))
        return unresolved(frame, FrameStatus.MISSING_SYMBOL, problem)

    def _noted(self, problem: Problem) -> Problem:
        return self.problems.setdefault(problem.id, problem)


def _used(event: Event, images: Images) -> list[Image]:
    """The assemblies with frames that need looking up, each once."""
    frames = (frame for _, stack in stacks_of(event) for frame in stack.frames)
    unnamed = (f for f in frames if is_printed(f) or (is_own(event, f) and not is_readable(f)))
    wanting = (image_of(images, frame) for frame in unnamed)
    return list(dict.fromkeys(image for image in wanting if image))


def _location(symcache: SymCache | None, address: LookupAddress) -> SourceLocation | None:
    chain = symcache.lookup([address])[0] if symcache else ()
    return chain[0] if chain else None


def _name(files: AssemblyFiles, line: SourceLocation | None, address: LookupAddress) -> str | None:
    """Full name of the method that a person wrote.

    The PDB says which one a state machine runs, the assembly what that one is called.
    """
    if line and line.function:
        return line.function
    kickoff = LookupAddress(line.entry) if line and line.entry else address
    own = _location(files.name_cache, kickoff) or _location(files.name_cache, address)
    return own.function if own else None


def _named(frame: Frame, name: str | None) -> Frame:
    """The frame with its method's name; without one, what the SDK sent, and for state machines the method they run."""
    if name:
        return replace(frame, function=name, module=None)
    machine = _STATE_MACHINE.fullmatch(frame.module or "") if frame.function == "MoveNext" else None
    return replace(frame, module=machine[1], function=machine[2]) if machine else frame


def _placed(frame: Frame, line: SourceLocation, files: AssemblyFiles) -> Frame:
    path = tidy(line.file) if line.file else None
    sources = files.source_texts
    placed = replace(
        frame,
        abs_path=path or frame.abs_path,
        filename=short(path) if path else frame.filename,
        lineno=line.line,
        colno=line.column,
        lang=line.language or frame.lang,
        source_link=sources.link(line.file) if sources and line.file else None,
    )
    texts = sources.lines(line.file) if sources and line.file else None
    placed = _with_context(placed, texts) if texts else placed
    return with_data(placed, status=FrameStatus.SYMBOLICATED, resolved_with=files.resolved_with, evidence=line.evidence)


def _with_context(frame: Frame, lines: tuple[str, ...]) -> Frame:
    at = (frame.lineno or 0) - 1
    if not 0 <= at < len(lines):
        return frame
    return replace(
        frame,
        pre_context=tuple(line[:MAX_COLUMNS] for line in lines[max(0, at - LINES) : at]),
        context_line=lines[at][:MAX_COLUMNS],
        post_context=tuple(line[:MAX_COLUMNS] for line in lines[at + 1 : at + 1 + LINES]),
    )


def _with_image_statuses(event: Event, files: Mapping[Image, AssemblyFiles]) -> Event:
    """Says for each assembly what became of its files."""
    if event.debug_meta is None or not any(image.type in IMAGE_TYPES for image in event.images):
        return event
    statuses = {image.index: _status(found) for image, found in files.items()}

    def listed(index: int, image: DebugImage) -> DebugImage:
        is_own = image.type in IMAGE_TYPES and image.debug_status is None
        return replace(image, debug_status=statuses.get(index, "unused")) if is_own else image

    images = tuple(listed(index, image) for index, image in enumerate(event.images))
    return replace(event, debug_meta=replace(event.debug_meta, images=images))


def _status(files: AssemblyFiles) -> str:
    if files.lines:
        return "found"
    if files.missing and files.missing.malformed:
        return "malformed"
    return "wrong_id" if files.other_build else "missing"


TRANSFORMER = DotnetTransformer()
