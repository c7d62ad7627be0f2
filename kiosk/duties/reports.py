"""What the outbox tells the platform besides applications: money, prints, ratings, events, alarms; each by its key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from kiosk.duties.event_feed import EventFeed
from kiosk.duties.outbox import Apply, Outbox
from kiosk.journal import Journal, Row, Write
from kiosk.platform.cases import RatingGiven
from kiosk.platform.client import Platform


class Reports:
    """Registers the reporting topics with the outbox."""

    def __init__(self, outbox: Outbox, platform: Platform, journal: Journal) -> None:
        self._platform = platform
        self.feed = EventFeed(journal, platform)
        outbox.topic("payment-outcome", self._payment, _note_refusal)
        outbox.topic("print-outcome", self._print, _note_refusal)
        outbox.topic("evaluation", self._evaluation, _note_refusal)
        outbox.topic("events", self._events, _note_refusal)
        outbox.topic("ticket", self._ticket, _note_refusal)
        outbox.topic("supervision", self._supervision, _note_refusal)

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
        given = RatingGiven(
            str(body["case"]),
            str(body["service"]),
            int(body["level"]),
            tuple(body["tags"]),
            int(body.get("round", 1)),
            str(body.get("text", "")),
            bool(body.get("anonymous", False)),
            str(body.get("at", "")),
        )
        item = await self._platform.cases.rate(row.id, given)
        if not item:
            return _nothing
        return lambda write: write.entry(row.visit, "rating.work-item", {"row": row.id, "item": item})

    async def _ticket(self, row: Row, body: Mapping[str, Any]) -> Apply:
        """A number of the terminal's range that was given out without a network."""
        issued_at = datetime.fromisoformat(str(body["issued_at"]))
        await self._platform.counters.take_ticket(row.id, str(body["kind"]), str(body["number"]), issued_at)
        return _nothing

    async def _events(self, row: Row, body: Mapping[str, Any]) -> Apply:
        """Everything that the journal has added since: references only, in order; each is counted once."""
        del row, body
        await self.feed.deliver()
        return _nothing

    async def _supervision(self, row: Row, body: Mapping[str, Any]) -> Apply:
        await self._platform.cases.supervise(
            row.id,
            module=str(body["module"]),
            rule=str(body["rule"]),
            state=str(body["state"]),
            record=dict(body["record"]),
        )
        return _nothing


def _nothing(_: Write) -> None:
    """The delivery brought nothing to journal."""


def _note_refusal(row: Row, body: Mapping[str, Any], slug: str) -> Callable[[Write], object]:
    """The platform will never take this report: it stays in the chain for reconciliation."""

    def apply(write: Write) -> None:
        write.entry(row.visit, "report.refused", {"topic": row.topic, "row": row.id, "problem": slug})

    return apply
