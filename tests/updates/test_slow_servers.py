"""A server that sends a few octets now and then keeps no thread for days; what came is where the next one goes on."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from kiosk.updates.fetching import CannotFetch, Pace, fetch_file, fetch_manifest, part_of
from kiosk.updates.state import State, StateFile
from tests.updates.a_machine import NEW, SETTINGS, Machine, step
from tests.updates.release import CONTENT

DATA = bytes(range(256)) * 400
SHA = hashlib.sha256(DATA).hexdigest()
HEAD = f"HTTP/1.1 200 OK\r\nContent-Length: {len(DATA)}\r\n\r\n".encode()
ENDLESS = b"HTTP/1.1 200 OK\r\n\r\n"
SLOW = Pace(least=4096, window_s=0.2, begin_s=30)


@contextmanager
def server(at_once: bytes, drip: bytes, every_s: float = 0.05) -> Iterator[tuple[str, list[bytes]]]:
    """Answers with `at_once`, then octet by octet with `drip`; (its address, what it was asked)."""
    listening = socket.create_server(("127.0.0.1", 0))
    asked: list[bytes] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                one, _ = listening.accept()
                with one, suppress(OSError):
                    asked.append(one.recv(65_536))
                    one.sendall(at_once)
                    for octet in drip:
                        time.sleep(every_s)
                        one.sendall(bytes([octet]))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/kiosk.deb", asked
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(5)


def seconds(act: Callable[[], object], why: str) -> float:
    """How long it takes to be refused for `why`."""
    began = time.monotonic()
    with pytest.raises(CannotFetch, match=why):
        act()
    return time.monotonic() - began


def test_an_octet_now_and_then_is_not_waited_for_and_what_came_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "updates" / "kiosk.deb"
    with server(HEAD + DATA[:5000], DATA[5000:5100]) as (url, _):
        assert seconds(lambda: fetch_file(url, target, len(DATA), SHA, SLOW), r"slower than 4 KiB/s") < 8
    had = part_of(target).stat().st_size
    assert 5000 <= had < 5100
    rest = DATA[had:]
    head = f"HTTP/1.1 206 P\r\nContent-Range: bytes {had}-{len(DATA) - 1}/{len(DATA)}\r\n"
    with server(f"{head}Content-Length: {len(rest)}\r\n\r\n".encode() + rest, b"") as (url, asked):
        fetch_file(url, target, len(DATA), SHA, SLOW)
    assert f"Range: bytes={had}-".encode() in asked[0]
    assert target.read_bytes() == DATA


@pytest.mark.parametrize("at_once", [b"", b"HTTP/1.1 200 OK\r\nX: "], ids=["status line", "headers"])
def test_nor_in_what_comes_before_the_file(at_once: bytes, tmp_path: Path) -> None:
    with server(at_once, b"H" * 100) as (url, _):
        assert seconds(lambda: fetch_file(url, tmp_path / "x", len(DATA), SHA, SLOW), "slower than") < 8
        assert seconds(lambda: fetch_manifest(url, SLOW), "slower than") < 8


def test_an_answer_without_a_length_that_we_ended_is_no_whole_one() -> None:
    with server(ENDLESS + b"{}", b"x" * 100) as (url, _):
        assert seconds(lambda: fetch_manifest(url, SLOW), "slower than") < 8


def test_the_whole_takes_no_longer_than_its_size_at_the_least_pace(tmp_path: Path) -> None:
    """Fast at every look, and never at an end: a 206 that starts over is one way."""
    pace = Pace(least=len(DATA) * 10.0, window_s=60, begin_s=0.2)
    with server(HEAD + DATA[:5000], DATA[5000:5100]) as (url, _):
        assert seconds(lambda: fetch_file(url, tmp_path / "x", len(DATA), SHA, pace), "not whole within 0 s") < 8


def test_no_thread_is_left(tmp_path: Path) -> None:
    with server(HEAD + DATA, b"") as (url, _):
        fetch_file(url, tmp_path / "kiosk.deb", len(DATA), SHA)
        assert not [thread for thread in threading.enumerate() if thread.name == "kiosk-fetch-pace"]


def test_what_brings_something_is_asked_again_and_what_brings_nothing_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    brings = True
    paces: list[float] = []

    def breaks(url: str, target: Path, size: int, sha256: str, pace: Pace) -> None:
        paces.append(pace.least)
        if brings:
            with part_of(target).open("ab") as file:
                file.truncate((part_of(target).stat().st_size) + (1 << 20))
        raise CannotFetch("it broke off")

    monkeypatch.setattr("kiosk.updates.fetching.fetch_file", breaks)
    StateFile(tmp_path).write(State("offered", NEW, file="kiosk.deb", sha256=SHA, size=len(CONTENT)))
    machine = Machine("package", tmp_path)
    assert step(machine, 40).phase == "offered"
    assert set(paces) == {SETTINGS.least_kib_s * 1024}
    brings = False
    assert step(machine, 20).phase == "failed"
