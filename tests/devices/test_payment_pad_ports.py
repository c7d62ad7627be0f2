"""The pad over the operating system's own TCP and pty: real bytes, real time, real losses."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from drivers.device import DeviceState
from drivers.outcome import Done, Outcome, Refused, Unknown
from drivers.payment_pad.approval import Approval
from drivers.payment_pad.driver import PaymentPad
from drivers.supervisor import Rhythm, Supervisor
from simulator.models.pad_terminal import Times
from simulator.models.payment_pad import PaymentPad as SimulatedPad
from simulator.models.payment_pad import make

FAST = Times(answer_s=0.001, pin_s=0.02, host_s=0.02, boot_s=0.2, after_loss_s=0.1, repeat_s=0.05)
FEN = 1210


def _address(kind: str, tmp_path: Path) -> str:
    return "tcp://127.0.0.1:0" if kind == "tcp" else f"pty:{tmp_path}/pad"


async def _record(approval: Approval) -> None:
    await asyncio.sleep(0)


async def _pay(pad: PaymentPad) -> Outcome[Approval]:
    return await pad.authorise(FEN, order="o", on_prompt=lambda word: None, before_ack=_record, deadline_s=10)


async def _plugged(kind: str, tmp_path: Path) -> tuple[SimulatedPad, PaymentPad]:
    simulated = make(_address(kind, tmp_path), times=FAST)
    await simulated.plug()
    simulated.do("auto", after=0.02)
    return simulated, PaymentPad("pad", simulated.link, {"currency": "CNY", "password": "123456", "t3_s": 1.0})


@pytest.mark.promise("P2")
@pytest.mark.parametrize("kind", ["tcp", "pty"])
async def test_pay_and_reverse_over_a_real_port(kind: str, tmp_path: Path) -> None:
    simulated, pad = await _plugged(kind, tmp_path)
    try:
        assert simulated.link.startswith("tcp://127.0.0.1:" if kind == "tcp" else "serial:///")
        await pad.open()
        assert pad.status.usable
        assert (await pad.mark()).empty
        paid = await _pay(pad)
        assert isinstance(paid, Done)
        assert [row["state"] for row in simulated.ledger()] == ["booked"]
        assert isinstance(await pad.reverse(paid.value.receipt_no, FEN), Done)
        assert simulated.state()["balance_fen"] == 0
        assert all("6299990000000" not in crossing.words for crossing in simulated.wire)
    finally:
        await pad.close()
        await simulated.unplug()


@pytest.mark.promise("P8")
@pytest.mark.parametrize("when", ["before_status", "before_ack", "after_ack"])
async def test_a_real_connection_that_breaks_at_the_approval(when: str, tmp_path: Path) -> None:
    simulated, pad = await _plugged("tcp", tmp_path)
    try:
        await pad.open()
        mark = await pad.mark()
        simulated.do("lose_answer", when=when)
        outcome = await _pay(pad)
        assert isinstance(outcome, Unknown)
        truth = await pad.resolve(FEN, mark, "o", deadline_s=20)
        assert isinstance(truth, Done if when == "after_ack" else Refused)
        assert simulated.state()["balance_fen"] == (FEN if when == "after_ack" else 0)
    finally:
        await pad.close()
        await simulated.unplug()


@pytest.mark.promise("P7")
async def test_the_supervisor_brings_a_pad_back_after_a_power_cut(tmp_path: Path) -> None:
    simulated, pad = await _plugged("tcp", tmp_path)
    rhythm = Rhythm(poll_s=0.05, doubt_s=0.02, first_backoff_s=0.05, longest_backoff_s=0.2)
    running = asyncio.create_task(Supervisor(pad, rhythm, seed=1).run())
    seen: list[DeviceState] = []
    pad.watch(lambda _, status: seen.append(status.device))
    try:
        await _until(pad, usable=True)
        await simulated.unplug()
        await _until(pad, usable=False)
        await simulated.plug()
        await _until(pad, usable=True)
        await asyncio.sleep(FAST.boot_s)
        assert isinstance(await _pay(pad), Done)
        assert DeviceState.OFFLINE in seen
    finally:
        running.cancel()
        await asyncio.wait({running})
        await simulated.unplug()


async def _until(pad: PaymentPad, *, usable: bool) -> None:
    async with asyncio.timeout(20):
        while pad.status.usable is not usable:
            await asyncio.sleep(0.02)
