"""Register images: what lies at each address of the four tables, and the typed values that a map sees in it."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from typing import TypeAlias

from config.cabinet_map import CabinetMap, InputName, Kind, Signal

Place: TypeAlias = tuple[Kind, int]
Image: TypeAlias = MutableMapping[Place, int]
"""Bits are 0 or 1, words 0 to 65535."""
_SIGN = 0x8000
_ALL = 0xFFFF


@dataclass(frozen=True, slots=True)
class Span:
    """Addresses of one table that are read together."""

    kind: Kind
    start: int
    count: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What the sensors say; None for a sensor that the board does not have. `temperature` in degrees Celsius."""

    door: bool | None = None
    tilt: bool | None = None
    presence: bool | None = None
    emergency_key: bool | None = None
    headset: bool | None = None
    temperature: float | None = None
    fan: bool | None = None
    ups_on_mains: bool | None = None
    ups_low: bool | None = None
    ups_engaged: bool | None = None
    ups_recovered: bool | None = None


def place(signal: Signal) -> Place:
    """The table and address where `signal` lies."""
    return signal.kind, signal.address


def spans(places: Iterable[Place], gap: int, most: int) -> tuple[Span, ...]:
    """The fewest reads that cover `places`, none longer than `most` or over more than `gap` addresses nobody needs."""
    made: list[Span] = []
    for kind, address in sorted(set(places)):
        last = made[-1] if made else None
        if last and last.kind == kind:
            count = address - last.start + 1
            if address - (last.start + last.count) <= gap and count <= most:
                made[-1] = Span(kind, last.start, count)
                continue
        made.append(Span(kind, address, 1))
    return tuple(made)


def fill(image: Image, span: Span, values: tuple[int, ...]) -> bool:
    """Note what a read of `span` gave (bits may be padded); whether that was news."""
    seen = {(span.kind, span.start + offset): word for offset, word in enumerate(values[: span.count])}
    if all(image.get(at) == word for at, word in seen.items()):
        return False
    image.update(seen)
    return True


def value(signal: Signal, image: Image) -> bool | float:
    """What `signal` says in `image`. Raises `KeyError` when its address was not read."""
    word = image[place(signal)]
    if signal.one_bit:
        return bool(word >> (signal.bit or 0) & 1) != signal.invert
    return (word - 2 * _SIGN if signal.signed and word & _SIGN else word) * signal.scale


def read(signal: Signal, image: Image) -> bool:
    """As `value`, for one bit."""
    return bool(value(signal, image))


def put(signal: Signal, meant: bool | float, image: Image) -> None:
    """Set `signal` in `image`, keeping other bits of its word. Raises `ValueError` when the number does not fit."""
    if signal.one_bit:
        mask = 1 << (signal.bit or 0)
        old = image.get(place(signal), 0)
        image[place(signal)] = old | mask if bool(meant) != signal.invert else old & ~mask & _ALL
        return
    word = round(meant / signal.scale)
    low, high = (-_SIGN, _SIGN - 1) if signal.signed else (0, _ALL)
    if not low <= word <= high:
        raise ValueError(f"{meant:g} is not within {low * signal.scale:g} to {high * signal.scale:g}")
    image[place(signal)] = word & _ALL


def reading(cabinet: CabinetMap, image: Image) -> Reading:
    """Every sensor of the map. Raises `KeyError` when `image` lacks one."""
    bits: dict[InputName, bool] = {
        name: read(signal, image) for name, signal in cabinet.inputs.items() if name != "temperature"
    }
    thermometer = cabinet.inputs.get("temperature")
    temperature = None if thermometer is None else round(float(value(thermometer, image)), 3)
    return Reading(**bits, temperature=temperature)
