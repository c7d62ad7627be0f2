"""Modes and languages changed in mid-form: nothing is lost. Whole journeys in low reach: test_by_ear_and_low.py."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from citizens_hall import Hall
from test_journeys import play

from screens.compose import compose, look_for, plan
from screens.modes import MODES, is_low
from screens.screen import Actions, Field, Mode, Reply, Screen
from screens.sheet import Target
from screens.type import Typeface

FACE = Typeface()


def targets(screen: Screen) -> list[Target]:
    """What can be touched on every turn of the page."""
    look = look_for(screen, FACE)
    planned = plan(screen, look)
    return [t for turn in range(len(planned.turns)) for t in compose(screen, look, planned, turn=turn).targets]


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
