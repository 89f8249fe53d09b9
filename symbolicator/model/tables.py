"""Reads the tables that people and plug-ins write in TOML: bridge rules, rules about frames."""

import tomllib

import msgspec
from msgspec import Struct

from symbolicator.errors import UnreadableInput
from symbolicator.model.bridges import Bridge
from symbolicator.model.frame_rules import FrameRule, globs_of

MAX_RULES = 1_000
MAX_PATTERN = 500
MAX_PATTERNS = 500


def parse_bridge(text: str) -> Bridge:
    """Reads a table of bridge rules. Raises `ValueError` that says what is wrong with it."""
    return msgspec.convert(tomllib.loads(text), Bridge)


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    rules: tuple[FrameRule, ...] = ()


def parse_rules(text: str) -> tuple[FrameRule, ...]:
    """Reads a file of rules. Raises `UnreadableInput` that says which field is wrong."""
    try:
        rules = msgspec.convert(tomllib.loads(text), _File).rules
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UnreadableInput(f"The rules cannot be read: {error}. Correct the file.") from error
    if len(rules) > MAX_RULES:
        raise UnreadableInput(f"The file has {len(rules):,} rules; the limit is {MAX_RULES:,}. Put some together.")
    for rule in rules:
        _check(rule)
    return rules


def _check(rule: FrameRule) -> None:
    matchers = [one for one in (rule.match, rule.caller, rule.callee) if one is not None]
    globs = [glob for one in matchers for field in msgspec.structs.astuple(one) for glob in globs_of(field)]
    if not any(map(globs_of, msgspec.structs.astuple(rule.match))):
        raise UnreadableInput(f"Rule {rule.id} would match every frame. Name a function, module, package or path.")
    if rule.in_app is None and rule.fold is None:
        raise UnreadableInput(f"Rule {rule.id} says nothing about its frames. Give it in_app or fold.")
    if rule.in_app is not False and rule.system:
        raise UnreadableInput(
            f"Rule {rule.id} is of a system's code, and that is nobody's own. Give it in_app = false."
        )
    if any(len(glob) > MAX_PATTERN for glob in globs):
        raise UnreadableInput(f"Rule {rule.id} has a pattern of more than {MAX_PATTERN} characters. Shorten it.")
    if len(globs) > MAX_PATTERNS:
        raise UnreadableInput(f"Rule {rule.id} has more than {MAX_PATTERNS} patterns. Part it.")
