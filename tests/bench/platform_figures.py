"""How fast the reference platform answers at the scale of a province: `python tests/bench/platform_figures.py`.

Prints milliseconds over the whole way (signed request, gate, SQLite, reply), in one process; asserts nothing.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import requests

from config.load import load_settings
from kiosk.platform.client import Platform
from simulator.platform.app import create_app
from simulator.platform.inprocess import QuickAdapter
from simulator.platform.scale import KINDS, Scale, holder

ITEMS, LICENCES, TURNS = 5100, 1_000_000, 50


async def timed(name: str, call: Callable[[], Awaitable[Any]], turns: int = TURNS) -> None:
    took = []
    for _ in range(turns):
        began = time.perf_counter()
        await call()
        took.append(1000 * (time.perf_counter() - began))
    print(f"{name:34} median {statistics.median(took):7.2f} ms   worst {max(took):7.2f} ms   of {turns}")


def main() -> None:
    scale = Scale(ITEMS, LICENCES)
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        app = create_app(Path(folder) / "platform.sqlite", catalogue=scale.catalogue())
        print(scale.seed(app.state.city), f"(with the catalogue {time.monotonic() - began:.1f} s)")
        city = app.state.city
        adapter = QuickAdapter(app)
        session = requests.Session()
        session.mount("http://", adapter)

        def ask(path: str) -> Callable[[], Awaitable[Any]]:
            return lambda: platform._get(path)

        async def lookup() -> None:
            with city.store.transaction() as cx:
                query = "SELECT * FROM licence WHERE holder = ? AND source = 'elicense' AND kind = ?"
                assert cx.execute(query, (holder(LICENCES // 2), KINDS[0])).fetchone()

        settings = load_settings("simulated", overrides={"platform.deadline_s": 120.0}).platform
        platform = Platform(settings, "WH-HC-0003", session=session)
        with asyncio.Runner() as runner:
            runner.run(timed("first manifest (publishes all)", ask("/catalogue/manifest"), 1))
            runner.run(timed("health", ask("/health")))
            runner.run(timed("manifest", ask("/catalogue/manifest")))
            runner.run(timed("a page of 200 items", ask("/catalogue/items?limit=200")))
            runner.run(timed("one licence among a million", lookup))
            runner.run(platform.close())
        adapter.end()
        city.store.close()


if __name__ == "__main__":
    main()
