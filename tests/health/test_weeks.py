"""A terminal at rest grows nowhere; `kiosk-sim rest --days 14` plays weeks of it."""

from __future__ import annotations

from pathlib import Path

from simulator.rest import HOUR_S, Count, grown, rest


def test_a_while_of_rest_leaves_nothing_behind(tmp_path: Path) -> None:
    said: list[str] = []
    memory = Path("/dev/shm")
    state = memory if memory.is_dir() else tmp_path  # thousands of synced probes, which a disk takes its time for
    assert rest(0.25 / 24, said.append, state, settle_s=HOUR_S / 12) == []
    assert len(said) == 1


def test_a_leak_would_be_seen() -> None:
    first = Count(200_000, 35, 4, 0, 100_000)
    assert grown(first, first, 14) == []
    leaks = Count(250_000, 40, 5000, 3, 9 << 20)
    assert [line.partition(":")[0] for line in grown(first, leaks, 14)] == [
        "objects",
        "tasks",
        "journal",
        "outbox",
        "state folder",
    ]
