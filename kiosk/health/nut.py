"""The UPS as Network UPS Tools tells of it: one short question over TCP, under a deadline, every length capped."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from drivers.ups.frames import MAX_LINE, MAX_VARS, PORT, NutError, NutRefused, UpsReading, line_of, reading_of, words_of

ASK_S: Final = 3.0
MAX_UPS: Final = 16


class UpsUnheard(Exception):
    """The UPS cannot be asked now; the message says why and what to look at."""


@dataclass(frozen=True, slots=True)
class NutAddress:
    """A UPS behind a server: `name@host` or `name@host:port` as in NUT's own programs; `name` "" is its first one."""

    name: str
    host: str
    port: int = PORT

    @classmethod
    def of(cls, text: str) -> NutAddress:
        """Read `text`. Raises `ValueError`."""
        name, at, rest = text.partition("@")
        host, colon, port = rest.partition(":")
        if not at or not host or (colon and not port.isdecimal()):
            raise ValueError(f"{text!r}: expected name@host or name@host:port")
        return cls(name, host, int(port) if colon else PORT)


async def ask(address: NutAddress, deadline_s: float = ASK_S) -> UpsReading:
    """How the UPS is now. Raises `UpsUnheard`."""
    where = f"{address.name or 'ups'}@{address.host}:{address.port}"
    try:
        async with asyncio.timeout(deadline_s):
            return await _asked(address)
    except TimeoutError:
        raise UpsUnheard(f"{where}: no answer within {deadline_s:g} s") from None
    except OSError as error:
        raise UpsUnheard(f"{where}: {error.strerror or error}; is nut-server running?") from None
    except NutRefused as error:
        raise UpsUnheard(f"{where}: {error.code}; see the UPS's cable and its section of ups.conf") from None
    except (NutError, ValueError, EOFError, asyncio.LimitOverrunError) as error:
        raise UpsUnheard(f"{where}: {error}") from None


async def _asked(address: NutAddress) -> UpsReading:
    reader, writer = await asyncio.open_connection(address.host, address.port, limit=MAX_LINE)
    try:
        name = address.name
        if not name:
            found = await _list(reader, writer, ["UPS"], MAX_UPS)
            if not found:
                raise NutError("the server knows no UPS")
            name = found[0][1]
        rows = await _list(reader, writer, ["VAR", name], MAX_VARS)
        return reading_of({row[2]: row[3] for row in rows if len(row) >= 4})
    finally:
        writer.write(b"LOGOUT\n")
        writer.close()


async def _list(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, what: list[str], most: int
) -> list[list[str]]:
    """The rows of `LIST ...`, each with its leading word. Raises `NutError`, `NutRefused`."""
    writer.write(line_of(["LIST", *what]))
    await writer.drain()
    if await _line(reader) != ["BEGIN", "LIST", *what]:
        raise NutError(f"no list of {what[0]} came")
    rows: list[list[str]] = []
    while (row := await _line(reader)) != ["END", "LIST", *what]:
        if len(rows) >= most or len(row) < 2 or row[0] != what[0]:
            raise NutError(f"more than {most} rows, or a row that is none of {what[0]}")
        rows.append(row)
    return rows


async def _line(reader: asyncio.StreamReader) -> list[str]:
    words = words_of(await reader.readuntil(b"\n"))
    if words[:1] == ["ERR"]:
        raise NutRefused(words[1][:40] if len(words) > 1 else "an error")
    return words
