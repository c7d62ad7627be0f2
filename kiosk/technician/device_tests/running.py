"""One run of a test: never longer than its deadline, stoppable, the device left fit for service; on record.

What a run ends by, and what that means:

| ended by                        | outcome | event                                       |
|---------------------------------|---------|---------------------------------------------|
| the test itself                 | its own | its own                                     |
| `NotFitted`                     | unknown | test.not-fitted                             |
| `NoMedia` (nothing was placed)  | unknown | test.nothing-shown                          |
| another `DeviceError`           | fail    | the event of its cause                      |
| deadline                        | fail    | test.too-long; unknown when hands were due  |
| `stop`                          | unknown | test.stopped                                |
| a program error                 | unknown | test.program-error, its stack in the log    |
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from drivers.device import Device, DeviceState, Status
from drivers.errors import DeviceError, NoMedia
from kiosk.diagnostics.history import History
from kiosk.journal import Journal, JournalError
from kiosk.technician.device_tests.declared import DeviceTest, Ground, NotFitted, Run, TestResult

log = logging.getLogger(__name__)

ENTRY: Final = "device-test"
LEAVE_S: Final = 15.0
POLL_S: Final = 8.0
AGAIN_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Record:
    """Where runs are recorded: the journal (begin, end, outcome, figures), last pass and fail; each where given."""

    journal: Journal | None = None
    history: History | None = None

    async def began(self, test: str, **more: Any) -> None:
        """The begin of a test or of a burn-in."""
        await self._note({"test": test, "step": "begin", **more})

    async def ended(self, result: TestResult, seconds: float, at: datetime) -> None:
        """The end. What was shown to a person alone is no part of it."""
        measured = {each.id: each.value for each in result.figures[:20]}
        await self._note(
            {
                "test": result.test,
                "step": "end",
                "outcome": result.outcome,
                "event": result.event,
                "cause": result.cause[:60],
                "seconds": round(seconds, 1),
                "figures": measured,
            }
        )
        await self.counted(result, at)

    async def counted(self, result: TestResult, at: datetime) -> None:
        """Last pass or fail of its section, without an entry of its own: one of many runs of a burn-in."""
        if self.history is None or result.outcome == "unknown":
            return
        try:
            await asyncio.to_thread(self.history.tested, result.section, result.outcome == "pass", at)
        except (OSError, sqlite3.Error) as error:
            log.warning("readiness: %s: %s; this test is not counted", self.history.path, error)

    async def totals(self, test: str, counts: Mapping[str, Any]) -> None:
        """The end of a burn-in."""
        await self._note({"test": test, "step": "end", **counts})

    async def _note(self, body: Mapping[str, Any]) -> None:
        if self.journal is None:
            return
        try:
            await self.journal.note("", ENTRY, body)
        except JournalError as error:
            # The disk may be what is being mended: the test still helps.
            log.warning("device test %s: not on record: %s", body["test"], error)


NOWHERE: Final = Record()


async def run_test(
    test: DeviceTest, ground: Ground, record: Record = NOWHERE, stop: asyncio.Event | None = None
) -> TestResult:
    """Run it and record it. When the caller is cancelled the run counts as stopped, and the device is left fit too."""
    loop = asyncio.get_running_loop()
    await record.began(test.id)
    began = loop.time()
    result = Run(test, ground).ended("unknown", "test.stopped")
    try:
        result = await once(test, ground, stop)
    finally:
        log.info("act=device-test.%s ended outcome=%s event=%s", test.id, result.outcome, result.event)
        await asyncio.shield(record.ended(result, loop.time() - began, ground.wall()))
    return result


async def once(test: DeviceTest, ground: Ground, stop: asyncio.Event | None = None) -> TestResult:
    """As `run_test`, on no record."""
    run = Run(test, ground)
    task = asyncio.create_task(_judged(run), name=f"device test {test.id}")
    stopped = asyncio.create_task((stop or asyncio.Event()).wait())
    try:
        await asyncio.wait({task, stopped}, timeout=test.deadline_s, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            result = task.result()
        elif stopped.done():
            result = run.ended("unknown", "test.stopped")
        else:
            outcome = run.ended("fail", "test.too-long", f"{test.deadline_s:g} s", cause="too-long")
            result = replace(outcome, outcome="unknown") if test.hands else outcome
    finally:
        stopped.cancel()
        task.cancel()
        await asyncio.wait({task}, timeout=LEAVE_S)
        left = await _leave(test, ground)
    if left is not None and result.outcome == "pass":
        return run.fault(test.family, left, *result.figures)
    return result


async def _judged(run: Run) -> TestResult:
    test, ground = run.test, run.ground
    try:
        if test.panel and ground.surface is None:
            return run.ended("unknown", "test.needs-panel")
        if test.hands and not ground.operator.present:
            return run.ended("unknown", "test.needs-person")
        if test.role in ground.unusable:
            return run.broken(test.family, "driver-unusable", ground.unusable[test.role])
        if test.role:
            unfit = await _unfit(run, ground.device(test.role, Device))
            if unfit is not None:
                return unfit
        return await test.run(run)
    except NotFitted:
        return run.ended("unknown", "test.not-fitted")
    except NoMedia as error:
        return run.ended("unknown", "test.nothing-shown", cause=error.cause, said=str(error))
    except DeviceError as error:
        return run.fault(test.family, error)
    except Exception:
        log.exception("device test %s ended by a program error", test.id)
        return run.ended("unknown", "test.program-error", cause="program-error")


async def _unfit(run: Run, device: Device) -> TestResult | None:
    """Why the device cannot be tested now: its own fault is the true cause, before anything is tried."""
    fault = device.status.fault
    if fault is None:
        try:
            async with asyncio.timeout(POLL_S):
                fault = (await _asked(device)).fault
        except TimeoutError:
            return run.broken(device.family, "no-answer", f"no answer within {POLL_S:g} s")
        except DeviceError as error:
            return run.fault(device.family, error)
    if fault is not None:
        return run.broken(device.family, fault.cause, fault.sentence)
    if device.status.device is DeviceState.STARTING:
        return run.ended("unknown", "test.not-ready")
    return None


async def _asked(device: Device) -> Status:
    """How it is now; one answer that was lost is asked for again, as the supervisor does."""
    try:
        return await device.poll()
    except DeviceError as error:
        if not error.again:
            raise
        await asyncio.sleep(AGAIN_S)
        return await device.poll()


async def _leave(test: DeviceTest, ground: Ground) -> DeviceError | None:
    """Put right what the test moved; why that failed, if it did. A device that is gone has nothing to be put right."""
    try:
        async with asyncio.timeout(LEAVE_S):
            await test.leave(ground)
    except DeviceError as error:
        log.warning("device test %s: %s", test.id, error)
        return error
    except (NotFitted, TimeoutError) as error:
        log.warning("device test %s: not put right: %s", test.id, type(error).__name__)
    finally:
        ground.jobs.clear()
    return None
