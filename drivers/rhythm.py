"""How often a device is asked, and how patiently: seconds, all of them. And the beat that everybody looks on.

Waking the machine costs more than most looks: whatever looks around by itself, and does not mind when exactly, waits
for `beat`, so that one wake-up serves all of it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds. A silent device is said not to answer after `silent_s`, and is given up (its link closed and opened
    anew) after `poll_deadline_s` and two times `doubt_s` + `doubt_deadline_s`: with the defaults 4.6 s.
    """

    poll_s: float = 1.0
    """Between polls when all is well."""
    poll_deadline_s: float = 2.0
    """The longest poll of a device that was well."""
    doubt_s: float = 0.3
    """Between polls after a miss."""
    doubt_deadline_s: float = 1.0
    """The longest poll after a miss."""
    silent_s: float = 3.5
    """After the first question without an answer nothing that needs the device is offered; it is still waited for.
    With `poll_s` this is the 5 s of promise P7, also for a device whose polls are waited for longer."""
    first_backoff_s: float = 0.5
    """After the first failed opening; doubles each time."""
    longest_backoff_s: float = 30.0
    open_s: float = 20.0
    """The longest opening."""


def until_beat(now: float, every_s: float) -> float:
    """Seconds until the next whole multiple of `every_s`, so that devices are asked in one wake-up of the machine.

    At least a quarter of `every_s` and never more than it: a device that answers slowly is not asked without a pause.
    """
    rest = every_s - now % every_s
    return rest if rest >= every_s / 4 else every_s


async def beat(every_s: float) -> None:
    """Sleep until the next beat of the loop's clock; a quarter of `every_s` at least, `every_s` at most."""
    await asyncio.sleep(until_beat(asyncio.get_running_loop().time(), every_s))
