"""Every query item of the catalogue: who keeps the records, how they are made, what to do when there are none."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.platform.records import money, papers, persons, progress
from simulator.platform.records.answer import Ask, Record, Said, Section, say, table
from simulator.platform.records.directory import DIRECTORIES

POLICE = say("威海市公安局", "Weihai Public Security Bureau")
TAX = say("国家税务总局威海市税务局", "Weihai Tax Bureau")
ESTATE = say("威海市不动产登记中心", "Weihai Real-Estate Registration Centre")
LABOUR = say("威海市人力资源和社会保障局", "Weihai Human Resources and Social Security Bureau")
MEDICAL = say("威海市医疗保障局", "Weihai Medical Insurance Bureau")
CIVIL = say("威海市民政局", "Weihai Civil Affairs Bureau")
FUND = say("威海市住房公积金管理中心", "Weihai Housing Fund Centre")
SCHOOL = say("威海市教育局", "Weihai Education Bureau")
ROADS = say("威海市交通运输局", "Weihai Transport Bureau")
MARKET = say("威海市市场监督管理局", "Weihai Market Supervision Bureau")
HEALTH = say("威海市卫生健康委员会", "Weihai Health Commission")
HOUSING = say("威海市住房和城乡建设局", "Weihai Housing Bureau")
NOTARY = say("威海市公证处", "Weihai Notary Office")
VETERANS = say("威海市退役军人事务局", "Weihai Veterans Affairs Bureau")
FINANCE = say("威海市财政局", "Weihai Finance Bureau")
APPROVAL = say("威海市行政审批服务局", "Weihai Administrative Approval Service Bureau")
UTILITIES = say("威海市城市管理局", "Weihai City Management Bureau")

NUMBER = say(
    "请核对编号，和回执上的一样。还是查不到，请到窗口或拨打 12345。",
    "Please compare the number with your slip. If it is right, ask at the counter or call 12345.",
)
NOT_INSURED = say(
    "可能还没有参保，或在外地参保。可以到社保窗口办理参保或转移。",
    "You may not be insured yet, or elsewhere. The insurance counter can enrol you or transfer it.",
)
SEARCH = say("请换一个词，或少写几个字再查。", "Please try another word, or a shorter one.")
ASK = say(
    "如果您认为应当有记录，请到主管部门窗口核实。",
    "If you think there should be a record, ask at the office's counter.",
)
NOTHING_OPEN = say("没有未处理的记录，不用办任何事。", "Nothing is open; you need not do anything.")
NAME_FREE = say(
    "没有查到相近的名称，可以用这个名称申请登记。", "No similar name was found; you may apply with this one."
)


def _directory(ask: Ask) -> list[Section] | None:
    found = DIRECTORIES[ask.service.id]
    asked = {key: value for key, value in ask.params.items() if value}
    entries = [e for e in found.entries(ask.today) if ask.found or e.fits(asked)]
    if not entries or ask.found is False:
        return None
    return [table(found.title, found.columns, [e.cells for e in entries])]


def _services(ask: Ask) -> list[Section] | None:
    """Items whose name has the words; the terminal's own finder knows more."""
    words = (ask.get("keyword") or ask.get("utterance")).casefold().split()
    field = ask.get("field")
    ids = [
        s.id
        for s in ask.catalogue.services.values()
        if field in ("", s.field.key)
        and all(w in f"{s.name.zh} {s.name.en}".casefold() or s.name.zh in w for w in words)
    ][:50]
    if not ids or ask.found is False:
        return None
    return [{"kind": "services", "title": say("事项", "Services"), "ids": ids}]


def _public(source: Said, advice: Said = SEARCH) -> Record:
    return Record(source, _directory, advice, "public")


RECORDS: Mapping[str, Record] = {
    "WH-PS-005": Record(POLICE, progress.id_card, NUMBER),
    "WH-PS-007": Record(POLICE, persons.household, ASK, "sensitive"),
    "WH-PS-016": Record(
        POLICE,
        persons.same_name,
        say("全市没有这个名字，可以放心起名。", "Nobody in the city has this name."),
        "personal",
    ),
    "WH-PS-021": Record(POLICE, persons.violations, NOTHING_OPEN),
    "WH-PS-024": Record(POLICE, persons.driving_licence, ASK),
    "WH-TX-011": Record(TAX, papers.invoice, NUMBER, "public"),
    "WH-TX-012": Record(TAX, money.taxpayer, ASK),
    "WH-RE-002": Record(ESTATE, persons.register_units, ASK),
    "WH-RE-011": Record(ESTATE, progress.registration, NUMBER),
    "WH-RE-013": Record(HOUSING, persons.home_contract, NUMBER),
    "WH-SI-004": Record(LABOUR, money.pension_account, NOT_INSURED),
    "WH-SI-005": Record(
        LABOUR, money.pension_benefits, say("这一年没有养老金发放记录。", "No pension was paid that year.")
    ),
    "WH-SI-020": Record(
        LABOUR,
        progress.social_card,
        say("没有在办的社保卡。需要办卡，可在本机申请。", "No card is under way. You can apply for one here."),
    ),
    "WH-SI-023": Record(LABOUR, progress.injury, NUMBER),
    "WH-SI-024": _public(LABOUR),
    "WH-SI-025": Record(
        LABOUR,
        persons.personnel_file,
        say(
            "本市没有您的档案，请向原单位或户籍地查询。",
            "Your file is not kept in this city; ask your last employer or home town.",
        ),
    ),
    "WH-MI-002": Record(MEDICAL, money.medical_account, NOT_INSURED),
    "WH-MI-006": Record(
        MEDICAL,
        persons.medical_filings,
        say(
            "没有备案记录。需要到外地看病，可以先在本机备案。",
            "Nothing is filed. Before treatment elsewhere you can file here.",
        ),
    ),
    "WH-MI-014": _public(MEDICAL),
    "WH-MI-015": _public(MEDICAL),
    "WH-EE-007": Record(POLICE, progress.travel_document, NUMBER),
    "WH-EE-012": Record(POLICE, persons.lodging, NUMBER),
    "WH-CA-005": Record(
        CIVIL,
        money.allowances,
        say(
            "没有待遇记录。生活有困难，可向街道或镇申请。",
            "There is no allowance. In need, ask your sub-district or town.",
        ),
    ),
    "WH-CA-011": _public(CIVIL, NUMBER),
    "WH-HF-001": Record(
        FUND, money.housing_fund, say("没有公积金账户，请问单位是否开户。", "There is no account; ask your employer.")
    ),
    "WH-HF-008": Record(
        FUND,
        money.housing_loan,
        say(
            "没有公积金贷款。想申请，可先在本机预约。", "There is no housing-fund loan. You can book the counter here."
        ),
    ),
    "WH-HF-012": Record(FUND, money.employer_remittance, ASK),
    "WH-ED-003": Record(SCHOOL, persons.admission, NUMBER),
    "WH-ED-005": Record(SCHOOL, persons.education, ASK),
    "WH-ED-008": Record(
        SCHOOL,
        money.student_loan,
        say("没有助学贷款。想申请，请到学生资助窗口。", "There is no student loan. The student aid counter can help."),
    ),
    "WH-TR-004": Record(ROADS, progress.ride_hailing, NUMBER),
    "WH-TR-005": Record(ROADS, papers.oversize_permit, NUMBER, "public"),
    "WH-TR-007": Record(ROADS, papers.vessel, NUMBER),
    "WH-UT-008": _public(
        UTILITIES, say("近几天没有停水、停电、停气的通知。", "No outages are announced for the next days.")
    ),
    "WH-BR-003": Record(MARKET, papers.company_name, NAME_FREE, "public"),
    "WH-NO-003": Record(NOTARY, papers.deed, NUMBER, "public"),
    "WH-HC-006": _public(HEALTH),
    "WH-DP-006": Record(VETERANS, persons.veteran, ASK),
    "WH-HO-003": Record(
        HOUSING,
        persons.waiting_list,
        say("不在轮候名单里。可以先提出申请。", "You are not on the list. You can apply first."),
    ),
    "WH-GN-001": Record(APPROVAL, progress.cases, NUMBER),
    "WH-GN-002": Record(APPROVAL, _services, SEARCH, "public"),
    "WH-GN-010": Record(FINANCE, papers.fiscal_bill, NUMBER, "public"),
    "WH-GN-013": Record(say("威海市邮政 EMS", "Weihai Post EMS"), progress.parcel, NUMBER, "public"),
    "WH-GN-018": Record(APPROVAL, _services, SEARCH, "public"),
}
"""NO-005 and GN-020 are answered by people: `POST /help-requests`."""
