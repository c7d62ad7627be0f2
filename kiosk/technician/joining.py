"""The technician's door of one terminal: its parts made and joined."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from kiosk.technician.code_secret import CodeSecret
from kiosk.technician.entry import Entry, Pages
from kiosk.technician.gate import Gate
from kiosk.technician.roster import Roster

if TYPE_CHECKING:
    from config.settings import Settings
    from kiosk.keys import MachineKey
    from kiosk.terminal import Terminal

log = logging.getLogger(__name__)
FILE = "technicians.toml"


def roster_of(settings: Settings, key: MachineKey) -> Roster:
    """The roster that the settings name."""
    rules = settings.technician
    test = rules.test_roster and settings.simulated
    return Roster(rules.roster or settings.state_dir / FILE, key, test=test)


def join_technicians(terminal: Terminal, *, show: Pages | None = None) -> Entry:
    """Give the terminal its door. `show` None: the pages of `kiosk.technician.showing`."""
    tools = terminal.tools
    secret = CodeSecret(tools.settings.state_dir, tools.key, tools.settings.platform)
    try:
        secret.load()
    except OSError as error:
        log.warning("%s: %s; typed codes open nothing", secret.path, error.strerror)
    gate = Gate(tools.settings, roster_of(tools.settings, tools.key), tools.journal, tools.key, tools.clock, secret)
    entry = Entry(terminal, gate, show)
    entry.secret = secret
    terminal.technician = entry
    return entry
