"""Closing from afar with words of one's own: in one line, and on the technician's pages."""

from __future__ import annotations

import asyncio
from pathlib import Path

from far_hall import Afar
from test_ctl_verbs import walk


def test_a_supervisor_closes_with_own_words_and_what_nobody_may_read_is_refused(tmp_path: Path) -> None:
    async def story(me: Afar) -> None:
        await asyncio.sleep(20)
        await me.sign_in(role="supervisor")
        refused = await me.no("close", zh="有事打 13806311234")
        assert "looks like a person's number" in str(refused)
        assert "13806311234" not in str(refused)
        await me.ask("close", reason="repair", zh="下午两点开门，急事请上二楼")
        await asyncio.sleep(3)
        assert "下午两点开门，急事请上二楼" in (await me.ask("screen"))["text"]
        await me.ask("open")
        await me.ask("work")
        await me.press("work")
        await me.press("close")
        await me.press("choose:reason", "own")
        await me.press("do")
        page = await me.press("record", "zh")
        assert page["page"] == "tech_words"
        assert "明天上午再来" in (await me.ask("type", text="明天上午再来"))["text"]
        await me.press("done")
        done = await me.press("do")
        assert done["page"] == "tech_outcome"
        acts = [(b["act"], b["outcome"]) for b in me.record("technician") if b["phase"] == "end"]
        assert ("close-words", "Refusal") in acts
        assert acts.count(("close-words", "done")) == 2

    walk(tmp_path, story)


def test_a_field_technician_closes_with_prepared_words_only(tmp_path: Path) -> None:
    async def story(me: Afar) -> None:
        await asyncio.sleep(20)
        await me.sign_in(role="field")
        assert (await me.no("close", zh="下午两点开门")).code == "not-allowed"
        await me.ask("close", reason="repair")

    walk(tmp_path, story)
