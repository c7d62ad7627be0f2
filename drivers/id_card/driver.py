"""The ID-card reader: joins the SAM host end to a link, with deadlines in and named errors out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from drivers.crossing import Tracer
from drivers.device import DeviceState, Fault, Media, Status
from drivers.errors import (
    DeviceError,
    LinkLost,
    MediaError,
    MediaRejected,
    MediaUnreadable,
    NoAnswer,
    NoMedia,
    ProtocolError,
    Unsupported,
    WrongDevice,
)
from drivers.families import CardReading
from drivers.id_card.card import CardRead, card_read
from drivers.id_card.frames import (
    SPEEDS,
    Command,
    FrameError,
    Reply,
    SamTracer,
    parse_address,
    parse_text,
    sam_number,
    split_fingerprints,
    split_read,
)
from drivers.id_card.host import (
    FIND,
    FULL_SPEED,
    PRESENCE,
    STATUS,
    Failed,
    Finished,
    Job,
    SamHost,
    Send,
    Started,
    Stray,
    Why,
    identify,
    reading,
)
from drivers.id_card.options import HINTS, Options, error_of
from drivers.id_card.portrait import Pixels, portrait_decoder
from drivers.link import Link
from drivers.links.tapped import HasSpeed, tapped
from drivers.usb_told import usb_told

__all__ = ["CardRead", "IdCardReader"]

log = logging.getLogger(__name__)

FIND_EVERY_S: Final = 0.3
FIRST_TRIES: Final = 3
"""Tries of 1 s at the speed of the profile: a SAM is deaf for about 2 s after power-on."""

OnState = Callable[[str], None]
_STATES: Final = {
    Command.FIND: "finding",
    Command.SELECT: "selecting",
    Command.READ: "reading",
    Command.READ_ALL: "reading",
}


class IdCardReader(CardReading):
    """A SAM_V / SAM_A reader on a serial line or behind a serial-to-TCP converter."""

    moves = True

    def __init__(self, name: str, link_url: str, options: Mapping[str, Any] | None = None) -> None:
        super().__init__(name)
        self.link_url = link_url
        self.options = Options.of(options or {})
        self._decode = portrait_decoder(self.options.portrait)
        self._link: Link | None = None
        self._host = SamHost()
        self._read_lies_there = False

    @classmethod
    def tracer(cls, link_url: str, options: Mapping[str, Any]) -> Tracer:
        """Card content is withheld."""
        return SamTracer()

    @classmethod
    async def probe(cls, link_url: str) -> str:
        """SAM status and management number, at the speed of the link."""
        reader = cls("probe", link_url)
        link = tapped(link_url, reader)
        await link.open()
        reader._link = link
        try:
            replies = await reader._run(identify(1))
        except (NoAnswer, ProtocolError) as error:
            if reader._host.noise:
                raise WrongDevice(f"{link_url}: something answers, but not a SAM; check the port") from error
            raise NoAnswer(f"{link_url}: no SAM answers; {HINTS[Why.NO_ANSWER]}") from error
        finally:
            await link.close()
        return f"SAM {sam_number(replies[Command.SAM_ID].data)}"

    async def find(self) -> bool:
        """Whether a card answers now. False also for a card that was read and must be lifted (see `card_present`)."""
        async with self.lock:
            return await self._find()

    async def read_card(self, deadline_s: float = 10.0, on_state: OnState | None = None) -> CardRead:
        """Find, select and read the card that lies there, with retries.

        `on_state` hears finding, selecting, reading, again. Raises `NoMedia`, `MediaUnreadable` (lift and place
        again), `MediaRejected` (forged, void, unknown type), `NoAnswer`, `DeviceFault`, `LinkLost`, `ProtocolError`.
        """
        async with self.lock:
            try:
                with self.timed():
                    async with asyncio.timeout(deadline_s):
                        card = await self._read(on_state)
            except TimeoutError:
                self.counters.failures += 1
                earlier = self._host.failure or Failed(Why.NO_ANSWER, Command.READ)
                raise error_of(self.name, earlier, f"not read within {deadline_s:g} s") from None
            except DeviceError as error:
                self.counters.failures += 1
                if isinstance(error, NoMedia):
                    self._note_media(present=False)
                raise
            self.counters.operations += 1
            self._read_lies_there = True
            self._note_media(present=True)
            return card

    async def wait_for_card(self, deadline_s: float) -> None:
        """Return as soon as a card answers, looking every 300 ms. Raises `NoMedia` at the deadline, `MediaRejected`."""
        loop = asyncio.get_running_loop()
        until = loop.time() + deadline_s
        while True:
            try:
                if await self.find():
                    return
            except MediaUnreadable:
                pass  # something is coming to rest on the reader: look again
            if loop.time() + FIND_EVERY_S > until:
                raise NoMedia(f"{self.name}: no card within {deadline_s:g} s; {HINTS[Why.NO_CARD]}")
            await asyncio.sleep(FIND_EVERY_S)

    async def card_present(self) -> bool:
        """Whether a card lies on the reader, also one that was read and that find no longer reports."""
        async with self.lock:
            return await self._present()

    async def wait_removed(self, deadline_s: float) -> bool:
        """True when the reader is empty within `deadline_s`; False when the card still lies there."""
        loop = asyncio.get_running_loop()
        until = loop.time() + deadline_s
        while await self.card_present():
            if loop.time() + FIND_EVERY_S > until:
                return False
            await asyncio.sleep(FIND_EVERY_S)
        return True

    def portrait(self, card: CardRead) -> Pixels | None:
        """The card's portrait as uint8 (126, 102, 3) BGR, or None when there is no decoder or it gave none.

        For a thread: it waits for a vendor's decoder, at the longest the deadline that the profile sets (2.5 s) and a
        second for ending it. A decoder that fails shows as a warning in `status` from the next poll on.
        """
        return self._decode(card.photo)

    @property
    def has_portraits(self) -> bool:
        """Whether a decoder is installed and did not fail at the last card; else the other way is the only one."""
        return self._decode.installed and not self._decode.trouble

    def _move(self, link_url: str) -> None:
        tapped(link_url, self)
        self.link_url = link_url

    async def _open(self) -> None:
        await self._close()
        link = tapped(self.link_url, self)
        await link.open()
        self._link = link
        try:
            sam = await self._identify(link)
        except BaseException:
            await self._close()
            raise
        self._read_lies_there = False
        self.set_status(
            Status(
                device=DeviceState.ONLINE,
                media=Media.UNKNOWN,
                warnings=self._warnings(),
                model="SAM identity card reader",
                serial=sam,
                firmware=usb_told(self.link_url).release,
            )
        )

    def _warnings(self) -> tuple[Fault, ...]:
        """What does not keep cards from being read, but should be seen to."""
        found = []
        if self._host.baud < FULL_SPEED:
            note = f"the reader is set to {self._host.baud} baud; reading takes longer than at {FULL_SPEED}"
            found.append(Fault("slow-line", f"{self.name}: {note}"))
        if self._decode.trouble:
            note = "citizens are offered the other way instead of the face"
            found.append(Fault("no-portrait", f"{self.name}: {self._decode.trouble}; {note}", "vendor"))
        return tuple(found)

    async def _identify(self, link: Link) -> str:
        """The SAM's number, at whatever speed it answers: a SAM keeps its speed over power-off."""
        speeds = [FULL_SPEED]
        if isinstance(link, HasSpeed):
            first = int(link.options.get("baud", FULL_SPEED))
            speeds = [first, *(speed for speed in SPEEDS.values() if speed != first)]
        heard = broken = 0
        for speed in speeds:
            if speed != speeds[0] and isinstance(link, HasSpeed):
                link.set_baud(speed)
            self._host = SamHost(speed)
            try:
                replies = await self._run(identify(FIRST_TRIES if speed == speeds[0] else 1))
            except (NoAnswer, ProtocolError):
                heard += self._host.noise
                broken += self._host.broken
                continue
            return sam_number(replies[Command.SAM_ID].data)
        asked = f"asked at {', '.join(map(str, speeds))} baud" if len(speeds) > 1 else "asked for its state"
        if broken > 1:  # a single one may be chance where another device speaks
            raise ProtocolError(f"{self.name}: a SAM answers on {self.link_url}, damaged; {HINTS[Why.GARBLED]}")
        if heard:
            raise WrongDevice(
                f"{self.name}: something answers on {self.link_url}, but not a SAM ({asked}); "
                "check the port in the profile"
            )
        raise NoAnswer(f"{self.name}: silence on {self.link_url} ({asked}); {HINTS[Why.NO_ANSWER]}")

    async def _poll(self) -> Status:
        await self._run(STATUS)
        try:
            present = await self._present()
        except MediaError:
            present = True
        media = Media.PRESENT if present else Media.NOT_PRESENT
        return replace(self.status, device=DeviceState.ONLINE, fault=None, media=media, warnings=self._warnings())

    async def _close(self) -> None:
        self._decode.close()
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    async def _find(self) -> bool:
        try:
            await self._run(FIND)
        except NoMedia:
            return False
        self._read_lies_there = False
        return True

    async def _present(self) -> bool:
        """Some readers find no card that they have read until it is lifted: then an item of the card is asked for.

        The item comes first, because find would end the state in which the reader gives items.
        """
        if self._read_lies_there:
            try:
                await self._run(PRESENCE)
            except (MediaError, Unsupported):
                self._read_lies_there = False
            else:
                return True
        return await self._find()

    async def _read(self, on_state: OnState | None) -> CardRead:
        job = reading(fingerprints=self.options.fingerprints, address=self.options.additional_address)
        lift_first = self._read_lies_there
        try:
            replies = await self._run(job, on_state)
        except NoMedia:
            if lift_first and await self._present():
                raise MediaUnreadable(
                    f"{self.name}: the card was read before and has not been lifted; {HINTS[Why.UNREADABLE]}",
                    code="lift",
                ) from None
            raise
        try:
            whole = replies.get(Command.READ_ALL)
            parts = split_read((whole or replies[Command.READ]).data, fingerprints=whole is not None)
            fingerprints = split_fingerprints(parts.fingerprints)
        except FrameError as error:
            raise ProtocolError(f"{self.name}: {error}") from error
        try:
            extra = replies.get(Command.ADDRESS)
            address = parse_address(extra.data) if extra and extra.data else ""
            return card_read(parse_text(parts.text), parts.photo, additional_address=address, fingerprints=fingerprints)
        except FrameError as error:
            raise MediaRejected(f"{self.name}: {error}; {HINTS[Why.REJECTED]}", code="content") from error

    async def _run(self, job: Job, on_state: OnState | None = None) -> Mapping[Command, Reply]:
        """Run one job to its end. The host end's own time-outs bound it; raises the error that its failure is."""
        link, host = self._link, self._host
        if link is None:
            raise LinkLost(f"{self.name}: not connected")
        loop = asyncio.get_running_loop()
        link.drain_input()
        if on_state and job.commands[0] in _STATES:
            on_state(_STATES[job.commands[0]])
        retries = host.retries
        try:
            await link.write(host.request(loop.time(), job))
            while True:
                try:
                    async with asyncio.timeout_at(host.wake_at):
                        data = await link.read()
                except TimeoutError:
                    events = host.wake(loop.time())
                else:
                    events = host.receive(loop.time(), data)
                for event in events:
                    if isinstance(event, Send):
                        await link.write(event.data)
                    elif isinstance(event, Started):
                        if on_state and event.command in _STATES:
                            again = event.command is Command.FIND and event.attempt > 1
                            on_state("again" if again else _STATES[event.command])
                    elif isinstance(event, Stray):
                        log.info("%s: ignored a late answer %02X", self.name, event.sw3)
                    elif isinstance(event, Finished):
                        return event.replies
                    else:
                        raise error_of(self.name, event)
        finally:
            self.counters.retries += host.retries - retries

    def _note_media(self, *, present: bool) -> None:
        self.set_status(replace(self.status, media=Media.PRESENT if present else Media.NOT_PRESENT))
