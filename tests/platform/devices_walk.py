"""Every operation of a terminal about itself, spoken once by the client: part of the walk of the contract."""

from __future__ import annotations

from typing import Any

from config.signatures import key_id
from kiosk.duties.sealed_envelope import seal


async def devices(town: Any) -> None:
    """The terminal about itself."""
    own = town.platform.devices
    await own.profile([{"module": "id_card", "driver": "sam", "model": "x"}], {"catalogue": "abc"}, ["id_card"])
    with town.app.state.city.store.transaction() as cx:
        cx.execute(
            "INSERT INTO command(id, kiosk, name, params, state, issued_at, expires_at) VALUES"
            " ('cmd_0001', 'WH-HC-0003', 'open', '{}', 'WAITING', ?, ?)",
            (town.app.state.city.stamp(), town.app.state.city.stamp(60)),
        )
    at = town.app.state.city.stamp()
    pulse = await own.heartbeat(
        {
            "state": "ready",
            "modules": [{"module": "id_card", "state": 1, "cause": ""}],
            "counters": {"id_card.operations": 3},
            "stock": {},
            "journal": {"waiting": 0, "oldest_s": 0, "trouble": ""},
            "clock": {"at": at, "off_ms": 0},
        }
    )
    assert (pulse.at, pulse.commands) == (town.wall.at, 1)
    [command] = await own.commands(0)
    assert (command.id, command.name) == ("cmd_0001", "open")
    await own.ended(command.id, "command-cmd_0001", "DONE", "open", at)
    assert await own.commands(0) == ()
    fault = {
        "module": "id_card",
        "cause": "no-answer",
        "open": True,
        "severity": "fault",
        "who": "technician",
        "at": at,
    }
    assert await own.fault("fault-00000001", fault)
    assert not await own.fault("fault-00000002", fault)
    assert await own.fault("fault-00000003", {**fault, "open": False})
    assert len(await own.nearby()) == 73 + 5
    assert (await own.release()).version == "0.1.0"
    secret = b"s" * 32
    name = key_id(b"kiosk-technician-code-1" + secret)
    sealing = town.settings.sealing_key, f"technician-code-secret:{name}", town.settings.sealing
    envelope = seal(secret, *sealing)
    await town.platform.technicians.keep_secret(name, envelope)
