"""Cases and the parts of bundles at the platform: own numbers and states, data given on, refusals apart, money back."""

from __future__ import annotations

import json
from contextlib import contextmanager

import pytest
from platform_town import CATALOGUE

from config.bundle_whole import fields_of, materials_of, whole_of
from config.catalogue import load_catalogue
from simulator.people import CITIZENS
from simulator.platform import bundles, casefile
from simulator.platform.app import create_app
from simulator.platform.case_desk import CaseAct, _act
from simulator.platform.cases import found
from simulator.platform.problems import Refusal

BUNDLES = [s for s in load_catalogue().services.values() if s.bundle]
WHO = CITIZENS["citizen-02"]


class Office:
    """A platform without a terminal before it: what an application leads to."""

    def __init__(self, wall):
        self.app = create_app(":memory:", wall, catalogue=CATALOGUE)
        self.city = self.app.state.city
        self.count = 0

    def taken_in(self, service: str, form: dict[str, str] | None = None, order: str | None = None) -> str:
        """Put an application there as `applications.accept` does."""
        self.count += 1
        number = f"371002261121{self.count:04d}"
        item = self.city.service(service)
        values = (number, "WH-HC-0003", f"sub-{number}", WHO.number, service, order, json.dumps(form or {}), "[]",
                  "a" * 64, "ACCEPTED", self.city.stamp(), "2026-11-21", False)  # fmt: skip
        with self.city.store.transaction() as cx:
            cx.execute(
                "INSERT INTO application (number, kiosk, intent, citizen, service, payment_order, form, consents,"
                f" reviewed_digest, state, accepted_at, promise_date, estimated) VALUES ({', '.join('?' * 13)})",
                values,
            )
            bundles.opened(cx, self.city, number)
        assert item.id == service
        return number

    @contextmanager
    def cx(self):
        with self.city.store.transaction() as cx:
            yield cx

    def act(self, number: str, act: str, why: str = "") -> None:
        with self.cx() as cx:
            _act(cx, self.city, found(cx, self.city, number), CaseAct(act=act, why=why))

    def parts(self, number: str):
        with self.cx() as cx:
            return [dict(part) for part in casefile.parts_of(cx, number)]

    def light(self, number: str) -> str:
        with self.cx() as cx:
            return casefile.light_of(cx, self.city, found(cx, self.city, number))


@pytest.fixture
def office(town):
    made = Office(town.wall)
    yield made
    made.city.store.close()


@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda s: s.id)
def test_every_bundle_opens_a_file_for_each_part_with_its_own_number_and_promise(office, bundle):
    number = office.taken_in(bundle.id)
    parts = office.parts(number)
    assert [part["service"] for part in parts] == [part.id for part in bundle.bundle]
    assert [part["number"] for part in parts] == [f"{number}{i:02d}" for i in range(1, len(parts) + 1)]
    with office.cx() as cx:
        whole = casefile.file_of(cx, number)
    assert whole["promise_date"] >= max(part["promise_date"] for part in parts)


def test_there_are_twelve_bundles_and_none_asks_for_a_thing_or_a_paper_twice():
    services = load_catalogue().services
    assert len(BUNDLES) == 12
    for bundle in BUNDLES:
        keys = [field.spec.key for field in fields_of(bundle, services)]
        names = [material.name.zh for material in materials_of(bundle, services)]
        assert len(set(keys)) == len(keys)
        assert len(set(names)) == len(names)
        assert len(keys) <= sum(len(services[i].form) for i in [bundle.id, *(p.id for p in bundle.bundle)])
        whole = whole_of(bundle, services)
        assert ("scan" in whole.steps) == any(m.document for m in whole.materials)
    birth = materials_of(services["WH-OT-001"], services)
    assert [m.name.zh for m in birth if "出生" in m.name.zh] == ["出生证明"]


def test_what_a_part_gives_is_not_asked_and_reaches_the_later_parts_when_it_is_done(office):
    number = office.taken_in("WH-OT-001", {"birth_date": "20261101"})
    first, *later = office.parts(number)
    assert {part["state"] for part in later} >= {"WAITING"}
    assert office.light(f"{number}02") == "grey"
    office.act(first["number"], "done")
    after = office.parts(number)
    assert [part["state"] for part in after] == ["DONE", "ACCEPTED", "ACCEPTED"]
    with office.cx() as cx:
        rows = cx.execute("SELECT number, value FROM case_data WHERE key = 'child_idno'").fetchall()
    assert {row["number"] for row in rows} == {part["number"] for part in later if part["waits_for"]}
    assert all(len(row["value"]) == 18 for row in rows)
    for part in after[1:]:
        office.act(part["number"], "done")
    with office.cx() as cx:
        assert found(cx, office.city, number)["state"] == "DONE"
        assert cx.execute("SELECT state FROM application WHERE number = ?", (number,)).fetchone()["state"] == "DONE"


def test_a_part_that_fails_apart_leaves_the_others_and_its_money_goes_back(office):
    with office.cx() as cx:
        cx.execute(
            "INSERT INTO payment_order (id, kiosk, intent, session, number, service, fen, expires_at, state, at)"
            " VALUES ('ord-0001', 'WH-HC-0003', 'chg-00001', 'ses', 'n', 'WH-OT-001', 5000, '', 'PAID', '')"
        )
    number = office.taken_in("WH-OT-001", order="ord-0001")
    with office.cx() as cx:
        cx.execute("UPDATE casefile SET fen = 3000 WHERE number = ?", (f"{number}02",))
    office.act(f"{number}02", "refuse")
    first, second, third = office.parts(number)
    assert (first["state"], second["state"], third["state"]) == ("ACCEPTED", "REFUSED", "ACCEPTED")
    assert second["back_fen"] == 3000
    with office.cx() as cx:
        assert [tuple(r) for r in cx.execute("SELECT fen, state FROM refund")] == [(3000, "DONE")]
        assert cx.execute("SELECT SUM(fen) FROM payer_entry WHERE kind = 'refund'").fetchone()[0] == 3000
    with pytest.raises(Refusal):
        office.act(f"{number}02", "refuse")


def test_a_part_that_cannot_fail_apart_takes_the_others_with_it(office):
    number = office.taken_in("WH-OT-001")
    office.act(f"{number}01", "refuse")
    assert [part["state"] for part in office.parts(number)] == ["REFUSED"] * 3
    with office.cx() as cx:
        assert found(cx, office.city, number)["state"] == "REFUSED"


def test_qa_can_have_a_part_refused_as_soon_as_it_is_handed_in(office):
    office.city.wishes[bundles.REFUSE] = "WH-MI-011"
    number = office.taken_in("WH-OT-001")
    assert [part["state"] for part in office.parts(number)] == ["ACCEPTED", "REFUSED", "ACCEPTED"]
    office.city.wishes[bundles.REFUSE] = "WH-PS-010"
    with pytest.raises(Refusal):
        office.taken_in("WH-OT-001")
    assert bundles.REFUSE not in office.city.wishes


def test_the_light_of_a_case_follows_the_calendar_as_days_pass(office):
    number = office.taken_in("WH-PS-001")
    seen = [office.light(number)]
    for _ in range(65):
        with office.cx() as cx:
            casefile.pass_time(cx, 86_400)
        if (now := office.light(number)) != seen[-1]:
            seen.append(now)
    assert seen == ["green", "yellow", "red", "dark-red"]


def test_a_special_procedure_stops_the_clock_and_moves_the_promise(office):
    number = office.taken_in("WH-PS-001")
    with office.cx() as cx:
        before = casefile.file_of(cx, number)["promise_date"]
    office.act(number, "pause")
    assert office.light(number) == "grey"
    with office.cx() as cx:
        casefile.pass_time(cx, 14 * 86_400)
    office.act(number, "resume")
    with office.cx() as cx:
        row = casefile.file_of(cx, number)
    assert (before, row["promise_date"]) == ("2026-12-18", "2027-01-04")
    assert row["estimated"] == 1  # the arrangement of 2027 is not published


def test_steps_lead_to_the_end_and_every_move_is_in_the_timeline(office):
    number = office.taken_in("WH-PS-001")
    for _ in range(4):
        office.act(number, "step")
    with office.cx() as cx:
        kinds = [
            row["kind"] for row in cx.execute("SELECT kind FROM case_event WHERE number = ? ORDER BY id", (number,))
        ]
    assert kinds == ["accepted", "step", "step", "step", "done"]
    with pytest.raises(Refusal):
        office.act(number, "step")
