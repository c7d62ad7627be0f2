"""Why an act cannot be done now: an event of the catalogue, with its sentence and what to do in three languages."""

from __future__ import annotations

from kiosk.events import Event, Language, events


class Refusal(Exception):
    """The act was not done; `event` says why. `what` goes into the sentence and never names a person."""

    def __init__(self, event: str, what: str = "") -> None:
        self.event: Event = events()[event]
        self.what = what
        super().__init__(self.event.sentence("en", what=what))

    def sentence(self, language: Language) -> str:
        """What is the matter."""
        return self.event.sentence(language, what=self.what)

    def remedy(self, language: Language) -> str:
        """What to do."""
        return self.event.remedy(language)
