"""The vocabulary of the feature files: unambiguous, documented, and the files themselves are what QA would run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pytest_bdd.feature import get_feature

from simulator.acceptance import step_catalogue
from simulator.acceptance.vocabulary import STEPS, step

ROOT = Path(__file__).parents[2]
FEATURES = sorted((ROOT / "tests/features").glob("*.feature"))
KIND = {"given": "act", "when": "act", "then": "see"}
LEAST_SCENARIOS = 60


def test_the_catalogue_is_up_to_date() -> None:
    there = (ROOT / "docs/qa-steps.md").read_text("utf-8")
    assert there == step_catalogue.catalogue(), "kiosk-sim steps --out docs/qa-steps.md"


@pytest.mark.parametrize("known", STEPS, ids=lambda known: known.name)
def test_a_step_reads_its_example_and_nobody_else_does(known: object) -> None:
    from simulator.acceptance.vocabulary import Step

    assert isinstance(known, Step)
    example = known.example.replace("{n:d}", "3")
    if re.search(r"\{\w+(:d)?\}", example):
        pytest.fail(f"{known.name}: the example still has a placeholder")
    assert known.read(example) is not None
    others = [
        one.name for one in STEPS if one is not known and one.kind == known.kind and one.read(example) is not None
    ]
    assert others == []


def test_a_recorder_writes_lines_that_are_read_again() -> None:
    line = step("device_fault").line(device="凭条打印机", fault="缺纸")
    assert step("device_fault").read(line) == {"device": "凭条打印机", "fault": "缺纸"}
    assert step("seconds_pass").read(step("seconds_pass").line(n=5)) == {"n": 5}


def test_numbers_and_words_are_bounded() -> None:
    assert step("seconds_pass").read("过了1234567890秒") is None
    assert step("touches").read(f"他点“{'长' * 201}”") is None
    assert step("touches").read("他点“一”“二”") is None


def test_there_are_enough_scenarios_and_every_line_is_a_step() -> None:
    tests, unknown, empty = 0, [], []
    for path in FEATURES:
        feature = get_feature(str(path.parent), path.name, encoding="utf-8")
        for template in feature.scenarios.values():
            contexts = [context for examples in template.examples for context in examples.as_contexts()] or [{}]
            tests += len(contexts)
            for context in contexts:
                steps = template.render(context).steps
                unknown += [
                    f"{path.name}: {one.name}"
                    for one in steps
                    if not any(s.kind == KIND[one.type] and s.read(one.name) is not None for s in STEPS)
                ]
                if not any(one.type == "then" for one in steps):
                    empty.append(f"{path.name}: {template.name}")
    assert unknown == []
    assert empty == [], "a scenario that requires nothing cannot fail"
    assert tests >= LEAST_SCENARIOS


def test_every_promise_of_a_citizen_is_cited_by_a_scenario() -> None:
    cited = set(re.findall(r"@(P\d+)\b", "".join(path.read_text("utf-8") for path in FEATURES)))
    assert cited >= {f"P{n}" for n in range(1, 10)}
