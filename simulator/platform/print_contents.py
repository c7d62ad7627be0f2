"""What each printed document says, from its layout: the holder, the sentence, the lines; invented by rule, never empty.

Words of `certificates/layouts.toml` in `{}` are filled here; a name that nobody fills is the layout's fault (KeyError).
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from config.catalogue import Service
from config.certificate_layouts import Layout, layouts
from config.divisions import division_name
from simulator.organisations import ORGANISATIONS
from simulator.people import CITIZENS, Citizen
from simulator.platform import dictionaries, library, registry
from simulator.platform.assurance import acting_for
from simulator.platform.city import City
from simulator.platform.print_rows import MOST_ROWS, ROWS, Subject
from simulator.platform.problems import Refusal

NOBODY = "—"
_PAIR = ["项目", "内容"]
_ETHNIC = {"01": "汉族", "05": "维吾尔族", "10": "朝鲜族", "11": "满族"}
_DIGITS = "〇一二三四五六七八九"
_MONTHS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")


@dataclass(frozen=True, slots=True)
class Contents:
    """The words of one document. `licence`: it is a copy of this version."""

    layout: Layout
    title: str
    holder: str
    number: str
    statement: str
    columns: list[str]
    rows: list[list[str]]
    purpose: str
    valid_until: date | None
    licence: library.Licence | None


def contents(
    cx: sqlite3.Connection, city: City, service: Service, session: Mapping[str, Any], form: Mapping[str, str]
) -> Contents:
    """The document of a service for the session's person or organisation. Raises `Refusal` when there is none."""
    layout = layouts()[service.certificate or ""]
    today = city.now().date()
    who = registry.citizen(session["number"]) if session["number"] else None
    holder, number, masked = _holder(cx, layout, session["id"], who, form)
    subject = Subject(number if number != NOBODY else session["id"], who, form, today)
    licence = None
    if layout.elicence:
        kind = form.get("licence_id", "") if layout.elicence == "chosen" else layout.elicence
        acts = who is None or number != who.number
        if kind not in library.KINDS or (library.KINDS[kind].of == "organisation" and not acts):
            raise Refusal("licence-not-found", "the holder has no such licence")
        licence = library.of(cx, number, kind)
    words = _words(city, service, subject, holder, masked, licence)
    columns, rows = _table(layout, subject, words)
    statement = _filled(layout.statement, words)
    if layout.rows == "insurances" and not rows:
        statement = f"在我市没有所选险种的参保记录，截至{words['today_zh']}。"
    if layout.rows == "houses" and not rows:
        statement, columns = (
            f"经查询{words['scope']}范围内的不动产登记信息，截至{words['today']}，未查询到登记在其名下的房屋。",
            [],
        )
    return Contents(
        layout,
        _filled(layout.title, words) or service.name.zh,
        holder,
        masked,
        statement,
        columns,
        rows,
        words["purpose"],
        today + timedelta(days=layout.valid_days) if layout.valid_days else None,
        licence,
    )


def _holder(
    cx: sqlite3.Connection, layout: Layout, session: str, who: Citizen | None, form: Mapping[str, str]
) -> tuple[str, str, str]:
    """Name, number, and the number as it is printed."""
    if layout.holder == "none":
        return NOBODY, NOBODY, NOBODY
    acting = acting_for(cx, session) if layout.holder != "person" else None
    named = form.get("uscc", "") or form.get("uscc_or_name", "")
    if layout.holder == "organisation" or acting is not None:
        code = acting["organisation"] if acting else named
        for each in ORGANISATIONS.values():
            if code in (each.uscc, each.key, each.name):
                return each.name, each.uscc, each.uscc
        if layout.holder == "organisation":
            raise Refusal("licence-not-found", "no organisation is registered so")
    if who is None:
        raise Refusal("assurance-too-low")
    return who.name, who.number, who.number[:6] + "*" * 8 + who.number[-4:]


def _table(layout: Layout, subject: Subject, words: Mapping[str, str]) -> tuple[list[str], list[list[str]]]:
    if layout.fields:
        return list(_PAIR), [[label, _filled(value, words)] for label, value in layout.fields]
    return list(layout.columns), ROWS[layout.rows](subject)[:MOST_ROWS] if layout.rows else []


def _filled(text: str, words: Mapping[str, str]) -> str:
    return text.format_map(words) if "{" in text else text


def _words(
    city: City, service: Service, s: Subject, holder: str, masked: str, licence: library.Licence | None
) -> dict[str, str]:
    form = {spec.key: _label(city, service, spec.key, s.form.get(spec.key, "")) for spec in service.form}
    first, last = (s.form.get(f"{k}_month", "") or s.form.get(k, "") for k in ("from", "to"))
    org = next((o for o in ORGANISATIONS.values() if o.uscc == s.number), None)
    legal = CITIZENS[org.person_in_charge] if org else None
    words = {
        **form,
        "holder": holder,
        "number": masked,
        "today": _zh_day(s.today),
        "today_zh": "".join(_DIGITS[int(d)] for d in f"{s.today:%Y}") + "年" + _MONTHS[s.today.month - 1] + "月",
        "today_month": f"{s.today.year}年{s.today.month}月",
        "from": _zh(first) or "有记录之日",
        "to": _zh(last) or _zh_day(s.today),
        "span": f"，{_zh(first) or '参保之初'}至{_zh(last) or '今'}" if first or last else "",
        "year": s.form.get("year", str(s.today.year)),
        "years": {"all": "全部年度"}.get(s.form.get("years", ""), f"{s.form.get('years', '')} 年"),
        "purpose": form.get("purpose")
        or ("窗口办事" if holder == NOBODY else "本人办事" if org is None else "单位办事"),
        "as_of": _zh(s.form.get("as_of", "")) or _zh_day(s.today),
        "month": _zh(s.form.get("month", "")),
        "to_city": _city(s.form.get("to_city", "")),
        "uscc": s.number,
        "legal": legal.name if legal else "",
        "org_address": legal.address if legal else "",
        "score": str(86 + s.draw("score", 60)),
        "grade": "ABM"[s.draw("grade", 3)],
        "base": "7569.00",
        "monthly": "1816.00",
        "balance": f"{12_000 + s.draw('balance', 90_000)}.00",
        "months": str(36 + s.draw("months", 90)),
        "settled": _zh_day(s.today - timedelta(days=10 + s.draw("settled", 300))),
        "married": _zh_day(date(2008 + s.draw("married", 12), 1 + s.draw("m", 12), 8)),
        "spouse": "样*" + "例",
        "form_title": form.get("form_id", ""),
        **{f"no{n}": _number(s, n) for n in (10, 12, 14, 16, 17, 28)},
    }
    if s.who is not None:
        code, district = registry.region(s.who)
        words |= {
            "sex": "男" if s.who.sex == "1" else "女",
            "nation": _ETHNIC.get(s.who.ethnicity, "汉族"),
            "birth": _zh_day(s.who.birth),
            "address": s.who.address,
            "district": district,
            "region": code,
        }
    else:
        words |= {"address": words["org_address"], "district": "威海市"}
    if licence is not None:
        kind, until = library.KINDS[licence.kind], library.valid_to(licence)
        words |= {
            "licence_title": kind.zh,
            "licence_number": library.masked(licence),
            "licence_issuer": kind.issuer_zh,
            "licence_valid": _zh_day(until) if until else "长期",
            "licence_version": str(licence.version),
        }
    return {key: value.replace("{", "（").replace("}", "）")[:120] for key, value in words.items()}


def _label(city: City, service: Service, key: str, value: str) -> str:
    """An answer as a person reads it."""
    spec = next(s for s in service.form if s.key == key)
    if value and spec.options_from:
        known = dictionaries.choices(city, f"{service.id}.{key}") or ()
        return next((entry.zh for entry in known if entry.key == value), value)
    if spec.type in ("date", "month"):
        return _zh(value)
    return next((o.label.zh for o in spec.options if o.key == value), value)


def _city(code: str) -> str:
    """A division's name; of another city only the code is known here."""
    name = division_name(code) if code else "异地"
    return f"行政区划代码 {code} 的城市" if name == code and code else name


def _zh(text: str) -> str:
    if not text.isdigit() or len(text) not in (6, 8):
        return text
    day = f"{int(text[6:8])}日" if len(text) == 8 else ""
    return f"{text[:4]}年{int(text[4:6])}月{day}"


def _zh_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _number(s: Subject, digits: int) -> str:
    draw = hashlib.sha256(f"{s.number}|no{digits}".encode()).hexdigest()
    return str(int(draw, 16) % 10**digits).zfill(digits)
