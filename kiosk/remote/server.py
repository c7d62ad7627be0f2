"""Serves the socket of `kiosk ctl`: who may ask, how much, for how long; what is asked is done by `kiosk.remote.verbs`.

| what comes                                | what is answered, and then                    |
|-------------------------------------------|-----------------------------------------------|
| a user who is none of ours                | not-yours; on record; closed                  |
| one more client than `clients`            | too-many; closed                              |
| nothing whole within `LINE_S`             | too-slow; closed                              |
| more than `MOST_REQUEST` without an end   | too-long; closed                              |
| what cannot be read                       | not-understood; closed after `MOST_BAD` of it |
| a request                                 | its answer; then the next                     |

An answer that nobody takes within `SEND_S` ends the connection, and what it waits for: whoever went away wants nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from kiosk.remote.lines import MOST_REQUEST, Refused, Request, Result, line_of, read_request, refusal
from kiosk.remote.socket_file import Credentials, Peer, identity, listening, peer_of, taken_away

log = logging.getLogger(__name__)

LINE_S: Final = 30.0
SEND_S: Final = 10.0
STILL_S: Final = 2.0
"""So often a client that waits hears that it is not forgotten."""
MOST_BAD: Final = 3


class Still:
    """What is being waited for, as the verb under way says it; "" nothing yet."""

    words = ""


Do = Callable[[Request, Peer, Still], Awaitable[Result]]
"""Does what is asked. Raises `Refused`; cancelled when whoever asked went away."""
Strange = Callable[[Peer], Awaitable[None]]
"""Somebody connected who may not."""


class Server:
    """One socket. `run` serves it until cancelled."""

    def __init__(
        self,
        path: Path,
        do: Do,
        strange: Strange,
        *,
        uids: Collection[int],
        clients: int,
        credentials: Credentials = peer_of,
        line_s: float = LINE_S,
        send_s: float = SEND_S,
    ) -> None:
        self.path = path
        self.ready = asyncio.Event()
        self._do = do
        self._strange = strange
        self._uids = frozenset(uids)
        self._most = clients
        self._credentials = credentials
        self._line_s = line_s
        self._send_s = send_s
        self._clients: set[asyncio.Task[Any]] = set()

    async def run(self) -> None:
        """Raises `InUse`, `OSError` when it cannot listen there."""
        made = listening(self.path)
        ours = identity(self.path)
        server = await asyncio.start_unix_server(self._client, sock=made, limit=MOST_REQUEST)
        self.ready.set()
        try:
            await server.serve_forever()
        finally:
            taken_away(self.path, ours)
            server.close()
            for task in self._clients:
                task.cancel()
            if self._clients:
                await asyncio.wait(self._clients, timeout=self._send_s)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        try:
            with suppress(ConnectionError, TimeoutError):
                await self._serve(reader, writer)
        except Exception:
            log.exception("ctl: a client's connection ended by a program error")
        finally:
            self._clients.discard(task)
            writer.close()
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(1.0):
                    await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = self._credentials(writer.get_extra_info("socket"))
        if peer.uid not in self._uids:
            await self._strange(peer)
            words = "this user may not ask this terminal"
            await self._send(writer, refusal(Refused("not-yours", words, "use sudo, or name the user in remote.uids")))
            return
        if len(self._clients) > self._most:
            words = f"{self._most} clients are connected already"
            await self._send(writer, refusal(Refused("too-many", words, "end one of them")))
            return
        bad = 0
        while bad < MOST_BAD:
            try:
                async with asyncio.timeout(self._line_s):
                    line = await reader.readuntil(b"\n")
            except asyncio.IncompleteReadError:
                return
            except TimeoutError:
                words = f"nothing whole came within {self._line_s:g} s"
                await self._send(writer, refusal(Refused("too-slow", words)))
                return
            except asyncio.LimitOverrunError:
                words = f"a request is at most {MOST_REQUEST} octets"
                await self._send(writer, refusal(Refused("too-long", words)))
                return
            try:
                request = read_request(line)
            except Refused as refused:
                bad += 1
                await self._send(writer, refusal(refused))
                continue
            await self._answer(request, peer, writer)

    async def _answer(self, request: Request, peer: Peer, writer: asyncio.StreamWriter) -> None:
        still = Still()
        doing = asyncio.ensure_future(self._do(request, peer, still))
        try:
            while not (await asyncio.wait({doing}, timeout=STILL_S))[0]:
                await self._send(writer, {"still": still.words or "under way"})
        finally:
            if not doing.done():
                doing.cancel()
                await asyncio.wait({doing}, timeout=self._send_s)
        try:
            body: dict[str, Any] = {"ok": True, "result": doing.result()}
        except Refused as refused:
            body = refusal(refused)
        except Exception as error:
            log.exception("ctl: %s ended by a program error", request.verb)
            body = refusal(Refused("internal", f"a program error: {type(error).__name__}", "look at the log"))
        await self._send(writer, body)

    async def _send(self, writer: asyncio.StreamWriter, body: dict[str, Any]) -> None:
        """Raises `ConnectionError` when nobody is there any more, `TimeoutError` when nobody takes it."""
        if writer.is_closing():
            raise ConnectionResetError("the client has gone")
        writer.write(line_of(body))
        async with asyncio.timeout(self._send_s):
            await writer.drain()
