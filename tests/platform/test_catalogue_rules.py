"""Every rule of the catalogue refuses a broken example with file, item and key; items come and go as data."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from config.catalogue import CatalogueError, load_catalogue

CHINA = timezone(timedelta(hours=8))

ITEM = """
[field]
key = "seaside"
order = 1
icon = "water_drop"
name = { zh = "海边", en = "Seaside" }
note = { zh = "海边", en = "Seaside" }

[[service]]
id = "WH-XX-001"
code = "11371000MB2856435T3372099001001"
kind = "apply"
name = { zh = "赶海登记", en = "Beach registration" }
who = "person-or-organisation"
level = "A3"
organisation_level = "A4"
offline = "no"
minutes = 3
working_days = 5
limit = { type = "range", least = 1, most = 5 }
regions = ["371002"]
steps = ["consent", "identify", "face", "fill", "review", "pay", "submit", "receipt", "finish"]
needs = ["id_card", "payment_pad"]
equipment = ["card-slot"]
authority = { zh = "威海市海洋发展局", en = "Weihai Ocean Bureau" }
basis = { zh = "公共服务规定", en = "Public service rule" }
output = { zh = "回执", en = "Receipt" }
outputs = ["receipt"]
procedure = [{ zh = "刷身份证", en = "Place your ID card" }]
bundle = [{ id = "WH-XX-002", gives = ["uscc"] }, { id = "WH-XX-003" }]

[service.fee]
type = "table"
source = "published_or_bill"
rows = [{ label = { zh = "一天", en = "One day" }, fen = 500, when = { field = "kind", equals = "day" } }]
title = { zh = "费用", en = "Fee" }
basis = { zh = "标准", en = "Price list" }
payee = { zh = "威海市海洋发展局", en = "Weihai Ocean Bureau" }

[[service.materials]]
name = { zh = "卡", en = "Card" }
sources = ["insert"]

[[service.form]]
key = "kind"
type = "enum"
required = true
label = { zh = "类别", en = "Kind" }
options = [
    { key = "day", label = { zh = "一天", en = "One day" } },
    { key = "year", label = { zh = "一年", en = "One year" } },
]

[[service.form]]
key = "count"
type = "int"
least = 1
most = 8
shown_if = { field = "kind", equals = "day" }
label = { zh = "人数", en = "People" }

[[service.form]]
key = "pay_code"
type = "digits"
lengths = [20]
label = { zh = "缴款码", en = "Payment code" }

[[service.form]]
key = "school"
type = "enum"
options_from = "platform"
label = { zh = "学校", en = "School" }

[[service.form]]
key = "uscc"
type = "uscc"
only_for = "organisation"
label = { zh = "统一社会信用代码", en = "Social credit code" }
"""
PART = """
[[service]]
id = "WH-XX-00{n}"
code = "11371000MB2856435T337209900{n}001"
kind = "query"
name = {{ zh = "查询", en = "Query" }}
level = "A0"
offline = "cache"
minutes = 1
working_days = 0
steps = ["fill", "result", "finish"]
needs = []
authority = {{ zh = "威海市海洋发展局", en = "Weihai Ocean Bureau" }}
basis = {{ zh = "公共服务规定", en = "Public service rule" }}
output = {{ zh = "结果", en = "Result" }}
procedure = [{{ zh = "看结果", en = "Read the result" }}]

[service.fee]
type = "free"

[[service.form]]
key = "uscc"
type = "uscc"
required = true
label = {{ zh = "统一社会信用代码", en = "Social credit code" }}
"""
WHOLE = ITEM + PART.format(n=2) + PART.format(n=3)


def load(folder, text=WHOLE):
    (folder / "seaside.toml").write_text(text, encoding="utf-8")
    return load_catalogue(folder)


def test_an_item_is_added_as_data(tmp_path):
    item = load(tmp_path).services["WH-XX-001"]
    assert item.time_limit.zh == "1 至 5 个工作日"
    assert item.fee.amount_from == "data"
    assert item.form[2].length == 20
    assert item.field.key == "seaside"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('kind = "apply"', 'kind = "query"', "steps: a service of kind query needs the step 'result'"),
        ('who = "person-or-organisation"', 'who = "person"', "organisation_level: goes together with 'who'"),
        ('organisation_level = "A4"', 'organisation_level = "A2"', "organisation_level: A2 is below the person's A3"),
        ('organisation_level = "A4"\n', "", "organisation_level: goes together"),
        ('regions = ["371002"]', 'regions = ["110105"]', "regions: '110105' is no division of the city"),
        ("least = 1, most = 5 }", "least = 5, most = 5 }", "limit: a range has 'most' above 'least'"),
        ("least = 1, most = 5 }", "least = 1, most = 6 }", "limit.most: 6 is not working_days, 5"),
        ('type = "range", least', 'type = "soon", least', "limit.type"),
        ('equipment = ["card-slot"]\n', "", "equipment: a card that is inserted needs card-slot"),
        ('"receipt", "finish"]', '"collect", "finish"]', "equipment: the step 'collect' needs issuing-cabinet"),
        ('equipment = ["card-slot"]', 'equipment = ["magic"]', "equipment.0"),
        ('outputs = ["receipt"]', 'outputs = ["song"]', "outputs.0"),
        ('type = "table"', 'type = "fixed"', "fee: a fixed fee has fen above 0"),
        ('type = "table"', 'type = "bill"', "fee.rows: go together with type table, not bill"),
        ('type = "table"', 'type = "formula"', "fee.rule: a formula is told in words"),
        ('type = "table"', 'type = "local"', "fee.price: a local fee names its row"),
        ('type = "table"', 'type = "chosen"', "fee.field: goes together with type chosen"),
        ('type = "table"', 'type = "table"\nfen = 5', "fee.fen: goes together with type fixed or local"),
        ('type = "table"', 'type = "table"\nfield = "sum"', "fee.field: "),
        ('source = "published_or_bill"', 'source = "free"', "fee.source: 'free' does not go together with type table"),
        ('field = "kind", equals = "day" } }]', 'field = "x", equals = "day" } }]', "fee.rows.0.when.field: no field"),
        ('equals = "day" } }]', 'equals = "hour" } }]', "fee.rows.0.when.equals: 'hour' is no option of kind"),
        ('payee = { zh = "威海市海洋发展局", en = "Weihai Ocean Bureau" }\n', "", "fee: a fee of type table has title"),
        ("least = 1\nmost = 8", "least = 9\nmost = 8", "form.count.least: 9 is above most, 8"),
        ('type = "int"', 'type = "text"', "form.count.least, .most: go together with the types"),
        ('type = "int"', 'type = "number"', "form.1.type"),
        ('type = "digits"', 'type = "text"', "form.pay_code.lengths: goes together with type digits"),
        ("lengths = [20]", "lengths = [20]\nmax_length = 500", "form.pay_code.max_length: more than 200"),
        ("lengths = [20]", "lengths = [20]\nmax_length = 9", "form.pay_code.lengths"),
        ("lengths = [20]", "lengths = [20]\nanywhere = true", "form.pay_code.anywhere: goes together with type region"),
        ("lengths = [20]", 'lengths = [20]\nnot_before = "count"', "form.pay_code.not_before: "),
        ('options_from = "platform"\n', "", "form.school: options go together with type enum"),
        ("required = true\nlabel", 'required = true\noptions_from = "platform"\nlabel', "form.kind.options_from: "),
        ('key = "year"', 'key = "day"', "form.kind.options: a key is used twice"),
        ('sources = ["insert"]', 'sources = ["beg"]', "materials.0.sources.0"),
        ('{ id = "WH-XX-003" }', '{ id = "WH-XX-009" }', "bundle: there is no item WH-XX-009 in the catalogue"),
        ('{ id = "WH-XX-003" }', '{ id = "WH-XX-001" }', "bundle: a part is named twice, or is the bundle itself"),
        ('gives = ["uscc"]', 'gives = ["moon"]', "bundle: WH-XX-002 gives 'moon', which no later part asks"),
        ("minutes = 3", "minutes = 3\nversion = 0", "version"),
        ("minutes = 3", "minutes = 3\neffective_from = 2026-12-01T00:00:00", "effective_from"),
        (
            "minutes = 3",
            "minutes = 3\neffective_from = 2026-12-02T00:00:00+08:00\neffective_until = 2026-12-01T00:00:00+08:00",
            "effective_until: does not lie after effective_from",
        ),
    ],
)
def test_each_rule_refuses_its_broken_example(tmp_path, old, new, fault):
    assert old in WHOLE
    with pytest.raises(CatalogueError) as caught:
        load(tmp_path, WHOLE.replace(old, new, 1))
    assert f"seaside.toml: WH-XX-001.{fault}" in str(caught.value)


def test_an_agents_paper_and_an_organisations_field_need_somebody_who_acts_for_another(tmp_path):
    text = WHOLE.replace('who = "person-or-organisation"\n', "").replace('organisation_level = "A4"\n', "")
    with pytest.raises(CatalogueError) as caught:
        load(tmp_path, text.replace('sources = ["insert"]', 'sources = ["insert"]\nwhen = "agent"'))
    assert "WH-XX-001.form.uscc.only_for: nobody acts for an organisation here" in str(caught.value)
    assert "WH-XX-001.materials: 'when' agent goes together with 'who' beyond person" in str(caught.value)


def test_a_fee_or_limit_of_parts_needs_parts(tmp_path):
    bundle = 'bundle = [{ id = "WH-XX-002", gives = ["uscc"] }, { id = "WH-XX-003" }]\n'
    text = WHOLE.replace(bundle, "").replace('{ type = "range", least = 1, most = 5 }', '{ type = "parts" }', 1)
    with pytest.raises(CatalogueError, match=r"WH-XX-001\.bundle: a fee or a time limit that follows the parts"):
        load(tmp_path, text.replace("working_days = 5", "working_days = 0", 1))


def test_a_bundle_is_no_part_of_a_bundle(tmp_path):
    text = WHOLE.replace("\nneeds = []", '\nneeds = []\nbundle = [{ id = "WH-XX-003" }]', 1)
    with pytest.raises(CatalogueError, match=r"WH-XX-001\.bundle: WH-XX-002 is a bundle itself"):
        load(tmp_path, text)


def with_scan(uses: str, required: str) -> str:
    text = WHOLE.replace('"face", "fill"', '"face", "materials", "scan", "fill"', 1)
    text = text.replace('"payment_pad"]', f'"payment_pad"]\nuses = [{uses}]', 1)
    paper = '[[service.materials]]\nname = { zh = "附件", en = "Paper" }\nsources = ["scan"]\ndocument = "a4"\n'
    paper += f"{required}\n"
    return text.replace("[[service.form]]", f"{paper}\n[[service.form]]", 1)


def test_only_papers_that_are_asked_by_choice_go_without_a_camera(tmp_path):
    assert load(tmp_path, with_scan('"camera"', "required = false")).services["WH-XX-001"].uses == ("camera",)
    for uses, required in (('"camera"', ""), ("", "required = false")):
        with pytest.raises(CatalogueError, match=r"WH-XX-001\.needs: the step 'scan' needs camera"):
            load(tmp_path, with_scan(uses, required))


MIDNIGHT = datetime(2026, 12, 1, tzinfo=CHINA)


def test_an_item_withdrawn_at_midnight_is_offered_until_then(tmp_path):
    lines = 'minutes = 1\neffective_until = 2026-12-01T00:00:00+08:00\nwithdrawn = { zh = "停办", en = "Closed" }'
    whole = load(tmp_path, WHOLE.replace("minutes = 1", lines, 1))
    before, after = whole.at(MIDNIGHT - timedelta(seconds=1)), whole.at(MIDNIGHT)
    assert "WH-XX-002" in before.services
    assert "WH-XX-002" not in after.services
    assert "WH-XX-002" in before.services  # a visit under way keeps what it began with
    assert after.version == before.version
    assert "WH-XX-001" in after.services  # that part may fail apart


def test_a_bundle_goes_with_a_part_that_it_cannot_do_without(tmp_path):
    text = WHOLE.replace('{ id = "WH-XX-003" }', '{ id = "WH-XX-003", apart = false }', 1)
    head, _, tail = text.rpartition("minutes = 1")
    whole = load(tmp_path, f"{head}minutes = 1\nwithdrawn = {{ zh = '停办', en = 'Closed' }}{tail}")
    assert set(whole.at(MIDNIGHT).services) == {"WH-XX-002"}


def test_a_field_without_items_is_not_shown(tmp_path):
    text = WHOLE.replace("minutes = ", "effective_from = 2026-12-01T00:00:00+08:00\nminutes = ")
    whole = load(tmp_path, text)
    assert whole.at(MIDNIGHT - timedelta(seconds=1)).fields == ()
    assert [field.key for field in whole.at(MIDNIGHT).fields] == ["seaside"]


def two_versions(until, begin, code="11371000MB2856435T3372099002001"):
    first = PART.format(n=2).replace("minutes = 1", f"minutes = 1\neffective_until = {until}")
    then = PART.format(n=2).replace("minutes = 1", f"minutes = 2\nversion = 2\neffective_from = {begin}")
    return ITEM + first + then.replace("11371000MB2856435T3372099002001", code) + PART.format(n=3)


def test_a_new_version_takes_over_at_its_hour(tmp_path):
    at = "2026-12-01T00:00:00+08:00"
    whole = load(tmp_path, two_versions(at, at))
    assert whole.services["WH-XX-002"].version == 1
    assert whole.at(MIDNIGHT - timedelta(seconds=1)).services["WH-XX-002"].minutes == 1
    assert whole.at(MIDNIGHT).services["WH-XX-002"].minutes == 2
    with pytest.raises(CatalogueError, match=r"WH-XX-002\.effective_from: versions 1 and 2 are in force at the same"):
        load(tmp_path, two_versions("2026-12-02T00:00:00+08:00", at))
    with pytest.raises(CatalogueError, match=r"WH-XX-002\.code: two versions of one item have one code"):
        load(tmp_path, two_versions(at, at, "11371000MB2856435T3372099007001"))
