"""Somebody who reaches only the lowest 55 % of the panel, from standby to goodbye; and modes changed in mid-form."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from citizens_hall import Hall
from test_journeys import play

from screens.compose import compose, look_for, plan
from screens.modes import MODES, is_low
from screens.reach import LINE
from screens.screen import Actions, Field, Mode, Reply, Screen
from screens.sheet import Target
from screens.type import Typeface

FACE = Typeface()


def targets(screen: Screen) -> list[Target]:
    """What can be touched on every turn of the page."""
    look = look_for(screen, FACE)
    planned = plan(screen, look)
    return [t for turn in range(len(planned.turns)) for t in compose(screen, look, planned, turn=turn).targets]


class LowHand:
    """Between the citizen and the panel: a touch above the line is not possible."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.put = hall.replies.put
        self.touches = 0
        self.highest = 1920

    def touch(self, reply: Reply) -> None:
        screen = self.hall.display.screen
        assert screen is not None
        found = [t for t in targets(screen) if t.reply.key == reply.key and reply.value in ("", t.reply.value)]
        assert found, f"{screen.page} does not offer {reply}"
        assert all(t.rect.y >= LINE for t in found), f"{screen.page}: {reply} is too high: {found}"
        self.touches += 1
        self.highest = min(self.highest, *(t.rect.y for t in found))
        self.put(reply)


@pytest.mark.promise("P1")
@pytest.mark.parametrize("mode", ["low", "low-elder"])
def test_a_renewal_by_who_reaches_only_the_lower_part(
    tmp_path: Path, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands: list[LowHand] = []

    async def story(hall: Hall) -> None:
        hand = LowHand(hall)
        hands.append(hand)
        monkeypatch.setattr(hall.replies, "put", hand.touch)
        await hall.page("standby")
        await hall.press("mode", "low")
        home = await hall.page("home")
        assert home.mode == "low"
        if mode == "low-elder":
            await hall.press("mode", mode)
            assert (await hall.page("home")).mode == mode
        await hall.press("service", "WH-PS-001")
        await hall.page("guide")
        await hall.press("start")
        await hall.page("consent")
        await hall.press("agree")
        await hall.page("place_card")
        hall.reader_there.do("present", card="citizen-02")
        await hall.page("consent")
        await hall.press("agree")
        await hall.filled("WH-PS-001", phone="19906311074", receive_mode="pickup")
        await hall.press("confirm")
        await hall.page("pay")
        hall.pad_there.do("tap", card="citizen-02")
        finish = await hall.page("finish")
        assert finish.mode == mode
        await hall.goodbye()
        again = await hall.page("standby")
        assert again.mode == "standard", "the next citizen begins as everybody does"

    hall = play(tmp_path, story)
    assert hall.paid_fen() == 2000
    assert hands[0].touches >= 20
    assert hands[0].highest >= LINE


def test_changing_mode_and_language_in_mid_form_loses_nothing(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.identified("WH-PS-001")
        await hall.page("consent")
        await hall.press("agree")
        await hall.page("form")
        digits = "19906311074"
        for at, (mode, language) in enumerate(zip(MODES[1:], ("en", "ko", "zh", "en", "ko"), strict=True)):
            before = await hall.page("form")
            offered = {t.reply for t in targets(before)}
            assert Reply("language", language) in offered
            assert {is_low(cast("Mode", r.value)) for r in offered if r.key == "mode"} == {True, False}
            await hall.type(digits[2 * at : 2 * at + 2])
            await hall.press("mode", mode)
            await hall.press("language", language)
            after = await hall.page("form")
            assert (after.mode, after.language) == (mode, language)
            (phone,) = (b for b in after.blocks if isinstance(b, Field) and b.key == "phone")
            assert phone.value.replace(" ", "") == digits[: 2 * at + 2]
        await hall.type(digits[10:])
        await hall.press("choose:receive_mode", "pickup")
        await hall.press("next")
        review = await hall.page("review")
        assert review.mode == "low-contrast"
        assert any(isinstance(b, Actions) for b in review.blocks)
        await hall.press("leave")
        hall.lift()
        assert (await hall.page("standby")).mode == "standard"

    play(tmp_path, story)
