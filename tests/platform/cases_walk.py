"""Every operation of cases, ratings and supervision, spoken once: part of the walk of the contract."""

from __future__ import annotations

from typing import Any

from kiosk.journal.chain import GENESIS, canonical, chain_hash
from kiosk.platform.cases import RatingGiven
from kiosk.platform.client import Platform
from kiosk.platform.messages import Acceptance


async def supervised(p: Platform, town: Any, session: str, acceptance: Acceptance) -> None:
    """Every operation of cases, ratings and supervision."""
    number = acceptance.number
    assert [file.number for file in await p.cases.mine(session)] == [number]
    assert (await p.cases.one(number)).mine is False
    assert [event.kind for event in await p.cases.timeline(number, session)] == ["accepted"]
    assert (await p.cases.rating_form(number)).round == 1
    rating = RatingGiven(number, "WH-PS-001", 2, ("209",), assessed_at="2026-11-21T20:14:00+08:00")
    item = await p.cases.rate(town.key("evl"), rating)
    assert [found.id for found in await p.cases.work_items(number)] == [item]
    first = {"seq": 1, "at": "2026-11-21T20:14:00.123+08:00", "visit": "", "kind": "boot", "body": {"n": "威"}}
    digest = chain_hash(GENESIS, 1, first["at"], "", "boot", canonical(first["body"])).hex()
    kept = await p.cases.events(digest, [{"id": "evt-0001", **first, "prev": GENESIS.hex(), "hash": digest}])
    assert (kept.head, kept.broken) == (1, ())
    assert await p.cases.events_head(digest) == 1
    record = {
        "case_no": "", "content": "门开着", "agency": "a", "item_type": "", "supervision_no": "spn_00000001",
        "issued_at": "2026-11-21T20:14:00+08:00", "rule_no": "K06", "warning_type": "3", "result": "",
        "state_at": "2026-11-21T20:14:00+08:00", "department": "d",
    }  # fmt: skip
    await p.cases.supervise(town.key("spv"), module="cabinet", rule="door-open", state="open", record=record)
