"""requests -> ASGI app in the same process: no sockets, no waiting; for journeys under virtual time.

`session.mount(url, InProcessAdapter(app))`. The app runs in the calling thread on a loop of its own, whose clock jumps:
a server that takes 30 s answers at once, and a caller who waits 5 s gets a read timeout after the server has done its
work, as over a wire. Redirects, cookies and streaming are not there.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Coroutine, Mapping
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from starlette.types import ASGIApp, Message
from urllib3 import HTTPResponse

from simulator.platform.faults import DROP
from simulator.virtual_time import VirtualLoop

Carried: TypeAlias = tuple[list[Message], bool, float]
"""What the app sent, whether it dropped the connection, and how long it took (virtual seconds)."""


class InProcessAdapter(BaseAdapter):
    """A transport adapter that hands requests to `app`."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__()
        self._app = app

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float | None, float | None] | None = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """One exchange. Raises `requests.ReadTimeout`, `ConnectionError` or `ChunkedEncodingError` as over a wire."""
        del stream, verify, cert, proxies
        patience = timeout[1] if isinstance(timeout, tuple) else timeout
        messages, dropped, took = self.run(_exchange(self._app, request))
        if patience is not None and took > patience:
            raise requests.ReadTimeout(f"no answer within {patience:g} s", request=request)
        if dropped:
            broken = requests.exceptions.ChunkedEncodingError if messages else requests.ConnectionError
            raise broken("the connection was closed", request=request)
        body = b"".join(m.get("body", b"") for m in messages[1:])
        response = requests.Response()
        response.status_code = messages[0]["status"]
        response.headers = CaseInsensitiveDict((k.decode(), v.decode()) for k, v in messages[0]["headers"])
        response.raw = HTTPResponse(io.BytesIO(body), status=response.status_code, preload_content=False)
        response.request, response.url = request, request.url or ""
        return response

    def run(self, exchange: Coroutine[Any, Any, Carried]) -> Carried:
        """Run one exchange on a loop of its own."""
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(exchange)

    def close(self) -> None:
        """Nothing is open."""


class QuickAdapter(InProcessAdapter):
    """As `InProcessAdapter`, for many thousands of calls from one thread: they share one loop."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app)
        self._loop = VirtualLoop()

    def run(self, exchange: Coroutine[Any, Any, Carried]) -> Carried:
        """Run one exchange on the loop of all."""
        return self._loop.run_until_complete(exchange)

    def end(self) -> None:
        """Close the loop; `close` leaves it to the next session."""
        self._loop.close()


async def _exchange(app: ASGIApp, request: requests.PreparedRequest) -> Carried:
    """One request through the app."""
    url = urlsplit(request.url or "")
    body = request.body or b""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": unquote(url.path),
        "raw_path": url.path.encode(),
        "query_string": url.query.encode(),
        "root_path": "",
        "headers": [(str(k).lower().encode(), str(v).encode()) for k, v in request.headers.items()],
        "client": ("127.0.0.1", 1),
        "server": (url.hostname, url.port or 80),
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body.encode() if isinstance(body, str) else body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    loop = asyncio.get_running_loop()
    began = loop.time()
    await app(scope, receive, send)
    dropped = bool(sent) and sent[-1]["type"] == DROP
    return [m for m in sent if m["type"] != DROP], dropped, loop.time() - began
