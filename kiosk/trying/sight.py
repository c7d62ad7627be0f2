"""Verbs of `kiosk try` for what looks at citizens' things: the ID-card reader and the camera."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from drivers.errors import NoMedia
from drivers.families import CardReading, CodeReading, Seeing
from kiosk.technician.device_tests.cameras import PICTURES, look_through
from kiosk.technician.device_tests.codes import masked, read_any
from kiosk.technician.device_tests.reader import card_lines, read_once
from kiosk.trying.device import DONE, NOT_DONE, Say, Verb, Wish


async def _read(reader: CardReading, wish: Wish, say: Say) -> int:
    say("put a card on the reader")
    read = await read_once(reader, wish.seconds, lambda state: say(f"  {state}"))
    say(f"read in {read.seconds:.2f} s, {read.retries} retries")
    for line in card_lines(read.card, show=wish.show):
        say(line)
    return DONE


async def _find(reader: CardReading, wish: Wish, say: Say) -> int:
    try:
        found = await reader.find()
    except NoMedia:
        found = False
    say("a card lies there" if found else "no card answers (a card that was read must be lifted first)")
    return DONE if found else NOT_DONE


async def _sam_id(reader: CardReading, wish: Wish, say: Say) -> int:
    say(reader.status.serial or "the reader does not say its number")
    return DONE if reader.status.serial else NOT_DONE


READER: Final[Mapping[str, Verb]] = {
    "read": Verb("wait for a card and read it", _read),
    "find": Verb("whether a card answers now", _find),
    "sam-id": Verb("the number of its security module", _sam_id),
}


async def _look(camera: Seeing, wish: Wish, say: Say) -> int:
    look = await look_through(camera, "camera", min(wish.seconds, 20.0))
    say(f"{PICTURES} pictures, {look.width} x {look.height}")
    for figure in look.figures():
        say(f"{figure.label('en')}: {figure.told('en')}")
    for warning in camera.status.warnings:
        say(f"warning: {warning.cause}: {warning.sentence}")
    return DONE


async def _code(camera: Seeing | CodeReading, wish: Wish, say: Say) -> int:
    say(f"hold up a code, within {wish.seconds:g} s")
    code, seconds = await read_any(camera, wish.seconds)
    if code is None:
        return NOT_DONE
    said = code.text if wish.show else masked(code)
    say(f"{code.format} of {len(code.text)} characters, read by {code.reader} in {seconds:.2f} s: {said}")
    return DONE


CAMERA: Final[Mapping[str, Verb]] = {
    "look": Verb("take some pictures and say how they are; none is kept", _look),
    "code": Verb("read a code that is held up", _code),
}
CODE_READER: Final[Mapping[str, Verb]] = {"code": Verb("read a code that is held before it", _code)}
