"""The catalogue of this terminal: the one that was shipped, what is kept on disk, and who keeps it current."""

from __future__ import annotations

from config.catalogue import Catalogue
from config.settings import Settings
from kiosk.catalogue.calendar import CalendarStore
from kiosk.catalogue.editions import Editions
from kiosk.catalogue.store import CatalogueStore
from kiosk.catalogue.sync import CatalogueSync
from kiosk.clock import Clock
from kiosk.journal import Journal
from kiosk.platform.client import Platform


def followed(
    settings: Settings, shipped: Catalogue, clock: Clock, journal: Journal, platform: Platform
) -> CatalogueSync:
    """The catalogue as it is kept here, and who keeps it current."""
    store = CatalogueStore(settings.state_dir / "catalogue", settings.platform.public_key)
    editions = Editions(shipped, clock.platform_now, store)
    editions.load()
    calendars = CalendarStore(settings.state_dir / "calendar.json")
    return CatalogueSync(editions, platform.catalogue, journal, clock.platform_now, calendars)
