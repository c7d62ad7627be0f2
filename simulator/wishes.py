"""What one simulated citizen has come for and how they are, and what they were shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from simulator.people import CITIZENS, Citizen
from simulator.trade import APPLIED, CHECKED, PRINTED

AT_THE_PAD = ("tap", "insert", "wrong-then-right", "decline", "red-key", "cancel", "tap-and-cancel", "nothing", "leave")
PLACES = ("home", "guide", "consent", "place_card", "form", "review", "pay", "pay_code", "number_match", "finish")


@dataclass(frozen=True)
class Wish:
    """What one citizen has come for and how they are. `walks_away` is the page at which they leave without a word."""

    citizen: Citizen
    service: str
    pad: str = "tap"
    way: str = "card"
    """card, shown (the terminal's code for their phone) or scanned (their code for the terminal)."""
    bank_card: str = "citizen-02"
    walks_away: str = ""
    other_way: bool = False
    refuses_match: bool = False
    takes_card: bool = True
    takes_paper: bool = True
    rates: int = 0
    fidgets: float = 0.0
    """How likely another language or mode is before each act."""
    thinks_s: tuple[float, float] = (0.3, 2.0)

    @classmethod
    def drawn(cls, chance: Random) -> Wish:
        """Anybody."""
        citizen = chance.choice(list(CITIZENS.values()))
        return cls(
            citizen,
            chance.choices((APPLIED, PRINTED, CHECKED), (58, 32, 10))[0],
            chance.choices(AT_THE_PAD, (58, 10, 4, 5, 4, 4, 4, 2, 4))[0],
            chance.choices(("card", "shown", "scanned"), (70, 18, 12))[0],
            chance.choice(list(CITIZENS)),
            chance.choice(PLACES) if chance.random() < 0.12 else "",
            chance.random() < 0.1,
            chance.random() < 0.2,
            chance.random() < 0.9,
            chance.random() < 0.8,
            chance.choice((0, 0, 0, 1, 3, 5)),
            0.15 if chance.random() < 0.3 else 0.02,
            (0.2, 1.0) if chance.random() < 0.8 else (2.0, 25.0),
        )


@dataclass
class Saw:
    """What a citizen was shown: pages in order, and whether they were told that it is done."""

    pages: list[str] = field(default_factory=list)
    visit: str = ""
    finished: bool = False
    told: set[str] = field(default_factory=set)
    """What pages that end a visit said of the money: none, not-charged, refunded, owed, unknown."""
    verdicts: set[tuple[str, str]] = field(default_factory=set)
    """What was held up (genuine, tampered, foreign), and what the page said of it."""
    left_card: bool = False
    stuck: str = ""
