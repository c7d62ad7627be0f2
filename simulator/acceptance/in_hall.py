"""A terminal in this process under virtual time: the hall of the soak, behind the interface of the acceptance tests.

Between two calls the loop stands still, so does the hall's clock.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from simulator.acceptance.hall_tidying import tidied, until_free
from simulator.acceptance.hall_wire import HallWire
from simulator.acceptance.scene import Setting
from simulator.acceptance.terminal import CannotTouch, Entry, NotHere, Page, Spot, Terminal
from simulator.breakdowns import Breakdown
from simulator.hall import Hall
from simulator.inline_loop import InlineLoop
from simulator.people import Citizen
from simulator.platform.city import ZONE
from simulator.striking import strike

T = TypeVar("T")
OPENS = datetime(2026, 11, 23, 9, 30, tzinfo=ZONE)
"""A Monday morning: what needs somebody at a desk is offered too."""
POLL_S = 2.0
KEY_S = 0.1
BANDS: Mapping[str, str] = {"show": "pass", "someone_else": "fail", "dark": "retake", "cover": ""}
"""Who stands before the camera -> what the comparison of faces says; "" is no picture."""
FLAWS: Mapping[str, str] = {"glare": "glare", "blur": "blur", "dark": "dark", "cut-off": "cut-off"}
CROSS = ("1000,1000,0 2500,2000,80 4000,3000,160", "4000,1000,0 2500,2000,90 1000,3000,170")
"""A mark of the hand as the panel hands strokes on: x, y (1/10000 of the pad's longer side), milliseconds."""


class HallTerminal(Terminal):
    """One hall with everything in it. Raises what the hall raises when it cannot open."""

    where = "hall"

    def __init__(self, setting: Setting, seed: int = 0) -> None:
        self.seed = seed
        self.folder = Path(tempfile.mkdtemp(prefix="kiosk-hall-"))
        self._runner = asyncio.Runner(loop_factory=InlineLoop)
        self.hall = Hall(self.folder, seed, poll_s=POLL_S, opens=setting.opens or OPENS)
        machine: dict[str, Any] = {"payments.ways": list(setting.ways)} if setting.ways else {}
        if setting.equipment:
            machine["terminal.equipment"] = list(setting.equipment)
        self.hall.settings = {**self.hall.settings, **machine}
        self._heard: list[str] = []
        self._seen: tuple[Any, Page | None] = (None, None)
        self._wire = HallWire(self.hall)
        self._run(self.hall.open())
        if self.hall.errors:
            raise RuntimeError(f"自助机没有开起来：{self.hall.errors[0]!r}")

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        before = logging.root.manager.disable
        logging.disable(logging.WARNING)
        try:
            return self._runner.run(work)
        finally:
            logging.disable(before)

    def _now(self, call: Callable[[], T]) -> T:
        """Call it inside the loop, as devices want it."""

        async def called() -> T:
            return call()

        return self._run(called())

    # The screen

    def see(self) -> Page:
        """As `Terminal.see`."""
        life = self.hall.life
        shown = None if life is None or life.is_dead else life.shown
        if shown is None:
            return Page("", "没有画面", "", "", "没有画面")
        if self._seen[0] is not shown:
            spots = tuple(Spot(*spot) for spot in shown.spots)
            more = tuple(Spot("", key, value, True) for key, value in shown.offers if key not in {s.key for s in spots})
            page = Page(
                shown.page, shown.title, shown.language, shown.mode, shown.text, spots + more, shown.fields, shown.keys,
                shown.words, shown.primary, shown.everything,
            )  # fmt: skip
            self._seen = (shown, page)
        page_now = self._seen[1]
        assert page_now is not None
        return page_now

    def press(self, key: str, value: str) -> None:
        """As `Terminal.press`."""
        page = self.see()
        if self.hall.life is None or not (page.offered(key, value) or (key == "key" and value in page.keys)):
            raise CannotTouch(f"第“{page.title}”页（{page.page}）上没有 {key}={value}")
        self.hall.life.reply(key, value)

    def press_key(self, key: str) -> None:
        """As `Terminal.press_key`: from now on a panel is laid out, whose focus the keys move."""
        self.listen()
        life = self.hall.life
        if life is None or life.is_dead or life.panel is None:
            raise CannotTouch("自助机没有电")
        self._now(lambda: life.panel.key(key))
        self.wait(KEY_S)

    def picture(self) -> bytes:
        """As `Terminal.picture`."""
        life = self.hall.life
        if life is None or life.is_dead or life.shown is None:
            return b""
        return bytes(life.shown.picture())

    def listen(self) -> None:
        """As `Terminal.listen`: a panel is laid out from now on."""
        life = self.hall.life
        if life is not None and not life.is_dead and life.panel is None:
            self._now(lambda: life.set_up_panel(self._heard.extend))

    def heard(self) -> Sequence[str]:
        """As `Terminal.heard`."""
        return self._heard

    def wait(self, seconds: float) -> None:
        """As `Terminal.wait`."""
        self._run(asyncio.sleep(seconds))

    def find(self, key: str, value: str) -> None:
        """As `Terminal.find`: a page in memory has one part."""

    def sign(self) -> None:
        """As `Terminal.sign`."""
        for number, stroke in enumerate(CROSS, 1):
            if self.hall.life is not None and self.see().offered("stroke"):
                self.hall.life.reply("stroke", f"{number} {stroke}")
                self.wait(0.3)

    def fill(self, hands: Any, page: Page) -> None:
        """As `Terminal.fill`."""
        del page
        life = self.hall.life
        if life is not None and life.shown is not None:
            self._run(hands.act(life.shown))

    # Things

    def act(self, family: str, verb: str, **args: Any) -> Any:
        """As `Terminal.act`."""
        if family == "camera":
            self.hall.face = "" if verb in ("stall", "refuse", "silent") else "pass"
            return None
        if family not in self.hall.devices:
            raise NotHere(f"虚拟大厅里没有这个设备：{family}")

        return self._now(lambda: self.hall.do(family, verb, **args))

    def state(self, family: str) -> Mapping[str, Any]:
        """As `Terminal.state`."""
        device = self.hall.devices.get(family)
        return {} if device is None else self._now(device.state)

    def plug(self, family: str, *, there: bool) -> None:
        """As `Terminal.plug`."""
        if family == "camera":
            self.hall.face = "pass" if there else ""
        elif there:
            self._run(self.hall.plug(family))
        else:
            self._run(self.hall.devices[family].unplug())

    def artefact(self, family: str, name: str) -> bytes | None:
        """As `Terminal.artefact`."""
        try:
            return bytes(self._now(lambda: self.hall.devices[family].artefact(name))[1])
        except KeyError:
            return None

    def stand(self, who: str, citizen: Citizen) -> None:
        """As `Terminal.stand`."""
        self.hall.face = BANDS[who]

    def lay(self, kind: str, citizen: Citizen, flaw: str = "") -> None:
        """As `Terminal.lay`."""
        self.hall.desk_has = FLAWS[flaw] if flaw else "page" if kind else ""
        named = (f"姓名 {citizen.name}", f"公民身份号码 {citizen.number}")
        self.hall.sheet_says = ("户口簿", *named) if kind not in ("", "blank") else ()

    def hold_up(self, what: str, citizen: Citizen) -> None:
        """As `Terminal.hold_up`."""
        if not what:
            self.hall.code = ""
        elif what.startswith("app-"):
            self.hall.code = str(
                self.desk("phone/app-code", citizen=citizen.key, which=what.removeprefix("app-"))["code"]
            )
        elif what in ("last", "altered", "void", "expired", "foreign"):
            self.hall.code = str(self.desk("phone/certificate", which=what)["code"])
        else:
            self.hall.code = str(self.desk("phone/code", provider=what)["code"])

    def show_text(self, code: str) -> None:
        """As `Terminal.show_text`."""
        self.hall.code = code

    # The city

    def desk(self, path: str, **body: Any) -> Any:
        """As `Terminal.desk`."""
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        async def ask() -> Any:
            def call() -> Any:
                url = f"{self.hall.platform_url}/sim/{path}"
                return self.hall._outside.request(method, url, json=body, timeout=5)

            return await asyncio.get_running_loop().run_in_executor(None, call)

        answer = self._run(ask())
        if not answer.ok:
            raise ValueError(f"市平台的柜台不答应 {path}：{answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None

    def records(self, kind: str) -> list[Mapping[str, Any]]:
        """As `Terminal.records`."""
        found = self._ask("GET", kind)
        return list(found if isinstance(found, list) else next(v for v in found.values() if isinstance(v, list)))

    def faults(self, **plan: Any) -> None:
        """As `Terminal.faults`."""
        self.hall.platform_faults(**plan)

    def phone_fen(self) -> int:
        """As `Terminal.phone_fen`."""
        return int(self._ask("GET", "payers")["paid_fen"])

    def phone_pay(self, wallet: str) -> None:
        """As `Terminal.phone_pay`."""
        self.desk("phone/pay", provider=wallet)

    def answer_match(self, *, confirm: bool) -> bool:
        """As `Terminal.answer_match`."""
        waiting = [row for row in self.records("app-matches") if row["state"] == "waiting"]
        return bool(waiting) and self.hall.answer_match(str(waiting[-1]["number"]), confirm=confirm)

    # What stays

    def journal(self, since: int = 0) -> list[Entry]:
        """As `Terminal.journal`."""
        return [Entry(e["kind"], e["visit"], e["body"]) for e in self.hall.terminal.entries(self.folder)[since:]]

    def journal_count(self) -> int:
        """As `Terminal.journal_count`."""
        return len(self.hall.terminal.entries(self.folder))

    def journal_fault(self) -> str:
        """As `Terminal.journal_fault`."""
        return str(self.hall.terminal.broken(self.folder))

    def unsettled(self) -> list[str]:
        """As `Terminal.unsettled`."""
        life = self.hall.life
        return ["自助机没有电"] if life is None else self._run(life.unsettled())

    def readable(self, words: Iterable[str]) -> list[str]:
        """As `Terminal.readable`: in UTF-8 and in the printers' GB 18030."""
        files = [path.read_bytes() for path in self.folder.rglob("*") if path.is_file()]
        found = []
        for word in words:
            forms = {word.encode(), word.encode("gb18030")}
            if any(form in data for form in forms for data in files):
                found.append(word)
        return found

    def wire(self, since: int = 0) -> list[str]:
        """As `Terminal.wire`."""
        return self._wire.lines(since)

    def wire_count(self) -> int:
        """As `Terminal.wire_count`."""
        return self._wire.count

    # Power and time

    def cut_power(self) -> None:
        """As `Terminal.cut_power`."""
        self.worn = True

        async def cut() -> None:
            self.hall.pull_the_plug()
            await self.hall.bury()

        self._run(cut())

    def power_on(self) -> None:
        """As `Terminal.power_on`."""
        self._run(self.hall.boot())
        self.hall.errors.clear()

    def set_clock(self, ahead_s: float) -> None:
        """As `Terminal.set_clock`."""
        self.worn = True
        self.hall.ahead_s = ahead_s

    def refuse_disk(self, *, on: bool) -> None:
        """As `Terminal.refuse_disk`."""
        self.worn = True
        self.hall.disk_refuses = -1 if on else 0

    def break_down(self, breakdown: Breakdown | None) -> None:
        """As `Terminal.break_down`; a hall has no real ports, and its terminal is on already."""
        self.worn = True
        if breakdown is None:
            tidied(self)
            return
        if breakdown.stage != "hall":
            raise NotHere(f"虚拟时间里没有“{breakdown.zh}”，请对着测试台跑")
        self._run(strike(self.hall, breakdown))

    def diagnosis(self) -> str:
        """As `Terminal.diagnosis`."""
        life = self.hall.life
        return "" if life is None else str(self._run(life.diagnosis()))

    def tidy(self) -> None:
        """As `Terminal.tidy`."""
        tidied(self)
        self._run(until_free(self.hall))

    def must_have(self, ways: Iterable[str], equipment: Iterable[str]) -> None:
        """As `Terminal.must_have`: a hall is made to measure."""

    def close(self) -> None:
        """As `Terminal.close`."""
        with suppress(Exception):  # a hall that has broken is thrown away all the same
            self._run(self.hall.close())
        self._runner.close()
        shutil.rmtree(self.folder, ignore_errors=True)
