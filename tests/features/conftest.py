"""The feature files beside this file are tests by themselves (`simulator.acceptance`)."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def no_plugged_in_leftovers() -> None:
    """Halls are shared by scenarios: their ports stay plugged in between."""
