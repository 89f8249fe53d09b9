"""Why something was not fetched, inside this package; to everybody else it is a `Missing`."""

from symbolicator.errors import SymbolicatorError

CHECK = "Check that it is deployed there, or pass the folder that holds it with --artifacts."


class FetchFailed(SymbolicatorError):  # noqa: N818 - as its siblings
    """``outcome``: two words for the log; the text: what happened; ``remedy``: what to do about it."""

    def __init__(self, outcome: str, why: str, remedy: str = CHECK) -> None:
        super().__init__(why)
        self.outcome = outcome
        self.remedy = remedy
