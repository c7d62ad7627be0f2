"""What can be armed at the simulated pad: the faults and dialects of real pads, and the verbs that arm them."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

LOSE: Final = ("before_status", "before_ack", "after_ack", "ack")
ENDINGS: Final = ("abort", "completion", "bare")
POWER_CUTS: Final = ("before_ack", "after_ack")
ALIENS: Final[Mapping[str, bytes]] = {
    "other": bytes.fromhex("150369"),
    "tls": bytes.fromhex("15030100020230"),
    "banner": b"220 ready\r\n",
    "http": b"HTTP/1.1 400 Bad Request\r\n\r\n",
}
"""What was seen to answer on a pad's port that is none."""


@dataclass(slots=True)
class Faults:
    """What is armed; each is a fact from the field. Numbers count down, switches stay on."""

    declines: deque[int] = field(default_factory=deque)
    decline_ending: str = "abort"
    lose: str = ""
    power_cut: str = ""
    busy: bool = False
    silent: bool = False
    slow_s: float = 0.0
    slow_answer_s: float = 0.0
    stalls: int = 0
    lost_acks: int = 0
    t4_minutes: int = 0
    unsolicited: bool = False
    no_completion: int = 0
    byte_by_byte: bool = False
    segment: int = 0
    late_approval: bool = False
    no_abort: bool = False
    repeat_after_cut: bool = False
    keep_on_loss: bool = False
    receipt_ids: bool = False
    no_message_ids: bool = False
    repeated: int = 0
    completion_length: int | None = None
    lengthless_totals: bool = False
    end_of_day_fails: bool = False
    mute_s: float = 0.0
    mute_how: str = "E0"
    deaf: bool = False
    wrong_protocol: int = 0
    alien: str = "other"
    idle_close_s: float = 0.0
    naks: int = 0
    bad_crcs: int = 0
    double_status: bool = False
    other_amount: int = 0
    less_fen: int = 0
    keep_refused_hold: bool = False
    no_hold_list: bool = False
    no_holds: bool = False
    no_part: bool = False
    ignore_part: bool = False
    last_only: bool = False
    latin1: bool = False
    status_code: int = 0
    self_test_fails: bool = False
    no_self_test: bool = False


SWITCHES: Final[Mapping[str, tuple[str, str]]] = {
    "busy": ("busy", "says that it is still at work (9C)"),
    "silent": ("silent", "says nothing at all"),
    "unsolicited_status": ("unsolicited", "says an approved status without amount in registration and status enquiry"),
    "byte_by_byte": ("byte_by_byte", "sends single bytes"),
    "late_approval": ("late_approval", "accepts an abort and approves nevertheless"),
    "no_abort": ("no_abort", "refuses every abort (06 B0)"),
    "repeat_after_cut": ("repeat_after_cut", "says an unacknowledged approval again after a reconnect"),
    "keep_on_loss": ("keep_on_loss", "keeps a payment over a lost link (tag 1F1F, chapter 9)"),
    "receipt_ids": ("receipt_ids", "sends tag 1F1F; reverses its last payment when the terminal is one behind"),
    "no_message_ids": ("no_message_ids", "does not number its messages (tag 1F73) though it is asked to"),
    "lengthless_totals": ("lengthless_totals", "forgets the length byte of the end-of-day status"),
    "end_of_day_fails": ("end_of_day_fails", "the end of day fails (77), then F0"),
    "self_test_fails": ("self_test_fails", "its self-test ends with a fault of its card reader (06 1E E2)"),
    "no_self_test": ("no_self_test", "knows no self-test (84 83)"),
    "double_status": ("double_status", "says an acknowledged approval twice"),
    "keep_refused_hold": ("keep_refused_hold", "keeps a pre-authorisation that the terminal refused"),
    "no_hold_list": ("no_hold_list", "does not list its pre-authorisations"),
    "no_holds": ("no_holds", "knows no pre-authorisation at all (84 83)"),
    "no_part": ("no_part", "knows no partial issue: 84 9D reverses the payment"),
    "ignore_part": ("ignore_part", "takes 84 9D for a plain yes and charges everything"),
    "last_only": ("last_only", "reverses only its last payment"),
    "latin1": ("latin1", "prints in Latin-1 and does not say so"),
}
"""verb -> field, what the pad then does; `on=true`."""
NUMBERS: Final[Mapping[str, tuple[str, str, int, int, int, str]]] = {
    "no_completion": ("no_completion", "times", 0, 1000, 1, "never ends the next payments"),
    "nak": ("naks", "times", 0, 1000, 1, "refuses good frames (serial); 3 are one too many"),
    "bad_crc": ("bad_crcs", "times", 0, 1000, 1, "damages its next frames (serial)"),
    "lost_ack": ("lost_acks", "times", 0, 1000, 1, "its acknowledging byte is lost (serial, T2)"),
    "stall": ("stalls", "times", 0, 1000, 1, "stops in the middle of its next frames for longer than T1 (serial)"),
    "repeat_message": ("repeated", "times", 0, 1000, 1, "says its next messages twice"),
    "other_amount": ("other_amount", "times", 0, 100_000, 1, "approves so many fen more"),
    "less": ("less_fen", "fen", 0, 10**9, 100, "approves so many fen less than asked"),
    "t4_minutes": ("t4_minutes", "minutes", 0, 99, 5, "asks for so many minutes of patience in 04 FF (0 ends it)"),
    "completion_length": ("completion_length", "length", 0, 2, 0, "length of its completions"),
    "segment": ("segment", "size", 0, 4096, 1024, "sends pieces of so many bytes (0 ends it)"),
}
"""verb -> field, argument, least, most, default, words."""
SECONDS: Final[Mapping[str, tuple[str, float, str]]] = {
    "slow": ("slow_s", 5.0, "the bank takes longer (T4)"),
    "slow_answer": ("slow_answer_s", 6.0, "takes a command up late (T3; 0 ends it)"),
    "idle_close": ("idle_close_s", 1.5, "closes an idle connection (0 ends it)"),
}
"""verb -> field, default, words; `seconds`."""
CHOICES: Final[Mapping[str, tuple[str, str, tuple[str, ...], str, str]]] = {
    "lose_answer": ("lose", "when", LOSE, "before_ack", "the link breaks at the approval, or our answer to it is lost"),
    "power_cut": ("power_cut", "when", POWER_CUTS, "before_ack", "power goes at the approval and comes back"),
    "decline_ending": ("decline_ending", "how", ENDINGS, "abort", "how a declined payment ends"),
}
"""verb -> field, argument, choices, default, words."""


def verbs() -> dict[str, str]:
    """Every verb of the tables with its arguments in words."""
    found = {name: f"{words}: on=true" for name, (_, words) in SWITCHES.items()}
    for name, (_, arg, least, most, default, words) in NUMBERS.items():
        found[name] = f"{words}: {arg}={default} ({least} to {most})"
    for name, (_, seconds, words) in SECONDS.items():
        found[name] = f"{words}: seconds={seconds:g}"
    for name, (_, arg, choices, _, words) in CHOICES.items():
        found[name] = f"{words}: {arg}={', '.join(choices)}"
    return found


def seconds_of(value: Any, most: float = 600.0) -> float:
    """Raises `ValueError`."""
    number = float(value)
    if not 0 <= number <= most:
        raise ValueError(f"seconds are 0 to {most:g}")
    return number


def is_on(value: Any) -> bool:
    """Whether a person or a program means yes."""
    return value not in (False, 0, "0", "false", "off", "no", "")


def arm(faults: Faults, verb: str, args: dict[str, Any]) -> bool:
    """Set what `verb` of the tables means; False when it is in none of them. Raises `ValueError`."""
    given = dict(args)
    value: Any
    if verb in SWITCHES:
        name, _ = SWITCHES[verb]
        value = is_on(given.pop("on", True))
    elif verb in NUMBERS:
        name, arg, least, most, default, _ = NUMBERS[verb]
        value = int(given.pop(arg, default))
        if not least <= value <= most:
            raise ValueError(f"{verb}: {arg} is {least} to {most}")
    elif verb in SECONDS:
        name, seconds, _ = SECONDS[verb]
        value = seconds_of(given.pop("seconds", seconds))
    elif verb in CHOICES:
        name, arg, choices, otherwise, _ = CHOICES[verb]
        value = given.pop(arg, otherwise)
        if value not in choices:
            raise ValueError(f"{verb}: {arg} is one of {', '.join(choices)}")
    else:
        return False
    if given:
        raise ValueError(f"{verb}: unknown {sorted(given)}")
    setattr(faults, name, value)
    return True
