"""Events and results on their way to the broker, in the chain's order, and again where the control room lacks them."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from typing import Any, Final

from config.fleet_contract import QOS, Leaf, Topics
from kiosk.fleet.backlog import Backlog, Waiting
from kiosk.fleet.broker import CONFIRM_S, MOST_UNCONFIRMED, Broker, BrokerAway
from kiosk.fleet.messages import payload
from kiosk.fleet.orders import Orders
from kiosk.journal import JournalError

log = logging.getLogger(__name__)

CHAIN_S: Final = 1.0
WINDOW: Final = MOST_UNCONFIRMED - 4
"""Messages on their way at once; what remains is for state and answers."""
OnTheWay = deque[tuple[Waiting, asyncio.Future[None]]]


class Forwarding:
    """`run` for one connection after the other."""

    def __init__(self, backlog: Backlog, topics: Topics, orders: Orders) -> None:
        self._backlog = backlog
        self._topics = topics
        self._orders = orders

    async def run(self, broker: Broker) -> None:
        """Until the connection ends: raises `BrokerAway`. What was confirmed is kept as such, whatever ends it."""
        self._backlog.again()  # who ended the connection may have lost what it confirmed
        try:
            while True:
                batch = await self._batch()
                if batch:
                    await self._forward(broker, batch)
                else:
                    await self._probe(broker)
                await self._backlog.keep()
                if not batch:
                    await asyncio.sleep(CHAIN_S)
        finally:
            await asyncio.shield(self._backlog.keep())

    async def _forward(self, broker: Broker, batch: list[Waiting]) -> None:
        on_the_way: OnTheWay = deque()
        for each in batch:
            on_the_way.append((each, self._sent(broker, each)))
            while len(on_the_way) >= WINDOW:
                await self._confirm(on_the_way)
        while on_the_way:
            await self._confirm(on_the_way)

    def send_result(self, broker: Broker, message: Mapping[str, Any]) -> asyncio.Future[None]:
        """To where the order wanted it, with its correlation."""
        wanted = self._orders.address_of(str(message["command"]))
        topic = wanted.topic if wanted and wanted.topic else self._topics.of("result")
        correlation = wanted.correlation if wanted else b""
        return broker.send(topic, payload(message), qos=QOS["result"], correlation=correlation)

    async def _batch(self) -> list[Waiting]:
        try:
            return await self._backlog.batch()
        except JournalError as error:
            log.debug("fleet: the chain cannot be read now: %s", error)
            return []

    def _sent(self, broker: Broker, each: Waiting) -> asyncio.Future[None]:
        if each.leaf is None or each.message is None:
            return _done()
        return self._send(broker, each.leaf, each.message)

    def _send(self, broker: Broker, leaf: Leaf, message: Mapping[str, Any]) -> asyncio.Future[None]:
        if leaf == "result":
            return self.send_result(broker, message)
        return broker.send(self._topics.of(leaf), payload(message), qos=QOS[leaf])

    async def _confirm(self, on_the_way: OnTheWay) -> None:
        each, future = on_the_way[0]
        await _confirmed(future)
        on_the_way.popleft()
        self._backlog.confirmed(each.n, each.message if each.leaf == "event" else None)

    async def _probe(self, broker: Broker) -> None:
        message = self._backlog.holding.probe()
        if message is not None:
            log.info("fleet: the control room has not acknowledged; the last event is told again")
            await _confirmed(self._send(broker, "event", message))


async def _confirmed(future: asyncio.Future[None]) -> None:
    try:
        async with asyncio.timeout(CONFIRM_S):
            await asyncio.shield(future)
    except TimeoutError:
        raise BrokerAway(f"nothing confirmed within {CONFIRM_S:g} s") from None


def _done() -> asyncio.Future[None]:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.set_result(None)
    return future
