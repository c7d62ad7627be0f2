"""The fixtures of tests of the platform (`platform_town`), and where these tests find each other's modules."""

from __future__ import annotations

import sys
from pathlib import Path

# Importlib mode gives tests no package to import each other from; a module of its own name is found from everywhere,
# another folder's `conftest` is not.
sys.path.insert(0, str(Path(__file__).parent))
from platform_town import broken_catalogue, served, town, who

__all__ = ["broken_catalogue", "served", "town", "who"]
