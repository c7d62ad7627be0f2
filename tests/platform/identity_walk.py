"""Every operation of identity, spoken once by the client: part of the walk of the contract."""

from __future__ import annotations

from typing import Any

from simulator.people import CITIZENS


async def proving(town: Any) -> None:
    """Every operation of identity, for somebody else."""
    p = town.platform
    session, _ = await town.proven(CITIZENS["citizen-03"])
    agreed = await p.consent(session, town.key("cns"), "officer", ["officer", "identity", "agency"], "2026-11")
    check = await p.identity.start_check(session, town.key("ofc"), service="WH-PS-001", consent=agreed)
    assert await p.identity.check(session, check) == "waiting"
    handoff = await p.identity.start_handoff(session, town.key("hof"), "give")
    assert (await p.identity.handoff(session, handoff.id)).state == "waiting"
    assert (await p.identity.subject(session, agreed)).number == CITIZENS["citizen-03"].number
    (agency,) = await p.identity.agencies(session, agreed, "WH-TX-003")
    acted = await p.identity.act_for(session, town.key("prf"), agency.id, service="WH-TX-003", consent=agreed)
    assert acted.level == "A4"
    await p.identity.withdraw(session, agreed)
