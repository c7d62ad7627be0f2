"""The bench for programs: the glass, the recorder, the command line, own citizens, promises, API."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no package to import each other from
from bench_support import Doorbell, TinyMirror

from simulator.bench import glass
from simulator.bench.api_page import CHAPTERS, document, page
from simulator.bench.app import Bench, make_app
from simulator.bench.calling import Address, Caller, NoBench, Refused, find, forget_card, write_card
from simulator.bench.own_clock import MOST_JUMP_S, NoClock, OwnClock
from simulator.bench.recording import MOST_EVENTS
from simulator.bench.serve import listen, serving
from simulator.bench.standing import Found, Standing
from simulator.cli import app as sim_app
from simulator.ctl import Ctl, NotUnderstood, arguments, named, touch
from simulator.models.chip_card import chip_card
from simulator.newcomers import Newcomer, admit, dismiss, free_key
from simulator.people import CITIZENS
from simulator.platform import registry
from simulator.processes import Process
from simulator.world import World

TOKEN = "secret-token"


@asynccontextmanager
async def served(mirror: str = "") -> AsyncIterator[tuple[Bench, Caller]]:
    """A bench with two doorbells, and a program at it."""
    world = World({"camera": Doorbell(), "id-card-reader": Doorbell("id-card-reader")})
    await world.start(families=())
    bench = Bench(world, TOKEN, mirror=mirror)
    async with serving(make_app(bench), listen(0)) as address:
        yield bench, Caller(Address(address, TOKEN))
    await world.stop()


async def test_the_glass_is_read_and_touched_by_words_by_reply_and_by_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glass, "HERE_S", 0.6)
    mirror = TinyMirror()
    await mirror.open()
    async with served(mirror.url) as (_, caller):

        def session() -> None:
            assert caller.get("/api/screen")["page"] == "standby"
            for order in ({"words": "Start"}, {"words": "tar"}, {"key": "start"}, {"x": 5, "y": 5}):
                assert caller.post("/api/screen/touch", order)["touched"]["key"] == "start"
            for order, words in (
                ({"words": "Stop"}, "there are: Start"),
                ({"key": "stop"}, "there are: start"),
                ({}, "say what to touch"),
            ):
                with pytest.raises(Refused, match=words):
                    caller.post("/api/screen/touch", order)
            assert caller.post("/api/screen/key", {"key": "ok"}) == {"key": "ok"}
            with pytest.raises(Refused, match="no key 'F13'"):
                caller.post("/api/screen/key", {"key": "F13"})
            assert caller.get("/api/screen/wait", page=["standby"], within_s=1)["page"] == "standby"
            with pytest.raises(Refused, match="the terminal shows standby"):
                caller.get("/api/screen/wait", page=["home"], within_s=0.2)

        await asyncio.to_thread(session)
        taps = [m for m in mirror.told if m["type"] == "touch"]
        assert taps == [{"type": "touch", "x": 5, "y": 5, "phase": "tap"}] * 4
        await mirror.close()
        with pytest.raises(Refused, match="is it running"):
            await asyncio.to_thread(caller.get, "/api/screen")


async def test_a_session_is_recorded_in_order_and_bounded() -> None:
    mirror = TinyMirror()
    await mirror.open()
    async with served(mirror.url) as (bench, caller):

        def session() -> None:
            with pytest.raises(Refused, match="nothing is being recorded"):
                caller.post("/api/record/stop")
            with pytest.raises(Refused, match="nothing was recorded yet"):
                caller.raw("/api/record/last.feature")
            caller.post("/api/record/start", {"title": "两个门铃"})
            with pytest.raises(Refused, match="under way"):
                caller.post("/api/record/start")
            caller.get("/api/screen")
            caller.post("/api/screen/touch", {"words": "Start"})
            caller.post("/api/devices/camera/ring", {"times": 2})
            caller.post("/api/devices/camera/unplug")

        await asyncio.to_thread(session)
        assert (await asyncio.to_thread(caller.get, "/api/record"))["on"] is True
        told = await asyncio.to_thread(caller.post, "/api/record/stop")
        for line in (
            "场景: 两个门铃",
            "屏幕是“待机”",
            "他点“Start”",
            "“摄像头”被这样操作：ring times=2",
            "“摄像头”的插头被拔掉",
            "流水校验通过",
        ):
            assert line in told["feature"], told["feature"]
        assert (await asyncio.to_thread(caller.raw, "/api/record/last.json")).startswith(b"{")
        await asyncio.to_thread(caller.post, "/api/record/start")
        for _ in range(MOST_EVENTS + 3):
            bench.recorder.note("key", key="ok")
        assert bench.recorder.now is not None
        assert len(bench.recorder.now.events) == MOST_EVENTS
        assert bench.recorder.now.cut_short
    await mirror.close()


async def test_the_command_line_does_it_and_says_what_went_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served() as (bench, caller):
        write_card(tmp_path, caller.address.url, TOKEN)

        def ctl(*words: str) -> tuple[int, str]:
            done = CliRunner().invoke(sim_app, ["ctl", *words, "--bench", str(tmp_path)])
            return done.exit_code, done.output

        async def says(*words: str) -> tuple[int, str]:
            return await asyncio.to_thread(ctl, *words)

        assert await says("camera", "ring", "times=3", "--json") == (0, "3\n")
        assert bench.world.devices["camera"].state()["rings"] == 3
        for words, code, sentence in (
            (("camera", "explode"), 1, "a doorbell does not explode"),
            (("camera", "dance"), 2, "it can"),
            (("toaster", "ring"), 2, "no device or command 'toaster'"),
            (("screen",), 1, "is it running"),
            (("clock",), 2, "no terminal of its own"),
            (("clock", "jump", "soon"), 2, "a whole number"),
            ((), 2, "say what to do"),
            (("record", "stop"), 1, "start it first"),
            (("platform",), 2, "without a platform"),
        ):  # fmt: skip
            monkeypatch.setattr(glass, "HERE_S", 0.1)
            found = await says(*words)
            assert (found[0], sentence in found[1]) == (code, True), found
        assert "ring" in (await says("verbs"))[1]
        assert (await says("words", "camera"))[1].split()[:1] == ["explode"]
        assert "complete -F" in (await says("completion"))[1]
        assert '"rings": 3' in (await says("state", "camera"))[1]
    forget_card(tmp_path, "another")
    assert (await says("state"))[0] == 3
    forget_card(tmp_path, TOKEN)
    code, words = await says("state")
    assert (code, "no bench found" in words) == (3, True)


def test_a_bench_is_found_by_address_by_environment_and_by_card(tmp_path: Path) -> None:
    assert find("http://127.0.0.1:9/?token=abc") == Address("http://127.0.0.1:9", "abc")
    assert find("", "", {"KIOSK_BENCH": "http://localhost:1", "KIOSK_BENCH_TOKEN": "t"}) == Address(
        "http://localhost:1", "t"
    )
    write_card(tmp_path, "http://127.0.0.1:5", "t")
    assert find(str(tmp_path)).token == "t"
    assert (tmp_path / "bench.json").stat().st_mode & 0o077 == 0
    with pytest.raises(NoBench, match="token is missing"):
        find("http://127.0.0.1:9/", "", {})


def test_words_become_arguments() -> None:
    assert arguments(["citizen-07", "times=2"], ["card", "times"]) == {"card": "citizen-07", "times": 2}
    assert arguments(["code=05"], ["code", "card"]) == {"code": "05"}
    with pytest.raises(NotUnderstood, match="say what 'x' is"):
        arguments(["x"], [])
    assert named(["down", "times=2"]) == {"down": True, "times": 2}
    assert touch("540,960") == {"x": 540, "y": 960}
    assert touch("field=birth") == {"key": "field", "value": "birth"}
    assert touch("开始 办理") == {"words": "开始 办理"}
    with pytest.raises(NotUnderstood):
        Ctl(Caller(Address("http://127.0.0.1:1", "")), lambda _: None).obey([])


@pytest.fixture
def newcomer() -> Iterator[Newcomer]:
    made = Newcomer(key=free_key(), name="欧阳试", sex="2", birth=date(1990, 2, 28), valid_from=date(2020, 1, 1))
    yield made
    CITIZENS.pop(made.key, None)


def test_a_citizen_of_ones_own_has_a_card_a_face_and_is_known_to_the_city(newcomer: Newcomer) -> None:
    who = admit(newcomer)
    assert chip_card(who.key).name == "欧阳试"
    assert who.number.startswith("37100219900228")
    assert registry.citizen(who.number) is None
    registry.admit(who)
    assert registry.citizen(who.number) is who
    again = newcomer.model_copy(update={"birth": date(1991, 2, 28)}).citizen
    registry.admit(again)
    assert registry.citizen(who.number) is None
    registry._BY_NUMBER.pop(again.number)
    dismiss(who.key)
    for key in (who.key, "citizen-00"):
        with pytest.raises(KeyError, match="no card of your own"):
            dismiss(key)
    for wrong in ({"name": ""}, {"valid_from": "1980-01-01"}, {"like": "citizen-99"}, {"name": " 空 "}):
        with pytest.raises(ValueError):
            Newcomer.model_validate({**newcomer.model_dump(), **wrong})


def test_special_cards_lie_in_the_tray() -> None:
    assert chip_card("damaged").refusal is not None
    assert chip_card("child").citizen is None


async def test_the_terminals_clock_is_bent_by_its_environment(tmp_path: Path) -> None:
    terminal = Process("terminal", [sys.executable, "-c", "pass"], tmp_path / "log")
    library = tmp_path / "libfaketime.so"
    with pytest.raises(NoClock, match="apt-get install libfaketime"):
        await OwnClock(terminal, tmp_path, [library]).jump(60)
    with pytest.raises(NoClock, match="without a terminal"):
        await OwnClock(None, tmp_path, [library]).right()
    library.touch()
    clock = OwnClock(terminal, tmp_path, [library])
    await clock.jump(3600)
    await clock.jump(-60)
    assert (tmp_path / "clock").read_text() == "+3540\n"
    assert terminal.env["LD_PRELOAD"] == str(library)
    assert terminal.env["DONT_FAKE_MONOTONIC"] == "1"
    await clock.run_at(5)
    assert (tmp_path / "clock").read_text() == "+0 x5\n"
    assert "DONT_FAKE_MONOTONIC" not in terminal.env
    await clock.right()
    assert terminal.env == {}
    for call in (clock.jump(MOST_JUMP_S + 1), clock.run_at(3)):
        with pytest.raises(ValueError):
            await call


async def test_a_promise_is_broken_only_when_nothing_is_open_and_it_lasts() -> None:
    standing = Standing(World({}), None, None)
    sentence = "P1: 2000 fen are paid for order x; it should be 0"

    def state(found: Found, name: str = "P1") -> str:
        return next(one["state"] for one in standing._judged(found) if one["name"] == name)

    busy = Found((sentence,), 1, "vis_1", 0)
    assert [state(busy), state(busy)] == ["under way", "under way"]
    assert [state(Found((), 0, "", 0)), state(Found((sentence,), 0, "", 0)), state(Found((sentence,), 0, "", 0))] == [
        "holds",
        "under way",
        "broken",
    ]
    torn = Found(("P9: entry 7",), 1, "vis_1", 0)
    assert [state(torn, "P9"), state(torn, "P9")] == ["under way", "broken"]
    assert state(Found((), 0, "", 2), "P8") == "under way"
    assert state(Found((), 0, "", 0), "P10") == "not seen"
    unseen = await standing.look()
    assert {one["state"] for one in unseen["promises"]} == {"not seen"}


def test_every_route_is_described_and_the_page_is_up_to_date() -> None:
    for path, methods in document()["paths"].items():
        for about in methods.values():
            assert about["description"].strip(), path
            assert about["tags"][0] in CHAPTERS, path
    written = (Path(__file__).parents[2] / "docs/bench-api.md").read_text(encoding="utf-8")
    assert written == page(), "kiosk-sim bench-api writes it anew"
