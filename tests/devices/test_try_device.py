"""`kiosk try`: each family against its simulated device, in words, with its exit code, personal data masked."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from drivers.outcome import Refused, Unknown
from kiosk.cli.commands import app
from kiosk.trying.device import (
    DONE,
    FAMILIES,
    NOT_DONE,
    UNKNOWN,
    WRONG_USE,
    Wish,
    WrongUse,
    options_of,
    try_device,
    verbs_of,
)
from kiosk.trying.pay import MOST_FEN, fen_of
from simulator.device import SimDevice
from simulator.families import make
from simulator.people import CITIZENS
from simulator.processes import program

CITIZEN = CITIZENS["citizen-10"]
PAD = {"currency": "CNY", "password": "123456"}


@asynccontextmanager
async def plugged(name: str, tmp_path: Path, **options: Any) -> AsyncIterator[SimDevice]:
    if name == "camera":
        where = "http://127.0.0.1:0/face.mjpg"
    elif name in ("id-card-reader", "receipt-printer"):
        where = f"pty:{tmp_path}/{name}"
    else:
        where = "tcp://127.0.0.1:0"
    if name == "id-card-reader":
        options = {"self_test_s": 0.0, "read_s": (0.01, 0.01), **options}
    sim = make(name, where, **options)
    await sim.plug()
    try:
        yield sim
    finally:
        await sim.unplug()


async def tried(name: str, verb: str, link: str, **wish: Any) -> tuple[int, str]:
    said: list[str] = []
    code = await try_device(name, verb, Wish(link, **wish), said.append)
    return code, "\n".join(said)


@pytest.mark.promise("P6")
async def test_a_card_is_read_and_masked(tmp_path: Path) -> None:
    async with plugged("id-card-reader", tmp_path) as sim:
        assert (await tried("id-card-reader", "find", sim.link))[0] == NOT_DONE
        sim.do("present", card="citizen-10")
        assert (await tried("id-card-reader", "find", sim.link))[0] == DONE
        code, said = await tried("id-card-reader", "read", sim.link, trace=tmp_path / "trace")
        assert code == DONE, said
        for secret in (CITIZEN.name, CITIZEN.number, str(CITIZEN.birth), CITIZEN.address):
            assert secret not in said
        assert "kind: resident" in said
        assert re.search(r"read in \d\.\d\d s, 0 retries", said)
        assert re.search(r"read: done in \d+\.\d\d s", said)
        assert re.search(r"wire: \d+ bytes to it, \d{4} from it", said)
        code, said = await tried("id-card-reader", "read", sim.link, show=True)
        assert code == DONE
        assert CITIZEN.number in said
        code, said = await tried("id-card-reader", "sam-id", sim.link)
        assert (code, "05.03-20200101-0001234567-1234567890" in said) == (DONE, True)
        code, said = await tried("id_card", "status", sim.link)
        assert code == DONE
        assert "device: online" in said
        sim.do("lift")
        code, said = await tried("id-card-reader", "read", sim.link, seconds=0.5)
        assert code == NOT_DONE
        assert "no-media: " in said
        assert "(citizen, again can help)" in said
    trace = CliRunner().invoke(app, ["trace", str(tmp_path / "trace")])
    assert "read text and photo" in trace.output
    assert CITIZEN.number not in trace.output


async def test_a_missing_reader_is_named_and_not_done(tmp_path: Path) -> None:
    code, said = await tried("id-card-reader", "status", f"serial://{tmp_path}/nothing")
    assert code == NOT_DONE
    assert "port-missing: " in said
    assert "(technician, again can help)" in said


async def test_looking_at_the_receipt_printer_moves_no_paper(tmp_path: Path) -> None:
    async with plugged("receipt-printer", tmp_path) as sim:
        before = sim.state()["paper_m"]
        code, said = await tried("receipt-printer", "status", sim.link)
        assert (code, "paper: full" in said) == (DONE, True)
        assert sim.state()["paper_m"] == before
        assert sim.state()["hanging"] == 0
        code, said = await tried("receipt-printer", "test-page", sim.link)
        assert code == DONE
        assert re.search(r"printed \d+ lines on 0\.\d\d m of paper", said)
        assert "打印测试" in sim.state()["last_receipt"]
        sim.do("paper_out")
        code, said = await tried("receipt-printer", "status", sim.link)
        assert code == NOT_DONE
        assert "fault: paper-out" in said
        assert (await tried("receipt-printer", "test-page", sim.link))[0] == NOT_DONE


async def test_a_receipt_that_may_be_out_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cutter jams at the page's own cut (opening cuts too, so it is armed behind that)."""
    from drivers.receipt_printer.driver import ReceiptPrinter

    async with plugged("receipt-printer", tmp_path) as sim:
        open_ = ReceiptPrinter.open

        async def opened(printer: ReceiptPrinter) -> None:
            await open_(printer)
            sim.do("cutter_jam", at="cut")

        monkeypatch.setattr(ReceiptPrinter, "open", opened)
        code, said = await tried("receipt-printer", "test-page", sim.link)
        assert code == UNKNOWN, said
        assert "unknown: cutter" in said


async def test_the_licence_printer_is_checked_without_printing(tmp_path: Path) -> None:
    async with plugged("licence-printer", tmp_path) as sim:
        code, said = await tried("licence-printer", "status", sim.link)
        assert (code, "Weihai LP-400" in said, "toner: full" in said) == (DONE, True, True)
        code, said = await tried("licence-printer", "check", sim.link)
        assert (code, "one page could be printed now" in said) == (DONE, True)
        sim.do("jam")
        code, said = await tried("licence-printer", "check", sim.link)
        assert code == NOT_DONE
        assert "needs-people: " in said
        assert sim.state()["pages_printed"] == 0


async def test_the_camera_looks_and_reads_codes(tmp_path: Path) -> None:
    async with plugged("camera", tmp_path) as sim:
        sim.do("code", payload="371002199001010017")
        code, said = await tried("camera", "look", sim.link)
        assert code == DONE
        assert "6 pictures, 640 x 480" in said
        assert re.search(r"brightness: \d+%", said)
        code, said = await tried("camera", "code", sim.link)
        assert code == DONE
        assert "qr of 18 characters" in said
        assert "371002199001010017" not in said
        sim.do("nobody")
        await asyncio.sleep(0.3)
        code, said = await tried("camera", "code", sim.link, seconds=0.5)
        assert (code, "no-media" in said) == (NOT_DONE, True)
        sim.do("freeze")
        code, said = await tried("camera", "look", sim.link, seconds=2.0)
        assert code == NOT_DONE


async def test_the_pad_says_how_it_is_and_rings_its_host(tmp_path: Path) -> None:
    async with plugged("payment-pad", tmp_path) as sim:
        code, said = await tried("payment-pad", "status", sim.link, options=PAD)
        assert (code, "device: online" in said) == (DONE, True)
        code, said = await tried("payment-pad", "diagnose", sim.link, options=PAD)
        assert (code, "the pad rang its host: ok" in said) == (DONE, True)
        assert (await tried("payment-pad", "last", sim.link, options=PAD))[0] == NOT_DONE
        sim.do("lock_f0")
        assert (await tried("payment-pad", "status", sim.link, options=PAD))[0] == NOT_DONE


async def test_money_moves_only_after_an_explicit_yes_and_leaves_a_record(tmp_path: Path) -> None:
    record = tmp_path / "payments.jsonl"
    wish: dict[str, Any] = {"options": PAD, "record": record, "fen": 1}
    async with plugged("payment-pad", tmp_path) as sim:
        for missing, sentence in (({"fen": None}, "say how much"), ({}, "--yes-take-money")):
            with pytest.raises(WrongUse, match=sentence):
                await tried("payment-pad", "pay", sim.link, **{**wish, **missing})
        with pytest.raises(WrongUse, match="say which payment"):
            await tried("payment-pad", "reverse", sim.link, yes_take_money=True, **wish)
        assert sim.wire == type(sim.wire)(), "nothing was said to the pad"
        assert not record.exists()
        sim.do("auto", card="citizen-10", after=0.1)
        code, said = await tried("payment-pad", "pay", sim.link, yes_take_money=True, **wish)
        assert code == DONE, said
        assert "taken: 0.01, card ****" in said
        states = [json.loads(line)["state"] for line in record.read_text().splitlines()]
        assert states == ["intent", "approved", "taken"]
        assert sim.state()["balance_fen"] == 1
        receipt = re.search(r"reverse --receipt (\d{4}) --amount 0\.01", said)
        assert receipt is not None
        code, said = await tried("payment-pad", "last", sim.link, options=PAD)
        assert (code, "0.01, receipt" in said) == (DONE, True)
        more = {**wish, "receipt": receipt[1], "yes_take_money": True}
        code, said = await tried("payment-pad", "reverse", sim.link, **more)
        assert (code, "given back: 0.01" in said) == (DONE, True)
        assert sim.state()["balance_fen"] == 0
        sim.do("decline", code="05")
        code, said = await tried("payment-pad", "pay", sim.link, yes_take_money=True, **wish)
        assert (code, "not taken: declined" in said) == (NOT_DONE, True)
        assert json.loads(record.read_text().splitlines()[-1])["state"] == "not taken"


async def test_a_lost_answer_is_asked_for_before_anything_is_said(tmp_path: Path) -> None:
    record = tmp_path / "payments.jsonl"
    async with plugged("payment-pad", tmp_path) as sim:
        sim.do("auto", card="citizen-10", after=0.1)
        sim.do("lose_answer", when="after_ack")
        code, said = await tried(
            "payment-pad", "pay", sim.link, options=PAD, record=record, fen=1, yes_take_money=True, seconds=30.0
        )
        assert "the pad is asked what became of it" in said
        assert code == (DONE if sim.state()["balance_fen"] else NOT_DONE)


async def test_what_stays_unknown_has_its_own_exit_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from drivers.payment_pad.driver import PaymentPad

    async def nobody_knows(*_: Any, **__: Any) -> Unknown:
        return Unknown("pad-silent", "The pad could not be asked.")

    async def refused(*_: Any, **__: Any) -> Refused:
        return Refused("no-such-receipt", "The pad does not know it.")

    monkeypatch.setattr(PaymentPad, "authorise", nobody_knows)
    monkeypatch.setattr(PaymentPad, "resolve", nobody_knows)
    record = tmp_path / "payments.jsonl"
    wish: dict[str, Any] = {"options": PAD, "record": record, "fen": 1, "yes_take_money": True, "receipt": "0001"}
    async with plugged("payment-pad", tmp_path) as sim:
        code, said = await tried("payment-pad", "pay", sim.link, **wish)
        assert (code, "nobody can say whether it was done" in said) == (UNKNOWN, True)
        monkeypatch.setattr(PaymentPad, "reverse", nobody_knows)
        assert (await tried("payment-pad", "reverse", sim.link, **wish))[0] == UNKNOWN
        monkeypatch.setattr(PaymentPad, "reverse", refused)
        assert (await tried("payment-pad", "reverse", sim.link, **wish))[0] == NOT_DONE


@pytest.mark.parametrize(("text", "fen"), [("0.01", 1), ("1", 100), ("1.5", 150), ("10.00", 1000), ("0.10", 10)])
def test_amounts(text: str, fen: int) -> None:
    assert fen_of(text) == fen


@pytest.mark.parametrize("text", ["0", "0.001", "-1", "10.01", "1e9", "NaN", "Infinity", "一", "0,01"])
def test_amounts_that_are_none(text: str) -> None:
    with pytest.raises(WrongUse):
        fen_of(text)
    assert MOST_FEN == 1000


def test_options_are_toml_or_text() -> None:
    given = options_of(["currency=CNY", "vending=false", "t3_s=2.5", "password=012345", "portrait='none'"])
    assert given == {"currency": "CNY", "vending": False, "t3_s": 2.5, "password": "012345", "portrait": "none"}
    with pytest.raises(WrongUse, match="currency=CNY"):
        options_of(["currency"])


def test_every_family_can_be_asked_how_it_is() -> None:
    for family, _ in FAMILIES.values():
        assert "status" in verbs_of(family)
    assert list(verbs_of("id_card")) == ["status", "read", "find", "sam-id"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["toaster", "status", "--link", "tcp://127.0.0.1:9"], "no device family 'toaster'"),
        (["camera", "fly", "--link", "http://127.0.0.1:9/x"], "it has status, look, code"),
        (["id-card-reader", "read", "--link", "ftp://x"], "unknown scheme"),
        (["id-card-reader", "read", "--link", "tcp://127.0.0.1:9", "--driver", "magic"], "id_card.magic"),
        (["payment-pad", "pay", "--link", "tcp://127.0.0.1:9", "--amount", "0.01"], "--yes-take-money"),
        (["payment-pad", "pay", "--link", "tcp://127.0.0.1:9", "--amount", "99"], "0.01 to 10.00"),
        (["payment-pad", "status", "--link", "tcp://127.0.0.1:9", "--option", "currency=XXX"], "currency"),
    ],
)
def test_wrong_use_is_refused_in_a_sentence(words: list[str], said: str) -> None:
    run = CliRunner().invoke(app, ["try", *words])
    assert run.exit_code == WRONG_USE, run.output
    assert said in run.output


def test_a_device_that_is_not_there_ends_with_one() -> None:
    run = CliRunner().invoke(app, ["try", "payment-pad", "status", "--link", "tcp://127.0.0.1:9?connect=0.5"])
    assert run.exit_code == NOT_DONE
    assert "link-refused: " in run.output
    assert "status: not done" in run.output


async def test_one_program_tries_another(tmp_path: Path) -> None:
    """Both commands as processes: `kiosk-sim device` and `kiosk try`, over a pseudo terminal."""
    pipe = asyncio.subprocess.PIPE
    where = ["id-card-reader", "--pty", str(tmp_path / "reader")]
    sim = await asyncio.create_subprocess_exec(*program("kiosk-sim"), "device", *where, stdin=pipe, stdout=pipe)
    assert sim.stdin is not None
    assert sim.stdout is not None
    try:
        link = (await asyncio.wait_for(sim.stdout.readline(), 30)).decode().split()[1]
        sim.stdin.write(b"present citizen-10\n")
        await asyncio.wait_for(sim.stdout.readline(), 30)
        trial = await asyncio.create_subprocess_exec(
            *program("kiosk"), "try", "id-card-reader", "read", "--link", link, stdout=pipe, stderr=pipe
        )
        said, errors = await asyncio.wait_for(trial.communicate(), 60)
        assert (trial.returncode, errors) == (DONE, b""), said
        assert "kind: resident" in said.decode()
        assert CITIZEN.number not in said.decode()
    finally:
        sim.terminate()
        await asyncio.wait_for(sim.wait(), 15)
