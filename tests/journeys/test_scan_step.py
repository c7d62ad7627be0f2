"""The scan step with a scripted citizen, desk and reader: what is kept is sealed, nothing that differs is accepted."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from citizens_hall import Display

from config.catalogue import load_catalogue
from config.service import Material, Words, faults_of
from config.settings import Manners
from drivers.camera.documents import NotScanned, Outline, Scanned
from drivers.camera.texts import TextLine
from drivers.errors import NoAnswer
from kiosk.keys import MachineKey
from kiosk.materials.scanned import MAX_SHEETS, Materials, TooMany
from kiosk.steps.scan import scan
from kiosk.visits.case import Case, Stop
from kiosk.visits.vault import Vault, VaultClosed
from kiosk.visits.visit import Ended, Replies, Visit
from screens.models import Place
from screens.screen import Reply
from simulator.virtual_time import run_virtual

NAME, NUMBER = "王伟国", "371002199203155028"
WHOLE = Outline(((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)), 1.0, (), 1.0)


class Frame:
    """A picture."""

    def __init__(self) -> None:
        import numpy as np

        self.pixels = np.full((48, 64, 3), 90, np.uint8)


class Desk:
    """Camera and document process: the page lies there; `answers` are what captures give, the last for ever."""

    def __init__(self, answers: list[Any]) -> None:
        self.answers = answers
        self.status = SimpleNamespace(usable=True)
        self.wiped = 0

    def latest(self) -> Any:
        frame: Any = Frame()
        frame.wipe = lambda: frame.pixels.fill(0)
        return frame if self.status.usable else None

    def wipe(self) -> None:
        self.wiped += 1

    async def frames(self, n: int, within_s: float) -> list[Any]:
        del within_s
        return [self.latest() for _ in range(n)]

    async def find(self, look: Any) -> Outline:
        del look
        await asyncio.sleep(0.05)
        return WHOLE

    async def capture(self, look: Any, kind: str) -> Any:
        del look
        await asyncio.sleep(0.1)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, NotScanned) else Scanned(kind, answer, b"\x80" * 12, (2, 2), 112, 0.9)


class Reader:
    """The text process: says `lines`, or fails."""

    def __init__(self, lines: list[str] | Exception) -> None:
        self.lines = lines
        self.closed = 0

    async def read_text(self, jpeg: bytes) -> tuple[TextLine, ...]:
        del jpeg
        if isinstance(self.lines, Exception):
            raise self.lines
        return tuple(TextLine(line, 0.9) for line in self.lines)

    async def close(self) -> None:
        self.closed += 1


class Hall:
    """One case with a service that scans `kinds`."""

    def __init__(self, folder: Path, kinds: list[tuple[str, int]], desk: Desk, reader: Reader) -> None:
        place = Place("zh", "环翠区政务服务中心", 3, "0631-12345", True)
        self.display, self.replies, self.notes = Display(), Replies(), list[tuple[str, dict[str, Any]]]()
        self.visit = Visit(self.display, self.replies, place, Manners())
        self.visit.vault.put("card-here", True)
        service = next(iter(load_catalogue().services.values()))
        materials = tuple(
            Material(name=Words(zh="材料", en="Paper"), sources=("scan",), pages=pages, document=kind)
            for kind, pages in kinds
        )
        self.service = service.model_copy(update={"materials": materials})

        async def note(visit: str, kind: str, body: dict[str, Any]) -> None:
            assert visit == self.visit.id
            self.notes.append((kind, body))

        tools: Any = SimpleNamespace(
            camera=desk, document_camera=None, documents=desk, texts=reader, journal=SimpleNamespace(note=note),
            key=MachineKey.load(folder / "machine.key"),
        )  # fmt: skip
        self.case = _Case(self.visit, self.service, tools)

    async def play(self, *answers: tuple[str, str]) -> str:
        """Run the step; each answer is (page that must come, key pressed there). Returns the move."""
        task = asyncio.ensure_future(scan(self.case))
        for page, key in answers:
            async with asyncio.timeout(60):
                while self.display.screen is None or self.display.screen.page != page:
                    if task.done():
                        return await task
                    await asyncio.sleep(0.05)
            await asyncio.sleep(1.0)
            assert self.display.screen.page == page
            self.replies.put(Reply(key))
            await asyncio.sleep(0.5)
        async with asyncio.timeout(60):
            return await task


class _Case(Case):
    """A case whose card was read."""

    card = SimpleNamespace(name=NAME, number=NUMBER)  # type: ignore[assignment]  # as far as it is asked


def played(folder: Path, kinds: list[tuple[str, int]], desk: Desk, reader: Reader, *answers: tuple[str, str]) -> Hall:
    hall = Hall(folder, kinds, desk, reader)

    async def told() -> None:
        hall.move = await hall.play(*answers)  # type: ignore[attr-defined]  # told to the test

    run_virtual(told())
    return hall


GOOD = b"\xff\xd8good"
TAKE = ("scan_page", "capture")


@pytest.mark.promise("P6")
def test_two_sides_are_scanned_compared_and_sealed(tmp_path: Path) -> None:
    reader = Reader(["姓名 王伟国", NUMBER])
    hall = played(
        tmp_path, [("id-card", 1)], Desk([GOOD, b"\xff\xd8back"]), reader,
        TAKE, ("scan_kept", "more"), TAKE, ("scan_kept", "done"), ("scan_read", "confirm"),
    )  # fmt: skip
    assert hall.move == "next"  # type: ignore[attr-defined]
    sheets = hall.case.materials.sheets()
    assert [(s.page, s.kind, s.check) for s in sheets] == [(1, "id-card", "same"), (2, "id-card", "same")]
    assert hall.case.materials.jpeg(sheets[1]) == b"\xff\xd8back"
    assert reader.closed == 1, "the nets are unloaded"
    said = json.dumps(hall.notes)
    assert [kind for kind, _ in hall.notes] == ["material.scanned"] * 2 + ["material.checked"]
    assert NAME not in said
    assert NUMBER not in said
    assert len({body["digest"] for kind, body in hall.notes if kind == "material.scanned"}) == 2
    materials = hall.case.materials
    hall.visit.vault.close()
    with pytest.raises(VaultClosed):
        materials.jpeg(sheets[0])


def test_a_flaw_says_what_to_do_and_the_page_stays(tmp_path: Path) -> None:
    desk = Desk([NotScanned("glare"), GOOD])
    hall = played(tmp_path, [("a4", 3)], desk, Reader([]), TAKE, TAKE, ("scan_kept", "done"))
    assert hall.move == "next"  # type: ignore[attr-defined]
    assert len(hall.case.materials.sheets(0)) == 1
    assert any("反光" in str(screen) for screen in hall.display.screens)
    assert desk.wiped >= 1


def test_retake_replaces_more_adds_and_the_limit_ends_it(tmp_path: Path) -> None:
    hall = played(
        tmp_path, [("a4", 2)], Desk([b"\xff\xd8bad", b"\xff\xd8one", b"\xff\xd8two"]), Reader([]),
        TAKE, ("scan_kept", "retake"), TAKE, ("scan_kept", "more"), TAKE, ("scan_kept", "done"),
    )  # fmt: skip
    held = hall.case.materials
    assert [held.jpeg(s) for s in held.sheets(0)] == [b"\xff\xd8one", b"\xff\xd8two"]


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        (["李爱华", "37100219881203418X"], "other"),
        (["王韦国", NUMBER], "near"),
        (NoAnswer("text process: no answer"), "unread"),
    ],
)
def test_what_differs_is_never_accepted_as_the_same(tmp_path: Path, lines: Any, verdict: str) -> None:
    steps = (TAKE, ("scan_kept", "more"), TAKE, ("scan_kept", "done"))
    hall = played(
        tmp_path, [("id-card", 1)], Desk([GOOD]), Reader(lines), *steps, ("scan_read", "again"), *steps,
        ("scan_read", "confirm"),
    )  # fmt: skip
    assert {s.check for s in hall.case.materials.sheets()} == {verdict}
    assert len(hall.case.materials.sheets()) == 2, "scanned again, not added"
    assert hall.notes[-1] == ("material.checked", {"material": 0, "verdict": verdict})


def test_back_forgets_what_was_scanned(tmp_path: Path) -> None:
    hall = played(tmp_path, [("a4", 2)], Desk([GOOD]), Reader([]), TAKE, ("scan_kept", "back"))
    assert hall.move == "back"  # type: ignore[attr-defined]
    assert hall.case.materials.sheets() == ()


def fails(hall: Hall, error: type[Exception], *answers: tuple[str, str]) -> None:
    with pytest.raises(error):
        run_virtual(hall.play(*answers))


def test_a_process_that_fails_twice_and_a_dead_camera_end_it_with_a_sentence(tmp_path: Path) -> None:
    fails(Hall(tmp_path, [("a4", 1)], Desk([NoAnswer("document process")]), Reader([])), Stop, TAKE, TAKE)
    desk = Desk([GOOD])
    desk.status.usable = False
    fails(Hall(tmp_path, [("a4", 1)], desk, Reader([])), Stop, TAKE)
    fails(Hall(tmp_path, [("a4", 1)], Desk([GOOD]), Reader([])), Ended, ("scan_page", "leave"))


def test_the_vault_holds_a_bounded_number_of_sheets(tmp_path: Path) -> None:
    held = Materials(Vault(), MachineKey.load(tmp_path / "machine.key"))
    scan_made = Scanned("a4", GOOD, b"\x80" * 12, (2, 2), 112, 0.9)
    for _ in range(MAX_SHEETS):
        held.keep(0, scan_made)
    with pytest.raises(TooMany):
        held.keep(0, scan_made)


def _service(**changes: Any) -> Any:
    service = load_catalogue().services["WH-SI-001"]
    return service.model_copy(update=changes)


@pytest.mark.parametrize(
    ("document", "sources", "steps", "words"),
    [
        ("papyrus", ("scan",), ("consent", "identify", "scan", "print"), "no kind 'papyrus'"),
        ("a4", ("read",), ("consent", "identify", "scan", "print"), "the source 'scan'"),
        ("a4", ("scan",), ("consent", "identify", "print"), "the step 'scan'"),
        ("id-card", ("scan",), ("consent", "scan", "identify", "print"), "'identify' comes before 'scan'"),
    ],
)
def test_a_service_that_contradicts_itself_is_refused(
    document: str, sources: Any, steps: tuple[str, ...], words: str
) -> None:
    material = Material(name=Words(zh="材料", en="Paper"), sources=sources, document=document)
    assert any(words in fault for fault in faults_of(_service(materials=(material,), steps=steps)))
    fine = Material(name=Words(zh="材料", en="Paper"), sources=("scan",), document="id-card")
    needs = ("id_card", "licence_printer", "camera")
    whole = _service(materials=(fine,), steps=("consent", "identify", "scan", "review", "print"), needs=needs)
    assert not [fault for fault in faults_of(whole) if "scan" in fault]
