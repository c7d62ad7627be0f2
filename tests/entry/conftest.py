"""The modules beside these tests, and the words loaded once."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
