"""The platform and a terminal's client of it, in one process, with every exchange held to the contract document."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import requests
from contract_support import ContractAdapter
from fastapi import FastAPI

from config import DATA
from config.catalogue import load_catalogue
from config.load import load_settings
from config.settings import PlatformSettings
from kiosk.platform.client import Platform
from kiosk.platform.connection import Question
from kiosk.platform.messages import PaymentOrder
from kiosk.platform.request_signing import signed_headers
from simulator.people import CITIZENS, Citizen
from simulator.platform.app import create_app
from simulator.platform.inprocess import InProcessAdapter
from simulator.virtual_time import run_virtual

WEIHAI = timezone(timedelta(hours=8))
KIOSK = "WH-HC-0003"
CATALOGUE = load_catalogue()
"""Read once: a platform replaces its own, it never changes one."""


@dataclass
class Wall:
    """A wall clock that tests set."""

    at: datetime = datetime(2026, 11, 21, 20, 14, tzinfo=WEIHAI)

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **spans: float) -> None:
        self.at += timedelta(**spans)


@dataclass
class Town:
    """Platform, terminal and clock."""

    app: FastAPI
    wall: Wall
    platform: Platform
    session: requests.Session
    adapter: ContractAdapter
    settings: PlatformSettings
    ids: Iterator[int] = field(default_factory=lambda: iter(range(1, 10_000)))

    def key(self, prefix: str = "key") -> str:
        return f"{prefix}-{next(self.ids):08d}"

    def terminal(self, kiosk: str = KIOSK) -> Platform:
        """Another client of the same platform."""
        return Platform(self.settings, kiosk, session=self.session, now=self.wall)

    def headers(
        self, method: str, path: str, body: bytes = b"", key: str = "", session: str = "", **changes: str
    ) -> dict[str, str]:
        """Headers of a request below /kgw/v1 as the terminal would sign it; `changes` (X_Nonce=...) come before."""
        connection = self.platform.connection
        if not connection.key.enrolled_as:
            run_virtual(connection.enrol())
        headers = connection.headers(Question(method, path, {}, key, session))
        headers |= {name.replace("_", "-"): value for name, value in changes.items()}
        url = f"{self.settings.url}/kgw/v1{path}"
        return signed_headers(connection.key, method, url, headers, body, created=int(self.wall.at.timestamp()))

    def raw(self, method: str, path: str, body: bytes = b"", **given: str) -> requests.Response:
        """One signed request as it is, past the client."""
        headers = self.headers(method, path, body, **given)
        return self.session.request(method, f"{self.settings.url}/kgw/v1{path}", data=body or None, headers=headers)

    async def proven(self, who: Citizen, service: str = "WH-PS-001", *, live: bool = True) -> tuple[str, list[str]]:
        """A session with a card in it, and a live person; its consents."""
        p = self.platform
        session = await p.open_session(self.key("ses"))
        consents = [
            await p.consent(
                session, self.key("cns"), "service", ["card", "share", "licence", "agency", "portrait"], "2026-11"
            )
        ]
        await p.prove_card(session, self.key("prf"), who.name, who.number, "resident", who.valid_to, service=service)
        if live:
            consents.append(await p.consent(session, self.key("cns"), "face", ["face"], "2026-11"))
            await p.prove_face(session, self.key("prf"), 0.61234567, "pass", "sface-1", consents[-1])
        return session, consents

    async def paid(self, session: str) -> PaymentOrder:
        """An order for the ID card's fee that is paid."""
        order = await self.platform.create_order(session, "WH-PS-001", self.key("chg"))
        return await self.platform.report_payment(
            order.id, self.key("chg"), state="PAID", trace="000012", receipt_no="0007", masked_card="****1234", fen=2000
        )

    def form(self, who: Citizen, mode: str = "pickup") -> dict[str, str]:
        return {"phone": who.phone, "receive_mode": mode, "region_reg": "371002"}


ZHANG = CITIZENS["citizen-02"]


@pytest.fixture
def who() -> Citizen:
    """张秀荣, whose card ends next month."""
    return ZHANG


@pytest.fixture
def town() -> Iterator[Town]:
    """A platform with a terminal beside it."""
    wall = Wall()
    app = create_app(":memory:", wall, catalogue=CATALOGUE)
    session = requests.Session()
    adapter = ContractAdapter(InProcessAdapter(app))
    session.mount("http://", adapter)
    settings = load_settings("simulated").platform
    platform = Platform(settings, KIOSK, session=session, now=wall)
    yield Town(app, wall, platform, session, adapter, settings)
    asyncio.run(platform.close())
    app.state.city.store.close()


@dataclass
class Served:
    """A platform on a real port."""

    app: FastAPI
    settings: PlatformSettings

    def faults(self, **plan: Any) -> None:
        answer = requests.post(f"{self.settings.url}/sim/faults", json=plan, timeout=5)
        assert answer.status_code == 200, answer.text

    def desk(self, name: str) -> Any:
        return requests.get(f"{self.settings.url}/sim/{name}", timeout=5).json()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """uvicorn in a thread, on a free port of loopback."""
    from simulator.platform.serve import make_server

    server = make_server("127.0.0.1", 0, tmp_path_factory.mktemp("platform") / "platform.sqlite")
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    _until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    settings = load_settings(
        "simulated", overrides={"platform.url": f"http://127.0.0.1:{port}", "platform.deadline_s": 1.0}
    ).platform
    app = server.config.app._app  # the wrapper holds the application; tests look into its store
    yield Served(app, settings)
    server.should_exit = True
    thread.join(10)
    app.state.city.store.close()
    assert not thread.is_alive()


def _until(there: Callable[[], bool]) -> None:
    import time

    for _ in range(500):
        if there():
            return
        time.sleep(0.01)
    raise AssertionError("the platform did not start within 5 s")


@pytest.fixture
def broken_catalogue(tmp_path: Path) -> Path:
    """A copy of the catalogue's files, to be broken."""
    for file in (DATA / "services").glob("*.toml"):
        (tmp_path / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path
