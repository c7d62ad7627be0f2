"""Sessions: roles, audit, time-outs, what a crash leaves, the handshake with a visit under way, work from afar."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from door_hall import SUPERVISOR_PIN, DoorHall, entries

from kiosk.technician.audit import BadFigures
from kiosk.technician.door import Shut
from kiosk.technician.session import NotAllowed
from screens.screen import Screen
from simulator.virtual_time import run_virtual


def walk(folder: Path, steps: Callable[[DoorHall], Awaitable[None]]) -> None:
    async def run() -> None:
        async with DoorHall(folder) as hall:
            await steps(hall)

    run_virtual(run())


def shorter(hall: DoorHall, **rules: float) -> None:
    """Other rules, for a test that waits for their end."""
    gate = hall.entry.gate
    changed = gate.settings.technician.model_copy(update=rules)
    gate.settings = gate.settings.model_copy(update={"technician": changed})


def test_every_act_is_in_the_chain_and_none_is_done_without_the_right(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        session = await hall.come_in()
        done: list[str] = []

        async def reissue() -> None:
            done.append("reissue")

        async def jam() -> None:
            raise OSError("jammed")

        assert await session.run("test/id_card", lambda: asyncio.sleep(2, 14), lambda ms: {"ms": ms}) == 14
        with pytest.raises(NotAllowed, match="not for the role field"):
            await session.run("reissue", reissue)
        with pytest.raises(NotAllowed):
            await session.run("shell", reissue)
        with pytest.raises(OSError, match="jammed"):
            await session.run("refill", jam)
        with pytest.raises(BadFigures, match="at most 80"):
            await session.note("profile-check", "done", {"what": "x" * 81})
        await session.note("profile-check", "done", {"differences": 0})
        stopped = asyncio.ensure_future(session.run("burn-in", lambda: asyncio.sleep(999)))
        await asyncio.sleep(1)
        stopped.cancel()
        await asyncio.gather(stopped, return_exceptions=True)
        session.leave()
        with pytest.raises(NotAllowed, match="the session is over"):
            await session.run("refill", reissue)
        assert done == []
        await asyncio.sleep(0.5)
        told = [(b["act"], b["phase"], b["outcome"]) for b in hall.entries("technician")]
        assert told == [
            ("test/id_card", "begin", ""),
            ("test/id_card", "end", "done"),
            ("reissue", "done", "refused"),
            ("shell", "done", "refused"),
            ("refill", "begin", ""),
            ("refill", "end", "OSError"),
            ("profile-check", "done", "done"),
            ("burn-in", "begin", ""),
            ("burn-in", "end", "stopped"),
            ("refill", "done", "too-late"),
        ]
        assert {b["who"] for b in hall.entries("technician")} == {session.who}

    walk(tmp_path, steps)


def test_a_session_in_which_nobody_does_anything_ends_but_no_act_is_cut(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        shorter(hall, idle_s=60.0)
        session = await hall.come_in()
        hall.lift()
        await asyncio.sleep(40)
        session.touched()
        await asyncio.sleep(40)
        assert session.is_open
        assert await session.run("burn-in", lambda: asyncio.sleep(150, "whole")) == "whole"
        await asyncio.sleep(55)
        assert session.is_open
        await asyncio.sleep(10)
        assert not session.is_open
        assert session.why == "timeout"
        await hall.page("standby")
        shorter(hall, longest_s=100.0)
        session = await hall.come_in()
        hall.lift()
        act = asyncio.ensure_future(session.run("burn-in", lambda: asyncio.sleep(1e6)))
        await hall.page("standby", within_s=150)
        assert [b["why"] for b in hall.entries("technician.session") if b["what"] == "closed"] == ["timeout", "limit"]
        with pytest.raises(NotAllowed, match="the session is over"):
            await act
        assert hall.entries("technician")[-1]["outcome"] == "stopped"

    walk(tmp_path, steps)


def test_a_program_error_in_the_pages_arms_the_terminal_again(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        armed: list[str] = []
        hall.entry.rearm.append(lambda: armed.append("armed"))
        hall.seen.error = RuntimeError("a page that cannot be drawn")
        session = await hall.come_in()
        hall.lift()
        hall.seen.go.set()
        await hall.page("standby")
        assert (session.why, armed, hall.terminal.visit_id) == ("error", ["armed"], "")
        hall.seen.error = None
        assert (await hall.come_in()).is_open

    walk(tmp_path, steps)


def test_a_handshake_that_cannot_be_shown_leaves_no_session_behind(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        code, show = (await hall.code(purpose="remote"))["digits"], hall.terminal.display.show

        def broken(screen: Screen) -> None:
            if screen.page == "maintenance":
                raise RuntimeError("cannot be drawn")
            show(screen)

        hall.terminal.display.show = broken  # type: ignore[method-assign]
        await hall.page("standby")
        with pytest.raises(Shut, match="busy"):
            async with hall.entry.remotely(code):
                pass
        hall.terminal.display.show = show  # type: ignore[method-assign]
        assert (hall.entry.session, hall.terminal.visit_id) == (None, "")
        assert (await hall.come_in()).is_open

    walk(tmp_path, steps)


def test_after_a_crash_the_terminal_is_a_citizens_and_the_record_says_why(tmp_path: Path) -> None:
    """The plug is pulled in the middle of an act: nothing of the session is kept open anywhere."""

    async def run() -> None:
        hall = DoorHall(tmp_path)
        await hall.__aenter__()
        session = await hall.come_in("supervisor", SUPERVISOR_PIN)
        act = asyncio.ensure_future(session.run("refill", lambda: asyncio.sleep(60)))
        await asyncio.sleep(1)
        await hall.journal.close()  # from here on nothing is written any more
        act.cancel()
        await asyncio.gather(act, return_exceptions=True)
        hall.journal.note = _nothing  # type: ignore[method-assign]
        hall.journal.close = _nothing  # type: ignore[method-assign]
        await hall.__aexit__()

    async def _nothing(*_: object) -> None:
        return None

    run_virtual(run())
    assert [b["what"] for b in entries(tmp_path, "technician.session")] == ["opened"]

    async def again(hall: DoorHall) -> None:
        await hall.page("standby")
        assert hall.entry.session is None
        opened, closed = hall.entries("technician.session")
        assert (closed["what"], closed["why"], closed["session"]) == ("closed", "crash", opened["session"])
        await hall.entry.recall()  # once is enough
        assert len(hall.entries("technician.session")) == 2
        assert not (await hall.journal.verify()).broken

    walk(tmp_path, again)


def test_somebody_from_afar_waits_for_the_visit_and_no_new_one_begins(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        await hall.renewal_to_pay()
        await hall.press("pay", "card")
        code = (await hall.code("supervisor", "remote"))["scan"]
        began = asyncio.get_running_loop().time()
        pages_before = len(hall.display.pages)
        async with hall.entry.remotely(code) as session:
            waited = asyncio.get_running_loop().time() - began
            assert waited > 1
            assert session.source == "remote"
            assert hall.display.screen is not None
            assert hall.display.screen.page == "maintenance"
            assert "home" not in hall.display.pages[pages_before:]
            await hall.press("start")  # citizens cannot begin
            await hall.gesture()  # nor another technician
            assert hall.display.screen.page == "maintenance"
            with pytest.raises(Shut, match="busy"):
                async with hall.entry.remotely((await hall.code("supervisor", "remote"))["scan"]):
                    raise AssertionError("two at once")
            assert await session.run("look", lambda: asyncio.sleep(1, 3)) == 3
        hall.lift()
        await hall.page("standby")
        closed = hall.entries("visit.closed")
        assert len(closed) == 1
        assert hall.entries("technician.session")[-1]["why"] == "left"
        assert not await hall.journal.open_intents()

    walk(tmp_path, steps)


@pytest.mark.promise("P1")
def test_the_handshake_never_cuts_a_payment(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        await hall.renewal_to_pay()
        taken: list[bool] = []

        async def from_afar() -> None:
            async with hall.entry.remotely((await hall.code("supervisor", "remote"))["scan"]) as session:
                taken.append(hall.paid_fen() in (2000, 0) and not await hall.journal.open_intents())
                session.leave()

        waiting = asyncio.ensure_future(from_afar())
        await asyncio.sleep(5)
        assert hall.entry.is_asked
        hall.pad_there.do("tap", card="citizen-02")
        await hall.page("finish", "receipt", within_s=300)
        assert hall.paid_fen() == 2000
        assert hall.entry.session is None  # the citizen is served to the end
        hall.lift()
        await waiting
        assert taken == [True]
        await hall.page("standby")

    walk(tmp_path, steps)


def test_a_visit_that_does_not_end_keeps_the_terminal(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        await hall.page("standby")
        await hall.press("start")
        await hall.page("home")
        code = (await hall.code("supervisor", "remote"))["scan"]
        shorter(hall, handover_s=100.0)

        async def read_on() -> None:
            while True:
                await asyncio.sleep(20)
                await hall.press("turn", "next")

        reading = asyncio.ensure_future(read_on())
        with pytest.raises(Shut, match="busy"):
            async with hall.entry.remotely(code):
                raise AssertionError("a citizen was here")
        reading.cancel()
        assert not hall.entry.is_asked
        assert hall.refusals() == ["busy"]
        await hall.press("leave")
        await hall.page("standby")
        with pytest.raises(Shut, match="code-used"):
            async with hall.entry.remotely(code):
                raise AssertionError("a code twice")

    walk(tmp_path, steps)


def test_from_afar_only_codes_for_that_count_and_the_session_ends_with_its_block(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        await hall.page("standby")
        with pytest.raises(Shut, match="code-purpose"):
            async with hall.entry.remotely((await hall.code("supervisor", "panel"))["scan"]):
                raise AssertionError("a code for the panel")
        with pytest.raises(ZeroDivisionError):
            async with hall.entry.remotely((await hall.code("supervisor", "remote"))["digits"]) as session:
                raise ZeroDivisionError
        await hall.page("standby")
        assert not session.is_open
        assert session.may("intent-ask")
        assert not any(session.may(needs_eyes) for needs_eyes in ("intent-settle", "reissue"))
        assert hall.entry.session is None

    walk(tmp_path, steps)


def test_whoever_counted_does_not_sign(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        session = await hall.come_in()
        signing = asyncio.ensure_future(hall.entry.countersigned(session))
        await hall.page("tech_door")
        await asyncio.sleep(4)
        assert "主管签字" in hall.words()  # the field technician's own card
        await hall.lay("supervisor")
        await hall.pin(SUPERVISOR_PIN)
        signed = await signing
        assert signed is not None
        assert (signed.role, signed.who != session.who) == ("supervisor", True)
        signing = asyncio.ensure_future(hall.entry.countersigned(session))
        await hall.page("tech_door")
        await hall.press("leave")
        assert await signing is None
        assert session.is_open

    walk(tmp_path, steps)


def test_a_supervisor_does_not_countersign_their_own_work(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        session = await hall.come_in("supervisor", SUPERVISOR_PIN)
        signing = asyncio.ensure_future(hall.entry.countersigned(session))
        await hall.page("tech_door")
        await hall.lay("supervisor")
        await asyncio.sleep(4)
        assert "不能是本人" in hall.words()
        await hall.press("leave")
        assert await signing is None

    walk(tmp_path, steps)
