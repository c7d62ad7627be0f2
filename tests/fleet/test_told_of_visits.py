"""Two whole visits of invented citizens: what the fleet, Prometheus and a collector of traces hear of them, and that
nothing of the citizens is in it."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from citizens_hall import Hall
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from config.fleet_contract import MOST_BYTES
from config.fleet_metrics import known_series
from drivers.device import Device
from kiosk.fleet.messages import payload
from kiosk.fleet.telling import told
from kiosk.metrics.counting import ChainCounts
from kiosk.metrics.export import Shown, registry_of, reply
from kiosk.metrics.look import Look, Looking
from kiosk.tracing import export, spans
from simulator.people import CITIZENS
from simulator.virtual_time import run_virtual


class Collector:
    """An OTLP/HTTP receiver of our own on this machine; it keeps the bytes."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        collector = self

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.path == "/v1/traces"
                collector.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = HTTPServer(("127.0.0.1", 0), Receiver)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1/traces"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def spans(self) -> list[Any]:
        found = []
        for body in self.bodies:
            import gzip

            raw = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
            for resource in ExportTraceServiceRequest.FromString(raw).resource_spans:
                found += [span for scope in resource.scope_spans for span in scope.spans]
        return found


class Told:
    """What two visits left behind."""

    def __init__(self, folder: Path) -> None:
        self.collector = Collector()
        self.folder = folder
        try:
            run_virtual(self._visits())
        finally:
            self.collector.close()

    async def _visits(self) -> None:
        async with Hall(self.folder) as hall:
            settings = hall.tools.settings
            fleet = settings.fleet.model_copy(update={"traces": self.collector.url})
            provider = export._provider(settings.model_copy(update={"fleet": fleet}))
            tracer = export.OpenTelemetry(provider)
            spans.trace_with(tracer)
            Device.on_timed = lambda device, seconds: tracer.past("device", seconds, device=export._name(device))
            counts = ChainCounts(hall.journal)
            await counts.read()
            try:
                await self._play(hall)
            finally:
                spans.trace_with(None)
                Device.on_timed = None
                provider.force_flush(5000)
                provider.shutdown()
            self.entries = await hall.journal.entries(limit=5000)
            self.counts = dict(await counts.read())
            self.look = await looked(hall)

    async def _play(self, hall: Hall) -> None:
        await hall.identified("WH-SI-001")
        await hall.page("form")
        await hall.press("choose:kinds", "pension")
        await hall.press("next")
        await hall.page("review")
        await hall.press("confirm")
        await hall.page("finish")
        await hall.press("rate", "4")
        await hall.goodbye()
        await hall.renewal_to_pay()
        hall.pad_there.do("tap", card="citizen-02")
        await hall.goodbye()


async def looked(hall: Hall) -> Look:
    """By the real eyes, at a hall that has what they look at."""
    editions = SimpleNamespace(current=SimpleNamespace(catalogue=hall.tools.catalogue), confirmed_at=None)
    workshop: Any = SimpleNamespace(
        tools=hall.tools,
        terminal=hall.terminal,
        network=hall.network,
        supervisors=[SimpleNamespace(device=device) for device in hall.devices],
        catalogue=SimpleNamespace(editions=editions),
        health=None,
        fleet=None,
    )
    return await Looking(workshop).look()


@pytest.fixture(scope="module")
def visits(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return Told(tmp_path_factory.mktemp("visits"))


def events(visits: Told) -> list[dict[str, Any]]:
    rows = [{**e, "body": json.loads(e["body"])} for e in visits.entries]
    return [dict(event) for row in rows if (event := told(row, "0123456789abcdef", "s")) is not None]


def personal() -> list[str]:
    return [
        word
        for citizen in CITIZENS.values()
        for word in (citizen.name, citizen.number, citizen.phone, citizen.address, citizen.pan, "19906311074")
    ]


def assert_clean(text: str) -> None:
    for word in personal():
        assert word not in text


@pytest.mark.promise("P6")
def test_events_tell_the_visits_and_nothing_of_the_citizens(visits: Told) -> None:
    told_of = events(visits)
    ids = [event["id"] for event in told_of]
    assert ids.count("visit.opened") == ids.count("visit.closed") == 2
    money = [event["detail"]["state"] for event in told_of if event["class"] == "money"]
    assert money[0] == "minted"
    assert money[-1] == "done"
    assert [e["detail"]["level"] for e in told_of if e["id"] == "visit.rated"] == [4]
    prints = [e["detail"]["state"] for e in told_of if e["detail"].get("kind") == "print"]
    assert prints == ["minted", "authorised", "sent", "done"]
    for event in told_of:
        assert len(payload(event)) < 600
        assert_clean(payload(event).decode())
        assert "v-" not in json.dumps(event)  # not even which visit


def test_planted_personal_data_in_an_entry_is_not_told() -> None:
    citizen = next(iter(CITIZENS.values()))
    for planted in (citizen.name, citizen.number, citizen.phone, citizen.address, citizen.pan, "a b", "x" * 61):
        body = {"intent": planted, "fen": 100, "cause": planted, "how": planted, "left": planted, "level": planted}
        for kind in ("charge.owed", "visit.closed", "rated", "technician", "command.forged", "supply.paper-low"):
            event = told({"seq": 1, "at": "2026-11-22T10:00:00+08:00", "kind": kind, "body": body}, "c", "s")
            assert event is not None
            assert planted not in json.dumps(event, ensure_ascii=False), (kind, planted)


def test_counters_are_those_of_the_visits(visits: Told) -> None:
    counts = visits.counts
    assert sum(n for name, n in counts.items() if name.startswith("kiosk_visits_total")) == 2
    assert counts['kiosk_ratings_total{level="4"}'] == 1
    assert counts['kiosk_intents_total{kind="charge",state="done"}'] == 1
    assert counts['kiosk_intents_total{kind="print",state="done"}'] == 1
    assert counts['kiosk_events_total{event="visit.closed",severity="info"}'] == 2
    assert set(counts) <= known_series()


def test_a_look_has_only_series_of_the_table_and_prometheus_reads_it(visits: Told) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    look = visits.look
    assert look.mode == "open"
    assert set(look.values) <= known_series()
    shown = Shown()
    shown.values = {**look.values, 'kiosk_mode{name="planted"}': 1.0, "kiosk_planted": 1.0}
    answer = reply(b"GET /metrics HTTP/1.1\r\n\r\n", registry_of(shown)).decode()
    assert answer.startswith("HTTP/1.1 200 OK\r\n")
    assert "planted" not in answer
    assert_clean(answer)
    families = {f.name: f for f in text_string_to_metric_families(answer.partition("\r\n\r\n")[2])}
    read = {sample.name: sample for family in families.values() for sample in family.samples}
    assert read["kiosk_mode"].value == 1.0
    assert len(payload({"metrics": dict(look.values), "sections": list(look.sections)})) < MOST_BYTES // 2
    assert reply(b"GET / HTTP/1.1\r\n\r\n", registry_of(shown)).startswith(b"HTTP/1.1 404")
    assert reply(b"POST /metrics HTTP/1.1\r\n\r\n", registry_of(shown)).startswith(b"HTTP/1.1 404")


@pytest.mark.promise("P6")
def test_a_collector_hears_visit_step_device_and_platform_and_nothing_of_the_citizens(visits: Told) -> None:
    found = visits.collector.spans()
    by_id = {span.span_id: span for span in found}
    names = {span.name for span in found}
    assert names == {"visit", "step", "device", "platform"}
    assert sum(span.name == "visit" for span in found) == 2
    steps = [span for span in found if span.name == "step"]
    assert {by_id[span.parent_span_id].name for span in steps} == {"visit"}
    assert {"pay", "submit", "print"} <= {a.value.string_value for s in steps for a in s.attributes}
    below = {span.name for span in found if span.parent_span_id in {s.span_id for s in steps}}
    assert below == {"device", "platform"}
    allowed = {f"kiosk.{name}" for kind in spans.ATTRIBUTES.values() for name in kind}
    for span in found:
        assert {a.key for a in span.attributes} <= allowed
        assert not span.events
        for attribute in span.attributes:
            assert export.VALUE.fullmatch(attribute.value.string_value)
    for citizen in personal():
        assert not any(citizen.encode() in body for body in visits.collector.bodies)
    assert_clean(str(found))


def test_attributes_outside_the_table_are_left_out() -> None:
    citizen = next(iter(CITIZENS.values()))
    given = {"step": "pay", "name": citizen.name, "outcome": citizen.address, "service": "WH-SI-001"}
    assert export.checked("step", given) == {"kiosk.step": "pay", "kiosk.service": "WH-SI-001"}
    assert export.checked("unheard-of", given) == {}


def test_while_nobody_traces_a_span_costs_nothing_to_speak_of() -> None:
    import timeit

    def spanned() -> None:
        with spans.span("step", step="pay", service="WH-SI-001") as span:
            span.told("outcome", "next")

    each_s = min(timeit.repeat(spanned, number=2000, repeat=5)) / 2000
    assert each_s < 20e-6  # a visit has some hundred


def test_a_collector_that_is_away_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

    from kiosk.tracing.collector import Collector as Told

    class Inner(SpanExporter):
        result = SpanExportResult.FAILURE

        def export(self, spans: Any) -> SpanExportResult:
            del spans
            return self.result

    caplog.set_level("INFO", "kiosk.tracing")
    inner = Inner()
    told_of = Told(inner)
    for _ in range(5):
        told_of.export([])
    inner.result = SpanExportResult.SUCCESS
    for _ in range(5):
        told_of.export([])
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
