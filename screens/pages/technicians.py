"""Every page that only technicians see, by name: kept apart from those of citizens, whose manners differ."""

from screens.pages.technician import (
    tech_code,
    tech_door,
    tech_idle,
    tech_leave,
    tech_pin,
    tech_readiness,
    tech_section,
    tech_words,
    tech_work,
)
from screens.pages.technician_tests import (
    tech_burn_in,
    tech_cross,
    tech_done,
    tech_pixels,
    tech_question,
    tech_running,
    tech_touch,
)
from screens.pages.technician_work import tech_form, tech_list, tech_outcome

__all__ = [
    "tech_burn_in",
    "tech_code",
    "tech_cross",
    "tech_done",
    "tech_door",
    "tech_form",
    "tech_idle",
    "tech_leave",
    "tech_list",
    "tech_outcome",
    "tech_pin",
    "tech_pixels",
    "tech_question",
    "tech_readiness",
    "tech_running",
    "tech_section",
    "tech_touch",
    "tech_words",
    "tech_work",
]
