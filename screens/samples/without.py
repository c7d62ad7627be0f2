"""Samples of a terminal without one of its main devices: what its pages say and leave out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from screens import models as m
from screens import pages
from screens.samples.finding import FREE, guide
from screens.samples.proving import CODE
from screens.samples.sample import Sample, Words


def _lacking(w: Words) -> m.Guide:
    """A certificate where there is no licence printer."""
    reason = w("这台机器没有证照打印机", "This terminal has no licence printer")
    line = m.ServiceLine(
        "WH-SI-001", w("社会保险个人参保证明", "Insurance record"), "print", w(*FREE), 1, False, reason
    )
    return replace(guide(w, line, lasting=True), prints="receipt")


def _by_phone(w: Words) -> m.Guide:
    """An item that begins with the card where there is no reader."""
    limit = w(
        "这台机器没有读卡器，请用手机上的“爱山东”登录",
        "This machine has no card reader: sign in with the Aishandong app",
    )
    line = m.ServiceLine("WH-SI-006", w("失业登记", "Unemployment"), "apply", w(*FREE), 2, True, limit=limit)
    return guide(w, line, needs="phone")


SAMPLES: Mapping[str, Sample] = {
    "standby-phone": (None, lambda p, w: pages.standby(p, m.Standby(119, card=False, whole=False))),
    "guide-lacking": (None, lambda p, w: pages.guide(p, _lacking(w))),
    "guide-phone": (None, lambda p, w: pages.guide(p, _by_phone(w))),
    "phone_qr-blind": ("identify", lambda p, w: pages.phone_qr(p, m.PhoneQr(CODE, sees=False, others=False))),
    "receipt-paperless": ("collect", lambda p, w: pages.receipt(p, m.Receipt("paperless", "WHA1.3710022611210047"))),
}
