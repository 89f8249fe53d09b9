"""Which images belong to the system, by the tables of rules: nobody is expected to have debug files for them."""

from functools import lru_cache

from symbolicator import plugins
from symbolicator.model import Frame


@lru_cache(maxsize=4_096)
def is_system_image(package: str | None) -> bool:
    """Whether an image belongs to the system, or to a language that is installed like it."""
    return package is not None and plugins.frame_rules("native").is_system(Frame(package=package))
