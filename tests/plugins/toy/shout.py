"""A toy language: crashes read ``SHOUT! boom`` and ``^ WORD``; a ``.shoutmap`` file says ``WORD = function file line``.

What a third party writes to add a language: a reader, an identifier, a transformer and a table of rules about whose code
frames are, named in its entry points.
"""

from pathlib import Path

from msgspec.structs import replace

from symbolicator.model import Event, ExceptionValue, Frame, FrameStatus, Problem, Stacktrace, Values
from symbolicator.model.edit import rewrite_frames, stacks_of, unresolved, with_data, with_problems
from symbolicator.model.frame_rules import RuleTable
from symbolicator.protocols import Artifact, Identity, Key

WORDS = Key("shoutmap", "name", "words.shoutmap")


class Reader:
    name = "Shout crash"

    def detect(self, head):
        return 1.0 if head.startswith(b"SHOUT!") else 0.0

    def read(self, data):
        title, *lines = data.decode().splitlines()
        frames = tuple(Frame(function=line[2:], platform="shout") for line in reversed(lines) if line[:2] == "^ ")
        error = ExceptionValue(type="Shout", value=title[7:], stacktrace=Stacktrace(frames=frames))
        return Event(platform="shout", exception=Values(values=(error,)))


class Identifier:
    name = "shout maps"
    kinds = frozenset({"shoutmap"})

    def identify(self, name, data):
        return (Identity("shoutmap", frozenset({WORDS}), "map of shouts"),) if name.endswith(".shoutmap") else ()

    def load(self, kind, blob, cache):
        with blob.open() as data:
            lines = bytes(data).decode().splitlines()
        return {word.strip(): place.split() for word, place in (line.split("=") for line in lines)}


class Transformer:
    name = "shout"

    def needs(self, event, artifacts):
        mine = any(frame.platform == "shout" for _, stack in stacks_of(event) for frame in stack.frames)
        return frozenset({WORDS} if mine else ())

    def transform(self, event, artifacts):
        found = artifacts.get(WORDS)
        words = found.content if isinstance(found, Artifact) else {}
        missing = Problem(type="shout_missing_word", message="The map has no such word.", remedy="Shout clearly.")

        def resolve(stack, index):
            frame = stack.frames[index]
            if frame.platform != "shout":
                return None
            if frame.function not in words:
                return (unresolved(frame, FrameStatus.MISSING_SYMBOL, missing),)
            function, file, line = words[frame.function]
            done = replace(frame, raw_function=frame.function, function=function, filename=file, lineno=int(line))
            return (with_data(done, status=FrameStatus.SYMBOLICATED),)

        event = rewrite_frames(event, resolve)
        lost = any(
            frame.status is FrameStatus.MISSING_SYMBOL for _, stack in stacks_of(event) for frame in stack.frames
        )
        return with_problems(event, [missing] if lost else [])


READER, IDENTIFIER, TRANSFORMER = Reader(), Identifier(), Transformer()
RULES = [RuleTable(Path(__file__).with_name("shout.toml"), frozenset({"shout"}))]
