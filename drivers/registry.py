"""Which drivers there are: entry points of the group `kiosk.drivers`, ours and those of other packages.

An entry point is called `family.driver` ("id_card.sam") and names a class. Nothing is imported before it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, TypeVar

from drivers.device import Device
from drivers.families import FAMILIES

GROUP: Final = "kiosk.drivers"
D = TypeVar("D", bound=Device)


class UnknownDriver(ValueError):
    """No such driver, or it cannot be used; the message says why and which there are."""


@dataclass(frozen=True, slots=True)
class Known:
    """A driver that is installed: its full name, the class, the package that brings it."""

    name: str
    target: str
    package: str


def known() -> list[Known]:
    """Every installed driver, by name. Imports none of them."""
    found = entry_points(group=GROUP)
    return sorted(
        (Known(e.name, e.value, f"{e.dist.name} {e.dist.version}" if e.dist else "?") for e in found),
        key=lambda each: (each.name, each.package),
    )


def full_name(family: str, driver: str) -> str:
    """`family.driver`; a driver that is already named in full keeps its name."""
    return driver if driver.startswith(f"{family}.") else f"{family}.{driver}"


def load(family: str, driver: str) -> type[Device]:
    """The class of the driver `driver` ("sam") of `family`, which can do what its family must (`drivers.families`).

    Raises `UnknownDriver`: no such driver, two packages bring it, it cannot be imported, or it is not of its family.
    """
    return load_as(family, driver, Device)


def load_as(family: str, driver: str, kind: type[D]) -> type[D]:
    """As `load`, and the class must be a `kind`."""
    name = full_name(family, driver)
    found = list({(e.name, e.value): e for e in entry_points(group=GROUP, name=name)}.values())
    if not found:
        raise UnknownDriver(_nothing_called(family, name))
    if len(found) > 1:
        who = " and ".join(sorted(_package(e) for e in found))
        raise UnknownDriver(f"driver {name}: two packages bring it, {who}; uninstall one")
    loaded = _imported(name, found[0])
    contract = FAMILIES.get(family, Device)
    for wanted in (contract, kind):
        if not (isinstance(loaded, type) and issubclass(loaded, wanted)):
            where = f"{wanted.__module__}.{wanted.__qualname__}"
            raise UnknownDriver(f"driver {name}: {found[0].value} of {_package(found[0])} is no {where}")
    missing = sorted(getattr(loaded, "__abstractmethods__", ()))
    if missing:
        raise UnknownDriver(f"driver {name}: {found[0].value} of {_package(found[0])} lacks {', '.join(missing)}")
    concrete: type[D] = loaded
    return concrete


def make(
    family: str, driver: str, kind: type[D], link_url: str, options: Mapping[str, Any] | None = None, name: str = ""
) -> D:
    """A device of `family` at `link_url`. Raises `UnknownDriver`, and `ValueError` for a bad link or option."""
    factory: Any = load_as(family, driver, kind)
    made: D = factory(name or family, link_url, dict(options or {}))
    return made


def _imported(name: str, entry: EntryPoint) -> Any:
    try:
        return entry.load()
    except Exception as error:
        words = f"driver {name}: {entry.value} of {_package(entry)} cannot be imported"
        raise UnknownDriver(f"{words}: {type(error).__name__}: {error}") from error


def _package(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else "a package without a name"


def _nothing_called(family: str, name: str) -> str:
    names = sorted({each.name for each in known()})
    if not names:
        return f"driver {name}: no drivers are installed at all; install the terminal's package (`make setup`)"
    of_family = [each for each in names if each.startswith(f"{family}.")]
    if of_family:
        return f"driver {name} is not installed; for {family} there are {', '.join(of_family)}"
    return f"driver {name} is not installed, and none for {family}; there are {', '.join(names)}"
