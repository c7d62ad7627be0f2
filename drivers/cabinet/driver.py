"""The cabinet as a device: heard many times a second, its events told at once, its lights kept as they were wished."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from config.cabinet_map import Colour, Pattern, Slot
from drivers.cabinet.address import parse_address
from drivers.cabinet.board import board_of
from drivers.cabinet.frames import (
    DARK,
    Image,
    Lit,
    ModbusTracer,
    Span,
    fill,
    place,
    reading,
    spans,
)
from drivers.cabinet.options import Options
from drivers.cabinet.panel import LightPanel
from drivers.cabinet.state import (
    AT_REST,
    CabinetEvent,
    CabinetState,
    Proximity,
    events_between,
    known,
    state_of,
    warnings_of,
)
from drivers.cabinet.wire import BoardWire
from drivers.crossing import Tracer
from drivers.device import DeviceState, Status
from drivers.errors import DeviceError, LinkLost, Unsupported, WrongDevice
from drivers.families import Guiding
from drivers.links.tapped import tapped

__all__ = ["Cabinet", "CabinetEvent", "CabinetState"]

log = logging.getLogger(__name__)

SLOWLY: Final = 5
"""Looks between two readings of what may wait: temperature and lights; at 0.2 s once a second."""
SLOWLY_AT_REST: Final = 25
REST_AFTER_S: Final = 30.0
"""So long after anybody stood there or anything happened the board is looked at less often."""
FAREWELL_S: Final = 0.5
_EARLY_S: Final = 1e-3
"""A timer that fires a little early is at its beat, not before it."""
Listener = Callable[[CabinetEvent], None]


class Cabinet(Guiding):
    """An IO board at `serial:///dev/ttyS2?baud=9600&unit=1`, `tcp://host:502?unit=1` or `tcp://host?framing=rtu`.

    Options: `map` (default standard), `poll_s` (0.2), `rest_poll_s` (0.2), `answer_s` (0.25), `tries` (2); see
    `drivers.cabinet.options`.
    """

    moves = True

    def __init__(self, name: str, link_url: str, options: Mapping[str, Any] | None = None) -> None:
        super().__init__(name)
        self.link_url = link_url
        self.options = Options.of(options or {})
        self.state = CabinetState()
        self._address = parse_address(link_url)
        cabinet = self.options.map
        self._contacts, self._numbers = (
            spans(
                (place(s) for s in cabinet.inputs.values() if s.one_bit is bit), cabinet.board.gap, cabinet.board.most
            )
            for bit in (True, False)
        )
        self._image: Image = {}
        self._panel = LightPanel(cabinet)
        self._board = BoardWire(self, link_url, self.options)
        self._lamps = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None
        self._looked = asyncio.Event()
        self._trouble: DeviceError | None = None
        self._told = AT_REST
        self._calm: Status | None = None
        """What another look at the same contacts would come to; None when it might be something else."""
        self._who = Status(DeviceState.ONLINE)
        self._stirred_at = 0.0
        self._listeners: list[Listener] = []

    @classmethod
    def tracer(cls, link_url: str, options: Mapping[str, Any]) -> Tracer:
        """Everything that is Modbus."""
        return ModbusTracer(parse_address(link_url).framing)

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The slots that have a guide light."""
        return tuple(self.options.map.lights)

    @property
    def lights(self) -> dict[Slot, Lit]:
        """What each light was last wished to show."""
        return dict(self._panel.wished)

    def watch_events(self, callback: Listener) -> Callable[[], None]:
        """Call `callback(event)` for everything that happens from now on; the function returned ends it.

        What happened while the board was away is told when it is heard again.
        """
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback) if callback in self._listeners else None

    async def light(self, slot: Slot, pattern: Pattern, colour: Colour | None = None) -> None:
        """Show `pattern` at `slot`, in its usual colour or in `colour`. Raises as `show`."""
        await self.show({slot: Lit(pattern, colour)})

    async def lights_off(self) -> None:
        """Darken every slot. Raises as `show`."""
        await self.show(dict.fromkeys(self.slots, DARK))

    async def show(self, wishes: Mapping[Slot, Lit]) -> None:
        """Show all of `wishes` at once; other slots stay as they are.

        Raises `Unsupported` for a slot or colour that the board lacks (nothing is changed then), and `DeviceError` when
        the board cannot be told now: the wish stands, and is fulfilled when the board is heard again.
        """
        for slot, lit in wishes.items():
            light = self.options.map.lights.get(slot)
            if light is None:
                raise Unsupported(f"{self.name}: no guide light at {slot}; the board's map has {', '.join(self.slots)}")
            if lit.colour is not None and lit.colour not in light.offered:
                raise Unsupported(f"{self.name}: {slot} cannot show {lit.colour}, only {', '.join(light.offered)}")
        self._panel.wished.update(wishes)
        self._stirred_at = asyncio.get_running_loop().time()
        if self._board.link is None:
            raise LinkLost(f"{self.name}: not connected")
        self.counters.operations += 1
        await self._fulfil()

    def _move(self, link_url: str) -> None:
        address = parse_address(link_url)
        tapped(address.link, self)
        self.link_url, self._address = link_url, address
        self._board = BoardWire(self, link_url, self.options)

    async def _open(self) -> None:
        await self._close()
        link = tapped(self._address.link, self)
        await link.open()
        self._board.link = link
        try:
            await self._identify()
            if self.options.map.board.identification:
                failures = self.counters.failures
                self._who = await board_of(self.name, self._board.ask)
                self.counters.failures = failures  # a board that does not tell fails nobody
            await self._read_lights()
            await self._fulfil()
            await self._look(whole=True)
        except BaseException:
            self._board.link = None
            await link.close()
            raise
        self._trouble = None
        self._watching = asyncio.create_task(self._watch(), name=f"{self.name} watch")

    async def _identify(self) -> None:
        identity = self.options.map.board.identity
        if identity is None:
            return
        found = (await self._board.read(Span(identity.kind, identity.address, 1)))[0]
        if found != identity.value:
            raise WrongDevice(
                f"{self.name}: the board on {self.link_url} calls itself {found} and not {identity.value}; "
                "check `map` and the port in the profile",
                code=str(found),
            )

    async def _poll(self) -> Status:
        """What the next look finds; the watch does the asking."""
        task = self._watching
        if task is None:
            raise LinkLost(f"{self.name}: not connected")
        self._looked.clear()
        if not task.done():
            looked = asyncio.ensure_future(self._looked.wait())
            try:
                await asyncio.wait({task, looked}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                looked.cancel()
        if task.done():
            raise self._trouble or LinkLost(f"{self.name}: the watch over the cabinet ended; it starts again")
        if self._trouble:
            raise self._trouble
        return self._status

    async def _close(self) -> None:
        task, self._watching = self._watching, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
            if not task.cancelled() and (error := task.exception()):
                log.error("%s: the watch ended by a program error", self.name, exc_info=error)
        link = self._board.link
        if link is not None:
            if link.is_open and self._trouble is None:
                await self._darken()
            self._board.link = None
            await link.close()
        self._panel.forget()
        self.state = CabinetState()
        self._calm = None

    async def _darken(self) -> None:
        """A terminal that ends leaves no light on; what was wished stays wished."""
        wished = dict(self._panel.wished)
        self._panel.wished.update(dict.fromkeys(wished, DARK))
        with suppress(DeviceError, TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                await self._fulfil()
        self._panel.wished.update(wished)

    # Watching

    async def _watch(self) -> None:
        """Look every `poll_s`, blink in between, until the link is lost or the task is cancelled."""
        loop = asyncio.get_running_loop()
        self._stirred_at = loop.time()
        look_at = _grid(loop.time(), self.options.poll_s)
        looks = 0
        while True:
            edge = self._panel.next_edge(loop.time())
            await asyncio.sleep(max(0.0, (look_at if edge is None else min(look_at, edge)) - loop.time()))
            due = loop.time() >= look_at - 1e-6
            try:
                if due:
                    looks += 1
                    whole = looks >= (SLOWLY_AT_REST if self._rests(loop.time()) else SLOWLY)
                    await self._look(whole=whole)
                    if whole:
                        looks = 0
                        await self._read_lights()
                await self._fulfil()
            except DeviceError as error:
                self._trouble = error
                self._looked.set()
                if isinstance(error, LinkLost):
                    return
                look_at = _grid(loop.time(), self.options.poll_s)
                continue
            if due:
                self._trouble = None
                self._looked.set()
                look_at = _grid(loop.time(), self._every_s(loop.time()))

    def _rests(self, now: float) -> bool:
        """Nobody stands there, nothing happened and no light was wished for a while."""
        return self.state.proximity_sensor is not Proximity.PRESENT and now - self._stirred_at >= REST_AFTER_S

    def _every_s(self, now: float) -> float:
        """Seconds between looks. A board that does not see people is never looked at less often: its key may be pressed
        for a moment only.
        """
        if self.state.proximity_sensor is not Proximity.NOT_PRESENT or not self._rests(now):
            return self.options.poll_s
        return max(self.options.poll_s, self.options.rest_poll_s)

    async def _look(self, *, whole: bool) -> None:
        """Read every contact, and the numbers too when `whole`; tell what changed."""
        for span in (*self._contacts, *(self._numbers if whole else ())):
            if fill(self._image, span, await self._board.read(span)):
                self._calm = None
        if self._calm is not None:
            self.set_status(self._calm)
            if self.state.proximity_sensor is Proximity.PRESENT:
                self._stirred_at = asyncio.get_running_loop().time()
            return
        cabinet = self.options.map
        self.state = state_of(reading(cabinet, self._image), self._told, cabinet.limits)
        events = events_between(self._told, self.state, asyncio.get_running_loop().time())
        before, self._told = self._told, known(self._told, self.state)
        status = replace(self._who, warnings=warnings_of(self.state), model=self._who.model or cabinet.sentence)
        self._calm = status if self._told == before else None
        self.set_status(status)
        if events or self.state.proximity_sensor is Proximity.PRESENT:
            self._stirred_at = asyncio.get_running_loop().time()
        for event in events:
            log.info("%s: %s", self.name, type(event).__name__)
            for listener in tuple(self._listeners):
                try:
                    listener(event)
                except Exception:
                    log.exception("%s: a listener failed on %s", self.name, type(event).__name__)

    async def _read_lights(self) -> None:
        async with self._lamps:
            for span in self._panel.reads:
                self._panel.learned(span, await self._board.read(span))

    async def _fulfil(self) -> None:
        """Make the board's lights what they are wished to be."""
        async with self._lamps:
            for write in self._panel.writes(asyncio.get_running_loop().time()):
                self._panel.doubt(write)
                await self._board.ask(write)
                self._panel.written(write)


def _grid(now: float, every_s: float) -> float:
    """The next whole multiple of `every_s`: looks fall on the beat on which the other devices are asked."""
    at = (now // every_s + 1) * every_s
    return at if at - now > _EARLY_S else at + every_s
