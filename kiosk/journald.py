"""Log records as entries of systemd's journal with fields of their own (`journalctl -u weihai-kiosk -o json`).

The native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): `KEY=value` lines, or the key, the length as 64 bits little
endian, and the bytes where a value has several lines. Without the journal, records go to stderr as lines.
"""

from __future__ import annotations

import logging
import os
import re
import socket
import struct
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

SOCKET: Final = Path("/run/systemd/journal/socket")
PLAIN: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
MOST_OCTETS: Final = 32 << 10
"""A datagram is not split: what is longer is cut, its end kept (the cause of an error stands last)."""
LEVELS: Final = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
_EVENT: Final = re.compile(
    r"^event=(?P<EVENT>\S+) severity=(?P<SEVERITY>\S+) who=(?P<WHO>\S+) device=(?P<DEVICE>\S+): "
)


def under_journald(environment: Mapping[str, str], fd: int = 2) -> bool:
    """Whether `fd` is the journal's stream: systemd.exec(5), `$JOURNAL_STREAM` is device:inode."""
    try:
        there = os.fstat(fd)
    except OSError:
        return False
    return environment.get("JOURNAL_STREAM", "") == f"{there.st_dev}:{there.st_ino}"


def fields(record: logging.LogRecord, text: str) -> dict[str, str]:
    """The entry of a record whose formatted text is `text`; an event's own fields beside."""
    priority = next((number for level, number in LEVELS if record.levelno >= level), 7)
    entry = {
        "MESSAGE": text,
        "PRIORITY": str(priority),
        "SYSLOG_IDENTIFIER": "weihai-kiosk",
        "CODE_FILE": record.pathname.rpartition("site-packages/")[2],
        "CODE_LINE": str(record.lineno),
        "CODE_FUNC": record.funcName or "",
        "KIOSK_LOGGER": record.name,
        "KIOSK_THREAD": record.threadName or "",
    }
    if (event := _EVENT.match(text)) is not None:
        entry |= {f"KIOSK_{name}": value for name, value in event.groupdict().items() if value != "-"}
    return entry


def datagram(entry: Mapping[str, str]) -> bytes:
    """The entry on the wire."""
    parts = []
    for key, value in entry.items():
        raw = value.encode("utf-8", "replace")[-MOST_OCTETS:]
        if b"\n" in raw:
            parts.append(key.encode() + b"\n" + struct.pack("<Q", len(raw)) + raw + b"\n")
        else:
            parts.append(f"{key}=".encode() + raw + b"\n")
    return b"".join(parts)


class JournalHandler(logging.Handler):
    """Sends each record to the journal; what it does not take goes to stderr, which is the journal's too."""

    def __init__(self, address: Path = SOCKET) -> None:
        super().__init__()
        self._address = str(address)
        self._wire = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._wire.setblocking(False)

    def emit(self, record: logging.LogRecord) -> None:
        """Never blocks: a journal that is full loses an entry, not a citizen's time."""
        try:
            text = self.format(record)
            try:
                self._wire.sendto(datagram(fields(record, text)), self._address)
            except OSError:
                sys.stderr.write(f"{record.levelname} {record.name}: {text}\n")
        except Exception:  # noqa: BLE001 - logging's own rule: a record that cannot be written ends nothing
            self.handleError(record)

    def close(self) -> None:
        """Close the socket."""
        self._wire.close()
        super().close()


def log_to_journal_or_stderr(level: int, environment: Mapping[str, str] | None = None) -> None:
    """Set the root logger up for this process."""
    if under_journald(os.environ if environment is None else environment) and SOCKET.exists():
        logging.basicConfig(level=level, format="%(message)s", handlers=[JournalHandler()])
    else:
        logging.basicConfig(level=level, format=PLAIN, stream=sys.stderr)
