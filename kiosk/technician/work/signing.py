"""A supervisor's confirmation of an act that changes what is owed or what is in stock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from kiosk.technician.work.refusal import Refusal

DIGEST: Final = re.compile(r"[0-9a-f]{12,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Signed:
    """Made by whoever checked a supervisor's card and PIN, or one-time code. `who` is the keyed digest of the person.

    Raises `ValueError` for anything else than a digest: a name must not come this way into the chain.
    """

    who: str
    way: Literal["card", "code"] = "card"

    def __post_init__(self) -> None:
        if not DIGEST.fullmatch(self.who):
            raise ValueError("signed: who is a keyed digest of 12 to 64 hexadecimal digits")

    @property
    def reference(self) -> str:
        """As the chain has it."""
        return f"{self.way}:{self.who}"


def needed(signed: Signed | None) -> Signed:
    """The signature. Raises `Refusal` when there is none."""
    if signed is None:
        raise Refusal("work.signature")
    return signed
