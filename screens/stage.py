"""The stage: SDL's loop on the main thread. It draws what changed, sleeps when nothing does, and hands back replies.

Other threads may call `show`, `preview`, `touch`, `wipe` and `close`; everything else happens on the thread of `run`.
Where a page needs several turns, which one is shown is the stage's own business (reply key `turn`).
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import screens.sdl_settings  # noqa: F401 - before pygame is imported; isort: skip
import pygame

from config.speaking import KeypadSettings
from config.texts import texts
from screens.brightness import darken
from screens.by_keys import HERE, ByKeys
from screens.compose import Plan, compose, look_for, plan
from screens.curtain import UNCOVERED, covered
from screens.inking import Inking
from screens.live import beijing_now, live_marks, seconds_left
from screens.marks import Mark, Rect, changed, merged
from screens.mirror_address import loopback
from screens.paint.painter import Painter
from screens.pieces import same_place
from screens.pointer import Adapter, Fit, Phase, Pointer
from screens.screen import Choice, Field, Ink, Reply, Screen
from screens.sheet import Sheet, Target
from screens.touching import Touching
from screens.type import Typeface
from screens.waiting import ConditionSleeper, Sleeper, sleeper_for
from screens.window import Window, WindowPlan

if TYPE_CHECKING:
    from config.settings import WindowSettings
    from screens.dimming import Dimming
    from screens.mirror import Mirror
    from screens.opening import Opened
    from screens.speech.narrator import Narrator

log = logging.getLogger(__name__)

LONGEST_SLEEP_S = 1.0
"""The heart beats at least this often, and a signal is answered this fast."""
MAX_TOUCHES = 256
MAX_PREVIEW = (1920, 1080)


class Stage:
    """One panel. `heartbeat` is the clock at the last turn of the loop; `painted` is called at the first paint."""

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
        self._pressed_keys: deque[str] = deque(maxlen=MAX_TOUCHES)
        self.clock = clock
        self.wall = wall
        self.on_reply = on_reply
        self.painted: Callable[[], None] | None = None
        self.heartbeat = clock()
        self.seq = 0
        """Counts the pages (and turns of a page) that were painted."""
        self.mirror: Mirror | None = None
        self.sheet: Sheet | None = None
        """The newest layout; never changed after it was put here, so any thread may read it."""
        self.screen: Screen | None = None
        self.last_paint: list[Rect] = []
        self._headless = headless or window.headless
        if window.mirror:
            loopback(window.mirror)
        self._window: Window | None = None
        self.panel = window.panel.panel()
        self.whole = Rect(0, 0, *self.panel.size)
        """The whole panel, in its pixels."""
        self._opened = opened if opened is not None and opened.plan.panel == self.panel else None
        if opened is not None and (self._opened is None or self._headless):
            opened.window.close()
            self._opened = None
        self._painter = (
            self._opened.painter if self._opened else Painter(pygame.Surface(self.panel.size, 0, 32), Typeface())
        )
        self._surface = self._painter.surface
        self._dimming = dimming
        self._level, self._shift = 255, (0, 0)
        self._painted_sheet: Sheet | None = None
        self._live: list[Mark] = []
        self._sleeper: Sleeper = ConditionSleeper()
        self._adapter = Adapter(Fit(self.panel.size, self.panel.size))
        self._lock = threading.Lock()
        self._shown: Screen | None = None
        self._frame: tuple[bytes, int, int] | None = None
        self._frame_new = False
        self._touches: deque[Pointer] = deque(maxlen=MAX_TOUCHES)
        self._wipes: list[threading.Event] = []
        self._closing = threading.Event()
        self._running = False
        self._marks: list[Mark] = []
        self._plan: Plan | None = None
        self._turn = 0
        self._touching = Touching()
        self._inking = Inking()
        self._first = True

    # From any thread

    def show(self, screen: Screen) -> None:
        """Show this page now; the newest wins."""
        with self._lock:
            self._shown = screen
        self._sleeper.wake()

    def preview(self, rgb: bytes | None, width: int = 0, height: int = 0) -> None:
        """The newest camera picture (RGB, as the camera sees it; shown mirrored), None to take it away."""
        if rgb is not None:
            if not (0 < width <= MAX_PREVIEW[0] and 0 < height <= MAX_PREVIEW[1]):
                raise ValueError(f"a preview of {width} x {height}; at most {MAX_PREVIEW[0]} x {MAX_PREVIEW[1]}")
            if len(rgb) != width * height * 3:
                raise ValueError(f"a preview of {width} x {height} has {width * height * 3} bytes, not {len(rgb)}")
        with self._lock:
            self._frame = None if rgb is None else (rgb, width, height)
            self._frame_new = True
        self._sleeper.wake()

    def touch(self, x: int, y: int, phase: Phase = "tap") -> None:
        """A finger from afar, through the same hit-test."""
        with self._lock:
            self._touches.append(Pointer(x, y, phase, remote=True))
        self._sleeper.wake()

    def press(self, target: Target) -> None:
        """Tap the middle of a target of `sheet`; nothing happens when another page has come in between.

        Where the same page was drawn anew and the target has moved, it is touched where it is now.
        """
        x, y = target.rect.centre
        page = self.screen.page if self.screen else ""
        with self._lock:
            self._touches.append(Pointer(x, y, "tap", remote=True, meant=target, page=page))
        self._sleeper.wake()

    def key(self, pressed: str) -> None:
        """A key of the keypad from afar: a command, or a digit."""
        with self._lock:
            self._pressed_keys.append(pressed)
        self._sleeper.wake()

    def wipe(self, done: threading.Event | None = None) -> None:
        """Forget every text and picture of the visit, and draw the page at hand afresh; `done` is set when it is."""
        with self._lock:
            self._wipes.append(done or threading.Event())
            self._frame, self._frame_new = None, True
            self._touches.clear()
            self._pressed_keys.clear()
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
            for done in self._wipes:
                done.set()

    def _open(self) -> None:
        if self._headless:
            return
        self._window = self._opened.window if self._opened else Window(WindowPlan.of(self.settings))
        self._adapter = Adapter(self._window.fit)
        self._sleeper = sleeper_for(self._window.driver)

    def turn(self) -> None:
        """One turn of the loop: listen, lay out, paint. `run` calls it; tests may, headless."""
        self.heartbeat = self.clock()
        if self._window is not None:
            self._listen(self._window)
        with self._lock:
            screen, self._shown = self._shown, None
            touches = list(self._touches)
            self._touches.clear()
            pressed_keys = list(self._pressed_keys)
            self._pressed_keys.clear()
            frame, fresh = self._frame, self._frame_new
            self._frame_new = False
            wipes = bool(self._wipes)
        news = screen is not None and screen != self.screen
        if screen is not None and news:
            self._take(screen)
        for pointer in touches:
            self._point(pointer)
        for key in pressed_keys:
            if self.sheet is not None:
                self._keyed(self.keys.afar(key, self.sheet, self.clock()))
        self.keys.pass_time(self.clock())
        if self.keys.is_here(self.clock()):
            self.on_reply(HERE)
        if self._touching.released(self.clock()):
            self._lay()
        dirty = self._picture(frame) if fresh else []
        if wipes:
            self._wipe()
            dirty = [self.whole]
        self._paint(dirty)

    def _pause(self) -> float:
        """Seconds until something moves by itself."""
        now = self.clock()
        pause = LONGEST_SLEEP_S
        if self._touching.release_at is not None:
            pause = min(pause, self._touching.release_at - now)
        countdown = self.screen.countdown if self.screen else None
        if countdown is not None and seconds_left(countdown, now) > 0:
            pause = min(pause, (countdown.ends_at - now) % 1.0 + 0.002)
        since = self.screen.since if self.screen else None
        if since is not None and self.sheet is not None and self.sheet.busy is not None:
            pause = min(pause, 1.0 - (now - since) % 1.0 + 0.002)
        return max(0.001, pause)

    # Laying out and painting

    def _take(self, screen: Screen) -> None:
        """A new page: which turn, and nothing of the old page stays pressed."""
        before = self.screen
        look = look_for(screen, self._painter.typeface, self.panel)
        old, self._plan = self._plan, plan(screen, look)
        anew = before is not None and before.page == screen.page
        if anew and before is not None and old is not None and _dress(before) != _dress(screen):
            self._turn = same_place(old.turns, self._turn, self._plan.turns)
        if before is None or before.page != screen.page:
            self._turn = 0
            self._touching.new_page(self.clock())
        focus = _focus(screen)
        if focus and (before is None or before.page != screen.page or _focus(before) != focus):
            self._turn = self._plan.turn_of(focus) or 0
        self.screen = screen
        self._inking.shown(_ink(screen), new=before is None or before.page != screen.page)
        self._lay()
        self.seq += 1
        if self.sheet is not None:
            self.keys.shown(screen, self.sheet, self.clock(), new=before is None or before.page != screen.page)
        if self.sheet is not None and self.sheet.preview is None:
            self._painter.picture = None

    def _lay(self) -> None:
        screen = self.screen
        if screen is None or self._plan is None:
            return
        look = look_for(screen, self._painter.typeface, self.panel)
        self.sheet = compose(screen, look, self._plan, turn=self._turn, pressed=self._touching.pressed)
        if screen.curtain:
            covered(self.sheet, look, self.whole)
        self._turn = self.sheet.turn
        for overflow in self.sheet.overflows:
            log.error("page %s does not fit: %s", screen.page, overflow.partition(":")[2] or overflow)

    def _paint(self, dirty: list[Rect]) -> None:
        """Paint what differs from what is on the panel, and `dirty`."""
        sheet, screen = self.sheet, self.screen
        if sheet is None or screen is None:
            return
        typeface, words = self._painter.typeface, texts(screen.language)
        wall, now = self.wall(), self.clock()
        live = live_marks(sheet, typeface, words, wall, screen.countdown, now, screen.since)
        if sheet.ink is not None:
            live += self._inking.marks(sheet.ink)
        if self.keys.node is not None and not screen.curtain:
            live += self.keys.ring(look_for(screen, typeface, self.panel), sheet)
        if self._rested(screen, wall, now):
            dirty = [self.whole]
        same = sheet is self._painted_sheet
        if same and not dirty and live == self._live:
            rects: list[Rect] = []
        else:
            news = changed(self._live, live) if same else changed(self._marks, sheet.marks + live)
            rects = [r.within(self.whole) for r in merged([*news, *dirty]) if r.touches(self.whole)]
        self.last_paint = rects
        page_changed = self.mirror is not None and self.mirror.behind(self.seq)
        if not rects and not page_changed:
            return
        marks = sheet.marks + live
        self._painter.paint(marks, rects)
        darken(self._surface, rects, self._level)
        self._marks, self._live, self._painted_sheet = marks, live, sheet
        if self._window is not None:
            self._window.update(self._surface, rects)
        if self.mirror is not None:
            self.mirror.painted(self.seq, screen, sheet, self._surface, rects)
        if self._first:
            self._first = False
            self._first_paint()

    def _rested(self, screen: Screen, wall: datetime, now: float) -> bool:
        """Whether the panel becomes darker, brighter or moves, so that all of it is painted again."""
        if self._dimming is None:
            return False
        before = (self._level, self._shift)
        self._level = self._dimming.level(screen, wall, now)
        self._shift = self._dimming.shift(screen, wall) if self._window is not None else (0, 0)
        if self._window is not None:
            self._window.shift = self._shift
        return (self._level, self._shift) != before

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

    def _picture(self, frame: tuple[bytes, int, int] | None) -> list[Rect]:
        """Take the newest camera picture; what must be painted again."""
        place = self.sheet.preview if self.sheet is not None else None
        if frame is None or place is None:
            gone = self._painter.picture is not None and place is not None
            self._painter.picture = None
            return [place] if gone and place is not None else []
        rgb, width, height = frame
        picture = pygame.image.frombuffer(rgb, (width, height), "RGB")
        self._painter.picture = pygame.transform.flip(picture, True, False)
        return [place]

    def _wipe(self) -> None:
        from screens.widgets.waiting import qr_rows

        self._painter.picture = None
        self._inking.wipe()
        self._painter.typeface.wipe()
        self.keys.wipe()
        qr_rows.cache_clear()
        self._marks, self._live, self._painted_sheet = [], [], None
        self._lay()
        with self._lock:
            wipes, self._wipes = self._wipes, []
        for done in wipes:
            done.set()

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
                with self._lock:
                    self._touches.append(pointer)

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

    def _where_it_is_now(self, pointer: Pointer, sheet: Sheet) -> Pointer:
        meant, page = pointer.meant, self.screen.page if self.screen else ""
        if meant is None or pointer.page != page or sheet.hit(pointer.x, pointer.y) == meant:
            return pointer
        same = next((target for target in sheet.targets if target.reply == meant.reply and target.enabled), None)
        if same is None:
            return pointer
        x, y = same.rect.centre
        return replace(pointer, x=x, y=y, meant=same)

    def _point(self, pointer: Pointer, *, by_key: bool = False) -> None:
        if self.sheet is None:
            return
        pointer = self._where_it_is_now(pointer, self.sheet)
        if self._dimming is not None and pointer.phase in ("down", "tap"):
            self._dimming.touched(self.clock())
        if not by_key and self.screen is not None and self.screen.curtain:
            if pointer.phase in ("down", "tap"):
                self._reply(UNCOVERED)
            return
        if not by_key and pointer.phase in ("down", "tap"):
            self.keys.node = None
        if self._writes(pointer, self.sheet):
            return
        before = self._touching.pressed
        reply = self._touching.point(pointer, self.sheet, self.clock())
        if self._touching.pressed != before:
            self._lay()
        if reply is not None:
            self._reply(reply)

    def _writes(self, pointer: Pointer, sheet: Sheet) -> bool:
        """Whether the finger writes in a field of the page; a stroke that is complete is handed on."""
        begins = pointer.phase in ("down", "tap")
        if sheet.ink is None or pointer.meant is not None:
            return False
        if begins and not pointer.remote and not self._touching.settled(self.clock()):
            return False
        taken, reply = self._inking.point(pointer, sheet.ink, self.clock())
        if reply is not None:
            self._reply(reply)
        return taken

    def _reply(self, reply: Reply) -> None:
        if reply.key == "turn":
            self._turn += 1 if reply.value == "next" else -1
            self.seq += 1
            self._touching.new_page(self.clock())
            self._lay()
            if self.sheet is not None:
                self.keys.turned(self.sheet)
        self.on_reply(reply)  # a turn of the page too: who turns it is reading, and needs the time


def _ink(screen: Screen) -> Ink | None:
    return next((b for b in screen.blocks if isinstance(b, Ink)), None)


def _dress(screen: Screen) -> tuple[str, str]:
    return screen.language, screen.mode


def _focus(screen: Screen) -> str:
    return next((b.key for b in screen.blocks if isinstance(b, Field | Choice) and b.focused), "")
