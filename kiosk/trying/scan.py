"""`kiosk devices scan`: what is plugged in, who answers, what is in the way; and a profile of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from config.claims import load_claims
from config.settings import Settings
from drivers.announced import mdns_candidates
from drivers.device import Fault
from drivers.discovery import (
    Finding,
    ask_driver,
    misplaced,
    scan,
    serial_candidates,
    usb_candidates,
    video_candidates,
)


async def find_devices(seconds: float, *, probe: bool) -> list[Finding]:
    """Everything on this machine and its network; listens `seconds` for announcements. Raises `SettingsError`."""
    claims = load_claims()
    loop = asyncio.get_running_loop()
    serial = await loop.run_in_executor(None, serial_candidates)
    local = [*serial, *video_candidates(), *usb_candidates(serial)]
    here, announced = await asyncio.gather(scan(local, claims, ask_driver if probe else None), mdns_candidates(seconds))
    return [*here, *await scan(announced, claims, ask_driver if probe else None)]


def finding_lines(findings: Sequence[Finding]) -> list[str]:
    """One line a finding: where, ids, what it is, who answers or what is in the way."""
    lines = []
    for f in findings:
        c = f.candidate
        what = f.driver or ("not asked" if f.fault is None else f.fault.cause)
        said = f.answer or (f"{f.fault.sentence} ({f.fault.who})" if f.fault else _unclaimed(f))
        lines.append(f"{c.path:48} {c.usb or c.service.removesuffix('.local.') or '-':11} {what:24} {said}".rstrip())
    return lines or ["nothing is plugged in, and nobody announces a printer"]


def _unclaimed(finding: Finding) -> str:
    words = finding.candidate.words or "says nothing about itself"
    if finding.claim is None:
        return f"{words}: no driver claims it"
    return finding.claim.words


def faults_of(findings: Sequence[Finding], settings: Settings | None) -> list[Fault]:
    """What is in the way on claimed ports, and what does not fit the profile."""
    faults = [f.fault for f in findings if f.fault is not None and f.fault.cause not in ("no-answer", "no-link")]
    if settings is not None:
        faults += misplaced(findings, {str(family): d.link for family, d in settings.devices.items()})
    return faults


def profile_text(findings: Sequence[Finding], now: datetime) -> str:
    """A layer for `kiosk run --machine`: the first device of each family; the others, and strangers, as comments."""
    out = [
        f"# Written by `kiosk devices scan`, {now.isoformat(timespec='seconds')}. Options are the drivers' defaults."
    ]
    families: set[str] = set()
    for f in findings:
        family, _, driver = f.driver.partition(".")
        c = f.candidate
        about = " ".join(w for w in (f.answer, c.words, c.usb, c.serial) if w)
        if not f.driver:
            why = f": {f.fault.sentence}" if f.fault else ""
            out += ["", _comment(f"not in use: {c.path} {about}{why}")]
            continue
        head = ["", _comment(about)] if about else [""]
        body = [f"[devices.{family}]", f"driver = {json.dumps(driver)}", f"link = {json.dumps(f.link)}"]
        if family in families:
            body = [_comment(line) for line in (f"a second {family}:", *body)]
        families.add(family)
        out += [*head, *body]
    return "\n".join(out) + "\n"


def _comment(text: str) -> str:
    return "# " + "".join(c if c.isprintable() else " " for c in text)


def write_profile(path: Path, findings: Sequence[Finding], now: datetime) -> None:
    """Write `profile_text`. Raises `FileExistsError` rather than lose what is there, and `OSError`."""
    with path.open("x", encoding="utf-8") as file:
        file.write(profile_text(findings, now))
