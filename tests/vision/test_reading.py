"""Text and machine-readable zones of rendered sheets, through the real text process; and what the card says of them."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from datetime import date

import cv2
import desks
import numpy as np
import pytest
from desks import Pixels

from drivers.camera import ocr
from drivers.camera.frames import compose_mrz, read_mrz_lines
from drivers.camera.ocr import Line, mrz_of
from drivers.camera.texts import TextEngine
from drivers.camera.worker_wire import MAX_SHEET
from drivers.errors import LinkLost, NoAnswer
from kiosk.materials.document_check import compare_holder, compare_zone

TODAY = date(2026, 11, 22)
NAME, NUMBER = "王伟国", "371002199203155028"
HOLDER = {
    "issuer": "UTO",
    "number": "L898902C3",
    "nationality": "UTO",
    "birth": date(1974, 8, 12),
    "sex": "F",
    "expiry": date(2031, 4, 15),
    "surname": "ERIKSSON",
    "given": "ANNA MARIA",
}
SIZES = {"TD1": ("I", (85.6, 54.0)), "TD2": ("I", (105.0, 74.0)), "TD3": ("P", (125.0, 88.0))}


def zone(layout: str) -> tuple[str, ...]:
    return compose_mrz(layout, code=SIZES[layout][0], **HOLDER)  # type: ignore[arg-type]  # keywords of one call


def jpeg(pixels: Pixels) -> bytes:
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 88])[1].tobytes()


@pytest.mark.xdist_group("ocr")
async def test_specimens_of_all_three_sizes_and_a_card_are_read() -> None:
    engine = TextEngine(deadline_s=60, start_s=60, idle_s=3.0)
    try:
        for layout, (_, size) in SIZES.items():
            paper = desks.specimen(zone(layout), size)[::2, ::2].copy()  # about 100 dots an inch
            reading = await engine.read_mrz(jpeg(paper), TODAY)
            assert reading is not None, layout
            assert (reading.layout, reading.lines, reading.valid) == (layout, zone(layout), True)
            assert (reading.surname, reading.given) == ("ERIKSSON", "ANNA MARIA")
        upside_down = np.ascontiguousarray(desks.specimen(zone("TD3"), SIZES["TD3"][1])[::-2, ::-2])
        turned = await engine.read_mrz(jpeg(upside_down), TODAY)
        assert turned is not None
        assert turned.valid
        card = desks.page("id-card", np.random.default_rng(1), [NAME, NUMBER])
        lines = [line.text for line in await engine.read_text(jpeg(card))]
        assert compare_holder(lines, NAME, NUMBER).overall == "same"
        assert compare_holder(lines, "李爱华", "37100219881203418X").overall == "other"
        blank = jpeg(np.full((300, 400, 3), 240, np.uint8))
        assert await engine.read_text(blank) == ()
        assert await engine.read_mrz(blank, TODAY) is None
        assert engine.worker.starts == 1
        async with asyncio.timeout(20):
            while engine.worker.pid is not None:  # what takes 0.3 GB is unloaded
                await asyncio.sleep(0.1)
    finally:
        await engine.close()


@pytest.mark.xdist_group("ocr")
async def test_a_hang_is_killed_and_what_is_no_jpeg_never_leaves() -> None:
    engine = TextEngine(deadline_s=0.5, start_s=60)
    page = jpeg(desks.specimen(zone("TD3"), (125.0, 88.0)))
    try:
        await engine.worker.start()
        first = engine.worker.pid
        assert first is not None
        os.kill(first, signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(NoAnswer, match="text process"):
            await engine.read_text(page)
        assert time.monotonic() - began < 3
        for bad in (b"", b"GIF89a", b"\xff\xd8" + b"x" * MAX_SHEET):
            with pytest.raises(ValueError, match="not a JPEG"):
                await engine.read_text(bad)
        engine.worker.deadline_s = 60
        with pytest.raises(LinkLost, match="died"):
            await engine.read_text(page[:500])  # half a JPEG: the process refuses it and ends
    finally:
        await engine.close()


def test_the_weights_are_the_measured_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    ocr._engine.cache_clear()
    monkeypatch.setattr(ocr, "WEIGHTS", dict.fromkeys(ocr.WEIGHTS, "0" * 64))
    with pytest.raises(ocr.WeightsWrong, match="not the measured file"):
        ocr.load()


def test_a_zone_split_by_the_reader_is_joined() -> None:
    upper, lower = zone("TD3")
    lines = (
        Line(upper[:20], 0.9, (10, 100, 400, 130)),
        Line(upper[20:], 0.9, (410, 102, 900, 131)),
        Line(lower, 0.9, (10, 150, 900, 180)),
        Line("PASSPORT", 0.9, (10, 10, 100, 40)),
    )
    reading = mrz_of(lines, TODAY)
    assert reading is not None
    assert reading.lines == (upper, lower)
    assert mrz_of(lines[:1], TODAY) is None


# Against the card.


@pytest.mark.parametrize(
    ("lines", "name", "number"),
    [
        (["姓名 王伟国", "公民身份号码 371002199203155028"], "same", "same"),
        (["王伟国", "37100219920315502 8"], "same", "same"),
        (["姓名：王伟国，身份证号 371OO2I99203l55028。"], "same", "same"),
        (["姓名 王韦国", "371002199203155029"], "near", "near"),
        (["王伟国强", "371002199203155028"], "near", "same"),
        (["王伟国", "37100219881203418X"], "same", "other"),
        (["李爱华", "371002199203155028"], "unread", "same"),
        (["没有", "12345"], "unread", "unread"),
        ([], "unread", "unread"),
    ],
)
def test_name_and_number_against_the_card(lines: list[str], name: str, number: str) -> None:
    compared = compare_holder(lines, NAME, NUMBER)
    assert (compared.name, compared.number) == (name, number)
    assert (compared.overall == "same") == (name == number == "same")


def test_a_number_ending_in_x_and_names_with_dots() -> None:
    lines = ["姓名 阿依古丽·买买提", "37100219881203418x"]
    assert compare_holder(lines, "阿依古丽•买买提", "37100219881203418X").overall == "same"
    assert compare_holder(["王伟"], "王伟国", NUMBER).name == "unread", "a part of the name is another name"


def test_a_zone_is_never_taken_for_right_when_it_is_not() -> None:
    good = read_mrz_lines(zone("TD3"), TODAY)
    spoiled = read_mrz_lines((zone("TD3")[0], zone("TD3")[1].replace("740812", "750812")), TODAY)
    assert compare_zone(None, "") == compare_zone(spoiled, "") == "unread"
    assert compare_zone(good, good.number) in ("same", "near")
    assert compare_zone(good, good.number) == ("near" if good.doubtful else "same")
    assert compare_zone(good, "E12345678") == "other"
