"""Whether the terminal is alive, told to systemd (sd_notify(3)): only while the loop turns and the screen is presented.

Two beats: the core's loop turns one of its tasks; the stage's loop turns, which every few seconds presents a pixel and
waits for the display. A thread of its own looks at both. What is stuck is written down before systemd ends it: where
the thread stands, as names of functions, never a value. A lock that nobody gives back stops this thread too, and that
is the same to systemd: silence.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from drivers.rhythm import beat
from kiosk.events import LEVELS, events, log_line

log = logging.getLogger(__name__)

BEAT_S: Final = 1.0
STALE_SHARE: Final = 0.5
"""A beat may be this share of `WatchdogSec` old: first we say what is stuck, then systemd loses patience."""
FEEDS: Final = 6
"""How often within `WatchdogSec` we look, and feed."""
MOST_FRAMES: Final = 25
SHORTEST_S, LONGEST_S = 0.5, 3600.0


class Notifier:
    """systemd's socket. Without one (a desk, a test) everything is said to nobody."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.address = environment.get("NOTIFY_SOCKET", "")
        if self.address.startswith("@"):
            self.address = "\0" + self.address[1:]

    def say(self, *lines: str) -> bool:
        """Send `KEY=value` lines in one datagram; False when nobody takes them. Never blocks, never raises."""
        if not self.address:
            return False
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as wire:
                wire.setblocking(False)
                wire.connect(self.address)
                wire.send("\n".join(line.replace("\n", " ")[:400] for line in lines).encode())
        except OSError as error:
            log.debug("systemd does not hear us: %s", error)
            return False
        return True


def patience_s(environment: Mapping[str, str], pid: int) -> float | None:
    """`WatchdogSec` as systemd tells it to this process, seconds; None where nobody watches."""
    try:
        if int(environment.get("WATCHDOG_PID") or pid) != pid:
            return None
        seconds = int(environment.get("WATCHDOG_USEC") or 0) / 1e6
    except ValueError:
        return None
    return min(max(seconds, SHORTEST_S), LONGEST_S) if seconds > 0 else None


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that must beat. `beat`: the clock at its last beat; `thread`: where to look when it is stuck."""

    event: str
    beat: Callable[[], float]
    thread: Callable[[], int | None]


class LoopBeat:
    """The core's beat: a task of its loop. `keep` runs until cancelled."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.at = clock()
        self.thread: int | None = None

    async def keep(self) -> None:
        """Beat while the loop turns."""
        self.thread = threading.get_ident()
        while True:
            self.at = self.clock()
            await beat(BEAT_S)


class Watchdog:
    """Feeds systemd's watchdog while every part beats, and says which one does not."""

    def __init__(
        self,
        notifier: Notifier,
        patience: float | None,
        parts: tuple[Part, ...],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.notifier = notifier
        self.patience = patience
        self.parts = parts
        self.clock = clock
        self.ready = False
        self._stuck: set[str] = set()
        self._ended = threading.Event()

    @classmethod
    def of_environment(cls, *parts: Part) -> Watchdog:
        """As systemd started this process. Its children are not watched for us and shall not think so."""
        patience = patience_s(os.environ, os.getpid())
        notifier = Notifier(os.environ)
        for name in ("WATCHDOG_USEC", "WATCHDOG_PID", "NOTIFY_SOCKET"):
            os.environ.pop(name, None)
        if patience is not None:
            faulthandler.enable(sys.stderr, all_threads=True)  # systemd ends us by SIGABRT: every stack, even then
        return cls(notifier, patience, parts)

    @property
    def pause_s(self) -> float:
        """Seconds between two looks."""
        return (self.patience or 30.0) / FEEDS

    def stuck(self) -> tuple[Part, ...]:
        """Parts whose beat is too old now."""
        oldest = self.clock() - (self.patience or 30.0) * STALE_SHARE
        return tuple(part for part in self.parts if part.beat() < oldest)

    def look(self) -> bool:
        """Feed when all beat; else say once what does not. True when systemd was fed."""
        stuck = self.stuck()
        names = {part.event for part in stuck}
        for part in stuck:
            if part.event not in self._stuck:
                self._told(part)
        for event in self._stuck - names:
            log.warning("%s: it goes on again", event)
        self._stuck = names
        if stuck:
            self.notifier.say("STATUS=" + "; ".join(events()[part.event].sentence("en") for part in stuck))
            return False
        return self.notifier.say("WATCHDOG=1")

    def begin(self) -> None:
        """Watch, on a thread of its own; the terminal is not ready yet."""
        if self.patience is not None:
            threading.Thread(target=self._run, name="watchdog", daemon=True).start()

    def is_ready(self) -> None:
        """The first page is painted and everything stands: systemd counts from here. From any thread."""
        self.ready = True
        self.notifier.say("READY=1", "STATUS=in service", "WATCHDOG=1")

    def stop(self) -> None:
        """It ends because somebody wants it to."""
        self._ended.set()
        self.notifier.say("STOPPING=1", "STATUS=ending")

    def _run(self) -> None:
        while not self._ended.wait(self.pause_s):
            if self.ready:
                self.look()

    def _told(self, part: Part) -> None:
        event = events()[part.event]
        where = standing(part.thread())
        log.log(LEVELS[event.severity], "%s | at %s", log_line(event), where)


def standing(thread: int | None) -> str:
    """Where a thread stands now: `file:line function`, the innermost first. No values: they may be a citizen's."""
    frame = sys._current_frames().get(thread) if thread is not None else None
    if frame is None:
        return "a thread that has ended"
    stack = traceback.StackSummary.extract(traceback.walk_stack(frame), limit=MOST_FRAMES, lookup_lines=False)
    names = [f"{'/'.join(each.filename.split('/')[-2:])}:{each.lineno} {each.name}" for each in stack]
    return " < ".join(names)
