"""The schema of the guide's further elements: for whom, how long, when, where, what comes out, from when to when."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field

from config.divisions import divisions
from config.service_words import Key, Part, ServiceId, Words

if TYPE_CHECKING:
    from config.service import ServiceData

Who = Literal["person", "person-or-organisation", "organisation"]
Hours = Literal["always", "office"]
"""`office`: only while a person works at the other end."""
Equipment = Literal["card-slot", "issuing-cabinet", "photo-printer", "signature-pad", "fingerprint", "intercom"]
"""Hardware without a driver here yet: an item that needs it is offered only by a terminal that has it."""
Output = Literal[
    "screen", "receipt", "a4", "a3", "special-paper", "photo-paper", "e-document", "e-bill", "qr", "card", "document",
    "courier", "later", "session",
]  # fmt: skip
Unsure = Literal["basis", "fee", "limit", "bundle", "documents", "form"]
"""Elements that the city has to confirm before the item is opened; the lint lists them."""


class Limit(Part):
    """The promised time, where it is not simply `working_days`. `unit` days are calendar days.

    range: between `least` and `most`; notice: after a public notice of `most`; schedule: as the office announces;
    appointment: on the day booked; parts: each part of a bundle has its own.
    """

    type: Literal["range", "notice", "schedule", "appointment", "parts"]
    least: Annotated[int, Field(ge=0, le=365)] = 0
    most: Annotated[int, Field(ge=0, le=365)] = 0
    unit: Literal["working-day", "day"] = "working-day"

    @property
    def words(self) -> Words:
        """The promised time in words."""
        zh_unit, en_unit, ko_unit = _UNITS[self.unit]
        if self.type == "range":
            least = str(self.least)
            zh, en, ko = ("当场", "On the spot", "즉시") if self.least == 0 else (f"{least} ", least, least)
            return Words(
                zh=f"{zh}至 {self.most} {zh_unit}",
                en=f"{en} to {self.most} {en_unit}",
                ko=f"{ko} ~ {self.most}{ko_unit}",
            )
        if self.type == "notice":
            return Words(
                zh=f"公告满 {self.most} {zh_unit}后办理",
                en=f"After a public notice of {self.most} {en_unit}",
                ko=f"{self.most}{ko_unit} 공고 후",
            )
        return _LIMIT_WORDS[self.type]


_UNITS: Final = {"working-day": ("个工作日", "working days", "근무일"), "day": ("天", "days", "일")}
_LIMIT_WORDS: Final = {
    "schedule": Words(zh="按公布的时间安排", en="As the office announces", ko="공고된 일정에 따름"),
    "appointment": Words(zh="按预约时间办理", en="On the day you booked", ko="예약한 시간에 처리"),
    "parts": Words(zh="按各分项的时限", en="Each part has its own time", ko="세부 항목별 기한에 따름"),
}


class BundlePart(Part):
    """One item of a bundle (一件事). `apart`: when it fails, the others go on; else the whole waits for it."""

    id: ServiceId
    apart: bool = True
    gives: Annotated[tuple[Key, ...], Field(max_length=4)] = ()
    """Fields of later parts that its result answers: a newborn's number comes from the household registration."""


def guide_faults(service: ServiceData) -> list[str]:
    """What contradicts itself in these elements: `key: what is wrong`."""
    faults = [
        f"regions: {region!r} is no division of the city in divisions.csv"
        for region in service.regions
        if region not in divisions() or len(region) != 6
    ]
    limit = service.limit
    if limit and limit.type in ("range", "notice") and (limit.most == 0 or limit.least >= limit.most):
        faults.append(f"limit: a {limit.type} has 'most' above 'least'")
    if limit and limit.unit == "working-day" and service.working_days != limit.most:
        faults.append(f"limit.most: {limit.most} is not working_days, {service.working_days}")
    asks_organisation = service.who != "person" and service.level in ("A2", "A3", "A4")
    if asks_organisation != (service.organisation_level is not None):
        faults.append("organisation_level: goes together with 'who' beyond person and a level of A2 or more")
    elif service.organisation_level is not None and service.organisation_level < service.level:
        faults.append(f"organisation_level: {service.organisation_level} is below the person's {service.level}")
    faults += [
        f"form.{spec.key}.only_for: nobody acts for an organisation here"
        for spec in service.form
        if spec.only_for and service.who == "person"
    ]
    if any(material.when == "agent" for material in service.materials) and service.who == "person":
        faults.append("materials: 'when' agent goes together with 'who' beyond person")
    if "collect" in service.steps and "issuing-cabinet" not in service.equipment:
        faults.append("equipment: the step 'collect' needs issuing-cabinet")
    if any("insert" in m.sources for m in service.materials if m.required) and "card-slot" not in service.equipment:
        faults.append("equipment: a card that is inserted needs card-slot")
    begin, end = service.effective_from, service.effective_until
    if begin and end and begin >= end:
        faults.append("effective_until: does not lie after effective_from")
    ids = [part.id for part in service.bundle]
    if len(set(ids)) != len(ids) or service.id in ids:
        faults.append("bundle: a part is named twice, or is the bundle itself")
    if (service.fee.type == "sum" or (limit and limit.type == "parts")) and not service.bundle:
        faults.append("bundle: a fee or a time limit that follows the parts needs parts")
    return faults


def in_force(service: ServiceData, moment: datetime) -> bool:
    """Whether the item is offered at `moment`, which carries a zone: from `effective_from` until `effective_until`."""
    if service.withdrawn is not None and service.effective_until is None:
        return False
    begins, ends = service.effective_from, service.effective_until
    return (begins is None or begins <= moment) and (ends is None or moment < ends)
