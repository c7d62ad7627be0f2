"""Measures in, what is broken and what follows out: the rules of config/health.toml, applied. Pure but for its memory.

| a rule is | when                                                  | then                                             |
|-----------|-------------------------------------------------------|--------------------------------------------------|
| well      | its measure is on the well side, or not known         | nothing                                          |
| doubted   | broken for less than `for_s`                          | nothing yet                                      |
| broken    | broken for `for_s`                                    | said, withheld; its next rung is begun anew, and |
|           |                                                       | again after `AGAIN_S` when that did not help     |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from config.health_rules import HealthRules, Measure, Part, Rule, Rung

AGAIN_S: Final = 120.0
"""So long a restart has to help before the next one."""
HOUR_S: Final = 3600.0


@dataclass(slots=True)
class Bounds:
    """How often each rung may be begun anew within an hour; remembers when it was."""

    most: Mapping[Rung, int]
    done: list[tuple[float, Rung]] = field(default_factory=list)

    def may(self, rung: Rung, now: float) -> bool:
        """Whether another one is allowed at `now` (any clock, seconds)."""
        self.done = [(at, which) for at, which in self.done if 0 <= now - at < HOUR_S]
        return sum(which == rung for _, which in self.done) < self.most.get(rung, 0)

    def note(self, rung: Rung, now: float) -> None:
        """It is begun anew now."""
        self.done.append((now, rung))


@dataclass(slots=True)
class _Known:
    since: float | None = None
    said: bool = False
    restarted_at: float | None = None


@dataclass(frozen=True, slots=True)
class Restart:
    """What to begin anew, and because of what. `subject` is the device's name, "" for anything else."""

    rung: Rung
    rule: Rule
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One look. `broken`: the rules with the value that breaks each; `begun` and `ended`: what changed by this look."""

    broken: Mapping[str, tuple[Rule, float]]
    begun: tuple[tuple[Rule, float], ...] = ()
    ended: tuple[Rule, ...] = ()
    restarts: tuple[Restart, ...] = ()

    @property
    def withheld(self) -> Mapping[str, str]:
        """Step ("all", "intents", ...) -> key of the words why; the first rule of the table says it."""
        found: dict[str, str] = {}
        for rule, _ in self.broken.values():
            for step in rule.withhold:
                found.setdefault(step, rule.reason)
        return found

    def of(self, part: Part) -> tuple[Rule, ...]:
        """The broken rules of a part."""
        return tuple(rule for rule, _ in self.broken.values() if rule.part == part)


class Judge:
    """Looks with `rules`. `bounds` is shared with whoever else restarts things."""

    def __init__(self, rules: HealthRules, bounds: Bounds) -> None:
        self.rules = rules
        self.bounds = bounds
        self._known = {rule.id: _Known() for rule in rules.rule}

    def look(
        self,
        measures: Mapping[Measure, float],
        now: float,
        wall: float,
        *,
        idle: bool,
        subjects: Mapping[Measure, str] | None = None,
    ) -> Verdict:
        """Judge `measures` (what is not known is left out) at `now` (the loop's) and `wall` (seconds since 1970).

        Not `idle`: somebody is here, and nothing of which that person would know is begun anew.
        """
        broken: dict[str, tuple[Rule, float]] = {}
        begun, ended, restarts = [], [], []
        for rule in self.rules.rule:
            known, value = self._known[rule.id], measures.get(rule.measure)
            if value is None or not rule.broken(value, already=known.said):
                if known.said:
                    ended.append(rule)
                self._known[rule.id] = _Known()
                continue
            known.since = now if known.since is None else known.since
            if now - known.since < rule.for_s and not known.said:
                continue
            broken[rule.id] = (rule, value)
            if not known.said:
                known.said = True
                begun.append((rule, value))
            if (rung := self._rung(rule.restart, known, now, wall, idle=idle)) is not None:
                known.restarted_at = now
                self.bounds.note(rung, wall)
                restarts.append(Restart(rung, rule, (subjects or {}).get(rule.measure, "")))
        return Verdict(broken, tuple(begun), tuple(ended), tuple(restarts))

    def _rung(self, ladder: Sequence[Rung], known: _Known, now: float, wall: float, *, idle: bool) -> Rung | None:
        """The smallest part that may still be begun anew; None while the last one has time to help."""
        if known.restarted_at is not None and now - known.restarted_at < AGAIN_S:
            return None
        for rung in ladder:
            if rung != "device" and not idle:
                return None
            if self.bounds.may(rung, wall):
                return rung
        return None
