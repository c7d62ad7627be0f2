"""Our own programs as child processes: in a group of their own, logged to a file, tied to our life, ended cleanly."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

TETHER = Path(__file__).with_name("tether.py")
GRACE_S = 12.0
TAIL_BYTES = 4000


def program(name: str) -> list[str]:
    """How to start our console script `name` (`kiosk`, `kiosk-sim`) with the interpreter that runs us."""
    module = {"kiosk": "kiosk.launch", "kiosk-sim": "simulator.cli"}[name]
    # -P: a folder `config` where somebody happens to stand is not ours.
    return [sys.executable, "-P", "-c", f"import sys; sys.argv[0] = {name!r}; from {module} import main; main()"]


class Process:
    """One child. `changed` is called when it started or ended; `state()` is what the bench shows of it."""

    def __init__(
        self, name: str, argv: Sequence[str], log: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> None:
        self.name = name
        self.argv = list(argv)
        self.log = log
        self.env = dict(env or {})
        self.cwd = cwd
        self.changed: Callable[[], None] = lambda: None
        self.starts = 0
        self.started_at = 0.0
        self.wanted = False
        self.disk_refuses = False
        self._child: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """True while the child lives."""
        return self._child is not None and self._child.returncode is None

    @property
    def pid(self) -> int | None:
        """The child's process id while it lives."""
        return self._child.pid if self._child and self.running else None

    @property
    def returncode(self) -> int | None:
        """How it ended: exit status, or minus the signal; None before the first start and while it runs."""
        return self._child.returncode if self._child else None

    async def start(self) -> None:
        """Start it unless it runs. Its output goes to the end of `log`."""
        if self.running:
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        tied = [sys.executable, "-I", "-S", str(TETHER), str(os.getpid()), *self.argv]
        with self.log.open("ab") as out:
            self._child = await asyncio.create_subprocess_exec(
                *tied,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=asyncio.subprocess.STDOUT,
                env={**os.environ, **self.env},
                cwd=self.cwd,
                start_new_session=True,
            )
        self.starts += 1
        self.disk_refuses = False
        self.started_at = time.time()
        self.wanted = True
        self._watch = asyncio.create_task(self._wait(self._child))
        self.changed()

    async def _wait(self, child: asyncio.subprocess.Process) -> None:
        await child.wait()
        self._signal(signal.SIGKILL)  # whatever it left behind in its group
        self.changed()

    async def stop(self, grace_s: float = GRACE_S) -> None:
        """SIGTERM to the group, SIGKILL after `grace_s` seconds. Returns when it has ended."""
        self.wanted = False
        child = self._child
        if child is None:
            return
        if child.returncode is None:
            self._signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(child.wait(), grace_s)
            except TimeoutError:
                self._signal(signal.SIGKILL)
        await self._gone()

    async def kill(self) -> None:
        """SIGKILL to the group, as a power cut would end it. Returns when it has ended."""
        if self.running:
            self._signal(signal.SIGKILL)
        await self._gone()

    async def refuse_disk(self) -> None:
        """From now on no file takes what it writes, as on a full disk, until `mend_disk` or the next start. Raises
        `RuntimeError` when it does not run, `OSError` when the system does not let us."""
        self._limit_files(0)

    async def mend_disk(self) -> None:
        """Files take what it writes again. Raises as `refuse_disk`."""
        self._limit_files(resource.RLIM_INFINITY)

    def _limit_files(self, octets: int) -> None:
        """The kernel refuses every write beyond `octets`; reading, pipes and sockets go on."""
        pid = self.pid
        if pid is None:
            raise RuntimeError(f"{self.name} does not run: start it first")
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        soft = hard if octets == resource.RLIM_INFINITY else octets
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))
        self.disk_refuses = octets == 0
        self.changed()

    async def _gone(self) -> None:
        if self._watch:
            await asyncio.shield(self._watch)

    def _signal(self, number: signal.Signals) -> None:
        if self._child:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._child.pid, number)

    def tail(self) -> str:
        """The last lines of its log."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, self.log.stat().st_size - TAIL_BYTES))
                return file.read(TAIL_BYTES).decode("utf-8", "replace")
        except OSError:
            return ""

    def state(self) -> dict[str, Any]:
        """For the bench: running, pid, how it ended, how often it was started."""
        code = None if self.running else self.returncode
        if self.running:
            words = f"running, pid {self.pid}"
        elif code is None:
            words = "not started"
        elif code < 0:
            words = f"ended by {signal.Signals(-code).name}"
        else:
            words = "ended" if code == 0 else f"ended with status {code}"
        return {
            "name": self.name,
            "running": self.running,
            "pid": self.pid,
            "returncode": code,
            "starts": self.starts,
            "started_at": self.started_at,
            "disk_refuses": self.running and self.disk_refuses,
            "unexpected": self.wanted and not self.running and self.starts > 0,
            "words": words,
        }
