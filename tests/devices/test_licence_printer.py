"""The licence printer's driver against the simulated printer over real HTTP: faults before, in and after a print."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import numpy as np
import pypdfium2
import pytest

from drivers.device import DeviceState, Supply
from drivers.errors import DeviceError, LinkRefused, NeedsPeople, Unsupported, WrongDevice
from drivers.licence_printer import conversation
from drivers.licence_printer.driver import JobRef, LicencePrinter, Phase, Progress
from drivers.licence_printer.raster import pwg_raster
from drivers.outcome import Done, Outcome, Refused, Unknown
from simulator.device import UnknownVerb
from simulator.models.licence_printer import LicencePrinterSim, make
from simulator.models.printed_pages import read_pwg


@functools.cache
def pdf(pages: int = 1) -> bytes:
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(595.28, 841.89).close()
    out = BytesIO()
    document.save(out)
    document.close()
    return out.getvalue()


class Pair:
    """A simulated printer, a driver for it, and the references that the driver handed to the journal."""

    def __init__(self, sim: LicencePrinterSim, **options: object) -> None:
        self.sim = sim
        self.driver = LicencePrinter("licence", sim.link, {"poll_s": 0.02, **options})
        self.refs: list[JobRef] = []
        self.seen: list[Progress] = []

    async def journal(self, ref: JobRef) -> None:
        job = self.sim.engine.jobs.get(ref.job_id)
        assert job is None or job.documents == 0 or self.sim.end.identity.without, (
            "the journal must come before the document"
        )
        self.refs.append(ref)

    async def print(self, name: str = "W032-1", *, pages: int = 1, deadline_s: float = 5.0) -> Outcome[Any]:
        return await self.driver.print_pdf(
            pdf(pages), name, pages=pages, on_job=self.journal, deadline_s=deadline_s, on_progress=self.seen.append
        )

    async def until(self, phase: Phase) -> Progress:
        async with asyncio.timeout(5):
            while True:
                found = [p for p in self.seen if p.phase is phase]
                if found:
                    return found[-1]
                await asyncio.sleep(0.01)

    @property
    def printed(self) -> int:
        return self.sim.engine.sheets_used


@pytest.fixture(autouse=True)
def _brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same waits, shorter."""
    monkeypatch.setattr(conversation, "BUSY_WAIT_S", 0.02)
    monkeypatch.setattr(conversation, "BUSY_LIMIT_S", 0.5)
    monkeypatch.setattr(conversation, "INSIST_WAIT_S", 0.02)
    monkeypatch.setattr(conversation, "INSIST_S", 0.3)


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    sim = make("tcp://127.0.0.1:0", page_s=0.05)
    await sim.plug()
    yield Pair(sim)
    await sim.unplug()


async def test_open_poll_and_print(pair: Pair) -> None:
    await pair.driver.open()
    status = pair.driver.status
    assert (status.device, status.paper, status.toner, status.model) == (
        DeviceState.ONLINE,
        Supply.FULL,
        Supply.FULL,
        "Weihai LP-400",
    )
    assert status.serial == "LP400-000001"
    await pair.driver.check(pages=2)
    outcome = await pair.print(pages=2)
    assert isinstance(outcome, Done)
    assert (outcome.value.job_id, outcome.value.pages) == (1, 2)
    assert [r.job_id for r in pair.refs] == [1]
    assert pair.refs[0].printer_uuid == outcome.value.printer_uuid
    assert pair.printed == 2
    assert pair.sim.artefact("last.pdf") == ("application/pdf", pdf(2))
    assert pair.sim.artefact("job-1-2.png")[1].startswith(b"\x89PNG")
    assert pair.sim.state()["output_pages"] == 2
    assert pair.sim.do("take") == 2
    await pair.driver.close()


@pytest.mark.parametrize(
    ("verb", "mended", "cause", "paper", "toner"),
    [
        ("jam", "clear_jam", "media-jam", Supply.JAMMED, Supply.FULL),
        ("paper_out", "load_paper", "media-empty", Supply.OUT, Supply.FULL),
        ("cover_open", "cover_close", "cover-open", Supply.FULL, Supply.FULL),
        ("toner_out", "new_toner", "toner-empty", Supply.FULL, Supply.OUT),
        ("stop", "resume", "paused", Supply.FULL, Supply.FULL),
    ],
)
async def test_every_stop_before_money(
    pair: Pair, verb: str, mended: str, cause: str, paper: Supply, toner: Supply
) -> None:
    await pair.driver.open()
    pair.sim.do(verb)
    status = await pair.driver.poll()
    assert status.fault is not None
    assert (status.fault.cause, status.fault.who, status.paper, status.toner) == (cause, "technician", paper, toner)
    assert not status.usable
    with pytest.raises(NeedsPeople) as caught:
        await pair.driver.check()
    assert caught.value.code == cause
    refused = await pair.print()
    assert isinstance(refused, Refused)
    assert (refused.code, pair.refs, pair.sim.engine.jobs) == (cause, [], {})
    pair.sim.do(mended)
    await pair.driver.check()
    assert (await pair.driver.poll()).usable


@pytest.mark.parametrize(
    ("verb", "mended", "cause"),
    [
        ("jam", "clear_jam", "media-jam"),
        ("paper_out", "load_paper", "media-empty"),
        ("cover_open", "cover_close", "cover-open"),
        ("toner_out", "new_toner", "toner-empty"),
        ("stop", "resume", "paused"),
    ],
)
async def test_every_stop_in_the_middle_mended(pair: Pair, verb: str, mended: str, cause: str) -> None:
    pair.sim.do("slow", seconds=0.1)
    task = asyncio.create_task(pair.print(pages=3))
    await pair.until(Phase.PRINTING)
    pair.sim.do(verb)
    progress = await pair.until(Phase.WAITING_FOR_PEOPLE)
    assert progress.reason == cause
    assert pair.driver.status.fault is not None
    assert pair.driver.status.fault.cause == cause
    pair.sim.do(mended)
    outcome = await task
    assert isinstance(outcome, Done)
    assert pair.printed == 3


@pytest.mark.promise("P3")
async def test_a_stop_that_nobody_mends_is_cancelled_and_refused(pair: Pair) -> None:
    pair.sim.do("slow", seconds=0.1)
    task = asyncio.create_task(pair.print(pages=3, deadline_s=0.6))
    await pair.until(Phase.PRINTING)
    pair.sim.do("jam")
    outcome = await task
    assert isinstance(outcome, Refused)
    assert outcome.cause == "media-jam"
    assert pair.sim.state()["last_job"]["state"] == "canceled"
    pair.sim.do("clear_jam")
    await asyncio.sleep(0.3)
    assert pair.printed < 3
    assert pair.seen[-1].phase is Phase.CANCELLING


async def test_paper_that_runs_out_half_way_and_too_little_paper(pair: Pair) -> None:
    pair.sim.do("load_paper", sheets=1)
    with pytest.raises(NeedsPeople, match="1 sheets for 2 pages"):
        await pair.driver.check(pages=2)
    await pair.driver.check(pages=1)
    assert (await pair.driver.poll()).paper is Supply.LOW


async def test_slow_printer_is_cancelled_at_its_limit(pair: Pair) -> None:
    pair.sim.do("slow", seconds=0.4)
    outcome = await pair.print(pages=3, deadline_s=0.2)
    assert isinstance(outcome, Refused)
    assert outcome.cause == "too-slow"
    assert "1 of 3 pages came out: destroy them" in outcome.sentence


async def test_abort_and_busy(pair: Pair) -> None:
    pair.sim.do("abort")
    outcome = await pair.print("W032-1")
    assert isinstance(outcome, Refused)
    assert (outcome.cause, outcome.again, pair.printed) == ("aborted", True, 0)
    pair.sim.do("busy", count=3)
    again = await pair.print("W032-1")
    assert isinstance(again, Done), "an aborted job does not stand in the way of the next try"
    assert pair.driver.counters.retries == 3
    pair.sim.do("busy", count=1000)
    refused = await pair.print("W032-2")
    assert isinstance(refused, Refused)
    assert (refused.again, refused.code) == (True, "server-error-busy")


@pytest.mark.promise("P3")
@pytest.mark.parametrize("operation", ["Create-Job", "Send-Document"])
async def test_a_lost_answer_does_not_print_twice(pair: Pair, operation: str) -> None:
    pair.sim.do("lose_answer", operation=operation)
    outcome = await pair.print()
    assert isinstance(outcome, Done)
    assert (pair.printed, len(pair.sim.engine.jobs), len(pair.refs)) == (1, 1, 1)


@pytest.mark.promise("P3")
async def test_a_lost_request_is_sent_again_only_when_the_printer_has_nothing(pair: Pair) -> None:
    pair.sim.do("lose_request", operation="Send-Document")
    outcome = await pair.print("W032-1")
    assert isinstance(outcome, Done)
    assert pair.printed == 1
    pair.sim.do("lose_request", operation="Create-Job")
    refused = await pair.print("W032-2")
    assert isinstance(refused, Refused)
    assert (refused.again, len(pair.sim.engine.jobs)) == (True, 1)
    assert isinstance(await pair.print("W032-2"), Done)


@pytest.mark.promise("P3")
async def test_a_stalled_answer_does_not_print_twice(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "SEND_S", 0.3)
    pair.sim.do("stall", operation="Send-Document")
    outcome = await pair.print()
    assert isinstance(outcome, Done)
    assert pair.printed == 1


@pytest.mark.promise("P8")
async def test_unplugged_after_create_is_unknown_then_found(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.licence_printer.host.CANCEL_WAIT_S", 0.2)
    pair.sim.do("slow", seconds=0.3)
    task = asyncio.create_task(pair.print(deadline_s=0.5))
    await pair.until(Phase.PRINTING)
    await pair.sim.unplug()
    outcome = await task
    assert isinstance(outcome, Unknown)
    assert outcome.cause == "no-answer"
    assert outcome.evidence["job_id"] == "1"
    await pair.sim.plug()
    found = await pair.driver.find_job("W032-1", ref=pair.refs[0])
    assert isinstance(found, Done)
    assert pair.printed == 1


@pytest.mark.promise("P8")
async def test_a_printer_switched_off_and_on_is_unknown(pair: Pair) -> None:
    pair.sim.engine.booted -= 100
    pair.sim.do("slow", seconds=0.5)
    task = asyncio.create_task(pair.print())
    await pair.until(Phase.PRINTING)
    pair.sim.do("restart")
    outcome = await task
    assert isinstance(outcome, Unknown)
    assert outcome.cause == "printer-restarted"
    found = await pair.driver.find_job("W032-1", ref=pair.refs[0])
    assert isinstance(found, Unknown)
    assert found.cause == "printer-restarted"


async def test_a_forgotten_job_is_unknown(pair: Pair) -> None:
    pair.sim.do("slow", seconds=0.5)
    task = asyncio.create_task(pair.print())
    await pair.until(Phase.PRINTING)
    pair.sim.do("forget")
    outcome = await task
    assert isinstance(outcome, Unknown)
    assert outcome.cause == "job-forgotten"


@pytest.mark.promise("P3")
async def test_a_name_that_was_printed_is_never_printed_again(pair: Pair) -> None:
    assert isinstance(await pair.print(), Done)
    again = await pair.print()
    assert isinstance(again, Unknown)
    assert (again.cause, again.evidence["job_id"], pair.printed) == ("job-exists", "1", 1)


async def test_find_job_after_a_crash(pair: Pair) -> None:
    assert await pair.driver.find_job("W032-1") is None
    pair.sim.do("slow", seconds=0.2)
    task = asyncio.create_task(pair.print())
    await pair.until(Phase.PRINTING)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    after = Pair(pair.sim)
    found = await after.driver.find_job("W032-1", ref=pair.refs[0])
    assert isinstance(found, Done)
    assert isinstance(await after.driver.find_job("W032-1"), Done)


@pytest.mark.promise("P3")
async def test_a_crash_between_create_and_document_leaves_nothing_to_print(pair: Pair) -> None:
    async def crash(ref: JobRef) -> None:
        pair.refs.append(ref)
        pair.sim.end._table.pop(8)  # the terminal is gone: its Cancel-Job does not arrive either
        raise RuntimeError("power cut")

    table = dict(pair.sim.end._table)
    with pytest.raises(RuntimeError, match="power cut"):
        await pair.driver.print_pdf(pdf(), "W032-1", pages=1, on_job=crash)
    pair.sim.end._table.update(table)
    assert pair.sim.state()["queue"][0]["state"] == "held"
    found = await pair.driver.find_job("W032-1", ref=pair.refs[0])
    assert isinstance(found, Refused)
    assert found.cause == "no-document"
    assert pair.sim.state()["last_job"]["state"] == "canceled"
    assert await pair.driver.find_job("W032-9") is None


async def test_a_journal_that_fails_cancels_the_job(pair: Pair) -> None:
    async def full(ref: JobRef) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        await pair.driver.print_pdf(pdf(), "W032-1", pages=1, on_job=full)
    assert pair.sim.state()["last_job"]["state"] == "canceled"
    assert pair.printed == 0


async def test_cancel_from_outside(pair: Pair) -> None:
    pair.sim.do("slow", seconds=0.3)
    task = asyncio.create_task(pair.print(pages=3))
    await pair.until(Phase.PRINTING)
    await pair.driver.cancel(1)
    outcome = await task
    assert isinstance(outcome, Refused)
    assert outcome.cause == "cancelled"
    await pair.driver.cancel(1)
    await pair.driver.cancel(99)


async def _with(**options: Any) -> Pair:
    sim = make("tcp://127.0.0.1:0", page_s=0.02, **options)
    await sim.plug()
    return Pair(sim)


@pytest.mark.promise("P3")
async def test_a_printer_without_create_job(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = await _with(without=("CREATE_JOB", "SEND_DOCUMENT"))
    await pair.driver.open()
    assert isinstance(await pair.print("W032-1"), Done)
    pair.sim.do("lose_answer", operation="Print-Job")
    assert isinstance(await pair.print("W032-2"), Done)
    assert (pair.printed, len(pair.refs)) == (2, 2)
    pair.sim.do("lose_request", operation="Print-Job")
    assert isinstance(await pair.print("W032-3"), Refused)
    assert pair.printed == 2
    await pair.sim.unplug()


async def test_a_printer_that_does_not_count() -> None:
    pair = await _with(count_pages=False, count_sheets=False)
    await pair.driver.check(pages=200)
    assert isinstance(await pair.print(pages=2), Done)
    await pair.sim.unplug()


async def test_a_printer_without_pdf_gets_raster() -> None:
    pair = await _with(pdf=False)
    await pair.driver.check()
    assert isinstance(await pair.print(pages=2), Done)
    kind, stream = pair.sim.artefact("last.pwg")
    assert kind == "image/pwg-raster"
    assert [page.shape for page in read_pwg(stream)] == [(7016, 4961)] * 2
    assert pair.sim.artefact("last.png")[1].startswith(b"\x89PNG")
    await pair.sim.unplug()


async def test_not_the_printer_that_is_needed() -> None:
    pair = await _with(without=("GET_JOBS",))
    with pytest.raises(WrongDevice, match="Get-Jobs"):
        await pair.driver.open()
    await pair.sim.unplug()
    with pytest.raises(LinkRefused, match="power and network"):
        await pair.driver.open()
    with pytest.raises(ValueError, match="unknown options colour"):
        LicencePrinter("licence", "ipp://127.0.0.1:1/ipp/print", {"colour": "yes"})
    for link in ("http://127.0.0.1/ipp", "ipp:///ipp/print", "ipp://user:word@host/ipp/print"):
        with pytest.raises(ValueError, match="ipp://host:port"):
            LicencePrinter("licence", link, {})


async def test_a_web_server_is_no_printer() -> None:
    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi")
        writer.close()

    async with await asyncio.start_server(page, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        driver = LicencePrinter("licence", f"ipp://127.0.0.1:{port}/ipp/print", {})
        with pytest.raises(WrongDevice, match="not in IPP"):
            await driver.open()


@pytest.mark.parametrize("answer", [b"", b"\x02\x00", b"\x02\x00\x00\x00\x00\x00\x00\x01\x03", b"\xff" * 400])
async def test_a_damaged_answer_is_an_error_not_a_crash(answer: bytes) -> None:
    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: {len(answer)}\r\n\r\n"
        writer.write(head.encode() + answer)
        writer.close()

    async with await asyncio.start_server(page, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        driver = LicencePrinter("licence", f"ipp://127.0.0.1:{port}/ipp/print", {})
        with pytest.raises(DeviceError):
            await driver.open()


async def test_silent_printer_is_left_at_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "CALL_S", 0.2)
    pair = await _with()
    pair.sim.do("stall", operation="Get-Printer-Attributes")
    with pytest.raises(DeviceError, match="did not answer within"):
        await pair.driver.open()
    await pair.driver.open()
    await pair.sim.unplug()


async def test_unfit_documents_are_refused_before_the_wire(pair: Pair) -> None:
    for document, name, pages in ((b"GIF89a", "x", 1), (pdf(), "", 1), (pdf(), "x", 0), (pdf(), "名" * 90, 1)):
        with pytest.raises(ValueError):
            await pair.driver.print_pdf(document, name, pages=pages, on_job=pair.journal)
    assert len(pair.sim.wire) == 0


async def test_wire_view_and_verbs(pair: Pair) -> None:
    await pair.print()
    words = [c.words for c in pair.sim.wire]
    assert any(w.startswith("Create-Job") for w in words)
    assert any("job 1 state 9 job-completed-successfully" in w for w in words)
    assert all(b"%PDF" not in c.data for c in pair.sim.wire), "documents are not kept in the wire view"
    with pytest.raises(UnknownVerb):
        pair.sim.do("kick")
    with pytest.raises(ValueError):
        pair.sim.do("load_paper", sheets=10_000)
    with pytest.raises(ValueError):
        pair.sim.do("lose_answer", operation="Make-Coffee")
    for name in ("last.txt", "job-9.pdf", "first.pdf"):
        with pytest.raises(KeyError):
            pair.sim.artefact(name)


def test_raster_is_the_page() -> None:
    stream, pages = pwg_raster(pdf(1), dpi=100)
    (page,) = read_pwg(stream)
    assert pages == 1
    assert page.shape == (1169, 827)
    assert np.all(page == 255)
    with pytest.raises(Unsupported):
        pwg_raster(b"%PDF-broken", dpi=100)
    with pytest.raises(Unsupported):
        pwg_raster(pdf(1), dpi=5000)
