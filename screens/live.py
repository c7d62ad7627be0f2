"""What moves by itself: time, date and countdown, as marks for the slots that a sheet left open."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone

from config.texts import Texts
from screens.look import TITLE_LEADING
from screens.marks import Arc, Mark, Rect, Words
from screens.screen import Countdown, Screen
from screens.sheet import BusySlot, ClockSlot, RingSlot, Sheet
from screens.type import Typeface

CHINA = timezone(timedelta(hours=8), "CST")
RING_STEPS = 90
CLOCK_LEADING = 1.2
LAP_S = 12
"""So many seconds the ring of waiting takes to fill, a step a second; then it begins again."""
TOLD_FROM_S = 3
"""From here on the seconds of waiting are told; before, there is nothing to be impatient about."""


def beijing_now() -> datetime:
    """The wall clock in Weihai; China keeps one zone without summer time."""
    return datetime.now(CHINA)


def live_marks(
    sheet: Sheet,
    typeface: Typeface,
    words: Texts,
    wall: datetime,
    countdown: Countdown | None,
    now: float,
    since: float | None = None,
) -> list[Mark]:
    """Clock, ring and the picture of waiting at this moment; `since`: when what is under way began."""
    marks: list[Mark] = []
    if sheet.clock is not None:
        marks += _clock(sheet.clock, typeface, words, wall)
    if sheet.ring is not None and countdown is not None:
        marks += _ring(sheet.ring, typeface, countdown, now)
    if sheet.busy is not None:
        marks += _busy(sheet.busy, typeface, words, 0 if since is None else max(0, math.floor(now - since)))
    return marks


def seconds_left(countdown: Countdown, now: float) -> int:
    """Whole seconds, counted as people do: 1 until the very end."""
    return max(0, math.ceil(countdown.ends_at - now - 0.001))


def until_tick(screen: Screen, sheet: Sheet, now: float) -> float:
    """Seconds until a countdown or what is under way shows another number; `math.inf` when nothing does."""
    ticks = [math.inf]
    if screen.countdown is not None and seconds_left(screen.countdown, now) > 0:
        ticks.append((screen.countdown.ends_at - now) % 1.0 + 0.002)
    if screen.since is not None and sheet.busy is not None:
        ticks.append(1.0 - (now - screen.since) % 1.0 + 0.002)
    return min(ticks)


def _clock(slot: ClockSlot, typeface: Typeface, words: Texts, wall: datetime) -> list[Mark]:
    weekday = words.t("app.weekdays").split(" ")[wall.weekday()]
    date = words.t("app.date", month=words.month(wall.month), day=wall.day, weekday=weekday)
    lines = ((f"{wall:%H:%M}", slot.time_size, slot.colour, slot.bold), (date, slot.date_size, slot.date_colour, False))
    heights = [round(size * (TITLE_LEADING if bold else CLOCK_LEADING)) for _, size, _, bold in lines]
    edge = slot.date_size // 4  # large type may stand out of its slot, never out of the panel
    y = max(edge, slot.rect.y + (slot.rect.h - sum(heights)) // 2)
    marks: list[Mark] = []
    for (text, size, colour, bold), high in zip(lines, heights, strict=True):
        width = typeface.width(text, size, bold)
        marks.append(Words(Rect(slot.rect.right - width, y, width, high), text, size, colour, bold))
        y += high
    return marks


def _busy(slot: BusySlot, typeface: Typeface, words: Texts, waited: int) -> list[Mark]:
    ring, place = slot.ring, slot.words
    marks: list[Mark] = [Arc(ring.rect, ring.width, (waited % LAP_S + 1) / LAP_S, ring.colour, ring.track)]
    if waited >= TOLD_FROM_S:
        text = words.t("working.seconds", seconds=waited)
        width = typeface.width(text, ring.size, True)
        x = place.x + (place.w - width) // 2
        high = round(ring.size * TITLE_LEADING)
        marks.append(Words(Rect(x, place.y, width, high), text, ring.size, ring.words, True))
    return marks


def _ring(slot: RingSlot, typeface: Typeface, countdown: Countdown, now: float) -> list[Mark]:
    left = seconds_left(countdown, now)
    share = min(1.0, left / countdown.total_s) if countdown.total_s > 0 else 0.0
    text = str(left)
    width = typeface.width(text, slot.size, True)
    high = round(slot.size * TITLE_LEADING)
    x, y = slot.rect.x + (slot.rect.w - width) // 2, slot.rect.y + (slot.rect.h - high) // 2
    return [
        Arc(slot.rect, slot.width, round(share * RING_STEPS) / RING_STEPS, slot.colour, slot.track),
        Words(Rect(x, y, width, high), text, slot.size, slot.words, True),
    ]
