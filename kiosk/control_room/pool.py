"""A few read-only connections that requests share; whoever waits too long is told so."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg

CONNECTIONS: Final = 4
WAIT_S: Final = 5.0
CONNECT_S: Final = 5
STATEMENT_MS: Final = 8000


class Busy(RuntimeError):
    """All connections are in use."""


class Pool:
    """At most `CONNECTIONS`; a broken one is made again by the next who comes."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._free: queue.Queue[psycopg.Connection[Any] | None] = queue.Queue(CONNECTIONS)
        for _ in range(CONNECTIONS):
            self._free.put_nowait(None)

    @contextmanager
    def reading(self) -> Iterator[psycopg.Connection[Any]]:
        """One transaction that sees one state and cannot write. Raises `Busy`, `psycopg.Error`."""
        try:
            cx = self._free.get(timeout=WAIT_S)
        except queue.Empty:
            raise Busy("all connections to the database are in use") from None
        try:
            if cx is None or cx.closed:
                cx = self._connect()
            with cx.transaction():
                yield cx
        except psycopg.OperationalError:
            if cx is not None:
                cx.close()
            cx = None
            raise
        finally:
            self._free.put_nowait(cx)

    def close(self) -> None:
        """Close those that nobody uses."""
        while True:
            try:
                cx = self._free.get_nowait()
            except queue.Empty:
                return
            if cx is not None:
                cx.close()

    def _connect(self) -> psycopg.Connection[Any]:
        options = (
            f"-c statement_timeout={STATEMENT_MS} -c timezone=UTC -c default_transaction_read_only=on "
            "-c default_transaction_isolation=repeatable\\ read"
        )
        return psycopg.connect(self._database, connect_timeout=CONNECT_S, options=options, autocommit=True)
