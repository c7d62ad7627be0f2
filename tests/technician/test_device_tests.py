"""Tests of devices in a hall under virtual time: what is well passes, what is broken fails with its true cause, and
nothing of it is found among citizens' records."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bench_tests import Someone, stand

from config.device_tests import device_tests
from config.load import load_settings
from drivers.links.memory import MemoryPort
from drivers.receipt_printer.driver import ReceiptPrinter
from kiosk.diagnostics.history import History
from kiosk.technician.device_tests import burn_in, declared, running, table
from simulator.breakdowns import BREAKDOWNS, NO_NETWORK, NO_READER
from simulator.hall import Hall
from simulator.inline_loop import run_inline
from simulator.mishaps import CABINET, LICENCES, PAD, READER, RECEIPTS
from simulator.models.receipt_printer import make
from simulator.people import CITIZENS
from simulator.ports.serve import MemoryWire
from simulator.striking import strike

CITIZEN = CITIZENS["citizen-10"]
MONEY = {"0601", "0622", "0623", "0624", "0625", "0630", "0631", "0650", "06c0"}
"""ZVT commands that take, hold, book, free, reverse or hand in money, or want a card (ZVT 13.08, chapter 2)."""
HARMLESS = {"0600", "0501", "0670", "0679", "0691", "8000", "061a"}


async def card_comes(hall: Hall, after_s: float = 2.0, lies_s: float = 6.0, card: str = "citizen-10") -> None:
    await asyncio.sleep(after_s)
    hall.do(READER, "present", card=card)
    await asyncio.sleep(lies_s)
    hall.do(READER, "lift")


@pytest.mark.promise("P1")
@pytest.mark.promise("P6")
def test_a_hall_that_is_well_passes_and_no_citizen_has_anything_of_it(tmp_path: Path) -> None:
    crossed: list[tuple[str, str, bytes]] = []

    def listening(name: str, way: str, data: bytes) -> None:
        crossed.append((name, way, data))

    async def story() -> tuple[dict[str, Any], list[dict[str, Any]], Any]:
        async with stand(tmp_path) as at:
            before = {name: at.hall.rows(f"SELECT count(*) AS n FROM {name}")[0]["n"] for name in tables(at.hall)}
            at.hall.cut = listening
            results = {}
            for test in ("receipt-printer", "licence-printer", "pad", "lights", "sensors", "platform", "power"):
                results[test] = await at.run(test)
            comes = asyncio.create_task(card_comes(at.hall))
            results["reader"] = await at.run("reader")
            await comes
            results["touch"], results["pixels"] = await at.run("touch"), await at.run("pixels")
            after = {name: at.hall.rows(f"SELECT count(*) AS n FROM {name}")[0]["n"] for name in tables(at.hall)}
            grown = {name for name in after if after[name] != before[name]}
            assert grown <= ALIVE, grown
            assert at.hall.bank == []
            assert await at.tools.journal.open_intents() == []
            assert await at.tools.journal.unclosed_visits() == []
            usable = at.hall.life.devices
            assert not any(usable.values()), usable
            assert "测试 TEST" in at.hall.receipts.state()["last_receipt"]
            assert set(at.hall.sheets.values()) == {1}
            return results, await at.entries(), at.person

    results, entries, person = run_inline(story())
    assert {name: (r.outcome, r.event, r.said) for name, r in results.items() if r.outcome != "pass"} == {}
    said = [figure for figure in results["sensors"].figures if isinstance(figure.value, str)]
    assert len(said) > 4
    assert {figure.value for figure in said} <= set(device_tests().word)
    assert person.asked == ["ticket-whole", "page-straight", "all-lights", "sensors-right", "pixels-right"]
    # Begin and end of each, with figures; nothing of the card that helped.
    assert [(e["test"], e["step"]) for e in entries[:2]] == [("receipt-printer", "begin"), ("receipt-printer", "end")]
    assert len(entries) == 2 * len(results)
    assert any("371" in line or "*" in line for line in results["reader"].shown)
    words = json.dumps(entries, ensure_ascii=False) + "".join(person.words) + repr(results["reader"])
    for secret in (CITIZEN.name, CITIZEN.number, CITIZEN.number[-4:], CITIZEN.address):
        assert secret not in words
    kinds = {kind for (kind,) in journal(tmp_path, "SELECT DISTINCT kind FROM entry")}
    assert not {kind for kind in kinds if kind.split(".")[0] in ("visit", "card", "charge", "print", "submit", "case")}
    assert journal(tmp_path, "SELECT count(*) FROM intent") == [(0,)]
    # What the pad was asked, byte by byte.
    asked = set(commands(b"".join(data for name, way, data in crossed if (name, way) == ("pad", "in"))))
    assert {"0670", "0679"} <= asked
    assert not asked & MONEY
    assert asked <= HARMLESS, asked


ALIVE = {"heartbeat", "reply"}
"""What any minute of a terminal adds to at the platform."""


def commands(stream: bytes) -> Iterator[str]:
    """Class and instruction of each APDU (ZVT 13.08, 1.3: two octets, a length of one octet or FF and two)."""
    while stream:
        wide = stream[2] == 0xFF
        length = int.from_bytes(stream[3:5], "little") + 5 if wide else stream[2] + 3
        yield stream[:2].hex()
        stream = stream[length:]


def tables(hall: Hall) -> list[str]:
    return [row["name"] for row in hall.rows("SELECT name FROM sqlite_master WHERE type='table'")]


def journal(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(folder / "journal.db") as db:
        return db.execute(query).fetchall()


BROKEN = (
    (READER, "silent", "reader", "device.any.no-answer"),
    (RECEIPTS, "paper_jam", "receipt-printer", "device.receipt-printer.paper-jammed"),
    (LICENCES, "jam", "licence-printer", "device.licence-printer.paper-jammed"),
    (PAD, "lock_f0", "pad", "device.payment-pad.day-end"),
    (CABINET, "ups_engage", "power", "cabinet.on-battery"),
)


@pytest.mark.promise("P7")
def test_what_is_broken_fails_with_its_true_cause(tmp_path: Path) -> None:
    """Prepared breakdowns of `simulator.breakdowns`, each seen by the device's own test; none touches another's."""
    prepared = {(b.where, b.act): b for b in BREAKDOWNS}

    async def story() -> dict[str, tuple[str, str]]:
        async with stand(tmp_path) as at:
            for where, act, _, _ in BROKEN:
                breakdown = prepared[where, act]
                at.hall.do(where, act, **breakdown.args)
            await asyncio.sleep(15)
            return {test: ((r := await at.run(test)).outcome, r.event) for _, _, test, _ in BROKEN}

    assert run_inline(story()) == {test: ("fail", event) for _, _, test, event in BROKEN}


def test_a_pads_own_test_fails_it_and_a_pad_without_one_passes_and_says_so(tmp_path: Path) -> None:
    async def story() -> list[tuple[str, str, str]]:
        async with stand(tmp_path) as at:
            at.hall.do(PAD, "self_test_fails")
            broken = await at.run("pad")
            at.hall.do(PAD, "self_test_fails", on=False)
            at.hall.do(PAD, "no_self_test")
            without = await at.run("pad")
            assert at.hall.bank == []
            own = {figure.id: figure.told("en") for figure in without.figures}["self-test"]
            return [(broken.outcome, broken.event, broken.cause), (without.outcome, without.event, own)]

    assert run_inline(story()) == [
        ("fail", "device.payment-pad.broken", "reader-broken"),
        ("pass", "test.passed", "it has none"),
    ]


def test_a_fault_that_shows_only_at_work_is_found_by_the_test(tmp_path: Path) -> None:
    """At rest all looked well: the paper tears in the middle of the test ticket; the reader is pulled out."""

    async def story() -> list[tuple[str, str]]:
        async with stand(tmp_path) as at:
            at.hall.do(RECEIPTS, "cutter_jam", at="cut")
            torn = await at.run("receipt-printer")
            comes = asyncio.create_task(card_comes(at.hall, card="damaged", lies_s=20.0))
            unread = await at.run("reader")
            await comes
            await strike(at.hall, NO_READER)
            gone = await at.run("reader")
            at.hall.face = "covered"
            await asyncio.sleep(5)
            covered = await at.run("face-camera")
            await strike(at.hall, NO_NETWORK)
            away = await at.run("platform")
            return [(r.outcome, r.event) for r in (torn, unread, gone, covered, away)]

    assert run_inline(story()) == [
        ("fail", "device.receipt-printer.cutter"),
        ("fail", "device.id-card.unread"),
        ("fail", "device.any.unplugged"),
        ("fail", "device.camera.dark"),
        ("fail", "platform.unreachable"),
    ]


def test_a_person_decides_and_nobody_is_not_taken_for_yes(tmp_path: Path) -> None:
    async def story() -> list[tuple[str, str]]:
        async with stand(tmp_path) as at:
            found = []
            for answer, present in ((False, True), (None, True), (True, False)):
                at.person.answer, at.person.present = answer, present
                result = await at.run("lights")
                found.append((result.outcome, result.event))
            at.person.present = True
            found.append(((r := await at.run("reader")).outcome, r.event))  # no card comes
            return found

    assert run_inline(story()) == [
        ("fail", "cabinet.light-dark"),
        ("unknown", "test.nobody-answered"),
        ("pass", "test.passed-unseen"),
        ("unknown", "test.nothing-shown"),
    ]


def test_a_test_that_is_stopped_leaves_the_device_fit(tmp_path: Path) -> None:
    """The test page is called off at the printer; the lights go dark again; the next test passes."""

    async def story() -> None:
        async with stand(tmp_path) as at:
            stop = asyncio.Event()
            asyncio.get_running_loop().call_later(0.5, stop.set)
            stopped = await at.run("licence-printer", stop)
            assert at.hall.licences.engine.jobs, "it was stopped before the printer had the page"
            assert (stopped.outcome, stopped.event) == ("unknown", "test.stopped")
            await asyncio.sleep(60)
            waiting = [job for job in at.hall.licences.engine.jobs.values() if job.state < 7]
            assert waiting == []
            for test, after_s in (("lights", 1.5), ("pad", 0.3), ("receipt-printer", 0.3)):
                stop = asyncio.Event()
                asyncio.get_running_loop().call_later(after_s, stop.set)
                assert (await at.run(test, stop)).event == "test.stopped", test
                await asyncio.sleep(5)
                again = await at.run(test)
                assert again.outcome == "pass", again
            assert (await at.run("licence-printer")).outcome == "pass"
            task = asyncio.create_task(at.run("reader"))
            await asyncio.sleep(3)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            ends = [e for e in await at.entries() if e["step"] == "end"]
            assert ends[-1]["event"] == "test.stopped"
            assert not any(at.hall.life.devices.values())

    run_inline(story())


def test_burn_in_counts_is_bounded_and_stops(tmp_path: Path) -> None:
    async def story() -> None:
        async with stand(tmp_path) as at:
            plan = burn_in.Plan((table.BY_ID["pad"], table.BY_ID["sensors"], table.BY_ID["receipt-printer"]), 4)
            assert (plan.paper_mm, plan.pages) == (4 * table.BY_ID["receipt-printer"].paper_mm, 0)
            heard: list[int] = []
            counts = await burn_in.burn_in(plan, at.ground, lambda c: heard.append(c.tallies[0].runs), at.record)
            assert [(t.runs, t.passes) for t in counts.tallies] == [(4, 4)] * 3
            assert counts.ended == "done"
            assert heard == sorted(heard)
            assert all(t.p95_s is not None and t.p95_s > 0 for t in counts.tallies)
            assert at.person.asked == []
            at.hall.do(RECEIPTS, "paper_out")
            await asyncio.sleep(10)
            counts = await burn_in.burn_in(plan, at.ground, lambda _: None, at.record)
            assert [(t.runs, t.fails) for t in counts.tallies] == [(4, 0), (4, 0), (1, 1)]
            assert counts.tallies[2].why == "device.receipt-printer.paper-out"
            stop = asyncio.Event()
            asyncio.get_running_loop().call_later(8, stop.set)
            long = burn_in.Plan((table.BY_ID["sensors"],), 10_000)
            assert (await burn_in.burn_in(long, at.ground, lambda _: None, at.record, stop)).ended == "stopped"
            timed = burn_in.Plan((table.BY_ID["sensors"],), 10_000, 20.0)
            assert (await burn_in.burn_in(timed, at.ground, lambda _: None, at.record)).ended == "time"
            entries = await at.entries()
            assert [e["step"] for e in entries] == ["begin", "end"] * 4
            past = History(tmp_path).past(at.hall.now())
            assert (past["receipt_printer"].tests_passed, past["receipt_printer"].tests_failed) == (4, 1)

    run_inline(story())
    for plan in (
        lambda: burn_in.Plan((), 1),
        lambda: burn_in.Plan((table.BY_ID["reader"],), 2),
        lambda: burn_in.Plan((table.BY_ID["licence-printer"],), 51),
        lambda: burn_in.Plan((table.BY_ID["pad"],), 10_001),
        lambda: burn_in.Plan((table.BY_ID["pad"],), 1, 0),
    ):
        with pytest.raises(burn_in.TooMuch):
            plan()


def test_tests_are_found_by_name_and_this_terminal_has_its_own() -> None:
    settings = load_settings("simulated")
    assert {t.id for t in table.find_tests("cabinet", settings)} == {"lights", "sensors"}
    assert [t.id for t in table.find_tests("licence_printer", settings)] == ["licence-printer"]
    assert "code-camera" not in {t.id for t in table.find_tests("all", settings)}
    with pytest.raises(LookupError, match="there are all, reader"):
        table.find_tests("lamp", settings)


def test_a_presenter_lets_go_or_pulls_back(tmp_path: Path) -> None:
    """The ticket of the test lies in the exit: pulled back when nobody takes it; taken; or stuck there."""

    async def story() -> list[tuple[str, str, Any]]:
        sim = make("pty:/unused", profile="presenter-80mm")
        sim.port = MemoryWire(sim.end, MemoryPort("presenter-tested"), sim.tap)
        printer = ReceiptPrinter("receipt_printer", "memory://presenter-tested", {"profile": "presenter-80mm"})
        await sim.plug()
        await printer.open()
        found = []
        try:
            for before in ("", "taken", "stuck"):
                person = Someone(meanwhile=lambda before=before: before == "taken" and sim.do("tear_off"))
                if before == "stuck":
                    sim.do("retracting", on=False)
                ground = declared.Ground(load_settings("simulated"), {"receipt_printer": printer}, person)
                result = await running.run_test(table.BY_ID["receipt-printer"], ground)
                exit_ = {figure.id: figure.value for figure in result.figures}.get("exit", "")
                found.append((result.outcome, result.event, exit_))
        finally:
            await printer.close()
            await sim.unplug()
        return found

    assert run_inline(story()) == [
        ("pass", "test.passed", "exit-retracted"),
        ("pass", "test.passed", "exit-taken"),
        ("fail", "device.receipt-printer.not-retracted", ""),
    ]
