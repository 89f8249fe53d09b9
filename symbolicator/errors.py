"""Every error that a user can meet, in one tree; each text ends with what to do next.

::

    SymbolicatorError
    ├── UnreadableInput      the crash report cannot be read at all (exit code 2)
    ├── MalformedArtifact    a source map or debug file cannot be read
    ├── StoreError           the store of artifacts cannot be opened or written
    └── FetchFailed          a URL was not fetched (`symbolicator.store.web`); a store makes it a `Missing`
"""


class SymbolicatorError(Exception):
    """Base of all errors with a text meant for the user."""


class UnreadableInput(SymbolicatorError):  # noqa: N818 - reads as what it says; the tree's root has the suffix
    """The report cannot be read at all. ``path`` names the field, as in ``exception.values[0].type``."""

    def __init__(self, message: str, *, path: str | None = None) -> None:
        super().__init__(message)
        self.path = path


class MalformedArtifact(SymbolicatorError):  # noqa: N818 - as above
    """A source map or debug file cannot be read."""


class StoreError(SymbolicatorError):
    """The store of artifacts cannot be opened or written."""
