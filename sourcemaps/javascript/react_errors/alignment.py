"""Which message of a development build a code of the production build of the same version stands for.

Four steps, each for what those before it left open: a wording that is known already; a similar one; the only message
between the same two neighbours, since both builds keep the order of the source; the only one with the same first words.
A message must take as many arguments as the code is thrown with; two codes share one only if both are listed with it.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from rapidfuzz import fuzz

from sourcemaps.javascript.react_errors.builds import Code

SIMILAR = 80.0
OPENING_WORDS = 4
_BOILERPLATE = ("Please file an issue.", "This error is likely caused by a bug in React.", "This is a bug in React.")

Wordings = dict[int, str]


def align(
    bundles: Sequence[tuple[Sequence[str], Sequence[Code]]],
    seen: Mapping[int, Sequence[str]],
    listed: Mapping[int, str],
) -> Wordings:
    """Wordings of one version. ``bundles``: messages and codes of each.

    ``seen``: wordings of each code in earlier builds; ``listed``: one that others say it has, which counts less.
    """
    messages = {text for texts, _ in bundles for text in texts}
    arguments = {code.number: code.arguments for _, codes in bundles for code in codes}
    known = {number: [*seen.get(number, ()), *_one(listed.get(number))] for number in arguments}
    found = {number: text for number in arguments for text in seen.get(number, ()) if text in messages}
    found |= _listed(arguments.keys() - found.keys(), listed, messages - set(found.values()))
    _add_similar(found, messages, arguments, known)
    found |= _listed(arguments.keys() - found.keys(), listed, messages)
    for _ in range(2):  # what was found by its neighbours is a neighbour itself
        _add_neighbours(found, bundles)
    _add_openings(found, messages, arguments, known)
    return found


def _one(text: str | None) -> Sequence[str]:
    return () if text is None else (text,)


def _listed(numbers: AbstractSet[int], listed: Mapping[int, str], messages: set[str]) -> Wordings:
    return {number: listed[number] for number in numbers if listed.get(number) in messages}


def _add_similar(
    found: Wordings, messages: set[str], arguments: Mapping[int, int], known: Mapping[int, Sequence[str]]
) -> None:
    free = messages - set(found.values())
    open_codes = [(number, text) for number in arguments if number not in found for text in known.get(number, ())]
    pairs = ((_likeness(text, new), number, new) for number, text in open_codes for new in free)
    fitting = (pair for pair in pairs if pair[0] >= SIMILAR and pair[2].count("%s") == arguments[pair[1]])
    for _, number, text in sorted(fitting, key=lambda pair: (-pair[0], pair[1:])):
        if number not in found and text not in found.values():
            found[number] = text


def _likeness(one: str, other: str) -> float:
    """0 to 100, without the sentences that many messages end with."""
    bare = [_without_boilerplate(text) for text in (one, other)]
    if min(map(len, bare)) < min(12, len(bare[0])):
        return 0.0
    return max(fuzz.ratio(*bare), 0.95 * fuzz.partial_ratio(*bare))


def _without_boilerplate(text: str) -> str:
    for sentence in _BOILERPLATE:
        text = text.replace(sentence, "")
    return text.strip()


def _add_neighbours(found: Wordings, bundles: Sequence[tuple[Sequence[str], Sequence[Code]]]) -> None:
    votes: dict[int, set[str]] = {}
    for messages, codes in bundles:
        for number, text in _between(found, messages, codes):
            votes.setdefault(number, set()).add(text)
    taken = [text for texts in votes.values() for text in texts]
    for number, texts in votes.items():
        text = min(texts)
        if len(texts) == 1 and taken.count(text) == 1:
            found[number] = text


def _add_openings(
    found: Wordings, messages: set[str], arguments: Mapping[int, int], known: Mapping[int, Sequence[str]]
) -> None:
    free = messages - set(found.values())
    openings: dict[tuple[str, ...], set[int]] = {}
    for number in arguments.keys() - found.keys():
        for text in known.get(number, ()):
            openings.setdefault(_opening(text), set()).add(number)
    for opening, numbers in openings.items():
        fitting = [text for text in free if _opening(text) == opening]
        if len(numbers) == len(fitting) == 1 and fitting[0].count("%s") == arguments[min(numbers)]:
            found[min(numbers)] = fitting[0]


def _opening(text: str) -> tuple[str, ...]:
    return tuple(text.split()[:OPENING_WORDS])


def _between(found: Wordings, messages: Sequence[str], codes: Sequence[Code]) -> Iterator[tuple[int, str]]:
    """The one open code and the one free message between the same two neighbours in both builds."""
    wanted = {text: number for number, text in found.items()}
    gaps: dict[tuple[str, str], list[str]] = {}
    for before, free, after in _runs(messages, set(wanted)):
        gaps.setdefault((before, after), []).extend(free)
    as_texts = [found.get(code.number, f"#{code.number}") for code in codes]
    arguments = {f"#{code.number}": code.arguments for code in codes}
    for before, free, after in _runs(as_texts, set(wanted)):
        texts, numbers = set(gaps.get((before, after), ())), set(free)
        if len(texts) == len(numbers) == 1:
            [text], [number] = texts, numbers
            if text.count("%s") == arguments[number]:
                yield int(number[1:]), text


def _runs(texts: Sequence[str], anchors: set[str]) -> Iterator[tuple[str, list[str], str]]:
    """What lies between two anchors that follow each other: the one before, the others, the one after."""
    before, run = "", list[str]()
    for text in (*texts, ""):
        if text in anchors or not text:
            if run:
                yield before, run, text
            before, run = text, []
        else:
            run.append(text)
