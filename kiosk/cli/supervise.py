"""`kiosk supervise`: which rules are broken; `kiosk quality`: how visits end. Both read the journal's file."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

File = Annotated[Path, typer.Argument(help="The journal: journal.db in the profile's state_dir.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def _wrong(error: Exception) -> typer.Exit:
    typer.echo(str(error), err=True)
    return typer.Exit(2)


def supervise(file: File, as_json: AsJson = False) -> None:
    """Which red and yellow rules are broken now. Exit codes: 0 none, 1 yellow, 3 red, 2 not readable."""
    from config.supervision import supervision
    from kiosk.clock import WEIHAI
    from kiosk.journal import JournalError
    from kiosk.supervision.look import look, raised
    from kiosk.supervision.rules import findings

    rules = supervision().rules
    try:
        found = findings(look(file, datetime.now(WEIHAI)))
        standing = raised(file)
    except JournalError as error:
        raise _wrong(error) from error
    lines = {
        (f.module, f.rule.key): (
            f.light,
            f.rule.number,
            f.module,
            f.since.isoformat(timespec="seconds"),
            f.rule.en,
            f.what,
        )
        for f in found
    }
    for each in standing:
        rule = rules.get(each.rule)
        if rule is not None:
            lines.setdefault(
                (each.module, each.rule), (rule.light, rule.number, each.module, each.since, rule.en, each.what)
            )
    ordered = sorted(lines.values(), key=lambda line: (line[0] != "red", line[1]))
    if as_json:
        names = ("light", "rule", "module", "since", "content", "what")
        typer.echo(json.dumps([dict(zip(names, line, strict=True)) for line in ordered], ensure_ascii=False, indent=1))
    else:
        for light, number, module, since, content, what in ordered:
            typer.echo(f"{light:6} {number} {module:16} {since:26} {content} ({what})")
        if not ordered:
            typer.echo("green: no rule is broken")
    if ordered:
        raise typer.Exit(3 if ordered[0][0] == "red" else 1)


def quality(
    file: File,
    days: Annotated[int, typer.Option(help="Only the last so many days; 0 all.", min=0, max=3650)] = 0,
    as_json: AsJson = False,
) -> None:
    """How visits ended, and whether a rating was offered. Exit codes: 0 well, 1 too many errors, 2 not readable."""
    from config.supervision import supervision
    from kiosk.clock import WEIHAI
    from kiosk.journal import JournalError
    from kiosk.supervision.look import quality as measured

    since = (datetime.now(WEIHAI) - timedelta(days=days)).isoformat(timespec="milliseconds") if days else ""
    try:
        report = measured(file, since)
    except JournalError as error:
        raise _wrong(error) from error
    limit = supervision().quality.error_permille
    alarm = report.permille("error") > limit
    if as_json:
        told = {
            "visits": report.visits, "ended": dict(report.ended), "error_permille": report.permille("error"),
            "limit_permille": limit, "alarm": alarm, "completed": report.completed, "offered": report.offered,
            "rated": report.rated, "coverage_percent": report.coverage,
        }  # fmt: skip
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        typer.echo(f"visits    {report.visits}")
        for how, count in report.ended.most_common():
            typer.echo(f"  {how or '?':10} {count:7} {report.permille(how) / 10:7.2f} %")
        typer.echo(f"ratings   {report.rated} of {report.offered} offered, {report.completed} journeys completed")
        typer.echo(f"coverage  {report.coverage:.1f} %")
        typer.echo(
            f"errors    {report.permille('error') / 10:.2f} %, limit {limit / 10:.2f} %{' ALARM' if alarm else ''}"
        )
    if alarm:
        raise typer.Exit(1)
