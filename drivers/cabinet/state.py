"""The cabinet as last seen, in the words of XFS4IoT `Auxiliaries.Status`, and the events between two sights of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeAlias

from config.cabinet_map import Limits
from drivers.cabinet.frames import Reading
from drivers.device import Fault


class Doors(StrEnum):
    """`cabinetDoor`."""

    CLOSED = "closed"
    OPEN = "open"
    NOT_AVAILABLE = "notAvailable"


class Sensor(StrEnum):
    """`tamperSensor`, `heatSensor`, `operatorCallButtonSensor`."""

    OFF = "off"
    ON = "on"
    NOT_AVAILABLE = "notAvailable"


class Proximity(StrEnum):
    """`proximitySensor`, `enhancedAudio`."""

    PRESENT = "present"
    NOT_PRESENT = "notPresent"
    NOT_AVAILABLE = "notAvailable"


@dataclass(frozen=True, slots=True)
class Ups:
    """`uPS`. `engaged`: it has taken over; `powering`: mains are off; `recovered`: mains came back since."""

    low: bool = False
    engaged: bool = False
    powering: bool = False
    recovered: bool = False


@dataclass(frozen=True, slots=True)
class CabinetState:
    """What the sensors said last. `tamper_sensor` is tilt, `operator_call_button_sensor` the emergency key.

    `fan` (turning or not) and `temperature_c` have no word in the standard. `ups` None: there is none.
    """

    cabinet_doors: Doors = Doors.NOT_AVAILABLE
    tamper_sensor: Sensor = Sensor.NOT_AVAILABLE
    proximity_sensor: Proximity = Proximity.NOT_AVAILABLE
    heat_sensor: Sensor = Sensor.NOT_AVAILABLE
    operator_call_button_sensor: Sensor = Sensor.NOT_AVAILABLE
    fan: Sensor = Sensor.NOT_AVAILABLE
    temperature_c: float | None = None
    ups: Ups | None = None
    enhanced_audio: Proximity = Proximity.NOT_AVAILABLE
    """Whether a headset is in its socket."""


@dataclass(frozen=True, slots=True)
class DoorOpened:
    """Somebody opened the cabinet. `at` of every event: seconds of the loop's clock when it was heard."""

    at: float


@dataclass(frozen=True, slots=True)
class DoorClosed:
    """The cabinet is closed again."""

    at: float


@dataclass(frozen=True, slots=True)
class Tilted:
    """The cabinet was tilted or pushed."""

    at: float


@dataclass(frozen=True, slots=True)
class Levelled:
    """It stands still again."""

    at: float


@dataclass(frozen=True, slots=True)
class PersonCame:
    """Somebody stands before the terminal."""

    at: float


@dataclass(frozen=True, slots=True)
class PersonLeft:
    """Nobody stands there any more."""

    at: float


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """The emergency key was pressed, or its wire broke."""

    at: float


@dataclass(frozen=True, slots=True)
class KeyReleased:
    """The emergency key was let go."""

    at: float


@dataclass(frozen=True, slots=True)
class HeadsetIn:
    """A headset was plugged in: what is private may be spoken into it."""

    at: float


@dataclass(frozen=True, slots=True)
class HeadsetOut:
    """It was pulled out."""

    at: float


@dataclass(frozen=True, slots=True)
class Overheated:
    """The temperature reached the map's limit."""

    at: float


@dataclass(frozen=True, slots=True)
class Cooled:
    """It is cool enough again."""

    at: float


@dataclass(frozen=True, slots=True)
class FanStopped:
    """The fan stands still."""

    at: float


@dataclass(frozen=True, slots=True)
class FanTurns:
    """The fan turns again."""

    at: float


@dataclass(frozen=True, slots=True)
class UpsEngaged:
    """Mains failed; the UPS carries the terminal."""

    at: float


@dataclass(frozen=True, slots=True)
class UpsLow:
    """The battery is nearly empty: end what is under way."""

    at: float


@dataclass(frozen=True, slots=True)
class UpsRecovered:
    """Mains are back."""

    at: float


CabinetEvent: TypeAlias = (
    DoorOpened
    | DoorClosed
    | Tilted
    | Levelled
    | PersonCame
    | PersonLeft
    | KeyPressed
    | KeyReleased
    | HeadsetIn
    | HeadsetOut
    | Overheated
    | Cooled
    | FanStopped
    | FanTurns
    | UpsEngaged
    | UpsLow
    | UpsRecovered
)

AT_REST: Final = CabinetState(
    Doors.CLOSED,
    Sensor.OFF,
    Proximity.NOT_PRESENT,
    Sensor.OFF,
    Sensor.OFF,
    Sensor.ON,
    None,
    Ups(),
    Proximity.NOT_PRESENT,
)
"""What watchers believe before the first sight: whatever differs is an event."""

_EVENTS: Final[tuple[tuple[str, object, type[CabinetEvent]], ...]] = (
    ("cabinet_doors", Doors.OPEN, DoorOpened),
    ("cabinet_doors", Doors.CLOSED, DoorClosed),
    ("tamper_sensor", Sensor.ON, Tilted),
    ("tamper_sensor", Sensor.OFF, Levelled),
    ("proximity_sensor", Proximity.PRESENT, PersonCame),
    ("proximity_sensor", Proximity.NOT_PRESENT, PersonLeft),
    ("operator_call_button_sensor", Sensor.ON, KeyPressed),
    ("operator_call_button_sensor", Sensor.OFF, KeyReleased),
    ("enhanced_audio", Proximity.PRESENT, HeadsetIn),
    ("enhanced_audio", Proximity.NOT_PRESENT, HeadsetOut),
    ("heat_sensor", Sensor.ON, Overheated),
    ("heat_sensor", Sensor.OFF, Cooled),
    ("fan", Sensor.OFF, FanStopped),
    ("fan", Sensor.ON, FanTurns),
)


def state_of(seen: Reading, before: CabinetState, limits: Limits) -> CabinetState:
    """The state that `seen` is. `before` decides between the limits of heat, and whether the UPS has recovered."""
    return CabinetState(
        Doors.NOT_AVAILABLE if seen.door is None else Doors.OPEN if seen.door else Doors.CLOSED,
        _sensor(seen.tilt),
        _there(seen.presence),
        _heat(seen.temperature, before.heat_sensor, limits),
        _sensor(seen.emergency_key),
        _sensor(seen.fan),
        seen.temperature,
        _ups(seen, before.ups or Ups()),
        _there(seen.headset),
    )


def _there(seen: bool | None) -> Proximity:
    return Proximity.NOT_AVAILABLE if seen is None else Proximity.PRESENT if seen else Proximity.NOT_PRESENT


def _sensor(on: bool | None) -> Sensor:
    return Sensor.NOT_AVAILABLE if on is None else Sensor.ON if on else Sensor.OFF


def _heat(celsius: float | None, before: Sensor, limits: Limits) -> Sensor:
    if celsius is None:
        return Sensor.NOT_AVAILABLE
    if celsius >= limits.hot_c:
        return Sensor.ON
    return Sensor.ON if before is Sensor.ON and celsius > limits.cool_c else Sensor.OFF


def _ups(seen: Reading, before: Ups) -> Ups | None:
    """Boards tell "engaged", "on mains" or both; "recovered" is derived where a board does not tell it."""
    if seen.ups_engaged is None and seen.ups_on_mains is None:
        return None
    engaged = seen.ups_engaged if seen.ups_engaged is not None else not seen.ups_on_mains
    powering = not seen.ups_on_mains if seen.ups_on_mains is not None else engaged
    recovered = seen.ups_recovered
    if recovered is None:
        recovered = not powering and (before.powering or before.recovered)
    return Ups(bool(seen.ups_low), engaged, powering, recovered)


def events_between(before: CabinetState, after: CabinetState, at: float) -> tuple[CabinetEvent, ...]:
    """What happened, in the order in which it matters; a sensor that is not there says nothing."""
    found: list[CabinetEvent] = []
    old, new = before.ups or Ups(), after.ups or Ups()
    if (new.engaged or new.powering) and not (old.engaged or old.powering):
        found.append(UpsEngaged(at))
    if new.low and not old.low:
        found.append(UpsLow(at))
    if after.ups and (old.engaged or old.powering) and not (new.engaged or new.powering):
        found.append(UpsRecovered(at))
    for name, value, event in _EVENTS:
        if getattr(after, name) == value != getattr(before, name):
            found.append(event(at))
    return tuple(found)


def known(before: CabinetState, after: CabinetState) -> CabinetState:
    """What watchers have been told: `after`, and `before` where a sensor is not there."""
    kept = {name: getattr(before, name) for name, _, _ in _EVENTS if getattr(after, name) == "notAvailable"}
    return replace(after, ups=after.ups or before.ups, **kept)


def warnings_of(state: CabinetState) -> tuple[Fault, ...]:
    """What a technician should see to; none of it keeps the terminal from serving."""
    ups = state.ups or Ups()
    table = (
        (state.cabinet_doors is Doors.OPEN, "door-open", "the cabinet's door is open: close and lock it"),
        (state.tamper_sensor is Sensor.ON, "tilted", "the cabinet is tilted or being moved: look after it"),
        (state.operator_call_button_sensor is Sensor.ON, "emergency-key", "the emergency key is pressed: go there"),
        (state.heat_sensor is Sensor.ON, "hot", "the cabinet is too hot: see to fan, filter and sun"),
        (state.fan is Sensor.OFF, "fan-stopped", "the fan stands still: free or change it"),
        (ups.engaged or ups.powering, "on-battery", "mains are off, the UPS carries the terminal: see to the power"),
        (ups.low, "battery-low", "the UPS battery is nearly empty: bring mains back or shut down"),
    )
    return tuple(Fault(cause, sentence) for is_so, cause, sentence in table if is_so)
