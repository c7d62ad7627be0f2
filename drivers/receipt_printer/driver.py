"""The receipt printer as a device: asks before it prints, and calls a receipt printed only when the end mark came."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drivers.crossing import Tracer
from drivers.device import DeviceState, Fault, Status
from drivers.errors import DeviceError, LinkError, NoAnswer
from drivers.links.tapped import tapped
from drivers.outcome import Done, Outcome, Refused, Unknown
from drivers.receipt_printer.document import ReceiptDocument
from drivers.receipt_printer.encoder import HEAD_TO_CUTTER_MM, EncodedReceipt, ReceiptEncoder
from drivers.receipt_printer.faults import RECOVERABLE, fault_row
from drivers.receipt_printer.frames import (
    FEED_AND_CUT,
    INIT,
    RECOVER_AND_CLEAR,
    Condition,
    ReceiptTracer,
    condition_words,
)
from drivers.receipt_printer.host import (
    Changed,
    Cleared,
    Wait,
)
from drivers.receipt_printer.line import PrinterLine

log = logging.getLogger(__name__)

CHUNK = 512
SETTLE_S = 0.05
PEEK_S = 0.5
RECOVER_EVERY_S = 5.0
MARKS = 36**4
EXIT_POLL_S = 0.4
TAKE_BACK_S = 6.0


@dataclass(frozen=True, slots=True)
class PrintedReceipt:
    """What came out: paper used in metres, text lines."""

    metres: float
    lines: int


class ReceiptPrinter(PrinterLine):
    """Options: `profile`, a name in config/receipts/printers.toml; `roll_m`, `take_s`, `take_back` in its place."""

    moves = True

    def __init__(self, name: str, link_url: str, options: Mapping[str, Any] | None = None) -> None:
        super().__init__(name, link_url, options)
        self._encoder = ReceiptEncoder(self.profile)
        self._jobs = 0
        self._may_hold = True
        self._half_printed = True
        self._recovered_at = -RECOVER_EVERY_S
        self._tried_back = False

    @classmethod
    def tracer(cls, link_url: str, options: Mapping[str, Any]) -> Tracer:
        """What is printed is withheld."""
        return ReceiptTracer()

    @classmethod
    async def probe(cls, link_url: str) -> str:
        """DLE EOT 1 to 4 and nothing else: it prints nothing, moves no paper and clears nothing."""
        printer = cls("probe", link_url)
        await printer._link.open()
        try:
            conditions = await printer._first_ask()
        finally:
            await printer._close()
        return f"ESC/POS printer, {condition_words(conditions)}"

    async def glance(self) -> Status:
        """As `Device.glance`: DLE EOT only; no paper moves."""
        async with self.lock:
            await self._link.open()
            status = self._status_of(await self._first_ask())
            self.set_status(status)
            return status

    async def print_document(
        self, document: ReceiptDocument, deadline_s: float = 20.0, cancel_held: bool = True
    ) -> Outcome[PrintedReceipt]:
        """Print and cut. Refused: nothing was sent. Done: the end mark came. Unknown: sent, and no end mark came.

        After Unknown, what the printer still holds is thrown away when `cancel_held`, so that it cannot come out for
        the next citizen; otherwise before the next receipt. Raises nothing but `asyncio.CancelledError`.
        """
        async with self.lock:
            self._jobs += 1
            self.counters.operations += 1
            with self.timed():
                return await self._print(document, deadline_s, cancel_held)

    async def _print(self, document: ReceiptDocument, deadline_s: float, cancel_held: bool) -> Outcome[PrintedReceipt]:
        try:
            encoded = await self._encode(document)
            async with asyncio.timeout(deadline_s):
                refused = await self._prepare()
        except (DeviceError, TimeoutError, ValueError) as error:
            self.counters.failures += 1
            if isinstance(error, LinkError):
                self.set_fault(DeviceState.OFFLINE, Fault.of(error))
            return self._refused(error)
        if refused is not None:
            self.counters.failures += 1
            return refused
        outcome = await self._send(encoded, deadline_s)
        # Also when it is not known whether all of it came out: what is counted too much is found at the next roll.
        await self._used(math.ceil(encoded.metres * 1000))
        if isinstance(outcome, Unknown):
            self.counters.failures += 1
            log.warning("device %s: receipt %s: %s", self.name, encoded.mark.decode(), outcome.cause)
            if cancel_held:
                await self._cancel_held()
        return outcome

    async def clear(self) -> None:
        """Throw away what the printer holds. Raises `DeviceError`."""
        async with self.lock:
            await self._clear()

    async def wait_taken(self, deadline_s: float) -> bool | None:
        """As `ReceiptPrinting.wait_taken`; polls have to wait, so `status` is kept current here."""
        if not self.profile.has_presenter:
            return None
        async with self.lock:
            ends = self._now() + deadline_s
            while True:
                conditions = await self._ask()
                self.set_status(self._status_of(conditions))
                if Condition.TICKET_IN_EXIT not in conditions:
                    return True
                if self._now() >= ends:
                    return False
                await asyncio.sleep(EXIT_POLL_S)

    async def take_back(self) -> bool | None:
        """As `ReceiptPrinting.take_back`."""
        if not self.profile.has_presenter:
            return None
        async with self.lock:
            return Condition.TICKET_IN_EXIT not in await self._take_back(await self._ask())

    async def _take_back(self, conditions: Condition) -> Condition:
        """Clear the exit if a ticket is there and the printer can; returns what is true then."""
        if Condition.TICKET_IN_EXIT not in conditions or not self._take_back_command:
            return conditions
        self._tried_back = True
        await self._write(self._take_back_command)
        ends = self._now() + TAKE_BACK_S
        while Condition.TICKET_IN_EXIT in conditions and self._now() < ends:
            await asyncio.sleep(EXIT_POLL_S)
            conditions = await self._ask()
        self._tally("left_in_exit" if Condition.TICKET_IN_EXIT in conditions else "taken_back")
        self.set_status(self._status_of(conditions))
        return conditions

    def _move(self, link_url: str) -> None:
        self._link = tapped(link_url, self)

    async def _open(self) -> None:
        await self._link.open()
        self._host.connected()
        self._may_hold = True
        conditions = await self._first_ask()
        await self._clear()
        if not fault_row(conditions):
            await self._identify()
            await self._separate()
        self.set_status(self._status_of(await self._ask()))

    async def _poll(self) -> Status:
        conditions = await self._ask()
        now = asyncio.get_running_loop().time()
        if conditions & RECOVERABLE and now - self._recovered_at >= RECOVER_EVERY_S:
            # A cutter or jam error stays after the scrap is gone until the host says: go on, and forget what you held.
            self._recovered_at = now
            self.counters.retries += 1
            await self._write(RECOVER_AND_CLEAR)
            conditions = await self._ask()
        if not self._may_hold and not fault_row(conditions):
            await self._separate()
        status = self._status_of(conditions)
        if self._left_too_long and not self._tried_back:
            status = self._status_of(await self._take_back(conditions))
        return status

    async def _close(self) -> None:
        self._host.forget()
        await self._link.close()

    async def _encode(self, document: ReceiptDocument) -> EncodedReceipt:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, self._encoder.encode, document, _mark(self._jobs))

    async def _prepare(self) -> Refused | None:
        """Ask how the printer is, and empty it if it may hold something; a refusal when it cannot print."""
        conditions = await self._ask()
        if self._may_hold:
            await self._clear()
            conditions = await self._ask()
        # A ticket of the citizen before would be pushed into this one's hands.
        conditions = await self._take_back(conditions)
        status = self._status_of(conditions)
        self.set_status(status)
        if status.fault is None:
            await self._separate()
            return None
        return Refused(status.fault.cause, f"{self.name}: {status.fault.sentence}", again=status.fault.again)

    async def _used(self, mm: int) -> None:
        self._tally("paper_mm", mm)
        if self.on_paper is not None:
            await self.on_paper(mm)

    def _refused(self, error: Exception) -> Refused:
        if isinstance(error, DeviceError):
            return Refused(error.cause, str(error), error.code, error.again)
        if isinstance(error, TimeoutError):
            return Refused("no-answer", f"{self.name}: the printer was not ready within the deadline", again=True)
        return Refused("not-printable", f"{self.name}: {error}")

    async def _send(self, encoded: EncodedReceipt, deadline_s: float) -> Outcome[PrintedReceipt]:
        """Send and wait for the end mark. From the first byte on only Done and Unknown are possible."""
        self._may_hold = self._half_printed = True
        self._host.expect_mark(encoded.mark)
        try:
            async with asyncio.timeout(deadline_s):
                await self._write_paced(encoded.data)
                stop = await self._printed_or_stopped()
        except TimeoutError:
            held = "; it is stopped by XOFF" if self._host.stopped else ""
            return self._unknown(encoded, "no-end-mark", f"no end mark within {deadline_s:g} s{held}")
        except DeviceError as error:
            return self._unknown(encoded, error.cause, str(error))
        finally:
            self._host.forget()
        if stop is not None:
            self.set_status(self._status_of(stop))
            row = fault_row(stop)
            assert row is not None
            return self._unknown(encoded, row.cause, row.sentence)
        self._may_hold = self._half_printed = self._tried_back = False
        return Done(PrintedReceipt(encoded.metres, encoded.lines))

    def _unknown(self, encoded: EncodedReceipt, cause: str, sentence: str) -> Unknown:
        evidence = {"mark": encoded.mark.decode(), "bytes": str(len(encoded.data)), "lines": str(encoded.lines)}
        return Unknown(cause, f"{self.name}: the receipt was sent and may be printed in part: {sentence}", evidence)

    async def _write_paced(self, data: bytes) -> None:
        """Send in pieces; stop between XOFF and XON, and when the printer reports that it needs hands."""
        for at in range(0, len(data), CHUNK):
            await self._write(data[at : at + CHUNK])
            await asyncio.sleep(0)
            for event in self._received(self._link.drain_input()):
                if isinstance(event, Changed) and _needs_hands(event.conditions):
                    return
            while self._host.stopped:
                self._received(await self._link.read())

    async def _printed_or_stopped(self) -> Condition | None:
        """None when the end mark came; the conditions when hands are needed first."""
        conditions = self._host.conditions
        while self._host.waiting_for is Wait.MARK:
            if conditions is not None and _needs_hands(conditions):
                return conditions
            try:
                async with asyncio.timeout(PEEK_S):
                    data = await self._link.read()
            except TimeoutError:
                await self._write(self._host.peek())
                continue
            self._received(data)
            conditions = self._host.conditions
        return None

    async def _cancel_held(self) -> None:
        try:
            async with asyncio.timeout(3.0):
                await self._clear()
                self.set_status(self._status_of(await self._ask()))
        except (DeviceError, TimeoutError) as error:
            log.warning("device %s: what it holds could not be cleared yet: %s", self.name, error)

    async def _clear(self) -> None:
        """Raises `DeviceError`. `_may_hold` stays true when the printer could not be made to forget."""
        try:
            await self._clear_once()
        except NoAnswer as error:
            if error.code != Wait.DRAINED.value:
                raise
            # One that was switched off in between owes answers for ever; from now on the host end counts anew.
            await self._clear_once()
        self._may_hold = False

    async def _clear_once(self) -> None:
        conditions = await self._ask()
        command = self._host.clear(self._now(), conditions)
        await self._write(command)
        if self._host.waiting_for is Wait.NOTHING:
            await asyncio.sleep(SETTLE_S)
            await self._ask()
        else:
            await self._answer(Cleared)

    async def _separate(self) -> None:
        """Cut off what may stand half printed on the paper: it is another citizen's. Only for a printer without fault.

        At the first opening too (14 mm of white paper): the terminal may have stopped in the middle of a receipt.
        """
        if self._half_printed:
            await self._write(INIT + FEED_AND_CUT + self._take_back_command)
            self._half_printed = False
            await self._used(round(HEAD_TO_CUTTER_MM))


def _needs_hands(conditions: Condition) -> bool:
    row = fault_row(conditions)
    return row is not None and not row.waits


def _mark(job: int) -> bytes:
    """Four characters 0-9 A-Z that differ from those of the jobs before."""
    digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    number = job % MARKS
    return bytes(digits[number // 36**place % 36] for place in (3, 2, 1, 0))
