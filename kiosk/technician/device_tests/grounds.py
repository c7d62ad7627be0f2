"""What tests use, put together: in the running terminal from its workshop; on a desk by opening the devices."""

from __future__ import annotations

import asyncio
import io
import math
import wave
from array import array
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final

from config.settings import ROLES, Settings
from drivers.camera.documents import DocumentEngine
from drivers.camera.faces import FaceEngine
from drivers.device import Device, DeviceState, Fault
from drivers.errors import DeviceError, NoAnswer
from drivers.registry import make
from kiosk.devices import role_of
from kiosk.technician.device_tests.declared import Ground, Operator, Side, Sounding, Surface
from kiosk.technician.device_tests.places import finding
from kiosk.voice import make_voice
from screens.speech.espeak import Espeak
from screens.speech.output import SoundCard
from screens.speech.player import LEVELS, Player

if TYPE_CHECKING:
    from kiosk.events import Language
    from kiosk.workshop import Workshop

OPEN_S: Final = 20.0
RATE: Final = 24_000
RAMP_S: Final = 0.02
"""Tones swell and fade that long: speakers click otherwise."""
SPEAK_S: Final = 8.0


def from_workshop(
    workshop: Workshop, operator: Operator, language: Language, surface: Surface | None, sound: Sounding | None
) -> Ground:
    """In the running terminal: its own devices, supervised as they are."""
    tools = workshop.tools

    def skew_s() -> float:
        return (tools.clock.now() - tools.clock.platform_now()).total_seconds()

    return Ground(
        tools.settings,
        {role_of(each.device): each.device for each in workshop.supervisors},
        operator,
        language,
        surface,
        sound,
        tools.platform,
        skew_s,
        wall=tools.clock.now,
        finding=finding(tools.faces, tools.documents),
    )


@asynccontextmanager
async def by_opening(
    settings: Settings, roles: frozenset[str], operator: Operator, language: Language, sound: Sounding | None = None
) -> AsyncIterator[Ground]:
    """While no terminal runs: the devices at `roles` are opened, and closed in the end.

    One that cannot be opened keeps its fault, so that its test says the true cause.
    """
    async with AsyncExitStack() as stack:
        devices: dict[str, Device] = {}
        unusable: dict[str, str] = {}
        for role, wanted in settings.devices.items():
            if role not in roles:
                continue
            try:
                device = make(ROLES.get(role, role), wanted.driver, Device, wanted.link, wanted.options, name=role)
            except ValueError as error:
                unusable[role] = str(error)
                continue
            stack.push_async_callback(device.close)
            devices[role] = device
        # Their processes start when a camera is tested, and not before.
        faces, pages = FaceEngine(matcher=settings.face.matcher), DocumentEngine()
        stack.push_async_callback(faces.close)
        stack.push_async_callback(pages.close)
        await asyncio.gather(*(_opened(device) for device in devices.values()))
        found_by = finding(faces, pages)
        yield Ground(settings, devices, operator, language, None, sound, unusable=unusable, finding=found_by)


async def _opened(device: Device) -> None:
    try:
        async with asyncio.timeout(OPEN_S):
            await device.open()
    except DeviceError as error:
        device.set_fault(DeviceState.OFFLINE, Fault.of(error))
    except TimeoutError:
        silent = NoAnswer(f"{device.name}: not opened within {OPEN_S:g} s")
        device.set_fault(DeviceState.OFFLINE, Fault.of(silent))


# Sound


class Speakers:
    """Tones and speech through the terminal's own voice; silence where there is none."""

    def __init__(self, player: Player) -> None:
        self._player = player

    async def tone(self, side: Side, hz: int, seconds: float, volume: float) -> bool:
        """As `Sounding.tone`."""
        before = self._player.volume
        wav = await asyncio.get_running_loop().run_in_executor(None, tone_wav, side, hz, seconds)
        self._player.volume = round(volume * LEVELS)
        try:
            return await self._heard(lambda: self._player.sound(wav), seconds + SPEAK_S)
        finally:
            self._player.volume = before

    async def speak(self, language: Language, sentence: str) -> bool:
        """As `Sounding.speak`."""
        return await self._heard(lambda: self._player.say(language, (sentence,)), SPEAK_S)

    async def _heard(self, begin: Callable[[], None], within_s: float) -> bool:
        self._player.first_sample_s = 0.0
        begin()
        try:
            ended = await asyncio.get_running_loop().run_in_executor(None, self._player.wait, within_s)
        except asyncio.CancelledError:
            self._player.hush()
            raise
        return ended and self._player.first_sample_s > 0


def voice_of(settings: Settings) -> Player:
    """A voice for one test, also where citizens have none; to be closed. Opens no card yet."""
    player, _ = make_voice(settings)
    return player or Player(SoundCard(), Espeak())


def tone_wav(side: Side, hz: int, seconds: float) -> bytes:
    """A tone as WAV: two channels, 16 bits, silent on the other side."""
    left, right = side in ("left", "both"), side in ("right", "both")
    count = round(seconds * RATE)
    ramp = RAMP_S * RATE
    samples = array("h")
    for n in range(count):
        swell = min(1.0, n / ramp, (count - n) / ramp)
        value = int(24_000 * swell * math.sin(2 * math.pi * hz * n / RATE))
        samples.extend((value * left, value * right))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return out.getvalue()
