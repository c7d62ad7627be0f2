"""A controlled document once more: a supervisor says why, the platform permits it, the earlier paper is void (P3).

Only what was printed or may have been: of a print that was refused the money went back, and anybody prints again. Each
paper is reissued at most once; the reissue has an intent of its own that names the earlier one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from drivers.errors import DeviceError
from drivers.outcome import Done, Outcome
from kiosk.intents import Intent, Kind, State
from kiosk.money.charging import new_id
from kiosk.platform.errors import PlatformError, Problem
from kiosk.printing.prints import Printed, refuse
from kiosk.technician.work.refusal import Refusal
from kiosk.technician.work.signing import Signed, needed

if TYPE_CHECKING:
    from kiosk.journal import Journal, Write
    from kiosk.workshop import Workshop

Reason = Literal["damaged", "unreadable", "incomplete", "not-out", "wrong-form"]
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)
DAYS: Final = 30
MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Reissuable:
    """A print that can be reissued. `forms` are the numbers of its paper."""

    id: str
    at: str
    service: str
    state: State
    pages: int
    forms: tuple[str, ...]

    @property
    def reference(self) -> str:
        """What the citizen has on paper."""
        return self.id[-8:].upper()


async def reissuable(journal: Journal, since: str) -> list[Reissuable]:
    """Prints since then (RFC 3339) that came out or may have, newest first, without those that were reissued."""
    prints = await journal.intents_since(since, (Kind.PRINT,), MOST)
    done = {str(each.body.get("reissue_of", "")) for each in prints if each.state is not State.REFUSED}
    return [_of(each) for each in reversed(prints) if _may(each) and each.id not in done]


async def reissue(
    workshop: Workshop,
    intent_id: str,
    reason: Reason,
    *,
    who: str,
    signed: Signed | None,
    on_progress: Callable[[str], None] = lambda _: None,
) -> Printed:
    """Print it once more. Raises `Refusal`: not signed, not to be reissued, no permission, the printer's cause.

    After a power cut it is settled as every print (`Prints.resolve`). Raises `JournalError`.
    """
    by = needed(signed)
    tools = workshop.tools
    before = await tools.journal.intent(intent_id)
    if reason not in REASONS:
        raise Refusal("work.not-understood", "reason")
    if before is None or not _may(before):
        raise Refusal("work.not-reissuable", intent_id[-8:].upper())
    try:
        await tools.licence_printer.check(int(before.body.get("pages", 1)) or 1)
    except DeviceError as error:
        raise Refusal("work.not-printed", error.cause) from error
    # Its intent is of a visit that ended: without this the settler would take it for one that a power cut left.
    async with workshop.settler.alone:
        return await _once_more(workshop, before, reason, who, by, on_progress)


async def _once_more(
    workshop: Workshop, before: Intent, reason: Reason, who: str, by: Signed, on_progress: Callable[[str], None]
) -> Printed:
    tools, fresh = workshop.tools, new_id("prt")
    service, stock = str(before.body["service"]), before.body.get("stock")
    body = {"service": service, "reissue_of": before.id, "reason": reason, "by": who, "signed": by.reference}
    await tools.journal.write(lambda write: _minted(write, fresh, before, body))
    try:
        permission = await tools.platform.reissues.ask(
            str(before.body["jti"]), fresh, reason=reason, operator=who, supervisor=by.who
        )
    except PlatformError as error:
        slug = error.slug if isinstance(error, Problem) else "network"
        certain = error.processed == "no" if isinstance(error, Problem) else error.certain
        if certain:
            await tools.journal.write(lambda write: refuse(write, fresh, slug))
        else:
            # The permission may exist and only its answer be lost: it is looked for and given back.
            workshop.settler.poke()
        raise Refusal("work.no-permission", slug) from error
    outcome: Outcome[Any] = await tools.prints.permitted(
        before.visit, fresh, permission, service=service, copies=1, form_stock=str(stock) if stock else None,
        on_progress=on_progress,
    )  # fmt: skip
    if not isinstance(outcome, Done):
        raise Refusal("work.not-printed", outcome.cause)
    printed: Printed = outcome.value
    return printed


def _minted(write: Write, fresh: str, before: Intent, body: dict[str, Any]) -> None:
    """Minted only while no other reissue of the same paper stands, in one transaction."""
    others = [write.intent(each) for each in write.intents_with(Kind.PRINT, "reissue_of", before.id)]
    if any(other is not None and other.state is not State.REFUSED for other in others):
        raise Refusal("work.not-reissuable", before.id[-8:].upper())
    write.mint(fresh, Kind.PRINT, before.visit, body)


def _may(intent: Intent) -> bool:
    came_out = intent.state in (State.DONE, State.UNCLEAR)
    return intent.kind is Kind.PRINT and came_out and bool(intent.body.get("jti")) and bool(intent.body.get("service"))


def _of(intent: Intent) -> Reissuable:
    body = intent.body
    forms = tuple(str(serial) for serial in body.get("forms", ()))
    return Reissuable(intent.id, intent.at, str(body["service"]), intent.state, int(body.get("pages", 0)), forms)
