"""What the real agent says over a real Mosquitto is what the control room reads: two sides of one contract."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from fleet_stand import TOPICS, Ear, Stand

from kiosk.control_room.ledger import Changes, Ledger
from kiosk.control_room.reading import read

pytestmark = pytest.mark.oracle


async def test_every_message_of_the_agent_is_believed(stand: Stand, ear: Callable[..., Ear]) -> None:
    listening = ear()
    async with stand(data_every_s=0.3) as terminal:
        await listening.next("birth")
        await terminal.journal.note("", "charge.charged", {"intent": "chg-0011223344556677aabb", "fen": 2000})
        await listening.next("event", lambda event: event["id"] == "money.moved")
        terminal.look = replace(terminal.look, worst="fault")
        await listening.next("state", lambda state: state.get("worst") == "fault")
        await listening.next("data")
    await listening.next("state", lambda state: not state["online"])
    ledger, changes = Ledger({}), Changes()
    leaves = set()
    for message in listening.heard:
        topics, read_ = read(message["topic"], json.dumps(message["payload"]).encode())
        ledger.take(topics, read_, datetime.now(UTC), changes)
        leaves.add(type(read_).__name__)
    assert leaves == {"State", "Gone", "Birth", "Data", "Event"}
    known = ledger.known[TOPICS.terminal]
    assert known.born
    assert not known.online
    assert ledger.odd.gaps == ledger.odd.unborn == 0
    assert {event.kind for _, event, _ in changes.events} >= {"money"}
