"""Rules ready to be asked: which of them mean a frame, the last one first.

::

    rules = RuleSet(parse_rules(text))
    rule = rules.owner(frame)       # who says whose code it is
"""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter

from symbolicator.model.frame_rules import FrameRule, Matcher, globs_of
from symbolicator.model.frames import Frame
from symbolicator.model.globs import Globs, as_it_is, file_name, in_path

Platform = Callable[[Frame], str | None]

_PARTS = ("match", "caller", "callee")


def _function(frame: Frame) -> str | None:
    """The name, unless it may be another function's."""
    return None if frame.data and frame.data.symbol_distance is not None else frame.function


_VALUES: tuple[tuple[str, Callable[[str], str], Callable[[Frame], str | None]], ...] = (
    ("function", as_it_is, _function),
    ("module", as_it_is, attrgetter("module")),
    ("package", in_path, attrgetter("package")),
    ("library", file_name, attrgetter("package")),
    ("path", in_path, lambda frame: frame.abs_path or frame.filename),
)
"""Fields of a matcher, how they are compared, and what a frame has of them; beside the platform."""


class RuleSet:
    """Rules in order. A matcher's number says which rule it belongs to and whether it is its caller's or callee's."""

    def __init__(self, rules: Iterable[FrameRule] = ()) -> None:
        self._rules = tuple(rules)
        self._families = Globs()
        self._values = {field: (Globs(prepare), of) for field, prepare, of in _VALUES}
        self._needed: dict[int, int] = {}
        self._choosy = {at for at, rule in enumerate(self._rules) if rule.caller or rule.callee}
        for index, rule in enumerate(self._rules):
            for part, matcher in enumerate((rule.match, rule.caller, rule.callee)):
                if matcher is not None:
                    self._add(matcher, index * len(_PARTS) + part)
        self._named = [(globs, of) for globs, of in self._values.values() if globs]

    def __bool__(self) -> bool:
        return bool(self._rules)

    def _add(self, matcher: Matcher, number: int) -> None:
        fields = {"family": self._families, **{field: globs for field, (globs, _) in self._values.items()}}
        named = {field: globs_of(getattr(matcher, field)) for field in fields}
        self._needed[number] = sum(map(bool, named.values()))
        for field, globs in named.items():
            for glob in globs:
                fields[field].add(glob, number)

    def owner(self, frame: Frame) -> FrameRule | None:
        """The rule that says whose code a frame is that stands by itself."""
        return self._owner(self._hits(frame, None))

    def is_system(self, frame: Frame) -> bool:
        """Whether such a frame is a system's or a language's own code."""
        rule = self.owner(frame)
        return rule is not None and rule.system

    def owner_by(self, field: str, value: str) -> FrameRule | None:
        """The same for a frame of which nothing else is known than one field of a `Matcher`."""
        found = self._values[field][0].hits(value)
        return self._owner([number for number in found if self._needed[number] == 1])

    def _owner(self, hits: Sequence[int]) -> FrameRule | None:
        fitting = (self._rules[number // len(_PARTS)] for number in reversed(hits) if number % len(_PARTS) == 0)
        return next((rule for rule in fitting if rule.in_app is not None and not (rule.caller or rule.callee)), None)

    def matching(self, frames: Sequence[Frame], at: int, platform: Platform) -> Sequence[FrameRule]:
        """The rules that mean a frame among its neighbours (caller to callee), last one first."""
        hits = self._hits(frames[at], platform(frames[at]) if self._families else None)
        if not hits:
            return ()
        found = [number // len(_PARTS) for number in reversed(hits) if number % len(_PARTS) == 0]
        if not self._choosy.isdisjoint(found):
            found = [index for index in found if self._is_among(index, frames, at, platform)]
        return [self._rules[index] for index in found]

    def _is_among(self, index: int, frames: Sequence[Frame], at: int, platform: Platform) -> bool:
        rule, number = self._rules[index], index * len(_PARTS)
        return all(
            matcher is None
            or (0 <= near < len(frames) and number + part in self._hits(frames[near], platform(frames[near])))
            for part, matcher, near in ((1, rule.caller, at - 1), (2, rule.callee, at + 1))
        )

    def _hits(self, frame: Frame, platform: str | None) -> Sequence[int]:
        """Numbers of the matchers all of whose fields match, in order."""
        found = [number for globs, of in self._named if (value := of(frame)) for number in globs.hits(value)]
        if platform and self._families:
            found += self._families.hits(platform)
        if len(found) < 2:  # noqa: PLR2004 - one hit needs no counting
            return found if found and self._needed[found[0]] == 1 else ()
        return sorted(number for number in set(found) if found.count(number) == self._needed[number])


NO_RULES = RuleSet()
