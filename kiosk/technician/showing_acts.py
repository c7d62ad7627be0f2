"""What every group of acts on the technician's pages has: the pages, the session, the terminal's parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiosk.technician.showing_pages import TechnicianPages
    from kiosk.workshop import Workshop


class Acts:
    """One session's acts of one kind."""

    def __init__(self, pages: TechnicianPages) -> None:
        self._pages = pages
        self._session = pages.session

    @property
    def _workshop(self) -> Workshop:
        assert self._session.workshop is not None, "the line is shown only where there is one"
        return self._session.workshop
