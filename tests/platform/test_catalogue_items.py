"""All 236 items: loaded, complete, and what the list of facts (catalogue_facts.csv) says of each of them."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config import DATA
from config.bundles import answers_for, union_of_fields
from config.catalogue import load_catalogue
from config.catalogue_lint import RUNS, lacks, lint_lines
from config.codes import item_code_fault
from config.service_guide import Limit
from kiosk.cli.commands import app
from kiosk.printing.font_coverage import coverage

FILES = DATA / "services"
CATALOGUE = load_catalogue()
ITEMS = CATALOGUE.services
with (Path(__file__).parent / "catalogue_facts.csv").open(encoding="utf-8", newline="") as _file:
    FACTS = {row["item_id"]: row for row in csv.DictReader(_file)}
WHO = {
    "person": "person",
    "person_or_legal_person_with_agent": "person-or-organisation",
    "legal_person_with_agent": "organisation",
}
ANSWERED_HERE = {"sex", "settle_with", "receive_mode", "relation", "change", "ticket_kind"}
"""Open choices whose list another item has."""
CODE_AT_THE_CAMERA = "WH-GN-008"
"""Checked here with the list of void certificates: no form, no network needed, unlike the list has it."""
NO_PAPER_IS_ASKED = ("WH-GN-015", "WH-GN-024")
"""A complaint is heard without an attachment, a request to 12345 without a photo; the list has them as asked for."""
IN_ENGLISH = {"爱山东 code": "the Ai Shandong code", "海贝分": "Haibei score"}
"""Chinese words in the list's English names, as a reader of English is told them."""
every_item = pytest.mark.parametrize("item", sorted(FACTS))


def test_all_items_are_there_and_no_other():
    assert len(ITEMS) == 236
    assert set(ITEMS) == set(FACTS)
    assert len(CATALOGUE.fields) == 18
    assert len(list(FILES.glob("*.toml"))) == 18
    counts = Counter(s.kind for s in ITEMS.values())
    assert counts == {"apply": 116, "query": 47, "print": 43, "pay": 20, "verify": 10}


def test_every_code_checks_and_is_its_own():
    codes = [s.code for s in ITEMS.values()]
    assert [code for code in codes if item_code_fault(code)] == []
    assert len(set(codes)) == len(codes)


@every_item
def test_names_kind_level_and_offline_class(item):
    fact, service = FACTS[item], ITEMS[item]
    if item not in ("WH-PS-001", "WH-SI-001"):  # these keep the names under which they run
        english = fact["name_en"]
        for chinese, told in IN_ENGLISH.items():
            english = english.replace(chinese, told)
        assert (service.name.zh, service.name.en) == (fact["name_zh"], english)
    assert service.name.ko
    assert (service.kind, service.who) == (fact["kind"], WHO[fact["who"]])
    level = {"none": "A0", "id_card": "A2", "id_card_face": "A3"}[fact["identity"]]
    organisation = service.who == "organisation" and level == "A3"
    assert service.level == ("A4" if organisation else level)
    assert (service.organisation_level == "A4") == (service.who != "person" and level != "A0")
    assert service.offline == ("yes" if item == CODE_AT_THE_CAMERA else fact["offline"].split()[0])


@every_item
def test_the_form_asks_what_the_list_says(item):
    form = {spec.key: spec for spec in ITEMS[item].form}
    asked = [m for p in FACTS[item]["inputs"].split(";") if (m := re.match(r"\s*(\w+):([a-z]+6?)(.*)", p))]
    added = set(form) - {m[1] for m in asked}
    assert added <= ({"addr", "booking_no"} if item == "WH-GN-005" else {"addr"})
    if item == CODE_AT_THE_CAMERA:
        assert not form
        return
    for key, kind, rest in (m.groups() for m in asked):
        spec = form[key]
        expected = {"auto": ("text", "list", "digits"), "voice": ("text",)}.get(kind, (kind,))
        assert spec.type in expected
        conditional = re.search(r"\?(\w+)(?:=(\w+))?$", rest)
        if item != "WH-PS-001":
            assert spec.required == ("*" in rest or bool(conditional))
        if conditional and conditional[1] != "who":
            assert spec.shown_if
            assert (spec.shown_if.field, spec.shown_if.equals) == (conditional[1], conditional[2] or "yes")
        elif conditional:
            assert spec.only_for == "organisation"
        given = re.match(r"\(([^)]*)\)", rest)
        if kind == "enum" and given and not re.search(r"\.\.|platform", given[1]):
            assert [o.key for o in spec.options] == given[1].split(",")
        elif kind == "enum" and not given:
            assert spec.options_from == "platform" or (key in ANSWERED_HERE and spec.options)
        elif kind == "digits" and given and given[1] != "read":
            assert spec.lengths == tuple(map(int, given[1].split(",")))


@every_item
def test_materials_come_from_where_the_list_says(item):
    told = [p.strip() for p in FACTS[item]["materials"].split(";")]
    told = [p for p in told if re.match(r"[^\[(]", p)]
    materials = ITEMS[item].materials
    if item in ("WH-SI-001", CODE_AT_THE_CAMERA):  # as they run: what is held to the terminal is named
        assert [m.sources for m in materials] == [("photo",) if item == CODE_AT_THE_CAMERA else ("read",)]
        return
    assert len(materials) == len(told)
    if item == "WH-PS-001":  # as it runs: shared data are tried before the camera
        return
    for material, text in zip(materials, told, strict=True):
        name = re.match(r"[^\[(]*", text)[0].strip()
        assert material.name.zh == ("电子签名" if name == "签名" else name)
        inside = re.search(r"\[([^\]]*)\]", text)
        sources = [s.split(":")[0].split()[0] for s in inside[1].split(",")[0].split("|")] if inside else []
        sources = [s for s in sources if s != "x2"]
        if sources:
            assert list(material.sources)[-len(sources) :] == sources
        if "数据共享" in text:
            assert material.sources[0] == "share"
        pages = re.search(r":(\d+)", text)
        assert material.pages == (int(pages[1]) if pages else 1)
        assert material.required == ("optional" not in text and item not in NO_PAPER_IS_ASKED)


@every_item
def test_fee_and_time_limit_are_those_of_the_list(item):
    fact, service = FACTS[item], ITEMS[item]
    fee, told = service.fee, fact["fee"]
    if told == "0" or told.startswith(("0 (tax", "0 (penalty")):
        assert fee.type == "free"
    else:
        assert fee.type != "free"
        assert "pay" in service.steps
        assert fee.source in (None, fact["fee_source"])
    yuan = re.fullmatch(r"fixed:([\d.]+)", told)
    if yuan:
        assert (fee.type, fee.fen) == ("fixed", round(float(yuan[1]) * 100))
    if told.startswith(("bill", "formula")):
        assert fee.type == told.split()[0].rstrip(":")
    limit = fact["time_limit"]
    if limit == "instant":
        assert (service.working_days, service.limit) == (0, None)
    elif days := re.fullmatch(r"(\d+) working days?", limit):
        assert (service.working_days, service.limit) == (int(days[1]), None)
    else:
        assert service.limit is not None
        numbers = [int(n) for n in re.findall(r"\d+", limit)]
        assert not numbers or service.limit.most == numbers[-1]
    assert service.time_limit.zh


def test_prices_that_are_published_are_in_the_tables():
    rows = {row.label.zh: row.fen for row in ITEMS["WH-EE-004"].fee.rows}
    assert sorted(rows.values()) == [1500, 1500, 3000, 3000, 8000, 12000, 16000, 24000]
    assert [row.fen for row in ITEMS["WH-RE-005"].fee.rows] == [8000, 55000]
    assert ITEMS["WH-EE-006"].fee.amount_from == "data"
    assert ITEMS["WH-RE-005"].fee.amount_from == "platform"
    fine = ITEMS["WH-PS-023"].fee.surcharge
    assert fine is not None
    assert (fine.permille_a_day, fine.cap_percent) == (30, 100)


def test_nothing_is_shown_as_a_raw_key():
    for service in ITEMS.values():
        for spec in service.form:
            for label in (spec.label, *(option.label for option in spec.options)):
                assert "_" not in label.zh + label.en
                assert spec.key != label.en or spec.key in ("uscc",)
            assert re.search(r"[\u4e00-\u9fff]", spec.label.zh)
            assert re.fullmatch(r"[\x20-\x7e]+", spec.label.en)


def test_every_character_has_a_glyph():
    fonts = [coverage(path) for path in sorted((DATA / "fonts").glob("*.[ot]t[fc]"))]
    if not fonts:
        pytest.fail("no font files in config/fonts")
    text = set("".join(f.read_text(encoding="utf-8") for f in FILES.glob("*.toml"))) - {"\n"}
    assert [c for c in sorted(text) if not any(c in font for font in fonts)] == []


def test_no_item_lacks_an_element_and_the_lint_says_so():
    assert {s.id: lacks(s) for s in ITEMS.values() if lacks(s)} == {}
    lines = list(lint_lines(CATALOGUE))
    assert sum(line.startswith("WH-") for line in lines) == 236
    assert any(line.startswith("236 items in 18 fields") for line in lines)
    shown = CliRunner().invoke(app, ["catalogue", "lint", str(FILES), "--totals"])
    assert shown.exit_code == 0
    assert "apply 116, query 47, print 43, pay 20, verify 10" in shown.stdout


def test_the_lint_tells_faults_and_gaps_by_its_exit_code(tmp_path):
    assert CliRunner().invoke(app, ["catalogue", "lint", str(tmp_path)]).exit_code == 2
    lacking = (FILES / "utilities.toml").read_text(encoding="utf-8")
    (tmp_path / "utilities.toml").write_text(re.sub(r"(?m)^outputs = .*\n", "", lacking, count=1), encoding="utf-8")
    shown = CliRunner().invoke(app, ["catalogue", "lint", str(tmp_path)])
    assert shown.exit_code == 1
    assert "lacks" in shown.stdout


def test_the_steps_that_run_are_those_of_the_journeys():
    from kiosk.journeys.run import STEPS

    assert set(STEPS) == RUNS | {"sign"}  # no item names it: config/signing.toml says which are signed


@pytest.mark.parametrize("bundle", sorted(i for i in FACTS if i.startswith("WH-OT")))
def test_a_bundle_asks_everything_once_and_every_part_gets_its_answers(bundle):
    service = ITEMS[bundle]
    assert service.bundle
    union = union_of_fields(service, ITEMS)
    keys = [field.spec.key for field in union]
    assert len(set(keys)) == len(keys)
    values = {key: f"value of {key}" for key in keys}
    given: set[str] = set()
    for part in service.bundle:
        form = {spec.key for spec in ITEMS[part.id].form}
        assert set(answers_for(part.id, union, values)) == form - given
        given |= set(part.gives)
    assert set(answers_for(bundle, union, values)) == {spec.key for spec in service.form}
    for field in union:
        if field.spec.shown_if:
            assert field.spec.shown_if.field in keys


def test_a_newborns_bundle_asks_for_its_name_once_and_not_for_a_number_it_has_not_got():
    union = {field.spec.key: field for field in union_of_fields(ITEMS["WH-OT-001"], ITEMS)}
    assert [owner for owner, _ in union["child_name"].of] == ["WH-OT-001", "WH-PS-010"]
    assert [owner for owner, _ in union["sex"].of] == ["WH-OT-001", "WH-PS-010"]
    assert "child_idno" not in union
    parts = {part.id: part.apart for part in ITEMS["WH-OT-001"].bundle}
    assert parts == {"WH-PS-010": False, "WH-MI-011": True, "WH-SI-015": True}


def test_time_limits_in_words():
    assert ITEMS["WH-TX-010"].time_limit.zh == "1 至 5 个工作日"
    assert ITEMS["WH-PS-011"].time_limit.en == "On the spot to 3 working days"
    assert ITEMS["WH-BR-006"].time_limit.zh == "公告满 20 天后办理"
    assert Limit(type="schedule").words.en == "As the office announces"
    assert ITEMS["WH-OT-012"].regions == ("371082",)


def test_a_catalogue_is_asked_for_a_moment_with_a_zone():
    now = datetime(2026, 11, 22, 3, 0, tzinfo=timezone(timedelta(hours=8)))
    assert set(CATALOGUE.at(now).services) == set(ITEMS)
    with pytest.raises(ValueError, match="carries a zone"):
        CATALOGUE.at(now.replace(tzinfo=None))
