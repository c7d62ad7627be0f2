"""The terminal about itself: how it is, what it is told to do, its faults, what is near. Errors as in `Platform`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from kiosk.platform.connection import Connection, Question
from kiosk.platform.errors import BadReply
from kiosk.platform.messages import Bilingual
from kiosk.platform.reading import Members
from kiosk.platform.signing import verify, verify_signed

MOST_COMMANDS = 20
MOST_PLACES = 500
Ended = Literal["DONE", "REFUSED", "FAILED"]
_KINDS = frozenset({"hall", "township"})
_RINGS = frozenset({"pilot", "early", "all"})


@dataclass(frozen=True, slots=True)
class Pulse:
    """The answer to a heartbeat: the platform's time, how many commands wait."""

    at: datetime
    commands: int


@dataclass(frozen=True, slots=True)
class Command:
    """What the office orders; its signature was verified. `params` are short texts."""

    id: str
    name: str
    params: Mapping[str, str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where else somebody can go. `metres` None: nobody has said how far it is."""

    id: str
    kind: str
    name: Bilingual
    district: Bilingual
    metres: int | None
    terminals: int
    counter: bool


@dataclass(frozen=True, slots=True)
class Release:
    """The programs that this terminal should run; the signature was verified. `rollback` is "" for none."""

    version: str
    ring: str
    sha256: str
    size: int
    published_at: datetime
    rollback: str


class Devices:
    """Calls of `Platform` that concern this terminal."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._own = f"/devices/{connection.kiosk}"

    async def profile(
        self, modules: Sequence[Mapping[str, str]], versions: Mapping[str, str], capabilities: Sequence[str]
    ) -> None:
        """Say what the terminal is made of: module, driver and model of each."""
        body = {"modules": [dict(m) for m in modules], "versions": dict(versions), "capabilities": list(capabilities)}
        await self._connection.ask(Question("PUT", f"{self._own}/profile", body))

    async def heartbeat(self, body: Mapping[str, Any]) -> Pulse:
        """Say how the terminal is (`Heartbeat` of the contract)."""
        reply = await self._connection.ask(Question("POST", f"{self._own}/heartbeats", body))
        m = Members(reply.content, "HeartbeatReply")
        return Pulse(m.time("server_time"), m.number("commands", 0, 1000))

    async def commands(self, wait_s: int) -> tuple[Command, ...]:
        """What is to be done, oldest first; waits up to `wait_s` (0 to 25) for it."""
        deadline_s = self._connection.settings.deadline_s + wait_s
        question = Question("GET", f"{self._own}/commands?wait={wait_s}", deadline_s=deadline_s)
        m = Members((await self._connection.ask(question)).content, "Commands")
        return tuple(self._command(entry) for entry in m.each("items", MOST_COMMANDS))

    def _command(self, entry: Any) -> Command:
        m = Members(entry, "Command")
        name = m.id("id")
        verify(entry, self._connection.settings.public_key, kiosk=self._connection.kiosk, intent=name)
        params = m.words("params", 10, 500)
        return Command(name, m.text("name", 40), params, m.time("expires_at"))

    async def ended(self, command: str, key: str, state: Ended, words: str, at: str) -> None:
        """What became of a command; `words` hold nothing personal, `at` is RFC 3339 in whole seconds."""
        body = {"state": state, "words": words[:200], "at": at}
        await self._connection.ask(
            Question("POST", f"{self._own}/commands/{quote(command, safe='')}/result", body, key=key)
        )

    async def fault(self, key: str, body: Mapping[str, Any]) -> bool:
        """A module has a fault, or has it no more (`DeviceFault` of the contract); false when that was known."""
        reply = await self._connection.ask(Question("POST", f"{self._own}/faults", body, key=key))
        return Members(reply.content, "DeviceFaultKept").flag("news")

    async def nearby(self, service: str = "") -> tuple[Place, ...]:
        """Where else somebody can go, nearest first; for one service where it is named."""
        found: list[Place] = []
        cursor = ""
        asked = f"&service={quote(service, safe='')}" if service else ""
        while True:
            path = f"{self._own}/nearby?limit=200{asked}" + (f"&cursor={quote(cursor, safe='')}" if cursor else "")
            m = Members((await self._connection.ask(Question("GET", path))).content, "Places")
            found += [_place(place) for place in m.objects("items", 200)]
            following = m.id_or_none("next_cursor")
            if following is None:
                return tuple(found)
            if following == cursor or len(found) >= MOST_PLACES:
                raise BadReply("Places.next_cursor: the list does not end")
            cursor = following

    async def release(self) -> Release:
        """Which programs this terminal should run."""
        reply = await self._connection.ask(Question("GET", "/releases/current"))
        m = Members(reply.content, "Release")
        verify_signed(reply.content, self._connection.settings.public_key)
        return Release(
            m.text("version", 20),
            m.word("ring", _RINGS),
            m.text("sha256", 64),
            m.number("size", 1, 1 << 32),
            m.time("published_at"),
            m.text("rollback", 20),
        )


def _place(m: Members) -> Place:
    return Place(
        m.id("id"),
        m.word("kind", _KINDS),
        _words(m.members("name")),
        _words(m.members("district")),
        m.number_or_none("metres", 0, 1_000_000),
        m.number("terminals", 0, 1000),
        m.flag("counter"),
    )


def _words(m: Members) -> Bilingual:
    return Bilingual(m.text("zh"), m.text("en"))
