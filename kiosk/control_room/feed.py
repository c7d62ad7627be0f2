"""The broker's end of the room: messages come in by paho, are acknowledged when they are written, and not before.

Back-pressure is MQTT's own: the broker sends at most `ON_THE_WAY` messages that are not acknowledged. Heartbeats
(QoS 0) are thrown away when the writer is behind; the gap in their numbers asks for a rebirth later.
"""

from __future__ import annotations

import logging
import queue
import threading
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from config.fleet_contract import MOST_BYTES, Leaf, everything
from kiosk.control_room.room_settings import RoomSettings

log = logging.getLogger(__name__)
ON_THE_WAY: Final = 1000
MOST_WAITING: Final = 4 * ON_THE_WAY
HEARTBEATS_UP_TO: Final = 2 * ON_THE_WAY
SESSION_S: Final = 7 * 86_400
"""So long the broker keeps for us what happens while we are away."""
KEEP_ALIVE_S: Final = 60
LEAVES: Final[tuple[Leaf, ...]] = ("state", "birth", "data")


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message, and what `done` needs to acknowledge it."""

    topic: str
    payload: bytes
    mid: int
    qos: int
    connection: int


class Feed:
    """`start`, then `next` from one thread; `done` for each message, in order, after it is written."""

    def __init__(self, settings: RoomSettings) -> None:
        self._settings = settings
        self._waiting: queue.Queue[Arrived] = queue.Queue(MOST_WAITING)
        self._lock = threading.Lock()
        self._open: set[int] = set()
        self._session = 0
        self._last_wish: int | None = None
        self.connected = threading.Event()
        """The broker has us and all our subscriptions."""
        self._leaving = threading.Event()
        self.dropped_heartbeats = 0
        self.arrived = 0
        self._client = self._make()

    def start(self) -> None:
        """Connect, and again whenever the connection is lost. Returns at once. Raises `ValueError` for the address."""
        parts = urlsplit(self._settings.broker)
        port = parts.port or (8883 if parts.scheme == "mqtts" else 1883)
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho has no types there
        properties.SessionExpiryInterval = SESSION_S
        properties.ReceiveMaximum = ON_THE_WAY
        properties.MaximumPacketSize = 2 * MOST_BYTES
        self._client.connect_async(parts.hostname or "", port, KEEP_ALIVE_S, clean_start=False, properties=properties)
        self._client.loop_start()

    def stop(self) -> None:
        """Leave; the broker keeps for us what comes."""
        self._leaving.set()
        self._client.disconnect()
        self._client.loop_stop()

    def next(self, within_s: float) -> Arrived | None:
        """The next message; None when none came."""
        try:
            return self._waiting.get(timeout=within_s) if within_s > 0 else self._waiting.get_nowait()
        except queue.Empty:
            return None

    @property
    def waiting(self) -> int:
        """Messages that are not being written yet."""
        return self._waiting.qsize()

    def done(self, arrived: Arrived) -> None:
        """It is written: the broker may forget it."""
        if arrived.qos == 0:
            return
        with self._lock:
            if arrived.connection != self._session:
                return  # the broker lost our session: its number now means another message
            self._open.discard(arrived.mid)
        self._client.ack(arrived.mid, arrived.qos)

    def tell(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish; nobody waits for it, and nothing is kept for a broker that is away."""
        if self.connected.is_set():
            self._client.publish(topic, payload, qos=0, retain=retain)

    def _make(self) -> Client:
        s = self._settings
        client = Client(
            CallbackAPIVersion.VERSION2, client_id=s.client, protocol=MQTTProtocolVersion.MQTTv5, manual_ack=True
        )
        client.reconnect_delay_set(1, 30)
        if s.user or s.password_file:
            password = s.password_file.read_text(encoding="utf-8").strip() if s.password_file else None
            client.username_pw_set(s.user, password)
        if urlsplit(s.broker).scheme == "mqtts":
            client.tls_set(
                ca_certs=str(s.ca) if s.ca else None,
                certfile=str(s.client_certificate) if s.client_certificate else None,
                keyfile=str(s.client_key) if s.client_key else None,
            )
        client.on_connect = self._connected
        client.on_subscribe = self._subscribed
        client.on_disconnect = self._lost
        client.on_message = self._message
        return client

    def _connected(
        self, client: Client, userdata: Any, flags: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        if reason.is_failure:
            log.warning("the broker refuses: %s", reason)
            return
        with self._lock:
            if not flags.session_present:
                self._session += 1
                self._open.clear()
        share = f"$share/{self._settings.share}/" if self._settings.share else ""
        # Each time: a new subscription brings the retained states of all terminals.
        client.subscribe([(everything(leaf), 0 if leaf == "data" else 1) for leaf in LEAVES])
        _, self._last_wish = client.subscribe(share + everything("event"), 1)
        log.info("connected to the broker, session %s", "kept" if flags.session_present else "new")

    def _subscribed(
        self, client: Client, userdata: Any, mid: int, reasons: list[ReasonCode], properties: Properties | None
    ) -> None:
        """Connected is who hears: what a broker takes before it has our subscriptions it gives to nobody."""
        if any(reason.is_failure for reason in reasons):
            log.error("the broker refuses a subscription: %s", ", ".join(str(reason) for reason in reasons))
        elif mid == self._last_wish:
            self.connected.set()

    def _lost(
        self, client: Client, userdata: Any, flags: Any, reason: ReasonCode, properties: Properties | None
    ) -> None:
        self.connected.clear()
        log.warning("connection to the broker lost: %s", reason)

    def _message(self, client: Client, userdata: Any, message: MQTTMessage) -> None:
        self.arrived += 1
        if message.qos == 0:
            if self._waiting.qsize() >= HEARTBEATS_UP_TO:
                self.dropped_heartbeats += 1
                return
        else:
            with self._lock:
                if message.mid in self._open:
                    return  # repeated by the broker after a short break; it is still in our queue
                self._open.add(message.mid)
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""
        arrived = Arrived(topic, bytes(message.payload), message.mid, message.qos, self._session)
        while not self._leaving.is_set():  # full only with a broker that sends more than it may: then it waits, by TCP
            try:
                self._waiting.put(arrived, timeout=0.5)
            except queue.Full:
                continue
            return
