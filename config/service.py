"""The schema of one service and its field: the six elements of the guide, the form, the steps, what it needs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from config.codes import item_code_fault
from config.divisions import districts
from config.settings import Family

Kind = Literal["apply", "pay", "verify", "print", "query"]
Level = Literal["A0", "A1", "A2", "A3", "A4"]
"""Assurance: nothing, app code, card, card and live person, that with authority for an organisation."""
StepKey = Literal[
    "consent", "identify", "face", "fill", "review", "pay", "submit", "print", "receipt", "finish", "verify"
]
FieldType = Literal["phone", "enum", "month", "region", "addr", "date", "digits", "text"]
Source = Literal["elicense", "share", "read", "scan", "photo", "face", "finger", "sign"]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]

_SOURCE_WORDS: dict[str, tuple[str, str]] = {
    "elicense": ("证照库调取", "from the licence library"),
    "share": ("共享数据", "from shared data"),
    "read": ("现场刷卡", "read here"),
    "scan": ("现场扫描", "scanned here"),
    "photo": ("现场拍照", "photographed here"),
    "face": ("现场核验", "checked here"),
    "finger": ("现场采集", "taken here"),
    "sign": ("现场签名", "signed here"),
}
_NEEDED: dict[str, Family] = {
    "identify": "id_card",
    "pay": "payment_pad",
    "print": "licence_printer",
    "verify": "camera",
}
_TYPED: dict[str, int] = {"phone": 11, "month": 6, "date": 8}


class Part(BaseModel):
    """A part of the catalogue: unknown keys are faults, values do not change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Part):
    """One phrase in the languages of the terminal. Korean falls back to English."""

    zh: Annotated[str, Field(min_length=1, max_length=300)]
    en: Annotated[str, Field(min_length=1, max_length=300)]
    ko: Annotated[str, Field(max_length=300)] = ""

    def get(self, language: str) -> str:
        """The phrase in `language` (zh, en, ko)."""
        return self.zh if language == "zh" else (self.ko or self.en) if language == "ko" else self.en


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

    def get(self, language: str) -> str:
        """Name and where it comes from, as a line of the guide."""
        zh, en = _SOURCE_WORDS[self.sources[0]]
        if language == "zh":
            return f"{self.name.zh}（{zh}{'' if self.required else '，可选'}）"
        return f"{self.name.get(language)} ({en}{'' if self.required else ', optional'})"


class Fee(Part):
    """What it costs, in fen, and on which basis; `free` says so in words."""

    type: Literal["free", "fixed"]
    fen: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    title: Words = Words(zh="不收费", en="No fee", ko="무료")
    basis: Words = Words(zh="不收费", en="No fee", ko="무료")
    payee: Words = Words(zh="—", en="—")


class Option(Part):
    """One choice of an enum."""

    key: Key | Annotated[str, Field(pattern=r"^\d{6}$")]
    label: Words


class ShownIf(Part):
    """A field is asked only when another one has this value."""

    field: Key
    equals: Annotated[str, Field(max_length=40)]


class FormFieldSpec(Part):
    """One input of a form. Values are strings: phone 11 digits, month YYYYMM, date YYYYMMDD, region 6 digits, enum
    its option's key."""

    key: Key
    type: FieldType
    label: Words
    required: bool = False
    options: Annotated[tuple[Option, ...], Field(max_length=40)] = ()
    shown_if: ShownIf | None = None
    prefill: Literal["", "card", "share", "licence"] = ""
    not_before: Key | None = None
    """Another month or date field of the form that this one must not lie before."""
    max_length: Annotated[int, Field(ge=1, le=200)] = 60

    @property
    def length(self) -> int:
        """How many digits have to be typed; 0 when it is not a fixed number."""
        return _TYPED.get(self.type, 0)


def _right_code(code: str) -> str:
    if fault := item_code_fault(code):
        raise ValueError(fault)
    return code


class ServiceData(Part):
    """One service as its file tells it: the six elements of the guide, the form, the steps, what it needs."""

    id: Annotated[str, Field(pattern=r"^WH-[A-Z]{2}-\d{3}$")]
    code: Annotated[str, Field(max_length=33), AfterValidator(_right_code)]
    kind: Kind
    name: Words
    level: Level
    allows_expired_card: bool = False
    offline: Literal["no", "cache", "queue", "yes"]
    minutes: Annotated[int, Field(ge=1, le=120)]
    working_days: Annotated[int, Field(ge=0, le=365)]
    """Promised working days; 0 is on the spot."""
    steps: Annotated[tuple[StepKey, ...], Field(min_length=1, max_length=12)]
    needs: Annotated[tuple[Family, ...], Field(max_length=12)]
    """Without these the service is not offered."""
    uses: Annotated[tuple[Family, ...], Field(max_length=12)] = ()
    """These help; without them there is another way."""
    certificate: Key | None = None
    form_stock: Key | None = None
    """Printed on serial-numbered forms of this kind (`kiosk stock`); plain paper when left out."""
    authority: Words
    basis: Words
    output: Words
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
        if self.working_days == 0:
            return Words(zh="当场办结", en="On the spot", ko="즉시 처리")
        days = self.working_days
        return Words(zh=f"{days} 个工作日", en=f"{days} working days", ko=f"{days} 근무일")


def district_options() -> tuple[Option, ...]:
    """The districts of the city as choices of a region field."""
    return tuple(Option(key=d.code, label=Words(zh=d.name, en=d.name_en)) for d in districts())


def faults_of(service: ServiceData) -> list[str]:
    """What contradicts itself in a service whose parts are each well formed: `path: what is wrong`."""
    faults: list[str] = []
    steps = service.steps
    if len(set(steps)) != len(steps):
        faults.append("steps: a step is named twice")
    wanted = {"apply": "submit", "print": "print", "pay": "pay", "verify": "verify"}.get(service.kind)
    if wanted and wanted not in steps:
        faults.append(f"steps: a service of kind {service.kind} needs the step {wanted!r}")
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
    if service.form_stock and "print" not in steps:
        faults.append("form_stock: goes together with the step 'print'")
    for step, family in _NEEDED.items():
        if step in steps and family not in service.needs:
            faults.append(f"needs: the step {step!r} needs {family}")
    if service.fee.type == "fixed" and (service.fee.fen == 0 or service.fee.payee.zh == "—"):
        faults.append("fee: a fixed fee has fen above 0, title, basis and payee")
    if service.fee.type == "free" and service.fee.fen:
        faults.append("fee.fen: a free service costs 0 fen")
    return faults + _form_faults(service.form)


def _form_faults(form: tuple[FormFieldSpec, ...]) -> list[str]:
    faults: list[str] = []
    by_key = {spec.key: spec for spec in form}
    if len(by_key) != len(form):
        faults.append("form: a key is used twice")
    for spec in form:
        at = f"form.{spec.key}"
        if (spec.type == "enum") != bool(spec.options):
            faults.append(f"{at}: options go together with type enum")
        if len({o.key for o in spec.options}) != len(spec.options):
            faults.append(f"{at}.options: a key is used twice")
        if spec.shown_if:
            other = by_key.get(spec.shown_if.field)
            if other is None:
                faults.append(f"{at}.shown_if.field: no field {spec.shown_if.field!r} in this form")
            elif other.options and spec.shown_if.equals not in {o.key for o in other.options}:
                faults.append(f"{at}.shown_if.equals: {spec.shown_if.equals!r} is no option of {other.key}")
        if spec.not_before and (spec.not_before not in by_key or by_key[spec.not_before].type != spec.type):
            faults.append(f"{at}.not_before: no {spec.type} field {spec.not_before!r} in this form")
    return faults
