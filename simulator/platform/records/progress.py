"""How far something is: cards, permits, cases, parcels. Cases and parcels are those that the city has on file."""

from __future__ import annotations

import json
import sqlite3
from datetime import date

from simulator.platform.records.answer import Ask, Said, Section, figures, line, masked, say, steps, table

_CARD = (
    ("受理", "Accepted"),
    ("审核", "Checked"),
    ("制证", "Card made"),
    ("分发到领取点", "Sent to the counter"),
    ("可以领取", "Ready to collect"),
)
_PERMIT = (("受理", "Accepted"), ("审核", "Checked"), ("决定", "Decided"), ("发证", "Issued"))
_INJURY = (("受理", "Accepted"), ("调查核实", "Looked into"), ("认定决定", "Decided"), ("送达", "Delivered"))
_REGISTER = (
    ("受理", "Accepted"),
    ("审核", "Checked"),
    ("登簿", "Registered"),
    ("缮证", "Certificate made"),
    ("领证", "Collected"),
)


def _road(ask: Ask, stages: tuple[tuple[str, str], ...], title: Said, place: Said) -> list[Section] | None:
    if ask.nothing(5):
        return None
    at = ask.dice.upto(len(stages) - 1)
    days = sorted((ask.dice.between(1, 30) for _ in range(at + 1)), reverse=True)
    events = [
        (say(*stage), "done" if i < at else "current" if i == at else "todo", ask.ago(days[i]) if i <= at else "")
        for i, stage in enumerate(stages)
    ]
    expected = ask.ahead(3 * (len(stages) - at))
    number = ask.get("accept_no") or ask.get("case_no")
    return [
        figures(
            title,
            *([line(say("受理编号", "Number"), number[:60])] if number else []),
            line(say("现在", "Now"), events[at][0]),
            line(say("预计办好", "Ready by, about"), expected),
            line(say("领取地点", "Where to collect"), place),
        ),
        steps(say("进度", "Progress"), *events),
    ]


def id_card(ask: Ask) -> list[Section] | None:
    """An ID card on its way."""
    return _road(ask, _CARD, say("居民身份证", "ID card"), say(ask.person.issuer, "Household counter, your district"))


def travel_document(ask: Ask) -> list[Section] | None:
    """A passport or permit on its way."""
    title = say("出入境证件", "Travel document")
    return _road(ask, _CARD, title, say("出入境接待大厅", "Exit and entry hall"))


def social_card(ask: Ask) -> list[Section] | None:
    """A social-security card on its way."""
    return _road(ask, _CARD, say("社会保障卡", "Social-security card"), say("合作银行网点", "Your bank's branch"))


def injury(ask: Ask) -> list[Section] | None:
    """A work-injury determination."""
    return _road(ask, _INJURY, say("工伤认定", "Work injury"), say("人社局工伤科", "Work injury section"))


def registration(ask: Ask) -> list[Section] | None:
    """A real-estate registration."""
    title = say("不动产登记", "Real-estate registration")
    return _road(ask, _REGISTER, title, say("不动产登记中心", "Registration centre"))


def ride_hailing(ask: Ask) -> list[Section] | None:
    """A ride-hailing driver's licence."""
    return _road(ask, _PERMIT, say("网约车驾驶员证", "Driver's licence"), say("交通运输窗口", "Transport counter"))


def cases(ask: Ask) -> list[Section] | None:
    """A case by its number, or the newest ones of whoever asks. Somebody else's is masked (domain R46)."""
    number = ask.get("case_no").replace(" ", "")
    if ask.found is False:
        return None
    if not number:
        return _mine(ask)
    row = ask.cx.execute("SELECT * FROM application WHERE number = ?", (number,)).fetchone()
    if row is not None:
        return _case(ask, row)
    if ask.found:
        return _road(ask, _PERMIT, say("办件", "Case"), say("综合窗口", "General counter"))
    return None


def _mine(ask: Ask) -> list[Section] | None:
    found = ask.cx.execute(
        "SELECT * FROM application WHERE citizen = ? ORDER BY accepted_at DESC LIMIT 30", (ask.person.number,)
    ).fetchall()
    if not found:
        return _road(ask, _PERMIT, say("办件", "Case"), say("综合窗口", "General counter")) if ask.found else None
    if len(found) == 1:
        return _case(ask, found[0])
    records = [(r["number"], _name(ask, r), r["accepted_at"][:10], _STATES.get(r["state"], _OPEN)) for r in found]
    columns = (say("受理编号", "Number"), say("事项", "Service"), say("受理日期", "Accepted on"), say("状态", "State"))
    return [table(say("我的办件", "My cases"), columns, records)]


_OPEN = say("办理中", "Under way")
_STATES = {"ACCEPTED": _OPEN, "DONE": say("已办结", "Done"), "WITHDRAWN": say("已撤回", "Withdrawn")}


def _name(ask: Ask, row: sqlite3.Row) -> Said:
    service = ask.catalogue.services.get(row["service"])
    return say(service.name.zh, service.name.en) if service else say(str(row["service"]))


def _case(ask: Ask, row: sqlite3.Row) -> list[Section]:
    promised = date.fromisoformat(row["promise_date"])
    done = row["state"] != "ACCEPTED"
    late = not done and ask.today > promised
    own = row["citizen"] == ask.person.number
    events = (
        (say("受理", "Accepted"), "done", row["accepted_at"][:10]),
        (say("审核办理", "Being handled"), "done" if done else "late" if late else "current", ""),
        (say("办结", "Done"), "done" if done else "todo", row["promise_date"] if not done else ""),
    )
    note = say("已超过承诺日期，正在督办", "Past its promised day; it is being pressed") if late else None
    applicant = ask.person.name if own else "**"
    return [
        figures(
            say("办件", "Case"),
            line(say("受理编号", "Number"), row["number"]),
            line(say("事项", "Service"), _name(ask, row)),
            line(say("申请人", "Applicant"), masked(applicant)),
            line(say("状态", "State"), _STATES.get(row["state"], _OPEN)),
            line(say("承诺办结", "Promised by"), row["promise_date"]),
        ),
        steps(say("进度", "Progress"), *events, note=note),
    ]


def parcel(ask: Ask) -> list[Section] | None:
    """A parcel by its waybill: the city's own orders, else invented."""
    row = ask.cx.execute("SELECT * FROM delivery WHERE waybill = ?", (ask.get("waybill").strip(),)).fetchone()
    if row is None and ask.nothing(4):
        return None
    at = ask.dice.upto(2) if row is None else len(json.loads(row["events"]))
    stages: tuple[tuple[Said, str], ...] = (
        (say("已下单", "Ordered"), ask.ago(3)),
        (say("已揽收", "Picked up"), ask.ago(2)),
        (say("运输中", "On its way"), ask.ago(1)),
        (say("派送中", "Out for delivery"), ""),
        (say("已签收", "Delivered"), ""),
    )
    if row is not None:
        stages = ((stages[0][0], row["at"][:10]), *((label, "") for label, _ in stages[1:]))
    events = [
        (label, "done" if i < at else "current" if i == at else "todo", day if i <= at else "")
        for i, (label, day) in enumerate(stages)
    ]
    return [
        figures(say("邮政 EMS", "Post EMS"), line(say("现在", "Now"), events[min(at, 4)][0])),
        steps(say("物流轨迹", "Tracking"), *events),
    ]
