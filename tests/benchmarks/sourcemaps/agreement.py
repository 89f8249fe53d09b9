"""Share of positions for which two peers give the same source, line and column: ``agreement FOLDER OURS PEER``."""

import json
import posixpath
import sys
from pathlib import Path
from typing import Any, TypeAlias

Place: TypeAlias = tuple[str, int, int] | None


def share(folder: Path, ours: str, peer: str) -> float:
    """Between 0.0 and 1.0; two times "nothing there" agree."""
    pairs = list(zip(_answers(folder, ours), _answers(folder, peer), strict=True))
    return sum(one == other for one, other in pairs) / len(pairs)


def _answers(folder: Path, peer: str) -> list[Place]:
    return [_place(answer) for answer in json.loads((folder / f"{peer}.answers.json").read_text())]


def _place(answer: Any) -> Place:
    """Peers differ in how they write a source's path: what leads up and out of the folder is left away."""
    if answer is None or not answer[0]:
        return None
    source = posixpath.normpath(answer[0])
    while source.startswith("../"):
        source = source.removeprefix("../")
    return source, answer[1], answer[2]


def differences(folder: Path, ours: str, peer: str, limit: int = 10) -> list[str]:
    """The first few positions that differ, for whoever looks into one."""
    positions = json.loads((folder / "positions.json").read_text())
    answers = zip(positions, _answers(folder, ours), _answers(folder, peer), strict=True)
    return [f"{at}: {one} {other}" for at, one, other in answers if one != other][:limit]


if __name__ == "__main__":
    where, one, other = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    sys.stdout.write(
        "\n".join([*differences(where, one, other), json.dumps({"share": share(where, one, other)})]) + "\n"
    )
