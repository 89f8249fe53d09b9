"""The IL2CPP transformer: native frames whose functions IL2CPP made of methods become frames of C#.

It runs after the native one, whose functions and lines of C++ it goes by, and looks the addresses up that frames of C#
came with. What says where a type's name ends and the method's begins is described in `native.il2cpp.names`.
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from native.il2cpp import problems
from native.il2cpp.code import Code
from native.il2cpp.frames import PLATFORM, csharp_frame
from native.il2cpp.managed import ManagedFrames
from native.il2cpp.names import as_written, generated_of, key_of
from native.own_frames import NATIVE_PLATFORMS
from native.transformer import with_image_statuses
from symbolicator.model import Event, Frame, FrameStatus, Problem, Stacktrace
from symbolicator.model.edit import annotate_frames, platform_of, rewrite_frames, stacks_of, with_data, with_problems
from symbolicator.protocols import Artifacts, Key


class Il2CppTransformer:
    """Resolves by the names and lines of generated code. Pure: everything comes from the event and the artifacts."""

    name = "il2cpp"

    def needs(self, event: Event, artifacts: Artifacts) -> frozenset[Key]:
        """What the addresses of C# frames need, then the mappings and sources of the generated functions."""
        managed = ManagedFrames(event)
        keys = managed.needs(artifacts)
        if not keys <= artifacts.keys():
            return keys
        managed.look_up(artifacts)
        return keys | Code(event, _calls(event, managed), artifacts).needs()

    def transform(self, event: Event, artifacts: Artifacts) -> Event:
        """Resolves generated functions, and frames of C# with addresses; leaves every other frame as it is."""
        managed = ManagedFrames(event)
        managed.look_up(artifacts)
        run = _Run(event, managed, Code(event, _calls(event, managed), artifacts))
        resolved = rewrite_frames(event, run.resolve)
        if not run.is_of_unity:
            return event
        resolved = annotate_frames(resolved, lambda frame: _spelled(event, frame))
        resolved = with_image_statuses(resolved, managed.statuses())
        return with_problems(resolved, [*managed.problems(), *run.problems.values()])


def _calls(event: Event, managed: ManagedFrames) -> Iterator[Frame]:
    """The native frames of the event, and those at the addresses of its C# frames."""
    for _, stack in stacks_of(event):
        for index, frame in enumerate(stack.frames):
            if _is_native(event, frame):
                yield frame
            yield from managed.calls(stack, index) or ()


def _is_native(event: Event, frame: Frame) -> bool:
    """Whether it is a native frame, or one that says nothing of its language."""
    return platform_of(event, frame) in {*NATIVE_PLATFORMS, None}


class _Run:
    """One event being resolved, and what went wrong so far."""

    def __init__(self, event: Event, managed: ManagedFrames, code: Code) -> None:
        self._event, self._managed, self._code = event, managed, code
        self.problems: dict[str, Problem] = {}
        self.is_of_unity = False

    def resolve(self, stack: Stacktrace, index: int) -> Sequence[Frame] | None:
        """The frames in place of the one at ``index``; None for those that are neither generated nor C#'s."""
        frame = stack.frames[index]
        calls = self._managed.calls(stack, index)
        if calls is not None:
            return self._with_address(frame, calls)
        is_made = _is_native(self._event, frame) and generated_of(frame)
        return (self._csharp(frame),) if is_made else None

    def _csharp(self, call: Frame) -> Frame:
        """A native call that IL2CPP made of a method."""
        self.is_of_unity = True
        generated = generated_of(call)
        if generated is None:
            return call
        found = self._code.place(call)
        frame = csharp_frame(call, generated, self._code.method(call, generated), found)
        is_done = found or not call.lineno or frame.in_app is False or self._code.knows(call)
        return frame if is_done else with_data(frame, problem=self._noted(problems.missing_mapping(call)))

    def _with_address(self, frame: Frame, calls: Sequence[Frame]) -> Sequence[Frame]:
        """A frame of C# with what is at its address; as it came where that is another method, or not known."""
        self.is_of_unity = True
        generated = [call for call in calls if generated_of(call)]
        if not generated:
            why = calls[-1].data.problem if calls and calls[-1].data else None
            return (with_data(frame, status=FrameStatus.AS_IS, problem=why),)
        methods = [self._csharp(call) for call in generated]
        key = key_of(frame)
        if key not in [method.data and method.data.method for method in methods]:
            shown = ".".join(filter(None, (methods[0].module, methods[0].function)))
            problem = self._noted(problems.other_method(frame, shown)) if key else None
            return (with_data(frame, status=FrameStatus.AS_IS, problem=problem),)
        return tuple(_named_as(frame, method) for method in methods)

    def _noted(self, problem: Problem) -> str:
        return self.problems.setdefault(problem.id, problem).id


def _named_as(frame: Frame, method: Frame) -> Frame:
    """The method at an address; the report's own frame has its name in full, and says whose code it is."""
    if not method.data or key_of(frame) != method.data.method:
        return method
    in_app = method.in_app if frame.in_app is None else frame.in_app
    named = as_written(frame)
    return replace(method, module=named.module, function=named.function, in_app=in_app)


def _spelled(event: Event, frame: Frame) -> Frame:
    """A frame of C# as its author called it, with what IL2CPP makes of it, by which it is found among native ones."""
    is_unnamed = platform_of(event, frame) == PLATFORM and not (frame.data and frame.data.method)
    key = key_of(frame) if is_unnamed else None
    return with_data(as_written(frame), method=key) if key else frame


TRANSFORMER = Il2CppTransformer()
