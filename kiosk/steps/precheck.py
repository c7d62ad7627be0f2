"""Before the review: every sheet is at the platform, and it says at once everything that would be sent back (R26)."""

from __future__ import annotations

from kiosk.materials import papers
from kiosk.materials.plan import plan
from kiosk.money import fees
from kiosk.platform.applying_messages import Flaw
from kiosk.platform.errors import PlatformError
from kiosk.steps.id_photo import photo
from kiosk.steps.scan import scan_material
from kiosk.visits.case import Case, Move, Stop
from screens import pages
from screens.models import NotDone, Place, Precheck, Problem, Uploading, Working
from screens.screen import Reply, Screen

AWAY_S = 25.0
"""So long without the platform, an item that may wait is sealed and kept instead."""
LOOK_S = 1.0
QUEUED = "queued"


def may_wait(case: Case) -> bool:
    """Whether this application may be kept sealed until the network is back: never with money, never for another."""
    return (
        case.service.offline == "queue"
        and not fees.costs(case)
        and case.acting_for is None
        and bool(case.tools.settings.platform.sealing_key)
    )


async def precheck(case: Case) -> Move:
    """Sheets sent, draft saved, problems mended. Back: to the form. An item without papers has nothing to check."""
    if "submit" not in case.service.steps or not papers.has_papers(case):
        return "next"
    case.visit.vault.put(QUEUED, not case.session)
    while True:
        papers.send(case)
        if not case.session:
            return "next"
        sent = await _sent(case)
        if sent == "back":
            return "back"
        if sent == "kept":
            case.visit.vault.put(QUEUED, True)
            return "next"
        flaws = await case.visit.complete(lambda p: pages.working(p, Working("checking")), _flaws(case))
        if not flaws:
            return "next"
        reply = await _shown(case, flaws)
        if reply.key == "back" or (reply.key == "mend" and await _mend(case, reply.value) == "back"):
            return "back"


def _patience(case: Case) -> float:
    return case.visit.manners.form_s


async def _sent(case: Case) -> str:
    """sent: all there; kept: the network is away and the item may wait; back."""
    uploads = case.uploads
    if uploads is None or uploads.all_there:
        return "sent"

    def build(place: Place) -> Screen:
        done, total, fraction = uploads.progress()
        return pages.uploading(place, Uploading(done, total, fraction, uploads.waiting))

    async def watch() -> str:
        away = 0.0
        while not uploads.all_there:
            if uploads.refused:
                raise Stop(NotDone("upload-refused", reference=uploads.refused, elsewhere=case.elsewhere()))
            if away >= AWAY_S and may_wait(case):
                return "kept"
            await uploads.changed(LOOK_S)
            away = away + LOOK_S if uploads.waiting else 0.0
            case.visit.refresh()
        return "sent"

    result = await case.visit.during(build, watch(), seconds=_patience(case))
    return "back" if isinstance(result, Reply) else result


async def _flaws(case: Case) -> tuple[Flaw, ...]:
    """What the platform finds; nothing when it cannot be asked: it looks again when it is handed in."""
    try:
        draft = await papers.save_draft(case)
        flaws = await case.tools.platform.applying.precheck(case.session, draft.id)
    except PlatformError:
        return ()
    note = {"problems": len(flaws), "codes": sorted({flaw.code for flaw in flaws})}
    await case.tools.journal.note(case.visit.id, "application.prechecked", note)
    return flaws


async def _shown(case: Case, flaws: tuple[Flaw, ...]) -> Reply:
    return await case.visit.ask(lambda p: pages.precheck(p, _list(case, flaws, p)), seconds=_patience(case))


def _list(case: Case, flaws: tuple[Flaw, ...], place: Place) -> Precheck:
    labels = {spec.key: spec.label.get(place.language) for spec in case.service.form}
    problems = []
    for flaw in flaws:
        if flaw.material is not None and flaw.material < len(case.service.materials):
            name = case.service.materials[flaw.material].name.get(place.language)
            problems.append(Problem(f"m{flaw.material}", name, flaw.code))
        else:
            problems.append(Problem(f"f{flaw.field}", labels.get(flaw.field, flaw.field), "form"))
    return Precheck(case.service.name.get(place.language), tuple(problems))


async def _mend(case: Case, touched: str) -> Move:
    """Open the place where it is mended; back is the form."""
    if touched.startswith("f") or not touched[1:].isdecimal():
        case.visit.vault.put("focus", touched[1:])
        return "back"
    material = int(touched[1:])
    each = papers.of_material(case, material)
    if each is None:
        return "back"
    if each.state not in ("scan", "photo"):
        without = {p.material: p for p in plan(case.service, (), papers.means(case))}
        each = without[material]
        papers.keep_plan(case, tuple(each if p.material == material else p for p in papers.planned(case)))
    if each.state == "photo":
        case.visit.vault.put(papers.PHOTO, None)
        await photo(case)
    elif each.state == "scan":
        while case.materials.sheets(material):
            case.materials.drop_last(material)
        papers.forget_adopted(case, material)
        await scan_material(case, material)
    else:
        raise Stop(NotDone("material-elsewhere", elsewhere=case.elsewhere()))
    return "next"
