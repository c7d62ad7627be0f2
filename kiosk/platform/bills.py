"""Bills, fees, fiscal e-bills and slips: the client's calls about what has to be paid. Errors as in `Platform`."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Protocol, cast
from urllib.parse import quote

from kiosk.platform.errors import BadReply
from kiosk.platform.messages import MAX_FEN, Bilingual
from kiosk.platform.reading import Members

BillState = Literal["due", "paid", "withdrawn"]
EBillState = Literal["genuine", "reversed", "differs", "unknown"]
_BILL_STATES = frozenset({"due", "paid", "withdrawn"})
_EBILL_STATES = frozenset({"genuine", "reversed", "differs", "unknown"})
_PRINT_STATES = frozenset({"AUTHORISED", "PRINTED", "UNCLEAR"})
MOST_BILLS = 12
MOST_LINES = 24


class Ask(Protocol):
    """One exchange."""

    def __call__(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, key: str = "", session: str = ""
    ) -> Awaitable[Any]:
        """The reply's JSON."""
        ...


@dataclass(frozen=True, slots=True)
class FeeItem:
    """One line of a bill or a fee; `fen` is below 0 for a reduction."""

    label: Bilingual
    fen: int


@dataclass(frozen=True, slots=True)
class Bill:
    """One bill: `fen` is due now. Whose it is (`payer_masked`) is for the citizen's eyes only."""

    id: str
    pay_code: str = field(repr=False)
    kind: str
    title: Bilingual
    payee: Bilingual
    payer_masked: str = field(repr=False)
    items: tuple[FeeItem, ...]
    fen: int
    paid_fen: int
    due_on: date | None
    state: BillState
    ebill: bool


@dataclass(frozen=True, slots=True)
class Assessment:
    """What this person has to pay for this service with these answers. `items` add up to `fen`; 0 is an answer."""

    service: str
    fen: int
    full_fen: int
    title: Bilingual
    basis: Bilingual
    payee: Bilingual
    items: tuple[FeeItem, ...] = ()
    bills: tuple[str, ...] = ()
    pay_code: str = field(default="", repr=False)
    due_on: date | None = None
    ebill: bool = False


@dataclass(frozen=True, slots=True)
class EBill:
    """A fiscal e-bill: code (8 digits), number (10), check code (6); `text` is what its QR code holds."""

    code: str
    number: str
    check: str
    day: date
    fen: int
    payee: Bilingual
    text: str


@dataclass(frozen=True, slots=True)
class EBillVerdict:
    """Whether such an e-bill was issued; payee and amount of a genuine or reversed one only."""

    state: EBillState
    payee: Bilingual
    fen: int


@dataclass(frozen=True, slots=True)
class Slip:
    """What goes to the receipt printer. `again`: how often this receipt was printed again, this time included."""

    title: Bilingual
    rows: tuple[tuple[Bilingual, str], ...] = field(repr=False)
    code: str = field(repr=False)
    number: str
    again: int
    left: int


@dataclass(frozen=True, slots=True)
class LicencePrint:
    """One print of a licence."""

    serial: str
    at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class MyLicence:
    """One e-licence of the person: its identifier and version, and what was printed of it."""

    id: str
    identifier: str = field(repr=False)
    version: int
    kind: Bilingual
    number_masked: str = field(repr=False)
    issuer: Bilingual
    valid_to: date | None
    status: str
    prints: tuple[LicencePrint, ...]


class Bills:
    """Calls of `Platform` that concern what has to be paid."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def by_code(self, session: str, pay_code: str) -> tuple[Bill, ...]:
        """The bill of a payment code. Raises `Problem` bill-not-found."""
        return _bills(await self._ask("GET", f"/bills?pay_code={quote(pay_code, safe='')}", session=session))

    async def of_case(self, session: str, case: str) -> tuple[Bill, ...]:
        """The bills of a case of the session's person."""
        return _bills(await self._ask("GET", f"/bills?case={quote(case, safe='')}", session=session))

    async def mine(self, session: str) -> tuple[Bill, ...]:
        """All bills of the session's person that the platform knows."""
        return _bills(await self._ask("GET", "/bills?mine=true", session=session))

    async def find(self, session: str, service: str, form: Mapping[str, str]) -> tuple[Bill, ...]:
        """The bills that the answers of a service's form name. Raises `Problem` bill-not-found."""
        body = {"service": service, "form": dict(form)}
        return _bills(await self._ask("POST", "/bills:find", body, session=session))

    async def assess(
        self, session: str, service: str, form: Mapping[str, str], bills: Sequence[str] = ()
    ) -> Assessment:
        """What has to be paid. Raises `Problem` bill-already-paid, bill-not-found, fee-over-limit, validation."""
        body = {"service": service, "form": dict(form), "bills": list(bills)}
        m = Members(await self._ask("POST", "/fees:assess", body, session=session), "Assessment")
        found = Assessment(
            m.text("service", 20),
            m.number("fen", 0, MAX_FEN),
            m.number("full_fen", 0, MAX_FEN),
            _words(m.members("title")),
            _words(m.members("basis")),
            _words(m.members("payee")),
            _items(m, MOST_LINES),
            m.texts("bills", MOST_BILLS, 80),
            m.text("pay_code", 30),
            m.day_or_none("due_on"),
            m.flag("ebill"),
        )
        if sum(item.fen for item in found.items) != found.fen:
            raise BadReply("Assessment.items: expected lines that add up to fen")
        return found

    async def ebill(self, order: str) -> EBill:
        """The fiscal e-bill of a paid order. Raises `Problem` payment-required, not-found."""
        m = Members(await self._ask("GET", f"/payment-orders/{quote(order, safe='')}/ebill"), "EBill")
        return EBill(
            m.text("code", 8),
            m.text("number", 10),
            m.text("check", 6),
            m.day("day"),
            m.number("fen", 0, MAX_FEN),
            _words(m.members("payee")),
            m.text("text", 200),
        )

    async def verify_ebill(
        self, session: str, code: str, number: str, check: str, day: date, fen: int | None = None
    ) -> EBillVerdict:
        """Whether an e-bill with exactly this was issued."""
        body: dict[str, Any] = {"code": code, "number": number, "check": check, "day": day.isoformat()}
        body |= {} if fen is None else {"fen": fen}
        m = Members(await self._ask("POST", "/ebills:verify", body, session=session), "EBillVerdict")
        state = cast("EBillState", m.word("state", _EBILL_STATES))
        return EBillVerdict(state, _words(m.members("payee")), m.number("fen", 0, MAX_FEN))

    async def slip(self, session: str, key: str, service: str, form: Mapping[str, str]) -> Slip:
        """The slip that is a service's result. Raises `Problem` not-found, print-quota-exhausted."""
        body = {"service": service, "form": dict(form)}
        m = Members(await self._ask("POST", "/slips", body, key, session), "Slip")
        rows = tuple((_words(row.members("label")), row.text("value", 120)) for row in m.objects("rows", 16))
        return Slip(
            _words(m.members("title")),
            rows,
            m.text("code", 200),
            m.text("number", 24),
            m.number("again", 0, 99),
            m.number("left", 0, 99),
        )

    async def my_licences(self, session: str) -> tuple[MyLicence, ...]:
        """The person's e-licences, with their versions and prints."""
        m = Members(await self._ask("GET", "/licences/mine", session=session), "MyLicences")
        return tuple(_licence(entry) for entry in m.objects("items", 50))


def _bills(reply: Any) -> tuple[Bill, ...]:
    return tuple(_bill(m) for m in Members(reply, "Bills").objects("items", MOST_BILLS))


def _bill(m: Members) -> Bill:
    return Bill(
        m.id("id"),
        m.text("pay_code", 30),
        m.text("kind", 20),
        _words(m.members("title")),
        _words(m.members("payee")),
        m.text("payer_masked", 60),
        _items(m, MOST_BILLS),
        m.number("fen", 0, MAX_FEN),
        m.number("paid_fen", 0, MAX_FEN),
        m.day_or_none("due_on"),
        cast("BillState", m.word("state", _BILL_STATES)),
        m.flag("ebill"),
    )


def _items(m: Members, most: int) -> tuple[FeeItem, ...]:
    return tuple(
        FeeItem(_words(i.members("label")), i.number("fen", -MAX_FEN, MAX_FEN)) for i in m.objects("items", most)
    )


def _licence(m: Members) -> MyLicence:
    prints = tuple(
        LicencePrint(p.text("serial", 40), p.time("at"), p.word("state", _PRINT_STATES))
        for p in m.objects("prints", 20)
    )
    return MyLicence(
        m.id("id"),
        m.text("identifier", 120),
        m.number("version", 1, 999),
        _words(m.members("kind")),
        m.text("number_masked", 40),
        _words(m.members("issuer")),
        m.day_or_none("valid_to"),
        m.text("status", 2),
        prints,
    )


def _words(m: Members) -> Bilingual:
    return Bilingual(m.text("zh"), m.text("en"))
