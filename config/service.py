"""The schema of one service and its field: the six elements of the guide, the form, the steps, what it needs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field

from config.codes import item_code_fault
from config.id_photos import photo_rules
from config.service_fee import Fee, fee_faults
from config.service_form import FormFieldSpec, Option, ShownIf, district_options, form_faults
from config.service_guide import BundlePart, Equipment, Hours, Limit, Output, Unsure, Who
from config.service_words import Key, Part, ServiceId, Words
from config.settings import Family

__all__ = [
    "Fee",
    "FormFieldSpec",
    "Key",
    "Material",
    "Option",
    "Part",
    "Service",
    "ServiceData",
    "ServiceField",
    "ShownIf",
    "Words",
    "district_options",
    "faults_of",
]

Kind = Literal["apply", "pay", "verify", "print", "query"]
Level = Literal["A0", "A1", "A2", "A3", "A4"]
"""Assurance: nothing, app code, card, card and live person, that with authority for an organisation."""
StepKey = Literal[
    "consent", "identify", "face", "fill", "review", "pay", "submit", "print", "receipt", "finish", "verify", "photo",
    "scan", "result", "collect", "copy", "materials",
]  # fmt: skip
Source = Literal["elicense", "share", "read", "insert", "mrz", "scan", "photo", "face", "finger", "sign"]

_SOURCE_WORDS: dict[str, tuple[str, str, str]] = {
    "elicense": ("证照库调取", "from the licence library", "전자증명서 보관함에서 조회"),
    "share": ("共享数据", "from shared data", "행정 공유 정보에서 조회"),
    "read": ("现场刷卡", "read here", "여기서 판독"),
    "insert": ("插卡读取", "inserted here", "여기에 삽입"),
    "mrz": ("现场读取资料页", "its data page read here", "인적 사항 면을 여기서 판독"),
    "scan": ("现场扫描", "scanned here", "여기서 스캔"),
    "photo": ("现场拍照", "photographed here", "여기서 촬영"),
    "face": ("现场核验", "checked here", "여기서 확인"),
    "finger": ("现场采集", "taken here", "여기서 채취"),
    "sign": ("现场签名", "signed here", "여기서 서명"),
}
_NEEDED: dict[str, Family] = {
    "identify": "id_card",
    "pay": "payment_pad",
    "print": "licence_printer",
    "verify": "camera",
    "photo": "camera",
    "scan": "camera",
}

_WANTED: dict[Kind, tuple[StepKey, ...]] = {
    "apply": ("submit",),
    "print": ("print", "receipt", "collect", "copy"),
    "pay": ("pay",),
    "verify": ("verify", "submit"),
    "query": ("result", "verify"),
}
"""One of these steps makes a service of that kind."""


class ServiceField(Part):
    """A field of services (public security, tax, ...). `icon` is a name of config/fonts/icons.json."""

    key: Key
    order: Annotated[int, Field(ge=1, le=99)]
    icon: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
    name: Words
    note: Words


class Material(Part):
    """What has to be brought or looked up; `sources` in the order of trial, first the ones that ask nothing."""

    name: Words
    sources: Annotated[tuple[Source, ...], Field(min_length=1, max_length=8)]
    pages: Annotated[int, Field(ge=1, le=50)] = 1
    required: bool = True
    document: Key | None = None
    """Scanned here as this kind (`documents.toml`) in the step `scan`."""
    when: Literal["", "agent"] = ""
    """Only from somebody who acts for another."""
    each_party: bool = False
    """From every party of the contract, not from one."""
    own_card: bool = False
    """It is the card that identifies the citizen here: with the step `identify` it is there."""

    def get(self, language: str) -> str:
        """Name and where it comes from, as a line of the guide."""
        zh, en, ko = _SOURCE_WORDS[self.sources[0]]
        if language == "zh":
            return f"{self.name.zh}（{zh}{'' if self.required else '，可选'}）"
        if language == "ko":
            return f"{self.name.get(language)} ({ko}{'' if self.required else ', 선택'})"
        return f"{self.name.get(language)} ({en}{'' if self.required else ', optional'})"


def _right_code(code: str) -> str:
    if fault := item_code_fault(code):
        raise ValueError(fault)
    return code


class ServiceData(Part):
    """One service as its file tells it: the six elements of the guide, the form, the steps, what it needs."""

    id: ServiceId
    version: Annotated[int, Field(ge=1, le=10_000)] = 1
    effective_from: AwareDatetime | None = None
    effective_until: AwareDatetime | None = None
    withdrawn: Words | None = None
    """Why it is not offered any more, said to citizens; from `effective_until`, at once without one."""
    code: Annotated[str, Field(max_length=33), AfterValidator(_right_code)]
    kind: Kind
    name: Words
    who: Who = "person"
    level: Level
    organisation_level: Level | None = None
    """What somebody who acts for an organisation has to prove."""
    allows_expired_card: bool = False
    without_card: bool = False
    """The number may be typed where the card is not at hand; an officer or the app then confirms who stands here."""
    offline: Literal["no", "cache", "queue", "yes"]
    minutes: Annotated[int, Field(ge=1, le=120)]
    working_days: Annotated[int, Field(ge=0, le=365)]
    """Promised working days; 0 is on the spot."""
    limit: Limit | None = None
    depth: Annotated[int, Field(ge=1, le=3)] = 3
    """How far it goes here: 1 its guide, 2 a check before the counter, 3 the whole way."""
    hours: Hours = "always"
    regions: Annotated[tuple[str, ...], Field(min_length=1, max_length=20)] = ("371000",)
    """Divisions whose terminals offer it; the city's own is all of them."""
    equipment: Annotated[tuple[Equipment, ...], Field(max_length=6)] = ()
    steps: Annotated[tuple[StepKey, ...], Field(min_length=1, max_length=12)]
    needs: Annotated[tuple[Family, ...], Field(max_length=12)]
    """Without these the service is not offered."""
    uses: Annotated[tuple[Family, ...], Field(max_length=12)] = ()
    """These help; without them there is another way."""
    certificate: Key | None = None
    photo: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")] | None = None
    """The rule of the ID photo that is taken here (`id_photos.toml`): in the step `photo`, or in `materials` where
    shared data have none."""
    face_challenges: Annotated[int, Field(ge=0, le=3)] | None = None
    """How many liveness hints this item asks for; the terminal's own number when left out."""
    form_stock: Key | None = None
    """Printed on serial-numbered forms of this kind (`kiosk stock`); plain paper when left out."""
    authority: Words
    basis: Words
    output: Words
    outputs: Annotated[tuple[Output, ...], Field(max_length=8)] = ()
    conditions: Annotated[tuple[Words, ...], Field(max_length=8)] = ()
    """Who may use it and when it is refused, one sentence each."""
    bundle: Annotated[tuple[BundlePart, ...], Field(max_length=12)] = ()
    """The items that are done together (一件事)."""
    verify: Annotated[tuple[Unsure, ...], Field(max_length=6)] = ()
    procedure: Annotated[tuple[Words, ...], Field(min_length=1, max_length=12)]
    fee: Fee
    materials: Annotated[tuple[Material, ...], Field(max_length=30)] = ()
    form: Annotated[tuple[FormFieldSpec, ...], Field(max_length=40)] = ()


class Service(ServiceData):
    """A service in its field, as journeys see it. Region fields have the districts as options."""

    field: ServiceField

    @property
    def face(self) -> bool:
        """True when a live person must be proven."""
        return self.level in ("A3", "A4")

    @property
    def time_limit(self) -> Words:
        """The promised time in words."""
        if self.limit:
            return self.limit.words
        if self.working_days == 0:
            return Words(zh="当场办结", en="On the spot", ko="즉시 처리")
        days = self.working_days
        return Words(zh=f"{days} 个工作日", en=f"{days} working days", ko=f"{days} 근무일")


def faults_of(service: ServiceData) -> list[str]:
    """What contradicts itself in a service whose parts are each well formed: `path: what is wrong`."""
    faults: list[str] = []
    steps = service.steps
    if len(set(steps)) != len(steps):
        faults.append("steps: a step is named twice")
    wanted = _WANTED[service.kind]
    if not set(wanted) & set(steps):
        others = f" or one of {', '.join(wanted[1:])}" if wanted[1:] else ""
        faults.append(f"steps: a service of kind {service.kind} needs the step {wanted[0]!r}{others}")
    if ("pay" in steps) != (service.fee.type != "free"):
        faults.append("steps: the step 'pay' goes together with a fee that is not free")
    if ("face" in steps) != (service.level in ("A3", "A4")):
        faults.append(f"steps: the step 'face' goes together with level A3 or A4, not {service.level}")
    if service.level in ("A2", "A3", "A4") and "identify" not in steps:
        faults.append(f"steps: level {service.level} needs the step 'identify'")
    if "identify" in steps and ("consent" not in steps or steps.index("consent") > steps.index("identify")):
        faults.append("steps: 'consent' comes before 'identify'")
    if "submit" in steps and "review" not in steps:
        faults.append("steps: nothing is submitted without 'review'")
    if ("print" in steps) != (service.certificate is not None):
        faults.append("certificate: goes together with the step 'print'")
    in_need = "materials" in steps and any({"share", "photo"} <= {*m.sources} for m in service.materials)
    if ("photo" in steps) != (service.photo is not None) and not (service.photo and in_need):
        faults.append("photo: goes together with the step 'photo', or a photo taken where shared data have none")
    if service.photo is not None and service.photo not in photo_rules():
        faults.append(f"photo: no rule {service.photo!r} in id_photos.toml; there are {', '.join(photo_rules())}")
    if service.face_challenges is not None and "face" not in steps:
        faults.append("face_challenges: goes together with the step 'face'")
    faults += _scan_faults(service)
    if "materials" in steps and "identify" not in steps[: steps.index("materials")]:
        faults.append("steps: 'identify' comes before 'materials', which looks up what the citizen has")
    if service.form_stock and "print" not in steps:
        faults.append("form_stock: goes together with the step 'print'")
    for step, family in _NEEDED.items():
        if step not in steps or family in service.needs:
            continue
        if not (step == "scan" and _scans_by_choice(service) and family in service.uses):
            faults.append(f"needs: the step {step!r} needs {family}")
    faults += fee_faults(service.fee, service.form)
    return faults + form_faults(service.form)


def _scans_by_choice(service: ServiceData) -> bool:
    """Nothing that is scanned has to be there: without a camera the item goes on without it."""
    return not any(material.required for material in service.materials if material.document)


def _scan_faults(service: ServiceData) -> list[str]:
    from config.documents import document_kinds  # it needs `Words`, which is defined here

    kinds = document_kinds()
    named = [(material.document, material.sources) for material in service.materials if material.document]
    faults = [
        f"materials: no kind {key!r} in documents.toml; there are {', '.join(kinds)}"
        for key, _ in named
        if key not in kinds
    ]
    if any("scan" not in sources for _, sources in named):
        faults.append("materials: 'document' goes together with the source 'scan'")
    if bool(named) != ("scan" in service.steps):
        faults.append("materials: the step 'scan' goes together with a material that names its 'document'")
    before = service.steps[: service.steps.index("scan")] if "scan" in service.steps else ()
    if "identify" not in before and any(key in kinds and kinds[key].reads == "holder" for key, _ in named):
        faults.append("steps: 'identify' comes before 'scan', which compares with the card")
    return faults
