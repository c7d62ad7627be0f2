"""Another port for a device: tried before it is kept, kept only once the device has answered there.

A driver that can be moved is opened at the new port as the profile has it, which is the best question there is; of the
others the new port is asked, and they take it at the next start.

Which ports there are comes from `drivers.discovery`; what is kept is a layer of its own (`config.ports`). A power cut
on the way leaves the old port; a device that stays silent on the new one is taken back to the old.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from config.claims import load_claims
from config.ports import Port, PortsError, read_ports, write_port
from config.settings import ROLES, Settings
from drivers.device import Device, DeviceState
from drivers.discovery import Candidate, Finding, link_of, scan, serial_candidates, video_candidates
from drivers.errors import DeviceError, Unsupported
from drivers.recorder import without_password
from drivers.registry import full_name, load
from kiosk.devices import role_of
from kiosk.technician.work.refusal import Refusal

if TYPE_CHECKING:
    from drivers.supervisor import Supervisor
    from kiosk.workshop import Workshop

PROBE_S: Final = 12.0
ANSWER_S: Final = 40.0
LOOK_S: Final = 0.25


@dataclass(frozen=True, slots=True)
class PortFound:
    """A port that a device could be at. `used_by`: the place in the profile that has it now, "" nobody."""

    link: str
    path: str
    words: str
    used_by: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """`restart`: written, and this driver takes it when the terminal starts."""

    role: str
    before: str
    after: str
    restart: bool = False


async def ports_for(workshop: Workshop, role: str, candidates: Sequence[Candidate] | None = None) -> list[PortFound]:
    """The ports that the driver of `role` could be reached at; by default of this machine. Nobody is asked."""
    settings = workshop.tools.settings
    wanted = _wanted(settings, role)
    driver = full_name(ROLES.get(role, role), wanted.driver)
    claims = load_claims()
    if candidates is None:
        loop = asyncio.get_running_loop()
        serial = await loop.run_in_executor(None, serial_candidates)
        candidates = [*serial, *await loop.run_in_executor(None, video_candidates)]
    used = {_place(link_now(workshop, name)): name for name in map(str, settings.devices)}
    found = []
    for each in await scan(candidates, claims, None):
        template = claims.links.get(driver, "")
        if not template or not _fits(each, template):
            continue
        c = each.candidate
        now = link_now(workshop, role)
        _, asked, query = now.partition("?")
        # The line's speed stays what it is: the same device is plugged in elsewhere.
        link = f"serial://{c.path}{asked}{query}" if now.startswith("serial:") else link_of(c, template)
        words = " ".join(w for w in (c.words, c.usb) if w) or (each.claim.words if each.claim else "")
        taken = used.get(c.path) or used.get(c.now) or ""
        found.append(PortFound(link, c.path, words, taken))
    return found


async def change_port(workshop: Workshop, role: str, link: str, *, who: str, answer_s: float = ANSWER_S) -> Moved:
    """Try `link`, move the device there, wait until it answers, keep it. Raises `Refusal` (then all is as before),
    `JournalError`, `OSError`."""
    settings = workshop.tools.settings
    supervisor = _supervisor(workshop, role)
    device, before = supervisor.device, link_now(workshop, role)
    _allowed(settings, role, link)
    holder = next(
        (
            name
            for name in map(str, settings.devices)
            if name != role and _place(link_now(workshop, name)) == _place(link)
        ),
        "",
    )
    if holder:
        raise Refusal("work.port-taken", holder)
    restart, answered = not device.moves, _answers(device)
    if restart:
        await _tried(role, _wanted(settings, role).driver, link)
    if not restart:
        try:
            answers = await _answers_at(supervisor, link, answer_s)
        except asyncio.CancelledError:
            await asyncio.shield(_at(supervisor, before))  # the session ended: nobody keeps the new port
            raise
        if not answers:
            await _back(supervisor, before, answer_s if answered else 0.0)
            raise Refusal("work.port-silent", without_password(link))
    try:
        await asyncio.to_thread(write_port, settings.state_dir, role, _kept(settings, role, link))
    except (OSError, PortsError) as error:
        if not restart:
            await _back(supervisor, before, answer_s if answered else 0.0)
        raise Refusal("work.port-not-kept", str(error)) from error
    body = {"role": role, "from": without_password(before), "to": without_password(link), "who": who}
    await workshop.tools.journal.note("", "work.port", body | {"restart": restart})
    return Moved(role, before, link, restart)


def link_now(workshop: Workshop, role: str) -> str:
    """The link of a device as it is now: the profile's, or the one that was changed since the start."""
    wanted: str = _wanted(workshop.tools.settings, role).link
    try:
        port = read_ports(workshop.tools.settings.state_dir).get(role)
    except PortsError:
        return wanted  # the file is broken: the next start says so
    return port.link if port is not None and wanted in (port.instead_of, port.link) else wanted


def _kept(settings: Settings, role: str, link: str) -> Port | None:
    """The layer for `link`; None: it is what the profile itself says."""
    now = _wanted(settings, role).link
    port = read_ports(settings.state_dir).get(role)
    profile = port.instead_of if port is not None and now in (port.link, port.instead_of) else now
    return None if link == profile else Port(link=link, instead_of=profile)


def _wanted(settings: Settings, role: str) -> Any:
    found = next((wanted for name, wanted in settings.devices.items() if name == role), None)
    if found is None:
        raise Refusal("work.no-such-device", role)
    return found


def _supervisor(workshop: Workshop, role: str) -> Supervisor:
    found = next((each for each in workshop.supervisors if role_of(each.device) == role), None)
    if found is None:
        raise Refusal("work.no-such-device", role)
    return found


def _allowed(settings: Settings, role: str, link: str) -> None:
    """The whole settings with this link, by their own rules (a real terminal takes no simulator's link)."""
    tree = settings.model_dump(mode="json")
    tree["devices"][role]["link"] = link
    try:
        Port(link=link, instead_of=link)
        Settings.model_validate(tree)
    except ValidationError as error:
        raise Refusal("work.not-understood", without_password(link)) from error


async def _tried(role: str, driver: str, link: str) -> None:
    """Ask at the new port, with questions that change nothing, where the driver cannot be moved there to see."""
    try:
        async with asyncio.timeout(PROBE_S):
            await load(ROLES.get(role, role), driver).probe(link)
    except Unsupported:
        return
    except (DeviceError, TimeoutError, ValueError) as error:
        cause = error.cause if isinstance(error, DeviceError) else "no-answer"
        raise Refusal("work.port-silent", f"{without_password(link)} ({cause})") from error


async def _answers_at(supervisor: Supervisor, link: str, answer_s: float) -> bool:
    """Whether the device answers at `link` within `answer_s`; there it stays."""
    device = supervisor.device
    try:
        await _at(supervisor, link)
        async with asyncio.timeout(answer_s):
            while not _answers(device):  # noqa: ASYNC110 - the supervisor opens it, in its own time
                await asyncio.sleep(LOOK_S)
    except (TimeoutError, DeviceError, ValueError):
        return False
    return True


async def _back(supervisor: Supervisor, link: str, answer_s: float) -> None:
    """To the old port; a device that answered there before is waited for, so that it can be used at once."""
    if answer_s:
        await _answers_at(supervisor, link, answer_s)
    else:
        await _at(supervisor, link)


async def _at(supervisor: Supervisor, link: str) -> None:
    """The device opens at `link` next, at once. What was known of it is not known any more."""
    device = supervisor.device
    await device.move(link)
    device.set_status(type(device.status)())
    supervisor.again.set()


def _answers(device: Device) -> bool:
    return device.status.device in (DeviceState.ONLINE, DeviceState.BUSY, DeviceState.USER_ERROR)


def _place(link: str) -> str:
    return link.split("://", 1)[-1].split("?", 1)[0]


def _fits(finding: Finding, template: str) -> bool:
    kind = finding.candidate.kind
    return (kind == "serial" and template.startswith("serial:")) or (kind == "video" and template == "{path}")
