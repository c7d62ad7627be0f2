"""The longest that data can be: names of 54 letters, halls, addresses, services and amounts at their bounds."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from functools import cache
from typing import Any, cast

import pytest
from page_sheets import PANELS, Run, runs, typeface

from config.amounts import MOST_FEN
from config.catalogue import load_catalogue
from config.panel import ORIENTATIONS
from config.settings import Terminal
from screens.compose import compose, look_for, plan
from screens.marks import Rect
from screens.modes import is_low
from screens.samples import samples
from screens.samples.korean import KOREAN
from screens.screen import Language, Money, Screen

NAME = "阿卜杜勒拉合曼·阿布都克里木·买买提艾力·吐尔逊江·依布拉伊木·麦麦提吐尔逊·阿卜力孜·艾合买提江·库尔班江"
HALLS = (
    "威海火炬高技术产业开发区初村镇双岛湾科技城便民服务与政务服务中心",
    "Weihai Torch Hi-Tech Zone Citizen & Business Service Centre",
)
ADDRESSES = (
    "山东省威海市火炬高技术产业开发区初村镇双岛湾科技城和兴路与福山路交叉口往东三百米海景花园小区十二号楼二单元一零二室",
    "Unit 1002, Building 12, Haijing Garden, 300 m east of Hexing",
)
"""60 characters: what a field takes."""
FIRMS = (
    "威海火炬高技术产业开发区双岛湾海洋生物科技与冷链物流供应链管理服务有限责任公司",
    "Weihai Torch Zone Shuangdao Bay Marine Biotechnology and Cold Chain Logistics Co. Ltd",
)
OFFICES = (
    "威海火炬高技术产业开发区管理委员会行政审批服务局",
    "Administrative Approval Service Bureau of Weihai Torch Hi-Tech Industrial Development Zone",
)
DATA: tuple[tuple[tuple[str, str], tuple[str, str]], ...] = (
    (("张*荣", "张*荣"), (NAME, NAME)),
    (("张桂荣", "张桂荣"), (NAME, NAME)),
    (("毕晓东", "Bi Xiaodong"), (NAME, NAME)),
    (("环翠区政务服务中心", "Huancui District Service Centre"), HALLS),
    (("威海市环翠区竹岛街道", "Zhudao, Huancui, Weihai"), ADDRESSES),
    (("威海市环翠区", "Huancui, Weihai"), ADDRESSES),
    (("火炬高技术产业开发区社区卫生服务中心", "Community Health Centre, Torch Hi-Tech Industrial Zone"), FIRMS),
    (("威海样例渔具有限公司", "Weihai Sample Tackle Ltd"), FIRMS),
    (("威海样例海产有限公司", "Weihai Sample Seafood Ltd"), FIRMS),
    (("文登区样例小吃店", "Wendeng Sample Snack Shop"), FIRMS),
    (("威海市公安局环翠分局", "Weihai Public Security Bureau, Huancui"), OFFICES),
    (("威海市公安局", "Weihai Public Security Bureau"), OFFICES),
    (("威海市行政审批服务局", "Weihai Administrative Approval Service Bureau"), OFFICES),
    (("威海市不动产登记中心", "Weihai Real Estate Registration Centre"), OFFICES),
)
"""What the samples have, in Chinese and English, and the longest that can stand there."""
AMOUNT = re.compile(r"\d[\d,]*\.\d\d?(?= ?(?:元|yuan|위안))")
MOST = f"{MOST_FEN // 100:,}.{MOST_FEN % 100:02d}"
KEPT = {"key", "icon", "kind", "style", "tone", "page", "shows", "prompt", "language", "mode", "state"}
"""Fields that nobody reads on the page."""
RUNS: list[Run] = [
    (language, mode, orientation)
    for orientation in ORIENTATIONS
    for language in ("zh", "en", "ko")
    for mode in ("standard", "elder", "low")
]


@cache
def _longest_service(language: Language) -> str:
    return max((service.name.get(language) for service in load_catalogue().services.values()), key=len)


@cache
def _swaps(language: Language) -> tuple[re.Pattern[str], dict[str, str]]:
    """All that is swapped, as one pattern, and for what."""
    swaps: dict[str, str] = {}
    for (zh, en), (long_zh, long_en) in DATA:
        swaps[zh if language == "zh" else KOREAN.get(zh, en) if language == "ko" else en] = (
            long_zh if language == "zh" else long_en
        )
    for service in load_catalogue().services.values():
        if len(service.name.get(language)) > 5:
            swaps[service.name.get(language)] = _longest_service(language)
    return re.compile("|".join(map(re.escape, sorted(swaps, key=len, reverse=True)))), swaps


def _longest(part: Any, language: Language, done: Counter[str]) -> Any:
    """`part` of a screen with the longest data in it."""
    pattern, swaps = _swaps(language)
    if isinstance(part, str):

        def swap(found: re.Match[str]) -> str:
            done[found[0]] += 1
            return swaps[found[0]]

        return AMOUNT.sub(MOST, pattern.sub(swap, part))
    if isinstance(part, tuple):
        return tuple(_longest(one, language, done) for one in part)
    if isinstance(part, Money):
        part = dataclasses.replace(part, fen=MOST_FEN)
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        told = (f.name for f in dataclasses.fields(part) if f.init and f.name not in KEPT)
        return dataclasses.replace(part, **{name: _longest(getattr(part, name), language, done) for name in told})
    return part


def test_the_longest_is_as_long_as_it_can_be() -> None:
    assert len(NAME) == 54
    assert NAME.count("·") == 8
    for hall in HALLS:
        fields = {"id": "WH-HC-0003", "number": 3, "division": "371002", "help_phone": "0631-12345"}
        assert Terminal.model_validate({**fields, "hall_zh": hall, "hall_en": hall}).hall_zh == hall
    assert [len(address) <= 60 for address in ADDRESSES] == [True, True]
    assert MOST == "999,999,999,999.99"
    assert min(len(_longest_service("zh")), len(_longest_service("en")) // 3) >= 18


@pytest.mark.parametrize(("language", "mode", "orientation"), runs(RUNS))
def test_the_longest_data_fits(language: Language, mode: Any, orientation: Any) -> None:
    panel, done, pages = PANELS[orientation], Counter[str](), 0
    whole = Rect(0, 0, *panel.size)
    for name, plain in samples(language, mode).items():
        screen = cast("Screen", _longest(plain, language, done))
        if dataclasses.replace(screen, header=plain.header) == plain and name != "home":
            continue  # a page without data of anybody
        pages += 1
        look = look_for(screen, typeface(), panel)
        planned = plan(screen, look)
        for turn in range(len(planned.turns)):
            sheet = compose(screen, look, planned, turn=turn)
            assert sheet.overflows == [], f"{name}:{turn}"
            for target in sheet.targets:
                assert whole.covers(target.rect), f"{name}:{turn} {target}"
                assert not is_low(mode) or target.rect.y >= panel.reach_line, f"{name}:{turn} {target}"
    print(
        f"longest data {language} {mode} {orientation}: {pages} pages, {sum(done.values())} swaps of {len(done)} words"
    )
    assert pages >= 40
    assert len(done) >= 15
