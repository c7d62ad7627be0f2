"""What QA's own Python tests are given: `terminal`, `bench`, `citizen`. Small, synchronous, in the words of the steps.

def test_renewal(terminal, bench, citizen):
    citizen.starts("居民身份证到期换领")
    citizen.goes_on_to("刷卡缴费")
    bench.do("payment-pad", "tap", card=citizen.key)
    terminal.shows("办好了")
    assert bench.bank_yuan == 20
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from simulator.acceptance import steps  # noqa: F401 - declares the vocabulary that `step` looks up
from simulator.acceptance.scene import Scene
from simulator.acceptance.steps import coming, faults, money, on_screen, touching
from simulator.acceptance.terminal import Page, citizen_called
from simulator.acceptance.vocabulary import STEPS


class QaTerminal:
    """The terminal as a citizen has it before the eyes. Seconds are virtual, at a bench real."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        scene.terminal.page("standby")

    @property
    def page(self) -> Page:
        """The page now: `page`, `title`, `text`, `language`, `mode`, `offers`, `fields`."""
        return self._scene.terminal.see()

    @property
    def text(self) -> str:
        """All words on the page."""
        return self.page.text

    def shows(self, page: str, within_s: float = 180.0) -> Page:
        """Wait for a page by its Chinese name (docs/qa-steps.md) or its own. Raises `AssertionError`."""
        from simulator.acceptance.words import PAGES

        return self._scene.terminal.page(*PAGES.get(page, (page,)), within_s=within_s)

    def says(self, words: str) -> None:
        """Wait until these words are on the page. Raises `AssertionError`."""
        on_screen.says(self._scene, words)

    def touch(self, words: str) -> None:
        """Touch what carries these words. Raises `CannotTouch`."""
        self._scene.terminal.touch_words(words)

    def press(self, key: str, value: str = "") -> None:
        """Touch what replies so. Raises `CannotTouch`."""
        self._scene.terminal.touch(key, value)

    def type(self, digits: str) -> None:
        """Touch the keypad's keys."""
        touching.types(self._scene, digits)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self._scene.terminal.wait(seconds)

    def picture(self) -> bytes:
        """The page as PNG."""
        return self._scene.terminal.picture()

    @property
    def heard(self) -> Sequence[str]:
        """What was said since `listen`."""
        return self._scene.terminal.heard()

    def listen(self) -> None:
        """Keep what is said from now on."""
        self._scene.terminal.listen()

    def step(self, line: str) -> None:
        """Do one line of a feature file, without its keyword. Raises `ValueError` when nobody knows it."""
        for known in STEPS:
            if (values := known.read(line)) is not None:
                known.act(self._scene, **values)
                return
        raise ValueError(f"没有这样的步骤：{line}；见 docs/qa-steps.md")


class QaCitizen:
    """Who came. Without a word it is 张秀荣."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def __call__(self, name: str) -> QaCitizen:
        """Somebody else has come, by name or key. Raises `ValueError` with who there is."""
        self._scene.came(citizen_called(name))
        return self

    @property
    def key(self) -> str:
        """Such as `citizen-02`: what the devices' verbs take as a card."""
        return self._scene.citizen.key

    @property
    def name(self) -> str:
        """The invented name."""
        return self._scene.citizen.name

    def answers(self, **said: str) -> QaCitizen:
        """What to fill in, by the fields' Chinese words: `citizen.answers(户号="2026110003")`."""
        for label, value in said.items():
            coming.will_fill_in(self._scene, label, value)
        return self

    def starts(self, service: str) -> None:
        """From standby into a service, by its name or number."""
        coming.begins(self._scene, service)

    def goes_on_to(self, page: str) -> None:
        """Do what each page asks until this one. Raises `AssertionError`."""
        coming.goes_on_to(self._scene, page)

    def finishes(self) -> Page:
        """Do what each page asks until one that says how it ended; that page."""
        coming.goes_to_the_end(self._scene)
        return self._scene.terminal.see()

    def leaves(self) -> None:
        """Take everything, go, and wait for standby."""
        self._scene.hands.leave()
        self._scene.terminal.page("standby", "closed", within_s=90)


class QaBench:
    """Devices, platform, bank. Counts are since the test began."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def do(self, device: str, verb: str, **args: Any) -> Any:
        """Do something to a device (`kiosk-sim device NAME`, then `verbs`). Raises `ValueError`."""
        return self._scene.terminal.act(device, verb, **args)

    def state(self, device: str) -> Mapping[str, Any]:
        """What a person sees of a device."""
        return self._scene.terminal.state(device)

    def fault(self, device: str, fault: str) -> None:
        """A fault by its Chinese names: `bench.fault("凭条打印机", "缺纸")`."""
        faults.device_fault(self._scene, device, fault)

    def mend(self, device: str) -> None:
        """A technician puts the device right."""
        faults.mended(self._scene, device)

    def platform_fault(self, **plan: Any) -> None:
        """`down=True`, `slow_s=3`, `status=503`, `area="payments"`, `times=2`; nothing ends them."""
        self._scene.terminal.faults(**plan)

    def records(self, kind: str) -> list[Mapping[str, Any]]:
        """What the platform has had since: cases, orders, prints, evaluations."""
        found = self._scene.terminal.records(kind)
        return found[getattr(self._scene.stood, kind, 0) :]

    @property
    def bank_yuan(self) -> Decimal:
        """What the payees gained at the pad."""
        return Decimal(money.at_bank(self._scene)) / 100

    @property
    def phone_yuan(self) -> Decimal:
        """What was paid by phone, less what went back."""
        return Decimal(money.by_phone(self._scene)) / 100

    @property
    def last_receipt(self) -> str:
        """The words on the newest receipt."""
        return str(self.state("receipt-printer").get("last_receipt", ""))

    def wire(self) -> list[str]:
        """The decoded wire."""
        return self._scene.terminal.wire(self._scene.stood.wire)
