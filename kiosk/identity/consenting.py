"""Consents as the journey uses them: on record before anything is read, taken back as easily, counted without persons.

Every later call that reads carries the id (`Case.consent_for`); a source without one is not asked, another way is.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from config.consents import ConsentKey, consent_texts
from kiosk.identity.person import forget, present
from kiosk.money.charging import new_id
from kiosk.platform.errors import PlatformError, Problem
from kiosk.visits.case import Case, Stop
from screens.models import NotDone

log = logging.getLogger(__name__)

Answer = Literal["given", "refused", "withdrawn"]


async def grant(case: Case, *keys: ConsentKey) -> str:
    """Put these on record, if they are not yet; gives the id of the last. Raises `Stop`: the platform is away."""
    given: list[dict[str, str]] = []
    try:
        await present(case)
        for key in keys:
            if key in case.granted:
                continue
            text = consent_texts()[key]
            found = await _recorded(case, key, text.classes, text.version)
            case.granted[key] = found
            case.consents.append(found)
            given.append({"id": found, "purpose": key, "text": text.version})
    except PlatformError as error:
        raise await stopped(case, error) from error
    finally:
        for one in given:
            await case.tools.journal.note(case.visit.id, "consent", one)
    return case.granted[keys[-1]]


async def _recorded(case: Case, key: ConsentKey, classes: Sequence[str], version: str) -> str:
    """The consent's id: the platform's, or while it is away the journal's own, which goes along in the envelope."""
    minted = new_id("cns")
    if not case.session:
        return minted
    return await case.tools.platform.consent(case.session, minted, key, classes, version)


async def refused(case: Case, keys: Iterable[ConsentKey]) -> None:
    """Count what was asked and not agreed to; nothing is said about who."""
    for key in keys:
        version = consent_texts()[key].version
        await case.tools.journal.note(case.visit.id, "consent.refused", {"purpose": key, "text": version})


async def withdraw(case: Case, key: str) -> None:
    """Take one back: the platform opens nothing under it any more, and what came by it is forgotten here.

    Raises `Stop` when the platform cannot be told; it is not used here any more all the same.
    """
    consent = case.granted.pop(key, "")
    if not consent:
        return
    case.consents.remove(consent)
    _unlearn(case, key)
    text = consent_texts()[key]
    await case.tools.journal.note(
        case.visit.id, "consent.withdrawn", {"id": consent, "purpose": key, "text": text.version}
    )
    if not case.session:
        return
    try:
        await case.tools.platform.identity.withdraw(case.session, consent)
    except PlatformError as error:
        raise await stopped(case, error) from error


_LEARNED: Mapping[str, tuple[str, ...]] = {
    "share": ("profile",),
    "licence": ("licences",),
    "portrait": ("photo",),
}


def _unlearn(case: Case, key: str) -> None:
    vault = case.visit.vault
    if key == "share":
        known = set(vault.get("profile") or {})
        case.keep_form({k: v for k, v in case.form.items() if k not in known})
    for name in _LEARNED.get(key, ()):
        if vault.get(name) is not None:
            vault.put(name, None)


async def stopped(case: Case, error: PlatformError) -> Stop:
    """The page for a platform that refused or did not answer. Signed out on the phone: nobody is known any more."""
    if isinstance(error, Problem) and error.slug == "session-expired":
        if case.visit.person is not None:
            case.visit.person.moved = True
        await forget(case.visit, case.tools)
        return Stop(NotDone("signed-out", can_retry=True))
    log.warning("a step of %s stopped: %s", case.service.id, error)
    return Stop(NotDone("network", can_retry=True))


def counts(entries: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """From journal entries, for the impact assessment: purpose and version of the text -> how often given, refused,
    withdrawn. It says nothing about any person."""
    kinds: Mapping[str, Answer] = {"consent": "given", "consent.refused": "refused", "consent.withdrawn": "withdrawn"}
    found: dict[str, Counter[str]] = {}
    for entry in entries:
        answer = kinds.get(entry["kind"])
        if answer is not None:
            body = json.loads(entry["body"])
            found.setdefault(f"{body['purpose']} {body['text']}", Counter())[answer] += 1
    return {key: dict(counter) for key, counter in sorted(found.items())}
