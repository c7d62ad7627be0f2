"""The list of steps that feature files may use: pattern, what it does, an example, and where it can run.

A step is a plain function of a `Scene` and the words of its pattern; `simulator.acceptance.bdd` hands it to pytest-bdd,
`simulator.acceptance.step_catalogue` writes docs/qa-steps.md from the same list, and a recorder writes lines with
`Step.line`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

Kind = Literal["act", "see"]
"""act: something is done (假如, 当). see: something must be true (那么)."""
Where = Literal["both", "hall", "bench"]
Act = Callable[..., None]
KEYWORDS: dict[Kind, tuple[str, ...]] = {"act": ("假如", "当"), "see": ("那么",)}


@dataclass(frozen=True)
class Step:
    """One step. In `pattern` {word} stands for any words without Chinese quotation marks, {n:d} for a whole number;
    `where` is both, hall (virtual time) or bench."""

    name: str
    kind: Kind
    chapter: str
    pattern: str
    meaning: str
    example: str
    where: Where
    act: Act

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """The pattern as a regular expression with named groups."""
        parts = re.split(r"(\{\w+(?::d)?\})", self.pattern)
        made = [_group(part) if part.startswith("{") else re.escape(part) for part in parts]
        return re.compile("".join(made))

    def read(self, line: str) -> dict[str, Any] | None:
        """The values in `line`, None when it is not this step."""
        found = self.expression.fullmatch(line.strip())
        if found is None:
            return None
        whole = set(re.findall(r"\{(\w+):d\}", self.pattern))
        return {name: int(value) if name in whole else value for name, value in found.groupdict().items()}

    def line(self, **values: Any) -> str:
        """The step as it stands in a feature file, without its keyword. Raises `KeyError`."""
        return self.pattern.replace(":d}", "}").format(**values)


def _group(part: str) -> str:
    name, _, kind = part[1:-1].partition(":")
    return f"(?P<{name}>\\d{{1,9}})" if kind else f"(?P<{name}>[^“”]{{0,200}})"


STEPS: list[Step] = []
_chapter = [""]


def chapter(name: str) -> None:
    """Steps that are declared from here on stand under `name` in the catalogue."""
    _chapter[0] = name


def act(pattern: str, meaning: str, example: str = "", where: Where = "both") -> Callable[[Act], Act]:
    """Declare a step that does something."""
    return _declare("act", pattern, meaning, example, where)


def see(pattern: str, meaning: str, example: str = "", where: Where = "both") -> Callable[[Act], Act]:
    """Declare a step that asserts something; it raises `AssertionError` with what is there instead."""
    return _declare("see", pattern, meaning, example, where)


def _declare(kind: Kind, pattern: str, meaning: str, example: str, where: Where) -> Callable[[Act], Act]:
    if any(known.pattern == pattern and known.kind == kind for known in STEPS):
        raise ValueError(f"two steps say {pattern!r}")
    place = _chapter[0]

    def keep(function: Act) -> Act:
        STEPS.append(Step(function.__name__, kind, place, pattern, meaning, example or pattern, where, function))
        return function

    return keep


def step(name: str) -> Step:
    """The step whose function is called `name`. Raises `KeyError`."""
    for known in STEPS:
        if known.name == name:
            return known
    raise KeyError(f"no step is called {name!r}")
