"""The door's pure parts: gesture, table, lock-out, codes, roles; each with what must not open it."""

from __future__ import annotations

import random
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config.load import SettingsError, load_settings
from config.technician_settings import TechnicianSettings
from kiosk.events import events
from kiosk.technician.at_door import told
from kiosk.technician.codes import CodeRefused, luhn_right, proof_of, read_token, read_typed
from kiosk.technician.door import TABLE, Door, Reason, Shut, WrongStep
from kiosk.technician.gesture import Gesture
from kiosk.technician.lockout import Attempt, Rules, counted, read_attempt, shut_until
from kiosk.technician.roles import ACTS, ROLES, may
from simulator.platform.signing import PUBLIC_KEY, sign_octets

SETTINGS = TechnicianSettings()
CORNERS = ("top-left", "top-right", "bottom-right", "bottom-left")
KIOSK = "WH-HC-0003"
NOW = 1_795_233_600.0
SECRET = b"s" * 32
RULES = Rules((0, 0, 60, 300, 900, 3600), 10, 900)


def gesture() -> Gesture:
    return Gesture(SETTINGS.gesture, SETTINGS.gesture_s, SETTINGS.gesture_rest_s)


# The gesture


def test_the_gesture_in_its_time_and_in_no_other() -> None:
    made = gesture()
    assert [made.touched(c, 0.5 * n) for n, c in enumerate(SETTINGS.gesture)] == [False] * 5 + [True]
    slow = gesture()
    assert not any(slow.touched(c, 2.0 * n) for n, c in enumerate(SETTINGS.gesture))
    other = gesture()
    for n, corner in enumerate(SETTINGS.gesture):
        other.forget()  # something else was touched in between
        assert not other.touched(corner, 0.5 * n)


def test_a_wrong_corner_rests_in_silence_and_tapping_on_never_ends_the_rest() -> None:
    made = gesture()
    made.touched("bottom-right", 0.0)
    assert not any(made.touched(c, 1.0 + 0.3 * n) for n, c in enumerate(SETTINGS.gesture))
    assert not any(made.touched(c, 4.0 + 0.3 * n) for n, c in enumerate(SETTINGS.gesture))
    assert [made.touched(c, 20.0 + 0.3 * n) for n, c in enumerate(SETTINGS.gesture)][-1]


@pytest.mark.parametrize("seed", range(4))
def test_an_hour_of_tapping_does_not_find_it(seed: int) -> None:
    chance, made, now = random.Random(seed), gesture(), 0.0
    while now < 3600:
        now += chance.uniform(0.15, 0.6)
        assert not made.touched(chance.choice(CORNERS), now), f"seed {seed}"


def test_a_gesture_that_a_child_finds_is_refused() -> None:
    with pytest.raises(ValidationError, match="three different corners"):
        TechnicianSettings(gesture=("top-left",) * 5 + ("top-right",))
    with pytest.raises(ValidationError):
        TechnicianSettings(gesture=("top-left", "top-right", "bottom-left"))


# The table


def test_nothing_leads_from_outside_to_open_without_a_proof() -> None:
    reached, ways = {"out"}, True
    while ways:
        ways = {to for (at, what), to in TABLE.items() if at in reached and what not in ("right", "granted")} - reached
        reached |= ways
    assert reached == {"out", "card", "pin", "code"}
    door = Door()
    for what in ("right", "granted", "card", "other", "back"):
        with pytest.raises(WrongStep):
            door.take(what)
    door.take("gesture")
    with pytest.raises(WrongStep):
        door.take("right")  # a PIN without a card


# Lock-out


def tried(*at: float, who: str = "a") -> list[Attempt]:
    return [Attempt(each, who, "tried") for each in at]


def test_delays_grow_for_one_technician_and_a_success_ends_them() -> None:
    assert shut_until(tried(NOW, NOW), "a", RULES, NOW) == 0.0
    assert shut_until(tried(NOW, NOW, NOW), "a", RULES, NOW) == NOW + 60
    assert shut_until(tried(*[NOW] * 4), "a", RULES, NOW + 60) == NOW + 300
    assert shut_until(tried(*[NOW] * 9), "a", RULES, NOW + 10) == NOW + 3600
    assert shut_until(tried(NOW, NOW, NOW), "b", RULES, NOW) == 0.0
    ended = [*tried(NOW, NOW, NOW), Attempt(NOW + 61, "a", "tried"), Attempt(NOW + 61, "a", "opened")]
    assert shut_until([*ended, *tried(NOW + 62)], "a", RULES, NOW + 62) == 0.0


def test_the_door_as_a_whole_is_shut_whoever_tried_and_ones_own_success_does_not_open_it_for_others() -> None:
    many = [Attempt(NOW + n, f"w{n}", "tried") for n in range(10)]
    assert shut_until(many, "", RULES, NOW + 10) == NOW + 9 + 900
    own = [Attempt(NOW + 9.5, "me", "tried"), Attempt(NOW + 9.5, "me", "opened")]
    assert shut_until([*many, *own], "", RULES, NOW + 10) == NOW + 9 + 900
    assert shut_until([*many[:9], *own], "", RULES, NOW + 10) == 0.0  # a success is no failure
    assert shut_until([*many, Attempt(NOW + 10, "x", "released")], "", RULES, NOW + 11) == 0.0
    assert shut_until(many, "", RULES, NOW + 9 + 901) == 0.0


def test_a_clock_that_was_set_back_neither_opens_nor_locks_for_ever() -> None:
    told_ = [read_attempt({"result": "tried", "who": "a", "at": NOW + 9e6}) for _ in range(3)]
    attempts = [counted(each, NOW, NOW - 100) for each in told_ if each is not None]
    assert shut_until(attempts, "a", RULES, NOW - 70) == NOW - 40
    assert shut_until(attempts, "a", RULES, NOW) == 0.0
    assert read_attempt({"result": "refused", "who": "a", "at": NOW}) is None


def test_delays_that_do_not_grow_are_refused() -> None:
    with pytest.raises(ValidationError, match="at least as long"):
        TechnicianSettings(delays_s=(0, 60, 30))
    with pytest.raises(ValidationError, match="at least 60"):
        TechnicianSettings(delays_s=(0, 0, 0))


# Codes to scan


def token(
    kiosk: str = KIOSK, role: str = "field", purpose: str = "panel", issued: float = NOW, minutes: float = 30,
    nonce: str = "tc_0123456789abcdef",
) -> str:  # fmt: skip
    said = f"KTC1.{kiosk}.{nonce}.{role}.{purpose}.{int(issued)}.{int(issued + minutes * 60)}"
    return f"{said}.{sign_octets(said.encode()).hex()}"


def refused(text: str, now: float = NOW, purpose: str = "panel") -> str:
    with pytest.raises(CodeRefused) as caught:
        read_token(text, PUBLIC_KEY, KIOSK, now, purpose)  # type: ignore[arg-type]  # tests give the purpose as text
    return caught.value.reason


def test_a_signed_code_opens_once_and_each_flaw_has_its_own_reason() -> None:
    grant = read_token(token(role="supervisor"), PUBLIC_KEY, KIOSK, NOW + 60, "panel")
    assert (grant.role, grant.purpose, grant.nonce) == ("supervisor", "panel", "tc_0123456789abcdef")
    good = token()
    forged = good[:-1] + ("0" if good[-1] != "0" else "1")
    assert refused(forged) == "code-signature"
    assert refused(good.replace(".field.", ".supervisor.")) == "code-signature"
    assert refused(token(kiosk="WH-HC-0004")) == "code-other-terminal"
    assert refused(token(purpose="remote")) == "code-purpose"
    assert refused(good, NOW + 30 * 60 + 121) == "code-expired"
    assert refused(good, NOW - 121) == "code-early"
    assert refused(token(minutes=9 * 60)) == "code-expired"  # good for too long, whoever signed it
    assert refused(token(role="root")) == "code-form"
    assert refused(good + "0" * 400) == "code-form"
    assert refused("https://example.test/") == "code-form"


@given(st.text(max_size=400))
def test_no_text_breaks_the_reader_of_codes(text: str) -> None:
    with pytest.raises(CodeRefused):
        read_token(text, PUBLIC_KEY, KIOSK, NOW, "panel")
    with pytest.raises(CodeRefused):
        read_typed(text, SECRET, KIOSK, NOW, "panel")


# Codes to type


def luhn(digits: str) -> str:
    return next(digits + check for check in "0123456789" if luhn_right(digits + check))


def typed(kind: str = "1", issue: str = "00", now: float = NOW, kiosk: str = KIOSK, secret: bytes = SECRET) -> str:
    return luhn(kind + issue + proof_of(secret, kiosk, kind, issue, int(now // 600)))


def refused_typed(digits: str, now: float = NOW, purpose: str = "panel", secret: bytes = SECRET) -> str:
    with pytest.raises(CodeRefused) as caught:
        read_typed(digits, secret, KIOSK, now, purpose)  # type: ignore[arg-type]  # tests give the purpose as text
    return caught.value.reason


def test_a_typed_code_and_each_flaw() -> None:
    assert read_typed(typed("2", "07"), SECRET, KIOSK, NOW, "panel").role == "supervisor"
    assert read_typed(typed(now=NOW), SECRET, KIOSK, NOW + 1790, "panel").role == "field"
    slip = typed()
    slip = slip[:5] + str((int(slip[5]) + 1) % 10) + slip[6:]
    assert refused_typed(slip) == "code-mistyped"
    assert refused_typed(luhn(slip[:11])) == "code-wrong"
    assert refused_typed(typed(kiosk="WH-HC-0004")) == "code-wrong"
    assert refused_typed(typed(secret=b"x" * 32)) == "code-wrong"
    assert refused_typed(typed(), NOW + 1801) == "code-expired"
    assert refused_typed(typed(), NOW + 9 * 3600) == "code-wrong"
    assert refused_typed(typed("4")) == "code-purpose"
    assert refused_typed(luhn("9" + typed()[1:11])) == "code-wrong"
    assert refused_typed(typed(), secret=b"") == "code-not-set-up"
    assert refused_typed("123") == "code-form"
    assert refused_typed("１２３４５６７８９０１２") == "code-form"


def test_every_slip_of_one_digit_is_a_slip_and_no_guess() -> None:
    good = typed()
    for place in range(12):
        for digit in "0123456789":
            if digit != good[place]:
                assert refused_typed(good[:place] + digit + good[place + 1 :]) == "code-mistyped"


# Roles, sentences, settings


def test_the_table_of_roles_fails_closed() -> None:
    for role in ROLES:
        assert may(role, "test/id_card")
        assert not may(role, "shell")
        assert not may(role, "")
    assert not may("citizen", "look")
    supervisors = {act for act in ACTS if not may("field", act)}
    assert supervisors >= {"reissue", "intent-settle", "forms-sign", "settings", "accept-quarantine"}
    assert all(may("supervisor", act) for act in ACTS)


def leaves(union: Any) -> list[str]:
    """The words of literals within literals."""
    return [w for each in get_args(union) for w in ([each] if isinstance(each, str) else leaves(each))]


def test_every_reason_has_a_sentence_of_its_own_in_three_languages() -> None:
    reasons = [key.removeprefix("technician.") for key in events() if key.startswith("technician.")]
    for language in ("zh", "en", "ko"):
        said = [told(reason, language, NOW) for reason in reasons]  # type: ignore[arg-type]  # every key of the table
        assert len(set(said)) == len(said)
    assert "12:00" in told("locked", "en", NOW)
    assert set(leaves(Reason)) <= set(reasons)
    with pytest.raises(KeyError):
        told("nothing", "en")  # type: ignore[arg-type]
    assert Shut("locked", NOW).until == NOW


def test_a_real_profile_does_not_let_test_technicians_in() -> None:
    with pytest.raises(SettingsError, match=r"technician.test_roster: the PINs .* are published"):
        load_settings("simulated", overrides={"simulated": False})
