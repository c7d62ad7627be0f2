"""The register map of a cabinet's IO board as data: `config/cabinets/*.toml`, or a table inside a profile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from config import DATA
from config.load import SettingsError, read_toml

Kind = Literal["coil", "discrete", "holding", "input"]
"""Modbus's four tables: bits that we write, bits, words that we write, words."""
Output = Literal["coil", "holding"]
Slot = Literal["id-card-reader", "camera", "payment-pad", "receipt-printer", "licence-printer"]
Pattern = Literal["off", "steady", "slow", "quick"]
Colour = Literal["red", "green", "yellow", "blue", "cyan", "magenta", "white"]
"""XFS4IoT `Lights`, property `color`."""
InputName = Literal[
    "door",
    "tilt",
    "presence",
    "emergency_key",
    "headset",
    "temperature",
    "fan",
    "ups_on_mains",
    "ups_low",
    "ups_engaged",
    "ups_recovered",
]
SLOTS: tuple[Slot, ...] = get_args(Slot)
PATTERNS: tuple[Pattern, ...] = get_args(Pattern)
MAPS = DATA / "cabinets"
WORD_BITS = 16

Word = Annotated[int, Field(ge=0, le=0xFFFF)]
Scale = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]
Celsius = Annotated[float, Field(ge=-50, le=150)]


class Section(BaseModel):
    """A part of a map: unknown keys are faults, values do not change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Signal(Section):
    """Where one signal lies. `address` counts from 0, as on the wire. A word's value is its number times `scale`."""

    kind: Kind
    address: Word
    bit: Annotated[int, Field(ge=0, lt=WORD_BITS)] | None = None
    scale: Scale = 1.0
    signed: bool = False
    invert: bool = False

    @property
    def one_bit(self) -> bool:
        """Whether it is on or off, not a number."""
        return self.kind in ("coil", "discrete") or self.bit is not None

    @property
    def bits(self) -> frozenset[int]:
        """The bits it takes of what lies at its address."""
        if self.kind in ("coil", "discrete"):
            return frozenset((0,))
        return frozenset(range(WORD_BITS)) if self.bit is None else frozenset((self.bit,))

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        if self.bit is not None and self.kind in ("coil", "discrete"):
            raise ValueError(f"bit: a {self.kind} is one bit already")
        if self.one_bit and (self.scale != 1.0 or self.signed):
            raise ValueError("scale and signed are for whole registers, not for one bit")
        if self.invert and not self.one_bit:
            raise ValueError("invert is for one bit, not for a whole register")
        return self


class Light(Section):
    """One slot's guide light: registers for pattern and colour, or one lamp (an output bit) for each colour.

    Lamps only go on and off: the terminal itself blinks them.
    """

    pattern: Signal | None = None
    colour: Signal | None = None
    colours: Annotated[tuple[Colour, ...], Field(strict=False)] = ()
    lamps: dict[Colour, Signal] = {}
    usual: Colour

    @property
    def offered(self) -> tuple[Colour, ...]:
        """The colours it can show."""
        return tuple(self.lamps) or self.colours or (self.usual,)

    def signals(self) -> Iterator[Signal]:
        """Every output of it."""
        yield from (s for s in (self.pattern, self.colour) if s)
        yield from self.lamps.values()

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        faults = []
        if (self.pattern is None) == (not self.lamps):
            faults.append("a light has either pattern (a register) or lamps (a bit for each colour)")
        if self.pattern is None and (self.colour or self.colours):
            faults.append("colour and colours go with pattern")
        if (self.colour is None) != (not self.colours):
            faults.append("colour (the register) and colours (what it can show) go together")
        for name, word in (("pattern", self.pattern), ("colour", self.colour)):
            if word and (word.kind != "holding" or word.one_bit or word.scale != 1.0 or word.signed):
                faults.append(f"{name}: a whole, unscaled holding register is needed")
        for colour, lamp in self.lamps.items():
            if lamp.kind not in get_args(Output) or not lamp.one_bit:
                faults.append(f"lamps.{colour}: a coil or one bit of a holding register is needed")
        if self.usual not in self.offered:
            faults.append(f"usual: {self.usual} is not one of {', '.join(self.offered)}")
        if faults:
            raise ValueError("; ".join(faults))
        return self


class Identity(Section):
    """A register whose value tells this board from others."""

    kind: Literal["holding", "input"]
    address: Word
    value: Word


class Board(Section):
    """What the board can take. `gap`: unneeded addresses that one read may span; `most`: addresses in one request."""

    gap: Annotated[int, Field(ge=0, le=64)] = 0
    most: Annotated[int, Field(ge=1, le=120)] = 32
    writes: Literal["single", "multiple", "either"] = "either"
    readback: bool = True
    """Whether outputs can be read: then a board that lost its lights is noticed and they are lit again."""
    identity: Identity | None = None
    identification: bool = True
    """Whether it is asked for maker, product and revision (Modbus 2B 0E); false for boards that choke on it."""


class Limits(Section):
    """The cabinet is hot from `hot_c` on, and no longer at `cool_c` and below."""

    hot_c: Celsius = 60.0
    cool_c: Celsius = 55.0

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.cool_c > self.hot_c:
            raise ValueError(f"cool_c {self.cool_c:g} is above hot_c {self.hot_c:g}")
        return self


class Codes(Section):
    """What the registers `pattern` and `colour` of lights hold."""

    pattern: dict[Pattern, Word] = {}
    colour: dict[Colour, Word] = {}


class CabinetMap(Section):
    """One board's register map."""

    sentence: Annotated[str, Field(min_length=1, max_length=120)]
    board: Board = Board()
    inputs: Annotated[dict[InputName, Signal], Field(min_length=1)]
    limits: Limits = Limits()
    lights: dict[Slot, Light] = {}
    codes: Codes = Codes()


def cabinet_map(source: str | Mapping[str, Any]) -> CabinetMap:
    """The map called `source` in config/cabinets, in the file `source` (*.toml), or given as a table.

    Raises `SettingsError` with every fault at once.
    """
    if isinstance(source, str):
        return _read(source)
    return _checked(dict(source), "the cabinet's map")


@cache
def _read(source: str) -> CabinetMap:
    path = Path(source) if source.endswith(".toml") else MAPS / f"{source}.toml"
    if path.parent == MAPS and not path.exists():
        known = ", ".join(sorted(p.stem for p in MAPS.glob("*.toml")))
        raise SettingsError(f"cabinet map {source!r}: no such map; there are {known}")
    return _checked(read_toml(path), str(path))


def _checked(tree: dict[str, Any], where: str) -> CabinetMap:
    faults: list[str] = []
    made: CabinetMap | None = None
    try:
        made = CabinetMap.model_validate(tree)
    except ValidationError as error:
        faults += [f"{'.'.join(map(str, e['loc'])) or 'map'}: {e['msg']}" for e in error.errors()]
    faults += _clashes(tree)
    faults += _misfits(tree)
    if made is None or faults:
        raise SettingsError(f"{where}: {len(faults)} fault(s) in the map\n" + "\n".join(f"  {f}" for f in faults))
    return made


def _table(tree: Any, key: str) -> dict[str, Any]:
    """A table of a tree that may be wrong anywhere; the schema names what is no table."""
    found = tree.get(key) if isinstance(tree, dict) else None
    return found if isinstance(found, dict) else {}


def _signals(tree: dict[str, Any]) -> Iterator[tuple[str, Signal]]:
    """Every signal that is well in itself, with its place in the file; works on a tree with faults elsewhere."""
    found = [(f"inputs.{name}", raw) for name, raw in _table(tree, "inputs").items()]
    for slot, light in _table(tree, "lights").items():
        found += [(f"lights.{slot}.{key}", _table(light, key)) for key in ("pattern", "colour") if _table(light, key)]
        found += [(f"lights.{slot}.lamps.{colour}", raw) for colour, raw in _table(light, "lamps").items()]
    for where, raw in found:
        try:
            yield where, Signal.model_validate(raw)
        except ValidationError:
            continue


def _clashes(tree: dict[str, Any]) -> list[str]:
    """Two signals in one place."""
    taken: dict[tuple[str, int, int], str] = {}
    faults: dict[str, None] = {}  # ordered, each once: two whole registers clash in sixteen bits
    for where, signal in _signals(tree):
        for bit in signal.bits:
            other = taken.setdefault((signal.kind, signal.address, bit), where)
            if other != where:
                faults[f"{where}: {signal.kind} {signal.address} is already {other}"] = None
    return list(faults)


def _misfits(tree: dict[str, Any]) -> list[str]:
    """Signals of the wrong width, and codes that lights need and the file does not give."""
    faults = []
    for where, signal in _signals(tree):
        if where.startswith("inputs.") and signal.one_bit == (where == "inputs.temperature"):
            width = "a whole register" if signal.one_bit else "one bit"
            faults.append(f"{where}: {width} is needed")
    lights = [light for light in _table(tree, "lights").values() if isinstance(light, dict)]
    codes = _table(tree, "codes")
    if any("pattern" in light for light in lights):
        lacking = set(PATTERNS) - set(_table(codes, "pattern"))
        faults += [f"codes.pattern.{pattern}: missing; a light with a pattern register needs it" for pattern in lacking]
    shown = [colour for light in lights for colour in _listed(light, "colours") if colour in get_args(Colour)]
    lacking_colours = set(shown) - set(_table(codes, "colour"))
    faults += [f"codes.colour.{colour}: missing; a light can show it" for colour in lacking_colours]
    for name in ("pattern", "colour"):
        numbers = Counter(v for v in _table(codes, name).values() if isinstance(v, int))
        faults += [f"codes.{name}: {n} stands for more than one {name}" for n, times in numbers.items() if times > 1]
    return sorted(faults)


def _listed(tree: dict[str, Any], key: str) -> list[Any]:
    found = tree.get(key)
    return [one for one in found if isinstance(one, str)] if isinstance(found, (list, tuple)) else []
