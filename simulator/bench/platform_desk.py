"""The bench's view of the platform: what it holds, what is wrong with it, and the citizen's app on the phone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import requests

DEADLINE_S = 3.0
MAX_ANSWER = 4 * 1024 * 1024
LISTS = (
    "cases", "orders", "prints", "evaluations", "events", "app-matches", "refunds", "comparisons", "void-certificates",
    "devices", "device-faults", "commands",
)  # fmt: skip
WHOLE = ("provider", "payers", "wishes")
KNOBS = (
    "provider", "print-flaws", "code-algorithm", "void-certificates", "cabinet", "refuse-part", "time", "parcel",
    "reductions", "fee-changes", "prices", "commands",
)  # fmt: skip
"""What QA may turn at the platform's desk beside its faults."""


class PlatformDown(RuntimeError):
    """The platform did not answer the bench; the message says why."""


class PlatformRefused(PlatformDown):
    """The platform's desk said no; the message is its sentence."""


class PlatformDesk:
    """Speaks to `/sim/*` of the platform at `url` (no token, loopback). Every call has a deadline of 3 s."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False
        self._lock = asyncio.Lock()
        self.act_watchers: list[Callable[[str, Mapping[str, Any]], None]] = []
        """Told (path, body) of what was done at the desk."""

    async def get(self, path: str) -> Any:
        """GET `/sim/<path>` as JSON. Raises `PlatformDown`."""
        return await self._call("GET", path, None)

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Do something at the desk: POST `body` to `/sim/<path>`; answers its JSON. Raises `PlatformDown`."""
        answer = await self.tell(path, body)
        for watcher in self.act_watchers:
            watcher(path, body)
        return answer

    async def tell(self, path: str, body: Mapping[str, Any]) -> Any:
        """As `post`, for what nobody did at the desk: whoever watches it is not told. Raises `PlatformDown`."""
        return await self._call("POST", path, body)

    async def overview(self) -> dict[str, Any]:
        """Everything the bench shows of it; `reachable` false when it does not answer."""
        try:
            found: dict[str, Any] = {name.replace("-", "_"): _listed(await self.get(name)) for name in LISTS}
            found |= {name: await self.get(name) for name in WHOLE}
            faults = await self.get("faults")
        except PlatformDown as error:
            return {"reachable": False, "url": self.url, "words": str(error)}
        found["events"] = len(found["events"])  # hundreds, and nobody reads them here
        return {"reachable": True, "url": self.url, "words": "answers", "faults": faults, **found}

    async def _call(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        async with self._lock:
            return await asyncio.to_thread(self._request, method, path, body)

    def _request(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        try:
            answer = self._session.request(method, f"{self.url}/sim/{path}", json=body, timeout=DEADLINE_S)
        except requests.RequestException as error:
            raise PlatformDown(f"no answer ({type(error).__name__})") from None
        if 400 <= answer.status_code < 500:
            raise PlatformRefused(_sentence(answer))
        if answer.status_code >= 400:
            raise PlatformDown(f"/sim/{path} answered {answer.status_code}: {answer.text[:200]}")
        if len(answer.content) > MAX_ANSWER:
            raise PlatformDown(f"/sim/{path} answered more than {MAX_ANSWER} bytes")
        try:
            return answer.json() if answer.content else None
        except ValueError:
            raise PlatformDown(f"/sim/{path} did not answer JSON") from None


def _sentence(answer: requests.Response) -> str:
    """What a problem (RFC 9457) says, its members that are wrong included."""
    try:
        body = answer.json()
        errors = [f"{e.get('pointer', '')} {e.get('message', '')}".strip() for e in body.get("errors", [])]
        words = "; ".join([str(body.get("detail") or body.get("title") or ""), *errors]).strip("; ")
    except (ValueError, AttributeError):
        words = ""
    return words[:300] or f"the platform's desk answered {answer.status_code}"


def _listed(answer: Any) -> list[Any]:
    """A list as it is, or the one list inside an object (`{"cases": [...]}`)."""
    if isinstance(answer, dict):
        answer = next((v for v in answer.values() if isinstance(v, list)), [])
    return answer if isinstance(answer, list) else []
