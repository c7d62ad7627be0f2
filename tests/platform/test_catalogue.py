"""The catalogue's data and its faults, all at once; codes and divisions."""

from __future__ import annotations

import pytest

from config.catalogue import CatalogueError, load_catalogue
from config.codes import (
    item_code_fault,
    licence_check,
    licence_identifier,
    licence_identifier_valid,
    uscc_check,
    uscc_valid,
)
from config.divisions import current_code, districts, division_name, divisions


def test_two_services_are_what_the_city_offers():
    catalogue = load_catalogue()
    six = ["public-security", "tax", "real-estate", "social-insurance", "medical-insurance", "exit-entry"]
    assert [f.key for f in catalogue.fields][:6] == six
    card, insured = catalogue.services["WH-PS-001"], catalogue.services["WH-SI-001"]
    assert (card.kind, card.level, card.fee.fen, card.working_days, card.face) == ("apply", "A3", 2000, 20, True)
    assert card.fee.basis.zh == "发改价格〔2003〕2322号"
    assert card.steps == (
        "consent", "identify", "face", "materials", "fill", "review", "pay", "submit", "receipt", "finish",
    )  # fmt: skip
    assert [(f.key, f.type, f.required, f.prefill) for f in card.form] == [
        ("region_reg", "region", True, "share"),
        ("phone", "phone", True, ""),
        ("receive_mode", "enum", True, ""),
        ("addr", "addr", False, "card"),
    ]
    assert [o.key for o in card.form[0].options] == [d.code for d in districts()]
    assert card.time_limit.get("zh") == "20 个工作日"
    assert card.materials[0].get("zh") == "原居民身份证（现场刷卡）"
    assert card.materials[2].get("en") == "Fingerprints (from shared data, optional)"
    assert (insured.kind, insured.level, insured.fee.fen, insured.face) == ("print", "A2", 0, False)
    assert insured.fee.basis.get("en") == "No fee"
    assert insured.time_limit.get("en") == "On the spot"
    assert insured.certificate == "insured-status"
    assert insured.name.get("ko")


def test_every_service_has_its_six_elements_in_both_languages():
    for service in load_catalogue().services.values():
        for words in (service.name, service.basis, service.fee.basis, service.time_limit, service.output):
            assert words.get("zh")
            assert words.get("en")
        assert service.procedure


def test_the_version_follows_the_content(broken_catalogue):
    before = load_catalogue(broken_catalogue)
    assert before.hash == load_catalogue().hash
    file = broken_catalogue / "social-insurance.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("minutes = 1", "minutes = 2"), encoding="utf-8")
    after = load_catalogue(broken_catalogue)
    assert after.version != before.version
    assert after.hash.startswith(after.version)


def change(folder, name, *pairs):
    file = folder / f"{name}.toml"
    text = file.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text, encoding="utf-8")


def test_all_faults_of_all_files_are_told_at_once(broken_catalogue):
    change(
        broken_catalogue,
        "public-security",
        ("11371000MB2856435T3000709001002", "11371000MB2856435U3000709001002"),
        ('offline = "no"', 'offline = "maybe"'),
        ('icon = "local_police"', 'icon = "no_such_icon"'),
    )
    change(
        broken_catalogue,
        "social-insurance",
        ('"fill", "review", "print", "finish"', '"fill", "review", "pay", "finish"'),
        ('needs = ["id_card", "licence_printer"]', 'needs = ["id_card"]'),
        ('not_before = "from_month"', 'not_before = "from_year"'),
        ('sources = ["read"]', 'sources = ["read"]\ncolour = "red"'),
    )
    (broken_catalogue / "tax.toml").write_text("[field\n", encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(broken_catalogue)
    said = str(caught.value)
    for fault in (
        "public-security.toml: WH-PS-001.code: Value error, its first 18 characters are not a social credit code",
        "public-security.toml: WH-PS-001.offline",
        "public-security.toml: field.icon: 'no_such_icon'",
        "social-insurance.toml: WH-SI-001.materials.0.colour",
        "tax.toml: Expected ']'",
    ):
        assert fault in said
    change(broken_catalogue, "social-insurance", ('\ncolour = "red"', ""))
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(broken_catalogue)
    for fault in (
        "WH-SI-001.steps: a service of kind print needs the step 'print'",
        "WH-SI-001.steps: the step 'pay' goes together with a fee",
        "WH-SI-001.certificate: goes together with the step 'print'",
        "WH-SI-001.needs: the step 'pay' needs payment_pad",
        "WH-SI-001.form.to_month.not_before: no month field 'from_year'",
    ):
        assert fault in str(caught.value)


def test_two_claims_on_one_name_are_a_fault(broken_catalogue):
    text = (broken_catalogue / "public-security.toml").read_text(encoding="utf-8")
    (broken_catalogue / "traffic.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(broken_catalogue)
    for claim in ("field.key", "field.order", "id", "code"):
        assert f"{claim}: " in str(caught.value)
    assert str(caught.value).count("is already used in public-security.toml") == 2 + 2 * 27


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('field = "receive_mode", equals', 'field = "mode", equals', "form.addr.shown_if.field: no field 'mode'"),
        ('equals = "courier"', 'equals = "pigeon"', "form.addr.shown_if.equals: 'pigeon' is no option"),
        ("fen = 2000", "fen = 0", "fee: a fixed fee has fen above 0"),
        ("fen = 2000", "fen = -1", "fee.fen: Input should be greater than or equal to 0"),
        ('level = "A3"', 'level = "A2"', "steps: the step 'face' goes together with level A3 or A4, not A2"),
        ('"consent", "identify", "face"', '"identify", "consent", "face"', "steps: 'consent' comes before 'identify'"),
        ('"fill", "review", "pay"', '"fill", "pay"', "steps: nothing is submitted without 'review'"),
        ('type = "phone"', 'type = "enum"', "form.phone: options go together with type enum"),
        ('key = "phone"', 'key = "receive_mode"', "form: a key is used twice"),
        ('kind = "apply"', 'kind = "give"', "kind: Input should be 'apply'"),
    ],
)
def test_each_fault_is_found(broken_catalogue, old, new, fault):
    change(broken_catalogue, "public-security", (old, new))
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(broken_catalogue)
    assert f"WH-PS-001.{fault}" in str(caught.value)


def test_an_empty_folder_is_no_catalogue(tmp_path):
    with pytest.raises(CatalogueError, match="found 0"):
        load_catalogue(tmp_path)


@pytest.mark.oracle
@pytest.mark.parametrize(
    "code",
    ["11371000MB2856435T", "113700000045030270", "11330105002500287C", "91371000MA3C1D2E18", "91371002MA3N4P5Q8F"],
)
def test_social_credit_codes_of_real_offices(code):
    assert uscc_valid(code)
    assert not uscc_valid(code[:-1] + ("0" if code[-1] != "0" else "1"))


def test_social_credit_codes_have_31_characters_to_write_with():
    for char in "IOSVZ":
        assert not uscc_valid(f"1137100{char}MB2856435T"[:18])
        with pytest.raises(ValueError, match="GB 32100"):
            uscc_check(f"1137100{char}MB285643"[:17])


@pytest.mark.oracle
@pytest.mark.parametrize(
    "tail",
    [
        "11100000000013338W009.11330105002500287C.2025052201.002.0",
        "11100000000013338W032.11220000013544541J.2430599.001.F",
        "11100000000013338W011.11430000006122244L.20230000403.001.U",
        "11100000000013338W011.11430000006122244L.20230000403.002.S",
        "11100000000013338W087.11370800MB28559184.37080001202411010001.001.3",
        "11100000MB03271699022.340100.000000016.001.9",
    ],
)
def test_published_licence_identifiers(tail):
    assert licence_identifier_valid(f"1.2.156.3005.2.{tail}")
    assert not licence_identifier_valid(f"1.2.156.3005.2.{tail[:-1]}{'A' if tail[-1] != 'A' else 'B'}")


def test_a_licence_identifier_with_a_wrong_letter_is_refused():
    wrong = "1.2.156.3005.2.11100000000013661B006.113700000045046442.209FA4E88F9E4C878F3E9BED2CE7EA49.001.M"
    assert not licence_identifier_valid(wrong)
    assert licence_identifier_valid(wrong[:-1] + "D")
    made = licence_identifier("11100000000013338W032", "11371000MB2856435T", "20260100001", 1)
    assert made == "1.2.156.3005.2.11100000000013338W032.11371000MB2856435T.20260100001.001.W"


@pytest.mark.oracle
def test_the_two_tables_differ_and_agree_with_their_standards():
    """I, O, S, V and Z count in MOD 37,36 (the example of the GRid standard) and do not exist in GB 32100."""
    assert licence_check("A12425GABC1234002") == "M"
    assert licence_check("I") != licence_check("1")


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("11370800MB285591843370117002011", ""),
        ("11370800MB28559184300011711200001", ""),
        ("370117002011", "has 12 characters"),
        ("11370800MB28559184337011700201", "has 30 characters"),
        ("11370800MB285591853370117002011", "social credit code"),
        ("11370800MB285591848370117002011", "level digit is '8'"),
        ("11370800MB28559184337011700201A", "must be digits"),
        ("11370800MB28559184337011700201１", "must be digits"),
    ],
)
def test_item_codes(code, fault):
    found = item_code_fault(code)
    assert (fault in found) if fault else found == ""


def test_divisions():
    townships = [d for d in divisions().values() if d.level == 5]
    assert (len(districts()), len(townships)) == (7, 73)
    assert {d.code for d in districts()} >= {"371071", "371072", "371073"}
    assert all(d.name_en for d in districts())
    assert division_name("371002") == "威海市环翠区"
    assert division_name("371002", "en") == "Huancui District, Weihai"
    assert division_name("371082") == "荣成市"
    assert division_name("371000") == "威海市"
    assert division_name("371081") == "威海市文登区"
    assert division_name("999999") == "999999"
    assert [current_code(c) for c in ("371081", "371083", "110105")] == ["371003", "371083", "371000"]
