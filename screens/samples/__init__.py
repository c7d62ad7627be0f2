"""One or more sample screens of every page, with invented citizens: for the gallery, for tests, for looking.

One module an area, each with its `SAMPLES`; an area that is new is added to `AREAS`.
"""

from __future__ import annotations

from collections.abc import Mapping

from screens.samples import (
    cases,
    entering,
    fees,
    finding,
    handing,
    pin,
    proving,
    results,
    signing,
    technician,
    visit,
    without,
)
from screens.samples.korean import KOREAN
from screens.samples.sample import SHOWN_AT, Sample, place
from screens.screen import Language, Mode, Screen

__all__ = ["SAMPLES", "SHOWN_AT", "place", "samples"]

AREAS = (visit, handing, entering, fees, results, finding, cases, proving, signing, pin, technician, without)

SAMPLES: Mapping[str, Sample] = {name: sample for area in AREAS for name, sample in area.SAMPLES.items()}


def samples(language: Language = "zh", mode: Mode = "standard") -> dict[str, Screen]:
    """Every sample by name, area by area."""

    def words(zh: str, en: str) -> str:
        return zh if language == "zh" else KOREAN.get(zh, en) if language == "ko" else en

    return {name: build(place(language, mode, current), words) for name, (current, build) in SAMPLES.items()}
