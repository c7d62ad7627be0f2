"""A browser before the bench's page: Debian's chromium, driven by playwright."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, async_playwright

WAIT_MS = 15_000


@asynccontextmanager
async def page_of(address: str, token: str, width: int = 1440, height: int = 900) -> AsyncIterator[Page]:
    """The bench's page, drawn whole; an error in its scripts fails the test when the block ends."""
    chromium = shutil.which("chromium")
    assert chromium, "chromium is missing: apt-get install chromium (config/deploy/system-packages.txt)"
    broken: list[str] = []
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            page = await browser.new_page(viewport={"width": width, "height": height})
            page.set_default_timeout(WAIT_MS)
            page.on("pageerror", lambda error: broken.append(str(error)))
            await page.goto(f"{address}/?token={token}")
            await page.wait_for_selector("#wire header h2")
            yield page
        finally:
            await browser.close()
    assert broken == []
