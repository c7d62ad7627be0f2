"""The stage: SDL's loop on the main thread. It draws what changed, sleeps when nothing does, and hands back replies.

Other threads may call `show`, `preview`, `touch`, `wipe` and `close`; everything else happens on the thread of `run`.
Where a page needs several turns, which one is shown is the stage's own business (reply key `turn`).
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import screens.sdl_settings  # noqa: F401 - before pygame is imported; isort: skip
import pygame

from config.speaking import KeypadSettings
from config.texts import texts
from screens.arrivals import Arrivals
from screens.by_keys import HERE, ByKeys
from screens.canvas import Canvas
from screens.curtain import UNCOVERED
from screens.live import beijing_now, live_marks, until_tick
from screens.marks import Mark, Rect
from screens.mirror_address import loopback
from screens.opening import Opened, fitting
from screens.page_at_hand import PageAtHand
from screens.paint.painter import Painter
from screens.pointer import Adapter, Fit, Phase, Pointer
from screens.screen import Reply, Screen
from screens.sheet import Sheet, Target
from screens.shot import Shots
from screens.type import Typeface
from screens.waiting import ConditionSleeper, Sleeper, sleeper_for
from screens.window import Window, WindowPlan

if TYPE_CHECKING:
    from config.settings import WindowSettings
    from screens.dimming import Dimming
    from screens.mirror import Mirror
    from screens.speech.narrator import Narrator

LONGEST_SLEEP_S = 1.0
"""The heart beats at least this often, and a signal is answered this fast."""
PRESENT_S = 5.0
"""A display that shows nothing new is handed a pixel this often: one that takes none any more stops the heart."""


class Stage:
    """One panel. `heartbeat` is the clock at the last turn of the loop; `painted` is called at the first paint.

    While the display takes nothing the loop does not turn (`PRESENT_S`): the heartbeat stands for both.
    """

    def __init__(
        self,
        window: WindowSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        on_reply: Callable[[Reply], None],
        headless: bool = False,
        wall: Callable[[], datetime] = beijing_now,
        keypad: KeypadSettings | None = None,
        narrator: Narrator | None = None,
        dimming: Dimming | None = None,
        opened: Opened | None = None,
    ) -> None:
        self.settings = window
        self.keys = ByKeys(keypad or KeypadSettings(), narrator)
        self.clock = clock
        self.wall = wall
        self.on_reply = on_reply
        self.painted: Callable[[], None] | None = None
        self.heartbeat = self._presented = clock()
        self.seq = 0
        """Counts the pages (and turns of a page) that were painted."""
        self.mirror: Mirror | None = None
        self.last_paint: list[Rect] = []
        self._headless = headless or window.headless
        if window.mirror:
            loopback(window.mirror)
        self._window: Window | None = None
        self.panel = window.panel.panel()
        self.whole = Rect(0, 0, *self.panel.size)
        """The whole panel, in its pixels."""
        self._opened = fitting(opened, self.panel, headless=self._headless)
        painter = self._opened.painter if self._opened else None
        self._painter = painter or Painter(pygame.Surface(self.panel.size, 0, 32), Typeface())
        self._surface = self._painter.surface
        self._canvas = Canvas(self._painter, self.whole, dimming)
        self._page = PageAtHand(self._painter.typeface, self.panel)
        self._arrivals = Arrivals()
        self._held: deque[Reply] | None = None
        """What the core is told when this turn has painted; None outside of a turn, when there is nothing to paint."""
        self._sleeper: Sleeper = ConditionSleeper()
        self.shots = Shots(lambda: self._sleeper.wake())  # noqa: PLW0108 - the sleeper is exchanged when the window opens
        self._adapter = Adapter(Fit(self.panel.size, self.panel.size))
        self._closing = threading.Event()
        self._running = False
        self._first = True

    @property
    def sheet(self) -> Sheet | None:
        """The newest layout; never changed once it is there, so any thread may read it."""
        return self._page.sheet

    @property
    def screen(self) -> Screen | None:
        """The page at hand."""
        return self._page.screen

    # From any thread

    def show(self, screen: Screen) -> None:
        """Show this page now; the newest wins."""
        self._arrivals.show(screen)
        self._sleeper.wake()

    def preview(self, rgb: bytes | None, width: int = 0, height: int = 0) -> None:
        """The newest camera picture (RGB, as the camera sees it; shown mirrored), None to take it away.

        Raises `ValueError` for one that is too large or not whole.
        """
        self._arrivals.preview(rgb, width, height)
        self._sleeper.wake()

    def touch(self, x: int, y: int, phase: Phase = "tap") -> None:
        """A finger from afar, through the same hit-test."""
        self._arrivals.touch(Pointer(x, y, phase, remote=True))
        self._sleeper.wake()

    def press(self, target: Target) -> None:
        """Tap the middle of a target of `sheet`; nothing happens when another page has come in between.

        Where the same page was drawn anew and the target has moved, it is touched where it is now.
        """
        x, y = target.rect.centre
        page = self.screen.page if self.screen else ""
        self._arrivals.touch(Pointer(x, y, "tap", remote=True, meant=target, page=page))
        self._sleeper.wake()

    def key(self, pressed: str) -> None:
        """A key of the keypad from afar: a command, or a digit."""
        self._arrivals.key(pressed)
        self._sleeper.wake()

    def wipe(self, done: threading.Event | None = None) -> None:
        """Forget every text and picture of the visit, and draw the page at hand afresh; `done` is set when it is."""
        self._arrivals.wipe(done or threading.Event())
        if self._running:
            self._sleeper.wake()
        else:
            self._wipe()

    def close(self) -> None:
        """End `run`."""
        self._closing.set()
        self._sleeper.wake()

    # The loop

    def run(self) -> None:
        """Draw and listen until `close`, or until the window is closed."""
        self._open()
        self._running = True
        try:
            while not self._closing.is_set():
                self.turn()
                if not self._closing.is_set():
                    self._sleeper.sleep(self._pause())
        finally:
            self._running = False
            if self.mirror is not None:
                self.mirror.stop()
            self.keys.wipe()
            if self._window is not None:
                self._window.close()
            self._arrivals.wiped()

    def _open(self) -> None:
        if self._headless:
            return
        self._window = self._opened.window if self._opened else Window(WindowPlan.of(self.settings))
        self._adapter = Adapter(self._window.fit)
        self._sleeper = sleeper_for(self._window.driver)

    def turn(self) -> None:
        """One turn of the loop: listen, lay out, paint, tell. `run` calls it; tests may, headless.

        The core hears of a finger after the panel has answered it: told before, it would compete with the painting.
        """
        now = self.heartbeat = self.clock()
        held: deque[Reply] = deque()
        self._held = held
        try:
            if self._window is not None:
                self._listen(self._window)
            arrived = self._arrivals.take()
            if arrived.screen is not None and arrived.screen != self.screen:
                self._take(arrived.screen)
            for pointer in arrived.touches:
                self._point(pointer)
            for key in arrived.keys:
                if self.sheet is not None:
                    self._keyed(self.keys.afar(key, self.sheet, now))
            self.keys.pass_time(now)
            if self.keys.is_here(now):
                self._tell(HERE)
            if self._page.touching.released(now):
                self._page.press()
            dirty = (
                self._canvas.picture(arrived.frame, self.sheet.preview if self.sheet else None) if arrived.fresh else []
            )
            if arrived.wipes:
                self._wipe()
                dirty = [self.whole]
            self._paint(dirty)
            self.shots.take(self.screen, self.sheet, self._surface)
            self._present(now)
        finally:
            self._held = None
            for reply in held:
                self.on_reply(reply)

    def _tell(self, reply: Reply) -> None:
        if self._held is None:
            self.on_reply(reply)
        else:
            self._held.append(reply)

    def _pause(self) -> float:
        """Seconds until something moves by itself."""
        now, release_at = self.clock(), self._page.touching.release_at
        pause = LONGEST_SLEEP_S if release_at is None else min(LONGEST_SLEEP_S, release_at - now)
        if self.screen is not None and self.sheet is not None:
            pause = min(pause, until_tick(self.screen, self.sheet, now))
        return max(0.001, pause)

    # Laying out and painting

    def _take(self, screen: Screen) -> None:
        """Another screen."""
        new = self._page.take(screen, self.clock())
        self.seq += 1
        if self.sheet is not None:
            self.keys.shown(screen, self.sheet, self.clock(), new=new)
            if self.sheet.preview is None:
                self._painter.picture = None

    def _paint(self, dirty: list[Rect]) -> None:
        """Paint what differs from what is on the panel, and `dirty`."""
        sheet, screen, canvas, window = self.sheet, self.screen, self._canvas, self._window
        if sheet is None or screen is None:
            return
        wall, now = self.wall(), self.clock()
        if canvas.rested(screen, wall, now, may_shift=window is not None):
            dirty = [self.whole]
        live = self._live(sheet, screen, wall, now)
        rects = self.last_paint = canvas.differing(sheet, live, dirty)
        if not rects and not (self.mirror is not None and self.mirror.behind(self.seq)):
            return
        canvas.paint(sheet, live, rects)
        if window is not None:
            window.shift = canvas.shift
            window.update(self._surface, rects)
        if self.mirror is not None:
            self.mirror.painted(self.seq, screen, sheet, self._surface, rects)
        if self._first:
            self._first = False
            self._first_paint()

    def _present(self, now: float) -> None:
        """Make the display take something, when nothing else was shown for a while."""
        if self._window is not None and now - self._presented >= PRESENT_S:
            self._presented = now
            self._window.update(self._surface, [Rect(0, 0, 1, 1)])

    def _live(self, sheet: Sheet, screen: Screen, wall: datetime, now: float) -> list[Mark]:
        """What is drawn over the sheet at this moment."""
        typeface, words = self._painter.typeface, texts(screen.language)
        live = live_marks(sheet, typeface, words, wall, screen.countdown, now, screen.since)
        if sheet.ink is not None:
            live += self._page.inking.marks(sheet.ink)
        if self.keys.node is not None and not screen.curtain:
            live += self.keys.ring(self._page.look(screen), sheet)
        return live

    def _first_paint(self) -> None:
        if self.painted is not None:
            self.painted()
        if self.settings.mirror:
            threading.Thread(target=self._raise_mirror, name="mirror-start", daemon=True).start()

    def _raise_mirror(self) -> None:
        """On a thread of its own: importing the web server takes longer than painting a page."""
        from screens.mirror import Mirror

        mirror = Mirror(self, self.settings.mirror, self.settings.mirror_token)
        mirror.start()
        self.mirror = mirror
        self._sleeper.wake()

    def _wipe(self) -> None:
        self._canvas.wipe()
        self.keys.wipe()
        self._page.wipe()
        self._arrivals.wiped()

    # Listening

    def _listen(self, window: Window) -> None:
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                self._closing.set()
            elif event.type == pygame.KEYDOWN:
                self._key(event.key, event.unicode)
            elif window.changed(event):
                self._adapter = Adapter(window.fit)
                window.update(self._surface, [self.whole])
            elif (pointer := self._adapter.pointer(event)) is not None:
                self._arrivals.touch(pointer)

    def _keyed(self, done: Target | Reply | None) -> None:
        """Do what a key meant."""
        if isinstance(done, Reply):
            self._reply(done)
        elif done is not None:
            self._point(Pointer(*done.rect.centre, "tap", remote=True, meant=done), by_key=True)
        else:
            self.seq += 1  # the focus may have moved: mirrors are told

    def _key(self, key: int, character: str) -> None:
        if self.sheet is not None:
            self._keyed(self.keys.pressed(self.sheet, key, character, self.clock()))

    def _point(self, pointer: Pointer, *, by_key: bool = False) -> None:
        if self._canvas.dimming is not None and pointer.phase in ("down", "tap"):
            self._canvas.dimming.touched(self.clock())
        if not by_key and self.screen is not None and self.screen.curtain:
            if pointer.phase in ("down", "tap"):
                self._reply(UNCOVERED)
            return
        if not by_key and pointer.phase in ("down", "tap"):
            self.keys.node = None
        if (reply := self._page.point(pointer, self.clock())) is not None:
            self._reply(reply)

    def _reply(self, reply: Reply) -> None:
        if reply.key == "turn":
            self._page.turn_by(1 if reply.value == "next" else -1, self.clock())
            self.seq += 1
            if self.sheet is not None:
                self.keys.turned(self.sheet)
        self._tell(reply)  # a turn of the page too: who turns it is reading, and needs the time
