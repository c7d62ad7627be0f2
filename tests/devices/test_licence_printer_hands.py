"""What hands and mains can do to the simulated licence printer, and what the driver makes of it; real HTTP."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from io import BytesIO
from typing import Any
from urllib.request import urlopen

import pypdfium2
import pytest

from drivers.device import Supply
from drivers.errors import DeviceError, NeedsPeople, Unsupported
from drivers.licence_printer.driver import JobRef, LicencePrinter
from drivers.licence_printer.frames import (
    Group,
    JobState,
    Message,
    Operation,
    PrinterState,
    Status,
    Tag,
    attribute,
    decode,
    encode,
)
from drivers.licence_printer.host import Following
from drivers.licence_printer.reports import JobReport, PrinterReport
from drivers.outcome import Done, Outcome, Refused, Unknown
from simulator.models.licence_printer import LicencePrinterSim, make
from simulator.models.printer_engine import Engine
from simulator.wire.licence_printer_packed import MAX_UNPACKED, PackedWrong, unpacked


def pdf(pages: int = 1) -> bytes:
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(595.28, 841.89).close()
    out = BytesIO()
    document.save(out)
    document.close()
    return out.getvalue()


async def no_journal(_: JobRef) -> None:
    pass


def job_of(engine: Engine, now: float = 0.0, pages: int = 1) -> Any:
    job = engine.new_job(now, "one", "kiosk")
    job.pages, job.documents = pages, 1
    engine.close_job(job)
    engine.update(now)
    return job


def test_a_jam_spoils_the_sheet_under_way_and_prints_its_page_again() -> None:
    engine = Engine(page_s=3.0)
    job = job_of(engine, pages=2)
    engine.update(4.0)
    assert engine.tray_out == [(1, 1)]
    engine.jam()
    engine.update(5.0)
    assert (engine.state(), job.state) == (PrinterState.STOPPED, JobState.STOPPED)
    engine.jammed = False
    engine.update(6.0)
    engine.update(9.0)
    assert (engine.tray_out, job.state) == ([(1, 1), (1, 2)], JobState.COMPLETED)
    assert (engine.spoilt, engine.sheets) == (1, 250 - 3)


@pytest.mark.parametrize("keep", [False, True])
def test_a_restart_loses_or_keeps_the_queue_and_warms_up_first(keep: bool) -> None:
    engine = Engine(page_s=3.0)
    job, waiting = job_of(engine, pages=2), job_of(engine)
    engine.update(4.0)
    engine.power_cut()
    engine.restart(10.0, keep=keep)
    engine.jammed = False
    assert engine.up_time(10.0) == 1
    engine.update(11.0)
    engine.update(60.0)
    engine.update(70.0)
    if not keep:
        assert (engine.jobs, engine.tray_out) == ({}, [(1, 1)])
        return
    assert (job.state, waiting.state) == (JobState.COMPLETED, JobState.COMPLETED)
    assert engine.tray_out == [(1, 1), (1, 2), (2, 1)], "no page twice"


def test_a_cancel_while_it_warms_up_takes_no_sheet() -> None:
    engine = Engine(page_s=3.0)
    engine.restart(0.0)
    job = job_of(engine, 1.0)
    engine.cancel(2.0, job)
    assert job.state == JobState.PROCESSING, "a cancel is not immediate"
    assert engine.wake_at == pytest.approx(2.5)
    engine.update(2.5)
    assert (job.state, engine.tray_out) == (JobState.CANCELED, [])


def test_the_time_of_the_last_change_is_every_change_of_state_or_reasons() -> None:
    engine = Engine(page_s=3.0)
    engine.update(0.0)
    engine.toner = 2.0
    engine.update(5.0)
    assert engine.changed_at == 5.0
    job_of(engine, 7.0)
    assert engine.changed_at == 7.0
    engine.update(8.0)
    assert engine.changed_at == 7.0


@pytest.mark.promise("P3")
async def test_power_cut_in_mid_page_is_unknown_and_the_kept_job_is_called_off() -> None:
    sim = make("tcp://127.0.0.1:0", page_s=0.4)
    await sim.plug()
    driver = LicencePrinter("licence", sim.link, {"poll_s": 0.02, "people_s": 0.3})
    work = asyncio.create_task(driver.print_pdf(pdf(), "WH-1", pages=1, on_job=no_journal))
    async with asyncio.timeout(5):
        while (job := sim.engine.current()) is None or job.page_done is None:
            await asyncio.sleep(0.01)
    sim.do("power_cut")
    outcome = await work
    assert isinstance(outcome, Unknown)
    assert sim.state()["powered"] is False
    with pytest.raises(DeviceError):
        await driver.poll()
    sim.do("power_on", keep="true")
    sim.do("clear_jam")
    async with asyncio.timeout(5):
        while not sim.state()["plugged"]:
            await asyncio.sleep(0.01)
    await driver.open()
    assert driver.counters.extra["called_off"] == 1
    async with asyncio.timeout(5):
        while not sim.engine.jobs[1].over:
            await asyncio.sleep(0.05)
    assert (sim.engine.jobs[1].state, sim.engine.tray_out, sim.engine.spoilt) == (JobState.CANCELED, [], 1)
    await sim.unplug()


async def test_paper_loaded_again_is_believed() -> None:
    sim = make("tcp://127.0.0.1:0")
    await sim.plug()
    driver = LicencePrinter("licence", sim.link)
    sim.do("paper_out")
    with pytest.raises(NeedsPeople):
        await driver.check()
    assert (await driver.poll()).paper is Supply.OUT
    sim.do("load_paper")
    assert (await driver.poll()).usable
    sim.do("load_paper", sheets=3)
    assert (await driver.poll()).paper is Supply.LOW
    await sim.unplug()


def _report(*reasons: str) -> PrinterReport:
    return PrinterReport(PrinterState.STOPPED if reasons else PrinterState.PROCESSING, reasons, True, 50, "urn:uuid:1")


def test_patience_with_people_ends_in_a_cancel_and_starts_anew_when_somebody_helped() -> None:
    job = JobReport(1, "n", JobState.PROCESSING)
    following = Following(JobRef(1, "urn:uuid:1", 40), 1, 0.0, 180.0, patience_s=60.0)
    for now in (0.0, 59.0):
        following.ask(now)
        following.answered(now, _report("media-jam-error"), job)
    following.answered(59.5, _report(), job)
    following.answered(70.0, _report("media-empty-error"), job)
    following.answered(129.0, _report("media-empty-error"), job)
    assert following.ask(129.5).value == "state"
    following.answered(130.0, _report("media-empty-error"), job)
    assert following.ask(130.5).value == "cancel"
    following.cancel_heard()
    following.answered(131.0, _report("media-empty-error"), JobReport(1, "n", JobState.CANCELED))
    assert isinstance(following.outcome, Refused)
    assert following.outcome.cause == "media-empty"


def test_patience_with_silence_ends_in_unknown() -> None:
    following = Following(JobRef(1, "urn:uuid:1", 40), 1, 0.0, 180.0, patience_s=60.0)
    following.silent(1.0)
    following.answered(30.0, _report(), JobReport(1, "n", JobState.PROCESSING))
    following.silent(31.0)
    following.silent(90.0)
    assert following.outcome is None
    following.silent(91.0)
    assert isinstance(following.outcome, Unknown)


@pytest.mark.parametrize(("packed", "name"), [(gzip.compress, "gzip"), (zlib.compress, "deflate")])
def test_packed_documents(packed: Any, name: str) -> None:
    document = pdf(2)
    assert unpacked(packed(document), name) == document
    assert unpacked(document, "none") == document
    for wrong in (packed(document)[:-9], b"not packed at all"):
        with pytest.raises(PackedWrong, match=name):
            unpacked(wrong, name)
    with pytest.raises(PackedWrong, match="compress"):
        unpacked(document, "compress")
    with pytest.raises(PackedWrong):
        unpacked(packed(bytes(MAX_UNPACKED + 1)), name)


def _ask(sim: LicencePrinterSim, operation: Operation, *extra: Any, user: str = "me", document: bytes = b"") -> Message:
    head = (
        attribute("attributes-charset", Tag.CHARSET, "utf-8"),
        attribute("attributes-natural-language", Tag.LANGUAGE, "en"),
        attribute("printer-uri", Tag.URI, sim.link),
        attribute("requesting-user-name", Tag.NAME, user),
        *extra,
    )
    return decode(sim.end.answer(0.0, encode(Message(operation, 1, (Group(Tag.OPERATION, head),)), document)).octets)


async def test_cancel_my_jobs_leaves_those_of_others_and_close_job_ends_an_empty_one() -> None:
    sim = make("tcp://127.0.0.1:0")
    mine, other = (_ask(sim, Operation.CREATE_JOB, user=user).group(Tag.JOB).number("job-id") for user in ("me", "he"))
    named = attribute("job-ids", Tag.INTEGER, mine, other)
    assert _ask(sim, Operation.CANCEL_MY_JOBS, named).code == Status.NOT_POSSIBLE
    assert not sim.engine.jobs[1].over, "all or nothing"
    assert _ask(sim, Operation.CANCEL_MY_JOBS).code == Status.OK
    assert [job.over for job in sim.engine.jobs.values()] == [True, False]
    assert _ask(sim, Operation.CLOSE_JOB, attribute("job-id", Tag.INTEGER, mine)).code == Status.NOT_POSSIBLE
    assert _ask(sim, Operation.CLOSE_JOB, attribute("job-id", Tag.INTEGER, other), user="he").code == Status.OK
    assert sim.engine.jobs[2].state == JobState.ABORTED, "a job without a document prints nothing"
    wrong = attribute("compression", Tag.KEYWORD, "gzip")
    assert _ask(sim, Operation.PRINT_JOB, wrong, document=b"plain").code == Status.COMPRESSION_ERROR


async def test_the_icon_that_the_printer_names_is_there() -> None:
    sim = make("tcp://127.0.0.1:0")
    await sim.plug()
    asked = _ask(sim, Operation.GET_PRINTER_ATTRIBUTES, attribute("requested-attributes", Tag.KEYWORD, "printer-icons"))
    url = asked.group(Tag.PRINTER).word("printer-icons")

    def get() -> bytes:
        with urlopen(url, timeout=5) as picture:
            assert picture.headers["Content-Type"] == "image/png"
            return bytes(picture.read())

    assert (await asyncio.get_running_loop().run_in_executor(None, get)).startswith(b"\x89PNG")
    await sim.unplug()


@pytest.mark.parametrize("formats", [("image/urf",), ("image/jpeg",), ("application/postscript", "image/urf")])
async def test_a_printer_without_pdf_and_pwg_raster_is_refused_before_anything_is_sent(
    formats: tuple[str, ...],
) -> None:
    sim = make("tcp://127.0.0.1:0")
    await sim.plug()
    object.__setattr__(sim.end.identity, "formats", formats)  # frozen; no such printer is made otherwise
    driver = LicencePrinter("licence", sim.link)
    with pytest.raises(Unsupported, match="PDF"):
        await driver.check()
    outcome: Outcome[Any] = await driver.print_pdf(pdf(), "WH-1", pages=1, on_job=no_journal)
    assert isinstance(outcome, Refused)
    assert sim.engine.jobs == {}
    await sim.unplug()


@pytest.mark.parametrize("verb", ["restart", "power_on"])
async def test_a_switch_takes_yes_or_no(verb: str) -> None:
    sim = make("tcp://127.0.0.1:0")
    await sim.plug()
    if verb == "power_on":
        sim.do("power_cut")
    with pytest.raises(ValueError, match="true or false"):
        sim.do(verb, keep="perhaps")
    await sim.unplug()


async def test_several_jobs_wait_their_turn() -> None:
    sim = make("tcp://127.0.0.1:0", page_s=0.05)
    await sim.plug()
    drivers = [LicencePrinter(f"licence-{n}", sim.link, {"poll_s": 0.02}) for n in range(3)]
    prints = [d.print_pdf(pdf(2), f"WH-{n}", pages=2, on_job=no_journal) for n, d in enumerate(drivers)]
    outcomes = await asyncio.gather(*prints)
    assert all(isinstance(outcome, Done) for outcome in outcomes)
    tray = sim.state()["tray"]
    order = list(dict.fromkeys(sheet["job"] for sheet in tray))  # whose document came first; no job cuts into another
    assert sorted(order) == [1, 2, 3]
    assert tray == [{"job": job, "page": page} for job in order for page in (1, 2)]
    await sim.unplug()
