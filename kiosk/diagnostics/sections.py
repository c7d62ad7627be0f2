"""A section of the readiness report: one subsystem, its state in a sentence, its cause, who mends it and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

from kiosk.events import Language, events

Note = str | Mapping[Language, str]
"""A model's name as it is, or words in each language."""
State = Literal["ok", "attention", "fault", "unknown", "absent"]
WELL_RANK: Final = 99
NAMES: Final[Mapping[str, Mapping[Language, str]]] = MappingProxyType(
    {
        "reader": {"zh": "读卡器", "en": "card reader", "ko": "카드 판독기"},
        "face-camera": {"zh": "人像摄像头", "en": "face camera", "ko": "얼굴 카메라"},
        "document-camera": {"zh": "高拍仪", "en": "document camera", "ko": "문서 카메라"},
        "code-camera": {"zh": "扫码摄像头", "en": "code camera", "ko": "코드 카메라"},
        "code-reader": {"zh": "扫码器", "en": "code reader", "ko": "코드 판독기"},
        "receipt-printer": {"zh": "凭条打印机", "en": "receipt printer", "ko": "영수증 프린터"},
        "licence-printer": {"zh": "证照打印机", "en": "licence printer", "ko": "증명서 프린터"},
        "pad": {"zh": "付款终端", "en": "payment pad", "ko": "카드 단말기"},
        "cabinet": {"zh": "机柜", "en": "cabinet", "ko": "캐비닛"},
        "platform": {"zh": "政务平台", "en": "platform", "ko": "행정 플랫폼"},
        "time": {"zh": "时钟", "en": "time", "ko": "시계"},
        "storage": {"zh": "存储与日志", "en": "storage", "ko": "저장 장치"},
        "power": {"zh": "电源", "en": "power", "ko": "전원"},
        "screen": {"zh": "屏幕与触摸", "en": "screen and touch", "ko": "화면과 터치"},
        "sound": {"zh": "声音", "en": "sound", "ko": "소리"},
        "certificates": {"zh": "证书", "en": "certificates", "ko": "인증서"},
        "updates": {"zh": "更新", "en": "updates", "ko": "업데이트"},
        "fleet": {"zh": "机群", "en": "fleet", "ko": "기기군 관제"},
        "door": {"zh": "维护入口", "en": "technicians' door", "ko": "정비 출입"},
    }
)
"""Every section in the order of the report, and what it is called."""
ROLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "id_card": "reader",
        "camera": "face-camera",
        "document_camera": "document-camera",
        "code_camera": "code-camera",
        "barcode": "code-reader",
        "receipt_printer": "receipt-printer",
        "licence_printer": "licence-printer",
        "payment_pad": "pad",
        "cabinet": "cabinet",
    }
)
"""Place in the profile -> section."""
WORDS: Final[Mapping[State, Mapping[Language, str]]] = MappingProxyType(
    {
        "ok": {"zh": "正常", "en": "well", "ko": "정상"},
        "attention": {"zh": "需留意", "en": "attention", "ko": "주의"},
        "fault": {"zh": "故障", "en": "fault", "ko": "고장"},
        "unknown": {"zh": "不知道", "en": "not known", "ko": "알 수 없음"},
        "absent": {"zh": "本机没有", "en": "not fitted", "ko": "없음"},
    }
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong: the event, what stands in its sentence, the device's own words."""

    event: str
    state: Literal["attention", "fault"]
    device: str = ""
    """The section's id; its name in the reader's language goes into the sentence."""
    cause: str = ""
    what: str = ""
    said: str = ""
    devices: tuple[str, ...] = ()
    """Ids of the sections that it is about, in place of `what`."""

    @property
    def rank(self) -> int:
        """The lower, the nearer to a root cause."""
        return events()[self.event].rank

    def sentence(self, language: Language) -> str:
        """What is the matter."""
        device = NAMES[self.device][language] if self.device else ""
        what = ("、" if language == "zh" else ", ").join(NAMES[each][language] for each in self.devices) or self.what
        return events()[self.event].sentence(language, device, what)

    def remedy(self, language: Language) -> str:
        """What to do next."""
        return events()[self.event].remedy(language)


@dataclass(frozen=True, slots=True)
class Section:
    """One subsystem. `troubles` are the root cause first; `note` is what is told when all is well. Times are aware."""

    id: str
    state: State
    note: Note = ""
    troubles: tuple[Trouble, ...] = ()
    since: datetime | None = None
    last_pass: datetime | None = None
    last_fail: datetime | None = None
    counters: Mapping[str, float] = field(default_factory=dict)
    trend: Literal["", "better", "steady", "worse"] = ""
    told: Mapping[str, str] = field(default_factory=dict)
    """What the device tells of itself: model, serial, firmware; of a device that has no way to say one it is ""."""

    @property
    def rank(self) -> int:
        """Of its first trouble."""
        return self.troubles[0].rank if self.troubles else WELL_RANK

    def sentence(self, language: Language) -> str:
        """Its state in a sentence."""
        if self.troubles:
            return self.troubles[0].sentence(language)
        note = self.note if isinstance(self.note, str) else self.note[language]
        return note or WORDS[self.state][language]

    def remedy(self, language: Language) -> str:
        """What to do next; "" nothing."""
        return self.troubles[0].remedy(language) if self.troubles else ""


def section(id_: str, troubles: list[Trouble], note: Note, **more: object) -> Section:
    """A section that is as bad as the worst of its troubles."""
    ordered = tuple(sorted(troubles, key=lambda t: t.rank))
    state: State = "fault" if any(t.state == "fault" for t in ordered) else "attention" if ordered else "ok"
    return Section(id_, state, note, ordered, **more)  # type: ignore[arg-type]  # the members of Section
