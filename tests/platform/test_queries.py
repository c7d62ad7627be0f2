"""What the city knows: 44 items, with and without records, page by page, signed, for whom it belongs to only."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from counters_walk import ZHANG, wish

from config.catalogue import load_catalogue
from kiosk.catalogue.reference_data import MAX_AGE, ReferenceData, has_reference, search, too_old
from kiosk.platform.errors import BadReply, BadSignature, Problem
from kiosk.platform.queries import Events, Lines, Records, Services, reference, result
from kiosk.platform.reading import Members
from simulator.people import CITIZENS
from simulator.platform.records import RECORDS
from simulator.virtual_time import run_virtual

CATALOGUE = load_catalogue().services
BY_TYPE = {
    "date": "20261101", "month": "202610", "year": "2026", "money": "12.50", "phone": "19906311074",
    "region": "371002", "uscc": "91371000MA3C1D2E18", "idno": "371002199203155028", "plate": "鲁K12345",
    "digits": "12345678",
}  # fmt: skip
BY_KEY = {"name": "王海", "utterance": "公积金", "level": "l3", "pay": "p5", "industry": "retail", "form": "limited"}
WITHOUT = {"keyword", "field", "to", "period", "engine6", "cert_no", "topic", "case_no"}


def answers(town, service):
    """Something right for every field of the form; choices are the first that the platform has."""
    from simulator.platform.dictionaries import choices

    found = {}
    for spec in service.form:
        if spec.only_for == "organisation" and service.who != "organisation":
            continue
        if spec.key in WITHOUT and not spec.required:
            continue
        if spec.options_from:
            found[spec.key] = choices(town.app.state.city, f"{service.id}.{spec.key}")[0].key
        elif spec.options:
            found[spec.key] = spec.options[0].key
        else:
            found[spec.key] = BY_KEY.get(spec.key) or BY_TYPE.get(spec.type, "2026110001")[: spec.max_length]
        if spec.lengths:
            found[spec.key] = "1" * spec.lengths[0]
    return found


async def asked(town, service_id, form=None, cursor=""):
    """One query at the item's level."""
    service = CATALOGUE[service_id]
    session, consents = "", []
    if service.level != "A0":
        proven = "WH-PS-024" if service.level == "A4" else service_id
        session, consents = await town.proven(ZHANG, proven, live=service.level >= "A3")
        if service.level == "A4" or service.who == "organisation":
            as_company(town, session)
    return await town.platform.queries.ask(
        session, service_id, answers(town, service) if form is None else form, consents, cursor
    )


def as_company(town, session):
    """The session acts for a company with its full right, as `agencies` would have noted."""
    with town.app.state.city.store.transaction() as cx:
        cx.execute("UPDATE session SET level = 'A4' WHERE id = ?", (session,))
        cx.execute("INSERT OR REPLACE INTO acting VALUES (?, '91371000MA3C1D2E18', 'legal')", (session,))


def test_every_query_of_the_catalogue_has_its_records():
    queries = {s.id for s in CATALOGUE.values() if "result" in s.steps and "intercom" not in s.equipment}
    assert queries == set(RECORDS)


@pytest.mark.parametrize("service", sorted(RECORDS))
def test_an_item_is_found_and_is_not_found(town, service):
    async def ask():
        wish(town, queries="found")
        found = await asked(town, service)
        assert found.found
        assert found.sections
        assert found.source.zh
        assert found.source.en
        wish(town, queries="none")
        nothing = await asked(town, service)
        assert not nothing.found
        assert not nothing.sections
        assert nothing.advice.zh
        assert nothing.advice.en
        assert not nothing.printable
        wish(town, queries="rule")
        assert await asked(town, service) == await asked(town, service)

    run_virtual(ask())


def test_english_says_what_chinese_says(town):
    """No label is left without its English words."""

    async def ask():
        wish(town, queries="found")
        for service in sorted(RECORDS):
            for section in (await asked(town, service)).sections:
                said = [section.title]
                if isinstance(section, Lines):
                    said += [line.label for line in section.lines]
                elif isinstance(section, Records):
                    said += section.columns
                elif isinstance(section, Events):
                    said += [event.label for event in section.events]
                else:
                    assert isinstance(section, Services)
                for words in said:
                    assert words.zh, service
                    assert words.en.isascii(), (service, words)

    run_virtual(ask())


def test_a_long_list_comes_page_by_page_and_whole(town):
    async def ask():
        wish(town, queries="found")
        seen, cursor, turns = [], "", 0
        while True:
            page = await asked(town, "WH-HF-001", {"from": "20160101", "to": "20261231"}, cursor)
            seen += page.sections[-1].records
            turns += 1
            if not page.cursor:
                break
            cursor = page.cursor
        days = [record[0].zh for record in seen]
        assert turns > 2
        assert days == sorted(days, reverse=True)
        assert len(seen) > 100
        with pytest.raises(Problem, match="validation"):
            await asked(town, "WH-HF-001", {"from": "20160101"}, "row-9999")

    run_virtual(ask())


def test_a_query_needs_its_level_its_session_and_a_consent(town):
    async def ask():
        p = town.platform
        low, consents = await town.proven(ZHANG, "WH-PS-016", live=False)
        for session, agreed, slug in (
            ("", [], "session-expired"),
            (low, consents, "assurance-too-low"),
        ):
            with pytest.raises(Problem) as refused:
                await p.queries.ask(session, "WH-PS-024", {}, agreed)
            assert refused.value.slug == slug
        with pytest.raises(Problem) as refused:
            await p.queries.ask(low, "WH-PS-005", {}, [])
        assert refused.value.slug == "consent-missing"
        with pytest.raises(Problem) as refused:
            await p.queries.ask("", "WH-PS-001", {}, [])
        assert refused.value.slug == "item-not-available"

    run_virtual(ask())


def test_two_citizens_have_two_accounts(town):
    async def ask():
        wish(town, queries="found")
        values = set()
        for key in ("citizen-02", "citizen-03"):
            session, consents = await town.proven(CITIZENS[key], "WH-MI-002")
            found = await town.platform.queries.ask(session, "WH-MI-002", {}, consents)
            values.add(found.sections[0].lines[0].value.zh)
        assert len(values) == 2

    run_virtual(ask())


def sent(**changes):
    """A QueryResult as it might be sent."""
    words = {"zh": "甲", "en": "a"}
    reply = {
        "service": "WH-HF-001", "state": "found", "as_of": "2026-11-21T20:14:00+08:00", "source": words,
        "sensitivity": "personal", "printable": True, "advice": words, "next_cursor": None,
        "sections": [{"kind": "rows", "title": words, "rows": [{"label": words, "value": words, "private": False}]}],
    }  # fmt: skip
    return Members({**reply, **changes}, "QueryResult")


def test_what_is_new_is_passed_over_and_what_is_too_much_is_refused():
    words = {"zh": "甲", "en": "a"}
    grown = sent(new="member", sections=[{"kind": "map", "title": words}])
    assert result(grown).sections == ()
    cell = [words, words]
    for wrong in (
        {"sections": [{"kind": "rows", "title": words, "rows": []}] * 13},
        {"sections": [{"kind": "table", "title": words, "columns": [words], "records": [cell]}]},
        {"sections": [{"kind": "table", "title": words, "columns": [words] * 7, "records": []}]},
        {"sections": [{"kind": "table", "title": words, "columns": [words], "records": [[words]] * 51}]},
        {"sections": [{"kind": "rows", "title": {"zh": "长" * 161, "en": ""}, "rows": []}]},
        {"state": "perhaps"},
        {"next_cursor": "row-x"},
        {"as_of": "yesterday"},
    ):
        with pytest.raises(BadReply):
            result(sent(**wrong))


REFERENCE = sorted(s.id for s in CATALOGUE.values() if has_reference(s))


def test_six_items_have_reference_data():
    assert REFERENCE == ["WH-CA-011", "WH-HC-006", "WH-MI-014", "WH-MI-015", "WH-SI-024", "WH-UT-008"]


@pytest.mark.parametrize("service", REFERENCE)
def test_kept_data_answer_as_the_platform_does(town, tmp_path, service):
    async def ask():
        store = ReferenceData(tmp_path, town.settings.public_key)
        data = await store.fetch(town.platform, service)
        assert data == store.kept(service)
        words = [cell.zh for cell in data.records[0][1]]
        forms = [
            {spec.key: keys[spec.key]}
            for keys, _ in data.records[:3]
            for spec in CATALOGUE[service].form
            if spec.key in keys
        ]
        text = next((s.key for s in CATALOGUE[service].form if s.key in ("keyword", "name")), "")
        forms += [{text: words[0]}, {text: "没有这个词"}] if text else []
        needed = {s.key: answers(town, CATALOGUE[service])[s.key] for s in CATALOGUE[service].form if s.required}
        for form in forms:
            whole = {**needed, **form}
            theirs, ours = await asked(town, service, whole), search(data, whole)
            assert theirs.found == (ours is not None), whole
            if ours is not None:
                assert ours.records == theirs.sections[-1].records[:50]

    run_virtual(ask())


def test_kept_data_are_believed_only_as_they_were_signed_and_never_go_back(town, tmp_path):
    async def ask():
        store = ReferenceData(tmp_path, town.settings.public_key)
        first = await town.platform.queries.reference("WH-MI-015")
        town.wall.pass_(hours=1)
        second = await town.platform.queries.reference("WH-MI-015")
        store.keep("WH-MI-015", second)
        assert store.keep("WH-MI-015", first).issued_at == reference(second).issued_at
        path = store.folder / "WH-MI-015.json"
        for altered in (b"", b"[]", b"{", json.dumps({**second, "records": []}).encode()):
            path.write_bytes(altered)
            assert store.kept("WH-MI-015") is None
        with pytest.raises(BadSignature):
            store.keep("WH-MI-015", {**second, "records": []})
        with pytest.raises(BadReply):
            store.keep("WH-MI-014", second)
        data = reference(second)
        assert not too_old(data, town.wall.at + timedelta(days=6))
        assert too_old(data, data.issued_at + MAX_AGE + timedelta(seconds=1))

    run_virtual(ask())
