"""What terminals send about themselves. Strict, bounded, as the contract's `devices.yaml` has it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulator.platform.models import Sent, Time

Module = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$", max_length=40)]
Cause = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,59}$", max_length=60)]
Counts = Annotated[
    dict[
        Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,59}$", max_length=60)],
        Annotated[int, Field(ge=0, le=1_000_000_000_000)],
    ],
    Field(max_length=100),
]
Version = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$", max_length=40)]


class EnrolmentRequest(Sent):
    """A terminal brings its key."""

    activation: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{6,40}$", max_length=40)]
    algorithm: Literal["ed25519", "sm2-sm3"]
    public_key: Annotated[str, Field(pattern=r"^([0-9a-f]{64}|[0-9a-f]{128})$", max_length=128)]


class ModuleMade(Sent):
    """One module of a terminal."""

    module: Module
    driver: Annotated[str, Field(max_length=60)]
    model: Annotated[str, Field(max_length=80)]


class DeviceProfile(Sent):
    """What a terminal is made of."""

    modules: Annotated[list[ModuleMade], Field(max_length=32)]
    versions: Annotated[dict[Version, Annotated[str, Field(max_length=80)]], Field(max_length=20)]
    capabilities: Annotated[list[Module], Field(max_length=64)]


class ModuleNow(Sent):
    """How a module is: -1 there is none, 0 not known, 1 well, 2 a warning, 3 a citizen can mend it, 4 out of work."""

    module: Module
    state: Annotated[int, Field(ge=-1, le=4)]
    cause: Annotated[str, Field(pattern=r"^([a-z][a-z0-9-]{1,59})?$", max_length=60)]


class JournalNow(Sent):
    """What waits on the terminal's disk."""

    waiting: Annotated[int, Field(ge=0, le=1_000_000)]
    oldest_s: Annotated[int, Field(ge=0, le=100_000_000)]
    trouble: Annotated[str, Field(pattern=r"^[a-z0-9-]{0,60}$", max_length=60)]


class ClockNow(Sent):
    """The terminal's time, and how far ours is from it."""

    at: Time
    off_ms: Annotated[int, Field(ge=-10_000_000_000_000, le=10_000_000_000_000)]


class Heartbeat(Sent):
    """How a terminal is."""

    state: Literal["ready", "busy", "closed", "out-of-work"]
    modules: Annotated[list[ModuleNow], Field(max_length=32)]
    counters: Counts
    stock: Counts
    journal: JournalNow
    clock: ClockNow


class CommandResult(Sent):
    """What became of a command."""

    state: Literal["DONE", "REFUSED", "FAILED"]
    words: Annotated[str, Field(max_length=200)]
    at: Time


class DeviceFault(Sent):
    """A fault, or its end."""

    module: Module
    cause: Cause
    open: bool
    severity: Literal["warning", "fault"]
    who: Literal["citizen", "attendant", "technician", "vendor"]
    at: Time
