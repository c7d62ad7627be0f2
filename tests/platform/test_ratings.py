"""Ratings: both directions of the codes, one a case and round, a bad one makes one work item, the national record."""

from __future__ import annotations

import pytest

from config.evaluation import Evaluation, evaluation
from kiosk.platform.cases import RatingGiven
from kiosk.platform.errors import Problem
from kiosk.platform.satisfaction import Satisfaction
from simulator.platform.evaluations import national_records
from simulator.virtual_time import run_virtual

SERVICE = "WH-SI-001"


def test_the_trap_the_two_standards_number_satisfaction_in_opposite_directions():
    best, worst = Satisfaction.VERY_SATISFIED, Satisfaction.VERY_DISSATISFIED
    assert (best.gbt39046, best.national) == (1, 5)
    assert (worst.gbt39046, worst.national) == (5, 1)
    assert [Satisfaction.of_stars(n).national for n in range(1, 6)] == [1, 2, 3, 4, 5]
    assert [Satisfaction.of_stars(n).gbt39046 for n in range(1, 6)] == [5, 4, 3, 2, 1]


def test_the_first_digit_of_a_tag_is_its_level_and_each_level_has_eight():
    assert [len(evaluation().of(level)) for level in (5, 4, 3, 2, 1)] == [8, 8, 8, 8, 8]
    assert next(tag.zh for tag in evaluation().tag if tag.code == "412") == "可以使用自助机办理"
    told = evaluation().model_dump()
    told["tag"] = [tag for tag in told["tag"] if tag["code"][0] != "3"]
    with pytest.raises(ValueError, match="level 3"):
        Evaluation.model_validate(told)


async def printed(town, who):
    session, consents = await town.proven(who, live=False)
    intent = town.key("prt")
    await town.platform.authorise_print(session, intent, SERVICE, {"kinds": "all"}, consents)
    return intent


def test_one_a_case_and_round_and_tags_of_its_own_level(town, who):
    async def walk():
        cases = town.platform.cases
        one, two = await printed(town, who), await printed(town, who)
        assert await cases.rate(town.key("evl"), RatingGiven(one, SERVICE, 5, ("510",))) == ""
        for again in (RatingGiven(one, SERVICE, 1), RatingGiven(one, SERVICE, 1, round=2)):
            with pytest.raises(Problem) as said:
                await cases.rate(town.key("evl"), again)
            assert said.value.slug == "already-evaluated"
        for wrong in (("115",), ("599",)):
            with pytest.raises(Problem) as said:
                await cases.rate(town.key("evl"), RatingGiven(two, SERVICE, 5, wrong))
            assert said.value.slug == "validation"
        with pytest.raises(Problem) as said:
            await cases.rate(town.key("evl"), RatingGiven("prt-not-there", SERVICE, 5))
        assert said.value.slug == "not-found"
        with town.app.state.city.store.transaction() as cx:
            assert [r["satisfaction"] for r in cx.execute("SELECT satisfaction FROM evaluation")] == [5]

    run_virtual(walk())


def test_a_bad_rating_makes_one_work_item_and_once_it_is_mended_a_second_round_is_open(town, who):
    async def walk():
        cases, store = town.platform.cases, town.app.state.city.store
        intent, key = await printed(town, who), town.key("evl")
        bad = RatingGiven(intent, SERVICE, 2, ("209",), text="等了很久", assessed_at="2026-11-21T20:14:00+08:00")
        item = await cases.rate(key, bad)
        assert await cases.rate(key, bad) == item  # the same report again: the reply was lost
        with store.transaction() as cx:
            assert cx.execute("SELECT count(*) FROM work_item").fetchone()[0] == 1
        [found] = await cases.work_items(intent)
        assert (found.state, found.id) == ("OPEN", item)
        with pytest.raises(Problem):
            await cases.rate(town.key("evl"), RatingGiven(intent, SERVICE, 4, round=2))
        with store.transaction() as cx:
            cx.execute("UPDATE work_item SET state = 'MENDED' WHERE id = ?", (item,))
        assert await cases.rate(town.key("evl"), RatingGiven(intent, SERVICE, 4, round=2)) == ""
        with store.transaction() as cx:
            records = national_records(cx, town.app.state.city)
        assert [(r["satisfaction"], r["assessNumber"], r["pf"]) for r in records] == [(2, 1, "5"), (4, 2, "5")]
        assert records[0]["evalDetail"] == "209"
        assert len(records[0]["taskCode"]) == 31
        assert len(records[0]["taskHandleItem"]) == 33

    run_virtual(walk())


def test_a_query_is_rated_under_its_visit_once(town):
    async def walk():
        cases = town.platform.cases
        await cases.rate(town.key("evl"), RatingGiven("v-0011223344556677", "WH-GN-002", 5))
        with pytest.raises(Problem):
            await cases.rate(town.key("evl"), RatingGiven("v-0011223344556677", "WH-GN-002", 5))
        with pytest.raises(Problem) as said:
            await cases.rate(town.key("evl"), RatingGiven("v-0011223344556677", "WH-PS-001", 5))
        assert said.value.slug == "not-found"

    run_virtual(walk())
