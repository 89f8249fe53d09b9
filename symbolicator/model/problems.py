"""Why something could not be resolved, and what to do about it: data, never an exception."""

from symbolicator.model.base import Model


class Problem(Model, frozen=True, kw_only=True):
    """One entry of the event's ``errors``. Types are Sentry's where it has one, such as ``native_missing_dsym``."""

    type: str
    message: str | None = None
    """What happened, one sentence."""
    remedy: str | None = None
    """What to do about it, one sentence."""
    url: str | None = None
    image_path: str | None = None
    image_uuid: str | None = None
    image_arch: str | None = None

    @property
    def id(self) -> str:
        """Links a frame's ``data.problem`` to this entry: the type and what it is about."""
        return ":".join(part for part in (self.type, self.url or self.image_path or self.image_uuid) if part)
