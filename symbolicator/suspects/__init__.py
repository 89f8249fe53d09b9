"""Which commit is likely to have caused a crash, and what speaks for it.

The own frames of the merged trace are looked up in the history of the program's repositories, at the commit that was
released::

    event = find_suspects(event, [Path("shop"), Path("shop-native")])
    event.suspects[0].subject

Frames become files by their path's longest unique suffix (`paths`), lines are compared with the frame's source text
(`lines`), git says who changed them (`changes`, `repository`, `blame`), and what speaks for each commit is weighed
(`score`).
Only `git` runs a program, and only `repository` asks it.
"""

from symbolicator.suspects.find import find_suspects

__all__ = ["find_suspects"]
