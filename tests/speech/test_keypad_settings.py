"""Which key means what is data: every name is a key, one key has one meaning."""

from __future__ import annotations

from typing import get_args

import pygame
import pytest
from pydantic import ValidationError

from config.load import SettingsError, load_settings
from config.speaking import KeyCommand, KeypadSettings, SpeechSettings
from screens.key_commands import COMMANDS, key_code, key_commands


def test_every_command_has_a_key_by_default() -> None:
    assert set(key_commands(KeypadSettings()).values()) == set(get_args(KeyCommand)) == COMMANDS


@pytest.mark.parametrize(
    ("name", "code"),
    [("up", pygame.K_UP), ("return", pygame.K_RETURN), ("h", pygame.K_h), ("kp_plus", pygame.K_KP_PLUS),
     ("f1", pygame.K_F1), ("f12", pygame.K_F12), ("f15", pygame.K_F15), ("pageup", pygame.K_PAGEUP),
     ("asterisk", pygame.K_ASTERISK), ("f24", (1 << 30) | 115), ("escape", pygame.K_ESCAPE)],
)  # fmt: skip
def test_names_are_sdls(name: str, code: int) -> None:
    assert key_code(name) == code


def test_a_key_has_one_meaning() -> None:
    with pytest.raises(ValidationError, match="r means help and repeat"):
        KeypadSettings(keys={"help": ("r",), "repeat": ("r",)})


def test_a_digit_is_typed() -> None:
    with pytest.raises(ValidationError, match=r"keys\.ok: 5 is typed while digits is true"):
        KeypadSettings(keys={"ok": ("5",)})
    assert KeypadSettings(keys={"ok": ("5",)}, digits=False).keys["ok"] == ("5",)


@pytest.mark.parametrize(
    ("key", "value", "wrong"),
    [("keypad.keys", {"help": ["nothing"]}, r"keypad\.keys\.help\.0.*no key is called 'nothing'"),
     ("keypad.keys", {"sing": ["s"]}, "sing"),
     ("speech.volume", 11, "volume"), ("speech.program", "espeak-ng; rm -rf /", "program")],
)  # fmt: skip
def test_a_wrong_setting_says_where(key: str, value: object, wrong: str) -> None:
    with pytest.raises(SettingsError, match=wrong):
        load_settings("simulated", overrides={key: value})


def test_a_terminal_is_loaded_with_both() -> None:
    settings = load_settings("simulated")
    assert settings.speech == SpeechSettings()
    assert settings.keypad.digits
