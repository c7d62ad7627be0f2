"""Every operation of the catalogue and the reference data beside it, spoken once: part of the walk of the contract."""

from __future__ import annotations

from datetime import date
from typing import Any


async def catalogue(town: Any) -> None:
    """The version in force, what changed, one item, search, calendar, divisions, choices."""
    feed = town.platform.catalogue
    manifest = await feed.manifest()
    assert (manifest.count, manifest.sequence, manifest.upcoming) == (236, 1, 0)
    delta = await feed.delta("", manifest.sequence)
    assert delta.complete
    assert len(delta.changes) == 236
    assert (await feed.delta(manifest.version, manifest.sequence)).changes == ()
    told = {key: item["service"] for key, item in delta.changes}
    assert (told["WH-PS-001@1"]["fee"]["fen"], told["WH-PS-001@1"]["level"]) == (2000, "A3")
    assert (await feed.item(told["WH-SI-001@1"]["code"]))["service"] == told["WH-SI-001@1"]
    assert (await feed.search("我要换居民身份证"))[0].id == "WH-PS-001"
    assert date(2026, 10, 1) in (await feed.calendar(2026)).off
    assert len(await feed.divisions()) == 81
    assert [c.key for c in await feed.choices("WH-SI-015", "bank")][:2] == ["boc", "icbc"]
