"""Records a session at the bench: pages, touches, acts on devices, platform and processes; in order, bounded.

What it keeps becomes a feature file (`simulator.bench.written`). Payloads of codes are not kept: they are made anew
when the scenario runs.
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from simulator.bench.glass import node_at, nodes_called, point
from simulator.bench.platform_desk import PlatformDesk
from simulator.bench.relay import Relay
from simulator.world import World

MOST_EVENTS: Final = 5000
STROKE_PX: Final = 24
"""A finger that moves further than this writes or pulls; less is a touch."""
QUIET_DESK: Final = frozenset({"newcomers"})
Kind = Literal["page", "touch", "stroke", "key", "act", "desk", "process", "clock"]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened `at` seconds after the beginning. `what` depends on the kind; all of it is JSON."""

    at: float
    kind: Kind
    what: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there was of everything: money in fen, cases and prints by service, paper."""

    bank_fen: int = 0
    phone_fen: int = 0
    receipts: int = 0
    sheets: int = 0
    cases: tuple[str, ...] = ()
    ratings: tuple[int, ...] = ()
    known: bool = True
    """False when the platform did not say."""


@dataclass(slots=True)
class Recording:
    """A session: when it began (seconds since the epoch), what happened, how everything stood before and after."""

    title: str
    began: float
    events: list[Event] = field(default_factory=list)
    before: Counts = field(default_factory=Counts)
    after: Counts = field(default_factory=Counts)
    ended: float = 0.0
    cut_short: bool = False
    """More happened than is kept."""

    def as_json(self) -> str:
        """The whole session as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, default=str)


class Recorder:
    """At most one recording at a time. Raises `RuntimeError` with a sentence when there is none, or one already."""

    def __init__(
        self, world: World, desk: PlatformDesk | None, relay: Relay, count: Callable[[], Awaitable[Counts]]
    ) -> None:
        self.relay = relay
        self.count = count
        self.now: Recording | None = None
        self.last: Recording | None = None
        self.changed: Callable[[], None] = lambda: None
        self._looking = AsyncExitStack()
        self._finger: list[tuple[int, int]] = []
        self._pressed: Mapping[str, Any] | None = None
        self._page: tuple[str, str, str] | None = None
        world.act_watchers.append(self._acted)
        relay.page_watchers.append(self._paged)
        relay.order_watchers.append(self._ordered)
        if desk is not None:
            desk.act_watchers.append(self._at_the_desk)

    async def start(self, title: str = "") -> Recording:
        """Begin; the terminal's pages are watched from now on."""
        if self.now is not None:
            raise RuntimeError("a recording is under way: stop it first (kiosk-sim ctl record stop)")
        self._page, self._finger = None, []
        self.now = Recording(
            title or f"测试台录制 {time.strftime('%Y-%m-%d %H:%M')}", time.time(), before=await self.count()
        )
        await self._looking.enter_async_context(self.relay.viewer(pictures=False))
        if self.relay.screen is not None:
            self._paged(self.relay.screen)
        self.changed()
        return self.now

    async def stop(self) -> Recording:
        """End it; what was recorded stays until the next one is ended."""
        recording = self.now
        if recording is None:
            raise RuntimeError("nothing is being recorded: start it first (kiosk-sim ctl record start)")
        self.now = None
        await self._looking.aclose()
        recording.after, recording.ended = await self.count(), time.time()
        self.last = recording
        self.changed()
        return recording

    def note(self, kind: Kind, **what: Any) -> None:
        """Something happened; nothing when nothing is recorded."""
        recording = self.now
        if recording is None:
            return
        if len(recording.events) >= MOST_EVENTS:
            recording.cut_short = True
            return
        recording.events.append(Event(round(time.time() - recording.began, 3), kind, what))
        self.changed()

    def _acted(self, family: str, verb: str, args: Mapping[str, Any]) -> None:
        if verb in ("code", "scan"):
            args = {name: value for name, value in args.items() if name != "payload"}
        self.note("act", family=family, verb=verb, args=dict(args))

    def _at_the_desk(self, path: str, body: Mapping[str, Any]) -> None:
        if path not in QUIET_DESK:
            self.note("desk", path=path, body=dict(body))

    def _paged(self, screen: Mapping[str, Any]) -> None:
        page = (str(screen.get("page")), str(screen.get("language")), str(screen.get("mode")))
        if page != self._page:
            self._page = page
            self.note("page", page=page[0], title=screen.get("title", ""), language=page[1], mode=page[2])

    def _ordered(self, order: Mapping[str, Any]) -> None:
        """A finger, a key of the keypad, or a script that says what is pressed."""
        kind = order.get("type")
        if kind == "press":
            self._touched({"key": order.get("key", ""), "value": order.get("value", ""), "name": ""})
        elif kind == "key":
            self.note("key", key=str(order.get("key", ""))[:20])
        elif kind == "touch" and (place := point(order)) is not None:
            self._fingered(place, str(order.get("phase", "tap")))

    def _fingered(self, place: tuple[int, int], phase: str) -> None:
        if phase == "tap":
            self._touched(self._under(place))
        elif phase == "down":
            self._finger, self._pressed = [place], self._under(place)
        elif self._finger and len(self._finger) < MOST_EVENTS:
            self._finger.append(place)
            if phase == "up":
                path, self._finger = self._finger, []
                (x0, y0), far = path[0], 0
                far = max(max(abs(x - x0), abs(y - y0)) for x, y in path)
                if far <= STROKE_PX:
                    self._touched(self._pressed)
                else:
                    self.note("stroke", points=[list(p) for p in path[:: max(1, len(path) // 64)]])

    def _under(self, place: tuple[int, int]) -> Mapping[str, Any] | None:
        return node_at(self.relay.screen, *place) if self.relay.screen else None

    def _touched(self, node: Mapping[str, Any] | None) -> None:
        """What was touched: its reply, and its words where these alone lead to it."""
        if node is None or not node.get("enabled", True):
            return
        name = str(node.get("name", ""))
        words = next((some for some in _shorter(node, name) if self._alone(node, some)), "")
        self.note("touch", key=node.get("key", ""), value=node.get("value", ""), words=words)

    def _alone(self, node: Mapping[str, Any], words: str) -> bool:
        """Whether these words lead to that reply and to no other."""
        try:
            found = nodes_called(self.relay.screen or {}, words)
        except ValueError:
            return False
        return {(n["key"], n.get("value")) for n in found} == {(node["key"], node.get("value"))}


def _shorter(node: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """What a person would call it: the first of its words, of an option ("which, what") the last; else all."""
    parts = name.split()
    if str(node.get("key", "")).startswith("choose:"):
        return (parts[-1],) if len(parts) == 2 else ()
    return (parts[0], name) if parts else ()


def counter(world: World, desk: PlatformDesk | None) -> Callable[[], Awaitable[Counts]]:
    """How the recorder counts: devices of this process, the platform at its desk."""

    async def count() -> Counts:
        def of(family: str, name: str) -> int:
            device = world.devices.get(family)
            return int(device.state().get(name) or 0) if device else 0

        overview: dict[str, Any] = await desk.overview() if desk else {"reachable": False}
        known = bool(overview.get("reachable"))
        return Counts(
            of("payment-pad", "balance_fen"),
            int((overview.get("payers") or {}).get("paid_fen", 0)) if known else 0,
            of("receipt-printer", "receipts"),
            of("licence-printer", "pages_printed"),
            tuple(str(case.get("service")) for case in overview.get("cases", ())) if known else (),
            tuple(int(e.get("satisfaction") or 0) for e in overview.get("evaluations", ())) if known else (),
            known,
        )

    return count
