"""What can be answered on a page read as text is what can be touched on it: every page of technicians."""

from __future__ import annotations

import pytest

from screens.compose import compose, look_for, plan
from screens.replies import answers
from screens.samples.technician import work_samples
from screens.screen import Language
from screens.type import Typeface

FONT = Typeface()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_answers_are_the_targets_of_all_turns(language: Language) -> None:
    for name, screen in work_samples(language, "standard").items():
        look = look_for(screen, FONT)
        planned = plan(screen, look)
        touched = {
            (t.reply.key, t.reply.value): t.enabled
            for turn in range(len(planned.turns))
            for t in compose(screen, look, planned, turn=turn).targets
            if t.reply.key not in ("turn", "pin", "unmask")
        }
        assert {(a.key, a.value): a.enabled for a in answers(screen)} == touched, name
