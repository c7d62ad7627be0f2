"""The document rows of `make bench`: finding and straightening a page, reading it, and what the processes hold.

python tests/bench/document_figures.py               print the rows alone
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from reader_figures import Row

from config.documents import document_kind
from drivers.camera.document import find_page
from drivers.camera.document_sheet import capture, native_dpi, warped
from drivers.camera.documents import DocumentEngine, Scanned
from drivers.camera.texts import TextEngine

sys.path.insert(0, str(Path(__file__).parents[1] / "vision"))  # the rendered desks
EACH = 17
TODAY = date(2026, 11, 22)


def rows() -> Iterator[Row]:
    """All rows; about a minute."""
    yield from _found()
    yield from _made()
    yield from asyncio.run(_processes())


def _found() -> Iterator[Row]:
    import desks

    for desk in ("dark", "wood", "green", "light"):
        right, times = 0, []
        for seed in range(EACH):
            for kind in ("a4", "id-card", "passport"):
                pixels, corners = desks.draw(desks.Desk(9000 + seed, desk, kind))
                began = time.perf_counter()
                page = find_page(pixels)
                times.append(time.perf_counter() - began)
                right += page is not None and corners is not None and desks.overlap(page.corners, corners) > 0.95
        yield Row(
            f"pages found, {desk} desk (IoU > .95)",
            f"{right} of {3 * EACH}, {1000 * statistics.median(times):.0f} ms",
            "98 % on the dark plate" if desk == "dark" else "",
        )
    wrong = sum(
        find_page(desks.draw(desks.Desk(9500 + seed, desk, "", thing))[0]) is not None
        for seed in range(4)
        for desk in ("dark", "wood", "green", "light")
        for thing in ("", "hand", "phone", "cup")
    )
    yield Row("pages found where there is none", f"{wrong} of 64", "0")


def _made() -> Iterator[Row]:
    import desks

    pixels, _ = desks.draw(desks.Desk(7, "dark", "a4", turn=3.0))
    page, kind = find_page(pixels), document_kind("a4")
    assert page is not None
    dpi = round(native_dpi(page, kind))
    warp = _median(lambda: warped(pixels, page, kind, dpi))
    whole = _median(lambda: capture(pixels, kind, page))
    yield Row("A4 straightened / with all checks and shade", f"{warp:.0f} / {whole:.0f} ms")


def _median(work: Callable[[], object], times: int = 9) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return 1000 * statistics.median(taken)


async def _processes() -> list[Row]:
    import desks

    documents, texts = DocumentEngine(deadline_s=30), TextEngine(deadline_s=30)
    try:
        passport, _ = desks.draw(desks.Desk(7, "dark", "passport", turn=3.0))
        sheet = await documents.capture(passport, "passport")
        paper, _ = desks.draw(desks.Desk(7, "dark", "a4", turn=3.0))
        page = await documents.capture(paper, "a4")
        assert isinstance(sheet, Scanned)
        assert isinstance(page, Scanned)
        began = time.perf_counter()
        await texts.worker.start()
        load = time.perf_counter() - began
        zone, text = [], []
        for _ in range(3):
            began = time.perf_counter()
            reading = await texts.read_mrz(sheet.jpeg, TODAY)
            zone.append(time.perf_counter() - began)
            assert reading is not None
            assert reading.valid
            began = time.perf_counter()
            await texts.read_text(page.jpeg)
            text.append(time.perf_counter() - began)
        held = _rss(documents.worker.pid), _rss(texts.worker.pid)
    finally:
        await documents.close()
        await texts.close()
    gone = documents.worker.pid is None and texts.worker.pid is None
    left = "none when closed" if gone else "STILL THERE when closed"
    times = f"{load:.1f} / {statistics.median(zone):.1f} / {statistics.median(text):.1f} s"
    return [
        Row("OCR loaded / passport zone / A4 page", times, "at most 8 s a page"),
        Row("memory: page process, text process", f"{held[0]} MB, {held[1]} MB; {left}"),
    ]


def _rss(pid: int | None) -> int:
    """Resident megabytes."""
    assert pid is not None
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 // 1_000_000


def main() -> None:
    for row in rows():
        print(row)


if __name__ == "__main__":
    main()
