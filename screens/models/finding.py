"""Home, fields, guides."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One service in a list. `kind` is the verb (apply, pay, verify, print, query); `reason` says why not."""

    id: str
    name: str
    kind: str
    fee: str
    minutes: int
    available: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field of services (public security, tax, ...). `icon` is a Material Symbols name."""

    key: str
    name: str
    icon: str
    note: str
    count: int


@dataclass(frozen=True, slots=True)
class Home:
    """What can be done here. `limits` are sentences about what cannot, and where else."""

    fields: tuple[FieldLine, ...]
    popular: tuple[ServiceLine, ...]
    available: int
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldPage:
    """All services of one field."""

    field: FieldLine
    services: tuple[ServiceLine, ...]


@dataclass(frozen=True, slots=True)
class Guide:
    """The six elements of a service guide, and whether it can be started here now."""

    service: ServiceLine
    basis: str
    materials: tuple[str, ...]
    procedure: tuple[str, ...]
    fee: str
    fee_basis: str
    time_limit: str
    output: str
    authority: str
    elsewhere: str = ""
