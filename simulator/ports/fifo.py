"""A named pipe that stands for a keyboard under /dev/input: no machine of ours may make real ones (uinput)."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from simulator.ports.serve import Joint, Port, Tap
from simulator.wire.endpoint import DeviceEnd


class FifoPort(Port):
    """Only speaks. `unplug` is the end of the stream for whoever reads."""

    def __init__(self, end: DeviceEnd, address: str, tap: Tap | None = None) -> None:
        super().__init__(end, address, tap)
        self.path = Path(address.removeprefix("fifo:"))
        self._fd = -1

    async def plug(self) -> None:
        """Make the pipe. Raises `OSError`: something that is no pipe of ours stands at the path."""
        if self.plugged:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.is_fifo():
            self.path.unlink()
        os.mkfifo(self.path, 0o600)
        # Both ways, so that a reader which comes and goes never finds us gone.
        self._fd = os.open(self.path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self.plugged = True
        self.joint = Joint(self.end, self._write, self.tap, None)

    def _write(self, data: bytes) -> None:
        """Whole events or none: the kernel drops events, never parts of one."""
        for at in range(0, len(data), os.fpathconf(self._fd, "PC_PIPE_BUF") // 24 * 24):
            try:
                os.write(self._fd, data[at : at + os.fpathconf(self._fd, "PC_PIPE_BUF") // 24 * 24])
            except BlockingIOError:
                return

    async def unplug(self) -> None:
        """Take the keyboard away."""
        if not self.plugged:
            return
        self.plugged = False
        if self.joint:
            self.joint.close()
            self.joint = None
        os.close(self._fd)
        self._fd = -1
        self.path.unlink(missing_ok=True)
        await asyncio.sleep(0)
