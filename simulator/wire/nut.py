"""The server's end of NUT's protocol (RFC 9271): what `upsd` answers for one UPS. Pure: lines in, bytes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from drivers.ups.frames import NutError, line_of, words_of

Spoil = Literal["", "silent", "stale", "garbled", "endless"]
ENDLESS_ROWS: Final = 2_000


@dataclass(slots=True)
class NutEnd:
    """`variables` gives what `LIST VAR` shows now; `spoil` is how the line is spoiled, "" not at all."""

    name: str
    variables: Callable[[], Mapping[str, str]]
    spoil: Spoil = ""

    def answer(self, line: bytes) -> bytes | None:
        """The answer to one line; None: nothing is said, b"" after LOGOUT is the end of the connection."""
        if self.spoil == "silent":
            return None
        if self.spoil == "garbled":
            return b'VAR "\x00\xff never ends\n'
        try:
            words = words_of(line)
        except NutError:
            return b"ERR INVALID-ARGUMENT\n"
        match words:
            case ["VER"]:
                return b"Network UPS Tools upsd 2.8.0 - http://www.networkupstools.org/\n"
            case ["NETVER" | "PROTVER"]:
                return b"1.3\n"
            case ["LOGOUT"]:
                return b""
            case ["LIST", "UPS"]:
                return self._list(["UPS"], [["UPS", self.name, "simulated"]])
            case ["LIST", "VAR", name]:
                if refusal := self._refused(name):
                    return refusal
                rows = [["VAR", name, key, value] for key, value in self.variables().items()]
                if self.spoil == "endless":
                    rows *= ENDLESS_ROWS // len(rows)
                return self._list(["VAR", name], rows)
            case ["GET", "VAR", name, key]:
                value = self.variables().get(key)
                unknown = b"ERR VAR-NOT-SUPPORTED\n"
                said = unknown if value is None else _row(["VAR", name, key, value])
                return self._refused(name) or said
        return b"ERR UNKNOWN-COMMAND\n"

    def _refused(self, name: str) -> bytes:
        if name != self.name:
            return b"ERR UNKNOWN-UPS\n"
        return b"ERR DATA-STALE\n" if self.spoil == "stale" else b""

    @staticmethod
    def _list(what: list[str], rows: list[list[str]]) -> bytes:
        body = b"".join(map(_row, rows))
        return line_of(["BEGIN", "LIST", *what]) + body + line_of(["END", "LIST", *what])


def _row(words: list[str]) -> bytes:
    """As upsd writes it: the last word always in quotes."""
    *head, last = words
    return line_of(head)[:-1] + b' "' + last.replace("\\", "\\\\").replace('"', '\\"').encode() + b'"\n'
