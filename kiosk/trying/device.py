"""`kiosk try FAMILY --link URL VERB`: one device from the command line, without the terminal.

For technicians, and for trying drivers against other people's devices and simulators. Personal data are masked unless
they are asked for; money moves only after an explicit flag. Exit codes: 0 done, 1 not done, 2 wrong use, 3 unknown.
"""

from __future__ import annotations

import asyncio
import time
import tomllib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from drivers.device import Device, Media, Status, Supply
from drivers.errors import DeviceError
from drivers.recorder import Recorder
from drivers.registry import full_name, load

DONE, NOT_DONE, WRONG_USE, UNKNOWN = 0, 1, 2, 3
OPEN_S: Final = 30.0
TRACE_BYTES: Final = 20 << 20

FAMILIES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "id-card-reader": ("id_card", "sam"),
        "receipt-printer": ("receipt_printer", "escpos"),
        "licence-printer": ("licence_printer", "ipp"),
        "payment-pad": ("payment_pad", "zvt"),
        "camera": ("camera", "opencv"),
        "cabinet": ("cabinet", "modbus"),
        "code-reader": ("barcode", "serial"),
    }
)
"""Name on the command line -> family and usual driver."""


class WrongUse(ValueError):
    """The command cannot be carried out as it was given; the message says what to write instead."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line said. Amounts in fen; `seconds` is how long a person has."""

    link: str
    options: Mapping[str, Any] = field(default_factory=dict)
    driver: str = ""
    seconds: float = 20.0
    show: bool = False
    fen: int | None = None
    yes_take_money: bool = False
    receipt: str = ""
    record: Path = Path("kiosk-try-payments.jsonl")
    trace: Path | None = None


Say = Callable[[str], None]
Act = Callable[[Any, Wish, Say], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: what it does, in words, and how. `check` refuses wrong use before the device is touched."""

    words: str
    act: Act
    glance: bool = False
    """Only looks: the device is not made ready for work (a receipt printer would cut its paper)."""
    check: Callable[[Wish], None] = lambda wish: None


async def status(device: Device, wish: Wish, say: Say) -> int:
    """Say how the device is; done when it can serve."""
    for line in status_lines(device.status):
        say(line)
    return DONE if device.status.usable else NOT_DONE


STATUS: Final = Verb("how it is", status, glance=True)


def verbs_of(family: str) -> Mapping[str, Verb]:
    """The verbs of `family`, its settings' name."""
    from kiosk.trying import paper as try_paper
    from kiosk.trying import pay as try_pay
    from kiosk.trying import sight as try_sight

    table: dict[str, Mapping[str, Verb]] = {
        "id_card": try_sight.READER,
        "camera": try_sight.CAMERA,
        "barcode": try_sight.CODE_READER,
        "receipt_printer": try_paper.RECEIPTS,
        "licence_printer": try_paper.LICENCES,
        "payment_pad": try_pay.PAD,
    }
    return {"status": STATUS, **table.get(family, {})}


def find_family(name: str) -> tuple[str, str]:
    """Family and usual driver of `name`; the settings' names are understood too. Raises `WrongUse`."""
    for word, (family, driver) in FAMILIES.items():
        if name.replace("_", "-") in (word, family.replace("_", "-")):
            return family, driver
    raise WrongUse(f"no device family {name!r}; there are {', '.join(FAMILIES)}")


def options_of(pairs: list[str]) -> dict[str, Any]:
    """`key=value` words; values are TOML, else text as it stands. Raises `WrongUse`."""
    options: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.isidentifier():
            raise WrongUse(f"--option {pair!r}: write it like currency=CNY")
        try:
            options[key] = tomllib.loads(f"v = {value}")["v"]
        except tomllib.TOMLDecodeError:
            options[key] = value
    return options


async def try_device(name: str, verb: str, wish: Wish, say: Say) -> int:
    """Open the device, do `verb`, close it. The exit code. Raises `WrongUse`, `ValueError` for a bad link or option."""
    family, usual = find_family(name)
    verbs = verbs_of(family)
    chosen = verbs.get(verb)
    if chosen is None:
        raise WrongUse(f"{name} has no verb {verb!r}; it has {', '.join(verbs)}")
    chosen.check(wish)
    driver = full_name(family, wish.driver or usual)
    factory: Any = load(family, driver)
    device: Device = factory(name, wish.link, dict(wish.options))
    recorder = Recorder(wish.trace, TRACE_BYTES) if wish.trace else None
    if recorder:
        recorder.attach(device, driver, wish.link, wish.options)
    try:
        return await _carried_out(device, verb, chosen, wish, say)
    finally:
        await device.close()
        c = device.counters
        say(f"wire: {c.bytes_out} bytes to it, {c.bytes_in} from it, {c.retries} retries")
        if recorder:
            recorder.close()


async def _carried_out(device: Device, verb: str, chosen: Verb, wish: Wish, say: Say) -> int:
    began = time.perf_counter()
    try:
        async with asyncio.timeout(OPEN_S):
            await (device.glance() if chosen.glance else device.open())
        known = device.status
        firmware = f"firmware {known.firmware}" if known.firmware else ""
        who = ", ".join(w for w in (known.model, known.serial, firmware) if w) or "it does not say what it is"
        say(f"opened in {time.perf_counter() - began:.2f} s: {who}")
        began = time.perf_counter()
        code = await chosen.act(device, wish, say)
    except DeviceError as error:
        say(f"{error.cause}: {error} ({error.who}{', again can help' if error.again else ''})")
        code = NOT_DONE
    except TimeoutError:
        say(f"no-answer: not opened within {OPEN_S:g} s (technician)")
        code = NOT_DONE
    say(f"{verb}: {_ENDINGS[code]} in {time.perf_counter() - began:.2f} s")
    return code


_ENDINGS: Final = {DONE: "done", NOT_DONE: "not done", UNKNOWN: "nobody can say whether it was done"}


def status_lines(known: Status) -> list[str]:
    """A status for people."""
    lines = [f"device: {known.device}"]
    if known.fault:
        lines.append(f"fault: {known.fault.cause}: {known.fault.sentence} ({known.fault.who})")
    if known.media is not Media.NOT_SUPPORTED:
        lines.append(f"media: {known.media}")
    lines += [f"{n}: {s}" for n, s in (("paper", known.paper), ("toner", known.toner)) if s is not Supply.NOT_SUPPORTED]
    lines += [f"warning: {w.cause}: {w.sentence} ({w.who})" for w in known.warnings]
    return lines
