"""One bench, one browser and somebody before the page, for the tests of a file (imported as fixtures)."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from bench_hands import Person
from playwright.async_api import Browser, Page, async_playwright

from simulator.bench.calling import Caller, find
from simulator.processes import program

START_S = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the bench of this file leaves its card and its logs."""
    return tmp_path_factory.mktemp("bench")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def caller(folder: Path) -> AsyncIterator[Caller]:
    """`kiosk-sim up` in a folder of its own; a program at its bench."""
    up = await asyncio.create_subprocess_exec(
        *program("kiosk-sim"), "up", "--ephemeral", "--port", "0", "--out", str(folder),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said: list[str] = []
    try:
        async with asyncio.timeout(START_S):
            assert up.stdout is not None
            while not (said and said[-1].startswith("Bench: ")):
                line = await up.stdout.readline()
                assert line, "\n".join(said)
                said.append(line.decode().strip())
        found = Caller(find(str(folder)))
        await asyncio.to_thread(lambda: found.get("/api/screen/wait", page=["standby", "closed"], within_s=START_S))
        yield found
    finally:
        if up.returncode is None:
            up.terminate()
        await asyncio.wait_for(up.communicate(), 40)
    assert not (folder / "bench.json").exists()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Debian's chromium."""
    chromium = shutil.which("chromium")
    assert chromium, "chromium is missing: apt-get install chromium (config/deploy/system-packages.txt)"
    async with async_playwright() as play_:
        opened = await play_.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        await opened.close()


async def opened(browser: Browser, caller: Caller, broken: list[str], **more: Any) -> Page:
    page = await browser.new_page(**more)
    page.set_default_timeout(15_000)
    page.on("pageerror", lambda error: broken.append(str(error)))
    await page.goto(f"{caller.address.url}/?token={caller.address.token}")
    await page.wait_for_selector("#wire header h2")
    return page


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def person(browser: Browser, caller: Caller, folder: Path) -> AsyncIterator[Person]:
    """Somebody before the page; an error in its scripts fails the last test."""
    broken: list[str] = []
    page = await opened(browser, caller, broken, viewport={"width": 1280, "height": 900})
    yield Person(page, caller, folder / "terminal.log")
    await page.close()
    assert broken == []
