"""Sample pages of papers and applications."""

from __future__ import annotations

from collections.abc import Mapping

from screens import models as m
from screens import pages
from screens.samples.sample import Sample, Words


def _lines(w: Words) -> tuple[m.MaterialLine, ...]:
    return (
        m.MaterialLine("0", w("户口簿", "Household register"), "found", "3710****8A2C", switch="scan"),
        m.MaterialLine("1", w("结婚证", "Marriage certificate"), "scan", pages=2, note="expired"),
        m.MaterialLine("2", w("租赁合同", "Tenancy contract"), "scan", pages=5, switch="skip"),
        m.MaterialLine("3", w("指纹", "Fingerprints"), "counter"),
        m.MaterialLine("4", w("电子签名", "Electronic signature"), "pad"),
    )


def _service(w: Words) -> str:
    return w("婴儿出生登记（落户）", "Newborn household registration")


def _flaws(w: Words) -> tuple[m.Problem, ...]:
    return (
        m.Problem("m0", w("出生医学证明", "Birth certificate"), "blurred"),
        m.Problem("m1", w("户口簿", "Household register"), "missing"),
        m.Problem("m2", w("委托人身份证", "ID card of whom you act for"), "wrong-side"),
        m.Problem("fphone", w("手机号码", "Mobile number"), "form"),
    )


SAMPLES: Mapping[str, Sample] = {
    "materials": ("fill", lambda p, w: pages.materials(p, m.MaterialList(_service(w), _lines(w)))),
    "materials-all-there": ("fill", lambda p, w: pages.materials(p, m.MaterialList(_service(w), _lines(w)[:1]))),
    "draft_found": (
        "fill",
        lambda p, w: pages.draft_found(p, m.DraftFound(_service(w), w("11月20日 18:05", "20 Nov, 18:05"), 3)),
    ),
    "draft_keep": (None, lambda p, w: pages.draft_keep(p, m.DraftKeep(_service(w), 7))),
    "precheck": ("review", lambda p, w: pages.precheck(p, m.Precheck(_service(w), _flaws(w)))),
    "uploading": ("review", lambda p, _: pages.uploading(p, m.Uploading(2, 5, 0.44))),
    "uploading-waiting": ("review", lambda p, _: pages.uploading(p, m.Uploading(2, 5, 0.44, waiting=True))),
    "queued": (
        "fulfil",
        lambda p, w: pages.queued(p, m.Queued(_service(w), "7C01A9F2", w("11月24日 12:00", "24 Nov, 12:00"))),
    ),
}
