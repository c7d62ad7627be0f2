"""Signing by hand and the ways that count as much, under virtual time against the reference platform."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from test_papers import CATALOGUE, FORM, WHO, Room, played, virtual

from config.signing import signing
from drivers.errors import MediaRejected
from kiosk.duties.sealed_sheets import FOLDER
from kiosk.journeys.run import _steps
from kiosk.materials import papers, signature
from kiosk.steps.materials import materials
from kiosk.steps.review import review
from kiosk.steps.sign import sign
from kiosk.steps.submit import submit
from kiosk.visits.case import Case, Stop
from kiosk.visits.visit import Ended
from screens.ink import UNIT, InkStroke, written
from simulator.platform import dictionaries, signed_ink

DECLARATION = "WH-EE-014"
CROSS: tuple[InkStroke, ...] = (((1000, 1000, 0), (4000, 3000, 200)), ((4000, 1000, 0), (1000, 3000, 210)))
SIGNED = signature.png(CROSS, "ab" * 32, "2026-11-21T20:14:00+08:00")
DOT: InkStroke = ((5000, 2000, 0), (5040, 2010, 30))
SIGNED_ITEMS = sorted(signing().items)


class Reader:
    """A card reader that reads what lies there."""

    def __init__(self, *numbers: str) -> None:
        self.numbers = list(numbers)
        self.status = SimpleNamespace(usable=True)

    async def wait_for_card(self, deadline_s: float) -> None:
        await asyncio.sleep(0.2)

    async def read_card(self, deadline_s: float) -> Any:
        number = self.numbers.pop(0)
        if not number:
            raise MediaRejected("unreadable")
        return SimpleNamespace(number=number)


async def reviewed(room: Room, item: str = DECLARATION) -> Case:
    """An application that was reviewed, and is to be signed."""
    if item not in FORM:
        FORM[item] = {}
    case = await room.case(item)
    case.tools.reader = Reader()  # type: ignore[misc]  # the test's own tools
    form = {f.key: _answer(f) for f in case.service.form if f.required}
    for key in (f.key for f in case.service.form if f.options_from == "platform"):
        choices = dictionaries.choices(room.app.state.city, f"{item}.{key}") or ()
        form |= {key: choices[0].key} if key in form else {}
    case.keep_form(form)
    case.visit.vault.put(
        "card", SimpleNamespace(number=WHO.number, name=WHO.name, address="威海市", valid_to=WHO.valid_to)
    )
    if "materials" in case.service.steps:
        await played(case, materials)
    papers.sign(case, papers.handed_in(case))
    case.visit.vault.put("reviewed", hashlib.sha256(b"shown").hexdigest())
    return case


def _answer(field: Any) -> str:
    from simulator.answers import answer_for

    return answer_for(field, tuple(o.key for o in field.options))


def strokes(*some: InkStroke) -> list[tuple[str, ...]]:
    return [("sign", "stroke", written(at, stroke)) for at, stroke in enumerate(some, 1)]


def test_items_that_are_signed_are_applications_with_something_to_sign() -> None:
    for item in SIGNED_ITEMS:
        service = CATALOGUE.services[item]
        assert any("sign" in material.sources for material in service.materials), item
        assert {"review", "submit", "face"} <= set(service.steps), item
        case: Any = SimpleNamespace(service=service)
        steps = _steps(case)
        assert steps[steps.index("review") + 1] == "sign"
    plain: Any = SimpleNamespace(service=CATALOGUE.services["WH-SI-001"])
    assert "sign" not in _steps(plain)


@pytest.mark.promise("P4")
def test_a_signature_goes_with_the_application_and_stands_for_what_was_reviewed(tmp_path: Path) -> None:
    """R10: bound to document and time; kept by the platform as a picture and as strokes; nothing of it stays here."""

    async def story(room: Room) -> None:
        case = await reviewed(room)
        display: Any = case.visit.display
        assert await played(case, sign, *strokes(*CROSS), ("sign", "done")) == "next"
        assert display.pages.count("sign") == 1
        assert await played(case, submit) == "next"
        assert case.accepted is not None
        assert case.accepted.number
        (row,) = room.rows("SELECT method, document, at FROM signature")
        assert row["method"] == "handwritten"
        (kept,) = room.rows("SELECT png FROM signature_ink")
        said = _strokes(kept["png"])
        assert said["document"] == row["document"]
        assert said["at"] == row["at"]
        assert tuple(tuple(map(tuple, s)) for s in said["strokes"]) == CROSS
        await papers.close(case)
        case.visit.vault.close()
        files = b"".join(f.read_bytes() for f in tmp_path.rglob("*") if f.is_file())
        assert b"4000,3000" not in files
        assert kept["png"][:200] not in files
        assert base64.b64encode(kept["png"])[:100] not in files

    virtual(tmp_path, story)


def _strokes(png: bytes) -> Any:
    at = png.index(b"zTXtsignature\0\0") + len(b"zTXtsignature\0\0")
    return json.loads(zlib.decompressobj().decompress(png[at:]))


def test_nothing_and_a_slip_are_no_signature_a_cross_is(tmp_path: Path) -> None:
    async def story(room: Room) -> None:
        case = await reviewed(room)
        display: Any = case.visit.display
        acts = [
            ("sign", "done"),
            *strokes(DOT),
            ("sign", "done"),
            ("sign", "again"),
            ("sign", "stroke", written(2, CROSS[0])),
            ("sign", "stroke", "nonsense"),
            ("sign", "undo"),
            ("sign", "done"),
            ("sign", "stroke", written(3, CROSS[0])),
            ("sign", "stroke", written(4, CROSS[1])),
            ("sign", "done"),
        ]
        assert await played(case, sign, *acts) == "next"
        said = [str(screen) for screen in display.screens]
        assert any("还没有签名" in each for each in said)
        assert any("写得太短" in each for each in said)
        method, kept = case.visit.vault.get("signature")
        assert (method, kept) == ("handwritten", CROSS)

    virtual(tmp_path, story)


@pytest.mark.parametrize("voice", ["off", "on"])
def test_who_cannot_write_confirms_with_the_card(tmp_path: Path, voice: str) -> None:
    """By ear the other ways come first. A card that is not read, or somebody else's, is told and can be tried again."""

    async def story(room: Room) -> None:
        case = await reviewed(room)
        case.visit.place = type(case.visit.place)("zh", "环翠区", 3, "0631-12345", True, voice=voice)  # type: ignore[arg-type]
        case.tools.reader = Reader("", "370000000000000000", WHO.number)  # type: ignore[misc]  # the test's own tools
        case.__class__ = type("Carded", (type(case),), {"__slots__": ()})
        first = [] if voice == "on" else [("sign", "other")]
        acts = [*first, ("sign_other", "card"), ("sign_other", "card"), ("sign_other", "card")]
        assert await played(case, sign, *acts) == "next"
        display: Any = case.visit.display
        said = [str(screen) for screen in display.screens]
        assert any("身份证没有读到" in each for each in said)
        assert any("这不是您刚才用的身份证" in each for each in said)
        assert ("sign" in display.pages) == (voice == "off")
        assert await played(case, submit) == "next"
        assert [r["method"] for r in room.rows("SELECT method FROM signature")] == ["card-confirmed"]
        assert room.rows("SELECT * FROM signature_ink") == []

    virtual(tmp_path, story)


def test_without_a_card_there_are_officer_counter_and_the_way_back(tmp_path: Path) -> None:
    async def story(room: Room) -> None:
        case = await reviewed(room)
        case.tools.reader.status.usable = False  # type: ignore[attr-defined]  # the test's own reader
        acts = (("sign", "other"), ("sign_other", "card"), ("sign_other", "hand"), ("sign", "back"))
        assert await played(case, sign, *acts) == "back"
        with pytest.raises(Stop) as stopped:
            await played(case, sign, ("sign", "other"), ("sign_other", "counter"))
        assert stopped.value.model.cause == "sign-elsewhere"
        with pytest.raises(Ended):
            await played(case, sign, ("sign", "other"), ("sign_other", "leave"))
        assert case.visit.vault.get("signature") is None

    virtual(tmp_path, story)


def test_a_signature_does_not_outlive_what_it_stands_for(tmp_path: Path) -> None:
    """Who goes back and changes something signs again."""

    async def story(room: Room) -> None:
        case = await reviewed(room)
        await played(case, sign, *strokes(*CROSS), ("sign", "done"))
        assert papers.signatures(case)[0]["method"] == "handwritten"
        assert await played(case, review, ("review", "confirm")) == "next"
        assert papers.signatures(case)[0]["method"] == "confirmed-review"

    virtual(tmp_path, story)


@pytest.mark.promise("P4")
def test_a_lost_answer_makes_one_case_with_one_signature(tmp_path: Path) -> None:
    async def story(room: Room) -> None:
        case = await reviewed(room)
        await played(case, sign, *strokes(*CROSS), ("sign", "done"))
        room.faults(drop_reply_after_commit=True, area="applications", times=2)
        assert await played(case, submit) == "next"
        await asyncio.sleep(120)
        assert len(room.rows("SELECT 1 FROM application")) == 1
        assert len(room.rows("SELECT 1 FROM signature_ink")) == 1

    virtual(tmp_path, story)


@pytest.mark.promise("P4")
@pytest.mark.promise("P6")
def test_without_a_network_it_is_sealed_with_its_signature(tmp_path: Path) -> None:
    """Signed anew over the references of the sealed sheets; on the disk nobody here can read a stroke."""

    async def story(room: Room) -> None:
        case = await reviewed(room, "WH-SI-009")
        await played(case, sign, *strokes(*CROSS), ("sign", "done"))
        room.faults(down=True)
        case.visit.vault.put("queued", True)
        assert await played(case, submit, ("queued", "continue")) == "next"
        case.visit.vault.close()
        files = [f for f in tmp_path.rglob("*") if f.is_file() and f.parent.name != FOLDER]
        on_disk = b"".join(f.read_bytes() for f in files)
        assert b"[1000,1000" not in on_disk
        assert b"zTXtsignature" not in on_disk
        room.faults()
        room.outbox.poke()
        await asyncio.sleep(120)
        (row,) = room.rows("SELECT document FROM signature")
        (kept,) = room.rows("SELECT png FROM signature_ink")
        assert _strokes(kept["png"])["document"] == row["document"]

    virtual(tmp_path, story)


def test_the_platform_takes_no_application_that_is_not_signed_or_signed_for_another(tmp_path: Path) -> None:
    """R10: one byte changed after signing, ink of another document, none, or a picture without strokes: refused."""

    async def story(room: Room) -> None:
        for change in ("none", "review", "ink", "document", "at"):
            case = await reviewed(room)
            if change != "review":
                await played(case, sign, *strokes(*CROSS), ("sign", "done"))
            whole = papers.signatures(case)
            at = "2026-11-21T08:00:00+08:00"
            other = signature.as_text(CROSS, "0" * 64 if change == "document" else whole[0]["document"], at)
            wrong = {
                "none": [],
                "review": whole,
                "ink": [{**one, "ink": base64.b64encode(b"\x89PNG" + bytes(200)).decode()} for one in whole],
                "document": [{**one, "ink": other} for one in whole],
                "at": [{**one, "ink": other} for one in whole],
            }[change]
            case.visit.vault.put("signed", None)
            with patch.object(papers, "signatures", lambda _, wrong=wrong: wrong), pytest.raises(Stop) as stopped:
                await played(case, submit)
            assert stopped.value.model.cause == "submit-refused", change
        assert room.rows("SELECT 1 FROM application") == []

    virtual(tmp_path, story)


# The file


POINT = st.tuples(st.integers(0, UNIT), st.integers(0, UNIT // 3), st.integers(0, 5000))
STROKES = st.lists(st.lists(POINT, min_size=1, max_size=40).map(tuple), min_size=1, max_size=12).map(tuple)


@settings(max_examples=20, deadline=None)
@given(STROKES)
def test_the_file_is_a_picture_for_everybody_and_carries_its_strokes(some: tuple[InkStroke, ...]) -> None:
    """Pillow reads it: one bit a pixel, something black in it, the text chunk as it was."""
    made = signature.png(some, "ab" * 32, "2026-11-21T20:14:00+08:00")
    picture = Image.open(io.BytesIO(made))
    picture.load()
    assert picture.mode == "1"
    assert max(picture.size) <= signature.MAX_SIDE
    colours = picture.getcolors()
    assert colours is not None
    assert {colour: count for count, colour in colours}.get(0, 0) > 0
    said = json.loads(str(picture.info["signature"]))
    assert tuple(tuple(map(tuple, s)) for s in said["strokes"]) == some
    assert signed_ink.fault(base64.b64encode(made).decode(), "ab" * 32, "2026-11-21T20:14:00+08:00") in (
        "",
        "too short to be a signature",
    )


def test_the_longest_signature_is_kept_under_the_caps() -> None:
    scribble = tuple(((x * 19) % UNIT, (x * 31) % 3000, x) for x in range(512))
    some = signature.kept([scribble] * 90)
    rule = signing().signature
    assert len(some) == rule.most_strokes
    assert sum(map(len, some)) <= rule.most_points
    made = signature.png(some, "ab" * 32, "2026-11-21T20:14:00+08:00")
    assert len(made) <= signature.MAX_PNG
    assert len(base64.b64encode(made)) <= 49_152
    with pytest.raises(ValueError, match="without a stroke"):
        signature.png((), "", "")


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 5000), st.integers(1, 255))
def test_a_byte_changed_anywhere_is_noticed(at: int, by: int) -> None:
    made = bytearray(SIGNED)
    made[at % len(made)] ^= by
    assert signed_ink.fault(base64.b64encode(made).decode(), "ab" * 32, "2026-11-21T20:14:00+08:00")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_bytes_that_are_no_signature_are_a_sentence(data: bytes) -> None:
    for ink in (data, b"\x89PNG\r\n\x1a\n" + data):
        assert signed_ink.fault(base64.b64encode(ink).decode(), "ab" * 32, "")
