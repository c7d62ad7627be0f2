"""The database's schema, step by step: schema/NNNN_name.sql, each once, in one transaction, in order."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import psycopg

FOLDER: Final = Path(__file__).parent / "schema"
_NAME: Final = re.compile(r"(\d{4})_[a-z_]+\.sql")
_LOCK: Final = 0x6B696F73
"""Advisory lock: two rooms that start together migrate one after the other."""


class SchemaTooNew(RuntimeError):
    """The database was migrated by a newer control room."""


def steps() -> list[tuple[int, Path]]:
    """Number and file, in order; numbers have no gap."""
    found = sorted((int(match[1]), path) for path in FOLDER.iterdir() if (match := _NAME.fullmatch(path.name)))
    assert [number for number, _ in found] == list(range(1, len(found) + 1)), "schema: numbers with a gap"
    return found


def migrate(cx: psycopg.Connection[Any]) -> list[int]:
    """Take the steps that are missing; which ones. Raises `SchemaTooNew`, `psycopg.Error`."""
    with cx.transaction():
        cx.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        cx.execute(
            "CREATE TABLE IF NOT EXISTS schema_step (number integer PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())"
        )
        row = cx.execute("SELECT coalesce(max(number), 0) FROM schema_step").fetchone()
        done = int(row[0]) if row else 0
        all_ = steps()
        if done > len(all_):
            raise SchemaTooNew(f"the database is at step {done}; this program knows {len(all_)}")
        taken = []
        for number, path in all_[done:]:
            cx.execute(path.read_bytes())
            cx.execute("INSERT INTO schema_step (number) VALUES (%s)", (number,))
            taken.append(number)
    return taken
