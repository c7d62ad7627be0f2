"""`kiosk-sim` as people use it: each device alone over a pipe, clean endings, clear refusals."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulator.cli import app
from simulator.families import FAMILIES
from simulator.processes import program

START_S = 60


Start = Callable[..., Awaitable[asyncio.subprocess.Process]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts `kiosk-sim ARGS`; whatever still runs when the test is over is killed."""
    started: list[asyncio.subprocess.Process] = []

    async def run(*args: str, stdin: int = asyncio.subprocess.PIPE) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *program("kiosk-sim"), *args, stdin=stdin, stdout=pipe, stderr=pipe
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), START_S)).decode().strip()


async def tell(process: asyncio.subprocess.Process, words: str) -> str:
    assert process.stdin is not None
    process.stdin.write(words.encode() + b"\n")
    return await line(process)


async def end(process: asyncio.subprocess.Process, number: signal.Signals) -> tuple[int, str]:
    process.send_signal(number)
    _, errors = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode is not None
    return process.returncode, errors.decode()


@pytest.mark.parametrize("name", list(FAMILIES))
async def test_every_family_starts_alone_and_ends_on_sigterm(name: str, tmp_path: Path, start: Start) -> None:
    entry = FAMILIES[name]
    where = ("--listen", entry.at_port(0)) if entry.on_tcp else ("--pty", str(tmp_path / name))
    process = await start("device", name, *where)
    family, link = (await line(process)).split(" ", 1)
    assert family == name
    assert "://" in link
    assert ":0/" not in link + "/"
    state = json.loads(await tell(process, "state"))
    assert state["plugged"] is True
    assert await end(process, signal.SIGTERM) == (0, "")
    assert not (tmp_path / name).is_symlink()


async def test_a_reader_alone_takes_a_card_and_ends_on_ctrl_c(start: Start) -> None:
    process = await start("device", "id-card-reader", "--listen", "tcp://127.0.0.1:0")
    await line(process)
    assert json.loads(await tell(process, "present citizen-07"))["citizen"] == "citizen-07"
    assert "cannot" in await tell(process, "fly")
    assert json.loads(await tell(process, "lift"))["card"] is None
    assert (await end(process, signal.SIGINT))[0] == 0


async def test_a_device_without_stdin_goes_on(start: Start) -> None:
    process = await start("device", "payment-pad", "--listen", "tcp://127.0.0.1:0", stdin=asyncio.subprocess.DEVNULL)
    await line(process)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(process.wait(), 0.5)
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 30) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["device", "toaster"], "no device family 'toaster'"),
        (["device", "camera", "--listen", "http://127.0.0.1:0/f", "--pty", "/x"], "exclude each other"),
        (["visit", "--service", "WH-XX-999"], "no case 'plain' of service 'WH-XX-999'"),
        (["visit", "--service", "WH-SI-001", "--case", "declined"], "no case 'declined'"),
        (["visit", "--service", "WH-SI-001", "--citizen", "nobody"], "no citizen 'nobody'"),
        (["visit", "--service", "WH-SI-001", "--language", "fr"], "no language 'fr'"),
        (["platform", "--listen", "8080"], "expected HOST:PORT"),
        (["render-receipt", "/does/not/exist"], "No such file"),
        (["render-receipt", sys.executable, "--chinese-mode", "maybe"], "on or off"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(words: list[str], said: str) -> None:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert said in result.output


def test_a_recorded_stream_becomes_paper(tmp_path: Path) -> None:
    stream = tmp_path / "stream.bin"
    stream.write_bytes(b"\x1b@" + "威海市自助服务凭条\n受理编号 0047\n".encode("gb18030") + b"\x1dV\x42\x00")
    png, text = tmp_path / "paper.png", tmp_path / "paper.txt"
    result = CliRunner().invoke(app, ["render-receipt", str(stream), "--png", str(png), "--text", str(text)])
    assert result.exit_code == 0, result.output
    assert png.read_bytes().startswith(b"\x89PNG")
    assert "威海市自助服务凭条" in text.read_text("utf-8")
    assert "受理编号 0047" in text.read_text("utf-8")
    CliRunner().invoke(app, ["render-receipt", str(stream), "--text", str(text), "--chinese-mode", "off"])
    assert "威海市" not in text.read_text("utf-8")


async def test_the_world_alone_says_where_everything_is(tmp_path: Path, start: Start) -> None:
    import requests

    process = await start("world", "--ephemeral", "--out", str(tmp_path), "--platform-url", "http://127.0.0.1:9")
    ready = json.loads(await line(process))
    assert ready["missing"] == {}
    assert set(ready["machine_layer"]["devices"]) == {f.section for f in FAMILIES.values()}
    answer = await asyncio.to_thread(
        requests.get, ready["bench"] + "/api/state", headers={"Authorization": f"Bearer {ready['token']}"}, timeout=20
    )
    assert set(answer.json()["devices"]) == {*FAMILIES, "network"}
    assert await end(process, signal.SIGTERM) == (0, "")
