"""printer-state-reasons and job-state-reasons: the keyword, its severity, and what a technician is told.

RFC 8011, 5.4.12: a keyword may end in -report, -warning or -error; without a suffix it counts as an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["report", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason without its suffix."""

    keyword: str
    severity: Severity


BLOCKING: dict[str, str] = {
    "media-empty": "the licence printer has no paper: load A4 into its tray",
    "media-needed": "the licence printer asks for paper: load A4 into its tray",
    "media-jam": "paper is jammed in the licence printer: open it, take the sheet out, close it",
    "cover-open": "a cover of the licence printer is open: close it",
    "door-open": "a door of the licence printer is open: close it",
    "interlock-open": "an interlock of the licence printer is open: close it",
    "input-tray-missing": "the paper tray of the licence printer is missing: put it back",
    "output-area-full": "the output tray of the licence printer is full: take the sheets out",
    "output-tray-missing": "the output tray of the licence printer is missing: put it back",
    "toner-empty": "the toner of the licence printer is used up: fit a new cartridge",
    "marker-supply-empty": "the toner of the licence printer is used up: fit a new cartridge",
    "marker-supply-missing": "the toner cartridge of the licence printer is missing: fit it",
    "marker-waste-full": "the waste toner box of the licence printer is full: fit a new one",
    "developer-empty": "the developer of the licence printer is used up: replace it",
    "opc-life-over": "the drum of the licence printer is worn out: replace it",
    "fuser-over-temp": "the fuser of the licence printer is too hot: let it cool, then call service",
    "fuser-under-temp": "the fuser of the licence printer stays cold: call service",
    "paused": "the licence printer is paused at its panel: press resume",
    "moving-to-paused": "the licence printer is being paused at its panel: press resume",
    "shutdown": "the licence printer is switching off: switch it on",
    "spool-area-full": "the memory of the licence printer is full: switch it off and on",
    "timed-out": "the licence printer does not reach its engine: switch it off and on",
}
"""Reasons for which nothing can be printed until somebody acts; the sentence says what to do."""

_VENDOR = frozenset({"fuser-over-temp", "fuser-under-temp", "opc-life-over", "developer-empty"})

_LATER: dict[str, str] = {
    "media-low": "the licence printer is nearly out of paper: load A4",
    "toner-low": "the toner of the licence printer is low: have a cartridge ready",
    "marker-supply-low": "the toner of the licence printer is low: have a cartridge ready",
    "marker-waste-almost-full": "the waste toner box of the licence printer is nearly full: have a new one ready",
    "output-area-almost-full": "the output tray of the licence printer is nearly full: take the sheets out",
    "opc-near-eol": "the drum of the licence printer is nearly worn out: have a new one ready",
}


def parse_reason(word: str) -> Reason:
    """Strip -report, -warning, -error."""
    keyword, _, suffix = word.rpartition("-")
    if suffix == "report" and keyword:
        return Reason(keyword, "report")
    if suffix == "warning" and keyword:
        return Reason(keyword, "warning")
    if suffix == "error" and keyword:
        return Reason(keyword, "error")
    return Reason(word, "error")


def blocking_reasons(words: Iterable[str]) -> tuple[str, ...]:
    """The keywords among `words` for which the printer cannot print now."""
    reasons = map(parse_reason, words)
    return tuple(r.keyword for r in reasons if r.severity == "error" and r.keyword in BLOCKING)


def sentence_for(keyword: str) -> str:
    """What to tell a technician about a reason keyword."""
    return BLOCKING.get(keyword) or _LATER.get(keyword) or f"the licence printer says {keyword!r}"


def needs_vendor(keyword: str) -> bool:
    """True when no technician on site can mend it."""
    return keyword in _VENDOR


def is_warning(keyword: str) -> bool:
    """True for reasons that announce a stop to come."""
    return keyword in _LATER
