"""The steps as pytest-bdd wants them. A pytest plugin that is registered when the first feature file is collected.

A tag `@P2` on a scenario cites a promise. A step that cannot run at this kind of terminal skips its scenario.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from typing import Any

import pytest
from pytest_bdd import given, then, when
from pytest_bdd.parsers import StepParser

import simulator.acceptance.steps  # noqa: F401 - declares the steps
from simulator.acceptance.running import Running, Told
from simulator.acceptance.scene import Scene
from simulator.acceptance.terminal import NotHere
from simulator.acceptance.vocabulary import STEPS, Step


class Pattern(StepParser):
    """A step's own pattern."""

    def __init__(self, step: Step) -> None:
        super().__init__(step.pattern)
        self.step = step

    def parse_arguments(self, name: str) -> dict[str, Any] | None:
        """The values in a line."""
        return self.step.read(name)

    def is_matching(self, name: str) -> bool:
        """Whether the line is this step."""
        return self.step.expression.fullmatch(name.strip()) is not None


def _called(step: Step) -> Callable[..., None]:
    """The step's function with the fixture `kiosk_scene` in place of its scene."""

    def call(**values: Any) -> None:
        __tracebackhide__ = True
        scene: Scene = values.pop("kiosk_scene")
        if step.where not in ("both", scene.where):
            pytest.skip(f"“{step.pattern}”只能在{WHERE[step.where]}做")
        try:
            step.act(scene, **values)
        except NotHere as error:
            pytest.skip(str(error))

    names = [name for name in inspect.signature(step.act).parameters if name != "scene"]
    keyword = inspect.Parameter.POSITIONAL_OR_KEYWORD
    call.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # what pytest-bdd asks for the arguments' names
        [inspect.Parameter(name, keyword) for name in ("kiosk_scene", *names)]
    )
    call.__name__ = step.name
    return call


WHERE = {"hall": "虚拟大厅里", "bench": "试验台上"}

for _step in STEPS:
    _function = _called(_step)
    for _keyword in (given, when) if _step.kind == "act" else (then,):
        _keyword(Pattern(_step))(_function)


@pytest.hookimpl(tryfirst=True)
def pytest_bdd_apply_tag(tag: str, function: Any) -> bool | None:
    """`@P2` cites a promise; every other tag is a mark."""
    if tag[:1] == "P" and tag[1:].isdigit():
        pytest.mark.promise(tag)(function)
        return True
    return None


def pytest_bdd_before_scenario(request: Any, feature: Any, scenario: Any) -> None:
    """The report learns what is about to run."""
    running = _running(request)
    running.feature, running.scenario = str(feature.name), str(scenario.name)
    running.file = str(feature.rel_filename)
    running.tags = sorted(scenario.tags | feature.tags)


def pytest_bdd_before_step_call(request: Any, step: Any) -> None:
    """A step begins."""
    _running(request).steps.append(Told(f"{step.keyword} {step.name}", time.perf_counter()))


def pytest_bdd_after_step(request: Any, step: Any) -> None:
    """A step went well."""
    del step
    _running(request).ended("passed")


def pytest_bdd_step_error(request: Any, exception: BaseException) -> None:
    """A step failed, or skipped its scenario."""
    skipped = isinstance(exception, pytest.skip.Exception)
    _running(request).ended("skipped" if skipped else "failed")


def pytest_bdd_step_func_lookup_error(request: Any, step: Any, exception: BaseException) -> None:
    """Nobody knows this step."""
    del exception
    running = _running(request)
    running.steps.append(Told(f"{step.keyword} {step.name}", time.perf_counter()))
    running.ended("unknown")


def _running(request: Any) -> Running:
    found: Running = request.getfixturevalue("kiosk_running")
    return found
