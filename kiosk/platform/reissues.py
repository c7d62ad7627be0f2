"""Asking the platform for one more print of a document, with the reason. Errors as in `Platform`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from kiosk.platform.connection import Connection, Question
from kiosk.platform.messages import PrintAuthorisation


class Reissues:
    """Calls of `Platform` about reissues. `read` checks the signature and whose intent it is for."""

    def __init__(self, connection: Connection, read: Callable[[Any, str], PrintAuthorisation]) -> None:
        self._connection = connection
        self._read = read

    async def ask(self, jti: str, intent: str, *, reason: str, operator: str, supervisor: str) -> PrintAuthorisation:
        """Permission to print once more what `jti` printed, under the new intent id `intent`."""
        body = {"reason": reason, "operator": operator, "supervisor": supervisor}
        path = f"/print-authorisations/{quote(jti, safe='')}/reissues"
        reply = await self._connection.ask(Question("POST", path, body, intent))
        return self._read(reply.content, intent)
