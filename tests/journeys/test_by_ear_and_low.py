"""Every kind of journey by keypad and speech alone, and by who touches only the lowest 55 % of the panel.

Every item is `kiosk-sim run-all --by ear` and `--by low`.
"""

from __future__ import annotations

import pytest

from config.catalogue import Service, load_catalogue
from simulator.customer import Errand
from simulator.hearing import Ear, NotFound, after, begins, means
from simulator.run_all import By, errands_of, run_all
from simulator.virtual_time import run_virtual

CATALOGUE = load_catalogue()


def _asks(service: Service) -> set[str]:
    """What a citizen meets in it: its verb, its steps, the kinds of fields of its form."""
    fields = {f"field {spec.type}" for spec in service.form}
    return {service.kind, *(f"step {step}" for step in service.steps), *fields}


def _few() -> list[str]:
    """The fewest items (greedily) that together ask everything that any item asks."""
    asks = {service.id: _asks(service) for service in CATALOGUE.services.values()}
    left, found = set().union(*asks.values()), []
    while left:
        best = max(asks, key=lambda item: (len(asks[item] & left), item))
        found.append(best)
        left -= asks[best]
    return found


FEW = _few()


def test_the_few_ask_everything() -> None:
    asked = set().union(*(_asks(CATALOGUE.services[item]) for item in FEW))
    assert asked == set().union(*(_asks(service) for service in CATALOGUE.services.values()))
    assert len(FEW) <= 24


@pytest.mark.promise("P1")
@pytest.mark.parametrize("by", ["ear", "low"])
def test_one_of_everything_ends_well(by: By) -> None:
    errands = tuple(errands_of(CATALOGUE, FEW, ("zh",), ("done",)))
    errands = tuple({errand.item: errand for errand in errands}.values())
    run = run_all(errands, seed=31, told=lambda line: None, by=by)
    assert run.errors == []
    assert [f"seed 31 --by {by}: {each.errand.words}: {each.wrong}" for each in run.wrong] == []
    assert len(run.went) == len(FEW)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_one_is_done_by_ear_in_every_language(language: str) -> None:
    run = run_all((Errand("WH-SI-001", language, False, "done"),), seed=32, told=lambda line: None, by="ear")  # type: ignore[arg-type]  # literals of this test
    assert [each.wrong for each in run.wrong] == []
    assert run.went[0].ended == "finish"


def test_sentences_are_understood_by_their_texts() -> None:
    assert means("zh", "speech.at", ("第3项，共7项",))
    assert not means("zh", "speech.at", ("第3项",))
    assert means("en", "speech.typed", ("11 typed",))
    assert after(("a", "按确认键", "下一步", "b"), "zh", "speech.ok-does") == ("下一步", "b")
    assert after(("a", "b"), "zh", "speech.ok-does") == ()
    assert begins(("手机号码", "输入框"), "手机号码")
    assert not begins(("手机号码", "输入框"), "号码")


def test_who_looks_for_what_no_page_says_is_told_what_there_was() -> None:
    """The ears fail when the terminal does not say a thing: a run by ear that cannot fail would prove nothing."""

    async def story() -> None:
        ear = Ear()
        said = iter([("甲", "按钮"), ("乙", "按钮")] * 400)
        ear.press_key = lambda key: ear.heard(next(said))
        assert await ear.find("乙") == "乙"
        with pytest.raises(NotFound, match="乙 按钮; 甲 按钮"):
            await ear.find("丙")

    run_virtual(story())
