"""The device's end of a protocol, as every simulated device implements it: bytes in, bytes out, and when to wake it.

Pure: it owns no task, no timer, no clock. `simulator.ports` joins it to a pty, a TCP port or a memory link.
"""

from __future__ import annotations

from typing import Protocol


class DeviceEnd(Protocol):
    """One side of one wire. All times are seconds of the caller's monotonic clock."""

    def connected(self, now: float) -> bytes:
        """The host opened the line; returns what the device says unasked (usually nothing)."""
        ...

    def receive(self, now: float, data: bytes) -> bytes:
        """Bytes from the host; returns the bytes to send now."""
        ...

    def wake(self, now: float) -> bytes:
        """Called when `wake_at` has come (or a person touched the model); returns the bytes to send now."""
        ...

    @property
    def wake_at(self) -> float | None:
        """When to call `wake`, or None."""
        ...

    @property
    def hang_up(self) -> bool:
        """True when the device wants the connection closed (power cut, idle close); reading it clears the wish."""
        ...
