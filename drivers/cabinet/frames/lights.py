"""Guide lights in a register image: a pattern and a colour register, or one lamp for each colour."""

from __future__ import annotations

from dataclasses import dataclass

from config.cabinet_map import CabinetMap, Colour, Pattern, Slot
from drivers.cabinet.frames.image import Image, Place, place, put, read


@dataclass(frozen=True, slots=True)
class Lit:
    """What one light shows; `colour` None is the light's usual one."""

    pattern: Pattern
    colour: Colour | None = None


DARK = Lit("off")


def must_blink(cabinet: CabinetMap, slot: Slot) -> bool:
    """Whether the light at `slot` only goes on and off, so that the host has to blink it."""
    return bool(cabinet.lights[slot].lamps)


def output_places(cabinet: CabinetMap) -> tuple[Place, ...]:
    """Where the lights lie."""
    return tuple(place(signal) for light in cabinet.lights.values() for signal in light.signals())


def light_words(cabinet: CabinetMap, slot: Slot, lit: Lit, image: Image, *, bright: bool = True) -> None:
    """Make `image` show `lit` at `slot`. `bright` is the moment's phase of a lamp that the host blinks.

    A register's colour stays as it is when the light is off.
    """
    light = cabinet.lights[slot]
    colour = lit.colour or light.usual
    for of, lamp in light.lamps.items():
        put(lamp, lit.pattern != "off" and bright and of == colour, image)
    if light.pattern:
        put(light.pattern, cabinet.codes.pattern[lit.pattern], image)
    if light.colour and lit.pattern != "off":
        put(light.colour, cabinet.codes.colour[colour], image)


def lit_in(cabinet: CabinetMap, slot: Slot, image: Image) -> Lit:
    """What the light at `slot` shows in `image`; a register with an unknown code is dark. Missing addresses are 0."""
    light = cabinet.lights[slot]
    for colour, lamp in light.lamps.items():
        if read(lamp, {place(lamp): image.get(place(lamp), 0)}):
            return Lit("steady", colour)
    if light.pattern is None:
        return DARK
    patterns: dict[int, Pattern] = {number: pattern for pattern, number in cabinet.codes.pattern.items()}
    pattern = patterns.get(image.get(place(light.pattern), 0), "off")
    if pattern == "off":
        return DARK
    colours = {number: colour for colour, number in cabinet.codes.colour.items()}
    code = image.get(place(light.colour), 0) if light.colour else -1
    return Lit(pattern, colours.get(code, light.usual))
