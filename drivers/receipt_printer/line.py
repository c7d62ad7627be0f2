"""A receipt printer's line: questions with their answers under deadlines, and the status that the answers mean."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from drivers.device import DeviceState, Fault, Status, Supply
from drivers.errors import LinkError, NoAnswer, WrongDevice
from drivers.families import ReceiptPrinting
from drivers.links.tapped import tapped
from drivers.receipt_printer.faults import status_of
from drivers.receipt_printer.frames import FIRMWARE, MAKER, MODEL, SERIAL, Condition
from drivers.receipt_printer.host import Event, HostEnd, Identified, Noise, Silent, StatusRead, Wait
from drivers.receipt_printer.options import read_options

E = TypeVar("E")

MAX_NOISE = 8
WRITE_S = 10.0
SILENCE = {
    Wait.STATUS: "the receipt printer does not answer: check its power and its cable",
    Wait.IDENTITY: "the receipt printer does not say its model",
    Wait.CLEARED: "the receipt printer does not confirm that it threw away what it held: switch it off and on",
    Wait.DRAINED: "the receipt printer holds what it was sent and does not print it: switch it off and on",
}
LEFT_FACTOR = 3
"""Nobody waits for a ticket any more (its visit broke off): it is taken back after so many times `take_s`."""
TICKET_LEFT = Fault("ticket-left", "a receipt lies in the exit and was not pulled back: take it out and destroy it")


class PrinterLine(ReceiptPrinting):
    """What every verb of the driver stands on. Callers hold `lock`."""

    def __init__(self, name: str, link_url: str, options: Mapping[str, Any] | None = None) -> None:
        super().__init__(name)
        given = read_options(name, options or {})
        self.profile = given.profile
        self.roll_m, self.take_s = given.roll_m, given.take_s
        self._take_back_command = given.take_back
        self._link = tapped(link_url, self)
        self._host = HostEnd(self.profile)
        self._model = self._serial = self._firmware = ""
        self._in_exit_since: float | None = None

    def _status_of(self, conditions: Condition) -> Status:
        """The status that `conditions` mean; how long a ticket has been in the exit is kept here."""
        if Condition.TICKET_IN_EXIT not in conditions:
            self._in_exit_since = None
        elif self._in_exit_since is None:
            self._in_exit_since = self._now()
        presenter = self.profile.has_presenter
        status = status_of(conditions, self._model, presenter=presenter, counted_low=self.counted_low)
        status = replace(status, serial=self._serial, firmware=self._firmware)
        return replace(status, warnings=(*status.warnings, TICKET_LEFT)) if self._left_too_long else status

    @property
    def _left_too_long(self) -> bool:
        since = self._in_exit_since
        return since is not None and self._now() - since >= self.take_s * LEFT_FACTOR

    def _tally(self, name: str, amount: int = 1) -> None:
        self.counters.extra[name] = self.counters.extra.get(name, 0) + amount

    async def _ask(self) -> Condition:
        """DLE EOT 1-4. Raises `NoAnswer`, after saying in `status` that nothing is known of the paper any more."""
        self._received(self._link.drain_input())
        self._host.forget()
        await self._write(self._host.ask_status(self._now()))
        try:
            return (await self._answer(StatusRead)).conditions
        except NoAnswer as error:
            fault = Fault.of(error)
            self.set_status(replace(self.status, device=DeviceState.OFFLINE, fault=fault, paper=Supply.UNKNOWN))
            raise

    async def _first_ask(self) -> Condition:
        """As `_ask`. Raises `WrongDevice` when something speaks on the port, but not the answers of a printer."""
        self._received(self._link.drain_input())
        noise = self.counters.extra.get("noise", 0)
        conditions, silence = None, None
        try:
            conditions = await self._ask()
        except NoAnswer as error:
            silence = error
        noise = self.counters.extra.get("noise", 0) - noise
        if noise > (0 if silence else MAX_NOISE):
            # Text of another device holds bytes that look like status bytes; a printer answers with four and no more.
            words = "something answers, but no receipt printer; check the port and the speed in the profile"
            raise WrongDevice(f"{self.name}: {self._link.url}: {words}") from silence
        if conditions is None:
            assert silence is not None
            raise silence
        return conditions

    async def _identify(self) -> None:
        """Maker and model, by the profile where it does not say them; serial number and firmware where it does."""
        named = await self._told(MAKER, MODEL)
        self._model = " ".join(named) or f"{self.profile.maker} {self.profile.model}".strip()
        # One that does not know its own name is not made to wait for twice more.
        self._serial = "".join(await self._told(SERIAL)) if named else ""
        self._firmware = "".join(await self._told(FIRMWARE)) if named else ""

    async def _told(self, *which: int) -> tuple[str, ...]:
        """Its answers to GS I; none when it does not answer."""
        await self._write(self._host.ask_identity(self._now(), *which))
        try:
            return (await self._answer(Identified)).texts
        except NoAnswer:
            return ()

    async def _answer(self, kind: type[E]) -> E:
        """Wait for an event of `kind`. Raises `NoAnswer` when the host end says that nothing came in time."""
        while True:
            wake_at = self._host.wake_at
            assert wake_at is not None
            try:
                async with asyncio.timeout_at(wake_at):
                    events = self._received(await self._link.read())
            except TimeoutError:
                events = self._host.wake(self._now())
            for event in events:
                if isinstance(event, kind):
                    return event
                if isinstance(event, Silent):
                    raise NoAnswer(f"{self.name}: {SILENCE[event.waited_for]}", code=event.waited_for.value)

    def _received(self, data: bytes) -> list[Event]:
        events = self._host.receive(data)
        if noise := sum(event.count for event in events if isinstance(event, Noise)):
            self._tally("noise", noise)
        return events

    async def _write(self, data: bytes) -> None:
        try:
            async with asyncio.timeout(WRITE_S):
                await self._link.write(data)
        except TimeoutError:
            raise LinkError(f"{self.name}: the port takes no more bytes: the printer holds up the line") from None

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
