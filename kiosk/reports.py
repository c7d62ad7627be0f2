"""What the outbox tells the platform besides applications: money, prints, ratings, events; each under its own key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kiosk.journal import Journal, Row, Write
from kiosk.outbox import Apply, Outbox
from kiosk.platform.client import Platform

MAX_EVENTS = 200


class Reports:
    """Registers the reporting topics with the outbox."""

    def __init__(self, outbox: Outbox, platform: Platform, journal: Journal) -> None:
        self._platform = platform
        self._journal = journal
        outbox.topic("payment-outcome", self._payment, _note_refusal)
        outbox.topic("print-outcome", self._print, _note_refusal)
        outbox.topic("evaluation", self._evaluation, _note_refusal)
        outbox.topic("events", self._events, _note_refusal)

    async def _payment(self, row: Row, body: Mapping[str, Any]) -> Apply:
        await self._platform.report_payment(
            str(body["order"]),
            row.id,
            state=str(body["state"]),
            trace=str(body.get("trace", "")),
            receipt_no=str(body.get("receipt_no", "")),
            masked_card=str(body.get("card", "")),
            fen=int(body["fen"]),
        )
        return _nothing

    async def _print(self, row: Row, body: Mapping[str, Any]) -> Apply:
        await self._platform.report_print(
            str(body["jti"]),
            row.id,
            state=str(body["state"]),
            pages=int(body["pages"]),
            evidence=dict(body["evidence"]),
        )
        return _nothing

    async def _evaluation(self, row: Row, body: Mapping[str, Any]) -> Apply:
        await self._platform.evaluate(
            row.id,
            case=str(body["case"]),
            level=int(body["level"]),
            tags=list(body["tags"]),
            service=str(body["service"]),
        )
        return _nothing

    async def _events(self, row: Row, body: Mapping[str, Any]) -> Apply:
        """The chain of one visit, for supervision: references only, in order; the platform drops what it has."""
        visit = str(body["visit"])
        entries = await self._journal.chain(visit, MAX_EVENTS)
        if entries:
            await self._platform.events([{"id": f"{visit}-{entry['seq']}", **entry} for entry in entries])
        return _nothing


def _nothing(_: Write) -> None:
    """The delivery brought nothing to journal."""


def _note_refusal(row: Row, body: Mapping[str, Any], slug: str) -> Callable[[Write], object]:
    """The platform will never take this report: it stays in the chain for reconciliation."""

    def apply(write: Write) -> None:
        write.entry(row.visit, "report.refused", {"topic": row.topic, "row": row.id, "problem": slug})

    return apply
