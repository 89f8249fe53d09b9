"""One event's way: each transformer is given what it asks for, then the stacks are merged and the frames enriched.

::

    event = resolve(event, transformers, store, plugins.bridges)

This is the only place that asks the store. A transformer that fails costs its own frames, never the event.
"""

from collections.abc import Iterable

from symbolicator.enrich import SOURCE_CONTEXT, Rules, enrich, with_rules
from symbolicator.errors import StoreError
from symbolicator.merge import BridgeTables, merge
from symbolicator.model import Event, Problem
from symbolicator.model.edit import with_problems
from symbolicator.protocols import Artifact, Key, Missing, Store, Transformer

NO_RULES = Rules()
MAX_ROUNDS = 64
"""How often a transformer may ask for more: a chain of artifacts longer than this is a loop."""
MAX_KEYS = 20_000
"""How much one transformer may ask for in all."""


def resolve(
    event: Event,
    transformers: Iterable[Transformer],
    store: Store,
    bridges: BridgeTables = tuple,
    rules: Rules = NO_RULES,
) -> Event:
    """Resolves, merges and enriches an event. Never raises for what is in it."""
    for transformer in transformers:
        event = run(transformer, event, store)
    event = merge(with_rules(event, rules), bridges)
    return enrich(run(SOURCE_CONTEXT, event, store))


def run(transformer: Transformer, event: Event, store: Store) -> Event:
    """Lets one transformer resolve its frames."""
    try:
        artifacts, complaint = _gather(transformer, event, store)
        transformed = transformer.transform(event, artifacts)
        if not isinstance(transformed, Event):
            raise TypeError(f"transform() returned {type(transformed).__name__}, not an Event")  # noqa: TRY301 - a bug of the plug-in like any other, handled below
    except Exception as error:  # noqa: BLE001 - plug-ins are strangers; the event goes on without this one
        return with_problems(event, [_failure(transformer, f"{type(error).__name__}: {error}")])
    return with_problems(transformed, [complaint] if complaint else [])


def _gather(
    transformer: Transformer, event: Event, store: Store
) -> tuple[dict[Key, Artifact | Missing], Problem | None]:
    """Asks the transformer what it needs until it wants nothing new."""
    artifacts: dict[Key, Artifact | Missing] = {}
    for _ in range(MAX_ROUNDS):
        wanted = transformer.needs(event, artifacts) - artifacts.keys()
        if not wanted:
            return artifacts, None
        if len(artifacts) + len(wanted) > MAX_KEYS:
            return artifacts, _failure(transformer, f"it asked for more than {MAX_KEYS} artifacts")
        artifacts |= _fetch(store, wanted)
    return artifacts, _failure(transformer, f"it still asked for more after {MAX_ROUNDS} rounds")


def _fetch(store: Store, wanted: frozenset[Key]) -> dict[Key, Artifact | Missing]:
    """An answer for every key, whatever the store does: a transformer must not ask for the same key for ever."""
    try:
        found = store.fetch(wanted)
    except (StoreError, OSError) as error:
        return {key: Missing(key, f"The store cannot be read: {error}") for key in wanted}
    return {key: found.get(key) or Missing(key, "The store gave no answer.") for key in wanted}


def _failure(transformer: Transformer, why: str) -> Problem:
    return Problem(
        type="transformer_failed",
        message=f"The {transformer.name} transformer failed ({why}); its frames are shown as they came.",
        remedy="This is a bug: please report it with the crash file.",
        url=transformer.name,
    )
