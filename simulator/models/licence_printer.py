"""The simulated licence printer: an A4 laser with one tray, over IPP, and everything hands can do to it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from drivers.licence_printer.frames import Feed, IppError, Operation, request_words, response_words
from simulator.device import SimDevice, UnknownVerb, told_version
from simulator.models.printed_pages import JPEG, PDF, PWG, count_pages, icon, kind_of, picture
from simulator.models.printer_engine import TRAY_SHEETS, Engine
from simulator.ports.ipp_http import IppHttpPort
from simulator.wire.licence_printer import PrinterEnd
from simulator.wire.licence_printer_attributes import Identity
from simulator.wire.licence_printer_everywhere import ICON

MODEL = "Weihai LP-400"
PATH = "/ipp/print"
DOCUMENTS_KEPT = 20


class LicencePrinterSim(SimDevice):
    """One printer at `tcp://host:port` or `ipp://host:port/ipp/print`."""

    family = "licence-printer"
    verbs = {  # noqa: RUF012 - a constant table, as in SimDevice
        "jam": "a sheet sticks in the paper path",
        "clear_jam": "take the stuck sheet out",
        "paper_out": "the tray is empty",
        "load_paper": "put paper in: sheets (default 250)",
        "cover_open": "open the cover",
        "cover_close": "close the cover",
        "toner_low": "the toner is nearly used up",
        "toner_out": "the toner is used up",
        "new_toner": "fit a new cartridge",
        "stop": "press pause at the panel",
        "resume": "press resume at the panel",
        "restart": "switch off and on: keep=false loses the queue, keep=true goes on with it",
        "power_cut": "the current goes; a sheet under way stays stuck, half printed",
        "power_on": "the current is back: keep=false lost the queue, keep=true goes on with it",
        "take": "take the printed pages out of the output tray",
        "slow": "a page takes so many seconds: seconds (0: as built)",
        "busy": "answer the next so many requests for a job with busy: count (default 1)",
        "abort": "give up the next job by itself",
        "lose_answer": "do what the next request asks for, but cut the line instead of answering: operation",
        "lose_request": "cut the line instead of doing what the next request asks for: operation",
        "stall": "do what the next request asks for, but never answer: operation",
        "forget": "forget every job",
        "firmware": "another firmware, told at the next opening: version=1.1",
    }

    def __init__(self, address: str, **options: Any) -> None:
        super().__init__()
        parts = urlsplit(address)
        host, port = parts.hostname or "127.0.0.1", parts.port or 0
        self.engine = Engine(page_s=float(options.pop("page_s", 3.0)), sheets=int(options.pop("sheets", TRAY_SHEETS)))
        with_pdf = bool(options.pop("pdf", True))
        self._identity = Identity(
            uri=f"ipp://{host}:{port}{PATH}",
            uuid=str(options.pop("uuid", "urn:uuid:" + str(uuid.uuid5(uuid.NAMESPACE_URL, f"{MODEL} {address}")))),
            model=MODEL,
            serial=str(options.pop("serial", "LP400-000001")),
            formats=(PDF, PWG, JPEG, "application/octet-stream") if with_pdf else (PWG,),
            without=frozenset(Operation[name] for name in options.pop("without", ())),
            count_pages=bool(options.pop("count_pages", True)),
            count_sheets=bool(options.pop("count_sheets", True)),
        )
        if options:
            raise ValueError(f"licence-printer: unknown options {', '.join(sorted(options))}")
        self.end = PrinterEnd(self.engine, self._identity, count_pages)
        self._port = IppHttpPort(host, port, PATH, self.handle, self._words, {ICON: icon})
        self._losses: dict[int, str] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._stalled = asyncio.Event()
        self._started = False
        self.powered = True
        self._cable = False
        self._booting: asyncio.Future[None] | None = None

    @property
    def link(self) -> str:
        """`ipp://host:port/ipp/print`."""
        return f"ipp://{self._port.host}:{self._port.port}{PATH}"

    async def plug(self) -> None:
        """The cable is in; a printer without current answers nothing."""
        if not self.powered:
            return
        await self._port.plug()
        self._identity = self.end.identity = replace(self._identity, uri=self.link)
        self.begin()

    def begin(self) -> None:
        """Switch the engine on, whatever carries its octets."""
        if not self._started:
            self._started = True
            self.engine.booted = self._now()
        self._touch()

    async def unplug(self) -> None:
        """Network off; what is under way on the paper path goes on."""
        await self._port.unplug()
        if self._timer:
            self._timer.cancel()
            self._timer = None
        self.changed()

    def state(self) -> dict[str, Any]:
        """Queue, last job, sheets, toner, output tray, words."""
        if self._started and self.powered:
            self.engine.update(self._now())
        jobs = list(self.engine.jobs.values())
        return {
            "plugged": self._port.plugged,
            "powered": self.powered,
            "words": self._words(),
            "state": self.engine.state().name.lower(),
            "reasons": [*self.engine.stops(), *self.engine.warnings()],
            "queue": [_job_state(job) for job in jobs if not job.over],
            "last_job": _job_state(jobs[-1]) if jobs else None,
            "sheets": self.engine.sheets,
            "toner": self.engine.toner,
            "output_pages": self.engine.output,
            "tray": [{"job": job, "page": page} for job, page in self.engine.tray_out],
            "spoilt": self.engine.spoilt,
            "pages_printed": self.engine.sheets_used,
            "cover_open": self.engine.cover_open,
            "jammed": self.engine.jammed,
        }

    def do(self, verb: str, **args: Any) -> Any:
        """Use a hand. Raises `UnknownVerb`, `ValueError`."""
        act = self._verbs().get(verb)
        if act is None:
            raise UnknownVerb(f"licence-printer has no verb {verb!r}; it has {', '.join(self.verbs)}")
        try:
            result = act(**args)
        except TypeError as error:
            raise ValueError(f"{verb}: {self.verbs[verb]}") from error
        self._touch()
        return result

    def artefact(self, name: str) -> tuple[str, bytes]:
        """`last.pdf`, `last.png`, `job-N.pdf`, `job-N.png`, `job-N-PAGE.png`. Raises `KeyError`."""
        stem, _, suffix = name.rpartition(".")
        number, _, page = stem.removeprefix("job-").partition("-")
        with_documents = [job for job in self.engine.jobs.values() if job.document]
        if stem == "last" and with_documents:
            job = with_documents[-1]
        else:
            job = next((j for j in with_documents if str(j.id) == number), None)  # type: ignore[assignment]  # None is handled next
        if job is None or (stem != "last" and not stem.startswith("job-")):
            raise KeyError(f"licence-printer has no {name!r}")
        if suffix == "pdf" and kind_of(job.document) == PDF:
            return PDF, job.document
        if suffix == "pwg" and kind_of(job.document) == PWG:
            return PWG, job.document
        if suffix == "png" and (not page or page.isdecimal()):
            try:
                return "image/png", picture(job.document, int(page or 1) - 1)
            except (ValueError, IndexError) as error:
                raise KeyError(f"licence-printer cannot draw {name!r}") from error
        raise KeyError(f"licence-printer has no {name!r}")

    def decode(self, direction: str, data: bytes) -> str:
        """The IPP operation or status with its job and state, in words; names of people and documents left out."""
        feed = Feed()
        try:
            message = feed.feed(data)
        except IppError as error:
            return f"malformed: {error}"
        if message is None:
            return f"{len(data)} octets, no whole message"
        if direction == "in":
            return request_words(message)
        return response_words(message)

    def _firmware(self, version: str = "1.1") -> None:
        self._identity = self.end.identity = replace(self._identity, firmware=told_version(version))

    def _verbs(self) -> dict[str, Callable[..., Any]]:
        engine = self.engine

        def put(**fields: Any) -> Callable[[], None]:
            def act() -> None:
                for name, value in fields.items():
                    setattr(engine, name, value)

            return act

        return {
            "firmware": self._firmware,
            "jam": engine.jam,
            "clear_jam": put(jammed=False),
            "paper_out": put(sheets=0),
            "load_paper": self._load_paper,
            "cover_open": put(cover_open=True),
            "cover_close": put(cover_open=False),
            "toner_low": put(toner=4.0),
            "toner_out": put(toner=0.0),
            "new_toner": put(toner=100.0),
            "stop": put(paused=True),
            "resume": put(paused=False),
            "restart": self._restart,
            "power_cut": self._power_cut,
            "power_on": self._power_on,
            "take": self._take,
            "slow": self._slow,
            "busy": self._busy,
            "abort": put(abort_next=True),
            "lose_answer": lambda operation="SEND_DOCUMENT": self._lose(operation, "answer"),
            "lose_request": lambda operation="SEND_DOCUMENT": self._lose(operation, "request"),
            "stall": lambda operation="SEND_DOCUMENT": self._lose(operation, "stall"),
            "forget": engine.jobs.clear,
        }

    def _load_paper(self, sheets: int = TRAY_SHEETS) -> int:
        if not 0 < int(sheets) <= TRAY_SHEETS:
            raise ValueError(f"the tray takes 1 to {TRAY_SHEETS} sheets")
        self.engine.sheets = int(sheets)
        return self.engine.sheets

    def _restart(self, keep: object = False) -> None:
        self.engine.restart(self._now(), keep=_yes(keep))
        self._port.drop()

    def _power_cut(self) -> None:
        self.engine.update(self._now())
        self.engine.power_cut()
        self.powered = False
        self._cable = self._port.plugged
        if self._timer:
            self._timer.cancel()
            self._timer = None
        self._port.close()

    def _power_on(self, keep: object = False) -> None:
        if self.powered:
            return
        self.powered = True
        self.engine.restart(self._now(), keep=_yes(keep))
        if self._cable:
            self._booting = asyncio.ensure_future(self.plug())
        else:
            self._touch()

    def _take(self) -> int:
        taken = self.engine.output
        self.engine.tray_out.clear()
        return taken

    def _slow(self, seconds: float = 20.0) -> None:
        if not 0 <= float(seconds) <= 600:
            raise ValueError("0 to 600 seconds a page")
        self.engine.slow_s = float(seconds)

    def _busy(self, count: int = 1) -> None:
        self.end.busy_answers = max(0, min(int(count), 1000))

    def _lose(self, operation: str, how: str) -> None:
        name = str(operation).upper().replace("-", "_")
        if name not in Operation.__members__:
            raise ValueError(f"{operation!r} is no operation; for instance Create-Job, Send-Document")
        self._losses[Operation[name]] = how

    async def handle(self, body: bytes) -> bytes | None:
        """One request's body in, the response's body out; None cuts the line."""
        head = _attributes_of(body)
        self.tap("in", head)
        operation = int.from_bytes(body[2:4], "big") if len(body) >= 4 else 0
        loss = self._losses.pop(operation, "")
        if loss == "request":
            return None
        answered = self.end.answer(self._now(), body)
        self._forget_old_documents()
        self._touch()
        if loss == "answer":
            return None
        if loss == "stall":
            await self._stalled.wait()  # never set: the connection ends when the client or the plug goes
        self.tap("out", answered.octets)
        return answered.octets

    def _forget_old_documents(self) -> None:
        kept = [job for job in self.engine.jobs.values() if job.document]
        for job in kept[:-DOCUMENTS_KEPT]:
            if job.over:
                job.document = b""

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _touch(self) -> None:
        """Move the engine to now, set its timer, tell those who watch."""
        if self._started and self.powered:
            self.engine.update(self._now())
            if self._timer:
                self._timer.cancel()
            at = self.engine.wake_at
            self._timer = asyncio.get_running_loop().call_at(at, self._touch) if at is not None else None
        self.changed()

    def _words(self) -> str:
        engine = self.engine
        if not self.powered:
            return f"no current; {engine.output} pages to take"
        stops = ", ".join((*engine.stops(), *engine.warnings())) or "all well"
        job = engine.current()
        doing = f"printing page {job.impressions + 1} of {job.pages * job.copies}" if job else "idle"
        return f"{doing}; {stops}; {engine.sheets} sheets, toner {engine.toner:.0f} %, {engine.output} pages to take"


def _yes(word: object) -> bool:
    """A switch as a person or a script gives it. Raises `ValueError`."""
    if str(word).lower() not in ("true", "false", "on", "off", "1", "0", "yes", "no"):
        raise ValueError(f"licence-printer: keep={word!r}; true or false")
    return str(word).lower() in ("true", "on", "1", "yes")


def _job_state(job: Any) -> dict[str, Any]:
    return {
        "id": job.id,
        "name": job.name,
        "state": job.state.name.lower(),
        "reasons": list(job.reasons),
        "pages": job.pages * job.copies,
        "done": job.impressions,
    }


def _attributes_of(body: bytes) -> bytes:
    """`body` without the document."""
    feed = Feed()
    try:
        whole = feed.feed(body) is not None
    except IppError:
        return body[:4096]
    return body[: len(body) - len(feed.rest)] if whole else body[:4096]


def make(address: str, **options: Any) -> LicencePrinterSim:
    """A printer at `tcp://host:port`; page_s, sheets, pdf, without, count_pages, count_sheets, uuid, serial."""
    return LicencePrinterSim(address, **options)
