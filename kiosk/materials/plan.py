"""Where each material of an item comes from: the first of its sources that gives it here, in the order of the item.

| source         | gives it here when                                                     | then        | grade |
|----------------|------------------------------------------------------------------------|-------------|-------|
| elicense, share| the city has it, in date, and the citizen agreed                       | found       | A     |
| read           | it is the card that identified the citizen                             | here        | A     |
| face           | the step `face` has proven it                                          | here        | A     |
| scan           | the item says as which kind of document, and there is a camera         | scan        | C     |
| photo          | the item says by which rule, and there is a face camera                | photo       | C     |
| sign           | always: the confirmed review, and a signature where signing.toml says  | sign        | D     |
| insert, mrz, finger | no such device here                                               | (next)      |       |

What nothing gives is left out when it is optional, else brought to the counter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from config.service import Material, Service
from kiosk.platform.applying_messages import Found, Grade, MaterialRef, Source

State = Literal["found", "scan", "photo", "sign", "here", "counter", "skipped"]
Note = Literal["", "expired", "not-found", "no-answer"]
LOOKED_UP: tuple[Source, ...] = ("elicense", "share")
GRADES: dict[str, Grade] = {
    "elicense": "A", "share": "A", "read": "A", "face": "A", "scan": "C", "photo": "C", "sign": "D", "counter": "",
}  # fmt: skip
"""国办函〔2016〕108号: by the authority A, brought by the person C until it is checked, pledged D."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One material: what becomes of it, from which source. `found` is what the city has, used or not."""

    material: int
    state: State
    source: Source
    note: Note = ""
    found: Found | None = None
    refs: tuple[str, ...] = ()
    """A copy or a record, once it was taken."""

    @property
    def grade(self) -> Grade:
        """The trust that goes with it."""
        return GRADES[self.source]


@dataclass(frozen=True, slots=True)
class Means:
    """What this terminal and this visit can do: a camera over the desk, one before the face, for whom."""

    camera: bool = True
    agent: bool = False
    face: bool = True


def looked_up(service: Service, *, agent: bool) -> tuple[Source, ...]:
    """The sources that have to be asked, in the order in which the materials name them first."""
    named = [s for m in asked(service, agent=agent) for s in service.materials[m].sources if s in LOOKED_UP]
    return tuple(dict.fromkeys(s for s in LOOKED_UP if s in named))


def asked(service: Service, *, agent: bool) -> tuple[int, ...]:
    """The materials that this citizen has to think of."""
    return tuple(i for i, m in enumerate(service.materials) if m.when != "agent" or agent)


def plan(service: Service, found: Iterable[Found], means: Means, failed: Iterable[Source] = ()) -> tuple[Planned, ...]:
    """Every material with its first source that gives it; `failed` sources could not be asked."""
    by_material: dict[int, list[Found]] = {}
    for each in found:
        by_material.setdefault(each.material, []).append(each)
    failed = frozenset(failed)
    return tuple(
        _planned(service, index, by_material.get(index, []), means, failed)
        for index in asked(service, agent=means.agent)
    )


def _planned(service: Service, index: int, found: Sequence[Found], means: Means, failed: frozenset[Source]) -> Planned:
    material, note, held = service.materials[index], "", next(iter(found), None)
    for source in material.sources:
        if source in LOOKED_UP:
            valid = next((f for f in found if not f.expired), None)
            if valid is not None:
                return Planned(index, "found", source, found=valid)
            note = "expired" if held else "no-answer" if source in failed else "not-found"
        elif (state := _given(service, material, source, means)) is not None:
            return Planned(index, state, source, _noted(note), held)
    rest: State = "counter" if material.required else "skipped"
    return Planned(index, rest, "counter", _noted(note), held)


def _noted(note: str) -> Note:
    return note if note in ("expired", "not-found", "no-answer") else ""  # type: ignore[return-value]  # checked here


def _given(service: Service, material: Material, source: Source, means: Means) -> State | None:
    match source:
        case "read":
            return "here" if material.own_card else None
        case "face":
            return "here" if "face" in service.steps else None
        case "scan":
            return "scan" if material.document and means.camera else None
        case "photo":
            return "photo" if service.photo and means.face else None
        case "sign":
            return "sign"
    return None


def other(service: Service, planned: Planned, means: Means) -> Planned | None:
    """What touching its line makes of it: one's own instead of what was found, left out, and back again."""
    material = service.materials[planned.material]
    scans = means.camera and "scan" in material.sources and material.document is not None
    if planned.state == "found":
        rest = replace(planned, state="scan", source="scan", note="")
        return rest if scans else _left_out(material, planned)
    if planned.found is not None and not planned.found.expired and planned.state in ("scan", "skipped"):
        source: Source = "elicense" if "elicense" in material.sources else "share"
        return replace(planned, state="found", source=source, note="")
    if planned.state == "skipped" and scans:
        return replace(planned, state="scan", source="scan")
    return _left_out(material, planned) if planned.state == "scan" else None


def _left_out(material: Material, planned: Planned) -> Planned | None:
    return None if material.required else replace(planned, state="skipped", source="counter")


def as_handed_in(planned: Iterable[Planned], uploads: dict[int, tuple[str, ...]]) -> tuple[MaterialRef, ...]:
    """The references of an application: `uploads` by material. What is left out is not named."""
    return tuple(
        MaterialRef(p.material, p.source, p.grade, uploads.get(p.material, p.refs))
        for p in planned
        if p.state != "skipped"
    )
