"""What the platform must know to let technicians in: the secret of typed codes. Errors as in `Platform`."""

from __future__ import annotations

from kiosk.duties.sealed_envelope import Envelope
from kiosk.platform.connection import Connection, Question
from kiosk.platform.errors import BadReply
from kiosk.platform.reading import Members


class Technicians:
    """Calls of `Platform` about this terminal's technicians."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._own = f"/devices/{connection.kiosk}"

    async def keep_secret(self, secret: str, envelope: Envelope) -> None:
        """The platform keeps the secret called `secret` (sealed to it); the last one counts."""
        body = {
            "id": secret,
            "algorithm": envelope.algorithm,
            "ephemeral": envelope.ephemeral,
            "sealed": envelope.sealed,
        }
        reply = await self._connection.ask(Question("PUT", f"{self._own}/code-secret", body))
        m = Members(reply.content, "CodeSecretKept")
        if m.text("id", 32) != secret:
            raise BadReply("CodeSecretKept.id: another secret than the one that was sent")
