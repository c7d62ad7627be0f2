"""Whom to call, on every page that says that something did not work."""

from __future__ import annotations

from screens.models import Place
from screens.pages.page import words
from screens.screen import Notice


def whom_to_call(place: Place) -> tuple[Notice, ...]:
    """The help line; nothing where the page has it already because help was asked for."""
    if place.help:
        return ()
    return (Notice(words(place).t("not-done.call", phone=place.help_phone), icon="call", tone="plain"),)
