"""The client against the platform on a real port, with everything that a wire and a server can do to an answer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
import time
from datetime import datetime

import pytest

from kiosk.device_key import DeviceKey, known_as
from kiosk.platform.client import Platform
from kiosk.platform.connection import Question
from kiosk.platform.errors import BadReply, CertificateRefused, NoReply, PlatformError, Problem, Unreachable
from kiosk.platform.transport import MAX_REPLY

KIOSK = "WH-HC-0003"


@contextlib.asynccontextmanager
async def terminal(settings, **changes):
    """A client; one that is sent elsewhere thinks that it is enrolled there."""
    key = known_as(DeviceKey.fresh(), KIOSK) if "url" in changes else None
    platform = Platform(settings.model_copy(update=changes), KIOSK, key=key)
    try:
        yield platform
    finally:
        await platform.close()


def a_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def ready(p, who, tag):
    """A paid session of `who`, ready to submit."""
    session = await p.open_session(f"ses-{tag}")
    consents = [await p.consent(session, f"cns-{tag}", "service", ["card"], "2026-11")]
    await p.prove_card(session, f"prf-{tag}", who.name, who.number, "resident", who.valid_to, service="WH-PS-001")
    consents.append(await p.consent(session, f"cnf-{tag}", "face", ["face"], "2026-11"))
    await p.prove_face(session, f"prg-{tag}", 0.6, "pass", "m", consents[1])
    order = await p.create_order(session, "WH-PS-001", f"chg-{tag}")
    await p.report_payment(order.id, f"chg-{tag}:PAID", state="PAID", fen=2000)
    form = {"phone": who.phone, "receive_mode": "pickup", "region_reg": "371002"}
    return session, "WH-PS-001", form, order.id, consents, "b" * 64


@pytest.mark.promise("P4")
@pytest.mark.parametrize(
    ("tag", "fault", "happened"),
    [
        ("dropped00", {"drop_reply_after_commit": True}, True),
        ("halfreply", {"half": True}, True),
        ("tooslow00", {"slow_s": 1.6}, True),
        ("isdown000", {"down": True}, False),
        ("gateway00", {"status": 503}, False),
    ],
)
async def test_no_reply_is_asked_about_and_gives_exactly_one_case(served, who, tag, fault, happened):
    async with terminal(served.settings) as p:
        session, service, form, order, consents, digest = await ready(p, who, tag)
        intent = f"sub-{tag}"
        at = datetime.now().astimezone(p._now().tzinfo).isoformat(timespec="seconds")
        arguments = (session, intent, service, form, order, consents, digest)
        served.faults(**fault, area="applications", times=1)
        with pytest.raises(NoReply) as caught:
            await p.submit(*arguments, submitted_at=at)
        assert not caught.value.certain
        if "slow_s" in fault:
            await asyncio.sleep(0.8)
        found = await p.find_application(intent)
        assert (found is not None) is happened
        again = await p.submit(*arguments, submitted_at=at)
        assert found in (None, again)
        assert [c["number"] for c in served.desk("cases") if c["intent"] == intent] == [again.number]
    assert not any(served.desk("faults").values())


async def test_nobody_listens_and_no_such_host_are_unreachable(served):
    for url in (f"http://127.0.0.1:{a_port()}", "http://platform.invalid:80"):
        async with terminal(served.settings, url=url, deadline_s=3.0) as p:
            with pytest.raises(Unreachable) as caught:
                await p.open_session("ses-unreachable")
            assert caught.value.certain


async def test_no_tls_is_unreachable(served):
    url = served.settings.url.replace("http://", "https://")
    async with terminal(served.settings, url=url) as p:
        with pytest.raises(Unreachable):
            await p.health()


async def test_a_problem_comes_with_everything_it_says(served):
    async with terminal(served.settings, token="wrong") as p:
        with pytest.raises(Problem) as caught:
            await p.health()
    problem = caught.value
    assert (problem.slug, problem.status, problem.user_action) == ("token-invalid", 401, "call_help")
    assert (problem.retryable, problem.retry_after_s, problem.processed) == (True, 0, "no")
    assert set(problem.message) == {"zh", "en"}
    assert len(problem.trace_id) == 16


async def test_one_connection_serves_many_calls(served):
    opened = []
    original = socket.socket.connect

    def counting(self, address):
        opened.append(address)
        return original(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", counting)
        async with terminal(served.settings) as p:
            for _ in range(5):
                await p.health()
    assert len(opened) == 1


async def test_a_start_that_asks_many_things_at_once_enrols_once(served):
    """Six calls of a terminal nobody knows yet, with an enrolment slow enough for all to meet it."""
    served.faults(slow_s=0.2, area="devices", times=1)
    async with terminal(served.settings) as p:
        opened = await asyncio.gather(*(p.open_session(f"ses-atonce{n:02}") for n in range(6)))
        assert len(set(opened)) == 6
        assert p.connection.key.enrolled_as == KIOSK


async def test_the_answer_of_the_same_request_that_still_runs_is_waited_for(served):
    async with terminal(served.settings.model_copy(update={"deadline_s": 3.0})) as p:
        await p.health()
        served.faults(slow_s=0.6, area="sessions", times=1)
        first = asyncio.create_task(p.open_session("ses-twice0001"))
        await asyncio.sleep(0.2)
        assert await p.open_session("ses-twice0001") == await first
        served.faults(slow_s=1.5, area="sessions", times=1)
        first = asyncio.create_task(p.open_session("ses-twice0002"))
        await asyncio.sleep(0.2)
        hasty = p.connection.ask(Question("POST", "/sessions", {"channel": "kiosk"}, "ses-twice0002", deadline_s=0.5))
        with pytest.raises(Problem, match="in-progress"):
            await hasty
        await first


async def test_the_environment_has_no_say(served, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with terminal(served.settings) as p:
        await p.health()


async def test_nothing_personal_in_logs(served, who, caplog):
    caplog.set_level(logging.DEBUG)
    async with terminal(served.settings) as p:
        session, service, form, order, consents, digest = await ready(p, who, "inthelogs")
        await p.submit(session, "sub-inthelogs", service, form, order, consents, digest)
        with pytest.raises(PlatformError) as caught:
            await p.submit(session, "sub-inthelogs", service, {**form, "phone": "1"}, order, consents, digest)
    said = caplog.text + str(caught.value) + repr(caught.value)
    for secret in (who.name, who.number, who.phone, who.address):
        assert secret not in said


class Odd:
    """A server that answers every connection with the same bytes, piece by piece, and then stays or closes."""

    def __init__(self, *pieces: bytes, gap_s: float = 0.0, stay: bool = False) -> None:
        self._pieces, self._gap, self._stay = pieces, gap_s, stay
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._over = threading.Event()
        self.requests = 0
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Odd:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._listener.close()
        self._thread.join(5)

    def _run(self) -> None:
        self._listener.settimeout(0.05)
        while not self._over.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.recv(65536)
                self.requests += 1
                for piece in self._pieces:
                    connection.sendall(piece)
                    if self._over.wait(self._gap):
                        return
                if self._stay:
                    self._over.wait(5)


def reply(body: bytes, status: str = "200 OK", media: str = "application/json", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Type: {media}\r\nContent-Length: {size}\r\n\r\n".encode() + body


HEALTH = b'{"status":"ok","time":"2026-11-21T20:14:00+08:00"}'
PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ([], NoReply),
        ([b"HTTP/1.1 200 OK\r\nContent-Ty"], NoReply),
        ([b"SSH-2.0-OpenSSH_9.2\r\n"], NoReply),
        ([reply(HEALTH, length=500)], NoReply),
        ([reply(b"<html>", "502 Bad Gateway", "text/html")], NoReply),
        ([reply(b"<html>", "404 Not Found", "text/html")], BadReply),
        ([reply(b"", "302 Found", "text/html")], BadReply),
        ([reply(b"<h1>No required SSL certificate was sent</h1>", "400 Bad", "text/html")], CertificateRefused),
        ([reply(HEALTH[:20])], BadReply),
        ([reply(b"[]")], BadReply),
        ([reply(b'{"status":"well"}')], BadReply),
        ([reply(b'{"status":NaN}')], BadReply),
        ([reply(b"[" * 100_000)], BadReply),
        ([reply(b"\xff\xfe")], BadReply),
        ([reply(b"{}", "403 Forbidden", PROBLEM)], BadReply),
        ([reply(b" " * (MAX_REPLY + 1))], BadReply),
    ],
)
async def test_odd_answers(served, said, error):
    with Odd(*said) as odd:
        async with terminal(served.settings, url=odd.url) as p:
            with pytest.raises(error):
                await p.health()
        assert odd.requests == 1


@pytest.mark.parametrize(
    "pieces",
    [
        [bytes([b]) for b in reply(HEALTH)],
        [reply(HEALTH)[:70], *(bytes([b]) for b in reply(HEALTH)[70:])],
    ],
    ids=["headers", "body"],
)
async def test_an_answer_that_drips_ends_at_the_deadline(served, pieces):
    with Odd(*pieces, gap_s=0.15) as odd:
        async with terminal(served.settings, url=odd.url, deadline_s=0.5) as p:
            began = time.monotonic()
            with pytest.raises(NoReply):
                await p.health()
            assert time.monotonic() - began < 1.5
            for _ in range(100):
                if p.connection.threads._work_queue.empty() and p.connection.threads._idle_semaphore._value:
                    break
                await asyncio.sleep(0.02)
            assert p.connection.threads._idle_semaphore._value, "the thread still hangs in the dripping answer"


async def test_a_silent_server_ends_at_the_deadline(served):
    with Odd(stay=True) as odd:
        async with terminal(served.settings, url=odd.url, deadline_s=0.3) as p:
            began = time.monotonic()
            with pytest.raises(NoReply):
                await p.health()
            assert time.monotonic() - began < 1.0


async def test_a_cancelled_call_frees_its_thread(served):
    with Odd(stay=True) as odd:
        async with terminal(served.settings, url=odd.url, deadline_s=30.0) as p:
            call = asyncio.create_task(p.health())
            for _ in range(200):
                if odd.requests:
                    break
                await asyncio.sleep(0.01)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            for _ in range(100):
                if p.connection.threads._idle_semaphore._value:
                    break
                await asyncio.sleep(0.02)
            assert p.connection.threads._idle_semaphore._value


async def test_the_desk_shows_and_acts(served, who):
    import requests

    async with terminal(served.settings) as p:
        session = await p.open_session("ses-desk0000")
        await p.prove_card(session, "prf-desk0000", who.name, who.number, "resident", None, service="WH-PS-001")
        match = await p.start_app_match(session, "apm-desk0000")
        shown = next(m for m in served.desk("app-matches") if m["id"] == match.id)
        assert (shown["number"], shown["state"]) == (match.number, "waiting")
        url = f"{served.settings.url}/sim/app-matches/{match.id}"
        assert requests.post(url, json={"answer": "confirm"}, timeout=5).json()["state"] == "confirmed"
        assert requests.post(url, json={"answer": "refuse"}, timeout=5).status_code == 409
        assert await p.app_match(session, match.id) == "confirmed"
    assert served.desk("public-key") == {"public_key": served.settings.public_key}
    for name in ("cases", "orders", "prints", "evaluations", "events", "heartbeats"):
        rows = served.desk(name)
        assert isinstance(rows, list)
        for secret in (who.name, who.number, who.phone):
            assert secret not in str(rows)


def test_the_platform_keeps_everything_over_a_restart(tmp_path, who):
    import requests

    from config.load import load_settings
    from simulator.platform.app import create_app
    from simulator.platform.inprocess import InProcessAdapter
    from simulator.virtual_time import run_virtual

    settings = load_settings("simulated").platform

    def life(act):
        app = create_app(tmp_path / "platform.sqlite")
        session = requests.Session()
        session.mount("http://", InProcessAdapter(app))

        async def run():
            p = Platform(settings, KIOSK, session=session)
            try:
                return await act(p)
            finally:
                await p.close()

        try:
            return run_virtual(run())
        finally:
            app.state.city.store.close()

    async def first(p):
        session, service, form, order, consents, digest = await ready(p, who, "restart00")
        return await p.submit(session, "sub-restart00", service, form, order, consents, digest)

    accepted = life(first)
    assert life(lambda p: p.find_application("sub-restart00")) == accepted
