"""The wires of a hall that are no byte streams: the licence printer without a socket, the line to the platform."""

from __future__ import annotations

from typing import Any, Protocol

import requests
from requests.adapters import BaseAdapter

from simulator.platform.inprocess import QuickAdapter


class Powered(Protocol):
    """Who says how much of what crosses a wire arrives."""

    def trip(self, name: str, direction: str, data: bytes) -> int:
        """How many octets of `data` cross."""
        ...


class Ipp:
    """Where the licence printer listens, without a socket."""

    host, port = "printer.test", 631

    def __init__(self) -> None:
        self.plugged = False

    async def plug(self) -> None:
        """Network on."""
        self.plugged = True

    async def unplug(self) -> None:
        """Network off."""
        self.plugged = False

    def drop(self) -> None:
        """There are no connections that stay."""

    def close(self) -> None:
        """Nobody listens any more."""
        self.plugged = False


class Network(BaseAdapter):
    """The terminal's line to the platform: what crosses it is counted, and without power nothing does."""

    def __init__(self, hall: Powered, platform: QuickAdapter) -> None:
        super().__init__()
        self._hall, self._platform = hall, platform

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """One exchange. Raises as `QuickAdapter.send`; `ConnectionError` where the power goes."""
        asked = f"{request.method} {request.path_url}".encode()
        if self._hall.trip("platform", "in", asked) < len(asked):
            raise requests.ConnectionError("no power", request=request)
        answer = self._platform.send(request, *args, **kwargs)
        if self._hall.trip("platform", "out", asked) < len(asked):
            raise requests.ConnectionError("no power", request=request)
        return answer

    def close(self) -> None:
        """The hall ends the platform."""
