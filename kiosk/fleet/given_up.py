"""The last word of a terminal that systemd does not start again, so that "offline" is not all that is known.

A program of its own (weihai-kiosk-given-up.service): settings, certificates and network, nothing else of the terminal.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import Final

from config.fleet_contract import QOS, VERSION, Topics
from config.settings import Settings
from kiosk.clock import Clock
from kiosk.fleet.broker import Broker, BrokerAway, Will
from kiosk.fleet.messages import payload

log = logging.getLogger(__name__)

TRIES: Final = 10
PAUSE_S: Final = 15.0


async def tell(settings: Settings) -> bool:
    """Whether the broker has it, retained; the terminal's next start puts its own state in its place."""
    if not settings.fleet.broker:
        return True
    topics = Topics(settings.terminal.division, settings.terminal.id)
    body = {
        "v": VERSION, "terminal": topics.terminal, "session": secrets.token_hex(8), "online": False,
        "given_up": True, "at": Clock().now().isoformat(timespec="seconds"),
    }  # fmt: skip
    word = payload(body)
    for turn in range(TRIES):
        if turn:
            await asyncio.sleep(PAUSE_S)
        broker = Broker(
            settings.fleet, topics.terminal, Will(topics.of("state"), word), {topics.of("request"): QOS["request"]}
        )
        try:
            await broker.connect()
            await broker.publish(topics.of("state"), word, qos=QOS["state"], retain=True)
            broker.was_told = True
        except BrokerAway as away:
            log.warning("fleet: that the terminal is given up could not be told: %s", away)
        else:
            return True
        finally:
            await broker.close()
    return False
