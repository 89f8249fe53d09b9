r"""One call of .NET, as .NET, mono and Unity print it.

=======================================================================  ==========================================
``   at Shop.Cart.Total(Order order) in C:\src\Cart.cs:line 12``         .NET with a PDB; the words are localized
``   at Shop.Cart.<TotalAsync>d__3.MoveNext()``                          state machine of an async method
``   at Shop.Program.<>c.<Main>b__0_0(Line line)``                       lambda; ``<Main>g__Sum|0_1`` local function
``  at Shop.Box`1[T].First[U] (System.Int32 i) [0x00001] in <8355>:0``   mono: IL offset, and the module's version id
``  at Shop.Cart.Total (Shop.Order o) [0x0001d] in /src/Cart.cs:12``     mono with debug information
``  at (wrapper managed-to-native) Shop.Scanner.scan(long)``             mono's glue
``UnityEngine.EventSystems.EventSystem:Update()``                        Unity's engine, below the exception's calls
=======================================================================  ==========================================

mono's IL offsets are of the code as it was compiled, and the frame says no more than the method's name.
"""

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from native.crashes.raw_frames import last_group, position
from symbolicator.model import Frame, FrameData
from symbolicator.model.edit import with_data

if TYPE_CHECKING:
    from symbolicator.model import JSON

PLATFORM = "csharp"
GLUE = "runtime glue"
_AT = re.compile(r"\s*(?:at|bei|à|en|in|em|в|w|vid|ved|ve|bij|v|在|於|場所|위치:) (?=\S)")
_PLACE = re.compile(
    r" (?:in|dans|en|em|na|в|w|i|v|位置|於|場所|파일) (?P<file>\S.*?):"
    r"(?:line|Zeile|ligne|línea|riga|linha|строка|wiersz|rad|linje|regel|řádek|行号|行|줄) (?P<line>[0-9]{1,9})\.?\Z"
)
_MONO_PLACE = re.compile(
    r" \[0x(?P<il>[0-9a-f]{1,8})\] in (?:<(?P<mvid>[0-9a-f]{32})(?:#[0-9a-f]{1,32})?>:0|(?P<place>\S.*?)) ?\Z"
)
_UNITY_PLACE = re.compile(r" \(at (?:<(?P<mvid>[0-9a-f]{32})>:0|(?P<place>\S.*))\)\Z")
_OF_THE_ENGINE = re.compile(r"Unity(?:Engine|Editor)?\.[\w.+<>`]{1,300}:[\w.<>`]{1,200} ?\(.{0,1000}\)\s*\Z")
_PLACE_WINDOW = 1_500
"""In characters: no path is longer."""
_WRAPPER = re.compile(r"\(wrapper [a-z-]{1,60}\) ?")
_JAVA = re.compile(
    r"(?:[\w$.-]{1,400}\.(?:java|kt|kts|scala|groovy|clj)|SourceFile)(?::-?[0-9]{1,9})?\Z"
    r"|(?:Native [Mm]ethod|Unknown Source)\Z"
)
_NAME = re.compile(r"[\w.<>`|$+\[\],&*=:@{}~ -]{1,2000}\Z")
_ARITY = r"(?:`[0-9]{1,3})?(?:\[[^\]]{0,400}\])?\Z"
_POSITION = re.compile(r"://|:[0-9]{1,9}(?::[0-9]{1,9})?\Z")
_FOREIGN = re.compile(r"[/@\\]")
"""Java's modules and everybody's paths."""
_LAMBDA_METHOD = "lambda_method"
"""What an expression tree was compiled to."""
_STATE_MACHINE = re.compile(
    r"(?P<module>.{0,1500})[.+/]<(?P<function>[^<>]{1,400})>(?:d__|c__async|c__Iterator)[0-9]{0,9}" + _ARITY
)
_CLOSURE = re.compile(r"(?P<module>.{0,1500})[.+/]<>c(?:__DisplayClass[0-9]{1,6}_[0-9]{1,6})?" + _ARITY)
_LAMBDA = re.compile(r"<(?P<function>[^<>]{1,400})>(?:b__[0-9_]{1,20}|g__(?P<local>[^|]{1,400})\|[0-9_]{1,20})\Z")


def parse_frame(line: str) -> Frame | None:
    """The call on a line, None if it is none."""
    at = _AT.match(line)
    if at is None or (at[0][0] not in " \t" and line[:3] != "at "):
        return None
    return parse_call(line[at.end() :].rstrip())


def parse_engine_frame(line: str) -> Frame | None:
    """The call of Unity's engine on a line: it logs those below an exception's own calls, without ``at``."""
    return parse_call(line.rstrip(), is_sure=True) if _OF_THE_ENGINE.match(line) else None


def parse_call(text: str, *, is_sure: bool = False) -> Frame | None:
    """A call without the word in front of it. ``is_sure``: it can be no other language's."""
    wrapper = _WRAPPER.match(text)
    call = text[wrapper.end() :] if wrapper else text
    start = max(0, len(call) - _PLACE_WINDOW)
    place, mono, unity = (one.search(call, start) for one in (_PLACE, _MONO_PLACE, _UNITY_PLACE))
    found = place or mono or unity
    head = call[: found.start()] if found else call
    frame = _named(head, is_sure=is_sure or found is not None or wrapper is not None)
    if frame is None:
        return None
    frame = _placed(frame, place, mono or unity)
    if wrapper:
        return with_data(frame, machinery=GLUE)
    return frame


def _named(head: str, *, is_sure: bool) -> Frame | None:
    """The call's method and parameters: ``Shop.Cart.Total(Order order)``."""
    opened = last_group(head)
    if not opened:
        return None
    name, parameters = head[:opened].rstrip(), head[opened + 1 : -1]
    if not _NAME.match(name) or _JAVA.match(parameters):
        return None
    if not is_sure and not _is_plain_call(name, parameters, spaced=head[opened - 1] == " "):
        return None
    module, function, raw = split_method(name)
    notes: dict[str, JSON] = {"parameters": parameters} if parameters else {}
    return Frame(
        platform=PLATFORM,
        module=module,
        function=function,
        raw_function=raw,
        data=FrameData(extra=notes) if notes else None,
    )


def _is_plain_call(name: str, parameters: str, *, spaced: bool) -> bool:
    """Whether a call without a place is one of .NET: other languages print ``at name (place)``."""
    if spaced or "." not in name or _POSITION.search(parameters) or _FOREIGN.search(f"{name} {parameters}"):
        return name == _LAMBDA_METHOD
    return all(" " in part.strip() or part.endswith(" ") for part in _split_parameters(parameters) if part)


def _split_parameters(text: str) -> list[str]:
    """Parted by commas outside of brackets."""
    parts, depth, start = [], 0, 0
    for at, sign in enumerate(text):
        depth += (sign in "[<(") - (sign in "]>)")
        if sign == "," and depth <= 0:
            parts.append(text[start:at])
            start = at + 2
    return [*parts, text[start:]]


def split_method(name: str) -> tuple[str | None, str, str | None]:
    """Class and method as a person wrote them, and the name as printed where that is another one."""
    module, function = _split(name)
    machine = _STATE_MACHINE.match(module or "") if function == "MoveNext" else None
    if machine:
        return machine["module"], machine["function"], name
    written = _LAMBDA.match(function)
    if written is None:
        return module, function, None
    closure = _CLOSURE.match(module or "")
    owner = closure["module"] if closure else module
    return owner, f"{written['function']}.{written['local'] or '<lambda>'}", name


def _split(name: str) -> tuple[str | None, str]:
    """At the last dot or colon outside of brackets; constructors are called ``.ctor`` and ``.cctor``."""
    depth = 0
    for at in range(len(name) - 1, 0, -1):
        depth += (name[at] in "]>") - (name[at] in "[<")
        if depth == 0 and name[at] in ".:":
            is_constructor = name[at - 1] == "."
            return name[: at - is_constructor] or None, name[at + (not is_constructor) :]
    return None, name


def _placed(frame: Frame, place: re.Match[str] | None, other: re.Match[str] | None) -> Frame:
    if place:
        return replace(frame, filename=place["file"], abs_path=place["file"], lineno=int(place["line"]) or None)
    if other is None:
        return frame
    known = other.groupdict()
    file, line, column = position(known["place"]) if known["place"] else (None, None, None)
    frame = replace(frame, filename=file, abs_path=file, lineno=line, colno=column)
    notes: dict[str, JSON] = dict(frame.data.extra) if frame.data else {}
    notes |= {"il_offset": int(known["il"], 16)} if known.get("il") else {}
    notes |= {"mvid": known["mvid"]} if (known.get("mvid") or "").strip("0") else {}
    return with_data(frame, extra=notes) if notes else frame
