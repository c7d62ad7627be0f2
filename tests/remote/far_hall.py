"""A technician far away from a hall: what they ask goes through the table of verbs, as the socket hands it over."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from work_hall import workshop

from kiosk.in_process.terminal import entries
from kiosk.remote.lines import Refused, Request
from kiosk.remote.server import Still
from kiosk.remote.sign_in import SignIn
from kiosk.remote.socket_file import Peer
from kiosk.remote.verbs import Verbs
from simulator.hall import Hall

US, OTHER = Peer(0, 1, 1000), Peer(1000, 2, 1000)
KIOSK = "WH-HC-0003"


class _Panel:
    """The terminal's own panel, as a page."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self.shots: Any = SimpleNamespace(ask=None)

    @property
    def screen(self) -> Any:
        shown = self._hall.life.shown
        return shown._screen if shown is not None else None


class Afar:
    """One who asks; `as` another user with `peer`."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.signed = SignIn(workshop(hall))
        self.panel = _Panel(hall)
        self.verbs = Verbs(workshop(hall), self.signed, self.panel)
        self.watch = asyncio.create_task(self.signed.run())

    async def ask(self, verb: str, peer: Peer = US, **args: Any) -> dict[str, Any]:
        return dict(await self.verbs.do(Request(verb, args), peer, Still()))

    async def no(self, verb: str, peer: Peer = US, **args: Any) -> Refused:
        """What it is refused with."""
        try:
            told = await self.ask(verb, peer, **args)
        except Refused as refused:
            return refused
        raise AssertionError(f"{verb} was not refused: {told}")

    async def code(self, role: str = "supervisor", purpose: str = "remote") -> str:
        made = await self.hall.desk("technician-codes", kiosk=KIOSK, role=role, purpose=purpose, form="signed")
        return str(made["code"])

    async def sign_in(self, role: str = "supervisor") -> None:
        assert (await self.ask("sign-in", code=await self.code(role)))["role"] == role

    async def press(self, key: str, value: str = "") -> dict[str, Any]:
        return await self.ask("press", key=key, value=value)

    def record(self, *kinds: str) -> list[dict[str, Any]]:
        import json
        from pathlib import Path

        return [json.loads(row["body"]) for kind in kinds for row in entries(Path(self.hall.folder), kind)]

    def acts(self) -> list[tuple[str, str, str]]:
        return [(b["act"], b["phase"], b["outcome"]) for b in self.record("technician")]

    async def over(self) -> None:
        self.watch.cancel()
        await asyncio.gather(self.watch, return_exceptions=True)
        self.verbs.wires.end_all()
