"""What all simulated cameras have in common: a stream over HTTP and every way in which camera or line can fail.

| fault     | what it does                                                             | what a host must notice   |
|-----------|--------------------------------------------------------------------------|---------------------------|
| `freeze`  | the same picture for ever                                                | frozen                    |
| `stall`   | the line stays, nothing more comes                                       | no-signal                 |
| `silent`  | as `stall`, and new lookers get no answer at all                         | no-signal                 |
| `refuse`  | new lookers get 404, those who look are dropped                          | lost                      |
| `corrupt` | every picture ends in its middle                                         | corrupt                   |
| `slow`    | few pictures a second                                                    | live                      |
| `stale`   | nothing for some seconds, then all pictures of that time at once         | no-signal, then live      |

`close` resets the connections of those who look, once; they may come back at once.
"""

from __future__ import annotations

import inspect
import time
from abc import abstractmethod
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from drivers.camera.frames import Signal
from simulator.device import SimDevice, UnknownVerb
from simulator.ports.mjpeg import Greeting, MjpegServer

Trouble = Literal["", "freeze", "stall", "silent", "refuse", "corrupt", "slow", "stale"]
SEEN: MappingProxyType[Trouble, Signal] = MappingProxyType(
    {
        "": Signal.LIVE,
        "freeze": Signal.FROZEN,
        "stall": Signal.NO_SIGNAL,
        "silent": Signal.NO_SIGNAL,
        "refuse": Signal.LOST,
        "corrupt": Signal.CORRUPT,
        "slow": Signal.LIVE,
        "stale": Signal.NO_SIGNAL,
    }
)
"""What a host must notice of each fault."""
FAULT_VERBS = MappingProxyType(
    {
        "freeze": "the same picture for ever",
        "stall": "the line stays, nothing more comes",
        "silent": "as stall, and nobody who comes is answered",
        "refuse": "404 for those who come; those who look are dropped",
        "close": "those who look are dropped once",
        "corrupt": "every picture ends in its middle",
        "slow": "few pictures a second: fps (0.2 to the camera's own)",
        "stale": "nothing for seconds (0.5 to 10), then all that was missed at once",
        "restore": "the camera is well again; the scene stays",
    }
)
_TORN = 0.55  # the share of a JPEG that a torn one keeps
_STALE_S = (0.5, 10.0)


class MjpegCamera(SimDevice):
    """A camera at `http://host:port/path`. What it sees is `jpeg_at`; `rate` is its pictures a second."""

    rate: ClassVar[float]

    def __init__(self, address: str) -> None:
        super().__init__()
        self.server = MjpegServer(address, self, self.tap)
        self.trouble: Trouble = ""
        self._fps = self.rate
        self._frozen = b""
        self._stale_from = self._stale_until = 0.0

    @abstractmethod
    def jpeg_at(self, now: float) -> bytes:
        """What the lens sees at `now` (monotonic seconds), whole."""

    @property
    @abstractmethod
    def words(self) -> str:
        """What is before the lens, as a sentence."""

    @property
    def link(self) -> str:
        """Such as `http://127.0.0.1:18780/face.mjpg`."""
        return self.server.address

    async def plug(self) -> None:
        """Listen."""
        await self.server.plug()
        self.changed()

    async def unplug(self) -> None:
        """Stop listening; those who look are dropped."""
        await self.server.unplug()
        self.changed()

    def state(self) -> dict[str, Any]:
        """Scene, fault, who looks, and what a host must notice."""
        plugged = self.server.plugged
        fault = f"; fault: {self.trouble}" if self.trouble else ""
        return {
            "plugged": plugged,
            "words": (self.words + fault) if plugged else "unplugged",
            "fault": self.trouble,
            "fps": self.fps,
            "lookers": self.server.lookers,
            "signal": str(SEEN[self.trouble] if plugged else Signal.LOST),
        }

    def do(self, verb: str, **args: Any) -> dict[str, Any]:
        """Do it and return `state()`. Raises `UnknownVerb`, and `ValueError` for arguments that do not fit."""
        if verb not in self.verbs:
            raise UnknownVerb(f"{self.family}: no verb {verb!r}; there are {', '.join(self.verbs)}")
        act: Callable[..., None] = getattr(self, f"_{verb}")
        try:
            inspect.signature(act).bind(**args)
        except TypeError as error:
            raise ValueError(f"{self.family} {verb}: {error}; {self.verbs[verb]}") from None
        act(**args)
        self.changed()
        return self.state()

    def artefact(self, name: str) -> tuple[str, bytes]:
        """`now.jpg`: what the lens sees now, whatever the fault makes of it."""
        if name != "now.jpg":
            return super().artefact(name)
        return "image/jpeg", self.jpeg_at(time.monotonic())

    def decode(self, direction: str, data: bytes) -> str:
        """The first line of a head; pictures are not noted."""
        return data.split(b"\r\n", 1)[0].decode("latin-1")[:120]

    # What the server asks.

    @property
    def fps(self) -> float:
        """Pictures a second."""
        return self._fps if self.trouble == "slow" else self.rate

    def greeting(self) -> Greeting:
        """How one who comes is answered."""
        if self.trouble == "silent":
            return "silent"
        return "refuse" if self.trouble == "refuse" else "stream"

    def pictures(self, now: float) -> Sequence[bytes]:
        """The JPEGs of this moment under the fault that is armed: usually one, after a stale time all of it."""
        if self.trouble in ("stall", "silent", "refuse"):
            return ()
        if self.trouble == "freeze":
            return (self._frozen,)
        if self.trouble == "stale" and now < self._stale_until:
            return ()
        if self.trouble == "stale":
            # Every looker's first tick after the silence gets the whole of it; then the camera is well.
            if now < self._stale_until + 1.5 / self.rate:
                missed = round((self._stale_until - self._stale_from) * self.rate)
                return [self.jpeg_at(self._stale_from + i / self.rate) for i in range(missed)]
            self.trouble = ""
            self.changed()
        jpeg = self.jpeg_at(now)
        return (jpeg[: int(len(jpeg) * _TORN)] if self.trouble == "corrupt" else jpeg,)

    def _freeze(self) -> None:
        self._frozen = self.jpeg_at(time.monotonic())
        self.trouble = "freeze"

    def _stall(self) -> None:
        self.trouble = "stall"

    def _silent(self) -> None:
        self.trouble = "silent"

    def _refuse(self) -> None:
        self.trouble = "refuse"
        self.server.drop()

    def _close(self) -> None:
        self.server.drop()

    def _corrupt(self) -> None:
        self.trouble = "corrupt"

    def _slow(self, fps: float = 2.0) -> None:
        if not 0.2 <= fps <= self.rate:
            raise ValueError(f"{self.family} slow: fps {fps}; 0.2 to {self.rate:.0f}")
        self._fps, self.trouble = float(fps), "slow"

    def _stale(self, seconds: float = 3.0) -> None:
        if not _STALE_S[0] <= seconds <= _STALE_S[1]:
            raise ValueError(f"{self.family} stale: seconds {seconds}; {_STALE_S[0]} to {_STALE_S[1]:.0f}")
        self._stale_from = time.monotonic()
        self._stale_until = self._stale_from + seconds
        self.trouble = "stale"

    def _restore(self) -> None:
        self.trouble = ""
