"""The flat things that lie on a desk: an A4 certificate, identity cards, passports, permits, a booklet; invented all.

Every one is marked 样本 (specimen). What it says is returned beside its pixels, line by line, and its zone too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal, get_args

from PIL import Image, ImageDraw

from drivers.camera.frames import compose_mrz
from simulator.people import Citizen
from simulator.scenes.canvas import Pixels, font, photo, pixels_of, sheet

Kind = Literal["a4", "form", "blank", "id-front", "id-back", "passport", "permit-front", "permit", "booklet"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SIZES: Mapping[Kind, tuple[float, float]] = MappingProxyType(
    {
        "a4": (210.0, 297.0),
        "form": (210.0, 297.0),
        "blank": (210.0, 297.0),
        "id-front": (85.6, 54.0),
        "id-back": (85.6, 54.0),
        "passport": (125.0, 88.0),
        "permit-front": (85.6, 54.0),
        "permit": (85.6, 54.0),
        "booklet": (210.0, 143.0),
    }
)
"""Width and height in millimetres, as the thing is read."""
_FINE, _COARSE = 8, 6  # pixels a millimetre of cards, and of whole sheets
_BLACK, _GREY, _BLUE, _RED = (28, 28, 30), (96, 96, 100), (60, 98, 158), (196, 44, 40)
_LATIN = (
    *("YU ZHENHAI", "SONG JIANGUO", "ZHANG XIURONG", "BI XIAODONG", "WANG DESHENG", "LIU GUIFANG", "CONG YULAN"),
    *("ZHANG JIE", "QU ZHIQIANG", "ZOU LIHUA", "JIANG CHUNMEI", "SUN XIAOYAN", "CHE MINGZHE", "CHU YUZHEN"),
    *("AYIGULI MAIMAITI", "YU SHUXIAN", "MIAO JIAYI", "QI JIZU", "LIANG YUTONG", "GU HAITAO", "LIN XIAOTONG"),
    *("JI YONGFU", "XU CHANGSHUN", "HOU MEILING"),
)
_PEOPLES = {"01": "汉", "11": "满", "10": "朝鲜", "05": "维吾尔"}


@dataclass(frozen=True, slots=True, eq=False)
class Paper:
    """A flat thing: its pixels, what it says from the top, and the lines of its zone, if it has one."""

    kind: Kind
    pixels: Pixels
    texts: tuple[str, ...]
    zone: tuple[str, ...] = ()


def paper(kind: Kind, holder: Citizen, page: int = 1) -> Paper:
    """The thing `kind` of `holder`; `page` (from 1) tells sheets of several pages apart."""
    per_mm = _COARSE if SIZES[kind][1] > 100 else _FINE
    size = round(SIZES[kind][0] * per_mm), round(SIZES[kind][1] * per_mm)
    image, texts, zone = _DRAWN[kind](size, holder, page)
    return Paper(kind, pixels_of(image), tuple(texts), zone)


def latin_name(holder: Citizen) -> tuple[str, str]:
    """Surname and given name in Latin letters."""
    surname, _, given = _LATIN[int(holder.face)].partition(" ")
    return surname, given


def passport_number(holder: Citizen) -> str:
    """Such as E00371007; no real series."""
    return f"E00371{int(holder.face):03d}"[:9].ljust(9, "0")


def zone_of(kind: Kind, holder: Citizen) -> tuple[str, ...]:
    """The machine-readable zone of a passport or a permit."""
    surname, given = latin_name(holder)
    travel = kind == "passport"
    return compose_mrz(
        "TD3" if travel else "TD1",
        code="P<" if travel else "CR",
        issuer="CHN",
        number=passport_number(holder) if travel else f"H0371{int(holder.face):04d}",
        nationality="CHN",
        birth=holder.birth,
        sex="M" if holder.sex == "1" else "F",
        expiry=date(2031, 5, 17),
        surname=surname,
        given=given,
    )


_Drawn = tuple[Image.Image, list[str], tuple[str, ...]]


def _specimen(d: ImageDraw.ImageDraw, x: int, y: int, size: int) -> None:
    d.text((x, y), "样本", (206, 120, 116), font(size), anchor="mm")


def _rows(d: ImageDraw.ImageDraw, rows: list[tuple[str, str]], at: tuple[int, int], step: int, size: int) -> list[str]:
    """Labels and values, one below the other; what they say."""
    x, y = at
    for i, (label, value) in enumerate(rows):
        d.text((x, y + step * i), label, _BLUE, font(round(size * 0.82)), anchor="lm")
        d.text((x + round(size * 3.0), y + step * i), value, _BLACK, font(size), anchor="lm")
    return [part for row in rows for part in row if part]


def _a4(size: tuple[int, int], holder: Citizen, page: int) -> _Drawn:
    w, h = size
    image, d = sheet(w, h)
    body = [
        f"兹证明 {holder.name}（公民身份号码 {holder.number}）",
        "在威海市参加企业职工基本养老保险，",
        "缴费状态正常，累计缴费年限一百二十个月。",
        f"联系地址：{holder.address}",
        f"本证明共三页，此为第 {page} 页，仅供样例使用。",
    ]
    d.text((w // 2, 150), "社会保险参保证明", _BLACK, font(74), anchor="mm")
    for i, line in enumerate(body):
        d.text((120, 300 + 74 * i), line, _BLACK, font(36), anchor="lm")
    top, columns = 740, ("年度", "月数", "基数（元）", "单位")
    for row in range(9):
        d.line((120, top + row * 66, w - 120, top + row * 66), _GREY, 2)
    for column in range(5):
        x = 120 + column * (w - 240) // 4
        d.line((x, top, x, top + 8 * 66), _GREY, 2)
    for column, words in enumerate(columns):
        d.text((140 + column * (w - 240) // 4, top + 33), words, _BLACK, font(30), anchor="lm")
    for row in range(1, 8):
        for column, words in enumerate((str(2018 + row), "12", f"{4100 + 237 * row}.00", "样例公司")):
            d.text((140 + column * (w - 240) // 4, top + 66 * row + 33), words, _BLACK, font(28), anchor="lm")
    d.ellipse((w - 470, h - 420, w - 200, h - 150), outline=_RED, width=8)
    d.text((w - 335, h - 285), "样例专用章", _RED, font(40), anchor="mm")
    d.text((w - 335, h - 110), "二〇二六年十一月二十二日", _BLACK, font(32), anchor="mm")
    _specimen(d, w // 2, h - 60, 44)
    return image, ["社会保险参保证明", *body], ()


def _form(size: tuple[int, int], holder: Citizen, page: int) -> _Drawn:
    w, h = size
    image, d = sheet(w, h)
    d.text((w // 2, 130), "个体工商户登记申请书", _BLACK, font(66), anchor="mm")
    rows = [("经营者", holder.name), ("证件号码", holder.number), ("电话", holder.phone), ("住所", holder.address)]
    for i, (label, value) in enumerate(rows):
        y = 250 + 96 * i
        d.rectangle((110, y, w - 110, y + 96), outline=_GREY, width=2)
        d.text((140, y + 48), label, _BLACK, font(34), anchor="lm")
        d.text((380, y + 48), value, (40, 50, 130), font(36, "NotoSerifSC-Regular"), anchor="lm")
    for row in range(12):
        d.line((110, 760 + 74 * row, w - 110, 760 + 74 * row), (190, 190, 190), 2)
    d.text((140, 720), f"经营范围（第 {page} 页）", _BLACK, font(34), anchor="lm")
    _specimen(d, w // 2, h - 60, 44)
    return image, ["个体工商户登记申请书", *(value for _, value in rows)], ()


def _blank(size: tuple[int, int], holder: Citizen, page: int) -> _Drawn:
    return sheet(*size)[0], [], ()


def _card_ground(size: tuple[int, int], colour: tuple[int, int, int]) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A laminated card: fine guilloche waves on a pale ground."""
    w, h = size
    image, d = sheet(w, h, colour)
    darker = (max(0, colour[0] - 12), max(0, colour[1] - 10), max(0, colour[2] - 7))
    for i in range(-h, w, 14):
        d.arc((i, -h // 3, i + h, h + h // 3), 300, 60, darker, 2)
    return image, d


def _id_front(size: tuple[int, int], holder: Citizen, page: int) -> _Drawn:
    w, h = size
    image, d = _card_ground(size, (224, 234, 240))
    sex, people = "男" if holder.sex == "1" else "女", _PEOPLES.get(holder.ethnicity, "汉")
    birth = f"{holder.birth.year} 年 {holder.birth.month} 月 {holder.birth.day} 日"
    rows = [("姓名", holder.name), ("性别", f"{sex}    民族  {people}"), ("出生", birth), ("住址", holder.address[:11])]
    texts = _rows(d, rows, (44, 62), 62, 30)
    if rest := holder.address[11:]:
        d.text((134, 62 + 62 * 3 + 40), rest, _BLACK, font(30), anchor="lm")
        texts.append(rest)
    d.text((44, h - 62), "公民身份号码", _BLUE, font(25), anchor="lm")
    d.text((236, h - 62), holder.number, _BLACK, font(36), anchor="lm")
    image.paste(photo(str(holder.id_photo), 190, 234), (w - 228, 62))
    _specimen(d, 400, h - 22, 26)
    return image, [*texts, "公民身份号码", holder.number], ()


def _id_back(size: tuple[int, int], holder: Citizen, page: int) -> _Drawn:
    w, h = size
    image, d = _card_ground(size, (232, 230, 236))
    d.ellipse((44, 40, 150, 146), _RED)
    d.text((97, 93), "样", (248, 220, 120), font(56), anchor="mm")
    d.text((w // 2 + 60, 80), "中华人民共和国", _BLACK, font(42), anchor="mm")
    d.text((w // 2 + 60, 158), "居民身份证", _BLACK, font(58), anchor="mm")
    until = f"{holder.valid_to:%Y.%m.%d}" if holder.valid_to else "长期"
    rows = [("签发机关", holder.issuer), ("有效期限", f"{holder.valid_from:%Y.%m.%d}-{until}")]
    for i, (label, value) in enumerate(rows):
        d.text((150, h - 118 + 56 * i), label, _BLUE, font(25), anchor="lm")
        d.text((278, h - 118 + 56 * i), value, _BLACK, font(28), anchor="lm")
    _specimen(d, 70, h - 60, 26)
    return image, ["中华人民共和国", "居民身份证", *(part for row in rows for part in row)], ()


def _zone_lines(d: ImageDraw.ImageDraw, zone: tuple[str, ...], box: tuple[int, int, int, int], size: int) -> None:
    """Every character in the middle of its own cell, as OCR-B stands; `box`: left, top, right, height of a line.

    A bold serif: its I and 1, O and 0 differ, which is what OCR-B was drawn for.
    """
    left, top, right, step = box
    for row, line in enumerate(zone):
        pitch = (right - left) / len(line)
        for i, character in enumerate(line):
            at = (left + (i + 0.5) * pitch, top + step * row)
            d.text(at, character, (22, 22, 24), font(size, "NotoSerifSC-Bold"), anchor="mm")


def _passport(size: tuple[int, int], holder: Citizen, page: int) -> _Drawn:
    w, h = size
    image, d = _card_ground(size, (236, 230, 226))
    surname, given = latin_name(holder)
    number, zone = passport_number(holder), zone_of("passport", holder)
    d.text((60, 44), "护照  PASSPORT", (120, 50, 60), font(38), anchor="lm")
    d.text((w - 60, 44), number, _BLACK, font(40), anchor="rm")
    image.paste(photo(str(holder.id_photo), 264, 338), (50, 96))
    sex = "M" if holder.sex == "1" else "F"
    rows = [
        ("姓名 / Name", f"{holder.name}  {surname}, {given}"),
        ("性别 / Sex   国籍 / Nationality", f"{sex}    中国 / CHINESE"),
        ("出生日期 / Date of birth", f"{holder.birth:%d %m %Y}"),
        ("签发地点 / Place of issue", "山东 / SHANDONG"),
        ("有效期至 / Date of expiry", "17 05 2031"),
    ]
    for i, (label, value) in enumerate(rows):
        d.text((350, 100 + 76 * i), label, _GREY, font(20), anchor="lm")
        d.text((350, 134 + 76 * i), value, _BLACK, font(30), anchor="lm")
    _zone_lines(d, zone, (24, h - 116, w - 24, 62), 35)
    _specimen(d, w - 120, 420, 44)
    return image, [number, *(value for _, value in rows)], zone


def _permit_front(size: tuple[int, int], holder: Citizen, page: int) -> _Drawn:
    w, h = size
    image, d = _card_ground(size, (226, 238, 230))
    surname, given = latin_name(holder)
    d.text((w // 2, 46), "港澳居民来往内地通行证", _BLACK, font(36), anchor="mm")
    rows = [
        ("姓名", holder.name),
        ("", f"{surname}, {given}"),
        ("出生", f"{holder.birth:%Y.%m.%d}"),
        ("有效", "2031.05.17"),
    ]
    texts = _rows(d, rows, (250, 130), 66, 30)
    image.paste(photo(str(holder.id_photo), 180, 230), (40, 100))
    _specimen(d, w - 90, h - 40, 28)
    return image, ["港澳居民来往内地通行证", *texts], ()


def _permit(size: tuple[int, int], holder: Citizen, page: int) -> _Drawn:
    w, h = size
    image, d = _card_ground(size, (226, 238, 230))
    zone = zone_of("permit", holder)
    d.text((40, 50), "使用须知（样本）", _BLACK, font(28), anchor="lm")
    d.text((40, 100), "此卡为样例，无任何效力。", _BLACK, font(24), anchor="lm")
    _zone_lines(d, zone, (22, h - 156, w - 22, 54), 31)
    return image, ["使用须知（样本）", "此卡为样例，无任何效力。"], zone


def _booklet(size: tuple[int, int], holder: Citizen, page: int) -> _Drawn:
    w, h = size
    image, d = sheet(w, h, (244, 236, 222))
    half, texts = w // 2, ["户口簿（样本）", "常住人口登记卡"]
    d.rectangle((half - 5, 0, half + 5, h), (196, 184, 164))
    d.text((half // 2, 80), texts[0], _RED, font(50), anchor="mm")
    d.text((half + half // 2, 80), texts[1], _BLACK, font(38), anchor="mm")
    rows = [("姓名", holder.name), ("户号", f"0371{int(holder.face):05d}"), ("住址", holder.address[:14])]
    texts += _rows(d, rows, (50, 220), 110, 30)
    right = [("姓名", holder.name), ("出生", f"{holder.birth:%Y年%m月%d日}"), ("号码", holder.number)]
    texts += _rows(d, right, (half + 40, 220), 110, 30)
    for i in range(5):
        d.line((40, 275 + 110 * i, half - 40, 275 + 110 * i), _GREY, 2)
        d.line((half + 30, 275 + 110 * i, w - 40, 275 + 110 * i), _GREY, 2)
    return image, texts, ()


_DRAWN: Mapping[Kind, Callable[[tuple[int, int], Citizen, int], _Drawn]] = MappingProxyType(
    {
        "a4": _a4,
        "form": _form,
        "blank": _blank,
        "id-front": _id_front,
        "id-back": _id_back,
        "passport": _passport,
        "permit-front": _permit_front,
        "permit": _permit,
        "booklet": _booklet,
    }
)
