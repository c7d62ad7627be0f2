"""One terminal's own connection to the broker: MQTT 5 on asyncio, reconnecting, QoS 1 in order, a last will.

What waits is kept by whoever owns it (`Outbox`); a connection only carries. Three thousand of them fit in one process:
no task each but the one that reconnects, one timer of the loop for the ping.
"""

from __future__ import annotations

import asyncio
import random
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from simulator.fleet import mqtt

CONNECT_S: Final = 20.0
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 30.0
MOST_ON_THE_WAY: Final = 16
"""QoS 1 messages of one terminal without an acknowledgement yet; the broker's Receive Maximum may make it fewer."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is. `mqtt://user:password@host:1883` or `mqtts://...`."""

    host: str
    port: int
    tls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, url: str) -> Broker:
        """Raises `ValueError` with what is expected; the password is not in the message."""
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname or port == -1 or parts.path not in ("", "/"):
            raise ValueError("the broker's address: expected mqtt://HOST:PORT or mqtts://HOST:PORT")
        tls = parts.scheme == "mqtts"
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.hostname, port or (8883 if tls else 1883), tls, user, password)


class Carried(Protocol):
    """What a connection carries, and whom it tells."""

    @property
    def client(self) -> str:
        """The client identifier; the broker lets nobody else have it at the same time."""

    @property
    def filters(self) -> tuple[str, ...]:
        """What it wants to hear."""

    def last_will(self) -> mqtt.Publish:
        """The will of the connection that begins now."""

    def forgotten(self) -> None:
        """The broker has accepted us and knows nothing of before, before anything is repeated."""

    def connected(self) -> None:
        """The broker has accepted us, before anything that waits is sent."""

    def lost(self) -> None:
        """The connection is gone."""

    def heard(self, message: mqtt.Publish) -> None:
        """A message for this terminal."""


@dataclass(slots=True)
class Counters:
    """What all connections of a fleet have seen together."""

    connects: int = 0
    refused: int = 0
    lost: int = 0
    sent_qos0: int = 0
    sent_qos1: int = 0
    acknowledged: int = 0
    repeated: int = 0
    bytes_out: int = 0
    bytes_in: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def reason(self, words: str) -> None:
        """Count why a connection did not come about or ended."""
        if words in self.reasons or len(self.reasons) < 50:
            self.reasons[words] = self.reasons.get(words, 0) + 1


Acknowledged = Callable[[], None]


@dataclass(slots=True)
class _Waiting:
    message: mqtt.Publish
    acknowledged: Acknowledged | None
    packet_id: int = 0


class Connection(asyncio.Protocol):
    """A connection that is made again until `stop`. Raises nothing; `counters.reasons` says what went wrong."""

    def __init__(
        self, broker: Broker, carried: Carried, counters: Counters, seed: int, *, keep_alive_s: int = 90,
        will_delay_s: int = 0, gate: asyncio.Semaphore | None = None,
    ) -> None:  # fmt: skip
        self._broker, self._carried, self._counters = broker, carried, counters
        self._random = random.Random(seed)
        self._keep_alive_s, self._will_delay_s, self._gate = keep_alive_s, will_delay_s, gate
        self._waiting: deque[_Waiting] = deque()
        self._on_the_way: dict[int, _Waiting] = {}
        self._next_id = 0
        self._most = MOST_ON_THE_WAY
        self._transport: asyncio.Transport | None = None
        self._reader = mqtt.Reader()
        self._up = False
        self._greeted: asyncio.Future[mqtt.Connack] | None = None
        self._gone = asyncio.Event()
        self._stopping = False
        self._ping: asyncio.TimerHandle | None = None
        self.allowed = asyncio.Event()
        """Cleared while the network of this terminal is away."""
        self.allowed.set()

    @property
    def up(self) -> bool:
        """The broker has accepted us and the connection stands."""
        return self._up

    @property
    def waiting(self) -> int:
        """QoS 1 messages that the broker has not acknowledged."""
        return len(self._waiting) + len(self._on_the_way)

    async def run(self) -> None:
        """Connect, carry, connect again; returns after `stop`."""
        pause = FIRST_PAUSE_S
        while not self._stopping:
            await self.allowed.wait()
            if self._stopping:
                return
            if await self._come_up():
                pause = FIRST_PAUSE_S
                await self._gone.wait()
                continue
            await asyncio.sleep(pause * self._random.uniform(0.5, 1.5))
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def stop(self, *, will: bool = False) -> None:
        """End in order; with `will` the broker publishes the last will all the same."""
        self._stopping = True
        self.allowed.set()
        if self._transport is not None and self._up:
            self._write(mqtt.disconnect(0x04 if will else 0))
        if self._transport is not None:
            self._transport.close()
        self._gone.set()

    def cut(self) -> None:
        """The network goes away: no word to the broker, nothing until `restore`."""
        self.allowed.clear()
        if self._transport is not None:
            self._transport.abort()

    def restore(self) -> None:
        """The network is back."""
        self.allowed.set()

    def publish(self, message: mqtt.Publish, acknowledged: Acknowledged | None = None) -> bool:
        """Send, or at QoS 1 keep it and send in order; False for a QoS 0 message that nobody will hear."""
        if message.qos == 0:
            if self._up:
                self._counters.sent_qos0 += 1
                self._write(mqtt.publish(message))
            return self._up
        self._waiting.append(_Waiting(message, acknowledged))
        self._send_waiting()
        return True

    def take_back(self, topic: str) -> None:
        """Nothing that waits or is on its way under `topic` is sent by us any more."""
        self._waiting = deque(held for held in self._waiting if held.message.topic != topic)
        self._on_the_way = {n: held for n, held in self._on_the_way.items() if held.message.topic != topic}

    async def _come_up(self) -> bool:
        loop = asyncio.get_running_loop()
        self._greeted, self._gone = loop.create_future(), asyncio.Event()
        context = ssl.create_default_context() if self._broker.tls else None
        try:
            async with asyncio.timeout(CONNECT_S):
                if self._gate is None:
                    return await self._greet(loop, context)
                async with self._gate:
                    return await self._greet(loop, context)
        except (OSError, TimeoutError, ssl.SSLError) as error:
            self._counters.reason(type(error).__name__)
            if self._transport is not None:
                self._transport.abort()
            return False

    async def _greet(self, loop: asyncio.AbstractEventLoop, context: ssl.SSLContext | None) -> bool:
        assert self._greeted is not None
        await loop.create_connection(lambda: self, self._broker.host, self._broker.port, ssl=context)
        self._write(
            mqtt.connect(
                self._carried.client, self._carried.last_will(), keep_alive_s=self._keep_alive_s,
                will_delay_s=self._will_delay_s, user=self._broker.user, password=self._broker.password,
            )
        )  # fmt: skip
        answer = await self._greeted
        if answer.reason:
            self._counters.refused += 1
            self._counters.reason(f"refused 0x{answer.reason:02X}")
            if self._transport is not None:
                self._transport.abort()
            return False
        self._counters.connects += 1
        self._most = min(MOST_ON_THE_WAY, answer.receive_maximum)
        self._up = True
        if not answer.session_present:
            self._carried.forgotten()
            if self._carried.filters:
                self._write(mqtt.subscribe(self._number(), *self._carried.filters))
        self._repeat(known=answer.session_present)
        self._carried.connected()
        self._send_waiting()
        self._arm_ping()
        return True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio."""
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._reader = transport, mqtt.Reader()

    def data_received(self, data: bytes) -> None:
        """asyncio."""
        self._counters.bytes_in += len(data)
        try:
            for packet in self._reader.feed(data):
                self._received(packet)
        except mqtt.MalformedPacket as error:
            self._counters.reason(f"malformed: {error}")
            if self._transport is not None:
                self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio."""
        was_up, self._up, self._transport = self._up, False, None
        if self._ping is not None:
            self._ping.cancel()
        if self._greeted is not None and not self._greeted.done():
            self._greeted.set_exception(ConnectionResetError())
        if was_up:
            self._counters.lost += 1
            self._carried.lost()
        self._gone.set()

    def _received(self, packet: mqtt.Packet) -> None:
        match packet:
            case mqtt.Connack():
                if self._greeted is not None and not self._greeted.done():
                    self._greeted.set_result(packet)
            case mqtt.Puback(packet_id):
                held = self._on_the_way.pop(packet_id, None)
                if held is not None:
                    self._counters.acknowledged += 1
                    if held.acknowledged is not None:
                        held.acknowledged()
                self._send_waiting()
            case mqtt.Publish():
                if packet.qos:
                    self._write(mqtt.puback(packet.packet_id))
                self._carried.heard(packet)
            case mqtt.Goodbye(reason):
                self._counters.reason(f"the broker ended it: 0x{reason:02X}")
            case mqtt.Suback(_, reasons):
                if any(each >= 0x80 for each in reasons):
                    self._counters.reason(f"subscription refused: {reasons}")
            case mqtt.Pong():
                pass

    def _repeat(self, *, known: bool) -> None:
        """What had no acknowledgement goes first, in order; a repetition (4.4, 4.6) where the session is `known`."""
        for held in self._on_the_way.values():
            self._counters.repeated += 1
            self._write(self._frame(held, dup=known))

    def _send_waiting(self) -> None:
        while self._up and self._waiting and len(self._on_the_way) < self._most:
            held = self._waiting.popleft()
            held.packet_id = self._number()
            self._on_the_way[held.packet_id] = held
            self._counters.sent_qos1 += 1
            self._write(self._frame(held))

    @staticmethod
    def _frame(held: _Waiting, *, dup: bool = False) -> bytes:
        m = held.message
        return mqtt.publish(
            mqtt.Publish(m.topic, m.payload, 1, m.retain, dup, held.packet_id, m.response_topic, m.correlation)
        )

    def _number(self) -> int:
        self._next_id = self._next_id % 65535 + 1
        while self._next_id in self._on_the_way:
            self._next_id = self._next_id % 65535 + 1
        return self._next_id

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._counters.bytes_out += len(data)
            self._transport.write(data)

    def _arm_ping(self) -> None:
        loop = asyncio.get_running_loop()
        self._ping = loop.call_later(self._keep_alive_s * 0.75, self._ping_now)

    def _ping_now(self) -> None:
        if self._up:
            self._write(mqtt.pingreq())
            self._arm_ping()
