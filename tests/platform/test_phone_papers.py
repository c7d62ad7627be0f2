"""The codes that a citizen's phone holds up are judged as their names say; the desk lists what QA turned."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import requests

from config.issuer_keys import load_issuer_keys
from config.load import load_settings
from kiosk.platform.messages import status_list
from kiosk.platform.reading import Members
from kiosk.printing.certificate_check import check

VERDICTS = {"altered": "altered", "void": "void", "expired": "expired", "foreign": "unknown"}


def desk(town: Any, method: str, path: str, body: Any = None) -> requests.Response:
    """Ask the platform's desk past the contract (`/sim/*` is not in it)."""
    session = requests.Session()
    session.mount("http://", town.adapter.inner)
    return session.request(method, f"{town.settings.url}/sim/{path}", json=body, timeout=5)


@pytest.mark.parametrize("which", VERDICTS)
async def test_each_paper_is_judged_as_its_name_says(which: str, town: Any) -> None:
    code = (await asyncio.to_thread(desk, town, "POST", "phone/certificate", {"which": which})).json()["code"]
    settings = load_settings("simulated")
    keys = load_issuer_keys(settings.certificates.issuer_keys, simulated=True)
    status = status_list(Members(await town.platform.status_list(), "StatusList"))
    assert check(code, keys, status, town.wall().date()).state == VERDICTS[which]
    listed = (await asyncio.to_thread(desk, town, "GET", "void-certificates")).json()
    assert [row["reason"] for row in listed] == (["revoked"] if which == "void" else [])


def test_the_last_certificate_must_have_been_printed(town: Any) -> None:
    answer = desk(town, "POST", "phone/certificate", {"which": "last"})
    assert answer.status_code == 404
    assert answer.json()["detail"] == "no certificate was printed yet: print one first"


def test_the_desk_shows_what_was_wished(town: Any) -> None:
    assert desk(town, "GET", "wishes").json() == {"flaw": "", "algorithm": "ED25519"}
    desk(town, "POST", "print-flaws", {"flaw": "replayed"})
    desk(town, "POST", "code-algorithm", {"algorithm": "SM2"})
    assert desk(town, "GET", "wishes").json() == {"flaw": "replayed", "algorithm": "SM2"}
    assert desk(town, "GET", "refunds").json() == desk(town, "GET", "comparisons").json() == []
