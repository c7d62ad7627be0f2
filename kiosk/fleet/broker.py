"""One connection to the broker: MQTT 5 by paho, in a thread of its own, joined to the loop.

A connection is used once; who reconnects makes another (`kiosk.fleet.agent`), so that nothing of an old connection is
sent again behind our back: what was not confirmed is told again by whoever owns it, in order.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from config.fleet_contract import MOST_BYTES
from config.fleet_settings import FleetSettings

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage
    from paho.mqtt.properties import Properties

log = logging.getLogger(__name__)

CONNECT_S: Final = 15.0
CONFIRM_S: Final = 20.0
"""So long a confirmation of the broker is waited for before the connection is given up."""
END_S: Final = 3.0
KEEPALIVE_S: Final = 60
SESSION_S: Final = 3600
"""So long the broker keeps orders for a terminal that is away."""
MOST_UNCONFIRMED: Final = 20
MOST_WAITING_IN: Final = 32
LARGEST_PACKET: Final = 2 * MOST_BYTES
"""What is larger the broker must not send (MQTT 5, 3.1.2.11.4); from `MOST_BYTES` on we refuse it ourselves."""
MOST_PASSWORD: Final = 1024


class BrokerAway(Exception):
    """No connection, or it was lost; the words say why, for a technician."""


@dataclass(frozen=True, slots=True)
class Message:
    """What the broker brought. `answer_to` and `correlation` are MQTT 5's Response Topic and Correlation Data."""

    topic: str
    payload: bytes
    qos: int
    mid: int
    answer_to: str = ""
    correlation: bytes = b""
    retained: bool = False
    """Said some time ago, to whoever would come."""


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker publishes, retained, when we vanish."""

    topic: str
    payload: bytes


class _ClosedWhenRefused(ssl.SSLSocket):
    """paho leaves a socket whose handshake failed open until it is collected."""

    def do_handshake(self, block: bool = False) -> None:
        """Raises `OSError`, `ssl.SSLError`; the socket is closed then."""
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


def _end_of(socket: object) -> datetime | None:
    """When the certificate that the other side showed ends."""
    shown = socket.getpeercert() if isinstance(socket, ssl.SSLSocket) else None
    end = (shown or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(end), UTC) if isinstance(end, str) else None


class Broker:
    """`connect`, then `publish` and `inbox` until `lost` is set; `close` in the end, whatever happened."""

    def __init__(
        self,
        settings: FleetSettings,
        client_id: str,
        will: Will,
        topics: Mapping[str, int],
        spare: frozenset[str] = frozenset(),
    ) -> None:
        """`spare`: of `topics`, those that the broker may refuse (its rules are older than this program)."""
        self._settings = settings
        self._id = client_id
        self._will = will
        self._topics = dict(topics)
        self._spare = spare
        self._loop = asyncio.get_running_loop()
        self._threads = ThreadPoolExecutor(1, "fleet")
        self._client: Client | None = None
        self._ready: asyncio.Future[None] = self._loop.create_future()
        self._unconfirmed: dict[int, asyncio.Future[None]] = {}
        self.inbox: asyncio.Queue[Message] = asyncio.Queue(MOST_WAITING_IN)
        self.lost = asyncio.Event()
        self.why = ""
        self.ends: datetime | None = None
        """When the broker's certificate ends; None without TLS, or before the first connection."""
        self.was_told = False
        """Others know already that we end: no last will."""

    async def connect(self) -> None:
        """Connect and subscribe. Raises `BrokerAway`."""
        try:
            self._client = await self._run(self._made)
            host, port, _ = self._settings.address
            client = self._client
            async with asyncio.timeout(CONNECT_S):
                await self._run(lambda: client.connect(host, port, KEEPALIVE_S, **self._session()))
                client.loop_start()
                await self._ready
        except TimeoutError:
            self._end(f"no answer within {CONNECT_S:g} s")
            raise BrokerAway(self.why) from None
        except (OSError, ValueError) as error:
            self._end(str(error)[:160] or type(error).__name__)
            raise BrokerAway(self.why) from error

    def _session(self) -> dict[str, Any]:
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        wanted = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's Properties has no types
        wanted.SessionExpiryInterval = SESSION_S
        wanted.ReceiveMaximum = MOST_UNCONFIRMED
        wanted.MaximumPacketSize = LARGEST_PACKET
        return {"clean_start": False, "properties": wanted}

    def _made(self) -> Client:
        """In the thread: reads files. Raises `OSError`, `ValueError` (`ssl.SSLError` is an `OSError`)."""
        from paho.mqtt.client import Client, MQTTv5
        from paho.mqtt.enums import CallbackAPIVersion

        s = self._settings
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._id,
            protocol=MQTTv5,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.connect_timeout = CONNECT_S
        client.max_inflight_messages_set(MOST_UNCONFIRMED)
        client.max_queued_messages_set(4 * MOST_UNCONFIRMED)
        if s.address[2]:
            context = ssl.create_default_context(cafile=s.ca)
            context.sslsocket_class = _ClosedWhenRefused
            if s.client_certificate is not None and s.client_key is not None:
                context.load_cert_chain(s.client_certificate, s.client_key)
            client.tls_set_context(context)
        if s.user:
            with s.password_file.open(encoding="utf-8") if s.password_file else _nothing() as file:
                client.username_pw_set(s.user, file.read(MOST_PASSWORD).strip() or None)
        client.will_set(self._will.topic, self._will.payload, qos=1, retain=True)
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_subscribe = self._subscribed
        client.on_publish = self._confirmed
        client.on_message = self._came
        return client

    # In paho's thread: everything goes over to the loop

    def _over(self, call: Callable[..., object], *given: object) -> None:
        with suppress(RuntimeError):  # the loop has ended; so will this connection
            self._loop.call_soon_threadsafe(call, *given)

    def _connected(self, client: Client, _: object, __: object, reason: Any, ___: object) -> None:
        if reason.is_failure:
            self._over(self._end, f"the broker refuses: {str(reason)[:80]}")
            return
        self.ends = _end_of(client.socket())
        client.subscribe(list(self._topics.items()))

    def _subscribed(self, _: object, __: object, ___: int, reasons: list[Any], ____: object) -> None:
        bad = {topic: str(reason) for topic, reason in zip(self._topics, reasons, strict=False) if reason.is_failure}
        for topic in bad.keys() & self._spare:
            log.info("fleet: the broker does not let us hear %s: %s", topic, bad[topic])
        refused = next((reason for topic, reason in bad.items() if topic not in self._spare), "")
        if refused:
            self._over(self._end, f"the broker refuses the subscription: {refused[:80]}")
        else:
            self._over(self._is_ready)

    def _disconnected(self, _: object, __: object, ___: object, reason: Any, ____: object) -> None:
        self._over(self._end, str(reason)[:80])

    def _confirmed(self, _: object, __: object, mid: int, reason: Any, ___: object) -> None:
        failed = str(reason)[:80] if getattr(reason, "is_failure", False) else ""
        self._over(self._is_confirmed, mid, failed)

    def _came(self, _: object, __: object, message: MQTTMessage) -> None:
        more = message.properties
        answer = str(getattr(more, "ResponseTopic", ""))[:200]
        correlation = bytes(getattr(more, "CorrelationData", b""))[:64]
        # One byte more than is allowed is enough to refuse it.
        brought = bytes(message.payload[: MOST_BYTES + 1])
        came = Message(message.topic, brought, message.qos, message.mid, answer, correlation, bool(message.retain))
        self._over(self._is_here, came)

    # In the loop

    def _is_ready(self) -> None:
        if not self._ready.done():
            self._ready.set_result(None)

    def _end(self, why: str) -> None:
        self.why = self.why or why
        self.lost.set()
        if not self._ready.done():
            self._ready.set_exception(OSError(self.why))
        for future in self._unconfirmed.values():
            if not future.done():
                future.set_exception(BrokerAway(self.why))
        self._unconfirmed.clear()

    def _is_confirmed(self, mid: int, failed: str) -> None:
        future = self._unconfirmed.pop(mid, None)
        if future is not None and not future.done():
            if failed:
                future.set_exception(BrokerAway(f"the broker does not take it: {failed}"))
            else:
                future.set_result(None)

    def _is_here(self, message: Message) -> None:
        if self.inbox.full() or (not message.qos and self.inbox.qsize() >= MOST_WAITING_IN - MOST_UNCONFIRMED):
            # Orders keep to ReceiveMaximum, and that much room is theirs; what needs no confirmation comes again.
            log.warning("fleet: more messages than can be read; one of %s is left out", message.topic[:80])
            self.acknowledge(message)
            return
        self.inbox.put_nowait(message)

    def acknowledge(self, message: Message) -> None:
        """The broker need not bring it again."""
        if self._client is not None and message.qos:
            self._client.ack(message.mid, message.qos)

    def send(
        self, topic: str, payload: bytes, *, qos: int, retain: bool = False, correlation: bytes = b""
    ) -> asyncio.Future[None]:
        """Hand a message over; the future is done when the broker has confirmed it (QoS 0: when it left).

        Raises `BrokerAway`; so does the future.
        """
        if self._client is None or self.lost.is_set():
            raise BrokerAway(self.why or "not connected")
        info = self._client.publish(topic, payload, qos=qos, retain=retain, properties=_with(correlation))
        future: asyncio.Future[None] = self._loop.create_future()
        future.add_done_callback(lambda f: f.cancelled() or f.exception())
        if info.rc != 0:
            raise BrokerAway(f"not sent ({info.rc})")
        self._unconfirmed[info.mid] = future
        return future

    async def publish(
        self, topic: str, payload: bytes, *, qos: int, retain: bool = False, correlation: bytes = b""
    ) -> None:
        """`send`, and wait for the confirmation. Raises `BrokerAway`; no confirmation in time ends the connection."""
        future = self.send(topic, payload, qos=qos, retain=retain, correlation=correlation)
        try:
            async with asyncio.timeout(CONFIRM_S):
                await future
        except TimeoutError:
            self._end(f"nothing confirmed within {CONFIRM_S:g} s")
            raise BrokerAway(self.why) from None

    async def close(self) -> None:
        """Disconnect in order where there is a connection; the thread ends. Never raises."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(END_S):
                    await self._run(lambda: _ended(client, with_will=not self.was_told))
        self._end("closed")
        self._ready.cancelled() or self._ready.exception()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], Any]) -> Any:
        return await self._loop.run_in_executor(self._threads, work)


def _ended(client: Client, *, with_will: bool) -> None:
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.reasoncodes import ReasonCode

    # 0x04: disconnect with will message (MQTT 5, 3.14.2.1).
    client.disconnect(ReasonCode(PacketTypes.DISCONNECT, identifier=4 if with_will else 0))
    client.loop_stop()


def _with(correlation: bytes) -> Properties | None:
    if not correlation:
        return None
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    made = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho's Properties has no types
    made.CorrelationData = correlation
    return made


def _nothing() -> Any:
    from io import StringIO

    return StringIO()
