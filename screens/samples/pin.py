"""Samples of the pad for a PIN of ours."""

from __future__ import annotations

from collections.abc import Mapping

from screens import models as m
from screens import pages
from screens.samples.sample import Sample, Words


def _pin(w: Words, typed: int, *, order: str = "7302918546", error: str = "", tries: int = 0) -> m.PinEntry:
    return m.PinEntry(w("工作人员密码", "Staff PIN"), typed, 6, order, error, tries)


SAMPLES: Mapping[str, Sample] = {
    "pin_entry": (None, lambda p, w: pages.pin_entry(p, _pin(w, 3))),
    "pin_entry-in-order": (None, lambda p, w: pages.pin_entry(p, _pin(w, 6, order="1234567890"))),
    "pin_entry-wrong": (
        None,
        lambda p, w: pages.pin_entry(
            p, _pin(w, 0, error=w("密码不对，请再输一次", "That PIN is wrong. Please try again"), tries=2)
        ),
    ),
}
