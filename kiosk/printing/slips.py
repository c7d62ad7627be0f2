"""The slip that is a service's result: asked of the platform once, kept for the visit, printed as any receipt."""

from __future__ import annotations

from typing import Final

from kiosk.money.charging import new_id
from kiosk.money.fees import session_of
from kiosk.platform.bills import Slip
from kiosk.platform.errors import PlatformError, Problem
from kiosk.visits.case import Case, Stop
from screens.models import NotDone

SLIP: Final = "slip"
_OTHERS: Final = frozenset({"submit", "print", "collect", "copy", "verify", "ticket"})
"""Steps that give something of their own."""
_NONE: Final = {"not-found": "nothing-to-print", "print-quota-exhausted": "print-quota-exhausted"}


def gives_slip(case: Case) -> bool:
    """Whether a slip is what this service gives: it prints, and nothing but a receipt comes out."""
    service = case.service
    return service.kind == "print" and "receipt" in service.steps and _OTHERS.isdisjoint(service.steps)


async def slip_of(case: Case) -> Slip:
    """The slip of this journey. Raises `Stop` when there is none."""
    known = case.visit.vault.get(SLIP)
    if isinstance(known, Slip):
        return known
    key = case.visit.vault.get("slip-key") or new_id("slp")
    case.visit.vault.put("slip-key", key)
    try:
        found = await case.tools.platform.bills.slip(await session_of(case), str(key), case.service.id, case.form)
    except Problem as problem:
        cause = _NONE.get(problem.slug, "network")
        raise Stop(NotDone(cause, can_retry=cause == "network", elsewhere=case.elsewhere(people=True))) from problem
    except PlatformError as error:
        raise Stop(NotDone("network", can_retry=True)) from error
    case.visit.vault.put(SLIP, found)
    return found


def slip_values(case: Case, slip: Slip) -> dict[str, str]:
    """What the template `slip` says."""
    language = case.visit.language
    values = {
        "title": slip.title.get(language),
        "rows": "\n".join(f"{label.get(language)}\t{value}" for label, value in slip.rows),
        "code": slip.code,
        "number": slip.number,
        "again": str(slip.again) if slip.again else "",
        "left": str(slip.left) if slip.again else "",
    }
    return {key: value for key, value in values.items() if value}
