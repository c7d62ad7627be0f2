"""The parts of a scripted visit: reading pages, comparing worlds, finding traces; the tables of cases."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no package to import each other from
from bench_support import TinyMirror

from simulator.people import CITIZENS
from simulator.visit.cases import CASES
from simulator.visit.checks import Found, differences, found, stack_traces, traces_of, unmarked
from simulator.visit.mirror import MirrorClient, NoMirror, NotOnPage, Page, read_page
from simulator.visit.play import _is_news
from simulator.visit.script import Expected

FINE = Found(cases=1, ledger_fen=2000, phone_fen=0, orders=("PAID",), prints=(), receipts=1, certificates=0, ratings=1)


def test_worlds_are_compared_in_sentences() -> None:
    expected = Expected(cases=1, ledger_fen=2000, orders=("PAID",), receipts=1, ratings=1)
    assert differences(expected, FINE) == []
    assert differences(expected, replace(FINE, cases=2, ledger_fen=4000)) == [
        "cases: expected 1, found 2",
        "ledger_fen: expected 2000, found 4000",
    ]
    assert differences(replace(expected, ratings=None), replace(FINE, ratings=7)) == []


def test_another_world_may_be_as_right() -> None:
    expected = Expected(cases=1, ledger_fen=2000, either=(Expected(orders=("REFUNDED",)),))
    nothing = Found(0, 0, 0, ("REFUNDED",), (), 0, 0, 0)
    assert differences(expected, nothing) == []
    assert differences(expected, replace(nothing, ledger_fen=2000)) != []


def test_the_platforms_lists_become_a_world() -> None:
    overview = {"cases": [{}], "orders": [{"state": "PAID"}], "prints": [], "evaluations": [{}]}
    assert found(overview, 2000, 0, 1, 0) == FINE
    assert found({"reachable": False}, 0, 0, 0, 0).cases == 0


def test_traces_of_a_person_are_found_in_binary_files(tmp_path: Path) -> None:
    citizen = CITIZENS["citizen-07"]
    (tmp_path / "journal.sqlite").write_bytes(b"\x00\x01" + citizen.number.encode() + b"\xff")
    (tmp_path / "clean").write_bytes(b"nothing")
    assert traces_of(citizen, tmp_path) == ["journal.sqlite: the citizen's number can be read"]
    assert traces_of(CITIZENS["citizen-08"], tmp_path) == []


def test_stack_traces_and_unmarked_papers_are_told() -> None:
    trace = 'Traceback (most recent call last):\n  File "/x.py", line 1'
    assert stack_traces([("home", "首页"), ("log", trace)]) == ["log: a stack trace can be read there"]
    assert unmarked("", b"") == []
    assert unmarked("威海市自助服务凭条 模拟", b"") == []
    assert unmarked("威海市自助服务凭条", b"") == ["the receipt does not say 模拟"]


def test_a_certificate_without_its_mark_is_told(tmp_path: Path) -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument.new()
    document.new_page(100, 100)
    document.save(tmp_path / "blank.pdf")
    document.close()
    assert len(unmarked("", (tmp_path / "blank.pdf").read_bytes())) == 2


def test_a_page_is_read_with_nested_nodes() -> None:
    tree = [
        {
            "role": "group",
            "name": "g",
            "rect": [0, 0, 1, 1],
            "children": [{"role": "button", "key": "start", "rect": []}],
        },
        {"role": "button", "name": "x", "key": "service", "value": "WH-SI-001", "enabled": False},
    ]
    page = read_page({"type": "screen", "seq": 4, "page": "home", "language": "zh", "text": "t", "tree": tree})
    assert page.offers("start")
    assert not page.offers("service", "WH-SI-001")
    assert page.find("service", "WH-SI-001") is not None
    assert page.find("service", "WH-PS-001") is None


def test_the_last_scenes_page_is_no_news_until_it_comes_again() -> None:
    def page(name: str, seq: int) -> Page:
        return Page(seq, name, "", "zh", "")

    before = ("consent", 10)
    assert not _is_news(page("consent", 12), "place_card", before, frozenset())
    assert not _is_news(page("consent", 10), "consent", before, frozenset())
    assert _is_news(page("consent", 12), "consent", before, frozenset())
    assert _is_news(page("working", 12), "place_card", before, frozenset())
    assert not _is_news(page("working", 13), "place_card", before, frozenset({"working"}))
    assert _is_news(page("place_card", 13), "place_card", before, frozenset({"working"}))


async def test_the_finger_presses_what_is_there_and_lists_what_is_when_it_is_not() -> None:
    mirror = TinyMirror()
    await mirror.open()
    client = MirrorClient(mirror.url)
    await client.open(5)
    await client.press("start")
    assert len(await client.shot()) == 4
    assert {"type": "press", "key": "start", "value": ""} in mirror.told
    with pytest.raises(NotOnPage, match="rate=5 is not on page standby, which has start"):
        await client.press("rate", "5")
    await mirror.close()
    with pytest.raises(NoMirror):
        await client.wait_for(lambda page: page.page == "home", 3)
    with pytest.raises(NoMirror):
        await client.open(0.3)
    await client.close()


def test_every_case_ends_where_it_began_and_both_services_have_the_plain_one() -> None:
    for (service, case), script in CASES.items():
        assert script.scenes[0].page == "standby", (service, case)
        assert script.scenes[-1].page in ("standby", "settled"), (service, case)
        assert script.words
    assert {("WH-SI-001", "plain"), ("WH-PS-001", "plain")} <= set(CASES)
