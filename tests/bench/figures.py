"""The figures of `make bench`: each beside a peer or a bound in the same run, never asserted on wall time.

    python tests/bench/figures.py [--idle-s 20] [--only screen,money]

`--only` names modules (`screen` for screen_figures.py); without it, all run.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping

import camera_figures
import document_figures
import entry_figures
import face_figures
import finding_figures
import fleet_figures
import journal_figures
import money_figures
import paper_figures
import reader_figures
import screen_figures
import soak_figures
import vision_figures

GROUPS: Mapping[str, Callable[[], Iterable[tuple[str, str, str, str]]]] = {
    "paper": paper_figures.rows,
    "money": money_figures.rows,
    "journal": journal_figures.rows,
    "reader": reader_figures.rows,
    "soak": soak_figures.rows,
    "vision": vision_figures.rows,
    "face": face_figures.rows,
    "document": document_figures.rows,
    "camera": camera_figures.rows,
    "finding": finding_figures.rows,
    "entry": entry_figures.rows,
    "fleet": fleet_figures.rows,
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--idle-s", type=float, default=20.0)
    parser.add_argument("--only", default="", help=f"of {', '.join([*GROUPS, 'screen'])}; with commas")
    given = parser.parse_args()
    from rich.console import Console
    from rich.table import Table

    table = Table("figure", "ours", "peer or bound", "ratio", title="in this run, on this machine")
    groups = {**GROUPS, "screen": lambda: screen_figures.rows(idle_s=given.idle_s)}
    chosen = [name for name in given.only.split(",") if name] or list(groups)
    if unknown := set(chosen) - set(groups):
        parser.error(f"no group {', '.join(sorted(unknown))}; there are {', '.join(groups)}")
    for name in chosen:
        for what, ours, peer, ratio in groups[name]():
            table.add_row(what, ours, peer, ratio)
    Console().print(table)


if __name__ == "__main__":
    main()
