"""`kiosk-sim`: the other side of every wire. `kiosk-sim up` starts everything; the rest are its parts, alone."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli_virtual import crash_sweep, fail, rest, run_all_command, say, soak

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Simulated devices, platform and bench for a kiosk on a desk.",
)
BUILD = Path("build/run")


@app.command()
def up(
    out: Annotated[Path, typer.Option(help="Where logs, state and the machine layer go.")] = BUILD,
    port: Annotated[
        int, typer.Option(help="Port of the bench; another one when it is taken.", min=0, max=65535)
    ] = 8080,
    ephemeral: Annotated[bool, typer.Option(help="Free ports and a state that is thrown away at the end.")] = False,
    terminal: Annotated[bool, typer.Option(help="Start `kiosk run`.")] = True,
    platform: Annotated[bool, typer.Option(help="Start the platform.")] = True,
    browser: Annotated[bool, typer.Option(help="Open the bench in the browser.")] = False,
    profile: Annotated[str, typer.Option(help="Of the terminal, e.g. simulated-small.")] = "simulated",
) -> None:
    """Start the platform, all devices and the bench, then the terminal. Ctrl-C ends everything."""
    from simulator.up import UpOptions, run_up

    options = UpOptions(out, port, ephemeral, terminal, platform, browser, profile)
    raise typer.Exit(asyncio.run(run_up(options, say)))


@app.command()
def world(
    out: Annotated[Path, typer.Option(help="Folder for the ptys when --ephemeral.")] = BUILD,
    control: Annotated[bool, typer.Option(help="Offer the bench's HTTP interface.")] = True,
    port: Annotated[int, typer.Option(help="Port of that interface; 0 is a free one.", min=0, max=65535)] = 0,
    ephemeral: Annotated[bool, typer.Option(help="Free ports instead of the usual ones.")] = False,
    platform_url: Annotated[str, typer.Option(help="Platform whose faults and cases the bench shows.")] = "",
    mirror_url: Annotated[str, typer.Option(help="Mirror of a terminal to show (ws://...).")] = "",
) -> None:
    """All devices without a terminal; prints one line of JSON that says where everything is."""
    from simulator.up import WorldOptions, run_world

    raise typer.Exit(asyncio.run(run_world(WorldOptions(out, port, ephemeral, control, platform_url, mirror_url), say)))


@app.command()
def device(
    family: Annotated[
        str, typer.Argument(help="id-card-reader, receipt-printer, licence-printer, payment-pad, camera, cabinet")
    ],
    listen: Annotated[str, typer.Option(help="tcp://127.0.0.1:PORT (0 is a free port)")] = "",
    pty: Annotated[str, typer.Option(help="Path of a pseudo terminal to make")] = "",
    replay: Annotated[Path | None, typer.Option(help="Play this recording (`kiosk trace` reads it too)")] = None,
) -> None:
    """One simulated device alone. Prints its link; obeys lines such as `present citizen-07`, `state`, `verbs`."""
    from simulator.families import UnknownFamily, make
    from simulator.replay import ReplayDevice
    from simulator.standalone import run_alone

    if listen and pty:
        raise fail("--listen and --pty exclude each other")
    where = listen or (f"pty:{pty}" if pty else None)
    try:
        simulated = ReplayDevice(family, replay, where, say) if replay else make(family, where)
    except (UnknownFamily, ValueError, OSError) as error:
        raise fail(str(error)) from None
    try:
        asyncio.run(run_alone(simulated, say))
    except OSError as error:
        raise fail(f"{family} cannot listen there: {error}") from None


@app.command()
def fleet(
    broker: Annotated[str, typer.Option(help="mqtt://HOST:PORT or mqtts://HOST:PORT")] = "mqtt://127.0.0.1:1883",
    terminals: Annotated[int, typer.Option(help="So many, each with its own connection", min=1, max=20_000)] = 3143,
    speed: Annotated[float, typer.Option(help="Minutes of theirs in one of ours", min=0.1, max=600)] = 1.0,
    scenario: Annotated[
        str, typer.Option(help="steady M; outage SHARE M; birth-storm; await-broker M - one after the other")
    ] = "steady 1440",
    seed: Annotated[int, typer.Option(help="The same seed is the same city and the same day", min=0)] = 1,
    books: Annotated[Path | None, typer.Option(help="Write here what every terminal has said, to compare")] = None,
) -> None:
    """All terminals of the city on one broker, for a control room (docs/control-room.md). Ctrl-C ends it."""
    from simulator.fleet.connection import Broker
    from simulator.fleet.fleet import FleetOptions
    from simulator.fleet.limits import room_for
    from simulator.fleet.scenario import parse, play

    try:
        options = FleetOptions(Broker.of(broker), terminals, seed, speed)
        steps = parse(scenario)
        room_for(terminals)
        play(options, steps, books, say)
    except (ValueError, OSError, TimeoutError) as error:
        raise fail(str(error) or "the broker did not answer in time") from None
    except KeyboardInterrupt:
        say("ended")


@app.command()
def platform(
    listen: Annotated[str, typer.Option(help="HOST:PORT on this machine")] = "127.0.0.1:18700",
    db: Annotated[Path, typer.Option(help="SQLite file with everything the platform knows")] = BUILD
    / "platform.sqlite",
    tls: Annotated[
        Path | None, typer.Option(help="HTTPS with a throw-away authority in this folder; terminals show a certificate")
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="From the start: area=payments,slow_s=3 or down,times=2 or problem=maintenance; repeatable"),
    ] = None,
    items: Annotated[int, typer.Option(help="At least so many services", min=0, max=20_000)] = 0,
    licences: Annotated[int, typer.Option(help="So many licences in the library", min=0, max=5_000_000)] = 0,
) -> None:
    """The simulated municipal service platform, alone. Faults while it runs: POST /sim/faults/areas."""
    from simulator.platform.faults import plan_of
    from simulator.platform.scale import Scale
    from simulator.platform.serve import serve

    host, _, number = listen.rpartition(":")
    if not host or not number.isdigit():
        raise fail(f"--listen {listen!r}: expected HOST:PORT, for example 127.0.0.1:18700")
    try:
        plans = [plan_of(text) for text in fault or ()]
    except ValueError as error:
        raise fail(f"--fault {error}") from None
    db.parent.mkdir(parents=True, exist_ok=True)
    scale = Scale(items, licences) if items or licences else None
    serve(host, int(number), db, tls=tls, plans=plans, scale=scale, say=say)


@app.command()
def visit(
    service: Annotated[str, typer.Option(help="One that has a script, such as WH-SI-001")],
    out: Annotated[Path, typer.Option(help="Where pages, papers, journal and summary go.")] = Path("build/visit"),
    citizen: Annotated[str, typer.Option(help="Whose card it is")] = "citizen-02",
    language: Annotated[str, typer.Option(help="zh, en or ko")] = "zh",
    case: Annotated[str, typer.Option(help="plain, or what goes wrong")] = "plain",
) -> None:
    """Play one scripted citizen through real processes and real ports; non-zero when anything differs."""
    from simulator.visit.play import UnknownCase, VisitOptions, play_visit

    try:
        differences = asyncio.run(play_visit(VisitOptions(service, out, citizen, language, case), say))
    except UnknownCase as error:
        raise fail(str(error)) from None
    raise typer.Exit(1 if differences else 0)


app.command()(soak)
app.command()(rest)
app.command("crash-sweep")(crash_sweep)
app.command("run-all")(run_all_command)


@app.command("render-receipt")
def render_receipt(
    stream: Annotated[Path, typer.Argument(help="Bytes as they were sent to the printer")],
    png: Annotated[Path | None, typer.Option(help="Paper as a picture")] = None,
    text: Annotated[Path | None, typer.Option(help="Paper as text, a printed line a line")] = None,
    report: Annotated[
        Path | None, typer.Option("--json", help="Lines with size and alignment, codes, images, cuts, presenter")
    ] = None,
    chinese_mode: Annotated[str, typer.Option(help="on or off: the printer's switch for GB 18030 at power-on")] = "on",
    profile: Annotated[str, typer.Option(help="Which printer: a name of config/receipts")] = "chinese-80mm",
) -> None:
    """What a receipt printer would make of a stream of bytes."""
    from config.load import SettingsError
    from simulator.models.receipt_render import render_receipt as render

    if chinese_mode not in ("on", "off"):
        raise fail("--chinese-mode is on or off")
    try:
        data = stream.read_bytes()
        picture, words, seen = render(data, chinese_mode == "on", profile)
        told = json.dumps(seen, ensure_ascii=False, default=str)
        if png:
            png.write_bytes(picture)
        if text:
            text.write_text(words, encoding="utf-8")
        if report:
            report.write_text(told, encoding="utf-8")
    except OSError as error:
        raise fail(f"{error.filename}: {error.strerror}") from None
    except (SettingsError, ValueError) as error:
        raise fail(f"{stream}: {error}") from None
    if not png and not text and not report:
        say(words)
        say(told)


@app.command()
def play(
    feature: Annotated[Path, typer.Argument(help="A recorded scenario (.feature)")],
    bench: Annotated[str, typer.Option(help="Before your eyes: address with token, or the folder of `up`")] = "",
    token: Annotated[str, typer.Option(help="The token, when the address has none")] = "",
    seed: Annotated[int, typer.Option(help="Seed of what is left to chance", min=0)] = 1,
) -> None:
    """Play what was recorded at a bench: in virtual time, or with --bench at a running one. Exit code 1 when something
    differs; all other feature files run with pytest."""
    from simulator.bench.calling import NoBench, find
    from simulator.bench.playing import NotPlayable, play_file
    from simulator.terminals import NoTerminal

    try:
        wrong = play_file(feature, say, find(bench, token) if bench else None, seed)
    except (NotPlayable, NoBench, NoTerminal, OSError) as error:
        raise fail(str(error)) from None
    raise typer.Exit(1 if wrong else 0)


@app.command("bench-api")
def bench_api(
    out: Annotated[Path, typer.Option(help="Where the page goes.")] = Path("docs/bench-api.md"),
    openapi: Annotated[Path | None, typer.Option(help="Also the OpenAPI document itself, as JSON")] = None,
) -> None:
    """Write the page about the bench's API (and its OpenAPI document)."""
    from simulator.bench.api_page import document, page

    out.write_text(page(), encoding="utf-8")
    if openapi:
        openapi.write_text(json.dumps(document(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


@app.command(context_settings={"ignore_unknown_options": True})
def ctl(
    words: Annotated[list[str] | None, typer.Argument(help="What to do; nothing lists everything.")] = None,
    bench: Annotated[str, typer.Option(help="Address with token, or the folder of `up`; else $KIOSK_BENCH.")] = "",
    token: Annotated[str, typer.Option(help="When the address has none; else $KIOSK_BENCH_TOKEN.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Answers as JSON, a line each.")] = False,
) -> None:
    """Do at a running bench what its page can do: `ctl reader present citizen-07`, `ctl screen touch 办理`. Exit code
    1: cannot be done now; 2: not understood; 3: no bench."""
    from simulator.bench.calling import Caller, NoBench, Refused, find
    from simulator.ctl import NO_BENCH, NOT_UNDERSTOOD, REFUSED, Ctl, NotUnderstood

    def fail(error: Exception, code: int) -> typer.Exit:
        typer.echo(f"kiosk-sim ctl: {error}", err=True)
        return typer.Exit(code)

    try:
        Ctl(Caller(find(bench, token)), say, as_json).obey(words or ())
    except NotUnderstood as error:
        raise fail(error, NOT_UNDERSTOOD) from None
    except NoBench as error:
        raise fail(error, NO_BENCH) from None
    except Refused as error:
        raise fail(error, NOT_UNDERSTOOD if error.status == 404 else REFUSED) from None
    except (OSError, ValueError) as error:
        raise fail(error, NOT_UNDERSTOOD) from None


@app.command("steps")
def steps(
    out: Annotated[Path | None, typer.Option(help="Write it there, as docs/qa-steps.md; printed when left out")] = None,
) -> None:
    """The steps that QA's feature files may use, as a document (Markdown, Chinese)."""
    from simulator.acceptance.step_catalogue import catalogue, write

    if out is None:
        say(catalogue())
        return
    try:
        write(out)
    except OSError as error:
        raise fail(f"{error.filename}: {error.strerror}") from None


def main() -> None:
    """The console script."""
    app()
