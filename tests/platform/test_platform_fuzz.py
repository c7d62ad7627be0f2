"""A program that is not ours generates requests from the contract and judges the server's replies by it."""

from __future__ import annotations

import itertools
import secrets
import time
import warnings

import pytest
import requests
import yaml
from contract_support import contract
from hypothesis import HealthCheck, Phase, given, settings

from simulator.platform.app import TOKEN, create_app

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


def door() -> dict[str, str]:
    """Headers that the gate lets in; the generated ones would all be refused by token, clock or nonce."""
    return {
        "Authorization": f"Bearer {TOKEN}",
        "X-Kiosk-Id": "WH-HC-0003",
        "X-Kiosk-Seq": "1",
        "X-Boot-Id": secrets.token_hex(16),
        "X-Timestamp": str(int(time.time() * 1000)),
        "X-Nonce": secrets.token_hex(16),
    }


@pytest.fixture(scope="module")
def operations():
    """All operations of the contract, by label, against one platform."""
    app = create_app()
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
    "POST /sessions",
    "DELETE /sessions/{session}",
    "POST /sessions/{session}/proofs",
    "POST /sessions/{session}/app-matches",
    "GET /sessions/{session}/app-matches/{match}",
    "POST /consents",
    "POST /subjects:profile",
    "POST /licences:lookup",
    "GET /certificates/status-list",
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
    "POST /evaluations",
    "POST /events:batch",
    "POST /devices/{device}/heartbeats",
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
        case.headers.update(door())
        statuses.add(case.call_and_validate(checks=JUDGES).status_code)

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


ALWAYS_DONE = frozenset({"GET /health", "POST /sessions", "GET /applications"})
