"""A program that is not ours generates requests from the contract and judges the server's replies by it."""

from __future__ import annotations

import itertools
import time
import warnings
from datetime import UTC, datetime

import pytest
import requests
import yaml
from contract_support import contract
from hypothesis import HealthCheck, Phase, given, settings

from config.load import load_settings
from kiosk.platform.connection import Connection, Question
from kiosk.platform.request_signing import signed_headers
from simulator.platform.app import create_app
from simulator.platform.keyring import SIMULATED_CODE, Keyring

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what the tool finds is raised, not warned about
    import schemathesis
    from schemathesis.checks import CHECKS, load_all_checks

    load_all_checks()

EXAMPLES = 10
JUDGES = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
MODES = list(schemathesis.GenerationMode)


def without_formats(node):
    """The document without `format`: the tool draws dates by format, then waits for one that fits the pattern."""
    if isinstance(node, dict):
        return {k: without_formats(v) for k, v in node.items() if k != "format" or not isinstance(v, str)}
    return [without_formats(v) for v in node] if isinstance(node, list) else node


TERMINAL = Connection(
    load_settings("simulated").platform,
    "WH-HC-0003",
    session=None,
    now=lambda: datetime.now(UTC),
    heard=None,
    key=None,
    keep=None,
)


class Door(requests.auth.AuthBase):
    """Signs what the tool made up: unsigned it would all be refused by token, clock, nonce or signature."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        optional = ("x-session-id", "idempotency-key", "if-match")
        kept = {k: v for k, v in request.headers.items() if k.lower() in optional}
        headers = TERMINAL.headers(Question(request.method, request.url)) | kept
        headers["Content-Type"] = request.headers.get("Content-Type", "application/json")
        request.headers.update(
            signed_headers(TERMINAL.key, request.method, request.url, headers, body, created=int(time.time()))
        )
        return request


@pytest.fixture(scope="module")
def operations():
    """All operations of the contract, by label, against one platform."""
    app = create_app()
    with app.state.city.store.transaction() as cx:
        key = TERMINAL.key
        Keyring(app.state.city).enrol(cx, TERMINAL.kiosk, SIMULATED_CODE, key.algorithm, key.id, key.public)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schema = schemathesis.openapi.from_dict(without_formats(contract()))
        schema.app = app
        found = {r.ok().label: r.ok() for r in schema.get_all_operations()}
    yield found
    app.state.city.store.close()


LABELS = [
    "GET /health",
    "GET /catalogue/manifest",
    "GET /catalogue/items",
    "GET /catalogue/items/{code}",
    "POST /catalogue:search",
    "GET /calendar/{year}",
    "GET /divisions",
    "GET /dictionaries/{name}",
    "POST /sessions",
    "DELETE /sessions/{session}",
    "POST /sessions/{session}/proofs",
    "POST /sessions/{session}/app-matches",
    "GET /sessions/{session}/app-matches/{match}",
    "POST /sessions/{session}/officer-checks",
    "GET /sessions/{session}/officer-checks/{check}",
    "POST /sessions/{session}/handoff",
    "GET /sessions/{session}/handoff/{handoff}",
    "POST /consents",
    "DELETE /consents/{consent}",
    "GET /subjects/me",
    "GET /subjects/me/agencies",
    "POST /subjects:profile",
    "POST /licences:lookup",
    "POST /shared-data:lookup",
    "POST /licences/{licence}/copies",
    "POST /uploads",
    "GET /uploads/{upload}",
    "DELETE /uploads/{upload}",
    "PUT /uploads/{upload}/parts/{part}",
    "POST /uploads/{upload}:complete",
    "GET /drafts",
    "POST /drafts",
    "GET /drafts/{draft}",
    "PATCH /drafts/{draft}",
    "DELETE /drafts/{draft}",
    "POST /drafts/{draft}:precheck",
    "POST /sealed-applications",
    "POST /applications/{number}/supplements",
    "POST /applications/{number}:withdraw",
    "GET /certificates/status-list",
    "GET /bills",
    "POST /bills:find",
    "POST /fees:assess",
    "GET /payment-orders/{order}/ebill",
    "POST /ebills:verify",
    "POST /slips",
    "GET /licences/mine",
    "GET /payment-orders",
    "POST /payment-orders",
    "GET /payment-orders/{order}",
    "POST /payment-orders/{order}/outcomes",
    "POST /payment-orders/{order}/code",
    "POST /payment-orders/{order}/scan",
    "POST /payment-orders/{order}/close",
    "POST /payment-orders/{order}/reversal",
    "POST /refunds",
    "GET /refunds/{refund_no}",
    "GET /settlements/{day}",
    "POST /settlements/{day}/differences",
    "GET /applications",
    "POST /applications",
    "GET /print-authorisations",
    "POST /print-authorisations",
    "POST /print-authorisations/{jti}/outcomes",
    "POST /print-authorisations/{jti}/reissues",
    "GET /cases",
    "GET /cases/{number}",
    "GET /cases/{number}/timeline",
    "GET /cases/{number}/evaluation-form",
    "POST /evaluations",
    "GET /work-items",
    "GET /events/head",
    "POST /events:batch",
    "POST /supervision-records",
    "POST /devices/enrolments",
    "PUT /devices/{device}/profile",
    "POST /devices/{device}/heartbeats",
    "GET /devices/{device}/commands",
    "POST /devices/{device}/commands/{command}/result",
    "POST /devices/{device}/faults",
    "GET /devices/{device}/nearby",
    "PUT /devices/{device}/code-secret",
    "GET /releases/current",
    "POST /queries",
    "GET /reference/{service}",
    "GET /slots",
    "POST /bookings/{booking}/check-in",
    "POST /bookings/{booking}/cancellation",
    "POST /tickets",
    "POST /ticket-ranges",
    "GET /deliveries/{delivery}",
    "POST /help-requests",
    "GET /notices",
    "POST /collections",
    "GET /collections/{collection}",
    "POST /collections/{collection}/openings",
    "POST /scan-shares",
    "POST /scan-shares/{share}/parts",
    "POST /scan-shares/{share}/link",
]


def test_the_list_is_the_contract(operations):
    assert set(operations) == set(LABELS)


def test_the_server_publishes_the_contract(town):
    published = town.session.get_adapter("http://x").inner
    session = requests.Session()
    session.mount("http://", published)
    assert yaml.safe_load(session.get("http://platform.test/kgw/v1/openapi.yaml").content) == contract()


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("label", "mode"), list(itertools.product(LABELS, MODES)), ids=lambda v: getattr(v, "value", v)
)
def test_replies_to_generated_requests_fit_the_contract(operations, label, mode):
    operation = operations[label]
    statuses: set[int] = set()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def judged(case):
        statuses.add(case.call_and_validate(checks=JUDGES, auth=Door()).status_code)

    try:
        judged()
    except schemathesis.errors.SchemathesisError as error:
        if "negative" not in str(error).lower():
            raise
        pytest.skip("nothing can be wrong with this request")
    assert statuses
    assert max(statuses) < 500
    if mode is schemathesis.GenerationMode.POSITIVE and label in ALWAYS_DONE:
        assert min(statuses) < 300


ALWAYS_DONE = frozenset({"GET /health", "POST /sessions"})
