"""The steps, by chapter. Importing this package declares all of them in `simulator.acceptance.vocabulary.STEPS`."""

from importlib import import_module

CHAPTERS = (
    "settings", "coming", "touching", "proving", "paying", "papers", "leaving", "faults", "offices", "on_screen",
    "spoken", "money", "city", "paper_seen", "records", "recorded",
)  # fmt: skip
"""The modules in the order of the catalogue."""

for _chapter in CHAPTERS:
    import_module(f"{__name__}.{_chapter}")
