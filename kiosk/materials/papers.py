"""The papers of a journey: its plan of materials, its sheets on their way, its draft; what is handed in of them.

Names in the vault: `plan` (tuple of `Planned`), `adopted` (what a kept draft brought), `draft`, `signed` (document,
time), `signature` (method, strokes).
"""

from __future__ import annotations

from typing import Any, Literal

from config.signing import signing
from kiosk.materials.plan import Means, Planned, as_handed_in, plan
from kiosk.materials.signature import as_text
from kiosk.materials.uploads import Uploads, sha256
from kiosk.money.charging import new_id
from kiosk.platform.applying_messages import Draft, MaterialRef, Sheet
from kiosk.platform.errors import PlatformError, Problem
from kiosk.platform.signing import canonical
from kiosk.visits.case import Case
from screens.ink import InkStroke

Method = Literal["confirmed-review", "handwritten", "card-confirmed", "officer-witnessed"]
DEVICE = "document_camera"
PHOTO = "photo"


def acting(case: Case) -> bool:
    """Whether somebody acts for another here."""
    return case.acting_for is not None


def means(case: Case) -> Means:
    """What this terminal can do now."""
    tools = case.tools
    eye = tools.document_camera or tools.camera
    return Means(camera=eye.status.usable, agent=acting(case), face=tools.camera.status.usable)


def planned(case: Case) -> tuple[Planned, ...]:
    """The plan of this journey; what the item alone says, until the step `materials` made one."""
    kept: tuple[Planned, ...] | None = case.visit.vault.get("plan")
    return plan(case.service, (), means(case)) if kept is None else kept


def keep_plan(case: Case, new: tuple[Planned, ...]) -> None:
    """Keep the plan."""
    case.visit.vault.put("plan", new)


def of_material(case: Case, material: int) -> Planned | None:
    """What becomes of one material; None where the item asks for it of nobody here, or has no plan."""
    if case.visit.vault.get("plan") is None:
        return None
    return next((p for p in planned(case) if p.material == material), None)


def uploads(case: Case) -> Uploads:
    """The sheets on their way; made when the first is."""
    if case.uploads is None:
        case.uploads = Uploads(case.tools.platform.applying, lambda: case.session)
    return case.uploads


def there(case: Case, material: int) -> bool:
    """Whether a material needs no scanning any more: sheets are here, or came with a kept draft."""
    if case.materials.sheets(material):
        return True
    return case.uploads is not None and bool(case.uploads.refs(material))


def send(case: Case) -> None:
    """Put every sheet that is finished on its way, and call back what is not wanted any more."""
    if "submit" not in case.service.steps:
        return
    wanted: list[str] = []
    scanned = {p.material for p in planned(case) if p.state == "scan"}
    going = {u.name: u for u in case.uploads.sheets()} if case.uploads else {}
    for sheet in case.materials.sheets():
        if sheet.material not in scanned:
            continue
        name = f"{sheet.key}-{sheet.digest[:12]}-{sheet.check}"
        wanted.append(name)
        if name not in going:
            jpeg = case.materials.jpeg(sheet)
            uploads(case).add(
                name,
                _announced(case, sheet.material, sheet.page, sheet.kind, jpeg, sheet.dpi, sheet.check),
                lambda sheet=sheet: case.materials.jpeg(sheet),  # type: ignore[misc]  # mypy does not type a default
            )
    wanted += _photo(case, going)
    if case.uploads is not None:
        adopted = [u.name for u in case.uploads.sheets() if u.name.startswith("adopted-")]
        kept = [n for n in adopted if int(n.split("-")[1]) in scanned | _photos(case) and not _again(case, n)]
        case.uploads.keep_only([*wanted, *kept])


def forget_adopted(case: Case, material: int) -> None:
    """A material of a kept draft is scanned anew."""
    for upload in case.uploads.sheets() if case.uploads is not None else ():
        if upload.name.startswith(f"adopted-{material}-"):
            uploads(case).drop(upload.name)


def wants_photo(case: Case) -> bool:
    """Whether a photo is to be taken: not where a stored portrait is used (R48), or one came with a kept draft."""
    if case.visit.vault.get("plan") is None:
        return True
    return any(not there(case, material) for material in _photos(case))


def _again(case: Case, adopted: str) -> bool:
    """Whether an adopted sheet's material was scanned anew here."""
    return bool(case.materials.sheets(int(adopted.split("-")[1])))


def _photos(case: Case) -> set[int]:
    return {p.material for p in planned(case) if p.state == "photo"}


def _photo(case: Case, going: dict[str, Any]) -> list[str]:
    jpeg: bytes | None = case.visit.vault.get(PHOTO)
    names: list[str] = []
    for material in _photos(case) if jpeg is not None else ():
        assert jpeg is not None
        name = f"photo-{material}-{sha256(jpeg)[:12]}"
        names.append(name)
        if name not in going:
            uploads(case).add(
                name,
                _announced(case, material, 1, PHOTO, jpeg, 300, ""),
                lambda: bytes(case.visit.vault.get(PHOTO)),
            )
    return names


def _announced(case: Case, material: int, page: int, kind: str, jpeg: bytes, dpi: int, check: str) -> Sheet:
    at = case.tools.clock.platform_now().isoformat(timespec="seconds")
    digest = sha256(jpeg)
    return Sheet(case.service.id, material, page, kind, len(jpeg), digest, at, DEVICE, min(dpi, 1200), check)


def handed_in(case: Case) -> tuple[MaterialRef, ...]:
    """The references of the application as it would be handed in now."""
    plan_now = planned(case)
    sent = (
        {p.material: case.uploads.refs(p.material) for p in plan_now if p.state in ("scan", "photo")}
        if (case.uploads is not None)
        else {}
    )
    return as_handed_in(plan_now, sent)


def digests(case: Case) -> list[str]:
    """SHA-256 of every sheet, in the order in which the references name them."""
    if case.uploads is None:
        return []
    return [d for p in planned(case) if p.state in ("scan", "photo") for d in case.uploads.digests(p.material)]


def document_digest(service: str, form: dict[str, str], materials: tuple[MaterialRef, ...]) -> str:
    """What a signature stands for: SHA-256 over canonical JSON of service, form and materials."""
    return sha256(canonical({"service": service, "form": form, "materials": [m.body() for m in materials]}))


def sign(case: Case, materials: tuple[MaterialRef, ...]) -> None:
    """The confirmed review, bound to document and time: enough, but where config/signing.toml asks for more."""
    at = case.tools.clock.platform_now().isoformat(timespec="seconds")
    case.visit.vault.put("signed", (document_digest(case.service.id, case.form, materials), at))
    case.visit.vault.put("signature", None)


def is_signed(case: Case) -> bool:
    """Whether this application is signed by hand, or in one of the ways that count as much."""
    return case.service.id in signing().items and any(p.state == "sign" for p in planned(case))


def to_sign(case: Case, each: Planned) -> bool:
    """Whether this material is the signature by hand."""
    return each.state == "sign" and case.service.id in signing().items


def signed_by(case: Case, method: Method, strokes: tuple[InkStroke, ...]) -> None:
    """How it was signed; strokes only of a signature by hand."""
    case.visit.vault.put("signature", (method, strokes))


def signatures(case: Case, document: str = "") -> list[dict[str, Any]]:
    """The signatures of the application: one for each material that is signed; the strokes go with the first.

    `document`: the digest that they stand for, where the references of the materials are others by now.
    """
    signed = case.visit.vault.get("signed")
    if signed is None:
        return []
    reviewed, at = signed
    document = document or reviewed
    method, strokes = case.visit.vault.get("signature") or ("confirmed-review", ())
    found: list[dict[str, Any]] = []
    for each in planned(case):
        if each.state == "sign":
            one: dict[str, Any] = {"material": each.material, "method": method, "document": document, "at": at}
            if strokes and not found:
                one["ink"] = as_text(strokes, document, at)
            found.append(one)
    return found


def has_papers(case: Case) -> bool:
    """Whether something is handed in that can be wrong: sheets, photos, copies."""
    return any(p.state in ("scan", "photo") or p.source == "elicense" for p in planned(case))


async def save_draft(case: Case, *, keep: bool = False) -> Draft:
    """The draft at the platform as everything is now. Raises `PlatformError`."""
    applying = case.tools.platform.applying
    draft: Draft | None = case.visit.vault.get("draft")
    form, materials = case.form, handed_in(case)
    key = new_id("drf")
    if draft is None:
        draft = await applying.start_draft(case.session, key, case.service.id, form, materials, keep=keep)
    else:
        try:
            draft = await applying.change_draft(case.session, key, draft, form, materials, keep=keep)
        except Problem as problem:
            if problem.slug not in ("version-conflict", "not-found"):
                raise
            # Another terminal was faster, or it ran out: who is here now has the last word.
            draft = await applying.start_draft(case.session, new_id("drf"), case.service.id, form, materials, keep=keep)
    case.visit.vault.put("draft", draft)
    return draft


async def close(case: Case) -> None:
    """The journey is over: what was not handed in or kept is forgotten, here and, as far as it can be told, there."""
    taken = case.accepted is not None
    if case.uploads is not None:
        await case.uploads.close(handed_in=taken)
        case.uploads = None
    if not case.visit.vault.closed:
        await forget_draft(case)
    if taken and not case.visit.vault.closed:
        case.materials.forget()


async def forget_draft(case: Case) -> None:
    """A draft that nobody asked to keep goes; where the platform is away, its own expiry does it."""
    draft: Draft | None = case.visit.vault.get("draft")
    if draft is None or draft.kept or case.accepted is not None:
        return
    try:
        await case.tools.platform.applying.drop_draft(case.session, draft.id)
    except PlatformError:
        return


def row_value(case: Case, each: Planned) -> str:
    """What the review says of a material: where it comes from, masked."""
    if each.state == "found" and each.found is not None:
        # The library names its kinds in Chinese only; what it is stands beside this in the reader's own language.
        what = each.found.kind if case.visit.language == "zh" else case.say("material.row.found")
        return f"{what} {each.found.number_masked}"
    pages = len(case.materials.sheets(each.material)) or (
        len(case.uploads.refs(each.material)) if case.uploads is not None else 0
    )
    return case.say(f"material.row.{'pad' if to_sign(case, each) else each.state}", pages=pages)
