"""The agent: connects, is born, tells what changes, forwards the chain, takes orders; reconnects for ever.

| state      | what is done                                                     | then                              |
|------------|------------------------------------------------------------------|-----------------------------------|
| away       | wait 1 to 120 s, doubling, with jitter                           | connecting                        |
| connecting | connect with a last will, subscribe                              | online; failed: away              |
| online     | state (retained), birth; then state, data, events, orders        | lost: away; stopped: farewell     |
| farewell   | state "offline" (retained), disconnect                           |                                   |
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from config.fleet_contract import (
    MOST_METRICS,
    MOST_SECTIONS,
    MOST_SUPPLIES,
    QOS,
    REBIRTH_LEAST_S,
    RETAINED,
    SEQ_MODULUS,
    VERSION,
    Leaf,
    PlaceRow,
    Topics,
)
from config.fleet_settings import FleetSettings
from kiosk.clock import Clock
from kiosk.diagnostics.facts import FleetFact
from kiosk.events import events, log_line
from kiosk.fleet.backlog import Backlog
from kiosk.fleet.beats import NOTHING, changed, until_beat
from kiosk.fleet.broker import Broker, BrokerAway, Message, Will
from kiosk.fleet.forwarding import Forwarding
from kiosk.fleet.messages import TooLarge, Unreadable, payload, read_acknowledged, read_request
from kiosk.fleet.orders import Orders
from kiosk.journal import JournalError
from kiosk.metrics.look import Look

log = logging.getLogger(__name__)

FIRST_BACKOFF_S: Final = 1.0
LONGEST_BACKOFF_S: Final = 120.0
STEADY_S: Final = 30.0
"""A connection that lasted so long begins the back-off anew."""
LOOK_S: Final = 10.0
FAREWELL_S: Final = 2.0
MOST_ANSWERS: Final = 100


class Agent:
    """`run` until cancelled. `session` is another at every start of the program."""

    def __init__(
        self,
        settings: FleetSettings,
        topics: Topics,
        place: PlaceRow,
        software: str,
        session: str,
        look: Callable[[], Awaitable[Look]],
        backlog: Backlog,
        orders: Orders,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._topics = topics
        self._place = place
        self._software = software
        self.session = session
        self._look = look
        self._backlog = backlog
        self._orders = orders
        self._forwarding = Forwarding(backlog, topics, orders)
        self._clock = clock
        self._answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue(MOST_ANSWERS)
        self._again = asyncio.Event()
        self._seq = 0
        self._born_at = -REBIRTH_LEAST_S
        self._last: Look | None = None
        self._was = NOTHING
        self._told: tuple[object, ...] = ()
        self.online = False
        self._why = ""
        self._heard: datetime | None = None
        self._since = clock.now()
        self.broker: Broker | None = None
        """The connection of the moment, or the last one."""
        orders.answer = self._answer

    def values(self) -> Mapping[str, float]:
        """What the agent itself can say, as series of config/fleet_metrics.toml."""
        return {
            "kiosk_broker_connected": float(self.online),
            "kiosk_fleet_backlog_entries": float(self._backlog.waiting),
            "kiosk_fleet_unheld_events": float(self._backlog.holding.waiting),
            "kiosk_fleet_dropped_total": float(self._backlog.dropped),
        }

    def fact(self) -> FleetFact:
        """For the readiness report."""
        now, host = self._clock.now(), self._settings.address[0]
        ends = self.broker.ends if self.broker is not None else None
        heard = now if self.online else self._heard
        return FleetFact(host, self.online, self._why, heard, self._since, self._backlog.waiting, ends)

    def rebirth(self) -> None:
        """Tell everything again."""
        self._again.set()

    async def run(self) -> None:
        """For ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._orders.run())
            group.create_task(self._connecting())

    async def _connecting(self) -> None:
        backoff, complained = FIRST_BACKOFF_S, ""
        while True:
            began = self._clock.monotonic()
            broker = Broker(self._settings, self._topics.terminal, self._will(), self._subscriptions(), self._spare())
            self.broker = broker
            try:
                await broker.connect()
                complained = ""
                log.info("fleet: connected")
                await self._online(broker)
            except BrokerAway as error:
                if str(error) != complained:
                    log.warning("%s", log_line(events()["fleet.unreachable"], what=str(error)))
                complained = self._why = str(error)
            finally:
                if self.online:
                    self._heard = self._since = self._clock.now()
                self.online = False
                await broker.close()
            if self._clock.monotonic() - began > STEADY_S:
                backoff = FIRST_BACKOFF_S
            # Three thousand terminals lose a broker in the same moment and must not come back in one.
            await asyncio.sleep(random.uniform(0.2, 1.0) * backoff)
            backoff = min(backoff * 2, LONGEST_BACKOFF_S)

    def _will(self) -> Will:
        return Will(self._topics.of("state"), payload(self._gone()))

    def _gone(self) -> dict[str, Any]:
        return {"v": VERSION, "terminal": self._topics.terminal, "session": self.session, "online": False}

    def _subscriptions(self) -> dict[str, int]:
        return {
            self._topics.of("command"): QOS["command"],
            self._topics.of("request"): QOS["request"],
            self._topics.of("acknowledged"): QOS["acknowledged"],
            self._topics.requests: QOS["control"],
        }

    def _spare(self) -> frozenset[str]:
        """Without these it works as it did with the rules of an older broker."""
        return frozenset({self._topics.of("request"), self._topics.of("acknowledged"), self._topics.requests})

    async def _online(self, broker: Broker) -> None:
        """Raises `BrokerAway` when the connection ends."""
        self.online, self._why, self._since = True, "", self._clock.now()
        self._told = ()
        works = (self._inbox, self._watch, self._beat, self._births, self._forwarding.run, self._answering)
        try:
            await self._state(broker, await self._looked())
            await self._birth(broker)
            async with asyncio.TaskGroup() as group:
                for work in works:
                    group.create_task(work(broker))
                group.create_task(_until_lost(broker))
        except BaseExceptionGroup as several:
            away, rest = several.split(BrokerAway)
            if rest is not None:
                raise rest from None
            assert away is not None
            raise BrokerAway(broker.why or str(away.exceptions[0])) from None
        except asyncio.CancelledError:
            await asyncio.shield(self._farewell(broker))
            raise

    async def _farewell(self, broker: Broker) -> None:
        """The terminal ends in order: said, and no last will."""
        body = {**self._gone(), "at": self._now()}
        with suppress(BrokerAway, TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                await self._publish(broker, "state", body)
                broker.was_told = True

    # Telling how it is

    async def _looked(self) -> Look:
        self._last = await self._look()
        return self._last

    async def _state(self, broker: Broker, look: Look) -> None:
        """The retained state, when it is another than was told."""
        news = (look.mode, look.worst, look.open_intents)
        if news == self._told:
            return
        body = {
            "v": VERSION, "terminal": self._topics.terminal, "session": self.session, "online": True,
            "mode": look.mode, "at": self._now(), "software": self._software, "open_intents": look.open_intents,
            "worst": look.worst,
        }  # fmt: skip
        await self._publish(broker, "state", body)
        self._told = news

    async def _birth(self, broker: Broker) -> None:
        """Everything; the sequence begins anew."""
        look = await self._looked()
        self._seq = 0
        self._born_at = self._clock.monotonic()
        body = {
            "v": VERSION, "terminal": self._topics.terminal, "session": self.session, "seq": 0, "at": self._now(),
            "software": self._software, "metrics": dict(list(look.values.items())[:MOST_METRICS]),
            "sections": list(look.sections[:MOST_SECTIONS]), "supplies": list(look.supplies[:MOST_SUPPLIES]),
            "place": self._place, "chain": await self._chain(),
        }  # fmt: skip
        self._was = look
        await self._publish(broker, "birth", body)

    async def _chain(self) -> str:
        try:
            return await self._backlog.chain()
        except JournalError:
            return ""

    async def _watch(self, broker: Broker) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await self._state(broker, await self._looked())

    async def _beat(self, broker: Broker) -> None:
        """Changes, in this terminal's own part of the minute."""
        while True:
            await asyncio.sleep(until_beat(self._topics.terminal, self._clock.timestamp(), self._settings.data_every_s))
            look = self._last or await self._looked()
            self._seq = (self._seq + 1) % SEQ_MODULUS
            body = {
                "v": VERSION, "session": self.session, "seq": self._seq, "at": self._now(),
                **changed(self._was, look),
            }  # fmt: skip
            self._was = look
            await self._publish(broker, "data", body)

    async def _births(self, broker: Broker) -> None:
        """When asked; at most once in `REBIRTH_LEAST_S`, however often that is."""
        while True:
            await self._again.wait()
            await asyncio.sleep(max(0.0, self._born_at + REBIRTH_LEAST_S - self._clock.monotonic()))
            self._again.clear()
            await self._birth(broker)

    # Orders

    async def _inbox(self, broker: Broker) -> None:
        while True:
            message = await broker.inbox.get()
            if message.topic in (self._topics.of("request"), self._topics.requests):
                self._requested(message)
                broker.acknowledge(message)
            elif message.topic == self._topics.of("acknowledged"):
                self._acknowledged(message)
                broker.acknowledge(message)
            else:
                await self._orders.take(message, lambda m=message: broker.acknowledge(m))  # type: ignore[misc]  # bound now

    def _requested(self, message: Message) -> None:
        try:
            request = read_request(message.payload)
        except (TooLarge, Unreadable) as error:
            log.debug("fleet: a request cannot be read: %s", error)
            return
        if request.terminal == self._topics.terminal:
            self.rebirth()

    def _acknowledged(self, message: Message) -> None:
        if not message.payload:
            return  # somebody has removed what was retained
        try:
            said = read_acknowledged(message.payload)
        except (TooLarge, Unreadable) as error:
            log.debug("fleet: an acknowledgement cannot be read: %s", error)
            return
        if said.terminal == self._topics.terminal:
            self._backlog.holding.heard(said.chain, said.n, gap=said.gap, retained=message.retained)

    def _answer(self, body: dict[str, Any]) -> None:
        """An answer that is not in the chain; while many wait, or nobody is connected, who asked asks again."""
        if self.online and not self._answers.full():
            self._answers.put_nowait(body)

    async def _answering(self, broker: Broker) -> None:
        while True:
            await self._forwarding.send_result(broker, await self._answers.get())

    async def _publish(self, broker: Broker, leaf: Leaf, body: Mapping[str, Any]) -> None:
        await broker.publish(self._topics.of(leaf), payload(body), qos=QOS[leaf], retain=leaf in RETAINED)

    def _now(self) -> str:
        return self._clock.now().isoformat(timespec="seconds")


async def _until_lost(broker: Broker) -> None:
    await broker.lost.wait()
    raise BrokerAway(broker.why)
