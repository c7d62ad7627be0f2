"""Code readers as devices: a serial one, and one that types as a keyboard. What they read is an event like a camera's.

Nobody can ask such a reader how it is. It is online while its line is open and does not hang; a reader that sends
rubbish is online with a warning. A code that nobody waits for is kept for a second, then forgotten.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, ClassVar, Final, Literal

from drivers.barcode.evdev import EvdevLink
from drivers.barcode.host import Event, Garbled, ScanHost, codec_for
from drivers.barcode.options import Options
from drivers.camera.codes import FORMATS, Code, Format
from drivers.device import DeviceState, Fault, Status
from drivers.errors import DeviceError, DeviceFault, LinkLost, NoMedia
from drivers.families import CodeReading
from drivers.link import Link
from drivers.links.tapped import TappedLink, tapped
from drivers.usb_told import usb_told

log = logging.getLogger(__name__)

KEPT_S: Final = 1.0
"""A code read between two questions (the page changed) is still an answer to the second."""
RUBBISH: Final = 3
"""Garbled codes in a row that make a warning."""
MODELS: Final = {"serial": "serial code reader", "wedge": "keyboard code reader"}


class _CodeReader(CodeReading):
    """What both have in common; `kind` says which codec."""

    moves = True
    kind: ClassVar[Literal["serial", "wedge"]]

    def __init__(self, name: str, link_url: str, options: Mapping[str, Any] | None = None) -> None:
        super().__init__(name)
        self.link_url = link_url
        self.options = Options.of(options or {})
        codec_for(self.kind, self.options)
        self._link = self._make_link()
        self._host = self._fresh()
        self._listening: asyncio.Task[None] | None = None
        self._trouble: DeviceError | None = None
        self._kept: tuple[float, Code] | None = None
        self._waiter: asyncio.Future[Code] | None = None
        self._expected: frozenset[Format] = frozenset()
        self._asking = asyncio.Lock()
        self._garbled = 0

    def _make_link(self) -> Link:
        return tapped(self.link_url, self)

    def _fresh(self) -> ScanHost:
        return ScanHost(codec_for(self.kind, self.options), self.options)

    async def read_code(
        self, expect: Collection[Format], deadline_s: float, cancel: asyncio.Event | None = None
    ) -> Code | None:
        """Wait for a code of a format in `expect`; where the reader does not say the format, any code counts.

        None when `cancel` was set first. Raises `ValueError` for no or unknown formats, `NoMedia` after `deadline_s`,
        the reader's own error as soon as it cannot read.
        """
        if not expect or (strange := sorted(set(expect) - set(FORMATS))):
            raise ValueError(f"{self.name}: formats {strange if expect else 'none'}; known are {', '.join(FORMATS)}")
        try:
            async with asyncio.timeout(deadline_s), self._asking:
                with self.timed():
                    code = await self._wait_for(frozenset(expect), cancel)
        except TimeoutError:
            self.counters.failures += 1
            raise NoMedia(f"{self.name}: no code was read within {deadline_s:.0f} s") from None
        except DeviceError:
            self.counters.failures += 1
            raise
        self.counters.operations += code is not None
        return code

    async def _wait_for(self, expect: frozenset[Format], cancel: asyncio.Event | None) -> Code | None:
        self._must_hear()
        loop = asyncio.get_running_loop()
        kept, self._kept = self._kept, None
        if kept and loop.time() < kept[0] + KEPT_S and kept[1].format in (*expect, "unknown"):
            return kept[1]
        self._waiter, self._expected = loop.create_future(), expect
        stopped = asyncio.ensure_future(cancel.wait()) if cancel else None
        try:
            await asyncio.wait(
                [f for f in (self._waiter, stopped) if f is not None], return_when=asyncio.FIRST_COMPLETED
            )
            return self._waiter.result() if self._waiter.done() else None
        finally:
            waiter, self._waiter = self._waiter, None
            if not waiter.cancel() and not waiter.cancelled():
                waiter.exception()  # a failure that came together with a cancellation is nobody's any more
            if stopped:
                stopped.cancel()

    def wipe(self) -> None:
        """Forget what was read and not asked for; called when a citizen leaves."""
        self._kept = None

    def _move(self, link_url: str) -> None:
        before, self.link_url = self.link_url, link_url
        try:
            self._link = self._make_link()
        except ValueError:
            self.link_url = before
            raise

    async def _open(self) -> None:
        await self._close()
        await self._link.open()
        self._host, self._trouble, self._garbled = self._fresh(), None, 0
        self._link.drain_input()
        self._listening = asyncio.create_task(self._listen(), name=f"{self.name} listens")
        told = usb_told(self.link_url)
        self.set_status(Status(DeviceState.ONLINE, model=MODELS[self.kind], serial=told.serial, firmware=told.release))

    async def _poll(self) -> Status:
        self._must_hear()
        warnings: tuple[Fault, ...] = ()
        if self._garbled >= RUBBISH:
            words = f"{self.name}: what it sends is no code; check the cable, the speed and the profile's options"
            warnings = (Fault("garbled", words),)
        return replace(self.status, device=DeviceState.ONLINE, fault=None, warnings=warnings)

    async def _close(self) -> None:
        task, self._listening = self._listening, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
            if not task.cancelled() and (error := task.exception()):
                log.error("%s: listening ended by a program error", self.name, exc_info=error)
        self.wipe()
        await self._link.close()

    def _must_hear(self) -> None:
        """Raise why the reader cannot read, if it cannot; the status then says it too."""
        if self._host.stuck:
            words = f"{self.name}: a key of it hangs or it sends without end; unplug it and plug it in again"
            error = DeviceFault(words, code="stuck")
            self.set_fault(DeviceState.HARDWARE_ERROR, Fault("stuck", words, again=True, code="stuck"))
            raise error
        if self._listening is None or self._listening.done() or self._trouble:
            raise LinkLost(str(self._trouble or f"{self.name}: not connected"))

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                async with asyncio.timeout_at(self._host.wake_at):
                    data = await self._link.read()
            except TimeoutError:
                self._happened(self._host.wake(loop.time()))
                continue
            except DeviceError as error:
                self._trouble = error
                self._fail(LinkLost(f"{self.name}: {error}"))
                return
            self._happened(self._host.receive(loop.time(), data))
            if self._host.stuck:
                with suppress(DeviceError):
                    self._must_hear()
                self._fail(DeviceFault(f"{self.name}: the reader hangs; unplug it and plug it in again", code="stuck"))

    def _happened(self, events: list[Event]) -> None:
        self.counters.extra["repeated"] = self._host.repeated
        for event in events:
            if isinstance(event, Garbled):
                self._garbled += 1
                self.counters.extra["garbled"] = self.counters.extra.get("garbled", 0) + 1
                log.info("%s: what was read is no code (%s)", self.name, event.why)
                continue
            self._garbled = 0
            self._give(Code(event.text, event.format, (0, 0, 0, 0), "scanner"))  # type: ignore[arg-type]  # a value of AIM_IDS is a Symbology

    def _give(self, code: Code) -> None:
        if self._waiter is not None and not self._waiter.done():
            if code.format in (*self._expected, "unknown"):
                self._waiter.set_result(code)
            else:
                self.counters.retries += 1  # read, but of a format that the page does not take
        elif self._waiter is None:
            self._kept = (asyncio.get_running_loop().time(), code)

    def _fail(self, error: DeviceError) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)


class SerialCodeReader(_CodeReader):
    """`serial:///dev/ttyACM0?baud=9600`, `tcp://host:port`. Options: `drivers.barcode.options`."""

    kind = "serial"


class WedgeCodeReader(_CodeReader):
    """`evdev:///dev/input/by-id/usb-MAKER_MODEL-event-kbd`. Options: `drivers.barcode.options`."""

    kind = "wedge"

    def _make_link(self) -> Link:
        return TappedLink(EvdevLink(self.link_url), self)
