"""A hall whose terminal has a technician's door: the gesture, cards, PINs and codes as a person gives them."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Any

from citizens_hall import Hall

from config.load import load_settings
from drivers.camera.codes import Code
from drivers.errors import NoMedia
from kiosk.duties.sealed_envelope import seal
from kiosk.technician.entry import Entry, Pages
from kiosk.technician.joining import join_technicians
from kiosk.technician.session import Session
from screens.screen import PinPad, Screen

FIELD_PIN, SUPERVISOR_PIN = "402693", "857136"
GESTURE = load_settings("simulated").technician.gesture
KIOSK = "WH-HC-0003"


class Kept:
    """In place of the technician's pages: keeps the sessions, and each until it is told to go."""

    def __init__(self) -> None:
        self.sessions: list[Session] = []
        self.go = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self, session: Session) -> None:
        self.sessions.append(session)
        await self.go.wait()
        self.go.clear()
        if self.error is not None:
            raise self.error


class DoorHall(Hall):
    """`show` None: sessions are kept in `seen`; the real pages with `kiosk.technician.showing.show`."""

    def __init__(self, folder: Path, show: Pages | None = None, **more: Any) -> None:
        super().__init__(folder, **more)
        self.seen = Kept()
        self._pages = show or self.seen
        self.held: asyncio.Queue[str] = asyncio.Queue()
        self.camera.read_code = self._held_up  # type: ignore[attr-defined]  # the hall's camera sees no codes

    async def _held_up(self, expect: Collection[str], deadline_s: float, cancel: object = None) -> Code | None:
        assert "qr" in expect
        try:
            async with asyncio.timeout(deadline_s):
                return Code(await self.held.get(), "qr", (0, 0, 9, 9), "zxing")
        except TimeoutError:
            raise NoMedia("nothing was held up") from None

    async def __aenter__(self) -> DoorHall:
        await super().__aenter__()
        self.entry: Entry = join_technicians(self.terminal, show=self._pages)
        await self.entry.recall()
        secret = self.entry.secret
        assert secret is not None
        if not await secret.tell(self.platform) or secret() == b"":
            raise AssertionError("the platform was not told")
        # The platform of a second hall begins empty; a real one remembers.
        known = secret.load()
        sealing = self.tools.settings.platform.sealing_key
        envelope = seal(known.value, sealing, f"technician-code-secret:{known.id}", "X25519-SHA256-AES256GCM")
        await self.platform.technicians.keep_secret(known.id, envelope)
        return self

    # What a technician does

    async def gesture(self) -> None:
        """The corners, as quick as a hand is."""
        for corner in GESTURE:
            await self.press("corner", corner)

    async def at_door(self) -> Screen:
        """From standby to the door."""
        await self.page("standby", "closed")
        await self.gesture()
        return await self.page("tech_door")

    async def lay(self, card: str) -> None:
        """Another card on the reader."""
        if self.reader_there.state()["card"]:
            self.lift()
            await asyncio.sleep(1.0)
        self.reader_there.do("present", card=card)

    async def pin(self, digits: str) -> None:
        """Type a PIN where its digits stand, and go on."""
        screen = await self.page("tech_pin")
        order = next(block.order for block in screen.blocks if isinstance(block, PinPad))
        for digit in digits:
            await self.press("pin", str(order.index(digit)))
        await self.press("next")
        await asyncio.sleep(0.3)

    async def come_in(self, card: str = "technician", pin: str = FIELD_PIN) -> Session:
        """All the way from standby."""
        await self.at_door()
        await self.lay(card)
        await self.pin(pin)
        return await self.session()

    async def session(self) -> Session:
        """The session at hand."""
        async with asyncio.timeout(30):
            while self.entry.session is None:
                await asyncio.sleep(0.05)
        return self.entry.session

    async def code(self, role: str = "field", purpose: str = "panel", **more: Any) -> dict[str, str]:
        """The office makes two codes: `digits` to type, `scan` to hold up."""
        asked = {"kiosk": KIOSK, "role": role, "purpose": purpose, **more}
        return {
            name: (await self.desk("technician-codes", form=form, **asked))["code"]
            for name, form in (("digits", "typed"), ("scan", "signed"))
        }

    async def to_code(self) -> None:
        """From standby to the page for a code."""
        await self.at_door()
        await self.press("code")
        await self.page("tech_code")

    async def digits(self, digits: str) -> None:
        """Type a code and go on."""
        await self.type(digits)
        await self.press("next")
        await asyncio.sleep(0.5)

    # What can be seen

    def entries(self, *kinds: str) -> list[dict[str, Any]]:
        """Bodies of the journal's entries of these kinds, oldest first."""
        return entries(self.folder, *kinds)

    def refusals(self) -> list[str]:
        """Why people were not let in, oldest first."""
        return [b["reason"] for b in self.entries("technician.door") if b["result"] == "refused"]

    def words(self) -> str:
        """Everything that the page at hand says."""
        return repr(self.display.screen)


def entries(folder: Path, *kinds: str) -> list[dict[str, Any]]:
    """Bodies of the entries of these kinds in a journal, oldest first."""
    with closing(sqlite3.connect(f"file:{folder / 'journal.db'}?mode=ro", uri=True)) as db:
        rows = db.execute("SELECT kind, body FROM entry ORDER BY seq").fetchall()
    return [{"kind": kind, **json.loads(body)} for kind, body in rows if kind in kinds]
