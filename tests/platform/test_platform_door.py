"""The door of the platform: signatures against RFC 9421's own example, all ways in which one is wrong, keys."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from config import sm2
from config.signatures import key_id
from kiosk.device_key import DeviceKey, DeviceKeyFile, known_as
from kiosk.keys import MachineKey
from kiosk.platform.client import Platform
from kiosk.platform.errors import BadSignature, NotEnrolled, Problem
from kiosk.platform.request_signing import signature_base, target_uri
from kiosk.platform.signing import canonical, verify_signed
from simulator.platform.faults import FaultPlan
from simulator.platform.freshness import WINDOW, Freshness
from simulator.platform.problems import Refusal
from simulator.virtual_time import run_virtual

KIOSK = "WH-HC-0003"
OPENING = b'{"channel":"kiosk"}'


@pytest.mark.oracle
def test_the_base_is_that_of_rfc_9421():
    """RFC 9421, B.2.6, with the key of B.1.4."""
    components = [
        ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("@method", "POST"),
        ("@path", "/foo"),
        ("@authority", "example.com"),
        ("content-type", "application/json"),
        ("content-length", "18"),
    ]
    names = " ".join(f'"{name}"' for name, _ in components)
    base = signature_base(components, f'({names});created=1618884473;keyid="test-key-ed25519"')
    private = base64.b64decode("n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU=")
    public = base64.b64decode("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=")
    said = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    assert base64.b64encode(DeviceKey("ed25519", private, public).sign(base)).decode() == said


@pytest.mark.parametrize(
    ("url", "uri"),
    [
        ("HTTPS://Platform.Example:443/kgw/v1/a?b=1", "https://platform.example/kgw/v1/a?b=1"),
        ("http://127.0.0.1:80", "http://127.0.0.1/"),
        ("http://[::1]:18700/x", "http://[::1]:18700/x"),
    ],
)
def test_both_ends_write_one_address(url, uri):
    assert target_uri(url) == uri


def slug(answer):
    body = answer.json()
    return body.get("code"), body.get("reason")


def test_everything_that_is_signed_counts(town):
    good = town.headers("POST", "/sessions", OPENING, key="ses-00000001")
    url = f"{town.settings.url}/kgw/v1/sessions"
    town.session.mount("http://", town.adapter.inner)

    def sent(body=OPENING, **changes):
        headers = {**good, **{k.replace("_", "-"): v for k, v in changes.items()}}
        return slug(town.session.post(url, data=body, headers={k: v for k, v in headers.items() if v is not None}))

    assert sent(body=b'{"channel":"kiosk" }') == ("signature-invalid", "digest")
    assert sent(Content_Digest="md5=:abc=:") == ("signature-invalid", "digest")
    assert sent(Idempotency_Key="ses-00000002") == ("signature-invalid", "signature")
    assert sent(X_Nonce="cd" * 16) == ("signature-invalid", "signature")
    assert sent(X_Session_Id="ses_other") == ("signature-invalid", "covered")
    assert sent(If_Match='"3"') == ("signature-invalid", "covered")
    assert sent(Signature=None) == ("signature-invalid", "form")
    assert sent(Signature_Input="kiosk=()") == ("signature-invalid", "form")
    assert sent(Signature_Input=good["Signature-Input"].replace('"x-nonce" ', "")) == ("signature-invalid", "covered")
    assert sent(X_Kiosk_Id="WH-HC-0004") == ("signature-invalid", "key")
    other = town.session.put(url, data=OPENING, headers=good)
    assert slug(other) == ("signature-invalid", "signature")
    assert slug(town.session.post(f"{url}?x=1", data=OPENING, headers=good)) == ("signature-invalid", "signature")
    assert sent() == (None, None)
    assert sent() == ("replay", "nonce")


def test_numbers_of_a_boot_are_used_once_and_may_overtake_a_little():
    door = Freshness()

    def seen(seq, boot="a"):
        try:
            door.must_be_new("K", f"{boot}{seq}{len(door._nonces)}", boot, seq, 0.0)
        except Refusal as refusal:
            return refusal.more["reason"]
        return ""

    assert [seen(n) for n in (1, 3, 2, 2, 3)] == ["", "", "", "sequence", "sequence"]
    assert seen(WINDOW + 3) == ""
    assert seen(3) == "sequence"
    assert seen(4) == ""
    assert seen(10**11) == ""
    assert seen(5) == "sequence"
    assert seen(1, "b") == ""


@pytest.mark.parametrize("algorithm", ["ed25519", "sm2-sm3"])
def test_a_terminal_makes_its_key_known_once_and_keeps_it(town, tmp_path, algorithm):
    machine = MachineKey(b"k" * 32)
    file = DeviceKeyFile(tmp_path, machine, algorithm)
    key = file.load()
    assert (key.enrolled_as, key.algorithm) == ("", algorithm)
    assert key.private.hex() not in repr(key)
    assert key.private.hex().encode() not in file.path.read_bytes()
    assert file.path.stat().st_mode & 0o077 == 0

    async def life():
        p = Platform(town.settings, KIOSK, session=town.session, now=town.wall, key=file.load(), keep=file.keep)
        await p.health()
        session = await p.open_session(town.key("ses"))
        await p.close()
        return session

    assert run_virtual(life()) != run_virtual(life())
    assert town.adapter.log.count(("/devices/enrolments", 201)) == 1
    assert file.load() == known_as(key, KIOSK)
    file.path.write_bytes(b"torn")
    assert file.load().id != key.id
    assert (tmp_path / "device.bad").exists()


def test_a_code_lets_one_terminal_in_once(town):
    town.session.mount("http://desk", town.adapter.inner)
    made = town.session.post("http://desk.test/sim/activations", json={"kiosk": KIOSK, "code": "LET-ME-IN-7"})
    assert made.status_code == 200
    settings = town.settings.model_copy(update={"activation": "LET-ME-IN-7"})

    async def walk():
        async def asks(kiosk, settings=settings):
            p = Platform(settings, kiosk, session=town.session, now=town.wall)
            try:
                await p.health()
            except (Problem, NotEnrolled) as error:
                return getattr(error, "slug", "not-enrolled")
            finally:
                await p.close()
            return "in"

        assert await asks("WH-HC-0004") == "activation-invalid"
        assert await asks(KIOSK) == "in"
        assert await asks(KIOSK) == "activation-invalid"
        assert await asks(KIOSK, settings.model_copy(update={"activation": ""})) == "not-enrolled"

    run_virtual(walk())


def test_a_forgotten_key_is_learned_again_and_a_suspended_terminal_is_told(town):
    town.session.mount("http://desk", town.adapter.inner)

    def act(name):
        assert town.session.post(f"http://desk.test/sim/devices/{KIOSK}/{name}").status_code == 200

    run_virtual(town.platform.health())
    act("forget")
    run_virtual(town.platform.health())
    act("suspend")
    with pytest.raises(Problem) as caught:
        run_virtual(town.platform.health())
    assert (caught.value.slug, caught.value.ours) == ("device-suspended", True)
    act("resume")
    run_virtual(town.platform.health())


def test_a_wrong_clock_is_mended_by_what_the_platform_says(town):
    heard = []

    def now():
        return heard[-1] if heard else town.wall.at - timedelta(days=400)

    async def walk():
        p = Platform(town.settings, KIOSK, session=town.session, now=now, heard=heard.append)
        await p.health()
        await p.close()

    run_virtual(walk())
    assert heard == [town.wall.at] * 3


def test_a_request_delivered_twice_counts_once(town, who):
    async def walk():
        session, _ = await town.proven(who)
        town.app.state.faults.add(FaultPlan(duplicate=True, area="payments"))
        order = await town.platform.create_order(session, "WH-PS-001", "chg-twice-0001")
        assert await town.platform.find_order("chg-twice-0001") == order

    run_virtual(walk())
    with town.app.state.city.store.transaction() as cx:
        assert cx.execute("SELECT count(*) FROM payment_order").fetchone()[0] == 1


def test_replies_signed_with_sm2_are_believed_by_its_key_only():
    pair, other = sm2.generate(), sm2.generate()
    reply = {"kiosk": KIOSK, "padding": "x" * 10_000}
    signed = {**reply, "signature": sm2.sign(pair, canonical(reply)).hex()}
    verify_signed(signed, pair.public.hex())
    for wrong in (other.public.hex(), "00" * 64, "00" * 32, "zz"):
        with pytest.raises(BadSignature):
            verify_signed(signed, wrong)
    assert key_id(pair.public) != key_id(other.public)
