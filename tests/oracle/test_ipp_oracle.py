"""Our driver judged by others: against CUPS' ippeveprinter with its faults scripted, its raster read by CUPS."""

from __future__ import annotations

import asyncio
import base64
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no package to import each other from
from ipp_support import EMPTY, LOADED, Eve, drawn, eve_at, pdf

from drivers.device import Supply
from drivers.errors import DeviceError, NeedsPeople
from drivers.licence_printer.driver import JobRef, LicencePrinter, Phase, Progress
from drivers.licence_printer.frames import Operation
from drivers.licence_printer.raster import pwg_raster
from drivers.outcome import Done, Outcome, Refused, Unknown
from simulator.models.printed_pages import read_pwg

pytestmark = pytest.mark.oracle

COUNTED = "echo 'ATTR: job-impressions-completed=1' >&2"


@pytest.fixture
async def eve(tmp_path: Path) -> AsyncIterator[Eve]:
    async with eve_at(tmp_path) as printer:
        yield printer


class LosingLine:
    """A cable between driver and printer that carries every request and loses the answers it is told to."""

    def __init__(self, port: int) -> None:
        self._to = port
        self.lose: list[int] = []
        self.lost: list[int] = []
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> LosingLine:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.link = f"ipp://localhost:{self._server.sockets[0].getsockname()[1]}/ipp/print"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            request = await _message(reader)
            there, out = await asyncio.open_connection("localhost", self._to)
            out.write(request)
            answer = await _message(there)
            out.close()
            body = request.partition(b"\r\n\r\n")[2]
            operation = int.from_bytes(body[2:4], "big")
            if operation in self.lose:
                self.lose.remove(operation)
                self.lost.append(operation)
                writer.transport.abort()
            else:
                writer.write(answer)
        writer.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    """One HTTP message of a known length: CUPS leaves the line open behind its answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    assert length is not None
    return head + await reader.readexactly(int(length[1]))


async def no_journal(ref: JobRef) -> None:
    del ref


async def printed(driver: LicencePrinter, name: str, **options: float) -> Outcome[object]:
    return await driver.print_pdf(pdf(), name, pages=1, on_job=no_journal, **{"deadline_s": 20.0, **options})


async def test_our_driver_prints_on_ippeveprinter(eve: Eve) -> None:
    driver = LicencePrinter("licence", eve.link, {"poll_s": 0.05})
    refs: list[JobRef] = []

    async def journal(ref: JobRef) -> None:
        refs.append(ref)

    await driver.open()
    assert driver.status.usable
    with pytest.raises(NeedsPeople, match="load A4"):
        await driver.check()
    await eve.web(LOADED)
    await driver.check()
    eve.script("echo 'ATTR: job-impressions-completed=1' >&2; sleep 0.3; exit 0")
    document = pdf()
    outcome = await driver.print_pdf(document, "WH-1", pages=1, on_job=journal, deadline_s=20)
    assert isinstance(outcome, Done)
    assert [ref.job_id for ref in refs] == [outcome.value.job_id]
    assert refs[0].printer_uuid.startswith("urn:uuid:")
    assert eve.documents() == [document]
    found = await driver.find_job("WH-1", ref=refs[0])
    assert isinstance(found, Done)
    assert await driver.find_job("WH-2") is None


async def test_faults_of_ippeveprinter_reach_the_terminal(eve: Eve) -> None:
    driver = LicencePrinter("licence", eve.link, {"poll_s": 0.05})
    seen: list[Progress] = []

    async def journal(ref: JobRef) -> None:
        del ref

    await driver.open()
    await eve.web(LOADED)
    eve.script("exit 1")
    aborted = await driver.print_pdf(pdf(), "WH-abort", pages=1, on_job=journal, deadline_s=20)
    assert isinstance(aborted, Refused)
    assert (aborted.cause, aborted.again) == ("aborted", True)

    counted = "echo 'ATTR: job-impressions-completed=1' >&2"
    eve.script(f"echo 'STATE: +media-jam' >&2; sleep 0.5; echo 'STATE: -media-jam' >&2; {counted}; sleep 0.2; exit 0")
    done = await driver.print_pdf(pdf(), "WH-jam", pages=1, on_job=journal, deadline_s=20, on_progress=seen.append)
    assert isinstance(done, Done)
    assert {p.phase for p in seen} >= {Phase.PRINTING}

    eve.script("exit 0")
    uncounted = await driver.print_pdf(pdf(), "WH-uncounted", pages=1, on_job=journal, deadline_s=20)
    assert isinstance(uncounted, Unknown), "it reports a counter, and the counter says that no page came out"
    assert uncounted.cause == "pages-missing"

    eve.script("sleep 3; exit 0")
    slow = await driver.print_pdf(pdf(), "WH-slow", pages=1, on_job=journal, deadline_s=0.5)
    assert isinstance(slow, Refused), slow
    assert slow.cause == "too-slow"

    await eve.web(EMPTY)
    with pytest.raises(NeedsPeople):
        await driver.check()
    nothing = await driver.print_pdf(pdf(), "WH-empty", pages=1, on_job=journal)
    assert isinstance(nothing, Refused)


async def test_ippeveprinter_that_dies_is_noticed(eve: Eve) -> None:
    driver = LicencePrinter("licence", eve.link)
    await driver.open()
    eve.stop()
    with pytest.raises(DeviceError):
        await driver.poll()


def test_raster_read_by_cups(tmp_path: Path) -> None:
    document = tmp_path / "document.pdf"
    document.write_bytes(drawn())
    stream, _ = pwg_raster(document.read_bytes(), dpi=150)
    raster = tmp_path / "document.pwg"
    raster.write_bytes(stream)
    done = subprocess.run(
        ["ippeveps", str(raster)],
        env={"PATH": "/usr/sbin:/usr/bin:/bin", "CONTENT_TYPE": "image/pwg-raster"},
        capture_output=True,
        timeout=30,
        check=True,
    )
    assert b"Page 1: 1240x1754x8" in done.stderr
    rows = re.findall(rb"(\d+) L\n(.*?)~>", done.stdout, re.DOTALL)
    (page,) = read_pwg(stream)
    drawn_rows = {1753 - int(height) for height, _ in rows}
    assert drawn_rows == set(np.flatnonzero(page.min(axis=1) < 255).tolist()), "blank lines are left out"
    for height, packed in rows:
        row = np.frombuffer(_a85(packed), np.uint8)
        assert np.array_equal(row[:1240], page[1753 - int(height)])
    assert page.min() < 50


def _a85(packed: bytes) -> bytes:
    return base64.a85decode(packed.replace(b"\n", b""))


@pytest.mark.promise("P3")
@pytest.mark.parametrize("operation", [Operation.CREATE_JOB, Operation.SEND_DOCUMENT], ids=["create", "send"])
async def test_an_answer_lost_on_the_way_prints_once(eve: Eve, operation: Operation) -> None:
    await eve.web(LOADED)
    eve.script(f"{COUNTED}; sleep 0.2; exit 0")
    refs: list[JobRef] = []

    async def journal(ref: JobRef) -> None:
        refs.append(ref)

    async with LosingLine(eve.port) as line:
        driver = LicencePrinter("licence", line.link, {"poll_s": 0.05})
        await driver.open()
        line.lose.append(operation)
        outcome = await driver.print_pdf(pdf(), "WH-lost", pages=1, on_job=journal, deadline_s=20)
        again = await driver.print_pdf(pdf(), "WH-lost", pages=1, on_job=journal, deadline_s=20)
    assert line.lost == [operation]
    assert isinstance(outcome, Done), outcome
    assert [ref.job_id for ref in refs] == [outcome.value.job_id]
    assert isinstance(again, Unknown)
    assert again.cause == "job-exists"
    assert len(eve.documents()) == 1


@pytest.mark.promise("P3")
@pytest.mark.promise("P8")
async def test_a_printer_switched_off_and_on_in_mid_job_is_unknown(eve: Eve) -> None:
    driver = LicencePrinter("licence", eve.link, {"poll_s": 0.05})
    await driver.open()
    await eve.web(LOADED)
    eve.script("sleep 20; exit 0")
    begun = asyncio.Event()
    work = asyncio.create_task(
        driver.print_pdf(pdf(), "WH-cut", pages=1, on_job=no_journal, on_progress=lambda _: begun.set())
    )
    async with asyncio.timeout(10):
        await begun.wait()
    eve.power_off()
    await asyncio.sleep(0.3)
    await eve.power_on()
    async with asyncio.timeout(20):
        outcome = await work
    assert isinstance(outcome, Unknown), outcome
    assert outcome.cause in ("printer-restarted", "job-forgotten")
    assert outcome.evidence["job_id"] == "1"


async def test_cancel_takes_its_time_and_is_followed_to_its_end(eve: Eve) -> None:
    driver = LicencePrinter("licence", eve.link, {"poll_s": 0.05})
    await driver.open()
    await eve.web(LOADED)
    eve.script("sleep 1.5; exit 0")
    seen: list[Progress] = []
    outcome = await driver.print_pdf(
        pdf(), "WH-cancel", pages=1, on_job=no_journal, deadline_s=0.3, on_progress=seen.append
    )
    assert isinstance(outcome, Refused), outcome
    assert outcome.cause == "too-slow"
    assert Phase.CANCELLING in {p.phase for p in seen}, "the printer still worked when it had heard of the cancel"
    assert isinstance(await driver.find_job("WH-cancel"), Refused), "asked again it says the same"


@pytest.mark.parametrize("reason", ["media-empty", "media-jam", "cover-open", "toner-empty"])
async def test_a_fault_in_the_middle_is_told_and_the_job_given_up_in_time(eve: Eve, reason: str) -> None:
    driver = LicencePrinter("licence", eve.link, {"poll_s": 0.05, "people_s": 0.3})
    await driver.open()
    await eve.web(LOADED)
    eve.script(f"echo 'STATE: +{reason}' >&2; sleep 2; exit 0")
    seen: list[Progress] = []
    outcome = await driver.print_pdf(
        pdf(), "WH-fault", pages=1, on_job=no_journal, deadline_s=1.0, on_progress=seen.append
    )
    assert not isinstance(outcome, Done)
    # it never stops: with the suffix -warning while it works, the reason is told and the job goes on to its limit
    assert driver.status.warnings or driver.status.fault, "the technician hears of it"


async def test_faults_after_a_print_do_not_change_what_was_printed(eve: Eve) -> None:
    driver = LicencePrinter("licence", eve.link, {"poll_s": 0.05})
    await driver.open()
    await eve.web(LOADED)
    eve.script(f"{COUNTED}; exit 0")
    assert isinstance(await printed(driver, "WH-after"), Done)
    await eve.web(EMPTY)
    assert (await driver.poll()).paper in (Supply.OUT, Supply.LOW)
    assert isinstance(await driver.find_job("WH-after"), Done)
    with pytest.raises(NeedsPeople):
        await driver.check()
    await eve.web(LOADED)
    await eve.web("supplies?supply0=80&supply1=4&supply2=80&supply3=80&supply4=80")
    assert (await driver.poll()).toner is Supply.LOW
    await driver.check()
