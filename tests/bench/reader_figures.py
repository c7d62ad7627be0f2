"""The ID-card reader's rows of `make bench`: read latency against the wire, idle CPU, codec throughput.

python tests/bench/reader_figures.py                 print the rows alone
"""

from __future__ import annotations

import asyncio
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

BAUD = 115200
READS = 9
IDLE_S = 20.0
IDLE_AIM = 0.002
LATENCY_AIM = 1.05


class Row(NamedTuple):
    """What, ours, the peer or bound, and their ratio."""

    what: str
    ours: str
    peer: str = ""
    ratio: str = ""


def rows() -> Iterator[Row]:
    """All rows; about half a minute, most of it idling."""
    yield latency()
    yield idle()
    yield from throughput()


def latency() -> Row:
    """A whole read (find, select, read, additional address) over a pty paced at 115200 baud.

    The bound is the time that the answers need on the line plus the radio times that the simulated SAM drew. The pty
    does not pace what the host says, so requests are not counted in our favour.
    """
    from drivers.id_card.driver import IdCardReader
    from simulator.models.id_card_reader import make

    async def measure() -> tuple[list[float], float]:
        with tempfile.TemporaryDirectory() as folder:
            device = make(f"{folder}/reader", self_test_s=0.0)
            radio = _radio_times(device.sam)
            await device.plug()
            device.do("present", card="moved")
            reader = IdCardReader("bench", device.link)
            answered: list[int] = []
            device.wire_watchers.append(lambda c: answered.append(len(c.data) if c.direction == "out" else 0))
            await reader.open()
            await reader.read_card()
            over, bounds = [], []
            for _ in range(READS):
                answered.clear()
                radio.clear()
                began = time.perf_counter()
                await reader.read_card()
                took = time.perf_counter() - began
                bound = sum(answered) * 10 / BAUD + sum(radio)
                bounds.append(bound)
                over.append(took / bound)
            await reader.close()
            await device.unplug()
            return over, statistics.median(bounds)

    over, bound = asyncio.run(measure())
    ratio = statistics.median(over)
    return Row(
        f"card read over the pty at {BAUD} baud, median of {READS}",
        f"{ratio * bound * 1000:.0f} ms",
        f"wire and simulated radio {bound * 1000:.0f} ms; aim {LATENCY_AIM:.2f}",
        f"{ratio:.3f}",
    )


def _radio_times(sam: Any) -> list[float]:
    """The seconds that the SAM takes for each command, as it begins them."""
    drawn: list[float] = []
    begin = sam.begin

    def noted(now: float, request: Any) -> Any:
        work = begin(now, request)
        drawn.append(work.due - now)
        return work

    sam.begin = noted
    return drawn


def idle() -> Row:
    """CPU of a process that does nothing but watch an empty reader at the supervisor's own rhythm."""
    from simulator.models.id_card_reader import make

    async def measure() -> float:
        with tempfile.TemporaryDirectory() as folder:
            device = make(f"{folder}/reader", self_test_s=0.0)
            await device.plug()
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, __file__, "--watch", device.link),
                cwd=Path(__file__).parents[2],
                stdout=subprocess.PIPE,
            )
            out, _ = await asyncio.wait_for(process.communicate(), IDLE_S + 30)
            await device.unplug()
            return float(out)

    share = asyncio.run(measure())
    return Row(
        f"idle CPU of a polled reader over {IDLE_S:.0f} s",
        f"{share:.3%} of a core",
        f"aim {IDLE_AIM:.1%}",
        f"{share / IDLE_AIM:.2f}",
    )


async def _watch(link: str) -> float:
    """The share of a core that this process uses while its supervisor polls the reader at `link`."""
    from drivers.id_card.driver import IdCardReader
    from drivers.supervisor import Supervisor

    reader = IdCardReader("bench", link)
    task = asyncio.create_task(Supervisor(reader).run())
    while not reader.status.usable:
        await asyncio.sleep(0.1)
    await asyncio.sleep(2)
    sent = reader.counters.bytes_out
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    await asyncio.sleep(IDLE_S)
    after, took = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter() - began
    assert reader.counters.bytes_out > sent, "nothing was polled"
    assert reader.status.usable
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    used = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    return used / took


def throughput() -> Iterator[Row]:
    """The codec on reads of 1295 bytes: in one piece, in a UART's pieces, and down to the card's fields."""
    from drivers.id_card.card import card_read
    from drivers.id_card.frames import ReadParts, Reply, ReplyParser, encode_reply, join_read, parse_text, split_read
    from simulator.models.chip_card import chip_card

    card = chip_card("citizen-07")
    reply = Reply(0x90, join_read(ReadParts(card.text, card.photo)))
    frame = encode_reply(reply)
    stream = frame * 100
    noise = b"\xaa\x96\x69\x0b\xbc" * 4000

    def whole() -> None:
        assert len(ReplyParser().feed(stream)) == 100

    def pieces() -> None:
        parser = ReplyParser()
        assert sum(len(parser.feed(stream[at : at + 46])) for at in range(0, len(stream), 46)) == 100

    def fields() -> None:
        for _ in range(100):
            found = ReplyParser().feed(frame)[0]
            assert isinstance(found, Reply)
            parts = split_read(found.data)
            card_read(parse_text(parts.text), parts.photo)

    def encode() -> None:
        for _ in range(100):
            encode_reply(reply)

    def starts() -> None:
        ReplyParser().feed(noise)

    for what, work, size in (
        ("frames of 1295 bytes parsed, whole", whole, len(stream)),
        ("frames of 1295 bytes parsed, in pieces of 4 ms", pieces, len(stream)),
        ("cards read from frames, fields and number checked", fields, len(stream)),
        ("frames of 1295 bytes built", encode, len(stream)),
        ("noise of nothing but frame starts", starts, len(noise)),
    ):
        rate = size / _best(work)
        line = BAUD / 10
        yield Row(
            what, f"{rate / 1e6:.1f} MB/s", f"the line at {BAUD} baud {line / 1e6:.4f} MB/s", f"{rate / line:.0f}"
        )


def _best(work: Callable[[], None], seconds: float = 0.5) -> float:
    """Seconds of the best run: what the code needs when nobody else wants the core."""
    work()
    best, until = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < until:
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return best


def main() -> None:
    """Print the rows; with --watch LINK be the process whose CPU is measured."""
    sys.path.insert(0, str(Path(__file__).parents[2]))
    if sys.argv[1:2] == ["--watch"]:
        print(asyncio.run(_watch(sys.argv[2])))
        return
    for row in rows():
        print(" | ".join(row))


if __name__ == "__main__":
    main()
