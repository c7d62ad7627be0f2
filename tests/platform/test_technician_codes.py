"""The office's codes for technicians: computed there, read here; a secret that is not the terminal's is not kept."""

from __future__ import annotations

import json

import pytest
import requests

from config.signatures import key_id
from kiosk.duties.sealed_envelope import seal
from kiosk.keys import MachineKey
from kiosk.platform.errors import Problem
from kiosk.technician.code_secret import CodeSecret
from kiosk.technician.codes import CodeRefused, read_token, read_typed
from simulator.platform.inprocess import InProcessAdapter
from simulator.virtual_time import run_virtual

KIOSK = "WH-HC-0003"


def office(town, **body):
    session = requests.Session()
    session.mount("http://", InProcessAdapter(town.app))
    reply = session.post("http://platform.test/sim/technician-codes", json={"kiosk": KIOSK, **body}, timeout=5)
    return reply.status_code, reply.json()


@pytest.mark.parametrize("sealing", ["X25519-SHA256-AES256GCM", "X25519-SHA256-SM4GCM"])
def test_the_secret_is_told_once_and_the_office_computes_what_the_terminal_reads(town, tmp_path, sealing):
    settings = town.settings.model_copy(update={"sealing": sealing})

    def secret():
        made = CodeSecret(tmp_path, MachineKey(b"k" * 32), settings)
        made.load()
        return made

    async def walk():
        first = secret()
        assert first() == b""  # the platform does not know it: it opens nothing
        assert await first.tell(town.platform)
        return first()

    assert office(town)[0] == 404
    value = run_virtual(walk())
    assert len(value) == 32
    assert secret()() == value  # over a restart, and not told again
    assert value.hex().encode() not in (tmp_path / "technician-codes.key").read_bytes()
    now = town.wall.at.timestamp()
    for role in ("field", "supervisor"):
        for purpose in ("panel", "remote"):
            typed, signed = (
                office(town, role=role, purpose=purpose, form=form)[1]["code"] for form in ("typed", "signed")
            )
            for grant in (
                read_typed(typed, value, KIOSK, now, purpose),
                read_token(signed, settings.public_key, KIOSK, now, purpose),
            ):
                assert (grant.role, grant.purpose) == (role, purpose)
    with pytest.raises(CodeRefused, match="code-wrong"):
        read_typed(office(town)[1]["code"], secret().renew().value, KIOSK, now, "panel")


def test_no_two_codes_of_ten_minutes_are_the_same_and_there_is_an_end(town, tmp_path):
    async def walk():
        made = CodeSecret(tmp_path, MachineKey(b"k" * 32), town.settings)
        made.load()
        await made.tell(town.platform)

    run_virtual(walk())
    given = [office(town) for _ in range(101)]
    assert len({body["code"] for status, body in given if status == 200}) == 100
    assert given[-1][0] == 422
    town.wall.pass_(minutes=10)
    assert office(town)[0] == 200


def test_a_secret_that_does_not_open_or_is_another_is_not_kept(town):
    async def walk():
        value = b"s" * 32
        name, other = key_id(b"kiosk-technician-code-1" + value), "0" * 32
        keep, key, how = town.platform.technicians.keep_secret, town.settings.sealing_key, town.settings.sealing
        for told, sealed_as in ((name, other), (other, other)):
            with pytest.raises(Problem, match="validation"):
                await keep(told, seal(value, key, f"technician-code-secret:{sealed_as}", how))

    run_virtual(walk())
    assert office(town)[0] == 404


def test_no_terminal_tells_a_secret_for_another(town):
    body = {"id": "0" * 32, "algorithm": "X25519-SHA256-AES256GCM", "ephemeral": "a" * 64, "sealed": "A" * 80}
    path = "/devices/WH-HC-0004/code-secret"
    reply = town.raw("PUT", path, json.dumps(body).encode())
    assert (reply.status_code, reply.json()["type"].rpartition("/")[2]) == (403, "device-mismatch")


def test_a_secret_on_disk_that_cannot_be_read_is_made_anew(town, tmp_path):
    made = CodeSecret(tmp_path, MachineKey(b"k" * 32), town.settings)
    first = made.load()
    made.path.write_bytes(made.path.read_bytes()[:-1])
    assert CodeSecret(tmp_path, MachineKey(b"k" * 32), town.settings).load().id != first.id
    none = town.settings.model_copy(update={"sealing_key": ""})
    silent = CodeSecret(tmp_path, MachineKey(b"k" * 32), none)
    silent.load()
    assert not run_virtual(silent.tell(town.platform))
    assert silent() == b""
