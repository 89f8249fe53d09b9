"""Languages as people call them, by the platform of a frame."""

from symbolicator.render.safe import safe

_NAMES = {
    "csharp": "C#", "dart": "Dart", "java": "Java", "javascript": "JavaScript", "node": "JavaScript",
    "lua": "Lua", "perl": "Perl", "php": "PHP", "python": "Python", "ruby": "Ruby",
}  # fmt: skip


def language_name(platform: str | None) -> str:
    """``JavaScript`` for ``node``; a platform that is no language is called by its own name."""
    return _NAMES.get(platform or "") or safe(platform or "", 12)
