"""`kiosk setup`: devices, site, enrolment, clock, technicians, checks; by hand, from a file, or only the checks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def setup(
    answers: Annotated[Path | None, typer.Option(help="Answers as a settings file; nobody is asked.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only look whether all is well; nothing is written.")] = False,
    language: Annotated[Literal["zh", "en"], typer.Option("--language", help="Of the questions.")] = "zh",
    etc: Annotated[Path, typer.Option(help="Where site.toml and machine.toml are.")] = Path("/etc/weihai-kiosk"),
    profile: Annotated[str, typer.Option(help="The lowest layer.")] = "/usr/share/weihai-kiosk/default.toml",
    enrolment: Annotated[bool, typer.Option("--enrol/--no-enrol", help="Make it known at the platform now.")] = True,
) -> None:
    """Make this machine a terminal. Exit codes: 0 it can start, 1 something is not well, 2 setup could not go on.

    What was answered is kept: run it again after an interruption and it goes on. Run it as root.
    """
    from config.load import SettingsError, read_toml
    from kiosk.setup.asking import AnswersFile, Person
    from kiosk.setup.checks import checks
    from kiosk.setup.places import Places
    from kiosk.setup.walk import SetupError, Walk, enrol

    places = Places(profile, etc)
    if not check:
        try:
            answering = AnswersFile(read_toml(answers), typer.echo) if answers else Person(language)
            Walk(places, answering).run()
        except (SetupError, SettingsError) as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(2) from error
        if enrolment and (why := enrol(places)):
            typer.echo(f"not enrolled now: {why}")
    looked = list(checks(places))
    for each in looked:
        typer.echo(each.line())
    if any(each.well is False for each in looked):
        raise typer.Exit(1)
    if not check:
        typer.echo("next: systemctl start weihai-kiosk")
