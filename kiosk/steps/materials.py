"""Materials: what the city already has is used when the citizen agrees; the rest is scanned, photographed, or brought.

Each source is asked under a consent of its own (R37, `kiosk.steps.consent`); without it the next source is tried. What
was found is shown before it is used. An item for which nothing has to be done or decided shows no page.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from kiosk.materials.papers import acting, keep_plan, means, planned, to_sign
from kiosk.materials.plan import Planned, asked, looked_up, other, plan
from kiosk.money.charging import new_id
from kiosk.platform.applying_messages import Found, Source
from kiosk.platform.errors import PlatformError, Problem
from kiosk.steps.id_photo import photo
from kiosk.visits.case import Case, Move
from screens import pages
from screens.models import MaterialLine, MaterialList, Place, Working
from screens.screen import Reply, Screen


async def materials(case: Case) -> Move:
    """Resolve every material of the service. Resolved before in this journey: its page again where it has one."""
    visit = case.visit
    visit.at("fill")
    if visit.vault.get("plan") is None and await _look(case) == "back":
        return "back"
    if _worth_a_page(case):
        visit.vault.put("materials-page", True)
        if await _chosen(case) == "back":
            visit.vault.put("plan", None)
            return "back"
    await visit.complete(lambda p: pages.working(p, Working("querying")), _take(case))
    if any(p.state == "photo" for p in planned(case)) and "photo" not in case.service.steps:
        return await photo(case)
    return "next"


async def _look(case: Case) -> Move:
    """Ask the sources that the citizen agreed to; make the plan. "back": the citizen would rather not wait."""
    found: list[Found] = []
    failed: list[Source] = []
    adopted: tuple[Planned, ...] = case.visit.vault.get("adopted", ())
    open_still = set(asked(case.service, agent=acting(case))) - {p.material for p in adopted}
    for source, key, group in _groups(case, open_still):
        consent_id = _consent(case, key)
        if not case.session:
            failed.append(source)
            continue
        if not consent_id:
            continue  # they would rather not: the next source
        try:
            got = await _asked(case, source, consent_id)
        except PlatformError:
            failed.append(source)
            continue
        if isinstance(got, Reply):
            return "back"
        found += [each for each in got if each.material in group]
    resolved = plan(case.service, found, means(case), failed)
    keep_plan(case, tuple(next((a for a in adopted if a.material == p.material), p) for p in resolved))
    return "next"


def _groups(case: Case, wanted: set[int]) -> list[tuple[Source, str, frozenset[int]]]:
    """What is asked: source, the consent that it needs (config/consents.toml), the materials it may answer for.

    A stored portrait has a consent of its own."""
    groups: list[tuple[Source, str, frozenset[int]]] = []
    for source in looked_up(case.service, agent=acting(case)):
        named = {m for m in wanted if source in case.service.materials[m].sources}
        faces = {m for m in named if source == "share" and "photo" in case.service.materials[m].sources}
        for key, group in ((_KEYS[source], named - faces), ("portrait", faces)):
            if group:
                groups.append((source, key, frozenset(group)))
    return groups


_KEYS: dict[Source, str] = {"elicense": "licence", "share": "share"}


def _consent(case: Case, key: str) -> str:
    """The consent for a source; "" when it was not given."""
    if case.granted:
        return case.consent_for(key)
    return case.consents[0] if case.consents else ""


async def _asked(case: Case, source: Source, consent_id: str) -> tuple[Found, ...] | Reply:
    applying = case.tools.platform.applying
    look = applying.licences if source == "elicense" else applying.shared
    found = await case.visit.during(
        lambda p: pages.working(p, Working("querying")), look(case.session, case.service.id, consent_id)
    )
    if isinstance(found, Reply):
        return found
    note = {"source": source, "consent": consent_id, "found": len(found)}
    await case.tools.journal.note(case.visit.id, "materials.looked-up", note)
    return found


def _worth_a_page(case: Case) -> bool:
    """Something is to be done, decided or brought; not where shared data and the card give everything."""
    return any(
        p.state in ("scan", "photo", "counter") or p.source == "elicense" or p.note == "expired" for p in planned(case)
    )


async def _chosen(case: Case) -> Move:
    """The list, until the citizen begins."""
    visit = case.visit

    def build(place: Place) -> Screen:
        return pages.materials(place, _listed(case, place))

    while True:
        reply: Reply = await visit.ask(build, seconds=visit.manners.form_s)
        if reply.key == "back":
            return "back"
        if reply.key == "continue":
            return "next"
        if reply.key == "toggle":
            keep_plan(case, tuple(_toggled(case, p, reply.value) for p in planned(case)))


def _toggled(case: Case, each: Planned, touched: str) -> Planned:
    if str(each.material) != touched:
        return each
    return other(case.service, each, means(case)) or each


def _listed(case: Case, place: Place) -> MaterialList:
    lines = []
    for p in planned(case):
        material = case.service.materials[p.material]
        detail = ""
        if p.state == "found" and p.found is not None:
            until = p.found.valid_to
            detail = p.found.number_masked + (f" · {until.isoformat()}" if until else "")
        lines.append(
            MaterialLine(
                str(p.material),
                material.name.get(place.language),
                "pad" if to_sign(case, p) else p.state,
                detail,
                material.pages,
                p.note if p.state != "found" else "",
                _switch(case, p),
            )
        )
    return MaterialList(case.service.name.get(place.language), tuple(lines))


def _switch(case: Case, each: Planned) -> Literal["", "scan", "found", "skip", "have"]:
    """What touching the line says that it would do."""
    becomes = other(case.service, each, means(case))
    if becomes is None:
        return ""
    if becomes.state == "scan" and each.state == "skipped":
        return "have"
    if becomes.state == "found":
        return "found"
    return "scan" if becomes.state == "scan" else "skip"


async def _take(case: Case) -> None:
    """Copies of the licences that are used, records of shared data by number; what fails comes from elsewhere."""
    applying, taken = case.tools.platform.applying, []
    for p in planned(case):
        if p.state != "found" or p.refs or p.found is None:
            taken.append(p)
        elif p.source == "share":
            taken.append(replace(p, refs=(p.found.id,)))
        else:
            consent_id = _consent(case, _KEYS["elicense"])
            try:
                copy = await applying.copy(case.session, new_id("cpy"), p.found.id, case.service.id, consent_id)
            except PlatformError as error:
                void = isinstance(error, Problem) and error.slug == "licence-void"
                without = plan(case.service, (), means(case))
                instead = next(q for q in without if q.material == p.material)
                taken.append(replace(instead, note="expired" if void else "no-answer"))
            else:
                taken.append(replace(p, refs=(copy.id,)))
                body = {"material": p.material, "copy": copy.id, "grade": copy.grade}
                await case.tools.journal.note(case.visit.id, "material.copied", body)
    keep_plan(case, tuple(taken))
