"""Receipt templates (config/receipts/*.toml) and a visit's values -> a receipt document.

A part is left out when a value it names is missing or empty, unless the template `needs` that value. Values:

    amount_fen   integer fen; gives {amount}           name    masked here, whatever comes in
    time         ISO 8601 with an offset; gives {time}  missing one item a line
    rows         a line each, label and value with a tab between
    all others   as they are
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from config import DATA
from config.load import read_toml
from drivers.receipt_printer.document import Cut, Feed, Line, Pair, Part, Qr, ReceiptDocument, Rule

TEMPLATES = DATA / "receipts"
NOT_TEMPLATES = frozenset(("printers",))
LANGUAGES = ("zh", "en")
KINDS = {
    "title": {"under"},
    "line": {"align", "bold", "size", "when"},
    "number": {"align", "size", "when"},
    "pair": {"bold", "when"},
    "list": {"when"},
    "table": {"when"},
    "rule": {"style", "when"},
    "qr": {"when"},
}
SPECIMEN = {"zh": "模拟 · 仅供测试 · 不具效力", "en": "模拟 SIMULATED · NOT VALID"}
REPRINT = {"zh": "补打", "en": "补打 REPRINT"}
FREE = {"zh": "免费", "en": "Free"}
HERE = "+0800"
MAX_VALUE = 300
MAX_LIST = 3000
LISTS = frozenset(("missing", "rows"))
BOTTOM = 24
"""3 mm of white below the last line, above the cut."""
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


class ReceiptError(ValueError):
    """A template or a value cannot be used; the message names both, never the value."""


def compose(
    template: str, values: Mapping[str, str], *, simulated: bool, language: str, reprint: bool = False
) -> ReceiptDocument:
    """The receipt `template` filled with `values`. Languages other than zh print English labels.

    With `simulated` it says 模拟 at its top and its bottom, and nothing in template or values can prevent it.
    Raises `ReceiptError` for an unknown template, a value that is needed and missing, too long or not of its form.
    """
    table = _template(template)
    tongue = language if language in LANGUAGES else "en"
    filled = _values(template, values, tongue)
    if absent := [name for name in table["needs"] if not filled.get(name)]:
        raise ReceiptError(f"receipt {template!r}: needs the values {absent}")
    specimen: list[Part] = [Line(SPECIMEN[tongue], "centre", bold=True)] if simulated else []
    parts = list(specimen)
    for row in table["part"]:
        parts += _parts(row, filled, tongue, reprint=reprint)
    parts += [Rule("solid"), *specimen] if simulated else []
    try:
        return ReceiptDocument((*parts, Feed(BOTTOM), Cut()))
    except ValueError as error:
        raise ReceiptError(f"receipt {template!r}: {error}") from None


def template_names() -> list[str]:
    """The templates there are."""
    return sorted(path.stem for path in TEMPLATES.glob("*.toml") if path.stem not in NOT_TEMPLATES)


def masked_name(name: str) -> str:
    """A name as it may stand on paper that is left lying about: 张*三, 王*; a masked one stays as it is."""
    name = name.strip()
    if "*" in name or len(name) < 2:
        return name
    return name[0] + "*" * max(len(name) - 2, 1) + (name[-1] if len(name) > 2 else "")


def _values(template: str, values: Mapping[str, str], tongue: str) -> dict[str, str]:
    filled = dict(values)
    if too_long := sorted(k for k, v in filled.items() if len(v) > _longest(k)):
        raise ReceiptError(f"receipt {template!r}: {too_long}: more than {_longest(too_long[0])} characters")
    if "amount_fen" in filled:
        filled["amount"] = _amount(template, filled["amount_fen"], tongue)
    if filled.get("time"):
        filled["time"] = _time(template, filled["time"], tongue)
    if filled.get("promise_date"):
        filled["promise_date"] = _day(filled["promise_date"], tongue)
    if filled.get("name"):
        filled["name"] = masked_name(filled["name"])
    return filled


def _longest(name: str) -> int:
    return MAX_LIST if name in LISTS else MAX_VALUE


def _amount(template: str, fen: str, tongue: str) -> str:
    if not re.fullmatch(r"\d{1,11}", fen):
        raise ReceiptError(f"receipt {template!r}: amount_fen is not a whole number of fen")
    number = int(fen)
    return f"￥{number // 100:,}.{number % 100:02d}" if number else FREE[tongue]


def _time(template: str, text: str, tongue: str) -> str:
    """The wall clock of the hall; another zone than China's is written out. Fits beside a label on 58 mm paper."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ReceiptError(f"receipt {template!r}: time is not ISO 8601") from None
    if moment.tzinfo is None:
        raise ReceiptError(f"receipt {template!r}: time carries no zone; write it with an offset, as in +08:00")
    offset = moment.strftime("%z")
    zone = "" if offset == HERE else f" {offset[:3]}:{offset[3:5]}"
    return f"{_day(moment.date().isoformat(), tongue)} {moment:%H:%M:%S}{zone}"


def _day(text: str, tongue: str) -> str:
    """An ISO date as people write it; any other text ("by message") as it is."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.year}年{day.month:02d}月{day.day:02d}日" if tongue == "zh" else text


def _parts(row: dict[str, Any], filled: Mapping[str, str], tongue: str, *, reprint: bool) -> list[Part]:
    """The document parts of one template row; none when a value it names is missing."""
    kind = row["kind"]
    source = row.get(tongue, "")
    texts = source if isinstance(source, list) else [source]
    named = _named(row, texts)
    if any(not filled.get(name) for name in named):
        return []
    words = [_PLACEHOLDER.sub(lambda match: filled[match.group(1)], text) for text in texts]
    match kind:
        case "title":
            title: list[Part] = [Feed(12), Line(words[0], "centre", bold=True, size=(2, 2), fit=True)]
            if under := row.get("under", {}).get(tongue):
                title.append(Line(under, "centre"))
            return [*title, *([Line(f"【{REPRINT[tongue]}】", "centre", bold=True)] if reprint else [])]
        case "line":
            return [Line(words[0], row.get("align", "left"), row.get("bold", False), tuple(row.get("size", (1, 1))))]
        case "number":
            size = tuple(row.get("size", (2, 2)))
            return [Line(words[0], row.get("align", "left"), bold=True, size=size, fit=True)]
        case "pair":
            return [Pair(words[0], words[1], row.get("bold", False))]
        case "list":
            items = [item.strip() for item in words[0].splitlines() if item.strip()]
            return [Line(f"{number}. {item}", hang=3) for number, item in enumerate(items, 1)]
        case "table":
            cells = [line.partition("\t") for line in words[0].splitlines() if line.strip()]
            return [Pair(label.strip(), value.strip()) for label, _, value in cells]
        case "qr":
            return [Qr(words[0])]
    return [Rule(row.get("style", "dashed"))]


def _named(row: dict[str, Any], texts: list[str]) -> set[str]:
    return {name for text in texts for name in _PLACEHOLDER.findall(text)} | ({row["when"]} if "when" in row else set())


@cache
def _template(name: str) -> dict[str, Any]:
    if name not in template_names():
        raise ReceiptError(f"receipt {name!r}: no such template; there is {', '.join(template_names())}")
    table = read_toml(TEMPLATES / f"{name}.toml")
    faults = [f"{key}: not a key of a receipt template" for key in sorted(set(table) - {"needs", "part"})]
    if not table.get("part"):
        faults.append("part: a receipt has at least one")
    for number, row in enumerate(table.get("part", []), 1):
        faults += [f"part {number}: {fault}" for fault in _row_faults(row)]
    if faults:
        raise ReceiptError(f"receipt {name!r}: " + "; ".join(faults))
    table.setdefault("needs", [])
    return table


def _row_faults(row: dict[str, Any]) -> list[str]:
    kind = row.get("kind")
    if kind not in KINDS:
        return [f"kind {kind!r} is not one of {sorted(KINDS)}"]
    faults = [f"{key}: not a key of a {kind}" for key in sorted(set(row) - {"kind", "zh", "en"} - KINDS[kind])]
    if kind == "rule":
        return faults
    wanted: type = list if kind == "pair" else str
    for tongue in LANGUAGES:
        value = row.get(tongue)
        if not isinstance(value, wanted) or (isinstance(value, list) and [type(v) for v in value] != [str, str]):
            faults.append(f"{tongue}: {'a label and a value' if kind == 'pair' else 'a text'} is wanted")
    return faults
