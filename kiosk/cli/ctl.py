"""`kiosk ctl`: the running terminal asked and told from a shell on the same machine (docs/remote.md)."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

if TYPE_CHECKING:
    from config.settings import Settings

ctl_app = typer.Typer(
    no_args_is_help=True,
    help="Ask and tell the running terminal. Exit codes: 0 done, 1 refused or failed, 2 wrong use, 3 no terminal "
    "answers, 4 not allowed (another user, no sign-in, another role).",
)
DONE, NOT_DONE, WRONG_USE, NO_TERMINAL, NOT_ALLOWED = range(5)
CODES: Final[Mapping[str, int]] = {
    "not-understood": WRONG_USE,
    "too-long": WRONG_USE,
    "not-yours": NOT_ALLOWED,
    "not-signed-in": NOT_ALLOWED,
    "not-allowed": NOT_ALLOWED,
    "shut": NOT_ALLOWED,
}
Profile = Annotated[str, typer.Option(help="Device profile: a name in config/profiles or a TOML file.")]
Layers = Annotated[list[Path] | None, typer.Option("--machine", help="Further layers: site, machine.")]
AsJson = Annotated[bool, typer.Option("--json", help="The answer as JSON, for programs.")]
Tongue = Annotated[Literal["zh", "en", "ko"], typer.Option("--language", help="Of the words.")]
Told = Callable[[dict[str, Any]], None]


def _settings(profile: str, machine: list[Path] | None) -> Settings:
    from config.load import SettingsError, load_settings

    try:
        return load_settings(profile, machine or [])
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(WRONG_USE) from error


def _ask(
    verb: str, args: Mapping[str, Any], profile: str, machine: list[Path] | None, told: Told, *, as_json: bool
) -> dict[str, Any]:
    """Ask, and tell the answer. Raises `typer.Exit` when it is no."""
    from kiosk.remote.asking import NoTerminal, ask
    from kiosk.remote.lines import Refused

    settings = _settings(profile, machine)
    waits: list[str] = []

    def still(words: str) -> None:
        if words not in waits:
            waits.append(words)
            typer.echo(f"... {words}", err=True)

    try:
        result = ask(settings.remote.path(settings.state_dir), verb, args, still)
    except NoTerminal as error:
        _no("no-terminal", str(error), "", as_json=as_json)
        raise typer.Exit(NO_TERMINAL) from None
    except Refused as refused:
        _no(refused.code, str(refused), refused.remedy, as_json=as_json)
        raise typer.Exit(CODES.get(refused.code, NOT_DONE)) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False, indent=1))
    else:
        told(result)
    return result


def _no(code: str, message: str, remedy: str, *, as_json: bool) -> None:
    if as_json:
        error = {"code": code, "message": message, "remedy": remedy}
        typer.echo(json.dumps({"error": error}, ensure_ascii=False, indent=1))
    else:
        typer.echo(f"{message}: {remedy}" if remedy else message, err=True)


def _said(result: dict[str, Any]) -> None:
    typer.echo(result["said"])


def _lines(result: dict[str, Any]) -> None:
    for line in result["lines"]:
        typer.echo(line)


def page_lines(result: Mapping[str, Any]) -> list[str]:
    """A page and what can be answered on it: `key value: words`, keys of a keypad in one line."""
    if not result["page"]:
        return ["the work has ended; the terminal serves citizens again (you are still signed in)"]
    lines = [result["text"]]
    keys = [each["value"] for each in result["answers"] if each["key"] == "key" and each["enabled"]]
    if result["answers"]:
        lines.append("--")
    for each in result["answers"]:
        if each["key"] != "key":
            reply = f"{each['key']} {each['value']}".rstrip()
            lines.append(f"press {reply:36} {each['label']}{'' if each['enabled'] else '   (not now)'}")
    if keys:
        lines.append(f"type, or press key: {' '.join(keys)}")
    return lines


def _page(result: dict[str, Any]) -> None:
    for line in page_lines(result):
        typer.echo(line)


@ctl_app.command()
def status(profile: Profile = "simulated", machine: Layers = None, as_json: AsJson = False) -> None:
    """How the terminal is, in one look."""

    def told(r: dict[str, Any]) -> None:
        typer.echo(f"{r['terminal']} {r['version']}, up {r['up_s'] // 3600}:{r['up_s'] // 60 % 60:02d} h, {r['at']}")
        closed = f", closed by {r['closed_by']}" if r["closed_by"] else ""
        typer.echo(f"mode {r['mode']}{closed}; here: {r['here']}; page {r['page'] or '-'}; {r['services']} services")
        typer.echo(f"platform {r['platform']}; not settled: {r['unsettled']}; waiting: {r['waiting_to_be_sent']}")
        if r["signed_in"]:
            typer.echo(f"signed in from afar: {r['signed_in']}{', at work' if r['at_work'] else ''}")
        for name, device in r["devices"].items():
            typer.echo(f"  {name:18} {device['state']:14} {device['cause']}".rstrip())

    _ask("status", {}, profile, machine, told, as_json=as_json)


@ctl_app.command()
def diagnose(
    profile: Profile = "simulated", machine: Layers = None, as_json: AsJson = False, language: Tongue = "en"
) -> None:
    """The readiness report of this moment. Exit codes as of `kiosk diagnose`: 0 well, 1 attention, 2 fault."""

    def told(r: dict[str, Any]) -> None:
        typer.echo(r["first"])
        for each in r["sections"]:
            remedy = f" -> {each['remedy']}" if each["remedy"] else ""
            typer.echo(f"{each['state']:10} {each['name']}: {each['sentence']}{remedy}")

    result = _ask("diagnose", {"language": language}, profile, machine, told, as_json=as_json)
    raise typer.Exit(int(result["exit_code"]))


@ctl_app.command()
def screen(
    profile: Profile = "simulated",
    machine: Layers = None,
    as_json: AsJson = False,
    panel: Annotated[bool, typer.Option("--panel", help="What the panel shows, also while you are at work.")] = False,
) -> None:
    """The page as text: yours while you are at work, else the panel's (a citizen's own pages are withheld)."""
    _ask("screen", {"panel": panel}, profile, machine, _page, as_json=as_json)


@ctl_app.command("sign-in")
def sign_in(
    profile: Profile = "simulated", machine: Layers = None, as_json: AsJson = False, language: Tongue = "en"
) -> None:
    """Sign in with a one-time code of the office, of the purpose `remote`; it is asked for, or read from a pipe."""
    code = typer.prompt("code", hide_input=True) if os.isatty(0) else typer.get_text_stream("stdin").readline(400)

    def told(r: dict[str, Any]) -> None:
        typer.echo(f"signed in as {r['role']}; ends after {r['idle_s'] / 60:g} min in which nothing is asked")

    _ask("sign-in", {"code": code.strip(), "language": language}, profile, machine, told, as_json=as_json)


@ctl_app.command("sign-out")
def sign_out(profile: Profile = "simulated", machine: Layers = None, as_json: AsJson = False) -> None:
    """Sign out; the work ends too."""
    _ask("sign-out", {}, profile, machine, _said, as_json=as_json)


@ctl_app.command()
def work(
    profile: Profile = "simulated", machine: Layers = None, as_json: AsJson = False, language: Tongue = "en"
) -> None:
    """Take the terminal over, when the visit under way has ended, and show the technician's pages as text."""
    _ask("work", {"language": language}, profile, machine, _page, as_json=as_json)


@ctl_app.command()
def press(
    key: Annotated[str, typer.Argument(help="What the page lists after `press`: section, test, back, ...")],
    value: Annotated[str, typer.Argument(help="Its second word, where there is one.")] = "",
    profile: Profile = "simulated",
    machine: Layers = None,
    as_json: AsJson = False,
) -> None:
    """Answer the technician's page at hand, and show the one that follows."""
    _ask("press", {"key": key, "value": value}, profile, machine, _page, as_json=as_json)


@ctl_app.command("type")
def type_(
    text: Annotated[str, typer.Argument(help="What the page's keypad has; a whole sentence where one is written.")],
    profile: Profile = "simulated",
    machine: Layers = None,
    as_json: AsJson = False,
) -> None:
    """Press the keys of a text on the keypad of the technician's page."""
    _ask("type", {"text": text}, profile, machine, _page, as_json=as_json)


@ctl_app.command()
def trace(
    device: Annotated[str, typer.Argument(help="receipt-printer, reader, ...; left out: which are recorded.")] = "",
    on: Annotated[bool, typer.Option("--on", help="Record this wire from now on.")] = False,
    off: Annotated[bool, typer.Option("--off", help="No longer.")] = False,
    minutes: Annotated[int, typer.Option(help="With --on: for how long.", min=1, max=60)] = 10,
    lines: Annotated[int, typer.Option(help="How many of the last lines.", min=1, max=500)] = 50,
    profile: Profile = "simulated",
    machine: Layers = None,
    as_json: AsJson = False,
) -> None:
    """What crossed a device's wire last, in words, personal data masked; record it for a while."""
    if (on and off) or ((on or off) and not device):
        typer.echo("give a device, and --on or --off", err=True)
        raise typer.Exit(WRONG_USE)
    switch = "on" if on else "off" if off else ""

    def told(r: dict[str, Any]) -> None:
        for line in [*r.get("lines", ()), *([r["said"]] if "said" in r else [])]:
            typer.echo(line)
        for wire in r.get("wires", ()):
            left = f" ({wire['seconds']} s left)" if wire["seconds"] else ""
            typer.echo(f"{wire['device']:18} {wire['state']}{left}")

    args = {"device": device, "switch": switch, "minutes": minutes, "lines": lines}
    _ask("trace", args, profile, machine, told, as_json=as_json)


@ctl_app.command()
def logs(
    lines: Annotated[int, typer.Option("--lines", "-n", help="How many of the last.", min=1, max=1000)] = 50,
    level: Annotated[Literal["info", "warning", "error"], typer.Option(help="This, and worse.")] = "info",
    contains: Annotated[str, typer.Option(help="Only lines with these words.")] = "",
    minutes: Annotated[int, typer.Option(help="Only the last minutes; 0: all there are.", min=0, max=10080)] = 0,
    profile: Profile = "simulated",
    machine: Layers = None,
    as_json: AsJson = False,
) -> None:
    """The end of the running terminal's log."""
    args = {"lines": lines, "level": level, "contains": contains, "minutes": minutes}
    _ask("logs", args, profile, machine, _lines, as_json=as_json)


@ctl_app.command()
def capture(
    out: Annotated[Path, typer.Option(help="Where the picture goes; it must not exist yet.")],
    profile: Profile = "simulated",
    machine: Layers = None,
    as_json: AsJson = False,
) -> None:
    """A picture of the panel (PNG), private places blanked; a citizen's own pages are refused. For supervisors."""

    def told(r: dict[str, Any]) -> None:
        typer.echo(f"{out}, sha256 {r['sha256']}")

    if os.path.lexists(out):
        typer.echo(f"{out}: exists already; nothing is written over", err=True)
        raise typer.Exit(WRONG_USE)
    kept: dict[str, Any] = {}
    _ask("capture", {}, profile, machine, kept.update, as_json=False)
    try:
        with os.fdopen(os.open(out, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(base64.b64decode(kept["png"]))
    except OSError as error:
        typer.echo(f"{out}: {error.strerror}", err=True)
        raise typer.Exit(NOT_DONE) from error
    if as_json:
        typer.echo(json.dumps({"file": str(out), "sha256": kept["sha256"]}))
    else:
        told(kept)


@ctl_app.command("restart-device")
def restart_device(
    device: Annotated[str, typer.Argument(help="receipt-printer, reader, pad, ...")],
    profile: Profile = "simulated",
    machine: Layers = None,
    as_json: AsJson = False,
) -> None:
    """Close a device's connection and open it again; refused while somebody is served."""
    _ask("restart-device", {"device": device}, profile, machine, _said, as_json=as_json)


Why = Annotated[
    Literal["repair", "supplies", "cleaning", "moving", "notice"], typer.Option(help="What citizens are told.")
]


@ctl_app.command()
def drain(
    minutes: Annotated[int, typer.Option(help="How long to wait at the most.", min=1, max=30)] = 5,
    reason: Why = "repair",
    profile: Profile = "simulated",
    machine: Layers = None,
    as_json: AsJson = False,
) -> None:
    """No new visit; done when the running one has ended and money is settled. It stays closed until `open`."""
    _ask("drain", {"minutes": minutes, "reason": reason}, profile, machine, _said, as_json=as_json)


@ctl_app.command()
def close(
    reason: Why = "repair",
    zh: Annotated[str, typer.Option(help="A Chinese sentence of your own (supervisors).")] = "",
    en: Annotated[str, typer.Option(help="An English one.")] = "",
    ko: Annotated[str, typer.Option(help="A Korean one; a language without any keeps the reason's sentence.")] = "",
    profile: Profile = "simulated",
    machine: Layers = None,
    as_json: AsJson = False,
) -> None:
    """Close the terminal with a prepared message, or words of your own; a visit under way may end."""
    own = {language: words for language, words in (("zh", zh), ("en", en), ("ko", ko)) if words}
    _ask("close", {"reason": reason, **own}, profile, machine, _said, as_json=as_json)


@ctl_app.command("open")
def open_(profile: Profile = "simulated", machine: Layers = None, as_json: AsJson = False) -> None:
    """Take that closing back; says who else keeps it closed."""
    _ask("open", {}, profile, machine, _said, as_json=as_json)
