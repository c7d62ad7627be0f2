"""A terminal behind a bench, in real time, over the bench's own interface: what the tests do, people can watch.

Raises `NotHere` where the bench has no such hands, `ConnectionError` when it is not there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from simulator.acceptance.bench_line import READY_S, BenchLine
from simulator.acceptance.bench_page import nodes_of, page_of
from simulator.acceptance.terminal import CannotTouch, Entry, NotHere, Page, Terminal
from simulator.acceptance.words import MENDING
from simulator.breakdowns import Breakdown
from simulator.people import CITIZENS, Citizen

SHOWS_S = 3.0
ANSWERS_S = 0.6
POINTS = 7
LONGEST_WAIT_S = 180.0
MOST_TURNS = 14
KNOBS = frozenset({"provider", "cabinet", "fee-changes", "reductions", "refuse-part", "time", "parcel", "commands"})
OFFERED_WAYS = frozenset({"card", "shown", "scanned"})


class BenchTerminal(Terminal):
    """The terminal of the bench at `address`; the token may be in the address, as `kiosk-sim up` prints it."""

    where = "bench"

    def __init__(self, address: str, token: str = "") -> None:
        self._line = BenchLine(address, token)
        self._call = self._line.call
        self._page: tuple[int, Page] | None = None

    # The screen

    def see(self) -> Page:
        """As `Terminal.see`: the part of the page that is shown."""
        screen = self._line.screen
        if screen is None:
            return Page("", "没有画面", "", "", "没有画面")
        seq = int(screen.get("seq", 0))
        if self._page is None or self._page[0] != seq:
            self._page = (seq, page_of(screen))
        return self._page[1]

    def press(self, key: str, value: str) -> None:
        """As `Terminal.press`; waits a moment for the answer on the screen."""
        self.find(key, value)
        page, before = self.see(), self._line.seq
        if not (page.offered(key, value) or (key == "key" and value in page.keys)):
            if (key, value) == ("key", "clear"):
                return  # a keypad without it is empty
            raise CannotTouch(f"第“{page.title}”页（{page.page}）上没有 {key}={value}")
        self._line.order({"type": "press", "key": key, "value": value})
        self._line.until_another(before, ANSWERS_S)

    def press_key(self, key: str) -> None:
        """As `Terminal.press_key`; waits a moment for the answer on the screen."""
        before = self._line.seq
        self._line.order({"type": "key", "key": key})
        self._line.until_another(before, ANSWERS_S)

    def find(self, key: str, value: str) -> None:
        """As `Terminal.find`."""
        way = "next"
        for _ in range(MOST_TURNS):
            page, before = self.see(), self._line.seq
            if page.offered(key, value) or (key == "key" and value in page.keys) or not page.offered("turn"):
                return
            way = way if page.offered("turn", way) else "back"
            self._line.order({"type": "press", "key": "turn", "value": way})
            self._line.until_another(before, SHOWS_S)

    def touch(self, key: str, value: str = "", within_s: float = 8.0) -> None:
        """As `Terminal.touch`, on whichever part of the page it is."""
        self.find(key, value)
        super().touch(key, value, within_s)

    def picture(self) -> bytes:
        """As `Terminal.picture`."""
        return self._line.shot()

    def listen(self) -> None:
        """As `Terminal.listen`: the bench always hears what the loudspeaker says."""

    def heard(self) -> Sequence[str]:
        """As `Terminal.heard`."""
        return self._line.heard

    def wait(self, seconds: float) -> None:
        """As `Terminal.wait`. Raises `NotHere` for more than three minutes."""
        if seconds > LONGEST_WAIT_S:
            raise NotHere(f"真实时间里不等 {seconds:.0f} 秒")
        time.sleep(seconds)

    def sign(self) -> None:
        """As `Terminal.sign`: two strokes of a finger, crossing."""
        pad = next((node for node in nodes_of(self._line.screen or {}) if node.get("role") == "canvas"), None)
        if pad is None:
            raise NotHere("屏幕上没有签名的地方")
        left, top, wide, high = pad["rect"]
        for begins, ends in ((0.2, 0.8), (0.8, 0.2)):
            for number in range(POINTS):
                share = number / (POINTS - 1)
                x, y = left + wide * (begins + (ends - begins) * share), top + high * (0.2 + 0.6 * share)
                phase = "down" if number == 0 else "up" if number == POINTS - 1 else "move"
                self._line.order({"type": "touch", "x": int(x), "y": int(y), "phase": phase})
                time.sleep(0.03)
        time.sleep(0.3)

    def fill(self, hands: Any, page: Page) -> None:
        """As `Terminal.fill`: the touches are collected, then made one by one as the page shows them."""
        touches: list[tuple[str, str]] = []
        usual, hands.press = hands.press, lambda key, value: touches.append((key, value))
        try:
            asyncio.run(hands.act(page))
        finally:
            hands.press = usual
        for key, value in touches:
            self.press(key, value)

    # Things

    def act(self, family: str, verb: str, **args: Any) -> Any:
        """As `Terminal.act`."""
        return self._call("POST", f"/api/devices/{family}/{verb}", args).get("result")

    def state(self, family: str) -> Mapping[str, Any]:
        """As `Terminal.state`."""
        found: Mapping[str, Any] = self._call("GET", "/api/state")["devices"].get(family, {})
        return found

    def plug(self, family: str, *, there: bool) -> None:
        """As `Terminal.plug`."""
        self._call("POST", f"/api/devices/{family}/{'plug' if there else 'unplug'}")

    def artefact(self, family: str, name: str) -> bytes | None:
        """As `Terminal.artefact`."""
        try:
            found = self._call("GET", f"/api/devices/{family}/artefacts/{name}")
        except ValueError:
            return None
        return found if isinstance(found, bytes) else None

    def stand(self, who: str, citizen: Citizen) -> None:
        """As `Terminal.stand`; the bench puts the citizen of the card there."""
        self.act("camera", who, **({} if who == "cover" else {"face": citizen.key}))

    def lay(self, kind: str, citizen: Citizen, flaw: str = "") -> None:
        """As `Terminal.lay`."""
        if flaw:
            raise NotHere("试验台上的材料毛病请用设备的动作")
        if kind:
            self.act("document-camera", "lay", kind=kind, holder=citizen.key)
        else:
            self.act("document-camera", "clear")

    def hold_up(self, what: str, citizen: Citizen) -> None:
        """As `Terminal.hold_up`."""
        if what:
            self._call("POST", "/api/phone/hold", {"what": what, "where": "camera", "citizen": citizen.key})
        else:
            self._call("POST", "/api/phone/away")

    def show_text(self, code: str) -> None:
        """As `Terminal.show_text`."""
        if code:
            self.act("camera", "code", payload=code)

    # The city

    def desk(self, path: str, **body: Any) -> Any:
        """As `Terminal.desk`: what the bench passes on."""
        if path.startswith("cases/"):
            return self._call("POST", "/api/platform/office", {"number": path.removeprefix("cases/"), **body})
        if path in KNOBS:
            return self._call("POST", f"/api/platform/knobs/{path}", body)
        raise NotHere(f"试验台不转交市平台柜台的 {path}")

    def records(self, kind: str) -> list[Mapping[str, Any]]:
        """As `Terminal.records`."""
        found: list[Mapping[str, Any]] = self._overview().get(kind.replace("-", "_"), [])
        return found

    def _overview(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._call("GET", "/api/platform")
        return found

    def faults(self, **plan: Any) -> None:
        """As `Terminal.faults`."""
        self._call("POST", "/api/platform/faults", plan)

    def phone_fen(self) -> int:
        """As `Terminal.phone_fen`."""
        return int(self._overview().get("payers", {}).get("paid_fen", 0))

    def phone_pay(self, wallet: str) -> None:
        """As `Terminal.phone_pay`."""
        self._call("POST", "/api/phone/pay", {"provider": wallet, "how": "pays"})

    def answer_match(self, *, confirm: bool) -> bool:
        """As `Terminal.answer_match`."""
        waiting = [row for row in self.records("app-matches") if row["state"] == "waiting"]
        if not waiting:
            return False
        answer = {"answer": "confirm" if confirm else "refuse"}
        self._call("POST", f"/api/platform/app-matches/{waiting[-1]['id']}", answer)
        return True

    # What stays

    def _standing(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._call("GET", "/api/standing")
        if found.get("why"):
            raise NotHere(str(found["why"]))
        return found

    def _promise(self, number: str) -> tuple[str, str]:
        for promise in self._standing()["promises"]:
            if promise["name"] == number:
                return str(promise["state"]), "；".join(promise["found"])
        raise NotHere(f"试验台不说 {number} 怎么样")

    def journal(self, since: int = 0) -> list[Entry]:
        """As `Terminal.journal`: the last entries that the bench shows."""
        entries = [e for e in self._standing()["entries"] if int(e.get("seq", 0)) > since]
        return [Entry(str(e["kind"]), str(e.get("visit", "")), str(e.get("body", ""))) for e in entries]

    def journal_count(self) -> int:
        """As `Terminal.journal_count`."""
        return max((int(entry.get("seq", 0)) for entry in self._standing()["entries"]), default=0)

    def journal_fault(self) -> str:
        """As `Terminal.journal_fault`."""
        state, words = self._promise("P9")
        return words if state == "broken" else ""

    def unsettled(self) -> list[str]:
        """As `Terminal.unsettled`: promises that do not balance yet."""
        return [f"{number} {self._promise(number)[0]}" for number in ("P1", "P2", "P3", "P4", "P8")
                if self._promise(number)[0] in ("under way", "broken")]  # fmt: skip

    def readable(self, words: Iterable[str]) -> list[str]:
        """As `Terminal.readable`: the bench looks for every citizen's data in every file."""
        return list(words) if self._promise("P6")[0] == "broken" else []

    def wire(self, since: int = 0) -> list[str]:
        """As `Terminal.wire`."""
        lines = self._call("GET", f"/api/wire?since={since}")
        return [
            f"{time.strftime('%H:%M:%S', time.localtime(line['at']))}  {line['device']:16} "
            f"{'->' if line['direction'] == 'in' else '<-'} {line['words']}"
            for line in lines
        ]

    def wire_count(self) -> int:
        """As `Terminal.wire_count`."""
        lines = self._call("GET", "/api/wire")
        return int(lines[-1]["seq"]) if lines else 0

    # Power and time

    def cut_power(self) -> None:
        """As `Terminal.cut_power`: the terminal's process is killed."""
        self._call("POST", "/api/processes/terminal/kill")

    def power_on(self) -> None:
        """As `Terminal.power_on`."""
        self._call("POST", "/api/processes/terminal/start")
        self._ready()

    def _ready(self) -> None:
        self.until(lambda: self.see().page in ("standby", "settled", "closed"), READY_S, "自助机没有开起来")

    def set_clock(self, ahead_s: float) -> None:
        """As `Terminal.set_clock`; the first jump starts the terminal again."""
        clock = self._call("GET", "/api/clock")
        if clock["why_not"]:
            raise NotHere(str(clock["why_not"]))
        started = self._starts()
        self._call("POST", "/api/clock", {"jump_s": int(ahead_s) - int(clock["ahead_s"])})
        if self._starts() != started:
            self._ready()

    def _starts(self) -> int:
        return int(self._call("GET", "/api/state")["processes"]["terminal"]["starts"])

    def refuse_disk(self, *, on: bool) -> None:
        """As `Terminal.refuse_disk`: the kernel refuses what the terminal's process writes."""
        self._call("POST", f"/api/processes/terminal/{'refuse-disk' if on else 'mend-disk'}")

    def break_down(self, breakdown: Breakdown | None) -> None:
        """As `Terminal.break_down`; what starts the terminal again is waited for."""
        known = {one["key"]: one["why_not"] for one in self._call("GET", "/api/breakdowns")["all"]}
        if breakdown is not None and (why := known[breakdown.key]):
            raise NotHere(f"试验台上没有“{breakdown.zh}”：{why}")
        started = self._starts()
        self._call("POST", "/api/breakdowns", {"name": breakdown.key if breakdown else ""})
        if self._starts() != started:
            self._ready()

    def diagnosis(self) -> str:
        """As `Terminal.diagnosis`."""
        return str(self._call("GET", "/api/diagnosis")["event"])

    def tidy(self) -> None:
        """As `Terminal.tidy`."""
        if self._call("GET", "/api/breakdowns")["now"]:
            self.break_down(None)
        self.faults()
        self.desk("provider")
        with suppress(ValueError):
            self.hold_up("", CITIZENS["citizen-00"])
        for family, device in self._call("GET", "/api/state")["devices"].items():
            if device.get("missing") or family not in MENDING:
                continue
            if not device["plugged"]:
                self.plug(family, there=True)
            for verb, args in MENDING[family]:
                with suppress(ValueError):  # nothing of that kind was wrong
                    self.act(family, verb, **args)
        while self.state("id-card-reader").get("card"):
            self.act("id-card-reader", "lift")
        for family, verb in (
            ("receipt-printer", "tear_off"),
            ("licence-printer", "take"),
            ("document-camera", "clear"),
        ):
            with suppress(ValueError):  # nothing to take
                self.act(family, verb)
        with suppress(ValueError):  # who stood there does so again
            self.act("camera", "show")
        terminal = self._call("GET", "/api/state")["processes"].get("terminal", {})
        if terminal.get("running") is False:
            self.power_on()
        if terminal.get("disk_refuses"):
            self.refuse_disk(on=False)
        if terminal and self._call("GET", "/api/clock")["ahead_s"]:
            self._call("POST", "/api/clock", {"right": True})
        self.until(self._free, READY_S, lambda: f"自助机没有回到待机：{self.see().text}")

    def _free(self) -> bool:
        page = self.see()
        if page.page == "standby":
            return True
        for key in ("leave", "continue", "cancel"):
            if page.offered(key):
                self.press(key, "")
                break
        time.sleep(0.5)
        return False

    def must_have(self, ways: Iterable[str], equipment: Iterable[str]) -> None:
        """As `Terminal.must_have`."""
        if any(equipment) or not set(ways) <= OFFERED_WAYS:
            raise NotHere("试验台上的自助机是另一种配置")

    def close(self) -> None:
        """As `Terminal.close`; the bench stays."""
        self._line.close()
