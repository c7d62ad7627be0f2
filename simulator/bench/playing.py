"""Plays a recorded scenario without a test runner: in virtual time in this process, or at a running bench.

For files with scenarios of plain steps, as the recorder writes them; outlines, tags and reports are pytest's
(`docs/qa-guide.md`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from simulator.acceptance import steps as _declared  # noqa: F401 - declares the vocabulary
from simulator.acceptance.scene import Scene
from simulator.acceptance.terminal import NotHere
from simulator.acceptance.terminals import Terminals
from simulator.acceptance.vocabulary import STEPS, Step
from simulator.bench.calling import Address

MOST_BYTES: Final = 512 * 1024
_SCENARIO: Final = re.compile(r"^(?:场景|剧本|Scenario|Example)\s*[:：]\s*(.*)$")
_STEP: Final = re.compile(r"^(假如|假设|假定|当|那么|而且|并且|同时|但是|\*)\s*(.+)$")
_OUTLINE: Final = re.compile(r"^(?:场景大纲|剧本大纲|例子|Scenario Outline|Examples)\s*[:：]")


class NotPlayable(ValueError):
    """The file says what nobody knows; the message names the line."""


@dataclass(frozen=True, slots=True)
class Line:
    """One step of a scenario with its words, where it stands, and its values."""

    number: int
    words: str
    step: Step
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario of plain steps."""

    title: str
    lines: tuple[Line, ...]


def read(text: str, name: str = "feature") -> list[Scenario]:
    """The scenarios of a feature file. Raises `NotPlayable`."""
    if len(text) > MOST_BYTES:
        raise NotPlayable(f"{name}: more than {MOST_BYTES // 1024} KiB")
    found: list[tuple[str, list[Line]]] = []
    kind = "act"
    for number, raw in enumerate(text.splitlines(), 1):
        words = raw.strip()
        if _OUTLINE.match(words):
            raise NotPlayable(f"{name}:{number}: an outline; run this file with pytest")
        if scenario := _SCENARIO.match(words):
            found.append((scenario[1], []))
        elif found and (line := _STEP.match(words)):
            kind = {"假如": "act", "假设": "act", "假定": "act", "当": "act", "那么": "see"}.get(line[1], kind)
            found[-1][1].append(_known(line[2], kind, f"{name}:{number}", number))
        elif found and words and not words.startswith(("#", "@")):
            raise NotPlayable(f"{name}:{number}: no step: {words[:60]}")
    if not found:
        raise NotPlayable(f"{name}: no scenario (场景: ...) in it")
    return [Scenario(title, tuple(lines)) for title, lines in found]


def _known(words: str, kind: str, where: str, number: int) -> Line:
    for step in STEPS:
        if step.kind == kind and (values := step.read(words)) is not None:
            return Line(number, words, step, values)
    raise NotPlayable(f"{where}: no step says {words!r}; docs/qa-steps.md lists them")


def play(scenario: Scenario, terminals: Terminals, say: Callable[[str], None], seed: int = 1) -> str:
    """Play it line by line; "" when everything was so, else what was not. Every line is said with its seconds."""
    scene = Scene(terminals.lend, seed, terminals.where)
    wrong = ""
    try:
        for line in scenario.lines:
            began = time.perf_counter()
            mark, more = _did(line, scene, terminals.where)
            if mark == "WRONG":
                wrong = f"line {line.number}: {line.words}: {more}"
            say(f"  {mark:8} {time.perf_counter() - began:6.2f} s  {line.words}{f': {more}' if more else ''}")
            if wrong:
                return wrong
    finally:
        if scene.is_open:
            terminals.take_back(scene.terminal, spoilt=bool(wrong))
    return wrong


def _did(line: Line, scene: Scene, where: str) -> tuple[str, str]:
    """How a step went: ok, left out (it cannot be done here) or WRONG; and why."""
    if line.step.where not in ("both", where):
        return "left out", "only in virtual time" if line.step.where == "hall" else "only at a bench"
    try:
        line.step.act(scene, **line.values)
    except NotHere as reason:
        return "left out", str(reason)
    except (AssertionError, ValueError) as error:
        return "WRONG", str(error)
    return "ok", ""


def play_file(path: Path, say: Callable[[str], None], bench: Address | None = None, seed: int = 1) -> int:
    """Play every scenario of a file; how many went wrong. Raises `NotPlayable`, `OSError`."""
    scenarios = read(path.read_text(encoding="utf-8"), str(path))
    terminals = Terminals(bench.url, bench.token, seed) if bench else Terminals(seed=seed)
    wrong = 0
    try:
        for scenario in scenarios:
            say(f"{scenario.title} (seed {seed}, {'at the bench' if bench else 'virtual time'})")
            wrong += bool(play(scenario, terminals, say, seed))
    finally:
        terminals.close()
    return wrong
