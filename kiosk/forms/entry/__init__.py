"""Fields that have a page of their own: long lists, addresses, words, entries, codes.

Each gives the value, or None when the citizen came back without one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from config.catalogue import FormFieldSpec
from config.service_form import Option
from kiosk.forms.entry.address import enter_address
from kiosk.forms.entry.choosing import choose_many, choose_one
from kiosk.forms.entry.coding import enter_code
from kiosk.forms.entry.writing import enter_entries, enter_words
from kiosk.visits.case import Case

__all__ = ["enter"]

Enter = Callable[[Case, FormFieldSpec, str], Awaitable[str | None]]

_PAGES: Mapping[str, Enter] = {
    "addr": enter_address,
    "text": enter_words,
    "longtext": enter_words,
    "list": enter_entries,
    "scan": enter_code,
}


async def enter(case: Case, spec: FormFieldSpec, value: str, options: Sequence[Option] = ()) -> str | None:
    """Open the page of `spec`, which holds `value`; `options` are what can be chosen. Raises `Ended` as pages do."""
    if options or spec.options_from or spec.narrowed_by:
        choose = choose_many if spec.type == "list" else choose_one
        return await choose(case, spec, value, options)
    return await _PAGES.get(spec.type, enter_words)(case, spec, value)
