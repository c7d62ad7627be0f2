"""`kiosk test-device`: the technician's tests from the command line, while the terminal does not run."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from config.settings import Settings
    from kiosk.technician.device_tests.burn_in import Counts
    from kiosk.technician.device_tests.declared import DeviceTest, Progress, TestResult

Language = Literal["zh", "en", "ko"]
PASSED, FAILED, WRONG, UNKNOWN = 0, 1, 2, 3


class Shell:
    """The person at the keyboard, or nobody."""

    def __init__(self, language: Language, *, present: bool, quiet: bool) -> None:
        self.language: Language = language
        self.present = present
        self._quiet = quiet
        self._last = ""

    def tell(self, progress: Progress) -> None:
        """One line for what is new."""
        told = ", ".join(f"{f.label(self.language)} {f.told(self.language)}" for f in progress.figures)
        line = f"  {progress.words(self.language)}" + (f" ({told})" if told else "")
        if not self._quiet and line != self._last:
            typer.echo(line, err=True)
            self._last = line

    async def ask(self, question: str, seconds: float) -> bool | None:
        """y or n and Enter; None after `seconds`, or at the end of the input."""
        from config.device_tests import device_tests

        typer.echo(f"  {device_tests().ask[question].told(self.language)} [y/n] ", nl=False, err=True)
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[str] = loop.create_future()

        def came() -> None:
            if not answered.done():
                answered.set_result(sys.stdin.readline())

        loop.add_reader(sys.stdin.fileno(), came)
        try:
            async with asyncio.timeout(seconds):
                word = (await answered).strip().lower()
        except TimeoutError:
            return None
        finally:
            loop.remove_reader(sys.stdin.fileno())
        return True if word in ("y", "yes") else False if word in ("n", "no") else None


def run_device_tests(
    role: Annotated[
        str, typer.Argument(help="all, or a test, a section or a place in the profile; a wrong one lists them.")
    ],
    profile: Annotated[str, typer.Option(help="Device profile: a name or a TOML file.")] = "simulated",
    machine: Annotated[list[Path] | None, typer.Option("--machine", help="Further layers: site, machine.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: an object with `results`.")] = False,
    language: Annotated[Language, typer.Option("--language", help="Of the words.")] = "en",
    unattended: Annotated[bool, typer.Option(help="Nobody lays cards or answers: such tests are left out.")] = False,
    rounds: Annotated[
        int, typer.Option(help="More than 1: a burn-in with what needs no hands.", min=1, max=10_000)
    ] = 1,
    paper: Annotated[bool, typer.Option(help="A burn-in prints too.")] = False,
) -> None:
    """Test devices. Exit codes: 0 passed, 1 one failed, 2 wrong use, 3 none failed and one is not known.

    While the terminal runs its devices are its own: it is tested from the technician's pages then.
    """
    from config.load import SettingsError, load_settings
    from kiosk.technician.device_tests.burn_in import TooMuch
    from kiosk.technician.device_tests.table import find_tests

    try:
        settings = load_settings(profile, machine or [])
        tests = find_tests(role, settings)
        _must_not_run(settings)
        if rounds > 1:
            code = asyncio.run(_burned(settings, tests, rounds, paper=paper, language=language, as_json=as_json))
        else:
            present = not unattended and sys.stdin.isatty()
            code = asyncio.run(
                _tested(settings, tests, Shell(language, present=present, quiet=as_json), as_json=as_json)
            )
    except (SettingsError, LookupError, TooMuch, OSError, ValueError) as error:
        typer.echo(str(error.args[0] if isinstance(error, LookupError) else error), err=True)
        raise typer.Exit(WRONG) from error
    raise typer.Exit(code)


def device_tests_page(
    out: Annotated[Path | None, typer.Option(help="Where to; the screen without it.")] = None,
) -> None:
    """The tests of devices, as Markdown."""
    from kiosk.cli.diagnose import told
    from kiosk.technician.device_tests.page import page

    told(page(), out)


class Running(ValueError):
    """The terminal runs and holds its devices."""


def _must_not_run(settings: Settings) -> None:
    from kiosk.diagnostics.gather import FRESH_S
    from kiosk.diagnostics.history import History

    last = History(settings.state_dir).last_look()
    if last is not None and abs((datetime.now(last.at.tzinfo) - last.at).total_seconds()) <= FRESH_S:
        raise Running("the terminal runs: test from its technician's pages, or stop it and wait half a minute")


async def _tested(settings: Settings, tests: tuple[DeviceTest, ...], shell: Shell, *, as_json: bool) -> int:
    from kiosk.technician.device_tests.grounds import by_opening
    from kiosk.technician.device_tests.running import run_test

    stop = _stopped_by_signal()
    results: list[TestResult] = []
    async with AsyncExitStack() as stack:
        record = await _record(settings, stack)
        wanted = [test for test in tests if len(tests) == 1 or not (test.panel or (test.hands and not shell.present))]
        roles = frozenset(test.role or "" for test in wanted) | frozenset({"cabinet"} & set(settings.devices))
        sound = _speakers(settings, stack) if any(test.id == "sound" for test in wanted) else None
        ground = await stack.enter_async_context(by_opening(settings, roles, shell, shell.language, sound))
        for test in wanted:
            if not as_json:
                typer.echo(test.name(shell.language))
            result = await run_test(test, ground, record, stop)
            results.append(result)
            if not as_json:
                _say(result, shell.language)
            if stop.is_set():
                break
    code = _code(results)
    if as_json:
        told = [told_json(each, shell.language) for each in results]
        typer.echo(json.dumps({"schema": 1, "exit_code": code, "results": told}, ensure_ascii=False, indent=1))
    return code


def told_json(result: TestResult, language: Language) -> dict[str, Any]:
    """A result for programs; nothing that was shown to a person alone."""
    return {
        "test": result.test,
        "section": result.section,
        "outcome": result.outcome,
        "event": result.event,
        "cause": result.cause,
        "sentence": result.sentence(language),
        "remedy": result.remedy(language),
        "said": result.said,
        "figures": {figure.id: figure.value for figure in result.figures},
    }


def _say(result: TestResult, language: Language) -> None:
    typer.echo(f"  {result.outcome}: {result.sentence(language)}: {result.remedy(language)}")
    for figure in result.figures:
        typer.echo(f"    {figure.label(language)}: {figure.told(language)}")
    for line in result.shown:
        typer.echo(f"    {line}")
    if result.said:
        typer.echo(f"    {result.said}")


def _code(results: list[TestResult]) -> int:
    outcomes = {result.outcome for result in results}
    # What this terminal does not have is no doubt about it.
    doubts = [r for r in results if r.outcome == "unknown" and r.event not in ("test.not-fitted", "test.needs-panel")]
    return FAILED if "fail" in outcomes else UNKNOWN if doubts or not results else PASSED


async def _burned(
    settings: Settings, tests: tuple[DeviceTest, ...], rounds: int, *, paper: bool, language: Language, as_json: bool
) -> int:
    from kiosk.technician.device_tests.burn_in import Plan, burn_in, cheap
    from kiosk.technician.device_tests.grounds import by_opening

    chosen = tuple(test for test in tests if not test.hands) if paper else cheap(tests)
    plan = Plan(chosen, rounds)
    typer.echo(
        f"{len(chosen)} tests x {rounds}: {plan.paper_mm / 1000:g} m of receipt paper, {plan.pages} pages", err=True
    )
    shell = Shell(language, present=False, quiet=True)
    stop = _stopped_by_signal()
    async with AsyncExitStack() as stack:
        record = await _record(settings, stack)
        roles = frozenset(test.role for test in chosen)
        ground = await stack.enter_async_context(by_opening(settings, roles, shell, language))

        def tell(counts: Counts) -> None:
            if not as_json:
                typer.echo(f"\r  {counts.round}/{rounds}: {counts.fails} failed ", nl=False, err=True)

        counts = await burn_in(plan, ground, tell, record, stop)
    if as_json:
        typer.echo(json.dumps({"schema": 1, **counts.on_record()}, ensure_ascii=False))
    else:
        typer.echo(f"\n{counts.ended}")
        for each in counts.tallies:
            p95 = "-" if each.p95_s is None else f"{each.p95_s:.2f} s"
            typer.echo(f"  {each.test.name(language)}: {each.runs} runs, {each.fails} failed, p95 {p95} {each.why}")
    return FAILED if counts.fails else PASSED


async def _record(settings: Settings, stack: AsyncExitStack) -> Any:
    """The journal where there is one already; last pass and fail."""
    from kiosk.clock import Clock
    from kiosk.diagnostics.history import History
    from kiosk.journal import Journal, JournalError
    from kiosk.technician.device_tests.running import Record

    path = settings.state_dir / "journal.db"
    history = History(settings.state_dir)
    if not path.exists():
        return Record(None, history)
    journal = Journal(path, Clock())
    try:
        await journal.open()
    except JournalError as error:
        typer.echo(f"{path}: {error}; these tests are not on record", err=True)
        return Record(None, history)
    stack.push_async_callback(journal.close)
    return Record(journal, history)


def _speakers(settings: Settings, stack: AsyncExitStack) -> Any:
    from kiosk.technician.device_tests.grounds import Speakers, voice_of

    player = voice_of(settings)
    stack.callback(player.close)
    return Speakers(player)


def _stopped_by_signal() -> asyncio.Event:
    """Ctrl-C ends a test in good order."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop
