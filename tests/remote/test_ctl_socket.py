"""The socket of `kiosk ctl`, a real one: who may ask, how much, for how long, and what a crash leaves."""

from __future__ import annotations

import asyncio
import json
import socket
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from kiosk.remote.asking import NoTerminal, ask
from kiosk.remote.lines import MOST_REQUEST, VERSION, Refused, Request, Result, line_of, read_request, refusal
from kiosk.remote.server import MOST_BAD, Server, Still
from kiosk.remote.socket_file import InUse, Peer, connected, listening

US = Peer(1000, 4711, 1000)


class Doing:
    """In place of the verbs."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.cut: list[str] = []
        self.strangers: list[Peer] = []

    async def do(self, request: Request, peer: Peer, still: Still) -> Result:
        assert peer == US
        self.asked.append(request)
        if request.verb == "bug":
            raise ZeroDivisionError
        if request.verb == "no":
            raise Refused("busy", "not now", "later")
        if request.verb == "long":
            still.words = "waiting"
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                self.cut.append(request.verb)
                raise
        return {"verb": request.verb, **request.args}

    async def stranger(self, peer: Peer) -> None:
        self.strangers.append(peer)


@asynccontextmanager
async def served(
    path: Path, doing: Doing, peer: Callable[[Any], Peer] = lambda _: US, **more: Any
) -> AsyncIterator[None]:
    server = Server(path, doing.do, doing.stranger, uids={1000}, credentials=peer, **{"clients": 2} | more)
    task = asyncio.create_task(server.run())
    await asyncio.wait({task, asyncio.ensure_future(server.ready.wait())}, return_when=asyncio.FIRST_COMPLETED)
    try:
        if task.done():
            task.result()
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Wire:
    """A client that says what it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, path: Path) -> Wire:
        sock = connected(path, 1.0)
        sock.setblocking(False)
        return cls(*await asyncio.open_unix_connection(sock=sock))

    async def hear(self) -> dict[str, Any]:
        """The next line; {} when the other end has closed."""
        async with asyncio.timeout(5):
            line = await self.reader.readline()
        return json.loads(line) if line else {}

    async def say(self, octets: bytes) -> dict[str, Any]:
        self.writer.write(octets)
        return await self.hear()

    async def code(self, octets: bytes) -> str:
        told = await self.say(octets)
        return str(told["error"]["code"])

    async def bye(self) -> None:
        self.writer.close()
        await asyncio.gather(self.writer.wait_closed(), return_exceptions=True)


def request(verb: str, **args: Any) -> bytes:
    return json.dumps({"v": VERSION, "verb": verb, "args": args}).encode() + b"\n"


async def test_answers_one_request_after_another_for_its_owner_alone(tmp_path: Path) -> None:
    path = (
        tmp_path / ("a-long-name-" * 12) / ("and-longer-" * 8) / "ctl.sock"
    )  # a socket's name has room for 107 octets
    doing = Doing()
    async with served(path, doing):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        wire = await Wire.to(path)
        assert await wire.say(request("logs", lines=3)) == {"v": 1, "ok": True, "result": {"verb": "logs", "lines": 3}}
        told = await wire.say(request("no"))
        assert told == {"v": 1, "ok": False, "error": {"code": "busy", "message": "not now", "remedy": "later"}}
        assert await wire.code(request("bug")) == "internal"
        assert (await wire.say(request("status")))["ok"]
        await wire.bye()
        assert await asyncio.to_thread(ask, path, "status", {"a": True}) == {"verb": "status", "a": True}
        with pytest.raises(Refused, match="not now"):
            await asyncio.to_thread(ask, path, "no", {})
    assert not path.exists()
    with pytest.raises(NoTerminal, match="no terminal runs there"):
        ask(path, "status", {})


async def test_another_user_is_turned_away_and_told_of(tmp_path: Path) -> None:
    doing, who = Doing(), Peer(1001, 99, 1001)
    async with served(tmp_path / "s", doing, lambda _: who):
        wire = await Wire.to(tmp_path / "s")
        assert (await wire.hear())["error"]["code"] == "not-yours"
        assert await wire.hear() == {}
        await wire.bye()
    assert (doing.strangers, doing.asked) == ([who], [])


def test_the_kernel_says_who_connected(tmp_path: Path) -> None:
    import os

    from kiosk.remote.socket_file import peer_of

    with closing(listening(tmp_path / "s")) as ear, closing(connected(tmp_path / "s", 1.0)):
        there, _ = ear.accept()
        with closing(there):
            assert (peer_of(there).uid, peer_of(there).pid) == (os.geteuid(), os.getpid())


async def test_garbage_is_answered_and_ends_the_connection_at_last(tmp_path: Path) -> None:
    doing = Doing()
    async with served(tmp_path / "s", doing):
        wire = await Wire.to(tmp_path / "s")
        for octets in (b"\xff\xfe\x00\n", b"[" * 3000 + b"\n", b'{"v": 2, "verb": "status"}\n')[:MOST_BAD]:
            assert await wire.code(octets) == "not-understood"
        assert await wire.hear() == {}
        await wire.bye()
        wire = await Wire.to(tmp_path / "s")
        assert await wire.code(b"x" * (MOST_REQUEST + 100)) == "too-long"
        await wire.bye()
    assert doing.asked == []


@pytest.mark.parametrize(
    "line",
    [
        b"\n", b"null\n", b'"status"\n', b'{"v": 1}\n', b'{"v": true, "verb": "status"}\n', b'{"v": 1, "verb": 7}\n',
        b'{"v": 1, "verb": "status", "more": 1}\n', b'{"v": 1, "verb": "s", "args": {"a": [1]}}\n',
        b'{"v": 1, "verb": "s", "args": {"a": 1.5}}\n', b'{"v": 1, "verb": "s", "args": {"a": "\\u0000"}}\n',
        b'{"v": 1, "verb": "s", "args": {"\\ud800": 1}}\n', b'{"v": "\\ud800", "verb": "s"}\n',
        b'{"v": 1, "verb": "s", "args": {"a": 99999999999}}\n', b'{"v": 1, "verb": "s", "args": []}\n',
        json.dumps({"v": 1, "verb": "s", "args": {str(n): n for n in range(9)}}).encode() + b"\n",
        json.dumps({"v": 1, "verb": "s", "args": {"a": "x" * 401}}).encode() + b"\n",
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused_with_a_reason(line: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read_request(line)
    assert refused.value.code == "not-understood"
    assert line_of(refusal(refused.value))  # half a character is no reason to say nothing


async def test_slow_clients_and_too_many_are_ended(tmp_path: Path) -> None:
    async with served(tmp_path / "s", Doing(), line_s=0.2):
        wire = await Wire.to(tmp_path / "s")
        assert await wire.code(b'{"v": 1, ') == "too-slow"
        await wire.bye()
    async with served(tmp_path / "s", Doing()):
        there = [await Wire.to(tmp_path / "s") for _ in range(2)]
        for each in there:
            assert (await each.say(request("status")))["ok"]
        third = await Wire.to(tmp_path / "s")
        assert (await third.hear())["error"]["code"] == "too-many"
        for each in (*there, third):
            await each.bye()
        await asyncio.sleep(0.05)
        again = await Wire.to(tmp_path / "s")
        assert (await again.say(request("status")))["ok"]
        await again.bye()


async def test_who_goes_away_while_it_takes_long_wants_nothing_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.remote.server.STILL_S", 0.05)
    doing = Doing()
    async with served(tmp_path / "s", doing):
        wire = await Wire.to(tmp_path / "s")
        assert await wire.say(request("long")) == {"v": 1, "still": "waiting"}
        await wire.bye()
        async with asyncio.timeout(5):
            while not doing.cut:
                await asyncio.sleep(0.02)


async def test_a_socket_of_a_crash_is_replaced_and_one_in_use_is_not(tmp_path: Path) -> None:
    path = tmp_path / "s"
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()  # as a crash: the file stays
    async with served(path, Doing()):
        assert await asyncio.to_thread(ask, path, "status", {}) == {"verb": "status"}
        with pytest.raises(InUse):
            await asyncio.to_thread(listening, path)
        assert await asyncio.to_thread(ask, path, "status", {}) == {"verb": "status"}
    path.write_text("not a socket")
    with pytest.raises(FileExistsError):
        listening(path)
    assert path.read_text() == "not a socket"
