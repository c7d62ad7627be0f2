"""What goes to the receipt printer where a slip is the result: a receipt again, a photo's number, a health code.

A receipt is printed again at most `MOST_REPRINTS` times, counted for each order; each says 补打 and which time it is.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from fastapi import APIRouter

from config.catalogue import Service
from simulator.platform import registry
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City
from simulator.platform.fee_models import BillsWanted
from simulator.platform.problems import Refusal
from simulator.platform.sessions import current
from simulator.platform.store import count

SCHEMA = """
CREATE TABLE IF NOT EXISTS reprint(payment_order TEXT PRIMARY KEY, times INTEGER NOT NULL, at TEXT NOT NULL)
    WITHOUT ROWID;
"""
MOST_REPRINTS: Final = 3
_DAY_DIGITS: Final = 8


def router(city: City) -> APIRouter:
    """`POST /slips`."""
    api = APIRouter()

    @api.post("/slips")
    async def slip(body: BillsWanted, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _slip(cx, call, body))

    del city
    return api


def _slip(cx: sqlite3.Connection, call: Call, wanted: BillsWanted) -> Mapping[str, Any]:
    service = call.city.service(wanted.service)
    session = current(cx, call, call.session)
    if session["level"] < service.level:
        raise Refusal("assurance-too-low", f"the session has {session['level']}, the service needs {service.level}")
    make = SLIPS.get(service.id)
    if make is None:
        raise Refusal("item-not-available", "this service has no slip")
    return {"code": "", "number": "", "again": 0, "left": 0} | make(cx, call, service, session, wanted.form)


def _row(zh: str, en: str, value: str) -> dict[str, Any]:
    return {"label": {"zh": zh, "en": en}, "value": value[:120]}


def _title(service: Service) -> dict[str, str]:
    return {"zh": service.name.zh, "en": service.name.en}


def _photo(
    cx: sqlite3.Connection, call: Call, service: Service, session: sqlite3.Row, form: Mapping[str, str]
) -> dict[str, Any]:
    number = f"37{call.city.now():%y%m%d}{count(cx, f'photo:{call.city.now():%y%m%d}'):06d}"
    kind = {"id": "居民身份证", "driver": "驾驶证", "passport": "护照", "social": "社会保障卡"}.get(
        form.get("photo_type", ""), "出入境证件"
    )
    del session
    rows = [
        _row("照片类型", "Photo for", kind),
        _row("拍摄时间", "Taken at", call.city.stamp()[:16].replace("T", " ")),
        _row("有效期", "Good for", "6 个月 / 6 months"),
    ]
    return {"title": _title(service), "rows": rows, "number": number, "code": f"WHPH1,{number}"}


def _health_card(
    cx: sqlite3.Connection, call: Call, service: Service, session: sqlite3.Row, form: Mapping[str, str]
) -> dict[str, Any]:
    del cx, form
    who = registry.citizen(session["number"] or "")
    if who is None:
        raise Refusal("assurance-too-low")
    code = hashlib.sha256(f"health|{who.number}".encode()).hexdigest()[:32].upper()
    rows = [
        _row("姓名", "Name", who.name[0] + "*" * (len(who.name) - 1)),
        _row("发卡机构", "Issued by", "威海市卫生健康委员会"),
        _row("领取日期", "Issued on", call.city.now().date().isoformat()),
    ]
    return {"title": _title(service), "rows": rows, "code": f"WHHC1,{code}"}


def _reprint(
    cx: sqlite3.Connection, call: Call, service: Service, session: sqlite3.Row, form: Mapping[str, str]
) -> dict[str, Any]:
    """The receipt of an own payment, by its number on the receipt (the last 8 of it) or its day; else the newest."""
    wanted = "".join(c for c in form.get("order_no", "") if c.isalnum()).lower()
    by_day = wanted if len(wanted) == _DAY_DIGITS and wanted.startswith("20") and wanted.isdigit() else ""
    day = f"{by_day[:4]}-{by_day[4:6]}-{by_day[6:]}" if by_day else ""
    row = cx.execute(
        "SELECT o.*, f.title_zh, f.title_en, f.payee_zh, f.payee_en, f.pay_code FROM payment_order o"
        " LEFT JOIN order_fee f ON f.payment_order = o.id"
        " WHERE o.state = 'PAID' AND (o.number = ? OR (o.number = '' AND ? <> '' AND ? = ''))"
        " AND (? = '' OR substr(lower(o.intent), -8) = ? OR o.id = ? OR (? <> '' AND substr(o.at, 1, 10) = ?))"
        " ORDER BY o.at DESC, o.rowid DESC LIMIT 1",
        (session["number"] or "-", wanted, by_day, wanted, wanted[-8:], form.get("order_no", ""), day, day),
    ).fetchone()
    if row is None:
        raise Refusal("not-found", "no payment is found so")
    known = cx.execute("SELECT times FROM reprint WHERE payment_order = ?", (row["id"],)).fetchone()
    times = (known["times"] if known else 0) + 1
    if times > MOST_REPRINTS:
        raise Refusal("print-quota-exhausted", f"printed again {MOST_REPRINTS} times")
    cx.execute("INSERT OR REPLACE INTO reprint VALUES (?, ?, ?)", (row["id"], times, call.city.stamp()))
    fee = call.city.service(row["service"]).fee
    zh, en = (row["title_zh"] or fee.title.zh), (row["title_en"] or fee.title.en)
    rows = [
        _row("办理事项", "Service", call.city.service(row["service"]).name.zh),
        _row("收费项目", "For", zh),
        _row("实收金额", "Amount paid", f"￥{row['fen'] // 100}.{row['fen'] % 100:02d}"),
        _row("收款人", "Paid to", row["payee_zh"] or fee.payee.zh),
        _row("支付单号", "Payment no.", row["intent"][-8:].upper()),
        _row("支付时间", "Paid at", row["at"][:19].replace("T", " ")),
    ]
    if row["pay_code"]:
        rows.insert(4, _row("缴款码", "Payment code", row["pay_code"]))
    ebill = cx.execute("SELECT * FROM ebill WHERE payment_order = ?", (row["id"],)).fetchone()
    if ebill is not None:
        rows.append(_row("电子票据", "E-bill", f"{ebill['code']} {ebill['number']} {ebill['check_code']}"))
    del service
    title = {"zh": f"缴费凭条（{zh}）"[:80], "en": f"Proof of payment ({en})"[:80]}
    return {
        "title": title,
        "rows": rows,
        "code": f"WHA1.{row['intent']}",
        "again": times,
        "left": MOST_REPRINTS - times,
    }


SLIPS: Final[
    Mapping[str, Callable[[sqlite3.Connection, Call, Service, sqlite3.Row, Mapping[str, str]], dict[str, Any]]]
] = MappingProxyType({"WH-PS-006": _photo, "WH-EE-013": _photo, "WH-HC-002": _health_card, "WH-GN-011": _reprint})
