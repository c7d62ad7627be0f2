"""The cable between terminal and platform: what passes, what is seen of it, what happens when it is damaged."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from simulator.network import Messages, Network
from simulator.world import World

SECRET = "Bearer do-not-log"


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served = 0

    def do_POST(self) -> None:
        Echo.served += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the class gives it
        return


@pytest.fixture
def upstream() -> Iterator[str]:
    Echo.served = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


async def post(url: str, body: bytes = b"{}") -> requests.Response:
    def ask() -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            return session.post(url + "/kgw/v1/sessions", data=body, headers={"Authorization": SECRET}, timeout=3)

    return await asyncio.to_thread(ask)


async def test_messages_pass_and_only_their_first_lines_are_noted(upstream: str) -> None:
    world = World({"network": Network(upstream)})
    await world.start(families=())
    body = "张三 371002".encode() * 5000
    answer = await post(world.devices["network"].link, body)
    assert (answer.status_code, answer.content) == (201, body)
    there, back = world.wire_since(0, "network")
    assert there.words == f"POST /kgw/v1/sessions, {len(body)} bytes"
    assert back.words.startswith("201 Created, ")
    assert "ms" in back.words
    assert not any("do-not-log" in line.words or "张三" in line.words or line.hex for line in world.wire)
    assert world.machine_layer()["platform"]["url"] == world.devices["network"].link
    await world.stop()


async def test_a_cable_that_is_out_refuses_and_keeps_its_port(upstream: str) -> None:
    network = Network(upstream)
    await network.plug()
    link = network.link
    await network.unplug()
    with pytest.raises(requests.ConnectionError):
        await post(link)
    assert (Echo.served, network.state()["words"]) == (0, "cable out")
    await network.plug()
    assert network.link == link
    assert (await post(link)).status_code == 201
    await network.unplug()


@pytest.mark.parametrize("fault", ["lose", "half"])
async def test_what_was_sent_is_done_although_its_answer_never_comes(upstream: str, fault: str) -> None:
    network = Network(upstream)
    await network.plug()
    network.do(fault)
    try:
        answer = (await post(network.link, b"x" * 500)).content
    except requests.RequestException:
        answer = b""
    # Cut inside its header an answer may still look like an answer to the library, but never a whole one.
    assert len(answer) < 500
    assert Echo.served == 1
    network.do("restore")
    assert (await post(network.link)).ok
    await network.unplug()


async def test_slow_is_slow(upstream: str) -> None:
    network = Network(upstream)
    await network.plug()
    network.do("slow", seconds=0.3)
    assert (await post(network.link)).elapsed.total_seconds() > 0.25
    with pytest.raises(ValueError, match="seconds"):
        network.do("slow", seconds=1000)
    with pytest.raises(ValueError, match="no verb"):
        network.do("burn")
    await network.unplug()


def test_messages_are_found_however_the_bytes_arrive() -> None:
    stream = b"POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello" + b"GET /b HTTP/1.1\r\nHost: x\r\n\r\n"
    whole = Messages().feed(stream)
    assert whole == [("POST /a HTTP/1.1", 5), ("GET /b HTTP/1.1", 0)]
    one = Messages()
    assert [m for i in range(len(stream)) for m in one.feed(stream[i : i + 1])] == whole


def test_what_is_not_http_is_given_up_and_never_grows() -> None:
    messages = Messages()
    assert messages.feed(b"\x16\x03\x01" * 40_000) == []
    assert messages.feed(b"GET / HTTP/1.1\r\n\r\n") == []
    chunked = Messages()
    assert chunked.feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello") == [("HTTP/1.1 200 OK", 0)]
    assert chunked.feed(b"\r\n\r\n") == []
