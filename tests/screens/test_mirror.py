"""The mirror over a real loopback WebSocket."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import struct
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pygame
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from config.settings import WindowSettings
from screens.mirror import BLANK, CREDIT, Mirror
from screens.mirror_address import MirrorError
from screens.samples import samples
from screens.screen import Reply, Row, Rows, Screen
from screens.stage import Stage

ZH = {name: replace(screen, countdown=None) for name, screen in samples("zh", "standard").items()}
TOKEN = "token-of-the-test"


class Running:
    """A headless stage with a mirror, on threads of their own."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.stage = Stage(
            WindowSettings(headless=True, mirror="127.0.0.1:0", mirror_token=TOKEN), on_reply=self.replies.append
        )
        self.thread = threading.Thread(target=self.stage.run)
        self.stage.show(ZH["guide"])
        first = threading.Event()
        self.stage.painted = first.set
        self.thread.start()
        assert first.wait(5)
        while self.stage.mirror is None:
            first.wait(0.001)
        assert self.stage.mirror.ready.wait(5)

    @asynccontextmanager
    async def client(self, token: str = TOKEN, **extra: Any) -> AsyncIterator[ClientConnection]:
        assert self.stage.mirror is not None
        url = f"ws://127.0.0.1:{self.stage.mirror.port}/?token={token}"
        async with connect(url, max_size=1 << 24, proxy=None, **extra) as socket:
            yield socket


@pytest.fixture
def running() -> Iterator[Running]:
    it = Running()
    yield it
    it.stage.close()
    it.thread.join(5)
    assert not it.thread.is_alive()
    assert it.stage.mirror is not None
    assert not it.stage.mirror._thread.is_alive()


async def _told(socket: ClientConnection, kind: str, page: str = "") -> dict[str, Any]:
    """The next text message of a kind; rectangles are acknowledged on the way."""
    async with asyncio.timeout(5):
        while True:
            message = await socket.recv()
            if isinstance(message, bytes):
                await _say(socket, type="ack", seq=struct.unpack(">I", message[:4])[0])
                continue
            told: dict[str, Any] = json.loads(message)
            if told["type"] == kind and (not page or told["page"] == page):
                return told


async def _picture(socket: ClientConnection) -> tuple[tuple[int, ...], pygame.Surface]:
    async with asyncio.timeout(5):
        while True:
            message = await socket.recv()
            if isinstance(message, bytes):
                head = struct.unpack(">IHHHHB", message[:13])
                await _say(socket, type="ack", seq=head[0])
                return head, pygame.image.load(io.BytesIO(message[13:]), "x.jpg")


async def _heard(socket: ClientConnection, seconds: float) -> str | bytes | None:
    """The next message, None when none comes in time."""
    try:
        return await asyncio.wait_for(socket.recv(), seconds)
    except TimeoutError:
        return None


async def _say(socket: ClientConnection, **order: Any) -> None:
    await socket.send(json.dumps(order))


async def test_on_connect_the_page_and_the_whole_panel(running: Running) -> None:
    async with running.client() as socket:
        page = await _told(socket, "screen")
        assert page["page"] == "guide"
        assert page["language"] == "zh"
        assert page["mode"] == "standard"
        assert page["countdown_s"] is None
        assert "开始办理" in page["text"]
        start = next(n for n in page["tree"] if n["key"] == "start")
        assert start["role"] == "button"
        assert start["enabled"] is True
        assert len(start["rect"]) == 4
        head, picture = await _picture(socket)
        assert head[1:] == (0, 0, 1080, 1920, 0)
        assert picture.get_size() == (1080, 1920)
        assert picture.get_at((540, 1500))[0] > 100


async def test_press_touches_what_replies(running: Running) -> None:
    async with running.client() as socket:
        await _told(socket, "screen")
        await _say(socket, type="press", key="start")
        while not running.replies:
            await asyncio.sleep(0.002)
        assert running.replies == [Reply("start")]


async def test_a_new_page_is_told_after_it_was_painted(running: Running) -> None:
    async with running.client() as socket:
        first = await _told(socket, "screen")
        running.stage.show(ZH["home"])
        page = await _told(socket, "screen", "home")
        assert page["seq"] > first["seq"]
        await _say(socket, type="press", key="service", value="WH-PS-001")
        while not running.replies:
            await asyncio.sleep(0.002)
        assert running.replies == [Reply("service", "WH-PS-001")]


async def test_touch_goes_through_the_hit_test(running: Running) -> None:
    async with running.client() as socket:
        page = await _told(socket, "screen")
        x, y, w, h = next(n["rect"] for n in page["tree"] if n["key"] == "start")
        await _say(socket, type="touch", x=x + w // 2, y=y + h // 2, phase="down")
        await _say(socket, type="touch", x=x + w // 2, y=y + h // 2, phase="up")
        while not running.replies:
            await asyncio.sleep(0.002)
        assert running.replies == [Reply("start")]


async def test_only_what_changed_is_sent(running: Running) -> None:
    running.stage.show(ZH["form"])
    async with running.client() as socket:
        await _told(socket, "screen", "form")
        await _say(socket, type="refresh")
        while (await _picture(socket))[0][3:5] != (1080, 1920):
            pass
        await _say(socket, type="press", key="key", value="5")
        head, picture = await _picture(socket)
        if head[3:5] == (1080, 1920):
            # The panel of the connection and that of the refresh may both still have been on their way.
            head, picture = await _picture(socket)
        assert head[3] * head[4] < 1080 * 1920 / 20
        assert picture.get_size() == head[3:5]


async def test_a_shot_is_the_whole_panel(running: Running) -> None:
    async with running.client() as socket:
        await _say(socket, type="shot", id="a1")
        shot = await _told(socket, "shot")
        assert shot["id"] == "a1"
        picture = pygame.image.load(io.BytesIO(base64.b64decode(shot["png"])), "x.png")
        assert picture.get_size() == (1080, 1920)


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ('{"type":"press","key":"nothing"}', "nothing enabled on page guide replies nothing"),
        ('{"type":"press","key":5}', "press needs key"),
        ('{"type":"touch","x":-1,"y":5}', "x must be a whole number from 0 to 1079"),
        ('{"type":"touch","x":true,"y":5}', "x must be"),
        ('{"type":"touch","x":1,"y":5,"phase":"hover"}', "phase 'hover'"),
        ('{"type":"dance"}', "'dance' is not"),
        ('{"type":"ack","seq":"x"}', "seq must be"),
        ("[1]", "must be a JSON object"),
        ("{nonsense", "must be a JSON object"),
    ],
)
async def test_what_cannot_be_done_is_answered(running: Running, order: str, words: str) -> None:
    async with running.client() as socket:
        await socket.send(order)
        assert words in (await _told(socket, "error"))["message"]


async def test_a_disabled_button_cannot_be_pressed(running: Running) -> None:
    running.stage.show(ZH["guide-unavailable"])
    async with running.client() as socket:
        await _told(socket, "screen", "guide")
        await _say(socket, type="press", key="start")
        assert "nothing enabled" in (await _told(socket, "error"))["message"]


async def test_the_wrong_token_is_turned_away(running: Running) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with running.client(token="guess"):
            pass
    assert refused.value.response.status_code == 401


async def test_a_page_of_another_site_is_turned_away(running: Running) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with running.client(origin="https://example.com"):
            pass
    assert refused.value.response.status_code == 403
    async with running.client(origin="http://127.0.0.1:18780") as socket:
        await _told(socket, "screen")


async def test_a_client_that_does_not_acknowledge_gets_no_more_than_its_credit(running: Running) -> None:
    async with running.client() as socket:
        rectangles = 0
        pages = 0
        for number in range(12):
            running.stage.show(ZH["home" if number % 2 else "pay"])
            await asyncio.sleep(0.06)
        while (message := await _heard(socket, 0.5)) is not None:
            rectangles += isinstance(message, bytes)
            pages += isinstance(message, str)
        assert rectangles == CREDIT
        assert pages >= 5
        await _say(socket, type="refresh")
        head, _ = await _picture(socket)
        assert head[3:5] == (1080, 1920)


async def test_camera_and_private_blocks_are_blanked_at_the_source(running: Running) -> None:
    face = ZH["face"]
    running.stage.show(face)
    async with running.client() as socket:
        await _told(socket, "screen", "face")
        running.stage.preview(bytes([255, 0, 255]) * (160 * 120), 160, 120)
        sheet = running.stage.sheet
        assert sheet is not None
        assert sheet.preview is not None
        while tuple(running.stage._surface.get_at(sheet.preview.centre))[:3] != (255, 0, 255):
            await asyncio.sleep(0.005)
        await _say(socket, type="shot", id="1")
        shot = await _told(socket, "shot")
        picture = pygame.image.load(io.BytesIO(base64.b64decode(shot["png"])), "x.png")
        assert tuple(picture.get_at(sheet.preview.centre))[:3] == BLANK

        secret = Screen("odd", "题", face.header, blocks=(Rows((Row("密码", "SECRET-8848", private=True),)),))
        running.stage.show(secret)
        page = await _told(socket, "screen", "odd")
        assert "SECRET" not in json.dumps(page, ensure_ascii=False)
        await _say(socket, type="shot", id="2")
        shot = await _told(socket, "shot")
        picture = pygame.image.load(io.BytesIO(base64.b64decode(shot["png"])), "x.png")
        sheet = running.stage.sheet
        assert len(sheet.private) == 1
        assert tuple(picture.get_at(sheet.private[0].centre))[:3] == BLANK


@pytest.mark.parametrize(
    "address", ["0.0.0.0:1", "192.168.1.4:80", "localhost", "kiosk:80", "127.0.0.1:x", "127.0.0.1:70000"]
)
def test_the_mirror_never_leaves_the_machine(address: str) -> None:
    with pytest.raises(MirrorError, match=r"window\.mirror"):
        Stage(WindowSettings(mirror=address), on_reply=lambda reply: None, headless=True)


def test_a_taken_port_leaves_the_terminal_working(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    assert running.stage.mirror is not None
    second = Mirror(running.stage, f"127.0.0.1:{running.stage.mirror.port}", "")
    second.start()
    assert second.ready.wait(5)
    second.stop()
    assert "cannot listen" in caplog.text
    assert running.thread.is_alive()


async def test_fields_are_told_as_filled_or_empty_and_never_with_what(running: Running) -> None:
    async with running.client() as socket:
        await _told(socket, "screen")
        running.stage.show(ZH["form-kinds"])
        page = await _told(socket, "screen", "form")
        fields = {field.pop("key"): field for field in page["fields"]}
        assert fields["bank"] == {"filled": True, "focused": False, "opens": True}
        assert fields["plate"] == {"filled": True, "focused": True, "opens": False}
        assert fields["addr"]["filled"] is False
        assert "威海银行" not in json.dumps(page["fields"], ensure_ascii=False)
