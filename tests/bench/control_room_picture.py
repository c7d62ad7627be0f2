"""Draw docs/pictures/control-room.png anew: 3,143 simulated terminals before a real broker, database and Chromium.

python tests/bench/control_room_picture.py [--out docs/pictures/control-room.png] [--terminals 3143]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "processes"))
sys.path.insert(0, str(Path(__file__).parents[2]))
from control_room_stand import ROOT, standing
from playwright.async_api import async_playwright

from simulator.fleet.connection import Broker
from simulator.fleet.fleet import Fleet, FleetOptions
from simulator.fleet.limits import room_for

MOST_KB = 200


async def draw(out: Path, terminals: int) -> None:
    """A quarter of an hour of the city at 20 times its speed, then a few terminals without a network."""
    room_for(terminals)
    with standing() as stand:
        options = FleetOptions(Broker.of(stand.broker.url), terminals, seed=1, speed=20, will_delay_s=0)
        async with Fleet(options, datetime.now().astimezone()).running() as fleet:
            await fleet.all_up(120)
            await asyncio.sleep(45)
            away = asyncio.create_task(fleet.outage(0.012, 1000))
            await asyncio.sleep(8)
            async with async_playwright() as playing:
                browser = await playing.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
                page = await browser.new_page(viewport={"width": 1440, "height": 980}, locale="en-GB")
                await page.goto(stand.room.url)
                await page.wait_for_selector(".dot")
                await page.wait_for_timeout(1500)
                await page.screenshot(path=out)
            away.cancel()
    _thin(out)
    print(f"{out}: {out.stat().st_size // 1000} kB")
    assert out.stat().st_size < MOST_KB * 1000


def _thin(out: Path) -> None:
    """A palette of 200 colours is enough for a page and takes a third of the bytes."""
    from PIL import Image

    with Image.open(out) as picture:
        thin = picture.convert("RGB").quantize(200, dither=Image.Dither.NONE)
    thin.save(out, optimize=True)


def main() -> None:
    """Draw it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "pictures" / "control-room.png")
    parser.add_argument("--terminals", type=int, default=3143)
    given = parser.parse_args()
    asyncio.run(draw(given.out, given.terminals))


if __name__ == "__main__":
    main()
