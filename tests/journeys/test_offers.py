"""What is offered, limited or withheld, with a sentence and another place; working days; places."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from config.calendar import WorkCalendar, shipped, year_of
from config.catalogue import Service, load_catalogue
from config.home import home_page, unknown_items
from config.load import load_settings
from config.texts import texts
from drivers.device import DeviceState, Status
from kiosk.clock import WEIHAI
from kiosk.materials.plan import Means, other, plan
from kiosk.offering.capability import Capability, Network, Surroundings
from kiosk.offering.places import at_counter, nearest
from kiosk.offering.service_lines import guide_model, reason_words
from kiosk.platform.devices import Place
from kiosk.platform.messages import Bilingual

CATALOGUE = load_catalogue()
SETTINGS = load_settings("simulated")


class Money:
    """Not locked."""

    locked = ""


class Well:
    """A device in order, or not."""

    def __init__(self, usable: bool = True) -> None:
        state = DeviceState.ONLINE if usable else DeviceState.HARDWARE_ERROR
        self.status = Status(state)


def capability(**devices: bool) -> Capability:
    families = ("id_card", "receipt_printer", "licence_printer", "payment_pad", "camera", "cabinet", "barcode")
    made: dict[str, Any] = {family: Well(devices.get(family, True)) for family in families}
    money: Any = Money()
    found = Capability(CATALOGUE, made, money, Network())
    found.around = Surroundings.of(SETTINGS)
    return found


def changed(item: str, **changes: Any) -> Service:
    return Service.model_construct(**{**dict(CATALOGUE.services[item]), **changes})


FREE = "WH-SI-001"


@pytest.mark.parametrize("equipment", ["card-slot", "issuing-cabinet", "photo-printer", "fingerprint", "intercom"])
def test_equipment_that_is_not_here_withholds_and_there_offers(equipment: str) -> None:
    here = capability()
    service = changed(FREE, equipment=(equipment,))
    found = here.of(service)
    assert (found.state, found.reason) == ("withheld", f"reason.equipment.{equipment}")
    here.around = Surroundings(SETTINGS.terminal.division, frozenset({equipment}))
    assert here.of(service).state == "offered"
    for language in ("zh", "en"):
        assert reason_words(found, language) not in ("", texts(language).t("reason.equipment.other"))


def test_a_complaint_is_heard_without_a_camera_and_without_a_photo() -> None:
    here = capability(camera=False)
    here.eyes = {"scan": Well(False), "verify": Well(False)}  # type: ignore[dict-item]  # a device as far as it is asked
    for item in ("WH-GN-015", "WH-GN-024"):
        service = CATALOGUE.services[item]
        assert here.of(service).available
        planned = plan(service, (), Means(camera=False))
        assert {p.state for p in planned if not service.materials[p.material].own_card} == {"skipped"}
    scanned = next(s for s in CATALOGUE.services.values() if "scan" in s.steps and "camera" in s.needs)
    assert here.of(scanned).reason.startswith("reason.")
    lies = plan(CATALOGUE.services["WH-GN-015"], (), Means(camera=True))
    assert "scan" in {p.state for p in lies}  # whoever has a paper can still lay it down


def test_a_paper_cannot_be_laid_where_there_is_no_camera() -> None:
    service = CATALOGUE.services["WH-GN-015"]
    skipped = next(p for p in plan(service, (), Means(camera=False)) if p.state == "skipped")
    assert other(service, skipped, Means(camera=False)) is None
    assert other(service, skipped, Means(camera=True)) == replace(skipped, state="scan", source="scan")


def test_a_bundle_is_withheld_with_the_camera_that_its_parts_need() -> None:
    bundle = CATALOGUE.services["WH-OT-008"]
    assert "camera" not in bundle.needs
    assert capability().of(bundle).available
    assert capability(camera=False).of(bundle).reason == "reason.camera.fault"


def test_another_districts_item_is_withheld() -> None:
    here = capability()
    assert here.of(changed(FREE, regions=("371082",))).reason == "reason.region"
    assert here.of(changed(FREE, regions=("371082", "371002"))).available
    assert here.of(changed(FREE, regions=("371000",))).available


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-11-23T09:00", True),  # a Monday
        ("2026-11-23T08:59", False),
        ("2026-11-23T16:59", True),
        ("2026-11-23T17:00", False),
        ("2026-11-22T10:00", False),  # a Sunday
        ("2026-10-01T10:00", False),  # National Day, a Thursday
        ("2026-10-10T10:00", True),  # a Saturday that is worked
    ],
)
def test_office_hours_follow_the_calendar(moment: str, open_: bool) -> None:
    here = capability()
    here.now = lambda: datetime.fromisoformat(moment).replace(tzinfo=WEIHAI)
    found = here.of(changed(FREE, hours="office"))
    assert found.available is open_
    if not open_:
        assert "9:00" in reason_words(found, "zh")
        assert "17:00" in reason_words(found, "en")


def test_the_offline_classes() -> None:
    here = capability()
    here._network.online = False
    heard = datetime(2026, 11, 21, 20, tzinfo=WEIHAI)
    here.now, here.heard_at = lambda: heard + timedelta(days=1), lambda: heard
    assert here.of(changed(FREE, offline="no")).reason == "reason.network"
    assert here.of(changed(FREE, offline="yes")).state == "offered"
    assert here.of(changed(FREE, offline="queue")).limit == "limit.queue"
    paid = CATALOGUE.services["WH-PS-001"].fee
    assert here.of(changed(FREE, offline="queue", fee=paid)).reason == "reason.network"  # never with money
    assert here.of(changed(FREE, offline="cache")).limit == "limit.cache"
    here.now = lambda: heard + timedelta(days=7, seconds=1)
    assert here.of(changed(FREE, offline="cache")).reason == "reason.too-old"


def test_an_area_that_is_down_withholds_what_needs_it_and_nothing_else() -> None:
    here = capability()
    here.areas_down = lambda: frozenset({"payments"})
    assert here.of(CATALOGUE.services["WH-PS-001"]).reason == "reason.area.payments"
    assert here.of(CATALOGUE.services[FREE]).state == "offered"


def test_a_printer_that_only_helps_limits() -> None:
    helped = next(s for s in CATALOGUE.services.values() if "receipt_printer" in s.uses and not s.equipment)
    assert capability(receipt_printer=False).of(helped).limit == "limit.receipt"


def test_depth_1_has_a_guide_and_no_start_and_is_no_trouble() -> None:
    here = capability()
    service = changed(FREE, depth=1)
    guide = guide_model(service, CATALOGUE, here, SETTINGS, "zh")
    assert not guide.service.available
    assert not guide.service.startable
    here.current = lambda: CATALOGUE
    assert not [key for key in here.limits() if key.startswith(("reason.equipment", "reason.depth", "reason.hours"))]


def test_somewhere_else_is_told_from_the_settings_with_what_is_needed() -> None:
    told = nearest(SETTINGS, "zh", ("licence_printer",))
    assert "2 号机" in told
    assert "9:00–17:00" in told
    assert "2 号机" not in nearest(SETTINGS, "zh", ("card-slot",))
    assert "一楼综合窗口" in at_counter(SETTINGS, "zh")
    nothing = SETTINGS.model_copy(update={"site": type(SETTINGS.site)()})
    assert SETTINGS.terminal.help_phone in nearest(nothing, "en")


def test_where_the_settings_know_no_terminal_the_platforms_nearest_is_named() -> None:
    here = Bilingual("环翠区", "Huancui District")
    place = partial(Place, kind="hall", district=here, counter=True)
    nearby = (
        place("hall-own", name=Bilingual("本厅", "This hall"), metres=0, terminals=4),
        place("hall-shut", name=Bilingual("无机厅", "No machine here"), metres=900, terminals=0),
        place("hall-far", name=Bilingual("威海市政务服务中心", "Weihai City Service Centre"), metres=2640, terminals=6),
    )
    alone = SETTINGS.site.model_copy(update={"neighbours": ()})
    settings = SETTINGS.model_copy(update={"site": alone})
    told = nearest(settings, "zh", nearby=nearby)
    assert "威海市政务服务中心的自助终端（离这里约 2.6 公里）" in told
    assert "一楼综合窗口" in told
    assert "Weihai City Service Centre (about 2.6 km away)" in nearest(settings, "en", nearby=nearby)
    assert "km" in nearest(settings, "ko", nearby=nearby)
    # Nobody said which devices it has; and the site's own list is the better word.
    assert "威海市政务服务中心" not in nearest(settings, "zh", ("licence_printer",), nearby)
    assert "2 号机" in nearest(SETTINGS, "zh", nearby=nearby)
    assert nearest(settings, "zh") == nearest(settings, "zh", nearby=(place("x", name=here, metres=None, terminals=1),))


def test_every_item_has_all_elements_of_its_guide_in_both_languages() -> None:
    here = capability()
    for service in CATALOGUE.services.values():
        for language in ("zh", "en"):
            guide = guide_model(service, CATALOGUE, here, SETTINGS, language)  # type: ignore[arg-type]  # one of the two
            assert all((guide.basis, guide.procedure, guide.fee, guide.time_limit, guide.output, guide.authority))
            assert len(guide.parts) == len(service.bundle)


def test_promises_cross_make_up_days_and_the_years_end() -> None:
    year = shipped()
    assert year.promise(date(2026, 9, 30), 1).day == date(2026, 10, 8)
    assert year.promise(date(2026, 10, 9), 1).day == date(2026, 10, 10)  # a Saturday that is worked
    late = year.promise(date(2026, 12, 30), 3)
    assert (late.day, late.estimated) == (date(2027, 1, 5), True)
    assert not year.promise(date(2026, 12, 30), 1).estimated
    assert year.promise(date(2031, 5, 2), 1).estimated
    assert year.promise(date(2026, 11, 21), 0).day == date(2026, 11, 21)
    told = year.with_year(2027, year_of(2027, {"published": True, "off": ["2027-01-01", "2027-01-04"], "work": []}))
    assert told.promise(date(2026, 12, 30), 3) == (type(late)(date(2027, 1, 6), False))
    with pytest.raises(ValueError, match="working_days"):
        year.promise(date(2026, 1, 1), -1)


@pytest.mark.parametrize(
    "table",
    [
        {"published": 1},
        {"published": True, "off": "2027-01-01"},
        {"published": True, "off": ["2026-01-01"]},
        {"published": True, "off": ["soon"]},
        {"published": True, "off": ["2027-01-02"], "work": ["2027-01-02"]},
    ],
)
def test_a_wrong_calendar_is_refused(table: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="calendar"):
        year_of(2027, table)


def test_the_weekday_rule_alone_is_an_estimate() -> None:
    bare = WorkCalendar({})
    assert bare.is_estimated(date(2026, 10, 1))
    assert bare.is_working_day(date(2026, 10, 1))
    assert not bare.is_working_day(date(2026, 10, 10))


def test_what_is_popular_is_in_the_catalogue() -> None:
    assert unknown_items(home_page(), CATALOGUE.services) == []
    assert unknown_items(home_page(), {}) == list(home_page().popular)


def test_all_items_are_judged_again_only_when_something_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standby asks every second; 236 items are not looked at every second."""
    here = capability()
    moment = datetime(2026, 11, 23, 9, 30, tzinfo=WEIHAI)
    here.now, here.forms_left = lambda: moment, lambda _: 5
    judged: list[str] = []
    of = Capability.of
    monkeypatch.setattr(Capability, "of", lambda self, service: judged.append(service.id) or of(self, service))
    before, count = here.available(), len(CATALOGUE.services)
    assert here.limits() == []
    assert here.available() == before
    assert len(judged) == count
    here._devices["licence_printer"].status = Status(DeviceState.HARDWARE_ERROR)  # type: ignore[misc]  # a stand-in
    assert here.available() < before
    assert "reason.licence_printer.fault" in here.limits()
    here._network.online = False
    assert "reason.network" in here.limits()
    moment += timedelta(minutes=1)
    here.available()
    assert len(judged) == 4 * count


def test_an_item_that_waits_is_offered_without_a_network_only_where_it_gets_to_its_end() -> None:
    here = capability()
    here._network.online = False
    asks_a_list = CATALOGUE.services["WH-SI-009"]
    assert any(spec.options_from == "platform" for spec in asks_a_list.form)
    assert here.of(asks_a_list).reason == "reason.network"
    assert here.of(CATALOGUE.services["WH-CA-010"]).limit == "limit.queue"
