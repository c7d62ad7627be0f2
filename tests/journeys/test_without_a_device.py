"""A terminal with any of its five main devices, or none: it starts, offers what it can do, says why not the rest."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest

from config.bundle_whole import whole_of
from config.catalogue import Service, load_catalogue
from config.load import load_settings
from config.service_guide import Equipment
from config.texts import texts
from drivers.device import DeviceState, Status
from kiosk.offering.capability import Capability, Network
from kiosk.offering.fitted import LASTING, MAIN, Fitted
from kiosk.offering.places import nearest
from kiosk.offering.service_lines import guide_model, service_line
from screens.screen import Language
from simulator.by_phone import PhoneCustomer
from simulator.customer import Errand, Went
from simulator.hall import Hall
from simulator.inline_loop import run_inline
from simulator.people import CITIZENS
from simulator.run_all import BEFORE, OPENS

SUBSETS = [frozenset(some) for n in range(6) for some in combinations(MAIN, n)]
CATALOGUE = load_catalogue()
LANGUAGES: tuple[Language, ...] = ("zh", "en", "ko")
WHOLE = [whole_of(service, CATALOGUE.services) for service in CATALOGUE.services.values()]
VERBS = ("apply", "print", "pay", "verify", "query")
LIKELY = {
    "apply": ("WH-PS-001", "WH-SI-006", "WH-CA-009", "WH-SI-009"),
    "print": ("WH-SI-001", "WH-PS-026"),
    "pay": ("WH-UT-001",),
    "verify": ("WH-SI-006", "WH-GN-009"),
    "query": ("WH-GN-008", "WH-PS-005"),
}
"""Items to try first: cheap ones, of each verb one that needs much and one that needs little."""
SEEN_WITH = {
    "place_card": "id_card", "face": "camera", "photo": "camera", "photo_guide": "camera", "scan_page": "camera",
    "show_code": "camera", "phone_code": "camera", "pay": "payment_pad", "pay_scan": "camera",
}  # fmt: skip
"""Pages that only a device can get a citizen past."""
ENDS = ("finish", "result", "code_verdict", "signed_in")
Played = tuple[frozenset[str], str]


def fitted(there: frozenset[str], *, pays: bool = True) -> Fitted:
    return Fitted(there, pays)


# What can be offered, without starting anything


@pytest.mark.parametrize("pays", [True, False])
def test_no_item_is_offered_that_needs_a_device_which_is_not_there(pays: bool) -> None:
    for there in SUBSETS:
        here = fitted(there, pays=pays)
        for service in WHOLE:
            if here.lacks(service):
                continue
            steps = {*service.steps}
            assert "camera" in there or not steps & {"photo", "copy"}, service.id
            assert "camera" in there or "scan" not in steps or not any(
                material.document and material.required for material in service.materials
            ), service.id  # fmt: skip
            assert "camera" in there or "verify" not in steps or "session" in service.outputs, service.id
            assert "licence_printer" in there or not steps & {"print", "copy"}, service.id
            assert "receipt_printer" in there or "receipt_printer" not in service.needs or service.kind != "print"
            assert pays or "pay" not in steps, service.id


def test_a_device_more_never_takes_an_item_away() -> None:
    for there in SUBSETS:
        mine = {s.id for s in WHOLE if not fitted(there).lacks(s)}
        for one in set(MAIN) - there:
            more = {s.id for s in WHOLE if not fitted(there | {one}).lacks(s)}
            assert mine <= more, (sorted(there), one)
    assert not any(fitted(frozenset(MAIN)).lacks(s) for s in WHOLE)


def test_every_want_has_its_sentence_and_the_place_that_has_it() -> None:
    settings = load_settings("simulated", overrides={"terminal.without": MAIN})
    assert Fitted.of(settings, pays=True).roles == {"document_camera", "cabinet", "barcode"}
    wanting = {fitted(frozenset(), pays=False).lacks(s): s for s in WHOLE}
    assert set(wanting) == {"", "camera", "receipt_printer", "licence_printer", "payment_pad"}
    for family, service in wanting.items():
        for language in LANGUAGES:
            say = texts(language).t
            assert not family or say(f"reason.{family}.none") != say("reason.other")
            assert settings.site.neighbours[0].name_zh in nearest(settings, "zh", service.needs)
    assert {fitted(frozenset()).instead(s) for s in CATALOGUE.services.values()} == {
        "", "limit.no-reader", "limit.no-receipt", "limit.no-paper",
    }  # fmt: skip


def test_a_bundle_needs_what_its_parts_need() -> None:
    blind = fitted(frozenset(MAIN) - {"camera"})
    bundles = [s for s in WHOLE if s.bundle and {"scan", "photo"} & {*s.steps}]
    assert len(bundles) == len([s for s in WHOLE if s.bundle])
    assert any("camera" not in CATALOGUE.services[s.id].needs for s in bundles)
    assert {blind.lacks(s) for s in bundles} == {"camera"}


def test_one_eye_is_enough_for_each_thing_that_is_looked_at() -> None:
    plain = [s for s in WHOLE if not s.bundle and "session" not in s.outputs]
    by_step = {step: next(s for s in plain if step in s.steps) for step in ("photo", "copy", "verify")}
    scan = next(s for s in plain if "scan" in s.steps and "photo" not in s.steps)
    rest = frozenset(MAIN) - {"camera"}
    desk, reader = Fitted(rest | {"document_camera"}, pays=True), Fitted(rest | {"barcode"}, pays=True)
    assert (desk.lacks(scan), desk.lacks(by_step["copy"])) == ("", "")
    assert (desk.lacks(by_step["photo"]), desk.lacks(by_step["verify"])) == ("camera", "camera")
    assert (reader.lacks(by_step["verify"]), reader.lacks(scan)) == ("", "camera")
    assert reader.only_reads_codes(by_step["verify"])


class Well:
    """A device in order, as far as it is asked."""

    status = Status(DeviceState.ONLINE)


def capability(there: frozenset[str]) -> Capability:
    money: Any = SimpleNamespace(locked="")
    devices: Any = {family: Well() for family in there}
    found = Capability(CATALOGUE, devices, money, Network())
    found.fitted = fitted(there)
    return found


def test_without_a_reader_the_guide_says_the_phone_and_the_lists_are_quiet() -> None:
    settings = load_settings("simulated")
    here = capability(frozenset(MAIN) - {"id_card"})
    service = CATALOGUE.services["WH-SI-006"]
    assert here.of(service).limit in LASTING
    assert service_line(service, here, "zh").limit == ""
    guide = guide_model(service, CATALOGUE, here, settings, "zh")
    assert guide.service.limit == texts("zh").t("limit.no-reader")
    assert guide.needs == "phone"
    assert not any("刷身份证" in line for line in guide.procedure)
    for language in LANGUAGES:
        assert (
            texts(language).t("guide.by-phone") in guide_model(service, CATALOGUE, here, settings, language).procedure
        )
    whole = guide_model(service, CATALOGUE, capability(frozenset(MAIN)), settings, "zh")
    assert (whole.needs, whole.service.limit) == ("card", "")
    assert "刷身份证" in whole.procedure[0]


def test_who_is_known_by_phone_alone_needs_the_network() -> None:
    queued = next(s for s in WHOLE if s.offline == "queue" and "identify" in s.steps and s.fee.type == "free")
    for there, reason in ((frozenset(MAIN), ""), (frozenset(MAIN) - {"id_card"}, "reason.network")):
        here = capability(there)
        assert here.of(queued).available
        here._network.online = False
        assert here.of(queued).reason == reason


def test_what_is_missing_for_good_is_no_trouble_and_waiting_is_not_advised() -> None:
    here = capability(frozenset(MAIN) - {"licence_printer"})
    printed = next(s for s in WHOLE if "print" in s.steps)
    assert here.of(printed).reason == "reason.licence_printer.none"
    assert here.limits() == []
    guide = guide_model(printed, CATALOGUE, here, load_settings("simulated"), "zh")
    assert guide.lasting
    assert "2 号机" in guide.elsewhere
    assert (fitted(frozenset(MAIN)).whole, fitted(frozenset(MAIN[:4])).whole) == (True, False)


# The terminal itself, in virtual time


async def _errand(hall: Hall, item: str, turn: int) -> Went:
    errand = Errand(item, "zh", False, "done")
    service = hall.catalogue.services[item]
    return await PhoneCustomer(hall, errand, service, CITIZENS["citizen-02"], turn=turn).run()


def _chosen(hall: Hall, verb: str) -> Iterator[Service]:
    """Items of a verb, the likely ones first."""
    services = hall.catalogue.services
    yield from (services[item] for item in LIKELY[verb] if services[item].kind == verb)
    usual = (s for s in services.values() if s.kind == verb and s.who != "organisation")
    yield from (s for s in usual if "collect" not in s.steps and s.id not in BEFORE)


async def _page(hall: Hall, name: str) -> None:
    async with asyncio.timeout(30):
        while hall.life.shown is None or hall.life.shown.page != name:
            await asyncio.sleep(0.1)


async def _withheld(hall: Hall, service: Service, reason: str) -> None:
    """Its guide says why, in words, where else, and offers no start."""
    life = hall.life
    life.reply("start")
    await _page(hall, "home")
    life.reply("service", service.id)
    await _page(hall, "guide")
    assert ("start", "") not in life.shown.offers
    assert texts("zh").t(reason) in life.shown.text
    assert nearest(life.workshop.tools.settings, "zh", (*service.needs, *service.equipment)) in life.shown.text
    life.reply("leave")
    await _page(hall, "leave")
    await _page(hall, "standby")


def _play(folder: Path, there: frozenset[str], verbs: Sequence[str], *, reads: bool) -> dict[str, str]:
    """Verb -> how its errand ended, or why none of its items is offered; `reads`: the guide of one that is not."""
    found: dict[str, str] = {}

    async def story() -> None:
        hall = Hall(folder, 1, with_cabinet=False, poll_s=5.0, opens=OPENS)
        without = [role for role in MAIN if role not in there]
        hall.settings = {
            **hall.settings, "terminal.without": without, "terminal.equipment": list(get_args(Equipment)),
        }  # fmt: skip
        await hall.open()
        assert hall.errors == []
        await _page(hall, "standby")
        assert hall.life.devices == dict.fromkeys(there, "")
        capability = hall.life.workshop.terminal.capability
        judged = ((service, capability.of(service)) for service in hall.catalogue.services.values())
        told = next(((service, found) for service, found in judged if found.reason.endswith(".none")), None)
        for turn, verb in enumerate(verbs):
            states = [(service, capability.of(service)) for service in _chosen(hall, verb)]
            item = next((service for service, state in states if state.available), None)
            lacking = next(((s, state) for s, state in states if state.reason.endswith(".none")), None)
            if item is None:
                assert lacking is not None
                found[verb] = lacking[1].reason
                continue
            went = await _errand(hall, item.id, turn)
            assert went.wrong == "", f"{item.id} with {sorted(there)}: {went.wrong}"
            assert went.ended in ENDS, f"{item.id} with {sorted(there)}: {went.pages} {went.says}"
            wanted = {SEEN_WITH[page] for page in went.pages if page in SEEN_WITH}
            assert wanted <= there, f"{item.id} with {sorted(there)}: {went.pages}"
            found[verb] = went.ended
        assert (told is None) is (there >= {"camera", "receipt_printer", "licence_printer"})
        if told is not None and reads:
            await _withheld(hall, told[0], told[1].reason)
        await hall.close()
        assert hall.errors == []

    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        run_inline(story())
    finally:
        logging.disable(before)
    return found


@pytest.mark.promise("P7")
def test_any_subset_starts_and_serves_what_it_can(
    tmp_path: Path, of_the_day: Callable[[Sequence[Played], int], Sequence[Played]]
) -> None:
    """Every subset starts each day; of the errands of five verbs each a tenth, others each day (`--dense`: all)."""
    errands = [(there, VERBS[(n + turn) % 5]) for n, there in enumerate(SUBSETS) for turn in range(5)]
    today, read = of_the_day(errands, 10), of_the_day(errands, 17)
    for number, there in enumerate(SUBSETS):
        folder = tmp_path / str(number)
        folder.mkdir()
        verbs, reads = [verb for some, verb in today if some == there], any(some == there for some, _ in read)
        for verb, ended in _play(folder, there, verbs, reads=reads).items():
            if ended not in ENDS:  # printing is all that a missing device can take away whole
                assert verb == "print", f"{verb} with {sorted(there)}: {ended}"
                assert ended in {f"reason.{role}.none" for role in MAIN if role not in there}
