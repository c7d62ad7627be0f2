"""Every item of the catalogue run to its end on the real terminal under virtual time (`kiosk-sim run-all`).

In Chinese and in English, for oneself and for an organisation where the item allows it, with the happy end and with one
refusal each. A hall serves `BATCH` errands and is then replaced; halls are independent: processes share them out.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Any, Literal, get_args

from config.catalogue import Catalogue, Service, load_catalogue
from config.divisions import CITY
from config.service_guide import Equipment
from config.texts import texts
from simulator.answers import COMPANY
from simulator.customer import Customer, End, Errand, Refusal, Went
from simulator.hall import Hall
from simulator.inline_loop import run_inline
from simulator.organisations import RIGHTS
from simulator.people import CITIZENS, Citizen
from simulator.platform.city import ZONE

By = Literal["", "ear", "low"]
Made = Callable[..., Any]
BATCH = 48
POLL_S = 5.0
OPENS = datetime(2026, 11, 23, 9, 30, tzinfo=ZONE)
"""A Monday: what needs somebody at a desk is offered too."""
FORMS = 400
"""Numbered forms of every kind that a technician has put in."""
PERSON = "citizen-02"
HERE = "371002"


AREA_DOWN: Mapping[str, str] = {
    "WH-GN-001": "cases",
    "WH-GN-003": "print-authorisations",
    "WH-BR-010": "print-authorisations",
}
"""Which area of the platform does not answer, where it is not its queries."""


@dataclass(frozen=True, slots=True)
class Before:
    """What was done before an item makes sense: another item, and what the office did with its case."""

    item: str
    answers: Mapping[str, str]
    act: str = ""


BEFORE: Mapping[str, Before] = {
    "WH-GN-001": Before("WH-SI-006", {}),
    "WH-GN-006": Before("WH-SI-006", {"case_no": "case"}, "supplement"),
    "WH-GN-011": Before("WH-PS-001", {}),
    "WH-GN-012": Before("WH-SI-006", {"case_no": "case"}, "done"),
    "WH-GN-014": Before("WH-SI-006", {"case_no": "case"}, "done"),
}
REFUSED_ON: Mapping[str, tuple[str, ...]] = {
    "bank": ("not_done",),
    "consent": ("not_done",),
    "network": ("not_done",),
    "nothing": ("result", "finish"),
    "foreign": ("code_verdict", ""),
    "leaves": ("",),
}
"""Which page the citizen saw last when it was refused so."""


@dataclass
class AllRun:
    """What became of every errand."""

    went: list[Went] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[Went]:
        """Errands that did not end as they should."""
        return [each for each in self.went if each.wrong]


def errands_of(
    catalogue: Catalogue,
    only: Sequence[str] = (),
    languages: Sequence[str] = ("zh", "en"),
    ends: Sequence[str] = ("done", "refused"),
) -> Iterator[Errand]:
    """Every errand, item by item."""
    for service in catalogue.services.values():
        if only and service.id not in only:
            continue
        for agent in _ways(service):
            for language in languages:
                for end in ends:
                    yield Errand(service.id, language, agent, end)  # type: ignore[arg-type]  # literals of the tuples


def _ways(service: Service) -> tuple[bool, ...]:
    """For oneself, for an organisation, or both; where nobody is identified there is nobody to act for."""
    if service.organisation_level is None:
        return (False,)
    return (True,) if service.who == "organisation" else (False, True)


def judge(service: Service, went: Went, refusal: Refusal) -> str:
    """What is wrong with how an errand ended; "" when it ended as it should."""
    if went.wrong:
        return went.wrong
    if texts(went.errand.language).t("cause.internal") in went.says:
        return f"a program error after {' '.join(went.pages[-6:])}"
    if went.errand.end == "done":
        right = went.ended in ("finish", "code_verdict", "result", "signed_in")
    else:
        # Who asks for help while nobody can be reached is given the telephone number instead.
        right = went.ended in REFUSED_ON[refusal] or "help_asked" in went.pages
    if right:
        return ""
    return f"{refusal}: ended on {went.ended or 'nothing'} after {' '.join(went.pages[-6:])}: {went.says[-300:]!r}"


async def _serve(folder: Path, errands: Sequence[Errand], seed: int, by: By = "") -> AllRun:
    hall = Hall(folder, seed, with_cabinet=False, poll_s=POLL_S, opens=OPENS)
    place = _place(hall.catalogue.services[errands[0].item])
    machine = {"terminal.equipment": list(get_args(Equipment)), "terminal.division": place}
    hall.settings = {**hall.settings, **machine}
    run = AllRun()
    await hall.open()
    made = _hands(hall, by)
    for stock in sorted({s.form_stock for s in hall.catalogue.services.values() if s.form_stock}):
        await hall.life.load_forms(stock, 1, FORMS)
    for turn, errand in enumerate(errands, seed * BATCH):
        service = hall.catalogue.services[errand.item]
        run.went.append(await _one(hall, errand, service, turn, made))
    await hall.close()
    run.errors += [repr(error) for error in hall.errors]
    return run


def _hands(hall: Hall, by: By) -> Made:
    """Who comes: one who sees and touches, one who only hears and presses keys, one who reaches the lower part only."""
    if not by:
        return Customer
    from simulator.by_ear import EarCustomer
    from simulator.by_low import LowCustomer
    from simulator.hearing import Ear

    ear = Ear()
    panel = hall.life.set_up_panel(ear.heard)
    ear.press_key = panel.key
    return partial(EarCustomer, ear=ear) if by == "ear" else partial(LowCustomer, panel=panel)


async def _one(hall: Hall, errand: Errand, service: Service, turn: int, made: Made = Customer) -> Went:
    citizen = CITIZENS[_citizen(errand)]
    refusal = _refusal(service) if errand.end == "refused" else ""
    answers = await _prepared(hall, errand, citizen, turn)
    if refusal == "network":
        hall.platform_faults(down=True, area=AREA_DOWN.get(errand.item, "queries"))
    if refusal == "nothing":
        await hall.desk("queries", answer="none")
    if "collect" in service.steps:
        await hall.desk("cabinet", cabinet="ready")
    paid = sum(hall.paid_fen().values())
    went: Went = await made(hall, errand, service, citizen, turn=turn, refusal=refusal, answers=answers).run()
    if refusal == "network":
        hall.platform_faults()
        await asyncio.sleep(30)
    if refusal == "nothing":
        await hall.desk("queries", answer="rule")
    went.wrong = judge(service, went, refusal)
    if not went.wrong and errand.end == "refused" and sum(hall.paid_fen().values()) != paid:
        went.wrong = "refused, and money stayed taken"
    return went


async def _prepared(hall: Hall, errand: Errand, citizen: Citizen, turn: int) -> dict[str, str]:
    """What the citizen has in hand for this item: the number of a case, of a payment; and answers that fit today."""
    answers = {"date": (hall.now() + timedelta(days=1)).strftime("%Y%m%d"), "uscc_or_name": COMPANY}
    if (before := BEFORE.get(errand.item)) is None:
        return answers
    first = Errand(before.item, "zh", False, "done")
    went = await Customer(hall, first, hall.catalogue.services[before.item], citizen, turn).run()
    if went.wrong:
        logging.getLogger(__name__).error("%s before %s: %s", before.item, errand.item, went.wrong)
        return answers
    query = "SELECT number FROM application WHERE citizen = ? ORDER BY rowid DESC LIMIT 1"
    numbers = [str(row["number"]) for row in hall.rows(query, (citizen.number,))]
    if before.act and numbers:
        await hall.desk(f"cases/{numbers[0]}", act=before.act)
    orders = [str(row["id"]) for row in hall.rows("SELECT id FROM payment_order WHERE state = 'PAID'")]
    return answers | {key: (numbers if kind == "case" else orders)[-1] for key, kind in before.answers.items()}


def _citizen(errand: Errand) -> str:
    if not errand.agent:
        return PERSON
    return next(right.citizen for right in RIGHTS if right.role == "legal-representative")


def _refusal(service: Service) -> Refusal:
    """Which refusal an item meets: the one that comes latest, when most is at stake."""
    steps = service.steps
    if "verify" in steps:
        return "foreign"
    if {"submit", "print", "collect"} & set(steps) and "consent" in steps:
        return "consent"
    if "pay" in steps:
        return "leaves" if {"copy", "photo"} & set(steps) else "bank"
    if "result" in steps:
        return "network" if service.offline == "no" else "nothing"
    return "network" if "print" in steps else "leaves"


def run_all(
    errands: Sequence[Errand], jobs: int = 1, seed: int = 1, told: Callable[[str], None] = print, by: By = ""
) -> AllRun:
    """Run every errand in `jobs` processes; `by` ear, or by who reaches only the lower part of the panel."""
    batches = _batches(errands, load_catalogue())
    whole = AllRun()
    if jobs < 2:
        for number, batch in enumerate(batches):
            _join(whole, _batch(batch, seed + number, by), told)
        return whole
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        for part in pool.map(_batch, batches, range(seed, seed + len(batches)), repeat(by)):
            _join(whole, part, told)
    return whole


def _batches(errands: Sequence[Errand], catalogue: Catalogue) -> list[tuple[Errand, ...]]:
    """Errands for one hall each; what only one district offers is done in that district."""
    by_place: dict[str, list[Errand]] = {}
    for errand in errands:
        by_place.setdefault(_place(catalogue.services[errand.item]), []).append(errand)
    return [tuple(some[at : at + BATCH]) for some in by_place.values() for at in range(0, len(some), BATCH)]


def _place(service: Service) -> str:
    """Where a terminal has to stand to offer the item."""
    return HERE if CITY in service.regions or HERE in service.regions else service.regions[0]


def _batch(errands: Sequence[Errand], seed: int, by: By = "") -> AllRun:
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with tempfile.TemporaryDirectory(prefix="run-all-") as folder:
            return run_inline(_serve(Path(folder), errands, seed, by))
    finally:
        logging.disable(before)


def _join(whole: AllRun, part: AllRun, told: Callable[[str], None]) -> None:
    whole.went += part.went
    whole.errors += part.errors
    for each in part.wrong:
        told(f"{each.errand.words}: {each.wrong}")


def table(run: AllRun, catalogue: Catalogue) -> Iterator[str]:
    """A line a field of services: items, verbs, errands, ends, virtual time."""
    yield f"{'field':22} {'items':>5} {'errands':>7} {'done':>5} {'refused':>7} {'wrong':>5} {'minutes':>8}  verbs"
    for place in catalogue.fields:
        items = [s for s in catalogue.services.values() if s.field.key == place.key]
        ids = {s.id for s in items}
        went = [each for each in run.went if each.errand.item in ids]
        if not went:
            continue
        ends = Counter(each.errand.end for each in went if not each.wrong)
        verbs = Counter(s.kind for s in items if any(each.errand.item == s.id for each in went))
        minutes = sum(each.seconds for each in went) / 60
        yield (
            f"{place.key:22} {len({each.errand.item for each in went}):5} {len(went):7} {ends['done']:5}"
            f" {ends['refused']:7} {sum(bool(each.wrong) for each in went):5} {minutes:8.1f}  "
            + ", ".join(f"{verb} {count}" for verb, count in verbs.items())
        )
    done: Counter[End] = Counter(each.errand.end for each in run.went if not each.wrong)
    yield (
        f"{len({e.errand.item for e in run.went})} items, {len(run.went)} errands: {done['done']} done, "
        f"{done['refused']} refused as they should be, {len(run.wrong)} wrong"
    )
