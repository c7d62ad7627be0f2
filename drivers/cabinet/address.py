"""A cabinet's link URL: the link itself, the board's unit number and how Modbus is framed on it.

serial:///dev/ttyS2?baud=9600&unit=1            RTU on a serial line
tcp://192.0.2.9:502?unit=1                      Modbus TCP
tcp://192.0.2.9:4001?unit=1&framing=rtu         RTU behind a serial-to-TCP converter
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, get_args
from urllib.parse import parse_qsl, urlencode, urlsplit

from drivers.cabinet.frames import Framing

BITS_PER_BYTE: Final = 11
"""Start, eight data, parity or a second stop, stop (MODBUS over Serial Line V1.02, 2.5.1)."""
USUAL_BAUD: Final = 9600
USUAL_PORT: Final = 502
SHORTEST_SILENCE_S: Final = 0.00175
HIGHEST_UNIT: Final = {"rtu": 247, "tcp": 255}


@dataclass(frozen=True, slots=True)
class Address:
    """`link` is what `drivers.link` opens. `byte_s` is a byte's time on the wire, 0 where it does not matter."""

    link: str
    unit: int
    framing: Framing
    byte_s: float

    @property
    def silence_s(self) -> float:
        """3.5 characters of silence between RTU frames, and never less than 1.75 ms (2.5.1.1)."""
        return max(3.5 * self.byte_s, SHORTEST_SILENCE_S) if self.byte_s else 0.0


def parse_address(url: str) -> Address:
    """Read a link URL. Raises `ValueError` that names the option."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    unit = options.pop("unit", "1")
    framing = options.pop("framing", "rtu" if parts.scheme == "serial" else "tcp")
    if framing not in get_args(Framing):
        raise ValueError(f"link {url!r}: framing={framing} is unknown; it is rtu or tcp")
    lowest, highest = (1 if framing == "rtu" else 0), HIGHEST_UNIT[framing]
    if not unit.isascii() or not unit.isdigit() or len(unit) > 3 or not lowest <= int(unit) <= highest:
        raise ValueError(f"link {url!r}: unit={unit} is not {lowest} to {highest}")
    netloc = parts.netloc
    if parts.scheme == "serial":
        baud = options.setdefault("baud", str(USUAL_BAUD))
        if not baud.isascii() or not baud.isdigit() or not 300 <= int(baud[:8]) <= 4_000_000:
            raise ValueError(f"link {url!r}: baud={baud} is not a speed")
    elif parts.scheme == "tcp" and parts.port is None:
        netloc = f"{netloc}:{USUAL_PORT}"
    byte_s = BITS_PER_BYTE / int(options.get("baud", USUAL_BAUD)) if framing == "rtu" else 0.0
    link = parts._replace(netloc=netloc, query=urlencode(options)).geturl()
    if parts.scheme == "serial" and not link.startswith("serial://"):
        link = link.replace("serial:", "serial://", 1)  # urllib drops the empty host of a scheme it does not know
    return Address(link, int(unit), framing, byte_s)  # type: ignore[arg-type]  # one of Framing's, checked above
