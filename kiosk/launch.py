"""The program `kiosk`: for `kiosk run` the first page is painted before the command line is imported."""

from __future__ import annotations

import sys

from kiosk import first_light


def main() -> None:
    """Entry point of the console script."""
    first_light.begin(sys.argv[1:])
    # After the first paint: typer, pydantic and what they pull in take longer than the page (docs/performance.md).
    from kiosk.cli.commands import app

    app()
