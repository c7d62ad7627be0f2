"""The rules of payments (payments.toml): codes of the payers' services, their rhythm, refunds, the end of the day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from config import DATA
from config.load import SettingsError, read_toml
from config.settings import Section

MAX_CODE = 32
"""The longest payment code that is looked at; the longest known has 24 digits."""
Pause = Annotated[float, Field(ge=0, le=86_400)]
Pauses = Annotated[tuple[Annotated[float, Field(gt=0, le=86_400)], ...], Field(min_length=1, max_length=20)]


def _a_pattern(text: str) -> str:
    try:
        re.compile(text, re.ASCII)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from None
    return text


class Names(Section):
    """What a service is called."""

    zh: Annotated[str, Field(min_length=1, max_length=40)]
    en: Annotated[str, Field(min_length=1, max_length=40)]
    ko: Annotated[str, Field(min_length=1, max_length=40)]

    def get(self, language: str) -> str:
        """The name in `language` (zh, en, ko)."""
        return {"zh": self.zh, "ko": self.ko}.get(language, self.en)


class Rhythm(Section):
    """When to ask: `first_s` after sending, then every `then_s`, `until_s` in all. Seconds."""

    first_s: Pause
    then_s: Annotated[float, Field(ge=1, le=600)]
    until_s: Annotated[float, Field(ge=1, le=3600)]
    reverse_after_s: Pause = 0
    """A reversal is not asked for earlier than this after sending."""
    close_after_s: Pause = 0
    """An order that a phone is paying is not closed earlier than this after sending."""


class Provider(Rhythm):
    """A payer's service; `code` is what its payment codes look like, as a whole."""

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,19}$")]
    name: Names
    code: Annotated[str, Field(max_length=100), AfterValidator(_a_pattern)]


class Shown(Section):
    """A code on our screen."""

    poll_s: Annotated[float, Field(ge=1, le=60)]
    offered_s: Annotated[float, Field(ge=30, le=290)]


class Ending(Section):
    """Undoing a payment whose outcome is not known."""

    retry_s: Pauses
    wait_s: Annotated[float, Field(ge=1, le=300)]
    late_s: Pause


class Refunding(Section):
    """Money that is owed. `too_late`: the pad's codes for a payment that it does not hold any more."""

    retry_s: Pauses
    reversal_refusals: Annotated[int, Field(ge=1, le=100)]
    too_late: Annotated[tuple[Annotated[str, Field(pattern=r"^[0-9A-F]{2}$")], ...], Field(max_length=20)]


class Day(Section):
    """The end of the day."""

    retry_s: Annotated[float, Field(ge=10, le=86_400)]


class PaymentRules(Section):
    """The whole table."""

    shown: Shown
    ending: Ending
    refund: Refunding
    day: Day
    provider: Annotated[tuple[Provider, ...], Field(min_length=1, max_length=40)]

    @model_validator(mode="after")
    def _once(self) -> Self:
        keys = [p.key for p in self.provider]
        if len(set(keys)) != len(keys):
            raise ValueError("provider: a key is used twice")
        return self

    def whose(self, code: str) -> Provider | None:
        """The service that a payment code belongs to, None when it is no payment code. A code stays a string."""
        if len(code) > MAX_CODE:
            return None
        return next((p for p in self.provider if re.fullmatch(p.code, code, re.ASCII)), None)

    def rhythm(self, provider: str) -> Rhythm:
        """How a service wants to be asked; the most patient row where it is not known which one pays."""
        found = next((p for p in self.provider if p.key == provider), None)
        return found or max(self.provider, key=lambda p: (p.close_after_s, p.until_s))

    def name(self, provider: str, language: str) -> str:
        """What a service is called, "" when it is not in the table."""
        return next((p.name.get(language) for p in self.provider if p.key == provider), "")


def pause(pauses: Sequence[float], tries: int) -> float:
    """The pause after `tries` tries (from 0): the last one for ever."""
    return pauses[min(tries, len(pauses) - 1)]


def load_payments(path: Path = DATA / "payments.toml") -> PaymentRules:
    """The rules in `path`. Raises `SettingsError` with all faults."""
    try:
        return PaymentRules.model_validate(read_toml(path))
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc'])) or 'payments'}: {e['msg']}" for e in error.errors()]
        raise SettingsError(f"{path}: {len(lines)} fault(s)\n" + "\n".join(lines)) from error


@cache
def payments() -> PaymentRules:
    """The rules of this installation."""
    return load_payments()
