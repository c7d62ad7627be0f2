"""What is plugged in and announced: candidates times the claim table, asked with questions that change nothing.

| candidate | found by                                     | stable identity                          |
|-----------|----------------------------------------------|------------------------------------------|
| serial    | pyserial's list_ports, with USB ids          | /dev/serial/by-id, else by-path, else as is |
| video     | /dev/video*                                  | /dev/v4l/by-id, else by-path, else as is |
| mdns      | _ipp._tcp of the local network               | the name that it announces, when it resolves |
| usb       | /sys/bus/usb/devices that are none of those  | vid:pid; shown, never asked              |

A candidate that nothing here can drive stays in the list with its ids: somebody plugged it in for a reason.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from config.claims import Claim, Claims
from drivers.device import Fault
from drivers.errors import DeviceError, LinkError, NoAnswer, WrongDevice
from drivers.registry import UnknownDriver, load

Kind = Literal["serial", "video", "mdns", "usb"]
PROBE_S: Final = 8.0
Probe = Callable[[str, str], Awaitable[str]]
"""Driver's full name and link URL -> who answers, in words. Raises `DeviceError`."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that could be a device. `path` is its stable identity, `now` what it is called until the next plug."""

    kind: Kind
    path: str
    now: str = ""
    usb: str = ""
    serial: str = ""
    words: str = ""
    service: str = ""
    host: str = ""
    port: int = 0
    resource: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A candidate and what became of asking it. `driver` is set when that driver got its own answer, or needs none."""

    candidate: Candidate
    claim: Claim | None = None
    driver: str = ""
    link: str = ""
    answer: str = ""
    fault: Fault | None = None


def serial_candidates(ports: Iterable[Any] | None = None, dev: Path = Path("/dev")) -> list[Candidate]:
    """Serial ports. `ports` are pyserial's `ListPortInfo`, by default those of this machine."""
    if ports is None:
        from serial.tools.list_ports import comports

        ports = comports()
    names = _stable_names(dev / "serial")
    found = []
    for port in ports:
        usb = f"{port.vid:04x}:{port.pid:04x}" if port.vid is not None and port.pid is not None else ""
        words = " ".join(str(w) for w in (port.manufacturer, port.product) if w) or str(port.description or "")
        path = names.get(os.path.realpath(port.device), port.device)
        found.append(Candidate("serial", path, port.device, usb, str(port.serial_number or ""), words))
    return sorted(found, key=lambda c: c.path)


def video_candidates(dev: Path = Path("/dev")) -> list[Candidate]:
    """Nodes of V4L2."""
    names = _stable_names(dev / "v4l")
    nodes = sorted(dev.glob("video*"), key=lambda p: (len(p.name), p.name))
    return [Candidate("video", names.get(os.path.realpath(node), str(node)), str(node)) for node in nodes]


def usb_candidates(serial: Sequence[Candidate], sys_usb: Path = Path("/sys/bus/usb/devices")) -> list[Candidate]:
    """USB devices that are neither hubs nor one of `serial`: native readers, keyboards, whatever is plugged in."""
    known = {(c.usb, c.serial) for c in serial}
    found = []
    for device in sorted(sys_usb.glob("*")):
        vid, pid = _attribute(device, "idVendor"), _attribute(device, "idProduct")
        if not vid or not pid or _attribute(device, "bDeviceClass") == "09":
            continue
        usb, number = f"{vid}:{pid}".lower(), _attribute(device, "serial")
        if (usb, number) in known or _is_video(device):
            continue
        words = " ".join(w for w in (_attribute(device, "manufacturer"), _attribute(device, "product")) if w)
        found.append(Candidate("usb", f"usb {device.name}", device.name, usb, number, words))
    return found


async def ask_driver(driver: str, link: str) -> str:
    """Let the driver's class probe `link`."""
    family, _, _ = driver.partition(".")
    return await load(family, driver).probe(link)


async def scan(candidates: Sequence[Candidate], claims: Claims, probe: Probe | None = ask_driver) -> list[Finding]:
    """Ask every candidate on which a claim stands; different ports at the same time, one question a port at a time.

    Without `probe` nobody is asked, and the first driver of each claim is taken at its word.
    """
    return list(await asyncio.gather(*(_find(candidate, claims, probe) for candidate in candidates)))


async def _find(candidate: Candidate, claims: Claims, probe: Probe | None) -> Finding:
    claim = claims.of(kind=candidate.kind, path=candidate.now, usb=candidate.usb, service=candidate.service)
    if claim is None:
        return Finding(candidate)
    if candidate.kind == "usb":
        return Finding(candidate, claim, fault=_no_link(candidate, claim))
    first_fault: Fault | None = None
    for driver in claim.drivers:
        link = link_of(candidate, claims.links.get(driver, ""))
        if probe is None:
            return Finding(candidate, claim, driver, link)
        try:
            async with asyncio.timeout(PROBE_S):
                answer = await probe(driver, link)
        except (DeviceError, TimeoutError, UnknownDriver, ValueError) as error:
            fault = _fault(error, driver, link)
            if isinstance(error, LinkError):
                return Finding(candidate, claim, fault=fault)
            first_fault = _worse(first_fault, fault)
            continue
        return Finding(candidate, claim, driver, link, answer)
    if first_fault is not None and first_fault.cause == NoAnswer.cause and len(claim.drivers) > 1:
        asked = ", ".join(claim.drivers)
        sentence = f"{candidate.path}: nobody answers to {asked}; nothing is plugged in there, or it has no power"
        first_fault = Fault.of(NoAnswer(sentence))
    return Finding(candidate, claim, fault=first_fault)


def link_of(candidate: Candidate, template: str) -> str:
    """The link URL of `candidate` for a driver that is reached by `template`."""
    host = f"[{candidate.host}]" if ":" in candidate.host else candidate.host
    return template.format(path=candidate.path, host=host, port=candidate.port, resource=candidate.resource)


def misplaced(findings: Sequence[Finding], wanted: dict[str, str]) -> list[Fault]:
    """Devices of a profile (family -> link) on whose port another kind of device answered, each as a named fault."""
    faults = []
    for family, link in wanted.items():
        place = _place(link)
        for finding in findings:
            other = finding.driver.partition(".")[0]
            if other and other != family and place in (finding.candidate.path, finding.candidate.now):
                sentence = f"{family} is set to {place}, but {finding.answer or other} answers there"
                faults.append(Fault(WrongDevice.cause, f"{sentence}; swap the plugs or the profile", WrongDevice.who))
    return faults


def _place(link: str) -> str:
    return link.split("://", 1)[-1].split("?", 1)[0]


def _fault(error: Exception, driver: str, link: str) -> Fault:
    if isinstance(error, DeviceError):
        return Fault.of(error)
    if isinstance(error, TimeoutError):
        return Fault.of(NoAnswer(f"{link}: no answer to {driver} within {PROBE_S:g} s"))
    return Fault("driver-unusable", str(error), "technician")


def _worse(first: Fault | None, second: Fault) -> Fault:
    """Of two drivers' words: that somebody speaks tells more than that nobody answers."""
    if first is None or (first.cause == NoAnswer.cause and second.cause != NoAnswer.cause):
        return second
    return first


def _no_link(candidate: Candidate, claim: Claim) -> Fault:
    sentence = f"{claim.words} on native USB ({candidate.usb}): no link reaches it; use its serial port"
    return Fault("no-link", sentence, "technician")


def _stable_names(folder: Path) -> dict[str, str]:
    """Real path -> name that stays when plugs are moved; by-id before by-path."""
    names: dict[str, str] = {}
    for way in ("by-path", "by-id"):
        for entry in sorted((folder / way).glob("*")):
            names[os.path.realpath(entry)] = str(entry)
    return names


def _attribute(device: Path, name: str) -> str:
    try:
        return (device / name).read_text(encoding="utf-8", errors="replace").strip()[:80]
    except OSError:
        return ""


def _is_video(device: Path) -> bool:
    return any(True for _ in device.glob("*:*/video4linux"))
