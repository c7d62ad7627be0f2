"""One request of a terminal, and doing what it asks exactly once for its Idempotency-Key."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends
from fastapi.responses import JSONResponse
from starlette.requests import Request

from simulator.platform.city import City
from simulator.platform.problems import Refusal
from simulator.platform.signing import canonical


class Reply(JSONResponse):
    """A reply in canonical JSON."""

    def render(self, content: Any) -> bytes:
        """Canonical JSON; bytes are passed through (a reply that is given again)."""
        return content if isinstance(content, bytes) else canonical(content)


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks, under which key, with which body (`digest`), in which session. The gate has checked the headers."""

    city: City
    kiosk: str
    path: str
    key: str
    digest: str
    session: str

    def once(self, status: int, act: Callable[[sqlite3.Connection], Mapping[str, Any]]) -> Reply:
        """Do `act` and remember its reply in the same transaction; a known key gives the remembered reply.

        A refusal inside `act` undoes everything and is not remembered.
        """
        if not self.key:
            raise Refusal("missing-idempotency-key")
        with self.city.store.transaction() as cx:
            known = cx.execute(
                "SELECT digest, status, body FROM reply WHERE kiosk = ? AND path = ? AND key = ?",
                (self.kiosk, self.path, self.key),
            ).fetchone()
            if known is not None:
                if known["digest"] != self.digest:
                    raise Refusal("idempotency-conflict")
                return Reply(bytes(known["body"]), known["status"], {"Idempotent-Replayed": "true"})
            body = canonical(act(cx))
            cx.execute(
                "INSERT INTO reply VALUES (?, ?, ?, ?, ?, ?, ?)",
                (self.kiosk, self.path, self.key, self.digest, status, body, self.city.stamp()),
            )
        return Reply(body, status)

    def read(self, look: Callable[[sqlite3.Connection], Mapping[str, Any]]) -> Reply:
        """Answer from one consistent view."""
        with self.city.store.transaction() as cx:
            return Reply(look(cx))


def _call(request: Request) -> Call:
    call = request.state.call
    assert isinstance(call, Call)
    return call


CallDep = Annotated[Call, Depends(_call)]
"""The request's call, for endpoints."""
