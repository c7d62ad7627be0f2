"""Samples of the pages by which somebody is proven without the card, acts for another, agrees and takes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from config.texts import texts
from screens import models as m
from screens import pages
from screens.samples.sample import Sample, Words

SOURCES = ("service", "licence", "share", "portrait")
CODE = "WHS1.sample-code-of-a-terminal"


def _sources(place: m.Place, keys: tuple[str, ...], on: str = "") -> tuple[m.ConsentSource, ...]:
    say = texts(place.language).t
    optional = ("licence", "share", "portrait")
    return tuple(
        m.ConsentSource(k, say(f"consent.source.{k}.what"), say(f"consent.source.{k}.why"), k in optional, k == on)
        for k in keys
    )


def _consent(place: m.Place, w: Words, keys: tuple[str, ...], on: str = "", known: str = "") -> m.Consent:
    service = w("居民身份证到期换领", "Resident ID card renewal")
    return m.Consent(service, (), "2026-11", sources=_sources(place, keys, on), known=known)


def _organisations(w: Words) -> m.Organisations:
    agent, legal = w("经办人", "Agent"), w("法定代表人", "Legal representative")
    tackle, food = (
        w("威海样例渔具有限公司", "Weihai Sample Tackle Ltd"),
        w("威海样例海产有限公司", "Weihai Sample Seafood Ltd"),
    )
    snacks = w("文登区样例小吃店", "Wendeng Sample Snacks")
    return m.Organisations(
        w("单位社保缴费证明", "Proof of insurance payments"),
        (
            m.Organisation("agy_1", tackle, "91371000MA3C1D2E18", legal, "", "open"),
            m.Organisation("agy_2", food, "91371002MA3N4P5Q8F", agent, "2026-10-31", "expired"),
            m.Organisation("agy_3", snacks, "92371003MA3W5H6J99", agent, "2027-06-30", "other-items"),
        ),
    )


def _agreed(place: m.Place) -> m.Agreed:
    say = texts(place.language).t
    return m.Agreed(
        tuple(
            m.AgreedLine(k, say(f"consent.source.{k}.what"), say(f"consent.source.{k}.why"), "2026-11", k == "service")
            for k in ("service", "licence", "share", "face")
        )
    )


def _told(place: m.Place) -> str:
    return texts(place.language).t("phone-code.code-expired")


SAMPLES: Mapping[str, Sample] = {
    "consent-sources": ("identify", lambda p, w: pages.consent(p, _consent(p, w, SOURCES))),
    "consent-some": ("identify", lambda p, w: pages.consent(p, _consent(p, w, SOURCES, "share"))),
    "consent-organisation": (
        "identify",
        lambda p, w: pages.consent(
            p, _consent(p, w, ("service", "agency", "child", "licence", "share"), known="张*荣")
        ),
    ),
    "place_card-others": ("identify", lambda p, w: pages.place_card(p, m.PlaceCard("waiting", others=True))),
    "consent-agreed-before": (
        "identify",
        lambda p, w: pages.consent(replace(p, agreed=True), _consent(p, w, SOURCES, "share")),
    ),
    "for_whom": (
        "identify",
        lambda p, w: pages.for_whom(p, m.ForWhom(w("增值税申报", "VAT return"))),
    ),
    "organisations": ("identify", lambda p, w: pages.organisations(p, _organisations(w))),
    "other_ways": ("identify", lambda p, w: pages.other_ways(p, m.OtherWays(("face", "match", "officer")))),
    "other_ways-no-card": ("identify", lambda p, w: pages.other_ways(p, m.OtherWays(("card", "code", "number")))),
    "phone_code": ("identify", lambda p, w: pages.phone_code(p, m.PhoneCode())),
    "phone_code-refused": ("identify", lambda p, w: pages.phone_code(p, m.PhoneCode(_told(p)))),
    "phone_qr": ("identify", lambda p, w: pages.phone_qr(p, m.PhoneQr(CODE))),
    "phone_qr-pick": ("identify", lambda p, w: pages.phone_qr(p, m.PhoneQr(CODE, "47"))),
    "signed_in": ("identify", lambda p, w: pages.signed_in(p, m.SignedIn("张*荣"))),
    "hand_over": (None, lambda p, w: pages.hand_over(p, m.HandOver(CODE))),
    "hand_over-done": (None, lambda p, w: pages.hand_over(p, m.HandOver("", done=True))),
    "type_number": (
        "identify",
        lambda p, w: pages.type_number(p, m.TypedNumber("371002 1990 03", False, False, 6)),
    ),
    "type_number-wrong": (
        "identify",
        lambda p, w: pages.type_number(p, m.TypedNumber("371002 1990 0307 5016", True, True, 0)),
    ),
    "officer_wait": ("identify", lambda p, w: pages.officer_wait(p, m.OfficerWait())),
    "agreed": ("review", lambda p, w: pages.agreed(p, _agreed(p))),
    "not_done-agency": (
        "identify",
        lambda p, w: pages.not_done(
            p,
            m.NotDone(
                "agency-none", elsewhere=w("一楼综合窗口，工作日 9:00–17:00", "General counter, workdays 9:00–17:00")
            ),
        ),
    ),
}
