"""People: register, licence, vehicles, school, files, filings, homes."""

from __future__ import annotations

from config.divisions import division_name
from simulator.platform import registry
from simulator.platform.records.answer import (
    Ask,
    Section,
    figures,
    line,
    masked,
    rows,
    say,
    steps,
    table,
    tail,
    yuan,
)

STATE, DAY = say("状态", "State"), say("日期", "Date")


def household(ask: Ask) -> list[Section] | None:
    """The household register; the other members are masked."""
    if ask.nothing(12):
        return None
    who = ask.person
    kin = (("配偶", "Spouse"), ("子", "Son"), ("女", "Daughter"), ("母亲", "Mother"))
    others = [(say(*kin[i]), masked(who.name), str(who.birth.year + 3 + 9 * i)) for i in range(ask.dice.between(1, 3))]
    members = [(say("户主", "Head"), masked(who.name), str(who.birth.year)), *others]
    columns = (say("与户主关系", "Relation"), say("姓名", "Name"), say("出生年", "Born"))
    return [
        rows(
            say("户口簿", "Household register"),
            line(say("户号", "Number"), tail(ask.dice.digits(9)), private=True),
            line(say("户别", "Kind"), say("家庭户", "Family")),
            line(say("登记机关", "Registered at"), say(who.issuer)),
            line(say("所在区市", "District"), say(*_district(ask))),
        ),
        table(say("成员", "Members"), columns, members),
    ]


def _district(ask: Ask) -> tuple[str, str]:
    code, zh = registry.region(ask.person)
    return zh, division_name(code, "en")


def same_name(ask: Ask) -> list[Section] | None:
    """How many people have a name; nobody has an odd one."""
    name = ask.get("name").strip()
    plausible = 2 <= len(name) <= 4
    if ask.found is False or not (plausible or ask.found):
        return None
    women = ask.dice.between(0, 400)
    men = ask.dice.between(0 if women else 1, 400)
    return [
        figures(
            say("全市同名", "The same name in the city"),
            line(say("合计", "In all"), say(f"{men + women} 人", f"{men + women} people")),
            line(say("男", "Men"), str(men)),
            line(say("女", "Women"), str(women)),
        )
    ]


_OFFENCES = (
    ("违反禁止标线", "Crossing a solid line", 1, 10_000),
    ("超速不足 20%", "Speeding, under 20%", 3, 10_000),
    ("违法停车", "Parking offence", 0, 10_000),
    ("闯红灯", "Running a red light", 6, 20_000),
)
_ROADS = (
    ("新威路", "Xinwei Road"),
    ("文化中路", "Wenhua Middle Road"),
    ("统一路", "Tongyi Road"),
    ("世昌大道", "Shichang Avenue"),
)


def violations(ask: Ask) -> list[Section] | None:
    """What a vehicle has open."""
    if ask.nothing(3):
        return None
    records, points, fines = [], 0, 0
    for _ in range(ask.dice.between(1, 5)):
        zh, en, minus, fen = ask.dice.pick(_OFFENCES)
        points, fines = points + minus, fines + fen
        records.append((ask.ago(ask.dice.between(1, 300)), say(*ask.dice.pick(_ROADS)), say(zh, en), yuan(fen)))
    records.sort(key=lambda r: str(r[0]), reverse=True)
    columns = (DAY, say("地点", "Place"), say("违法行为", "Offence"), say("罚款", "Fine"))
    return [
        figures(
            say("未处理违法", "Open offences"),
            line(say("条数", "Number"), str(len(records))),
            line(say("罚款合计", "Fines in all"), yuan(fines)),
            line(say("记分合计", "Points in all"), str(points)),
        ),
        table(say("明细", "Details"), columns, records),
    ]


def driving_licence(ask: Ask) -> list[Section] | None:
    """Points and state of the driving licence."""
    age = ask.today.year - ask.person.birth.year
    if ask.found is False or (not ask.found and (not 18 <= age <= 70 or ask.nothing(5))):
        return None
    points = ask.dice.pick((0, 0, 0, 1, 3, 6, 9))
    return [
        figures(
            say("本记分周期", "This year"),
            line(say("已记分", "Points"), say(f"{points} 分（满分 12）", f"{points} of 12")),
            line(say("驾驶证状态", "State"), say("正常", "Valid")),
        ),
        rows(
            say("驾驶证", "Licence"),
            line(say("准驾车型", "Class"), ask.dice.pick(("C1", "C2", "B2", "A2"))),
            line(say("有效期至", "Valid until"), ask.ahead(ask.dice.between(90, 2500))),
            line(say("清分日期", "Points cleared on"), ask.ahead(ask.dice.between(5, 360))),
            line(say("发证机关", "Issued by"), say("威海市公安局交警支队", "Weihai Traffic Police")),
        ),
    ]


def education(ask: Ask) -> list[Section] | None:
    """School records on file."""
    if ask.nothing(7):
        return None
    born = ask.person.birth.year
    stages = [
        (str(born + 6), str(born + 12), say("小学", "Primary school")),
        (str(born + 12), str(born + 15), say("初中", "Middle school")),
        (str(born + 15), str(born + 18), say("高中", "High school")),
    ]
    held = [s for s in stages if int(str(s[1])) <= ask.today.year] or stages[:1]
    columns = (say("入学", "From"), say("毕业", "To"), say("学段", "Stage"))
    return [table(say("学籍（学历）", "School records"), columns, held[::-1])]


def admission(ask: Ask) -> list[Section] | None:
    """Which school a child was given."""
    if ask.nothing(4):
        return None
    school = ask.dice.pick(
        (
            ("威海市塔山小学", "Tashan Primary School"),
            ("威海市鲸园小学", "Jingyuan Primary School"),
            ("威海市古寨小学", "Guzhai Primary School"),
        )
    )
    return [
        figures(
            say("录取结果", "Result"),
            line(say("录取学校", "School"), say(*school)),
            line(say("状态", "State"), say("已录取", "Admitted")),
            line(say("报到日期", "Register on"), f"{ask.today.year + (ask.today.month > 8)}-08-29"),
        ),
        rows(
            say("报到请带", "Please bring"),
            line(say("证件", "Papers"), say("户口簿、预防接种证", "Register, vaccination card")),
        ),
    ]


def personnel_file(ask: Ask) -> list[Section] | None:
    """Where the personnel file lies."""
    if ask.nothing(3):
        return None
    return [
        rows(
            say("人事档案", "Personnel file"),
            line(say("存放机构", "Kept at"), say("威海市人才服务中心", "Weihai Talent Service Centre")),
            line(say("接收日期", "Received on"), ask.ago(ask.dice.between(100, 3000))),
            line(say("档案状态", "State"), say("在库", "On the shelf")),
            line(say("联系电话", "Phone"), "0631-5190000"),
        )
    ]


def medical_filings(ask: Ask) -> list[Section] | None:
    """Filings for treatment elsewhere. They are taken back in the item for that."""
    if ask.nothing(2):
        return None
    places = (("北京市", "Beijing"), ("上海市", "Shanghai"), ("济南市", "Jinan"), ("青岛市", "Qingdao"))
    return [
        table(
            say("异地就医备案", "Treatment elsewhere"),
            (say("就医地", "Place"), say("开始", "From"), say("结束", "Until"), STATE),
            [
                (say(*ask.dice.pick(places)), ask.ago(200), ask.ahead(165), say("有效", "In force")),
                (say(*ask.dice.pick(places)), ask.ago(900), ask.ago(535), say("已到期", "Over")),
            ],
        )
    ]


def veteran(ask: Ask) -> list[Section] | None:
    """The veterans' file, for those who have one."""
    if ask.nothing(2):
        return None
    return [
        rows(
            say("退役军人建档立卡", "Veteran's file"),
            line(say("建档单位", "Kept by"), say(*_bureau(ask))),
            line(say("建档日期", "Opened on"), ask.ago(ask.dice.between(400, 2000))),
            line(say("优待证", "Card"), say("已发放", "Issued")),
            line(say("年度核验", "Yearly check"), say("已完成", "Done")),
        )
    ]


def _bureau(ask: Ask) -> tuple[str, str]:
    zh, en = _district(ask)
    return f"{zh}退役军人事务局", f"Veterans Affairs, {en}"


def waiting_list(ask: Ask) -> list[Section] | None:
    """The place on the list for public rental homes."""
    if ask.nothing(3):
        return None
    place = ask.dice.between(3, 420)
    events = (
        (say("申请受理", "Accepted"), "done", ask.ago(420)),
        (say("资格审核通过", "Entitled"), "done", ask.ago(380)),
        (say("轮候", "Waiting"), "current", ""),
        (say("选房配租", "Choosing a home"), "todo", ""),
    )
    return [
        figures(
            say("公租房轮候", "Public rental homes"),
            line(say("轮候序号", "Place on the list"), str(place)),
            line(say("每年配租约", "Homes a year, about"), "160"),
        ),
        steps(say("进度", "Progress"), *events),
    ]


def register_units(ask: Ask) -> list[Section] | None:
    """The real-estate register: own units, or the one that was asked for."""
    if ask.nothing(5):
        return None
    who = ask.person
    units = []
    for n in range(1 if ask.get("cert_no") or ask.get("unit_no") else ask.dice.between(1, 3)):
        home = say("住宅", "Home") if n == 0 else say("车库", "Garage")
        area = f"{ask.dice.between(60, 140) if n == 0 else ask.dice.between(14, 30)}.{ask.dice.digits(2)} ㎡"
        place = say(f"样例路 {ask.dice.between(2, 90)} 号", f"{ask.dice.between(2, 90)} Sample Road")
        units.append((home, place, area, say("无抵押" if n else "有抵押", "Free" if n else "Mortgaged")))
    columns = (say("用途", "Use"), say("坐落", "Place"), say("面积", "Area"), say("他项权利", "Charges"))
    return [
        figures(
            say("不动产登记簿", "Real-estate register"),
            line(say("权利人", "Owner"), masked(who.name)),
            line(say("登记单元", "Units"), str(len(units))),
            line(say("查封", "Seizure"), say("无", "none")),
        ),
        table(say("单元", "Units"), columns, units),
    ]


def home_contract(ask: Ask) -> list[Section] | None:
    """A home's contract that was signed online."""
    if ask.nothing(4):
        return None
    return [
        rows(
            say("商品房网签", "Contract signed online"),
            line(say("合同状态", "State"), say("已备案", "Filed")),
            line(say("签订日期", "Signed on"), ask.ago(ask.dice.between(30, 1500))),
            line(say("备案日期", "Filed on"), ask.ago(ask.dice.between(1, 29))),
            line(say("项目", "Development"), say("样例海岸花园", "Sample Coast Garden")),
            line(say("建筑面积", "Area"), f"{ask.dice.between(70, 150)}.{ask.dice.digits(2)} ㎡"),
        )
    ]


def lodging(ask: Ask) -> list[Section] | None:
    """A foreigner's registration of lodging."""
    if ask.nothing(3):
        return None
    return [
        rows(
            say("临时住宿登记", "Lodging registration"),
            line(say("登记日期", "Registered on"), ask.ago(ask.dice.between(1, 60))),
            line(say("预计离开", "Leaves on"), ask.ahead(ask.dice.between(3, 60))),
            line(say("登记机关", "Registered at"), say("环翠分局竹岛派出所", "Zhudao Police Station, Huancui")),
            line(say("状态", "State"), say("有效", "Valid")),
        )
    ]
