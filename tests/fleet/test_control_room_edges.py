"""The control room's settings, gate, sketch and schema, without a database."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from config.divisions import districts, divisions
from kiosk.control_room.guard import Guard
from kiosk.control_room.migrations import steps
from kiosk.control_room.room_settings import load
from kiosk.control_room.sketch import contains, drawn, sketch, spot
from kiosk.control_room.words import told
from simulator.fleet.city import places

TOKEN = "a-token-that-is-long-enough"


async def _app(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"in"})


def asked(
    guard: Guard, path: str = "/", method: str = "GET", query: str = "", **headers: str
) -> tuple[int, dict[str, str]]:
    said: list[Any] = []

    async def send(message: Any) -> None:
        said.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    given = {"host": "127.0.0.1:8090", **{k.replace("_", "-"): v for k, v in headers.items()}}
    scope = {
        "type": "http", "method": method, "path": path, "query_string": query.encode(),
        "headers": [(k.encode(), v.encode()) for k, v in given.items()],
    }  # fmt: skip
    asyncio.run(guard(scope, receive, send))
    return said[0]["status"], {k.decode(): v.decode() for k, v in said[0]["headers"]}


def test_the_gate_without_a_token() -> None:
    guard = Guard(_app, "", ["control.example.gov:443"])
    status, headers = asked(guard)
    assert status == 200
    assert "default-src 'none'" in headers["content-security-policy"]
    assert asked(guard, host="control.example.gov")[0] == 200
    assert asked(guard, host="evil.example")[0] == 403
    assert asked(guard, host="[")[0] == 403
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        assert asked(guard, method=method)[0] == 405


def test_the_gate_with_a_token() -> None:
    guard = Guard(_app, TOKEN, [])
    assert asked(guard)[0] == 401
    assert asked(guard, authorization=f"Bearer {TOKEN}")[0] == 200
    assert asked(guard, authorization="Bearer wrong")[0] == 401
    status, headers = asked(guard, query=f"token={TOKEN}", x_forwarded_proto="https")
    assert (status, headers["location"]) == (303, "/")
    assert all(part in headers["set-cookie"] for part in ("HttpOnly", "SameSite=Strict", "Secure"))
    assert asked(guard, cookie=headers["set-cookie"].partition(";")[0])[0] == 200


def test_settings_from_a_file_and_from_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "room.toml"
    file.write_text('broker = "mqtts://broker.example"\nlisten = "127.0.0.1:9000"\n')
    found = load(
        file, {"KIOSK_CONTROL_ROOM_LISTEN": "127.0.0.1:9001", "KIOSK_CONTROL_ROOM_HOSTS": "a.example,b.example"}
    )
    assert (found.address, found.hosts) == (("127.0.0.1", 9001), ("a.example", "b.example"))
    assert TOKEN not in repr(load(None, {"KIOSK_CONTROL_ROOM_TOKEN": TOKEN}))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"LISTEN": "0.0.0.0:8090"}, "set a token"),
        ({"LISTEN": "127.0.0.1:99999"}, "no port"),
        ({"BROKER": "http://x"}, "pattern"),
        ({"CLIENT_KEY": "k.pem"}, "belong together"),
    ],
)
def test_settings_that_cannot_be(given: dict[str, str], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        load(None, {f"KIOSK_CONTROL_ROOM_{k}": v for k, v in given.items()})


def test_every_district_is_on_the_sketch_and_every_terminal_inside_its_own() -> None:
    assert set(sketch().district) == {d.code for d in districts()}
    for place in places():
        point = spot(place.topics.terminal, place.topics.site, place.division)
        assert point is not None
        assert contains(sketch().district[place.topics.site].corners, point)
    assert spot("WH-HC-0001", "000000", "") is None
    assert {d["zh"] for d in drawn()["districts"]} >= {"环翠区", "荣成市"}
    assert all(0 <= x <= 1000 and 0 <= y <= 720 for d in sketch().district.values() for x, y in d.corners)


def test_no_district_lies_over_another() -> None:
    for code, area in sketch().district.items():
        for town in [d for d in divisions().values() if d.parent == code]:
            point = spot(f"WH-XX-{town.code[-4:]}", code, town.code)
            assert point is not None
            assert [c for c, a in sketch().district.items() if contains(a.corners, point)] == [code]
        assert contains(area.corners, area.label)


def test_words_of_the_catalogue_and_of_an_event_that_it_lacks() -> None:
    known = told("receipt-printer", "device.receipt-printer.paper-low", "paper-low")
    assert known["zh"]
    assert known["en_do"][0].isupper()
    assert told("pad", "device.new.kind", "x")["en"] == "payment pad: device.new.kind"


def test_the_steps_of_the_schema_have_no_gap() -> None:
    assert [number for number, _ in steps()] == list(range(1, len(steps()) + 1))
