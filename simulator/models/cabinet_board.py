"""The IO board in a cabinet: what its sensors feel, what its lamps show, and what lies in its registers."""

from __future__ import annotations

from dataclasses import dataclass, field

from config.cabinet_map import SLOTS, CabinetMap, Kind, Slot
from drivers.cabinet.frames import (
    PRODUCT,
    REVISION,
    VENDOR,
    Image,
    Lit,
    Place,
    Read,
    Told,
    Write,
    lit_in,
    output_places,
    place,
    put,
)

ILLEGAL_FUNCTION = 1
ILLEGAL_ADDRESS = 2
ILLEGAL_VALUE = 3


class Refused(ValueError):
    """The board answers with exception `code`."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exception {code}")
        self.code = code


@dataclass(slots=True)
class Board:
    """Sensors as a person makes them; `temperature` in degrees Celsius. `key_until`: the key springs back then."""

    cabinet: CabinetMap
    door: bool = False
    tilt: bool = False
    presence: bool = False
    emergency_key: bool = False
    key_until: float | None = None
    headset: bool = False
    temperature: float = 31.5
    fan: bool = True
    ups_on_mains: bool = True
    ups_low: bool = False
    ups_engaged: bool = False
    ups_recovered: bool = False
    firmware: str = "1.4"
    outputs: Image = field(default_factory=dict)
    _reach: dict[Kind, range] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """The board's tables have no holes: from the lowest to the highest address that the map names."""
        identity = self.cabinet.board.identity
        places: list[Place] = [place(signal) for signal in self.cabinet.inputs.values()]
        places += output_places(self.cabinet)
        places += [(identity.kind, identity.address)] if identity else []
        for kind, address in places:
            known = self._reach.get(kind, range(address, address + 1))
            self._reach[kind] = range(min(known.start, address), max(known.stop, address + 1))

    def told(self) -> Told:
        """Maker, product, revision. Raises `Refused` by a board that does not know the function."""
        if not self.cabinet.board.identification:
            raise Refused(ILLEGAL_FUNCTION)
        return Told(((VENDOR, "Simulated"), (PRODUCT, "CAB-16"), (REVISION, self.firmware)))

    def power_on(self) -> None:
        """Every lamp is dark."""
        self.outputs.clear()

    def update(self, now: float) -> None:
        """A key that was pressed springs back."""
        if self.key_until is not None and now >= self.key_until:
            self.emergency_key, self.key_until = False, None

    def engage_ups(self) -> None:
        """Mains fail."""
        self.ups_on_mains, self.ups_engaged, self.ups_recovered = False, True, False

    def recover_ups(self) -> None:
        """Mains are back, the battery charges."""
        self.ups_recovered = self.ups_engaged
        self.ups_on_mains, self.ups_engaged, self.ups_low = True, False, False

    def read(self, request: Read) -> tuple[int, ...]:
        """What lies there. Raises `Refused`."""
        self._must_reach(request.kind, request.start, request.count)
        image = self._image()
        return tuple(image.get((request.kind, request.start + offset), 0) for offset in range(request.count))

    def write(self, request: Write) -> None:
        """Set outputs; all or none. Raises `Refused`."""
        self._must_reach(request.kind, request.start, len(request.values))
        wanted: dict[Place, int] = {(request.kind, request.start + n): word for n, word in enumerate(request.values)}
        patterns = {place(light.pattern) for light in self.cabinet.lights.values() if light.pattern}
        if any(wanted[at] not in self.cabinet.codes.pattern.values() for at in patterns & wanted.keys()):
            raise Refused(ILLEGAL_VALUE)
        self.outputs.update(wanted)

    def lights(self) -> dict[Slot, Lit]:
        """What people see at each slot."""
        return {slot: lit_in(self.cabinet, slot, self.outputs) for slot in SLOTS if slot in self.cabinet.lights}

    def _image(self) -> Image:
        image: Image = dict(self.outputs)
        for name, signal in self.cabinet.inputs.items():
            put(signal, getattr(self, name), image)
        identity = self.cabinet.board.identity
        if identity:
            image[identity.kind, identity.address] = identity.value
        return image

    def _must_reach(self, kind: Kind, start: int, count: int) -> None:
        reach = self._reach.get(kind, range(0))
        if start < reach.start or start + count > reach.stop:
            raise Refused(ILLEGAL_ADDRESS)
