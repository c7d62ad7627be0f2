"""Entering Chinese: pinyin to characters, names, handwriting. Nothing here draws a page or writes to a disk."""

from kiosk.entry.composer import LIMIT, MAX_PENDING, PAGE, Candidate, Composer, Mode
from kiosk.entry.learned import Learned
from kiosk.entry.lexicon import prepare

__all__ = ["LIMIT", "MAX_PENDING", "PAGE", "Candidate", "Composer", "Learned", "Mode", "prepare"]
