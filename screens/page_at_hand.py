"""The page that lies on the panel: which turn of it, laid out, and what of it is pressed."""

from __future__ import annotations

import logging
from dataclasses import replace

from config.panel import Panel
from screens.compose import Plan, compose, look_for, plan
from screens.corners import Corners
from screens.curtain import covered
from screens.inking import Inking
from screens.look import Look
from screens.marks import Rect
from screens.pieces import same_place
from screens.pointer import Pointer
from screens.pressing import with_press
from screens.screen import Choice, Cross, Field, Ink, Reply, Screen, Wipe
from screens.sheet import Sheet
from screens.touching import Touching
from screens.type import Typeface

log = logging.getLogger(__name__)


class PageAtHand:
    """One page at a time. `sheet` is its newest layout; never changed once it is here, so any thread may read it."""

    def __init__(self, typeface: Typeface, panel: Panel) -> None:
        self.screen: Screen | None = None
        self.sheet: Sheet | None = None
        self.touching = Touching()
        self.inking = Inking()
        self.corners = Corners(panel.size, panel.px_per_mm)
        self._typeface = typeface
        self._panel = panel
        self._plan: Plan | None = None
        self._turn = 0
        self._calm: Sheet | None = None

    def look(self, screen: Screen) -> Look:
        """How a screen looks on this panel."""
        return look_for(screen, self._typeface, self._panel)

    def take(self, screen: Screen, now: float) -> bool:
        """Another screen: which turn of it, and nothing of the old page stays pressed. Whether it is another page."""
        before = self.screen
        old, self._plan = self._plan, plan(screen, self.look(screen))
        new = before is None or before.page != screen.page
        if before is not None and old is not None and not new and _dress(before) != _dress(screen):
            self._turn = same_place(old.turns, self._turn, self._plan.turns)
        if new:
            self._turn = 0
            self.touching.new_page(now)
        focus = _focus(screen)
        if focus and (before is None or new or _focus(before) != focus):
            self._turn = self._plan.turn_of(focus) or 0
        self.screen = screen
        self.inking.shown(next((b for b in screen.blocks if isinstance(b, Ink | Wipe | Cross)), None), new=new)
        self.lay()
        return new

    def turn_by(self, step: int, now: float) -> None:
        """Another turn of the same page."""
        self._turn += step
        self.touching.new_page(now)
        self.lay()

    def lay(self) -> None:
        """Lay the whole page out."""
        screen = self.screen
        if screen is None or self._plan is None:
            return
        look = self.look(screen)
        calm = compose(screen, look, self._plan, turn=self._turn)
        if screen.curtain:
            covered(calm, look, Rect(0, 0, *self._panel.size))
        self._turn = calm.turn
        for overflow in calm.overflows:
            log.error("page %s does not fit: %s", screen.page, overflow.partition(":")[2] or overflow)
        self._calm = calm
        self.press()

    def press(self) -> None:
        """Show as pressed what the finger holds now, and only that."""
        if self._calm is not None:
            self.sheet = with_press(self._calm, self.touching.pressed)

    def wipe(self) -> None:
        """Forget what was written, and lay the page out afresh."""
        self.inking.wipe()
        self.lay()

    def point(self, pointer: Pointer, now: float) -> Reply | None:
        """Follow a finger: it writes, or it presses; the reply when it has said something."""
        sheet = self.sheet
        if sheet is None:
            return None
        pointer = self._followed(pointer, sheet)
        if sheet.ink is not None and pointer.meant is None and self.touching.takes(pointer, now):
            written, stroke = self.inking.point(pointer, sheet.ink, now)
            if written:
                return stroke
        if self.screen is not None and self.touching.takes(pointer, now):
            cornered, corner = self.corners.point(pointer, self.screen, sheet)
            if cornered:
                return corner
        before = self.touching.pressed
        reply = self.touching.point(pointer, sheet, now)
        if self.touching.pressed != before:
            self.press()
        return reply

    def _followed(self, pointer: Pointer, sheet: Sheet) -> Pointer:
        """A touch that means a target of this page, moved to where the target is on `sheet`."""
        meant, page = pointer.meant, self.screen.page if self.screen else ""
        if meant is None or pointer.page != page or sheet.hit(pointer.x, pointer.y) == meant:
            return pointer
        same = next((target for target in sheet.targets if target.reply == meant.reply and target.enabled), None)
        if same is None:
            return pointer
        x, y = same.rect.centre
        return replace(pointer, x=x, y=y, meant=same)


def _dress(screen: Screen) -> tuple[str, str]:
    return screen.language, screen.mode


def _focus(screen: Screen) -> str:
    return next((b.key for b in screen.blocks if isinstance(b, Field | Choice) and b.focused), "")
