"""The file of rules that a command or a worker was given."""

from pathlib import Path

from symbolicator.errors import UnreadableInput
from symbolicator.model.frame_rules import FrameRule


def read_rules(path: Path | None) -> tuple[FrameRule, ...]:
    """The rules in a file; none without one. Raises `UnreadableInput` that says what is wrong with it."""
    if path is None:
        return ()
    from symbolicator.model.tables import parse_rules  # noqa: PLC0415 - without rules no TOML is read

    try:
        return parse_rules(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableInput(f"{path} cannot be read: {error}. Check the file of rules.") from error
