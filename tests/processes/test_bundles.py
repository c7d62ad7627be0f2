"""A bundle on its way home: a ticket, the terminal's own PUT, the room over a real database, somebody's look."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import http.client
import json
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import uvicorn

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no package to import each other from
from control_room_stand import Database, free_port, missing
from typer.testing import CliRunner

from config.fleet_settings import FleetSettings
from kiosk.clock import Clock
from kiosk.control_room import bundle_routes
from kiosk.control_room.__main__ import app as command
from kiosk.control_room.bundles import Bundles, listed
from kiosk.control_room.guard import Guard
from kiosk.control_room.migrations import migrate
from kiosk.control_room.pool import Pool
from kiosk.control_room.web import make_app
from kiosk.duties.office_commands import CannotDo
from kiosk.fleet import bundle_home
from kiosk.fleet.bundle_home import Ticket, bring_home, ticket_of

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("fleet")]
NAME = "WH-HC-0003"
ZIP = b"PK\x05\x06" + bytes(18) + b"not longer than it must be" * 4000


@dataclass
class Room:
    """The control room's page in this process."""

    port: int
    bundles: Bundles
    dsn: str
    server: uvicorn.Server
    settings: FleetSettings = field(init=False)

    def __post_init__(self) -> None:
        self.settings = FleetSettings(room=f"http://127.0.0.1:{self.port}")

    def ticket(self, most: int = 1 << 20, minutes: int = 10, terminal: str = NAME) -> Ticket:
        token, until = self.bundles.issue(terminal, most, minutes, "desk", datetime.now(UTC))
        return Ticket(token, most, until)

    def put(self, token: str, body: bytes = ZIP, *, digest: bytes | None = None, **more: str) -> tuple[int, str]:
        """As anybody may: (status, words)."""
        sum_ = base64.b64encode(digest or hashlib.sha256(body).digest()).decode()
        headers = {"Authorization": f"Bearer {token}", "Content-Digest": f"sha-256=:{sum_}:", **more}
        return self.ask("PUT", f"/bundles/{NAME}", body, headers)

    def ask(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body or None, headers or {})
        answer = connection.getresponse()
        found = answer.status, answer.read().decode("latin-1")
        connection.close()
        return found

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn) as cx:
            return cx.execute(query).fetchall()  # type: ignore[arg-type]  # queries of tests

    def acts(self) -> list[tuple[str, str]]:
        return [(act, who) for act, who in self.rows("SELECT act, who FROM bundle_audit ORDER BY at")]


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """PostgreSQL alone."""
    assert not missing(), f"{missing()}: see config/deploy/system-packages.txt"
    with tempfile.TemporaryDirectory(prefix="kiosk-bundles-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        found = Database(Path(name))
        found.start()
        with psycopg.connect(found.dsn, autocommit=True) as cx:
            migrate(cx)
        yield found
        found.program.stop(signal.SIGINT)


@pytest.fixture(scope="module")
def standing(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """Guard, routes and folder behind uvicorn on a free port."""
    bundles = Bundles(tmp_path_factory.mktemp("room") / "bundles", database.dsn, 2, 30)
    pool, port = Pool(database.dsn), free_port()
    guard = Guard(make_app(pool, 300, lambda: {"ok": True}, bundles, "X-Remote-User"), "", [])
    server = uvicorn.Server(uvicorn.Config(guard, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Room(port, bundles, database.dsn, server)
    server.should_exit = True
    thread.join(10)
    pool.close()


@pytest.fixture
def room(standing: Room) -> Room:
    """Nothing issued, nothing kept."""
    with psycopg.connect(standing.dsn) as cx:
        cx.execute("TRUNCATE ticket, bundle, bundle_audit")
    for path in standing.bundles.folder.iterdir():
        path.unlink()
    return standing


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """What the terminal has made."""
    path = tmp_path / "wh-hc-0003-20261122t101010.zip"
    path.write_bytes(ZIP)
    return path


async def test_a_bundle_comes_home_is_listed_and_who_takes_it_is_noted(room: Room, made: Path) -> None:
    sha256 = await bring_home(made, room.ticket(), room.settings, NAME, Clock())
    assert sha256 == hashlib.sha256(ZIP).hexdigest()
    with psycopg.connect(room.dsn) as cx:
        row = listed(cx, NAME)[0]
    assert (row["size"], row["sha256"], row["downloads"]) == (len(ZIP), sha256, 0)
    kept = room.bundles.folder / row["file"]
    assert (kept.read_bytes(), kept.stat().st_mode & 0o777) == (ZIP, 0o600)
    assert room.bundles.folder.stat().st_mode & 0o777 == 0o700
    path = f"/bundles/{NAME}/{row['file']}"
    assert room.ask("GET", path)[0] == 403  # nobody says who it is
    status, body = room.ask("GET", path, headers={"X-Remote-User": "wang"})
    assert (status, body.encode("latin-1")) == (200, ZIP)
    for wrong in (f"/bundles/WH-HC-0004/{row['file']}", f"/bundles/{NAME}/..%2f..%2fetc%2fpasswd"):
        assert room.ask("GET", wrong, headers={"X-Remote-User": "wang"})[0] == 404
    with psycopg.connect(room.dsn) as cx:
        assert [(r["downloads"], r["who"]) for r in listed(cx, NAME)] == [(1, "wang")]
    assert room.acts() == [("issued", "desk"), ("kept", ""), ("downloaded", "wang")]
    assert not {row[0] for row in room.rows("SELECT digest FROM ticket")} & {room.settings.room}


def test_what_is_refused(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    good = room.ticket().token
    assert room.put("a-token-that-nobody-drew")[0] == 401
    assert room.put(room.ticket(terminal="WH-HC-0004").token)[0] == 401
    assert room.put(room.ticket(most=1000).token)[0] == 413
    assert room.put(good, digest=bytes(32)) == (
        422,
        '{"detail":"what came is not what was announced (length or digest)"}',
    )
    assert room.put(good, **{"Content-Digest": "md5=:x:"})[0] == 400
    assert room.ask("PUT", f"/bundles/{NAME}", b"", {"Authorization": f"Bearer {good}"})[0] == 411
    assert room.ask("PUT", "/bundles/nobody", b"x")[0] == 405
    assert room.ask("PUT", "/api/overview", b"x")[0] == 405
    old = room.ticket().token
    with psycopg.connect(room.dsn) as cx:
        cx.execute(
            "UPDATE ticket SET expires_at = now() WHERE digest = %s", (hashlib.sha256(old.encode()).hexdigest(),)
        )
    assert room.put(old)[0] == 410
    monkeypatch.setattr(bundle_routes, "UPLOAD_S", 0.0)
    assert room.put(good)[0] == 408
    monkeypatch.undo()
    monkeypatch.setattr("kiosk.control_room.bundles.SPARE", 1 << 60)
    assert room.put(good)[0] == 507
    monkeypatch.undo()
    assert list(room.bundles.folder.iterdir()) == []  # nothing of all that is left
    assert room.put(good)[0] == 201  # what failed has not used the ticket up
    assert room.put(good)[0] == 200  # the same again: the answer was lost
    assert room.put(good, ZIP + b"x")[0] == 409
    assert len(room.rows("SELECT 1 FROM bundle")) == 1
    assert sum(act == "refused" for act, _ in room.acts()) >= 8


def test_two_at_once_with_one_ticket(room: Room) -> None:
    token, found = room.ticket().token, []
    both = [threading.Thread(target=lambda n=n: found.append(room.put(token, ZIP + bytes([n]))[0])) for n in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(20)
    assert sorted(found) == [201, 409]
    assert len(list(room.bundles.folder.iterdir())) == 1


def test_few_are_kept_and_not_for_ever(room: Room) -> None:
    now = datetime.now(UTC)
    for n in range(4):
        assert room.put(room.ticket().token, ZIP + bytes([n]))[0] == 201
    assert len(room.rows("SELECT 1 FROM bundle")) == len(list(room.bundles.folder.iterdir())) == 2
    (room.bundles.folder / ".incoming-0011").write_bytes(b"torn")
    room.bundles.trim(now + timedelta(days=1))
    assert len(list(room.bundles.folder.iterdir())) == 2
    assert room.bundles.trim(now + timedelta(days=31)) == 2
    assert list(room.bundles.folder.iterdir()) == []


async def test_the_terminal_tries_again_but_not_for_ever(
    room: Room, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_home, "PAUSES_S", (0.01, 0.02))
    tries: list[int] = []
    put = bundle_home._put

    def sometimes(*given: Any) -> str:
        tries.append(1)
        settings = room.settings if len(tries) == 3 else FleetSettings(room="http://127.0.0.1:9")
        return put(*given[:2], settings, NAME)

    monkeypatch.setattr(bundle_home, "_put", sometimes)
    assert await bring_home(made, room.ticket(), room.settings, NAME, Clock())
    tries += [1]
    with pytest.raises(CannotDo, match=r"stays at the terminal: no answer from the control room \(ConnectionRefused"):
        await bring_home(made, room.ticket(), room.settings, NAME, Clock())
    assert len(tries) == 3 + 1 + 3
    tries.append(1)
    with pytest.raises(CannotDo, match="too small"):
        await bring_home(made, room.ticket(most=100), room.settings, NAME, Clock())
    assert made.exists()


async def test_a_refusal_is_told_at_once_in_the_rooms_words(
    room: Room, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.fleet.bundle_home.PAUSES_S", (60.0,))
    began = asyncio.get_running_loop().time()
    wrong = Ticket("a-token-that-nobody-drew", 1 << 20, datetime.now(UTC) + timedelta(hours=1))
    with pytest.raises(CannotDo, match="no such ticket for this terminal"):
        await bring_home(made, wrong, room.settings, NAME, Clock())
    assert asyncio.get_running_loop().time() - began < 30  # no pause
    assert wrong.token not in repr(wrong)


async def test_what_an_order_must_bring() -> None:
    settings, clock = FleetSettings(room="http://127.0.0.1:9"), Clock()
    until = (clock.now() + timedelta(minutes=5)).isoformat()
    full = {"ticket": "t" * 43, "most": "1000", "until": until}
    assert ticket_of({}, settings, clock) is None
    assert ticket_of(full, settings, clock) == Ticket("t" * 43, 1000, datetime.fromisoformat(until))
    for wrong, words in (
        ({"most": ""}, "together"), ({"ticket": "t t"}, "ticket or most"), ({"most": "-1"}, "ticket or most"),
        ({"until": "soon"}, "until"), ({"until": "2026-11-22T10:00:00"}, "zone"),
        ({"until": "2020-01-01T00:00:00+08:00"}, "expired"),
    ):  # fmt: skip
        with pytest.raises(CannotDo, match=words):
            ticket_of({**full, **wrong}, settings, clock)
    with pytest.raises(CannotDo, match=r"fleet\.room is not set"):
        ticket_of(full, FleetSettings(), clock)


def test_the_command_draws_what_the_order_needs(room: Room, tmp_path: Path) -> None:
    given = {"KIOSK_CONTROL_ROOM_DATABASE": room.dsn, "KIOSK_CONTROL_ROOM_BUNDLES": str(tmp_path / "b")}
    done = CliRunner().invoke(command, ["ticket", NAME, "--mib", "1"], env=given)
    params = dict(each.partition("=")[::2] for each in done.output.split() if "=" in each)
    assert params["most"] == str(1 << 20)
    assert room.put(params["ticket"])[0] == 201
    assert json.dumps(room.rows("SELECT digest FROM ticket")).find(params["ticket"]) == -1
    wrong = CliRunner().invoke(command, ["ticket", "x"], env=given)
    assert (wrong.exit_code, "no terminal has such a name" in wrong.output) == (2, True)
    assert CliRunner().invoke(command, ["ticket", NAME]).exit_code == 2
