"""Verbs of `kiosk try` for what looks at citizens' things: the ID-card reader and the camera."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import fields
from typing import Final, get_args

from drivers.camera.codes import Format
from drivers.errors import NoMedia
from drivers.families import CardReading, CodeReading, Seeing
from drivers.id_card.card import CardRead
from kiosk.masks import mask_address, mask_name, mask_number
from kiosk.try_device import DONE, NOT_DONE, Say, Verb, Wish

_PICTURES: Final = 3
_PLAIN: Final = frozenset({"kind", "sex", "sex_code", "version"})
"""What is shown of a card without being asked for."""
_MASKS: Final = {"name": mask_name, "number": mask_number, "address": mask_address}


async def _read(reader: CardReading, wish: Wish, say: Say) -> int:
    say("put a card on the reader")
    await reader.wait_for_card(wish.seconds)
    began = time.perf_counter()
    card = await reader.read_card(on_state=lambda state: say(f"  {state}"))
    say(f"read in {time.perf_counter() - began:.2f} s, {reader.counters.retries} retries")
    for line in card_lines(card, show=wish.show):
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


def card_lines(card: CardRead, *, show: bool) -> list[str]:
    """One line a field that the card carries; masked unless `show`. Pictures and prints are only counted."""
    lines = []
    for each in fields(card):
        value = getattr(card, each.name)
        if value in ("", (), b"") or (value is None and each.name != "valid_to"):
            continue
        if each.name == "photo":
            said = f"{len(value)} bytes"
        elif each.name == "fingerprints":
            said = f"{len(value)} templates"
        elif each.name == "valid_to" and value is None:
            said = "长期"
        elif show or each.name in _PLAIN:
            said = str(value)
        else:
            mask = _MASKS.get(each.name)
            said = mask(str(value)) if mask else "*" * min(len(str(value)), 12)
        lines.append(f"{each.name}: {said}")
    return lines


READER: Final[Mapping[str, Verb]] = {
    "read": Verb("wait for a card and read it", _read),
    "find": Verb("whether a card answers now", _find),
    "sam-id": Verb("the number of its security module", _sam_id),
}


async def _look(camera: Seeing, wish: Wish, say: Say) -> int:
    began = time.perf_counter()
    pictures = await camera.frames(_PICTURES, min(wish.seconds, 20.0))
    took = time.perf_counter() - began
    for picture in pictures:
        height, width = picture.pixels.shape[:2]
        say(f"picture {picture.number}: {width} x {height}, brightness {float(picture.pixels.mean()):.0f} of 255")
        picture.wipe()
    say(f"{len(pictures)} pictures in {took:.2f} s")
    for warning in camera.status.warnings:
        say(f"warning: {warning.cause}: {warning.sentence}")
    return DONE


async def _code(camera: Seeing | CodeReading, wish: Wish, say: Say) -> int:
    say(f"hold up a code, within {wish.seconds:g} s")
    code = await camera.read_code(get_args(Format), wish.seconds)
    if code is None:
        return NOT_DONE
    said = code.text if wish.show else f"{code.text[:4]}{'*' * max(0, min(len(code.text) - 4, 12))}"
    say(f"{code.format} of {len(code.text)} characters, read by {code.reader}: {said}")
    return DONE


CAMERA: Final[Mapping[str, Verb]] = {
    "look": Verb("take three pictures and say how they are; none is kept", _look),
    "code": Verb("read a code that is held up", _code),
}
CODE_READER: Final[Mapping[str, Verb]] = {"code": Verb("read a code that is held before it", _code)}
