"""Every item of the catalogue to its end on the real terminal; refusals and English for one item of every shape.

The whole (both languages, both ends) is `kiosk-sim run-all`.
"""

from __future__ import annotations

import pytest

from config.catalogue import load_catalogue
from simulator.customer import Errand
from simulator.run_all import errands_of, run_all, table

CATALOGUE = load_catalogue()
PARTS = 4


def _shapes() -> list[str]:
    """The first item of every (verb, steps)."""
    found: dict[tuple[str, tuple[str, ...]], str] = {}
    for service in CATALOGUE.services.values():
        found.setdefault((service.kind, service.steps), service.id)
    return sorted(found.values())


def _ends(errands: tuple[Errand, ...], seed: int) -> list[str]:
    run = run_all(errands, seed=seed, told=lambda line: None)
    assert run.errors == []
    assert len(run.went) == len(errands)
    return [f"seed {seed}: {each.errand.words}: {each.wrong}" for each in run.wrong]


@pytest.mark.parametrize("part", range(PARTS))
def test_every_item_ends_well(part: int) -> None:
    errands = tuple(errands_of(CATALOGUE, languages=("zh",), ends=("done",)))
    assert {errand.item for errand in errands} == set(CATALOGUE.services)
    assert _ends(errands[part::PARTS], 11 + part) == []


def test_one_of_every_shape_is_refused_and_nothing_stays_taken() -> None:
    assert _ends(tuple(errands_of(CATALOGUE, _shapes(), ("en",), ("refused",))), 21) == []


def test_the_table_counts_what_went() -> None:
    run = run_all(tuple(errands_of(CATALOGUE, ("WH-SI-001", "WH-GN-008"), ("en",))), told=lambda line: None)
    lines = list(table(run, CATALOGUE))
    assert lines[-1].startswith("2 items, 4 errands: 2 done, 2 refused as they should be, 0 wrong")
    assert any(line.startswith("social-insurance") for line in lines)
