"""Every item that prints has a document with words and lines of its own, which can be typeset whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pypdfium2
import pytest
from all_prints import ORG, Office, office, printing

from config.certificate_code import parse_code
from config.certificate_layouts import layouts
from config.issuer_keys import load_issuer_keys
from kiosk.printing.certificate import CertificateError, SealMissing, render
from kiosk.printing.certificate_check import check
from kiosk.printing.certificate_data import CertificateData
from simulator.platform import library

ITEMS = {service.id: service for service in printing()}
LONG = ("WH-TX-001", "WH-TX-018", "WH-SI-003")


@pytest.fixture(scope="module")
def there() -> Iterator[Office]:
    yield from office()


def text_of(document: CertificateData) -> tuple[str, int]:
    made = render(document, specimen=True, terminal_id="WH-HC-0003")
    with pypdfium2.PdfDocument(made.pdf) as pdf:
        pages = [page.get_textpage().get_text_bounded() for page in pdf]
    assert all(len(page.strip()) > 60 for page in pages), "a page without words"
    return re.sub(r"[\s\u200b]", "", "".join(pages)), made.pages


def test_every_printing_item_has_its_layout() -> None:
    assert len(ITEMS) == 34
    assert {service.certificate for service in ITEMS.values()} == set(layouts())
    kinds = [layout.type for layout in layouts().values()]
    assert len(set(kinds)) == len(kinds)


@pytest.mark.parametrize("item", list(ITEMS))
def test_it_says_everything_and_fits(there: Office, item: str) -> None:
    document = there.document(ITEMS[item])
    layout = layouts()[document.template]
    text, pages = text_of(document)
    for word in (document.title, *(cell for row in document.rows for cell in row), document.serial):
        assert re.sub(r"[\s\u200b]", "", word) in text, word
    assert "{" not in text
    assert pages == (3 if item in LONG else pages)
    if layout.sheet in ("table", "ledger", "extract", "licence"):
        assert document.rows
    if layout.sheet in ("extract", "licence"):
        assert all(all(row) for row in document.rows), "a field without a value"
    assert ("模拟" in text) == layout.seal
    assert ("复印件" in text) == (layout.elicence is not None)


@pytest.mark.parametrize("item", list(ITEMS))
def test_its_code_is_genuine(there: Office, item: str) -> None:
    document = there.document(ITEMS[item])
    keys = load_issuer_keys(None, simulated=True)
    assert check(document.qr, keys, None, document.issued_on, facts=document.facts()).state == "valid"
    assert parse_code(document.qr).identifier == document.identifier
    other = replace(document, title=document.title + "二")
    assert check(document.qr, keys, None, document.issued_on, facts=other.facts()).state != "valid"


def test_a_copy_carries_the_version_of_the_library(there: Office) -> None:
    service = ITEMS["WH-GN-007"]
    first, second = there.document(service), there.document(service)
    assert first.identifier == second.identifier
    assert first.serial != second.serial
    assert (first.kind, first.source) == ("copy", "威海市公安局")
    number = library.CITIZENS[there.who].number
    there.cx.execute("INSERT INTO licence_version VALUES (?, 'driving', 2)", (number,))
    third = there.document(service)
    assert third.identifier != first.identifier
    assert third.identifier == library.of(there.cx, number, "driving").identifier
    assert ".002." in third.identifier
    there.cx.execute("DELETE FROM licence_version")


def test_an_organisations_document_names_it_whole(there: Office) -> None:
    document = there.document(ITEMS["WH-BR-004"])
    assert (document.holder_name, document.holder_number_masked) == (ORG.name, ORG.uscc)
    assert ITEMS["WH-BR-004"].form_stock == "business-licence"
    made = render(document, specimen=True, terminal_id="WH-HC-0003", copies=2, forms=("A0000001", "A0000002"))
    assert made.pages == 2


def test_a_blank_form_is_plain_and_needs_no_seal(there: Office) -> None:
    document = there.document(ITEMS["WH-GN-003"])
    made = render(document, specimen=False, terminal_id="WH-HC-0003")
    with pypdfium2.PdfDocument(made.pdf) as pdf:
        text = pdf[0].get_textpage().get_text_bounded()
    assert "样张" not in text
    assert "兹证明" not in text
    with pytest.raises(SealMissing):
        render(there.document(ITEMS["WH-PS-015"]), specimen=False, terminal_id="WH-HC-0003")
    with pytest.raises(CertificateError):
        render(replace(document, template="unknown"), specimen=True, terminal_id="WH-HC-0003")
