"""`kiosk-sim device FAMILY --replay FILE`: a recording of the terminal becomes a simulated device."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from config.recording import About, Crossed, Note, Record, RecordingError, files_of, read_file
from drivers.cabinet.frames import ModbusTracer
from drivers.id_card.frames import Command, ReadParts, Reply, RequestParser, SamTracer, encode_reply, join_read
from drivers.licence_printer.frames import IppTracer, decode, encode
from drivers.payment_pad.frames import PadTracer
from drivers.receipt_printer.frames import ReceiptTracer
from simulator.device import SimDevice, UnknownVerb
from simulator.families import family as family_of
from simulator.ports.ipp_http import IppHttpPort
from simulator.ports.serve import make_port
from simulator.wire.replay import Codec, ReplayEnd

SPECIMEN: Final = "citizen-07"
_MARK: Final = b"\x1d(H"
_MARKED: Final = b"\x37\x22"
_OURS: Final = frozenset({"printer-uri", "job-uri"})


def whole(shown: bytes) -> list[bytes]:
    """What is compared is the piece itself."""
    return [shown]


def receipt_tokens(shown: bytes) -> list[bytes]:
    """Single commands; end marks count up, so one is like another."""
    tracer = ReceiptTracer()
    commands = [p.raw for n in range(len(shown)) for p in tracer.feed("out", shown[n : n + 1])]
    return [_MARK if command.startswith(_MARK) else command for command in commands]


def receipt_echo(questions: Sequence[bytes], answer: bytes) -> bytes:
    """The mark that the host waits for, in place of the recorded one."""
    marks = [q[q.rfind(_MARK) + 7 :][:4] for q in questions if _MARK in q]
    at = answer.find(_MARKED)
    return answer[: at + 2] + marks[-1] + answer[at + 6 :] if marks and at >= 0 else answer


def ipp_tokens(shown: bytes) -> list[bytes]:
    """Without the request id (RFC 8010, 3.4.1), which counts up, and the printer's address, which is ours now."""
    message = decode(shown)
    groups = tuple(replace(g, attributes=tuple(a for a in g.attributes if a.name not in _OURS)) for g in message.groups)
    return [encode(replace(message, request_id=0, groups=groups))]


def ipp_echo(questions: Sequence[bytes], answer: bytes) -> bytes:
    """With the request id of the question."""
    return answer[:4] + questions[-1][4:8] + answer[8:]


def specimen_card(asked: bytes, size: int) -> bytes | None:
    """The specimen's answer where a citizen's is withheld. Loads OpenCV for its picture."""
    from simulator.models.chip_card import chip_card

    requests = RequestParser().feed(asked)
    card = chip_card(SPECIMEN)
    for command in Command:
        if requests and command.frame() == asked:
            if command in (Command.READ, Command.READ_ALL):
                every = command is Command.READ_ALL
                parts = ReadParts(card.text, card.photo, card.fingerprints if every else b"")
                return encode_reply(Reply(0x90, join_read(parts, fingerprints=every)))
            if command is Command.ADDRESS:
                return encode_reply(Reply(0x91))
            if command is Command.CARD_NUMBER:
                return encode_reply(Reply(0x90, card.body))
    return None


def codec_of(section: str, about: About) -> Codec:
    """How recordings of `section` are played. Raises `RecordingError` for a family that cannot."""
    serial = about.link.startswith("serial:")
    transport = str(about.options.get("transport") or ("serial" if serial else "tcp"))
    codecs = {
        "id_card": Codec(SamTracer, whole, stand_in=specimen_card),
        "receipt_printer": Codec(ReceiptTracer, receipt_tokens, receipt_echo),
        "licence_printer": Codec(IppTracer, ipp_tokens, ipp_echo),
        "payment_pad": Codec(partial(PadTracer, transport), whole),
        "cabinet": _modbus(about),
    }
    if section not in codecs:
        raise RecordingError(f"recordings of {section} hold no content: they cannot be played")
    return codecs[section]


def load(path: Path, section: str) -> tuple[About, list[Record]]:
    """The first device of family `section` in the recording at `path`, and its records. Raises `RecordingError`."""
    about: About | None = None
    records: list[Record] = []
    others: set[str] = set()
    for file in files_of(path):
        for record in read_file(file):
            if isinstance(record, About):
                others.add(f"{record.device} ({record.driver})")
                if about is None and record.driver.partition(".")[0] == section:
                    about = record
            elif about and isinstance(record, (Crossed, Note)) and record.device == about.device:
                records.append(record)
    if about is None:
        raise RecordingError(f"{path}: no {section} in it; there are {', '.join(sorted(others)) or 'no devices'}")
    return about, records


def _modbus(about: About) -> Codec:
    options = dict(parse_qsl(urlsplit(about.link).query))
    serial = about.link.startswith("serial:")
    if options.get("framing", "rtu" if serial else "tcp") == "rtu":
        return Codec(partial(ModbusTracer, "rtu"), whole)
    # Modbus TCP numbers its transactions: both ends count for themselves (MODBUS TCP V1.0b, 3.1.3).
    return Codec(
        partial(ModbusTracer, "tcp"),
        lambda shown: [bytes(2) + shown[2:]],
        lambda questions, answer: questions[-1][:2] + answer[2:],
    )


class ReplayDevice(SimDevice):
    """A device that plays `recording`. Raises `RecordingError`, `OSError`."""

    verbs = {"restart": "play the recording from its beginning"}  # noqa: RUF012 - a constant table of the class

    def __init__(self, name: str, recording: Path, address: str | None, say: Callable[[str], None]) -> None:
        super().__init__()
        entry = family_of(name)
        self.family = entry.name
        self.recording = recording
        about, records = load(recording, entry.section)
        self.codec = codec_of(entry.section, about)
        self.end = ReplayEnd(records, self.codec, say)
        self._query = urlsplit(about.link).query
        self._words = self.codec.tracer()
        where = address or entry.address
        parts = urlsplit(where)
        self._http: IppHttpPort | None = None
        if entry.section == "licence_printer":
            path = urlsplit(about.link).path or "/ipp/print"
            host, port = parts.hostname or "127.0.0.1", parts.port or 0
            self._http = IppHttpPort(host, port, path, self._exchange, lambda: str(self.state()["words"]))
        else:
            self._port = make_port(self.end, where, self.tap)

    @property
    def link(self) -> str:
        """The link URL for a profile."""
        if self._http:
            return f"ipp://{self._http.host}:{self._http.port}{self._http.path}"
        if self._port.address.startswith("tcp://"):
            return self._port.address
        path = f"serial://{self._port.address.removeprefix('pty:')}"
        return f"{path}?{self._query}" if self._query else path

    async def plug(self) -> None:
        """Make the port exist."""
        await (self._http or self._port).plug()
        self.changed()

    async def unplug(self) -> None:
        """Take the device away."""
        await (self._http or self._port).unplug()
        self.changed()

    def state(self) -> dict[str, Any]:
        """The place in the recording, and the last departures from it."""
        at, steps = self.end.at, len(self.end.steps)
        return {
            "plugged": (self._http or self._port).plugged,
            "words": f"plays {self.recording.name}, {at} of {steps} questions",
            "step": at,
            "steps": steps,
            "departures": list(self.end.departures),
        }

    def do(self, verb: str, **args: Any) -> Any:
        """Use a verb. Raises `UnknownVerb`."""
        if verb != "restart" or args:
            raise UnknownVerb(f"a recording knows only {', '.join(self.verbs)}")
        self.end.restart()
        self.changed()
        return self.state()

    def decode(self, direction: str, data: bytes) -> str:
        """As the recording's codec says it."""
        pieces = self._words.feed("out" if direction == "in" else "in", data)
        return "; ".join(piece.words for piece in pieces) or f"{len(data)} bytes of something unfinished"

    async def _exchange(self, body: bytes) -> bytes | None:
        """One HTTP exchange; None cuts the line where the recording has no answer."""
        loop = asyncio.get_running_loop()
        self.tap("in", body[:4096])
        self.end.ask(loop.time(), body)
        at = self.end.wake_at
        answer = self.end.take()
        if not answer:
            return None
        if at is not None:
            await asyncio.sleep(max(0.0, at - loop.time()))
        self.tap("out", answer)
        return answer
