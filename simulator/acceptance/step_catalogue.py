"""The step catalogue of docs/qa-steps.md, made from the steps themselves (`kiosk-sim steps`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import simulator.acceptance.steps  # noqa: F401 - declares the steps
from simulator.acceptance import words
from simulator.acceptance.vocabulary import KEYWORDS, STEPS, Step

WHERE = {"both": "都行", "hall": "虚拟大厅", "bench": "试验台"}
TABLES: Mapping[str, Mapping[str, Any]] = {
    "页面": words.PAGES, "设备": words.DEVICES, "证件": words.CARDS, "二维码": words.CODES,
    "刷卡动作": words.AT_THE_PAD, "钱包": words.WALLETS, "缴费方式": words.WAYS, "核验方式": words.PROOFS,
    "摄像头前的人": words.FACES, "材料": words.PAPERS, "材料的毛病": words.PAPER_FLAWS, "市平台的部分": words.AREAS,
    "市平台的故障": words.PLATFORM_FAULTS, "付款渠道的故障": words.PAYER_FAULTS, "部门的动作": words.OFFICE_ACTS,
    "取证的情形": words.COLLECTIONS, "另外的设备": words.EQUIPMENT, "语言": words.LANGUAGES, "样式": words.MODES,
    "评价": words.RATINGS, "流水": words.ENTRIES,
}  # fmt: skip
"""What the words in quotation marks may be."""


def catalogue() -> str:
    """The whole document."""
    return "\n".join(_lines()) + "\n"


def write(path: Path) -> None:
    """Write the document."""
    path.write_text(catalogue(), "utf-8")


def _lines() -> Iterator[str]:
    yield from (
        "# 步骤目录：测试人员写场景用的句子", "",
        "由 `kiosk-sim steps --out docs/qa-steps.md` 从步骤的定义生成，不要手改。", "",
        f"一共 {len(STEPS)} 个步骤。“假如”“当”开头的做一件事，“那么”开头的要求一件事成立；“而且”“但是”跟着前一句。",
        "花括号里是要换成的字，`{n}` 是整数。“哪里”：都行 = 虚拟大厅（`pytest`）和试验台（`pytest --bench …`）都能跑；",
        "虚拟大厅 = 只在虚拟时间里有，对着试验台跑时这个场景跳过，并说明原因。", "",
        "怎么写、怎么跑，见 [qa-guide.md](qa-guide.md)。", "",
    )  # fmt: skip
    for chapter in dict.fromkeys(step.chapter for step in STEPS):
        yield from (f"## {chapter}", "", "| 用在 | 步骤 | 意思 | 例子 | 哪里 |", "|---|---|---|---|---|")
        yield from (_row(step) for step in STEPS if step.chapter == chapter)
        yield ""
    yield from ("## 附表一：引号里可以写什么", "")
    for name, table in TABLES.items():
        yield f"- **{name}**：{'、'.join(table)}"
    yield from ("", "## 附表二：各设备能出的故障", "", "| 设备 | 故障 |", "|---|---|")
    for called, family in words.DEVICES.items():
        yield f"| {called} | {'、'.join(words.FAULTS.get(family, {})) or '—'} |"
    yield from ("", "每个设备还能被拔掉插头（“{device}”的插头被拔掉）。", "", "## 附表三：市民", "")
    from simulator.people import CITIZENS

    yield "、".join(citizen.name for citizen in CITIZENS.values()) + "。没有说是谁时，来的是张秀荣。他们都是虚构的。"


def _row(step: Step) -> str:
    pattern = step.pattern.replace(":d}", "}")
    return f"| {'、'.join(KEYWORDS[step.kind])} | {pattern} | {step.meaning} | {_example(step)} | {WHERE[step.where]} |"


def _example(step: Step) -> str:
    return f"{KEYWORDS[step.kind][-1]} {step.example}"
