"""What was recorded: how much of what is the same for everybody, that it sounds, that it is small."""

from __future__ import annotations

import random
from collections import Counter

import pygame
import pytest

from config.fixed_speech import fixed_sentences
from config.spoken import recording_name, sentences
from screens.samples import samples
from screens.screen import Language
from screens.speech.recordings import FOLDER, recording, unrecorded
from screens.speech.wording import announcement

MOST_BYTES = 11_000_000
LEAST_OF_PROMPTS = 0.6
"""Pages grow faster than recordings: `python config/speech/render.py` catches up."""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_prompts_of_the_pages_are_recorded(language: Language, capsys: pytest.CaptureFixture[str]) -> None:
    fixed = fixed_sentences(language)
    said = {sentence for screen in samples(language).values() for sentence in announcement(screen)}
    prompts = sorted(said & set(fixed))
    missing = unrecorded(language, prompts)
    every = unrecorded(language, fixed)
    with capsys.disabled():
        print(
            f"\nspeech {language}: {len(prompts) - len(missing)} of {len(prompts)} fixed sentences of announcements"
            f" and {len(fixed) - len(every)} of all {len(fixed)} are recorded"
        )
        for sentence in missing[:10]:
            print(f"    no recording: {fixed[sentence]}: {sentence}")
    assert 1 - len(missing) / len(prompts) >= LEAST_OF_PROMPTS


@pytest.mark.parametrize("language", ["zh", "en"])
def test_recordings_sound_and_last_as_long_as_their_words(language: str) -> None:
    fixed = [s for s in fixed_sentences(language) if recording(language, s)]
    pygame.mixer.init(24_000, -16, 1, 1024)
    try:
        for sentence in random.Random(8).sample(fixed, 25):
            path = recording(language, sentence)
            assert path is not None
            seconds = pygame.mixer.Sound(str(path)).get_length()
            assert 0.15 <= seconds <= 1.5 + len(sentence) * (0.45 if language == "zh" else 0.15), sentence
    finally:
        pygame.mixer.quit()


def test_all_of_them_are_small() -> None:
    sizes = [path.stat().st_size for path in FOLDER.rglob("*.opus")]
    assert sum(sizes) <= MOST_BYTES
    assert max(sizes) < 60_000


@pytest.mark.parametrize("language", ["zh", "en"])
def test_names_do_not_meet(language: str) -> None:
    names = Counter(recording_name(language, sentence) for sentence in fixed_sentences(language))
    assert set(names.values()) == {1}
    assert recording_name("zh", "a") != recording_name("en", "a")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("请把身份证放在读卡区。放稳，不要移动。", ("请把身份证放在读卡区", "放稳，不要移动")),
        ("您还在吗？请点继续。", ("您还在吗？", "请点继续")),
        ("核验通过 签名完整，在有效期内。", ("核验通过", "签名完整，在有效期内")),
        ("Done. Please take your card.", ("Done", "Please take your card")),
        ("Price No. 2322", ("Price No. 2322",)),
        ("。 ,", ()),
        ("", ()),
    ],
)
def test_texts_are_cut_into_sentences(text: str, said: tuple[str, ...]) -> None:
    assert sentences(text) == said


def test_what_never_ends_is_cut() -> None:
    assert all(len(sentence) <= 240 for sentence in sentences("字" * 5_000))
    assert len(sentences("好。" * 5_000)) <= 200
