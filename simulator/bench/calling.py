"""How a program calls a running bench: where it is, its token, and its answers as values or sentences.

`kiosk-sim up` leaves a card with address and token in its folder (0600); the address that it prints carries both too.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import requests

CARD: Final = "bench.json"
USUAL: Final = Path("build/run") / CARD
CALL_S: Final = 40.0
"""Longer than everything that the bench waits for: a terminal that ends in good order, a page that comes."""


class NoBench(RuntimeError):
    """No bench was found or it does not answer; the message says what to do."""


class Refused(RuntimeError):
    """The bench said no; the message is its sentence, `status` its HTTP status."""

    def __init__(self, words: str, status: int) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True, slots=True)
class Address:
    """`http://127.0.0.1:PORT` and the token."""

    url: str
    token: str


def write_card(folder: Path, url: str, token: str) -> None:
    """Leave address and token in `folder` for `kiosk-sim ctl` and for tests; owner only."""
    path = folder / CARD
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps({"url": url, "token": token}) + "\n", encoding="utf-8")


def forget_card(folder: Path, token: str) -> None:
    """Take the card of the bench with this token away: it has ended. Another one's stays."""
    path = folder / CARD
    if path.exists() and token in path.read_text(encoding="utf-8"):
        path.unlink(missing_ok=True)


def find(bench: str = "", token: str = "", environment: Mapping[str, str] = os.environ) -> Address:
    """By what was said, else by KIOSK_BENCH and KIOSK_BENCH_TOKEN, else by the card in build/run. Raises `NoBench`.

    `bench` may be the address that was printed, token and all, or a folder with a card.
    """
    said = bench or environment.get("KIOSK_BENCH", "")
    given = token or environment.get("KIOSK_BENCH_TOKEN", "")
    if said.startswith("http"):
        parts = urlsplit(said)
        given = given or parse_qs(parts.query).get("token", [""])[0]
        if not given:
            raise NoBench("the bench's token is missing: give the whole address that kiosk-sim printed, or --token")
        return Address(f"{parts.scheme}://{parts.netloc}", given)
    card = Path(said) / CARD if said else USUAL
    try:
        found = json.loads(card.read_text(encoding="utf-8"))
        return Address(str(found["url"]), str(found["token"]))
    except (OSError, ValueError, KeyError):
        raise NoBench(
            f"no bench found ({card} is not there): start one with `kiosk-sim up` here, or say where it is with "
            "--bench 'http://127.0.0.1:8080/?token=...'"
        ) from None


class Caller:
    """One program at one bench. Raises `NoBench`, `Refused`."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {address.token}"

    def get(self, path: str, **query: Any) -> Any:
        """GET as JSON."""
        return self._asked("GET", path, params=query).json()

    def raw(self, path: str, **query: Any) -> bytes:
        """GET as bytes."""
        return self._asked("GET", path, params=query).content

    def post(self, path: str, body: Any = None) -> Any:
        """POST JSON; answers JSON."""
        return self._asked("POST", path, json=body if body is not None else {}).json()

    def send(self, path: str, data: bytes, media: str) -> Any:
        """POST bytes; answers JSON."""
        return self._asked("POST", path, data=data, headers={"Content-Type": media}).json()

    def delete(self, path: str) -> Any:
        """DELETE; answers JSON."""
        return self._asked("DELETE", path).json()

    def _asked(self, method: str, path: str, **more: Any) -> requests.Response:
        try:
            waits = float((more.get("params") or {}).get("within_s", 0))
            answer = self._session.request(method, self.address.url + path, timeout=CALL_S + waits, **more)
        except requests.RequestException as error:
            why = f"does not answer ({type(error).__name__}): is kiosk-sim up still running?"
            raise NoBench(f"the bench at {self.address.url} {why}") from None
        if not answer.ok:
            raise Refused(_sentence(answer), answer.status_code)
        return answer


def _sentence(answer: requests.Response) -> str:
    try:
        detail = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        return answer.text[:300] or f"status {answer.status_code}"
    if isinstance(detail, list):
        return "; ".join(f"{'.'.join(map(str, d.get('loc', [])[1:]))} {d.get('msg', '')}".strip() for d in detail[:5])
    return str(detail)
