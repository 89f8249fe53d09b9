"""Shared by all tests: folders, isolation from the user's cache, and no silent skips where none are allowed."""

import os
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, settings

from symbolicator import plugins
from symbolicator.enrich import Rules, with_rules
from symbolicator.model import Event

# How long an example takes depends on who else uses the machine; a hang is what pytest-timeout is for.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The folder with one case a folder."""
    return ROOT / "fixtures"


Ruled: TypeAlias = Callable[[Event], Event]


@pytest.fixture(scope="session")
def ruled() -> Ruled:
    """Says whose code the frames of an event are, by the built-in tables: readers and transformers do not."""
    return lambda event: with_rules(event, Rules(tables=plugins.frame_rules))


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Indexes of a test never come from, or stay in, the cache of whoever runs it."""
    monkeypatch.setenv("SYMBOLICATOR_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(autouse=True)
def _not_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a fixture resolves to must not depend on which libraries this machine happens to have."""
    monkeypatch.setenv("SYMBOLICATOR_LOCAL", "no")


_OF_THE_MACHINE = ("the kernel writes no plain core files", "gdb cannot run programs here")
"""Reasons to skip that lie in how the kernel is set up (core_pattern, ptrace)."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where ``SYMBOLICATOR_NO_SKIP`` is set, a skipped test has failed, but for what no installation can bring."""
    report = yield
    is_excused = hasattr(report, "wasxfail") or any(reason in str(report.longrepr) for reason in _OF_THE_MACHINE)
    if os.environ.get("SYMBOLICATOR_NO_SKIP") and report.skipped and not is_excused:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped where nothing may skip: {report.longrepr}"
    return report
