"""What is known of the code that IL2CPP made: asked of the store for the functions of an event, and what came of it.

Lines: a comment of the generated C++ where that is among the artifacts, else a line mapping, by the image's debug id or
by the paths in it. Methods: the method map, a comment, a frame of C# in the same event, or the function's own name
where that can be parted in one way only.
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from native.il2cpp.generated_code import GeneratedCode
from native.il2cpp.identifier import LINES, MAPPING_NAME, METHOD_MAP_NAME, METHODS
from native.il2cpp.line_mapping import LineMapping, Place
from native.il2cpp.method_map import MethodMap
from native.il2cpp.names import Generated, Method, as_written, generated_of, key_of, method_of
from native.il2cpp.signatures import Signature
from symbolicator.enrich.image_ids import ImageIds
from symbolicator.enrich.source_bundles import KIND as BUNDLE
from symbolicator.enrich.source_bundles import SourceBundle
from symbolicator.enrich.source_files import KIND as SOURCE
from symbolicator.enrich.source_files import SourceFile, is_same_file
from symbolicator.model import Event, Frame
from symbolicator.model.edit import platform_of, stacks_of
from symbolicator.protocols import Artifact, Artifacts, Key

_CSHARP = "csharp"


class FoundPlace(Struct, frozen=True):
    """A line of C#, in which artifact it was found, and what that was found by."""

    place: Place
    artifact: str
    evidence: str
    found_by: str


class Code:
    """Answers for the generated functions of one event: ``frames`` are native ones."""

    def __init__(self, event: Event, frames: Iterable[Frame], artifacts: Artifacts) -> None:
        self._event, self._artifacts = event, artifacts
        self._ids = ImageIds(event)
        self._frames = [frame for frame in frames if generated_of(frame)]
        self._read: dict[tuple[Key, str], GeneratedCode] = {}
        self._told = _told_methods(event)
        self._listed = self._from_method_map()

    def needs(self) -> frozenset[Key]:
        """Mappings by the ids of the images and by name, and the generated files themselves."""
        if not self._frames:
            return frozenset()
        names = {self._named(LINES, MAPPING_NAME), self._named(METHODS, METHOD_MAP_NAME)}
        return frozenset(names).union(*(self._keys(frame) for frame in self._frames))

    def knows(self, frame: Frame) -> bool:
        """Whether the frame's file of C++ is known: then a line that is of no line of C# is glue."""
        path = frame.abs_path or ""
        is_mapped = any(key.by == "debug_id" or mapping.has(path) for key, _, mapping in self._mappings(frame))
        return is_mapped or any(code.has_places for _, _, code in self._sources(frame))

    def place(self, frame: Frame) -> FoundPlace | None:
        """The line of C# that a frame's line of C++ was made of."""
        if not frame.lineno or not frame.abs_path:
            return None
        return self._by_comment(frame, frame.lineno) or self._by_mapping(frame, frame.abs_path, frame.lineno)

    def method(self, frame: Frame, generated: Generated) -> Method | None:
        """The method, as far as anything says where its type's name ends."""
        signature = self._listed.get(generated.symbol) or self._commented(frame, generated)
        if signature:
            return signature.method
        return self._told.get(generated.key) or method_of(generated)

    def _by_comment(self, frame: Frame, line: int) -> FoundPlace | None:
        for key, name, code in self._sources(frame):
            if place := code.place(line):
                return FoundPlace(place, name, "source comment", _found_by(key))
        return None

    def _by_mapping(self, frame: Frame, path: str, line: int) -> FoundPlace | None:
        for key, name, mapping in self._mappings(frame):
            if place := mapping.find(path, line):
                return FoundPlace(place, name, "line mapping", _found_by(key))
        return None

    def _commented(self, frame: Frame, generated: Generated) -> Signature | None:
        told = (code.signature(generated) for _, _, code in self._sources(frame))
        return next((signature for signature in told if signature), None)

    def _from_method_map(self) -> Mapping[str, Signature]:
        found = self._artifacts.get(self._named(METHODS, METHOD_MAP_NAME))
        if not isinstance(found, Artifact) or not isinstance(found.content, MethodMap):
            return {}
        generated = [one for frame in self._frames if (one := generated_of(frame))]
        listed = found.content.find(one.symbol for one in generated)
        keys = {one.symbol: one.key for one in generated}
        return {symbol: signature for symbol, signature in listed.items() if signature.key == keys[symbol]}

    def _keys(self, frame: Frame) -> Iterator[Key]:
        for by, value in self._ids.of(frame):
            yield Key(BUNDLE, by, value)
            if by == "debug_id":
                yield Key(LINES, by, value)
        if frame.abs_path:
            yield self._source_key(frame)

    def _named(self, kind: str, name: str) -> Key:
        return Key(kind, "name", name, self._event.release or "", self._event.dist or "")

    def _source_key(self, frame: Frame) -> Key:
        return Key(SOURCE, "path", frame.abs_path or "", self._event.release or "", self._event.dist or "")

    def _mappings(self, frame: Frame) -> Iterator[tuple[Key, str, LineMapping]]:
        """By id first. One of a name counts only where it does not say that it is of another image."""
        ids = [value for by, value in self._ids.of(frame) if by == "debug_id"]
        for key in (*(Key(LINES, "debug_id", value) for value in ids), self._named(LINES, MAPPING_NAME)):
            found = self._artifacts.get(key)
            if isinstance(found, Artifact) and isinstance(found.content, LineMapping):
                is_of_another = ids and found.content.debug_id not in (None, *ids)
                if not is_of_another:
                    yield key, found.name, found.content

    def _sources(self, frame: Frame) -> Iterator[tuple[Key, str, GeneratedCode]]:
        """The generated file of a frame, as it lies among the artifacts or in a source bundle."""
        keys = [Key(BUNDLE, by, value) for by, value in self._ids.of(frame)]
        path = frame.abs_path or ""
        for key in (self._source_key(frame), *keys) if path else ():
            found = self._artifacts.get(key)
            if isinstance(found, Artifact) and (lines := _lines(found, path)):
                place = (key, path)
                if place not in self._read:
                    self._read[place] = GeneratedCode(lines)
                yield key, found.name, self._read[place]


def _lines(found: Artifact, path: str) -> tuple[str, ...] | None:
    """The text at a path, if the artifact is the file of that path, or a bundle that has it."""
    match found.content:
        case SourceBundle():
            return found.content.lines(path)
        case SourceFile(lines=lines) if is_same_file(path, found.name):
            return lines
    return None


def _found_by(key: Key) -> str:
    """The word of `FrameData.resolved_with`: a file of a name counts where it has the path of the generated code."""
    return {"debug_id": "debug-id", "code_id": "build-id"}.get(key.by, "path")


def _told_methods(event: Event) -> dict[str, Method]:
    """The methods of the event's frames of C# by what IL2CPP makes of them; not where two would be the same."""
    found: dict[str, set[tuple[str | None, str]]] = {}
    for _, stack in stacks_of(event):
        for frame in stack.frames:
            key = key_of(frame) if platform_of(event, frame) == _CSHARP else None
            if key:
                named = as_written(frame)
                found.setdefault(key, set()).add((named.module, named.function or ""))
    return {key: Method(*methods.pop()) for key, methods in found.items() if len(methods) == 1}
