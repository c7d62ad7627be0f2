"""The hall in which a technician works, shared with tests/technician."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "technician"))
sys.path.insert(0, str(Path(__file__).parents[1] / "journeys"))
