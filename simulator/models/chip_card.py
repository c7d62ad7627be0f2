"""The cards of the invented city as their chips hold them: text block, stand-in photo, addresses, numbers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from drivers.id_card.frames import (
    PHOTO_HEIGHT,
    PHOTO_WIDTH,
    STANDIN_ROOM,
    TEMPLATE_BYTES,
    Command,
    Foreign2017,
    Foreign2023,
    Permit,
    Resident,
    TextBlock,
    build_address,
    build_text,
    pack_standin,
)
from simulator.people import CITIZENS, FACES, Citizen, id_check


@dataclass(frozen=True, slots=True)
class ChipCard:
    """One card. `citizen` is whose it is; `refusal` is the command at which the SAM refuses it, and with which SW3."""

    key: str
    name: str
    text: bytes
    photo: bytes
    citizen: str | None = None
    address: bytes | None = None
    fingerprints: bytes = b""
    refusal: tuple[Command, int] | None = None
    remark: str = ""

    @property
    def body(self) -> bytes:
        """The 28 bytes of the card body's number: IIN 4, SN 8, DN 16; made from the key, so always the same."""
        return bytes(4) + hashlib.sha256(self.key.encode()).digest()[:24]


def masked(name: str) -> str:
    """A name for screens of the bench: first character, and for longer names also the last."""
    return name[:1] + "*" * (len(name) - 1) if len(name) < 3 else name[0] + "*" * (len(name) - 2) + name[-1]


def standin_photo(picture: Path) -> bytes:
    """The 1024-byte stand-in blob of a portrait: the middle 102 x 126, the best WebP that fits.

    Measured over the 24 faces with YuNet and SFace (enlarged 3 times): cosine to the face camera's front picture 0.74
    at least, 0.84 in the mean; cropping closer or dropping the colour gains less than 0.03.
    """
    import cv2

    image = cv2.imread(str(picture), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError(f"portrait {picture.parent.name}/{picture.name} cannot be read; reinstall the simulator")
    height, width = image.shape[:2]
    crop = round(height * PHOTO_WIDTH / PHOTO_HEIGHT)
    left = max(0, (width - crop) // 2)
    small = cv2.resize(image[:, left : left + crop], (PHOTO_WIDTH, PHOTO_HEIGHT), interpolation=cv2.INTER_AREA)
    best, low, high = b"", 1, 100
    while low <= high:
        quality = (low + high) // 2
        webp = cv2.imencode(".webp", small, [cv2.IMWRITE_WEBP_QUALITY, quality])[1].tobytes()
        if len(webp) <= STANDIN_ROOM:
            best, low = webp, quality + 1
        else:
            high = quality - 1
    return pack_standin(best)


def _template(finger: int) -> bytes:
    """A fingerprint template that holds nothing but its header: which finger (byte 5)."""
    return (bytes.fromhex("4301120100") + bytes((finger,))).ljust(TEMPLATE_BYTES, b"\0")


def _resident(citizen: Citizen) -> Resident:
    return Resident(
        name=citizen.name,
        sex=citizen.sex,
        ethnicity=citizen.ethnicity,
        birth=citizen.birth,
        address=citizen.address,
        number=citizen.number,
        issuer=citizen.issuer,
        valid_from=citizen.valid_from,
        valid_to=citizen.valid_to,
    )


# Specimens of the other three kinds; the foreign ones are the published specimen records. Faces are lent.
_OTHERS: dict[str, tuple[TextBlock, str, str]] = {
    "permit-hk": (
        Permit(
            name="測試丙",
            sex="1",
            birth=date(1992, 3, 1),
            address="山东省威海市环翠区样例路3号",
            number="810000199203010017",
            issuer="威海市公安局",
            valid_from=date(2024, 9, 1),
            valid_to=date(2029, 9, 1),
            pass_number="H00000001",  # noqa: S106 - a specimen's travel document, not a password
            issues="01",
        ),
        "08",
        "Hong Kong, Macao and Taiwan residence permit",
    ),
    "foreign-2017": (
        Foreign2017(
            name_en="ZHENGJIAN, YANGBEN",
            sex="2",
            number="CAN110081080310",
            nationality="CAN",
            name="证件样本",
            valid_from=date(2015, 10, 25),
            valid_to=date(2025, 10, 24),
            birth=date(1981, 8, 3),
            version="01",
            authority="1500",
        ),
        "09",
        "foreigner's permanent residence card of 2017, ended",
    ),
    "foreign-2023": (
        Foreign2023(
            name="证件样本",
            sex="2",
            renewals="00",
            birth=date(1980, 1, 1),
            name_en="ZHENGJIAN, YANGBEN",
            number="931586198001010028",
            valid_from=date(2023, 8, 8),
            valid_to=date(2033, 8, 7),
            nationality="PAK",
            link="000",
        ),
        "20",
        "foreigner's permanent residence card of 2023",
    ),
}
_MOVED = "citizen-09"
_FORGED = "citizen-03"
_YOUNG = "16"
SPECIAL = {
    **{key: remark for key, (_, _, remark) in _OTHERS.items()},
    "moved": f"{_MOVED}, with an additional address",
    "forged": f"{_FORGED}'s copy: the SAM does not accept it",
    "void": f"{_FORGED}'s chip with content that fails its signature",
    "damaged": f"{_FORGED}'s chip with a broken loop: found, and never read",
    "child": "a child's card",
    "technician": "the test technician's card (field); the PIN is in docs/technician-door.md",
    "supervisor": "the test supervisor's card; the PIN is in docs/technician-door.md",
}
_REFUSALS = {"forged": (Command.SELECT, 0x32), "void": (Command.READ, 0x33), "damaged": (Command.READ, 0x41)}
_CHILD = Resident(
    name="丛乐乐",
    sex="2",
    ethnicity="01",
    birth=date(2018, 6, 1),
    address="山东省威海市环翠区样例路20号",
    number="37100220180601082" + id_check("37100220180601082"),
    issuer="威海市公安局环翠分局",
    valid_from=date(2024, 6, 1),
    valid_to=date(2029, 6, 1),
)
_STAFF = {
    "technician": (
        Resident(
            name="样例技师",
            sex="1",
            ethnicity="01",
            birth=date(1985, 1, 1),
            address="山东省威海市环翠区样例路91号",
            number="37100219850101901" + id_check("37100219850101901"),
            issuer="威海市公安局环翠分局",
            valid_from=date(2020, 1, 1),
            valid_to=date(2040, 1, 1),
        ),
        "07",
    ),
    "supervisor": (
        Resident(
            name="样例主管",
            sex="2",
            ethnicity="01",
            birth=date(1979, 12, 31),
            address="山东省威海市环翠区样例路92号",
            number="37100219791231902" + id_check("37100219791231902"),
            issuer="威海市公安局环翠分局",
            valid_from=date(2020, 1, 1),
            valid_to=date(2040, 1, 1),
        ),
        "09",
    ),
}
"""The test technicians (config/technicians-test.toml): no citizens, the city does not know them. Faces are lent."""


def card_keys() -> tuple[str, ...]:
    """Every card that can be presented."""
    return (*CITIZENS, *SPECIAL)


def chip_card(key: str) -> ChipCard:
    """The card called `key`. Raises `ValueError` listing where to look."""
    return _chip_card(key, CITIZENS.get(key))


@lru_cache(maxsize=64)
def _chip_card(key: str, citizen: Citizen | None) -> ChipCard:
    if key in _OTHERS:
        block, face, remark = _OTHERS[key]
        return ChipCard(key, block.name, build_text(block), standin_photo(FACES / face / "id.jpg"), remark=remark)
    if key in _STAFF:
        block, face = _STAFF[key]
        return ChipCard(key, block.name, build_text(block), standin_photo(FACES / face / "id.jpg"), remark=SPECIAL[key])
    if key == "child":
        return ChipCard(
            key, _CHILD.name, build_text(_CHILD), standin_photo(FACES / _YOUNG / "id.jpg"), remark=SPECIAL[key]
        )
    owner = {"moved": _MOVED, "forged": _FORGED, "void": _FORGED, "damaged": _FORGED}.get(key, key)
    citizen = citizen or CITIZENS.get(owner)
    if citizen is None:
        raise ValueError(f"no card {key!r}; there are {', '.join(card_keys())}")
    return ChipCard(
        key=key,
        name=citizen.name,
        text=build_text(_resident(citizen)),
        photo=standin_photo(citizen.id_photo),
        citizen=owner,
        address=build_address("山东省威海市环翠区样例大道9号") if key == "moved" else None,
        fingerprints=_template(11) + _template(16) if citizen.valid_from.year >= 2013 else b"",
        refusal=_REFUSALS.get(key),
        remark=SPECIAL.get(key, citizen.remark),
    )
