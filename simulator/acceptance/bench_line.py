"""The line to a bench: requests of its interface, and one connection to the live screen, kept open by a thread."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

CALL_S = 15.0
SHOT_S = 10.0
READY_S = 60.0
MOST_HEARD = 2000
MAX_MESSAGE = 16 * 1024 * 1024


class BenchLine:
    """The bench at `address`; the token may be in the address, as `kiosk-sim up` prints it. Raises `ConnectionError`
    when it is not there or shows no terminal within a minute."""

    def __init__(self, address: str, token: str = "") -> None:
        parts = urlsplit(address)
        token = token or parse_qs(parts.query).get("token", [""])[0]
        self.base = f"{parts.scheme or 'http'}://{parts.netloc}"
        self.screen: dict[str, Any] | None = None
        """The last `screen` message; None while the terminal shows nothing."""
        self.heard: list[str] = []
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.headers["Authorization"] = f"Bearer {token}"
        self._said: list[str] = []
        self._shots: dict[str, bytes] = {}
        self._news = threading.Condition()
        self.call("GET", "/api/state")
        self._socket: Any = None
        self._live = f"ws://{parts.netloc}/live?token={token}"
        self._reader = threading.Thread(target=self._read, name="bench-screen", daemon=True)
        self._reader.start()
        with self._news:
            if not self._news.wait_for(lambda: self.screen is not None, READY_S):
                raise ConnectionError(f"试验台 {self.base} 上没有自助机的画面")

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One request. Raises `ValueError` with the bench's sentence when it refuses, `ConnectionError`."""
        try:
            answer = self._http.request(method, self.base + path, json=body, timeout=CALL_S)
        except requests.RequestException as error:
            raise ConnectionError(f"试验台 {self.base} 没有回答：{type(error).__name__}") from None
        if not answer.ok:
            try:
                words = str(answer.json().get("detail", ""))[:400]
            except ValueError:
                words = answer.text[:400]
            raise ValueError(f"{method} {path}：{answer.status_code} {words}")
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        return answer.json() if is_json else answer.content

    @property
    def seq(self) -> int:
        """The number of the page that is shown; -1 while none is."""
        return int(self.screen.get("seq", 0)) if self.screen else -1

    def order(self, order: Mapping[str, Any]) -> None:
        """A touch, a press, a key."""
        self._socket.send(json.dumps(order))

    def until_another(self, before: int, within_s: float) -> None:
        """Wait until another page was painted than number `before`."""
        with self._news:
            self._news.wait_for(lambda: self.seq != before, within_s)

    def shot(self) -> bytes:
        """The picture as PNG; b"" when none came."""
        name = f"report-{time.monotonic_ns()}"
        self.order({"type": "shot", "id": name})
        with self._news:
            self._news.wait_for(lambda: name in self._shots, SHOT_S)
            return self._shots.pop(name, b"")

    def close(self) -> None:
        """The bench stays."""
        self._socket.close()
        self._reader.join(2.0)
        self._http.close()

    def _read(self) -> None:
        from websockets.exceptions import WebSocketException
        from websockets.sync.client import connect

        # The end of the line is no fault here: who waits sees that nothing is shown.
        with (
            suppress(WebSocketException, OSError),
            connect(self._live, open_timeout=CALL_S, max_size=MAX_MESSAGE, proxy=None) as self._socket,
        ):
            for message in self._socket:
                if isinstance(message, bytes):
                    self._socket.send(json.dumps({"type": "ack", "seq": int.from_bytes(message[:4], "big")}))
                else:
                    self._told(json.loads(message))

    def _told(self, message: dict[str, Any]) -> None:
        with self._news:
            match message.get("type"):
                case "screen":
                    self.screen = message
                    said = [str(words) for words in message.get("said") or ()]
                    if said != self._said:
                        self.heard += said
                        del self.heard[:-MOST_HEARD]
                    self._said = said
                case "gone":
                    self.screen = None
                case "shot":
                    self._shots[str(message.get("id"))] = base64.b64decode(message.get("png", ""))
            self._news.notify_all()
