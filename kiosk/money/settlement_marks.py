"""Kinds of the journal's entries about a day's end, shared by who writes and who reads them."""

from __future__ import annotations

from typing import Final

PAD_DAY_END: Final = "settlement.pad"
"""The pad was asked to hand in its batch; what is older cannot be reversed there any more."""
COMPARED: Final = "settlement.compared"
DIFFERENCE: Final = "settlement.difference"
POSTPONED: Final = "settlement.postponed"
