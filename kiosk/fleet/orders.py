"""Orders from the broker: whose signature, for whom, until when, known already; then done (`kiosk.duties`).

| what comes                                     | what is done                                                       |
|------------------------------------------------|--------------------------------------------------------------------|
| not readable, too large, forged, unknown key   | nothing; audited (`command.forged`), no answer                     |
| signed, but for another terminal, not yet valid | nothing; audited, answered REFUSED                                |
| expired, or an order that is not known here    | nothing; in the chain as any order, answered REFUSED               |
| known by its id                                | nothing; the same answer again                                     |
| else                                           | ACCEPTED, done, answered DONE, FAILED or REFUSED; each in the chain |

Audit entries of refusals are bounded (`MOST_ENTRIES` an hour): whoever floods the topic does not fill the journal.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from kiosk.clock import Clock
from kiosk.duties.office_commands import Commands
from kiosk.events import events, log_line
from kiosk.fleet.broker import Message
from kiosk.fleet.command_keys import CommandKeys
from kiosk.fleet.messages import Envelope, TooLarge, Unreadable, read_envelope, read_signed, result
from kiosk.journal import Journal, JournalError
from kiosk.platform.devices import Command

log = logging.getLogger(__name__)

EARLY: Final = timedelta(minutes=5)
"""So far the office's clock may be ahead of the platform's, by which orders expire."""
MOST_ENTRIES: Final = 30
HOUR_S: Final = 3600.0
MOST_ANSWERS: Final = 100
MOST_WAITING: Final = 20
AGAIN_S: Final = 30.0


class Refused(Exception):
    """Not an order for this terminal. `command` is its id where it was signed by who may order."""

    def __init__(self, cause: str, command: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        self.command = command


@dataclass(frozen=True, slots=True)
class Address:
    """Where an order wants its answer."""

    topic: str
    correlation: bytes


class Orders:
    """`take` each message in turn; `run` does what was taken, one after the other, connection or not.

    `answer` is called with results that are not told from the chain: those of repeated and of misdirected orders.
    """

    def __init__(
        self, terminal: str, keys: CommandKeys | None, commands: Commands, journal: Journal, clock: Clock, own: str
    ) -> None:
        self._terminal = terminal
        self._keys = keys
        self._commands = commands
        self._journal = journal
        self._clock = clock
        self._own = own
        self._waiting: asyncio.Queue[tuple[Envelope, str, Callable[[], None]]] = asyncio.Queue(MOST_WAITING)
        self._addresses: dict[str, Address] = {}
        self._entries: list[float] = []
        self._unwritten = 0
        self.answer: Callable[[dict[str, Any]], None] = lambda _: None
        self.signer = ""
        """Id of the key that signed the order that is being done."""

    def address_of(self, command: str) -> Address | None:
        """Where the answer to a command is wanted; None: at the usual topic."""
        return self._addresses.get(command)

    async def take(self, message: Message, acknowledge: Callable[[], None]) -> None:
        """Check one message; what is to be done waits for `run`. `acknowledge` when it need not be brought again."""
        try:
            envelope, key = self._checked(message.payload)
        except Refused as refused:
            await self._audit(refused)
            if refused.command:
                self._remember(refused.command, message)
                words = "not for this terminal, or not valid yet"
                self.answer(result(refused.command, "REFUSED", words, self._clock.platform_now()))
            acknowledge()
            return
        command = str(envelope.id)
        self._remember(command, message)
        known = self._commands.told(command)
        if known is not None:
            self.answer(result(command, known.state, known.words, known.at))
            acknowledge()
        elif self._waiting.full():
            log.warning("fleet: %d orders wait; %s is not taken, the broker brings it again", MOST_WAITING, command)
        else:
            self._waiting.put_nowait((envelope, key, acknowledge))

    def _checked(self, payload: bytes) -> tuple[Envelope, str]:
        """The order and the id of its key. Raises `Refused`."""
        if self._keys is None:
            raise Refused("no-keys")
        try:
            signed = read_signed(payload)
            octets = signed.octets()
            if signed.key not in self._keys.ids:
                raise Refused("unknown-key")
            if not self._keys.is_signed(signed.key, octets, bytes.fromhex(signed.signature)):
                raise Refused("signature")
            envelope = read_envelope(octets)
        except TooLarge as error:
            raise Refused("too-large") from error
        except Unreadable as error:
            log.info("fleet: an order cannot be read: %s", error)
            raise Refused("unreadable") from error
        if envelope.terminal != self._terminal:
            raise Refused("another-terminal", str(envelope.id))
        if envelope.issued_at > self._clock.platform_now() + EARLY:
            raise Refused("not-yet", str(envelope.id))
        return envelope, signed.key

    def _remember(self, command: str, message: Message) -> None:
        """Where the answer goes: only below our own topic, so that no order makes us write elsewhere."""
        topic = message.answer_to
        fits = (
            (topic == self._own or topic.startswith(f"{self._own}/"))
            and not set(topic) & set("+#\0")
            and len(topic) < 200
        )
        self._addresses[command] = Address(topic if fits else "", message.correlation)
        while len(self._addresses) > MOST_ANSWERS:
            del self._addresses[next(iter(self._addresses))]

    async def run(self) -> None:
        """Do what was taken, for ever. While an order cannot be journalled it waits, and those behind it: a broker
        brings nothing again as long as the connection holds (MQTT 5, 4.4)."""
        await self._commands.recall()
        while True:
            envelope, key, acknowledge = await self._waiting.get()
            self.signer = key
            command = Command(str(envelope.id), envelope.name, envelope.params, envelope.expires_at)
            while not await self._followed(command):  # noqa: ASYNC110 - a disk tells nobody that it is well again
                await asyncio.sleep(AGAIN_S)
            acknowledge()

    async def _followed(self, command: Command) -> bool:
        try:
            await self._commands.follow(command, "fleet")
        except JournalError as error:
            log.warning("fleet: the order %s is not done now: %s", command.name, error)
            return False
        return True

    async def _audit(self, refused: Refused) -> None:
        """One entry, while there are not too many; the next one says how many there were without."""
        log.warning("%s", log_line(events()["fleet.forged"], what=refused.cause))
        now = self._clock.monotonic()
        self._entries = [at for at in self._entries if now - at < HOUR_S]
        if len(self._entries) >= MOST_ENTRIES:
            self._unwritten += 1
            return
        self._entries.append(now)
        count, self._unwritten = self._unwritten + 1, 0
        body = {"cause": refused.cause, "count": count, **({"command": refused.command} if refused.command else {})}
        try:
            await self._journal.note("", "command.forged", body)
        except JournalError as error:
            log.warning("fleet: a refused order could not be journalled: %s", error)
