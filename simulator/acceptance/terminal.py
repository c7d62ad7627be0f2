"""What a test may see of a terminal and do to it, wherever it runs: in this process, or behind a bench.

Everything is synchronous. Seconds are the terminal's: virtual in the hall, real at a bench.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeVar

from simulator.breakdowns import Breakdown
from simulator.people import CITIZENS, Citizen

T = TypeVar("T")
LOOK_S = 0.1
KEEN_S, SELDOM_S = 3.0, 1.0
"""So long somebody looks every `LOOK_S`, then every `SELDOM_S`."""
TOUCH_WITHIN_S = 8.0


class CannotTouch(AssertionError):
    """What is to be touched is not on the page, or not enabled; the message lists what is."""


class NotHere(RuntimeError):
    """This cannot be done or seen at this kind of terminal; the scenario is skipped with the sentence."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Something that can be touched: its words, and the reply that it gives."""

    label: str
    key: str
    value: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class Page:
    """What is on the screen. `fields` are (key, what it shows, in focus, opens a page of its own)."""

    page: str
    title: str
    language: str
    mode: str
    text: str
    spots: tuple[Spot, ...] = ()
    fields: tuple[tuple[str, str, bool, bool], ...] = ()
    keys: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    primary: tuple[str, str] | None = None
    everything: str = ""
    """All words, also what is masked elsewhere, where they can be had."""

    @property
    def offers(self) -> tuple[tuple[str, str], ...]:
        """(key, value) of everything that can be touched."""
        return tuple((spot.key, spot.value) for spot in self.spots if spot.enabled and spot.key)

    def offered(self, key: str, value: str = "") -> bool:
        """Whether that can be touched; any value where none is given."""
        return any(k == key and (not value or v == value) for k, v in self.offers)

    def labelled(self, label: str) -> list[Spot]:
        """What carries these words: exactly, else as its beginning, else anywhere in its label."""
        tests: tuple[Callable[[str], bool], ...] = (
            lambda words: words == label, lambda words: words.startswith(label), lambda words: label in words,
        )  # fmt: skip
        for test in tests:
            if found := [spot for spot in self.spots if test(spot.label)]:
                return found
        return []


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the terminal's journal."""

    kind: str
    visit: str
    body: str


@dataclass(slots=True)
class Evidence:
    """What is kept of a failure, or of a scenario for the report."""

    text: str = ""
    picture: bytes = b""
    papers: list[tuple[str, bytes]] = field(default_factory=list)
    wire: list[str] = field(default_factory=list)
    journal: list[str] = field(default_factory=list)


class Terminal(ABC):
    """A terminal between its devices and its platform."""

    where: ClassVar[Literal["hall", "bench"]]
    seed: int = 0
    worn: bool = False
    """Something was done to it that the next test might still feel: it is not lent again."""

    # The screen

    @abstractmethod
    def see(self) -> Page:
        """The page now. Raises `AssertionError` when nothing is shown."""

    @abstractmethod
    def press(self, key: str, value: str) -> None:
        """Touch what replies so, now."""

    @abstractmethod
    def press_key(self, key: str) -> None:
        """Press a key of the keypad under the glass: a value of `words.KEYPAD`."""

    @abstractmethod
    def picture(self) -> bytes:
        """The page as PNG."""

    @abstractmethod
    def listen(self) -> None:
        """Somebody listens from now on; before that nothing is heard."""

    @abstractmethod
    def heard(self) -> Sequence[str]:
        """The sentences that were spoken since somebody listens, oldest first."""

    @abstractmethod
    def wait(self, seconds: float) -> None:
        """Let time pass."""

    @abstractmethod
    def sign(self) -> None:
        """Draw a mark with the finger where the page asks for a signature."""

    @abstractmethod
    def fill(self, hands: Any, page: Page) -> None:
        """Let `simulator.filling_in.FormHands` do the next touches on a page of a form."""

    # Things

    @abstractmethod
    def act(self, family: str, verb: str, **args: Any) -> Any:
        """Do something to a device. Raises `ValueError` when it cannot be done now."""

    @abstractmethod
    def state(self, family: str) -> Mapping[str, Any]:
        """What a person sees of a device."""

    @abstractmethod
    def plug(self, family: str, *, there: bool) -> None:
        """Put the plug in, or pull it."""

    @abstractmethod
    def artefact(self, family: str, name: str) -> bytes | None:
        """What a device made; None when it made nothing of that name."""

    @abstractmethod
    def find(self, key: str, value: str) -> None:
        """Turn the page until what replies so is on the visible part; nothing where a page has one part."""

    @abstractmethod
    def show_text(self, code: str) -> None:
        """Hold a code with this text to the camera; "" takes it away."""

    @abstractmethod
    def stand(self, who: str, citizen: Citizen) -> None:
        """Who the face camera sees: a value of `words.FACES`."""

    @abstractmethod
    def lay(self, kind: str, citizen: Citizen, flaw: str = "") -> None:
        """Lay a document on the desk; "" clears it."""

    @abstractmethod
    def hold_up(self, what: str, citizen: Citizen) -> None:
        """Hold a code up: a value of `words.CODES` or `words.WALLETS`; "" puts the phone away."""

    # The city

    @abstractmethod
    def desk(self, path: str, **body: Any) -> Any:
        """Do something at the platform's desk. Raises `NotHere`, `ValueError` when it is refused."""

    @abstractmethod
    def records(self, kind: str) -> list[Mapping[str, Any]]:
        """What the platform keeps: cases, orders, prints, evaluations, app-matches, device-faults; oldest first."""

    @abstractmethod
    def faults(self, **plan: Any) -> None:
        """Set the platform's faults; none: it is well."""

    @abstractmethod
    def phone_fen(self) -> int:
        """What was paid by phone, less what went back, in fen."""

    @abstractmethod
    def phone_pay(self, wallet: str) -> None:
        """The phone scans the newest code on the screen and pays."""

    @abstractmethod
    def answer_match(self, *, confirm: bool) -> bool:
        """Answer the question on the phone; false while none waits."""

    # What stays

    @abstractmethod
    def journal(self, since: int = 0) -> list[Entry]:
        """The terminal's journal after number `since`, oldest first. Raises `NotHere`."""

    @abstractmethod
    def journal_count(self) -> int:
        """The number of the newest entry. Raises `NotHere`."""

    @abstractmethod
    def journal_fault(self) -> str:
        """The first break in the journal's chain; "" when it verifies. Raises `NotHere`."""

    @abstractmethod
    def unsettled(self) -> list[str]:
        """Open intents and what waits in the outbox. Raises `NotHere`."""

    @abstractmethod
    def readable(self, words: Iterable[str]) -> list[str]:
        """Which of `words` can be read in the terminal's files. Raises `NotHere`."""

    @abstractmethod
    def wire(self, since: int = 0) -> list[str]:
        """The decoded wire after number `since`, a crossing a line."""

    @abstractmethod
    def wire_count(self) -> int:
        """How many lines `wire` has had; a number to begin from (`wire(since)`)."""

    # Power and time

    @abstractmethod
    def cut_power(self) -> None:
        """The terminal's power goes, now."""

    @abstractmethod
    def power_on(self) -> None:
        """The power is back; returns when the terminal is ready."""

    @abstractmethod
    def set_clock(self, ahead_s: float) -> None:
        """The clock on the terminal's board is ahead by so much. Raises `NotHere`."""

    @abstractmethod
    def refuse_disk(self, *, on: bool) -> None:
        """The terminal's disk refuses every write, or is well again. Raises `NotHere`."""

    @abstractmethod
    def break_down(self, breakdown: Breakdown | None) -> None:
        """Let a prepared breakdown happen, or end the one there is. Raises `NotHere`."""

    @abstractmethod
    def diagnosis(self) -> str:
        """The event on the first line of `kiosk diagnose`; "" all is well."""

    @abstractmethod
    def tidy(self) -> None:
        """Everybody goes, everything is taken away and mended; returns when the terminal waits for somebody."""

    @abstractmethod
    def must_have(self, ways: Iterable[str], equipment: Iterable[str]) -> None:
        """Raise `NotHere` where this terminal is another kind than the test needs."""

    @abstractmethod
    def close(self) -> None:
        """Nobody needs it any more."""

    # What follows from the above

    def until(self, true: Callable[[], T], within_s: float, otherwise: Callable[[], str] | str) -> T:
        """Look until `true` says something; that. Raises `AssertionError` with `otherwise` after `within_s`."""
        waited = 0.0
        while not (found := true()):
            if waited >= within_s:
                raise AssertionError(otherwise if isinstance(otherwise, str) else otherwise())
            look_s = LOOK_S if waited < KEEN_S else SELDOM_S
            self.wait(look_s)
            waited += look_s
        return found

    def touch(self, key: str, value: str = "", within_s: float = TOUCH_WITHIN_S) -> None:
        """Touch what replies so as soon as it can be touched. Raises `CannotTouch`."""
        try:
            self.until(lambda: self.see().offered(key, value), within_s, "")
        except AssertionError:
            page = self.see()
            there = sorted({f"{k}={v}" if v else k for k, v in page.offers})
            wanted = f"{key}={value}" if value else key
            raise CannotTouch(
                f"第“{page.title}”页（{page.page}）上不能点 {wanted}；能点的有：{'、'.join(there)}"
            ) from None
        self.press(key, value)
        self.wait(LOOK_S)

    def touch_words(self, label: str, within_s: float = TOUCH_WITHIN_S) -> None:
        """Touch what carries these words. Raises `CannotTouch`."""

        def spot() -> Spot | None:
            return next((one for one in self.see().labelled(label) if one.enabled and one.key), None)

        try:
            found = self.until(spot, within_s, "")
        except AssertionError:
            page = self.see()
            there = "、".join(one.label for one in page.spots if one.enabled and one.key)
            raise CannotTouch(f"第“{page.title}”页（{page.page}）上不能点“{label}”；能点的有：{there}") from None
        assert found is not None
        self.press(found.key, found.value)
        self.wait(LOOK_S)

    def page(self, *names: str, within_s: float = 120.0) -> Page:
        """Wait until one of these pages is shown; that page. Raises `AssertionError`."""

        def there() -> Page | None:
            page = self.see()
            return page if page.page in names else None

        def instead() -> str:
            page = self.see()
            return f"{within_s:g} 秒内没有到 {' 或 '.join(names)}，屏幕是“{page.title}”（{page.page}）：\n{page.text}"

        found = self.until(there, within_s, instead)
        assert found is not None
        return found


def citizen_called(name: str) -> Citizen:
    """The invented citizen with that name or key. Raises `ValueError`."""
    for citizen in CITIZENS.values():
        if name in (citizen.name, citizen.key):
            return citizen
    names = "、".join(citizen.name for citizen in CITIZENS.values())
    raise ValueError(f"没有叫“{name}”的市民；有：{names}")
