"""Papers and the application: the list of materials, drafts, what is to be mended, on its way."""

from __future__ import annotations

from screens.models import DraftFound, DraftKeep, MaterialLine, MaterialList, Place, Precheck, Queued, Uploading
from screens.pages.calling import whom_to_call
from screens.pages.page import page, words
from screens.screen import (
    Action,
    Actions,
    Block,
    Figure,
    Gap,
    Item,
    Items,
    Notice,
    Progress,
    Result,
    Row,
    Rows,
    Screen,
)

_ICONS = {
    "found": "task_alt",
    "scan": "description",
    "photo": "photo_camera",
    "sign": "edit",
    "pad": "edit",
    "here": "check",
    "counter": "store",
    "skipped": "do_not_disturb_on",
}
_PROBLEM_ICONS = {"form": "edit", "missing": "description"}


def materials(place: Place, model: MaterialList) -> Screen:
    """Every material and where it comes from. Replies: toggle (a line), continue; the bar's."""
    say = words(place).t
    to_do = sum(line.state in ("scan", "photo") for line in model.lines)
    fixed = tuple(Row(line.name, _said(place, line)) for line in model.lines if not line.switch)
    open_still = tuple(
        Item("toggle", line.name, _ICONS[line.state], _said(place, line), value=line.key)
        for line in model.lines
        if line.switch
    )
    begin = say("material.begin", count=to_do) if to_do else say("material.go-on")
    blocks: tuple[Block, ...] = (
        *((Rows(fixed),) if fixed else ()),
        *((Items(open_still),) if open_still else ()),
        Gap(),
        Actions((Action("continue", begin, "arrow_forward", "primary"),)),
    )
    subtitle = say("material.subtitle-scan", count=to_do) if to_do else say("material.subtitle-none")
    return page(place, "materials", say("material.title"), blocks, subtitle=subtitle)


def _said(place: Place, line: MaterialLine) -> str:
    """What becomes of a material, why, and what touching it would change."""
    say = words(place).t
    parts = [f"{say(f'material.state.{line.state}', pages=line.pages)} {line.detail}".strip()]
    if line.note:
        parts.append(say(f"material.note.{line.note}"))
    if line.switch:
        parts.append(say(f"material.switch.{line.switch}"))
    return ("；" if place.language == "zh" else "; ").join(parts)


def draft_found(place: Place, model: DraftFound) -> Screen:
    """It was begun before. Replies: continue, afresh; the bar's."""
    say = words(place).t
    rows = [Row(say("draft.saved"), model.saved)]
    if model.sheets:
        rows.append(Row(say("draft.sheets"), say("draft.sheets-count", count=model.sheets)))
    blocks: tuple[Block, ...] = (
        Rows(tuple(rows)),
        Notice(say("draft.found-note"), icon="sync"),
        Gap(),
        Actions(
            (
                Action("afresh", say("draft.afresh"), "refresh"),
                Action("continue", say("draft.continue"), "arrow_forward", "primary"),
            )
        ),
    )
    return page(place, "draft_found", say("draft.found"), blocks, subtitle=model.service)


def draft_keep(place: Place, model: DraftKeep) -> Screen:
    """Leaving in the middle. Replies: keep, drop."""
    say = words(place).t
    blocks: tuple[Block, ...] = (
        Notice(say("draft.keep-where", days=model.days), say("draft.keep-where-detail"), "lock"),
        Gap(),
        Actions(
            (
                Action("drop", say("draft.drop"), "close"),
                Action("keep", say("draft.keep", days=model.days), "check", "primary"),
            )
        ),
    )
    return page(place, "draft_keep", say("draft.keep-title"), blocks, subtitle=model.service, bar=("help",))


def precheck(place: Place, model: Precheck) -> Screen:
    """Everything to mend, at once. Replies: mend (a line); the bar's."""
    say = words(place).t
    lines = tuple(
        Item(
            "mend",
            problem.name,
            _PROBLEM_ICONS.get(problem.code, "description"),
            say(f"precheck.code.{problem.code}"),
            value=problem.key,
        )
        for problem in model.problems
    )
    blocks: tuple[Block, ...] = (
        Items(lines),
        Notice(say("precheck.promise"), icon="info"),
    )
    title = say("precheck.title", count=len(lines))
    return page(place, "precheck", title, blocks, subtitle=say("precheck.subtitle"))


def uploading(place: Place, model: Uploading) -> Screen:
    """Sheets on their way. Replies: the bar's."""
    say = words(place).t
    label = say("upload.progress", done=model.done, total=model.total)
    state = "waiting" if model.waiting else "moving"
    blocks: tuple[Block, ...] = (
        Progress(label, model.fraction),
        Notice(
            say(f"upload.{state}"),
            say(f"upload.{state}-detail"),
            "hourglass_top" if model.waiting else "lock",
            "attention" if model.waiting else "info",
        ),
    )
    return page(place, "uploading", say("upload.title"), blocks, subtitle=label)


def queued(place: Place, model: Queued) -> Screen:
    """Received here and not accepted: what that means, and this terminal's number. Replies: continue."""
    say = words(place).t
    blocks: tuple[Block, ...] = (
        Result(say("queued.title"), say("queued.detail"), "attention"),
        Figure(model.number, say("queued.number")),
        Notice(say("queued.until", until=model.until), say("queued.sms"), "schedule"),
        *whom_to_call(place),
        Gap(),
        Actions((Action("continue", say("queued.continue"), "arrow_forward", "primary"),)),
    )
    return page(place, "queued", say("queued.title"), blocks, subtitle=model.service, bar=("help",))
