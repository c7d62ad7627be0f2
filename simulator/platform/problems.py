"""How the platform says no: refusals of `problem_table` as application/problem+json (RFC 9457)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request

from simulator.platform.problem_table import PROBLEMS
from simulator.platform.signing import canonical

TYPE = "https://platform.example/problems/"


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with a request: where (JSON pointer), a keyword, a sentence without the value."""

    pointer: str
    code: str
    message: str


class Refusal(Exception):
    """The platform says no. `detail` is for people who repair and holds no personal data."""

    def __init__(
        self, slug: str, detail: str = "", flaws: Sequence[Flaw] = (), retry_after_s: int = 0, **more: str
    ) -> None:
        """`more`: members that this problem adds (`required_level`, `reason`, `area`)."""
        super().__init__(slug)
        self.more = more
        self.slug = slug
        self.detail = detail
        self.flaws = tuple(flaws)
        self.retry_after_s = retry_after_s


def answer(refusal: Refusal) -> JSONResponse:
    """The refusal as application/problem+json."""
    kind = PROBLEMS[refusal.slug]
    body: dict[str, Any] = {
        "type": TYPE + refusal.slug,
        "title": kind.title,
        "status": kind.status,
        "detail": refusal.detail[:500],
        "code": refusal.slug,
        "trace_id": secrets.token_hex(8),
        "retryable": kind.retryable,
        "retry_after_ms": refusal.retry_after_s * 1000,
        "user_message": {"zh": kind.zh, "en": kind.en},
        "user_action": kind.action,
        "errors": [{"pointer": f.pointer, "code": f.code, "message": f.message} for f in refusal.flaws[:50]],
        **refusal.more,
    }
    headers = {"Retry-After": str(refusal.retry_after_s)} if refusal.retry_after_s else {}
    return Problem(body, kind.status, headers)


class Problem(JSONResponse):
    """A reply of the media type of RFC 9457."""

    media_type = "application/problem+json"

    def render(self, content: Any) -> bytes:
        """Canonical JSON."""
        return canonical(content)


async def on_refusal(_: Request, error: Exception) -> JSONResponse:
    """Handler of `Refusal`."""
    assert isinstance(error, Refusal)
    return answer(error)


async def on_invalid(_: Request, error: Exception) -> JSONResponse:
    """Handler of requests that do not fit the models: all flaws, never a value."""
    assert isinstance(error, RequestValidationError)
    flaws = [Flaw(_pointer(e), str(e["type"])[:60], _sentence(e)) for e in error.errors()]
    return answer(Refusal("validation", f"{len(flaws)} flaw(s) in the request", flaws))


def _pointer(error: Mapping[str, Any]) -> str:
    """Where, by names of the contract only: the name of a member that is not in it is the sender's and stays out."""
    where = error["loc"][:-1] if error["type"] == "extra_forbidden" else error["loc"]
    return ("/" + "/".join(str(part) if isinstance(part, int) or _NAME.fullmatch(part) else "?" for part in where))[
        :200
    ]


def _sentence(error: Mapping[str, Any]) -> str:
    """Pydantic's sentence, unless it is one that quotes what was sent."""
    return str(error["msg"])[:200] if error["type"] in _QUIET else str(error["type"]).replace("_", " ")


_NAME = re.compile(r"[a-z_]{1,40}", re.ASCII)
_QUIET = frozenset(
    {"missing", "extra_forbidden", "string_type", "string_pattern_mismatch", "string_too_long", "json_invalid"}
)


async def on_http(_: Request, error: Exception) -> JSONResponse:
    """Handler of what the router says: no such path, not this method, body that cannot be read."""
    assert isinstance(error, HTTPException)
    slug = {404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "bad-request")
    reply = answer(Refusal(slug))
    if error.headers:
        reply.headers.update({k: v for k, v in error.headers.items() if k.lower() == "allow"})
    return reply
