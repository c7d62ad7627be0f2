"""`kiosk-vision`: rates and times of reading codes, comparing faces, finding pages, reading machine-readable zones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kiosk.vision.lists import KINDS, ListError, read_list

app = typer.Typer(no_args_is_help=True, add_completion=False, help="What the terminal's eyes make of pictures.")
SHOWN = 20


@app.callback()
def about() -> None:
    """What the terminal's eyes make of pictures."""


@app.command()
def evaluate(
    folder: Annotated[Path, typer.Argument(help="Where the pictures are.", file_okay=False, exists=True)],
    lists: Annotated[list[Path], typer.Option("--list", help="What is in them: CSV; a kind each. Again for more.")],
    kind: Annotated[
        str, typer.Option(help="Of every list: codes, faces, documents, mrz; else by name or columns.")
    ] = "",
    readers: Annotated[str, typer.Option(help="For codes: ours, zxing, pyzbar, opencv.")] = "ours,zxing,pyzbar,opencv",
    formats: Annotated[str, typer.Option(help="Formats to look for in rows that name none.")] = "qr",
    out: Annotated[Path | None, typer.Option("--json", help="Write all figures and missed pictures there.")] = None,
    every: Annotated[bool, typer.Option("--every", help="Print every missed picture, not only the first.")] = False,
) -> None:
    """Put a set of pictures to it. Exit code 1: a row or picture could not be used; 2: wrong use."""
    from drivers.camera.codes import FORMATS
    from kiosk.vision import evaluate as run
    from kiosk.vision.figures import Report
    from kiosk.vision.readers import READERS

    wanted = _of("--readers", readers, list(READERS))
    look_for = _of("--formats", formats, list(FORMATS))
    if kind and kind not in KINDS:
        _wrong(f"--kind {kind!r}; there are {', '.join(KINDS)}")
    reports: list[Report] = []
    faults: list[str] = []
    for path in lists:
        try:
            found = read_list(path if path.exists() else folder / path, folder, kind or None)  # type: ignore[arg-type]  # one of KINDS
        except (ListError, OSError) as error:
            _wrong(str(error))
        faults += [f"{path.name} {bad}" for bad in found.bad]
        if found.kind == "codes":
            made, broken = run.codes(found, folder, wanted, look_for)  # type: ignore[arg-type]  # names of FORMATS
        else:
            made, broken = {"faces": run.faces, "documents": run.documents, "mrz": run.mrz}[found.kind](found, folder)
        reports += made
        faults += [f"{path.name} {why}" for why in broken]
    for report in reports:
        typer.echo("\n".join(report.lines()))
        shown = report.missed if every else report.missed[:SHOWN]
        for missed in shown:
            typer.echo(f"    {missed}")
        if len(shown) < len(report.missed):
            typer.echo(f"    and {len(report.missed) - len(shown)} more (--every)")
    for fault in faults:
        typer.echo(f"not used: {fault}", err=True)
    if out:
        tree = {
            "reports": [{"title": r.title, "figures": r.figures, "missed": r.missed} for r in reports],
            "not_used": faults,
        }
        out.write_text(json.dumps(tree, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    raise typer.Exit(1 if faults else 0)


def _of(option: str, given: str, known: list[str]) -> list[str]:
    names = [name.strip() for name in given.split(",") if name.strip()]
    if not names or (strange := [name for name in names if name not in known]):
        _wrong(f"{option} {', '.join(strange) if names else 'names none'}; there are {', '.join(known)}")
    return names


def _wrong(words: str) -> None:
    typer.echo(words, err=True)
    raise typer.Exit(2)


def main() -> None:
    """The console script."""
    app()
