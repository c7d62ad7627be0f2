"""Sound: a tone on the left, on the right, quiet and loud, a spoken sentence. Only a person can say that it sounds."""

from __future__ import annotations

from typing import Final

from config.device_tests import device_tests
from kiosk.technician.device_tests.declared import NotFitted, Run, Side, Sounding, TestResult, figures

TONES: Final[tuple[tuple[Side, int, float], ...]] = (
    ("left", 660, 0.5),
    ("right", 880, 0.5),
    ("both", 440, 0.2),
    ("both", 440, 0.8),
)
"""Side, hertz, volume (0 to 1)."""
TONE_S: Final = 1.0


async def test_sound(run: Run) -> TestResult:
    """Left, right, quiet, loud, a sentence."""
    sound: Sounding | None = run.ground.sound
    if sound is None:
        raise NotFitted("sound")
    played = 0
    for side, hz, volume in TONES:
        run.tell(f"tone-{side}")
        played += await sound.tone(side, hz, TONE_S, volume)
    if not played:
        return run.ended("fail", "sound.no-card", cause="no-card")
    run.tell("speaking")
    spoken = await sound.speak(run.ground.language, device_tests().say["spoken"].told(run.ground.language))
    measured = figures(tones=played, spoken="yes" if spoken else "no")
    return await run.asked("heard-all", run.passed(*measured), "sound.not-heard")
