"""The receipt printer's host and device ends against each other under virtual time, with every fault."""

import asyncio
import itertools

import pytest

from drivers.device import DeviceState, Supply
from drivers.errors import NoAnswer
from drivers.links.memory import MemoryPort
from drivers.outcome import Done, Refused, Unknown
from drivers.receipt_printer.document import Cut, Feed, Line, ReceiptDocument
from drivers.receipt_printer.driver import ReceiptPrinter
from drivers.supervisor import Rhythm, Supervisor
from simulator.device import UnknownVerb
from simulator.models.receipt_printer import make
from simulator.ports.serve import MemoryWire
from simulator.virtual_time import run_virtual

RECEIPT = ReceiptDocument((Line("受理回执", "centre", size=(2, 2)), *(Line(f"第{n}行") for n in range(30)), Cut()))
SHORT = ReceiptDocument((Line("第二张"), Cut()))
PROFILES = ("chinese-80mm", "epson-80mm", "chinese-58mm")
numbers = itertools.count()


class Desk:
    """A printer on a memory wire and its driver."""

    def __init__(self, profile="chinese-80mm", **options):
        name = f"receipt-{next(numbers)}"
        self.sim = make("pty:/unused", profile=profile, **options)
        self.sim.port = MemoryWire(self.sim.end, MemoryPort(name), self.sim.tap)
        self.printer = ReceiptPrinter("receipt_printer", f"memory://{name}", {"profile": profile})

    async def __aenter__(self):
        await self.sim.plug()
        await self.printer.open()
        return self

    async def __aexit__(self, *_):
        await self.printer.close()
        await self.sim.unplug()

    def texts(self):
        return [receipt.text for receipt in self.sim.paper.receipts]

    async def during_print(self, verb, after=0.9, document=RECEIPT, deadline_s=20.0, **args):
        """Print, and do `verb` `after` seconds later."""
        task = asyncio.create_task(self.printer.print_document(document, deadline_s))
        await asyncio.sleep(after)
        self.sim.do(verb, **args)
        return await task


def virtual(coroutine):
    return run_virtual(asyncio.wait_for(coroutine, 600))


def with_desk(test, profile="chinese-80mm", **options):
    async def run():
        async with Desk(profile, **options) as desk:
            await test(desk)

    virtual(run())


@pytest.mark.parametrize("profile", PROFILES)
def test_a_receipt_is_done_when_its_end_mark_came(profile):
    async def test(desk):
        assert desk.printer.status.usable
        assert desk.printer.status.paper is Supply.FULL
        loop = asyncio.get_running_loop()
        await asyncio.sleep(2)
        started, used = loop.time(), desk.sim.paper.used_m
        outcome = await desk.printer.print_document(RECEIPT)
        assert isinstance(outcome, Done)
        assert outcome.value.lines == 31
        assert desk.sim.paper.used_m - used == pytest.approx(outcome.value.metres, abs=0.001)
        seconds = outcome.value.metres * 1000 / 150 + 0.35
        assert loop.time() - started == pytest.approx(seconds, abs=0.05)
        assert desk.texts()[0].split()[0] == "受理回执"
        assert desk.texts()[0].split()[-1] == "第29行"

    with_desk(test, profile)


def test_two_receipts_do_not_mix_and_modes_do_not_leak():
    async def test(desk):
        for _ in range(3):
            assert isinstance(await desk.printer.print_document(SHORT), Done)
        assert desk.texts() == ["第二张"] * 3

    with_desk(test)


def test_the_model_says_who_it_is():
    async def test(desk):
        assert desk.printer.status.model == "EPSON TM-T88V"

    with_desk(test, "epson-80mm")


FAULTS = [
    ("paper_out", {}, "paper-out", DeviceState.USER_ERROR, Supply.OUT),
    ("cover_open", {}, "cover-open", DeviceState.USER_ERROR, Supply.FULL),
    ("cutter_jam", {}, "cutter", DeviceState.USER_ERROR, Supply.FULL),
    ("paper_jam", {}, "paper-jam", DeviceState.USER_ERROR, Supply.JAMMED),
    ("unrecoverable", {}, "unrecoverable", DeviceState.HARDWARE_ERROR, Supply.FULL),
    ("head_hot", {}, "head-hot", DeviceState.BUSY, Supply.FULL),
]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("verb", "args", "cause", "state", "paper"), FAULTS)
def test_a_fault_refuses_before_a_byte_of_print_data(verb, args, cause, state, paper, profile):
    async def test(desk):
        desk.sim.do(verb, **args)
        status = await desk.printer.poll()
        assert (status.fault.cause, status.device, status.paper) == (cause, state, paper)
        assert not status.usable
        sent = desk.printer.counters.bytes_out
        outcome = await desk.printer.print_document(RECEIPT)
        assert isinstance(outcome, Refused)
        assert outcome.cause == cause
        assert desk.printer.counters.bytes_out - sent == 12
        assert desk.sim.end.holding == 0

    with_desk(test, profile)


STOPPING = [f for f in FAULTS if f[0] != "head_hot"]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("verb", "args", "cause", "state", "paper"), STOPPING)
def test_a_fault_while_printing_is_unknown_and_nothing_of_it_comes_out_later(verb, args, cause, state, paper, profile):
    async def test(desk):
        loop = asyncio.get_running_loop()
        started = loop.time()
        outcome = await desk.during_print(verb, **args)
        assert isinstance(outcome, Unknown)
        assert outcome.cause == cause
        assert loop.time() - started < 2.0
        assert desk.printer.status.fault.cause == cause
        assert desk.sim.end.holding == 0
        for mend in ("clear_fault", "new_roll", "cover_close"):
            desk.sim.do(mend)
        await asyncio.sleep(6)
        await desk.printer.poll()
        status = await desk.printer.poll()
        assert status.fault is None
        assert isinstance(await desk.printer.print_document(SHORT), Done)
        assert desk.texts()[-1] == "第二张"
        assert not any("第29行" in text for text in desk.texts())

    with_desk(test, profile)


def test_held_data_of_a_printer_that_was_not_cleared_prints_on():
    """The danger itself: without clearing, the old receipt comes out when the cover is closed."""

    async def test(desk):
        task = asyncio.create_task(desk.printer.print_document(RECEIPT, cancel_held=False))
        await asyncio.sleep(0.9)
        desk.sim.do("cover_open")
        assert isinstance(await task, Unknown)
        assert desk.sim.end.holding > 0
        desk.sim.do("cover_close")
        await asyncio.sleep(5)
        assert "第29行" in desk.texts()[0]

    with_desk(test)


@pytest.mark.parametrize("profile", PROFILES)
def test_held_data_left_behind_is_cleared_before_the_next_receipt(profile):
    async def test(desk):
        task = asyncio.create_task(desk.printer.print_document(RECEIPT, cancel_held=False))
        await asyncio.sleep(0.9)
        desk.sim.do("cover_open")
        assert isinstance(await task, Unknown)
        assert isinstance(await desk.printer.print_document(SHORT), Refused)
        assert desk.sim.end.holding == 0
        desk.sim.do("cover_close")
        assert isinstance(await desk.printer.print_document(SHORT), Done)
        assert desk.texts()[-1] == "第二张"
        assert not any("第29行" in text for text in desk.texts())

    with_desk(test, profile)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_terminal_that_restarts_clears_what_the_printer_held_for_the_last_citizen(profile):
    async def test(desk):
        task = asyncio.create_task(desk.printer.print_document(RECEIPT, cancel_held=False))
        await asyncio.sleep(0.9)
        desk.sim.do("paper_out")
        await task
        await desk.printer.close()
        await desk.printer.open()
        assert desk.sim.end.holding == 0
        desk.sim.do("new_roll")
        await asyncio.sleep(5)
        assert not any("第29行" in text for text in desk.texts())

    with_desk(test, profile)


def test_a_cancelled_print_is_cleared_before_the_next():
    async def test(desk):
        task = asyncio.create_task(desk.printer.print_document(RECEIPT))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert isinstance(await desk.printer.print_document(SHORT), Done)
        assert desk.texts()[-1] == "第二张"

    with_desk(test, "epson-80mm")


def test_cutter_jam_at_the_cut_is_unknown_never_done():
    async def test(desk):
        desk.sim.do("cutter_jam", at="cut")
        assert (await desk.printer.poll()).fault is None
        outcome = await desk.printer.print_document(SHORT)
        assert isinstance(outcome, Unknown)
        assert outcome.cause == "cutter"

    with_desk(test)


def test_the_cutter_recovers_by_itself_after_the_scrap_is_out():
    async def test(desk):
        desk.sim.do("cutter_jam")
        assert (await desk.printer.poll()).fault.cause == "cutter"
        desk.sim.do("clear_fault")
        assert "waits for the host" in desk.sim.state()["words"]
        await asyncio.sleep(5)
        assert (await desk.printer.poll()).fault is None

    with_desk(test)


def test_a_hot_head_is_waited_for():
    async def test(desk):
        task = asyncio.create_task(desk.printer.print_document(RECEIPT))
        await asyncio.sleep(0.9)
        desk.sim.do("head_hot")
        await asyncio.sleep(3)
        assert not task.done()
        desk.sim.do("head_hot", on="false")
        assert isinstance(await task, Done)

    with_desk(test)


def test_near_end_is_a_warning_and_prints():
    async def test(desk):
        desk.sim.do("near_end")
        status = await desk.printer.poll()
        assert (status.paper, status.fault, status.usable) == (Supply.LOW, None, True)
        assert [w.cause for w in status.warnings] == ["paper-low"]
        assert isinstance(await desk.printer.print_document(SHORT), Done)

    with_desk(test)


def test_a_printer_without_near_end_sensor_says_nothing_before_the_end():
    async def test(desk):
        desk.sim.do("near_end")
        assert (await desk.printer.poll()).paper is Supply.FULL

    with_desk(test, "chinese-58mm")


def test_the_roll_ends_while_printing():
    async def test(desk):
        desk.sim.do("near_end", metres=0.05)
        outcome = await desk.printer.print_document(RECEIPT)
        assert isinstance(outcome, Unknown)
        assert outcome.cause == "paper-out"
        assert desk.sim.state()["paper_m"] == 0

    with_desk(test)


@pytest.mark.parametrize("profile", PROFILES)
def test_silence_is_a_fault_and_never_paper(profile):
    async def test(desk):
        desk.sim.do("silent")
        loop = asyncio.get_running_loop()
        started = loop.time()
        with pytest.raises(NoAnswer):
            await desk.printer.poll()
        assert loop.time() - started == pytest.approx(0.5, abs=0.01)
        status = desk.printer.status
        assert (status.fault.cause, status.paper, status.usable) == ("no-answer", Supply.UNKNOWN, False)
        outcome = await desk.printer.print_document(SHORT)
        assert isinstance(outcome, Refused)
        assert outcome.again
        assert desk.texts() == []

    with_desk(test, profile)


@pytest.mark.parametrize("profile", PROFILES)
def test_silence_after_the_bytes_went_is_unknown(profile):
    async def test(desk):
        outcome = await desk.during_print("silent", deadline_s=6.0)
        assert isinstance(outcome, Unknown)
        assert outcome.cause == "no-end-mark"
        assert set(outcome.evidence) == {"mark", "bytes", "lines"}
        assert desk.printer.status.fault.cause == "no-answer"

    with_desk(test, profile)


def test_a_printer_that_holds_without_a_fault_is_not_given_the_next_receipt():
    """DLE ENQ 2 does nothing to a printer without a fault: until it is empty, nobody else's receipt may follow."""

    async def test(desk):
        outcome = await desk.during_print("hold", deadline_s=5.0)
        assert isinstance(outcome, Unknown)
        refused = await desk.printer.print_document(SHORT)
        assert isinstance(refused, Refused)
        assert "holds what it was sent" in refused.sentence
        desk.sim.do("hold", on=False)
        await asyncio.sleep(3)
        assert isinstance(await desk.printer.print_document(SHORT), Done)
        assert desk.texts()[-1] == "第二张"

    with_desk(test)


def test_with_dle_dc4_8_what_is_held_without_a_fault_is_thrown_away():
    async def test(desk):
        assert isinstance(await desk.during_print("hold", deadline_s=5.0), Unknown)
        assert desk.sim.end.holding == 0
        desk.sim.do("hold", on=False)
        assert isinstance(await desk.printer.print_document(SHORT), Done)
        assert not any("第29行" in text for text in desk.texts())

    with_desk(test, "epson-80mm")


def test_a_late_end_mark_is_not_taken_for_the_next_receipt_s():
    """GS r answers are all alike: the answer for the late receipt must not make the next one Done."""

    async def test(desk):
        late = await desk.printer.print_document(RECEIPT, deadline_s=3.0)
        assert isinstance(late, Unknown)
        loop = asyncio.get_running_loop()
        asked = loop.time()
        outcome = await desk.printer.print_document(SHORT)
        assert isinstance(outcome, Done)
        assert loop.time() - asked > outcome.value.metres * 1000 / 30
        assert desk.texts()[-1] == "第二张"

    with_desk(test, speed_mm_s=30)


def test_a_printer_switched_off_and_on_behind_an_open_line_prints_again():
    async def test(desk):
        assert isinstance(await desk.during_print("hold", deadline_s=3.0), Unknown)
        desk.sim.do("power_off")
        desk.sim.do("hold", on=False)
        desk.sim.do("power_on")
        outcomes = [await desk.printer.print_document(SHORT) for _ in range(2)]
        assert isinstance(outcomes[-1], Done)
        assert desk.texts()[-1] == "第二张"

    with_desk(test)


def test_clear_by_hand():
    async def test(desk):
        desk.sim.do("cover_open")
        await desk.printer.clear()
        desk.sim.do("cover_close")
        assert isinstance(await desk.printer.print_document(SHORT), Done)

    with_desk(test)


def test_power_off_while_printing_and_the_supervisor_finds_it_again():
    async def test(desk):
        supervisor = Supervisor(desk.printer, Rhythm(first_backoff_s=0.5), seed=1)
        task = asyncio.create_task(supervisor.run())
        await asyncio.sleep(2)
        outcome = await desk.during_print("power_off", deadline_s=6.0)
        assert isinstance(outcome, Unknown)
        await asyncio.sleep(5)
        assert desk.printer.status.device is DeviceState.OFFLINE
        desk.sim.do("power_on")
        await asyncio.sleep(35)
        assert desk.printer.status.usable
        assert isinstance(await desk.printer.print_document(SHORT), Done)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with_desk(test)


def test_unplugged_before_is_refused_and_while_printing_unknown():
    async def test(desk):
        task = asyncio.create_task(desk.printer.print_document(RECEIPT))
        await asyncio.sleep(0.9)
        await desk.sim.unplug()
        outcome = await task
        assert isinstance(outcome, Unknown)
        assert outcome.cause == "link-lost"
        refused = await desk.printer.print_document(SHORT)
        assert isinstance(refused, Refused)
        assert refused.cause == "link-lost"
        assert desk.printer.status.device is DeviceState.OFFLINE

    with_desk(test)


def test_xoff_stops_the_host_and_nothing_is_lost():
    async def test(desk):
        long = ReceiptDocument((*(Line("威海市政务服务中心" * 20) for _ in range(40)), Cut()))
        outcome = await desk.printer.print_document(long, deadline_s=60)
        assert isinstance(outcome, Done)
        assert desk.sim.state()["lost_bytes"] == 0

    with_desk(test, flow="xonxoff", buffer_bytes=8192)


def test_without_flow_control_a_small_buffer_loses_bytes_and_the_receipt_is_not_called_done_in_silence():
    async def test(desk):
        long = ReceiptDocument((*(Line("威海市政务服务中心" * 20) for _ in range(40)), Cut()))
        outcome = await desk.printer.print_document(long, deadline_s=10)
        assert desk.sim.state()["lost_bytes"] > 0
        assert not isinstance(outcome, Done)

    with_desk(test, buffer_bytes=4096)


def test_a_document_too_wide_for_the_paper_is_refused_with_the_reason():
    from drivers.receipt_printer.document import Image

    async def test(desk):
        outcome = await desk.printer.print_document(ReceiptDocument((Image(1000, 1, bytes(125)),)))
        assert isinstance(outcome, Refused)
        assert "1000 dots" in outcome.sentence

    with_desk(test)


def test_speed_is_a_parameter():
    async def test(desk):
        loop = asyncio.get_running_loop()
        started = loop.time()
        await desk.printer.print_document(ReceiptDocument((Line("x"), Feed(800))))
        assert loop.time() - started > 2.0

    with_desk(test, speed_mm_s=50)


def test_state_words_artefacts_and_the_wire_in_words():
    async def test(desk):
        await desk.printer.print_document(SHORT)
        state = desk.sim.state()
        assert (state["plugged"], state["words"], state["receipts"]) == (True, "ready", 1)
        assert state["last_receipt"] == "第二张"
        assert desk.sim.artefact("receipt-1.png")[1].startswith(b"\x89PNG")
        assert desk.sim.artefact("receipt-1.txt")[1].decode() == "第二张"
        assert desk.sim.artefact("paper.png")[0] == "image/png"
        with pytest.raises(KeyError, match="receipt-N"):
            desk.sim.artefact("receipt-2.png")
        assert desk.sim.do("tear_off") == 1
        assert desk.sim.state()["hanging"] == 0
        words = [crossing.words for crossing in desk.sim.wire]
        assert any('"第二张"' in w and "cut 66 0" in w for w in words)
        assert any("status 4: well" in w for w in words)
        desk.sim.do("cover_open")
        assert any(w == "changed: offline, cover open" for w in (c.words for c in desk.sim.wire))

    with_desk(test)


def test_personal_data_is_masked_in_the_wire_words():
    sim = make("pty:/unused")
    words = sim.decode("in", "姓名 欧阳*㛃 371002199001011234".encode("gb18030") + b"\n")
    assert "欧阳" not in words
    assert "371002" not in words


def test_verbs_say_what_is_wrong():
    async def test(desk):
        with pytest.raises(UnknownVerb, match="tear_off"):
            desk.sim.do("explode")
        with pytest.raises(ValueError, match="usage"):
            desk.sim.do("cover_open", wide=True)
        with pytest.raises(ValueError, match="0 to 500"):
            desk.sim.do("new_roll", metres=-1)
        with pytest.raises(ValueError, match="now or cut"):
            desk.sim.do("cutter_jam", at="later")
        with pytest.raises(ValueError, match="true or false"):
            desk.sim.do("hold", on="maybe")

    with_desk(test)


@pytest.mark.parametrize(
    ("options", "word"),
    [({"speed": 1}, "unknown options"), ({"flow": "dtr"}, "none or xonxoff"), ({"speed_mm_s": 0}, "print speed")],
)
def test_make_refuses_what_it_does_not_know(options, word):
    with pytest.raises(ValueError, match=word):
        make("pty:/unused", **options)


def test_the_driver_refuses_options_it_does_not_know():
    with pytest.raises(ValueError, match="unknown options"):
        ReceiptPrinter("r", "memory://x", {"width": 80})
    from config.load import SettingsError

    with pytest.raises(SettingsError, match="chinese-80mm"):
        ReceiptPrinter("r", "memory://x", {"profile": "star"})


def test_what_was_half_printed_is_cut_off_when_the_printer_is_mended():
    async def test(desk):
        assert isinstance(await desk.during_print("cover_open"), Unknown)
        desk.sim.do("cover_close")
        await desk.printer.poll()
        await asyncio.sleep(1)
        assert "受理回执" in desk.texts()[-1]
        await desk.printer.poll()
        await asyncio.sleep(1)
        assert desk.sim.state()["receipts"] == 1

    with_desk(test)


def test_a_fault_before_the_printer_has_switched_automatic_status_on_is_noticed_too():
    async def test(desk):
        outcome = await desk.during_print("cover_open", after=0.05)
        assert isinstance(outcome, Unknown)
        assert outcome.cause == "cover-open"
        assert desk.texts() == []

    with_desk(test)
