"""A supervisor signs: card and PIN, or a code, of another person than the one whose session it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.technician.work.signing import Signed

if TYPE_CHECKING:
    from kiosk.technician.showing_pages import TechnicianPages


async def signed(pages: TechnicianPages, *, another: bool = True) -> Signed | None:
    """The signature; None when nobody signed, which a page has told. `another`: not the one who counted."""
    session = pages.session
    if not another and session.role == "supervisor":
        return Signed(session.who, session.how)
    entry = session.terminal.technician
    admitted = await entry.countersigned(session) if entry is not None else None
    session.touched()
    if admitted is None:
        await pages.told(pages.say("tech.sign.title"), pages.say("tech.sign.none"), "unknown")
        return None
    return Signed(admitted.who, admitted.how)
