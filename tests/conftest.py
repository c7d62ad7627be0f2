"""Fixtures that every room's tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def no_plugged_in_leftovers() -> Iterator[None]:
    """A memory port that one test left plugged in must not answer the next."""
    yield
    from drivers.links.memory import MemoryPort

    MemoryPort.ports.clear()
