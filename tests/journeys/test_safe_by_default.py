"""The simulated identity, payment and bench exist only in a simulated profile; a real one fails closed."""

from __future__ import annotations

from typing import Any

import pytest

from config.load import SettingsError, load_settings
from config.settings import Settings
from simulator.platform.signing import PUBLIC_KEY

KEY = {"platform.public_key": "ab" * 32}


def real(**overrides: Any) -> Settings:
    """The example of a real profile, filled in, with changes."""
    return load_settings("example-real", overrides={**KEY, **overrides})


def test_a_filled_in_real_profile_loads() -> None:
    settings = real()
    assert not settings.simulated
    assert settings.window.mirror == ""


def test_the_example_does_not_load_before_enrolment() -> None:
    with pytest.raises(SettingsError, match="public_key"):
        load_settings("example-real")


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("window.mirror", "127.0.0.1:18790", "mirror"),
        ("platform.url", "http://platform.example.gov.cn", "https"),
        ("platform.url", "https://127.0.0.1", "loopback"),
        ("platform.url", "https://localhost.", "loopback"),
        ("platform.url", "https://[::1]:8443", "loopback"),
        ("platform.url", "https://[::ffff:127.0.0.1]", "loopback"),
        ("platform.url", "https://127.1", "loopback"),
        ("platform.url", "https://2130706433", "loopback"),
        ("platform.url", "https://0.0.0.0", "loopback"),
        ("devices.payment_pad.link", "tcp://127.0.0.1:20007", "simulator"),
        ("devices.payment_pad.link", "tcp://127.9.9.9:20007", "simulator"),
        ("devices.payment_pad.link", "tcp://localhost:20007", "simulator"),
        ("devices.payment_pad.link", "memory://pad", "simulator"),
        ("devices.licence_printer.link", "ipp://[::1]:631/ipp/print", "simulator"),
        ("devices.camera.link", "http://127.0.0.1:18780/face.mjpg", "simulator"),
        ("devices.id_card.link", "serial:///tmp/kiosk-sim/id-card-reader", "pty"),
        ("devices.id_card.link", "serial:///dev/pts/3", "pty"),
        ("devices.id_card.link", "serial:///dev/kiosk/../pts/3", "pty"),
        ("devices.id_card.link", "serial:///dev/../tmp/reader", "pty"),
        ("devices.id_card.options", {"portrait": "standin"}, "stand-in"),
        ("platform.public_key", PUBLIC_KEY, "simulated platform"),
    ],
)
def test_a_real_profile_refuses_what_is_simulated(key: str, value: Any, why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        real(**{key: value})


def test_all_faults_come_in_one_report() -> None:
    with pytest.raises(SettingsError) as caught:
        real(
            **{"window.mirror": "127.0.0.1:1", "devices.payment_pad.link": "memory://x", "platform.url": "http://x.cn"}
        )
    for part in ("mirror", "payment_pad", "https"):
        assert part in str(caught.value)


def test_a_layer_cannot_make_a_simulated_profile_real_by_one_word() -> None:
    with pytest.raises(SettingsError, match="simulator"):
        load_settings("simulated", overrides={"simulated": False})
