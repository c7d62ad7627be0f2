"""Mutual TLS over a real port: the right certificate passes; none, a foreign one, an expired one say "certificate"."""

from __future__ import annotations

import threading
import time

import pytest

from config.load import load_settings
from config.settings import PlatformSettings
from kiosk.platform.client import Platform
from kiosk.platform.errors import CertificateRefused
from simulator.platform.serve import make_server
from simulator.platform.tls import make_certificates


@pytest.fixture(scope="module")
def secured(tmp_path_factory):
    """A platform that wants certificates: its address and the files."""
    folder = tmp_path_factory.mktemp("tls")
    files = make_certificates(folder / "authority")
    server = make_server("127.0.0.1", 0, folder / "platform.sqlite", tls=files)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(500):
        if server.started:
            break
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"https://127.0.0.1:{port}", files
    server.should_exit = True
    thread.join(10)
    server.config.app._app.state.city.store.close()


async def health(url, **paths):
    settings = load_settings("simulated").platform.model_copy(update={"url": url, **paths})
    platform = Platform(settings, "WH-HC-0003")
    try:
        await platform.health()
    finally:
        await platform.close()


def pair(files, name):
    certificate, key = files.pair(name)
    return {"client_certificate": certificate, "client_key": key}


async def test_the_right_certificate_passes(secured):
    url, files = secured
    await health(url, ca=files.ca, **pair(files, "terminal"))


@pytest.mark.parametrize("name", [None, "foreign", "expired"])
async def test_another_certificate_is_refused_and_says_so(secured, name):
    url, files = secured
    with pytest.raises(CertificateRefused, match="terminal's certificate") as caught:
        await health(url, ca=files.ca, **(pair(files, name) if name else {}))
    assert (caught.value.whose, caught.value.certain) == ("terminal", True)


async def test_a_platform_of_another_authority_is_not_believed(secured):
    url, files = secured
    with pytest.raises(CertificateRefused, match="platform's certificate") as caught:
        await health(url, ca=files.pair("foreign")[0], **pair(files, "terminal"))
    assert caught.value.whose == "platform"


async def test_a_file_that_is_not_there_is_named(secured, tmp_path):
    url, files = secured
    with pytest.raises(CertificateRefused, match=r"absent\.pem"):
        await health(url, ca=files.ca, client_certificate=tmp_path / "absent.pem", client_key=files.pair("terminal")[1])


def test_certificates_are_made_once(secured):
    _, files = secured
    before = files.ca.read_bytes()
    assert make_certificates(files.folder).ca.read_bytes() == before
    assert files.pair("terminal")[1].stat().st_mode & 0o077 == 0


def test_certificate_and_key_belong_together(tmp_path):
    with pytest.raises(ValueError, match="belong together"):
        PlatformSettings(url="https://x", public_key="0" * 64, client_certificate=tmp_path)
