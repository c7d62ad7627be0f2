"""Fixtures of the fleet's tests: a Mosquitto, a terminal's agent, the office, somebody who listens."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no package to import each other from
from fleet_stand import ear, mosquitto, office, stand

__all__ = ["ear", "mosquitto", "office", "stand"]
