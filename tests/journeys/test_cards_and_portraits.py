"""Which cards serve today, and what happens to the face step when the chip's portrait cannot be had."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from citizens_hall import NOON, Hall

from drivers.id_card.frames import WLT_HEADER, Resident, build_text, parse_text
from drivers.id_card.portrait import portrait_decoder
from simulator.models.chip_card import ChipCard, chip_card
from simulator.virtual_time import run_virtual

Story = Callable[[Hall], Awaitable[None]]
TODAY = NOON.date()


def play(folder: Path, story: Story) -> None:
    """Run one story in a fresh hall."""

    async def told() -> None:
        async with Hall(folder) as hall:
            await story(hall)

    run_virtual(told())


def ending(until: date | None) -> ChipCard:
    """The card of citizen-02 with another last day; None is 长期."""
    card = chip_card("citizen-02")
    block = parse_text(card.text)
    assert isinstance(block, Resident)
    return replace(card, text=build_text(replace(block, valid_to=until)))


async def laid_down(hall: Hall, service: str, card: ChipCard) -> str:
    """The page that follows the reading of `card` for `service`, with its words."""
    await hall.to_consent(service)
    await hall.press("agree")
    await hall.page("place_card")
    hall.reader_there.sam.present(card)
    hall.reader_there.changed()
    shown = await hall.page("not_done", "consent", "number_match", "form")
    return f"{shown.page} {shown}"


@pytest.mark.parametrize(
    ("until", "serves"),
    [
        (TODAY - timedelta(days=1), False),
        (TODAY, True),
        (TODAY + timedelta(days=1), True),
        (None, True),
    ],
)
def test_a_card_serves_to_the_end_of_its_last_day(tmp_path: Path, until: date | None, serves: bool) -> None:
    async def story(hall: Hall) -> None:
        shown = await laid_down(hall, "WH-SI-001", ending(until))
        assert shown.startswith("form" if serves else "not_done")
        assert ("身份证过了有效期" in shown) is not serves

    play(tmp_path, story)


def test_an_expired_card_renews_itself(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        shown = await laid_down(hall, "WH-PS-001", chip_card("citizen-04"))
        assert shown.startswith("consent")  # to the comparison of faces: the card was taken

    play(tmp_path, story)


@pytest.mark.parametrize("how", ["no decoder", "a real card before the stand-in codec", "a decoder that is missing"])
def test_without_a_portrait_the_equal_other_way_serves_to_the_end(tmp_path: Path, how: str) -> None:
    """No placeholder stands in for the chip's picture: the face is not asked for, and the service goes on."""
    card = chip_card("citizen-02")
    if how != "no decoder":
        card = replace(card, photo=WLT_HEADER.ljust(1024, b"\0"))

    async def story(hall: Hall) -> None:
        if how != "a real card before the stand-in codec":
            option = "none" if how == "no decoder" else f"ctypes:{tmp_path}/libmissing.so"
            hall.tools.reader._decode = portrait_decoder(option)
            await asyncio.sleep(3)
        assert hall.tools.reader.has_portraits == (how == "a real card before the stand-in codec")
        warned = [warning.cause for warning in hall.tools.reader.status.warnings]
        assert warned == (["no-portrait"] if how == "a decoder that is missing" else [])
        shown = await laid_down(hall, "WH-PS-001", card)
        assert shown.startswith("number_match")
        await hall.answer_match("confirm")
        await hall.page("form")
        assert "face" not in hall.display.pages

    play(tmp_path, story)
