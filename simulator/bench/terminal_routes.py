"""`/api/processes/*`, `/api/clock`, `/api/standing`, `/api/record*`: the terminal's process, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import HTMLResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from simulator.bench.answers import as_problem
from simulator.bench.bench import Bench
from simulator.bench.own_clock import MOST_JUMP_S, OwnClock

ORDERS = ("start", "stop", "kill", "refuse-disk", "mend-disk")


class ClockTurn(BaseModel):
    """What happens to the terminal's clock: one of `jump_s`, `speed`, `right`."""

    model_config = ConfigDict(extra="forbid")

    jump_s: Annotated[int, Field(ge=-MOST_JUMP_S, le=MOST_JUMP_S)] | None = None
    speed: Annotated[int, Field(ge=1, le=10)] | None = None
    right: bool = False


class Wanted(BaseModel):
    """Which breakdown."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=80)]


class Title(BaseModel):
    """What the recorded scenario is called."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(max_length=80)] = ""


def router(bench: Bench, told: Callable[[], None]) -> APIRouter:
    """`told` is called when the page has something to learn that no device says."""
    api = APIRouter(prefix="/api")

    @api.post("/processes/{name}/{order}", tags=["terminal"])
    async def process(name: str, order: str) -> dict[str, Any]:
        """`start`, `stop` (SIGTERM) or `kill` (SIGKILL, as a power cut) the terminal or the platform. `refuse-disk`: no
        file takes what it writes from now on, until `mend-disk` or its next start."""
        child = bench.processes.get(name)
        if child is None or order not in ORDERS:
            raise HTTPException(404, f"processes: {', '.join(bench.processes) or 'none'}; orders: {', '.join(ORDERS)}")
        with as_problem():
            await {
                "start": child.start,
                "stop": child.stop,
                "kill": child.kill,
                "refuse-disk": child.refuse_disk,
                "mend-disk": child.mend_disk,
            }[order]()
        bench.recorder.note("process", name=name, order=order)
        return child.state()

    @api.get("/processes/{name}/log", response_class=PlainTextResponse, tags=["terminal"])
    async def process_log(name: str) -> Response:
        """The last lines that the process wrote."""
        if name not in bench.processes:
            raise HTTPException(404, f"processes: {', '.join(bench.processes) or 'none'}")
        return PlainTextResponse(bench.processes[name].tail())

    @api.get("/clock", tags=["terminal"])
    async def clock() -> dict[str, Any]:
        """How far the terminal's clock is ahead, how fast it goes, and why it cannot be changed."""
        return _clock(bench).state()

    @api.post("/clock", tags=["terminal"])
    async def turn(body: ClockTurn) -> dict[str, Any]:
        """Turn the terminal's clock. The first jump and every change of speed start the terminal again."""
        own = _clock(bench)
        if (body.jump_s is not None) + (body.speed is not None) + body.right != 1:
            raise HTTPException(422, 'say one of {"jump_s": 3600}, {"speed": 5}, {"right": true}')
        with as_problem():
            if body.jump_s is not None:
                await own.jump(body.jump_s)
            elif body.speed is not None:
                await own.run_at(body.speed)
            else:
                await own.right()
        bench.recorder.note("clock", ahead_s=own.ahead_s, speed=own.speed)
        told()
        return own.state()

    @api.get("/breakdowns", tags=["breakdowns"])
    async def breakdowns() -> dict[str, Any]:
        """The prepared breakdowns: name, the event that is the true cause, why one cannot be had here; what is on."""
        return bench.breaking.state()

    @api.post("/breakdowns", tags=["breakdowns"])
    async def strike(body: Wanted) -> dict[str, Any]:
        """Let the breakdown `name` happen instead of the one before; "" ends it. Some start the terminal again."""
        try:
            with as_problem():
                await (bench.breaking.strike(body.name) if body.name else bench.breaking.end())
        finally:
            told()
        return bench.breaking.state()

    @api.get("/diagnosis", tags=["breakdowns"])
    async def diagnosis(language: Literal["zh", "en", "ko"] = "en") -> dict[str, Any]:
        """What `kiosk diagnose --json` says of this terminal."""
        with as_problem():
            return await bench.breaking.diagnosis(language)

    @api.get("/standing", tags=["terminal"])
    async def standing() -> dict[str, Any]:
        """The promises P1 to P10 as they stand, the visit under way, the last entries of the journal."""
        return await bench.standing.look()

    @api.get("/report.html", response_class=HTMLResponse, tags=["record"])
    async def whole_report() -> Response:
        """One file with screen, paper, promises, journal, wire and what was recorded, as everything stands now."""
        from simulator.bench.report import report

        return HTMLResponse(
            await report(bench),
            headers={"content-security-policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'"},
        )

    @api.get("/record", tags=["record"])
    async def record() -> dict[str, Any]:
        """Whether a session is recorded."""
        return bench.record_state()

    @api.post("/record/start", tags=["record"])
    async def record_start(body: Title | None = None) -> dict[str, Any]:
        """Begin to record pages, touches and acts."""
        with as_problem():
            await bench.recorder.start(body.title if body else "")
        told()
        return bench.record_state()

    @api.post("/record/stop", tags=["record"])
    async def record_stop() -> dict[str, Any]:
        """End the recording; `feature` is what was recorded as a feature file."""
        with as_problem():
            recording = await bench.recorder.stop()
        told()
        from simulator.bench.written import feature

        return {**bench.record_state(), "feature": feature(recording)}

    @api.get("/record/last.feature", response_class=PlainTextResponse, tags=["record"])
    async def record_feature() -> Response:
        """The last recording, or the one under way, as a feature file (Gherkin, Chinese)."""
        from simulator.bench.written import feature

        return _file(feature(_recording(bench)), "bench.feature", "text/plain; charset=utf-8")

    @api.get("/record/last.json", tags=["record"])
    async def record_json() -> Response:
        """The same, event by event."""
        return _file(_recording(bench).as_json(), "bench.json", "application/json")

    return api


def _recording(bench: Bench) -> Any:
    found = bench.recorder.now or bench.recorder.last
    if found is None:
        raise HTTPException(404, "nothing was recorded yet: POST /api/record/start")
    return found


def _file(text: str, name: str, media: str) -> Response:
    headers = {"content-disposition": f"attachment; filename={quote(name)}"}
    return Response(text.encode(), media_type=media, headers=headers)


def _clock(bench: Bench) -> OwnClock:
    if bench.clock is None:
        raise HTTPException(404, "this bench has no terminal of its own")
    return bench.clock
