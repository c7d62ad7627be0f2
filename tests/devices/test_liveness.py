"""Hints that a person stands there: the rules picture by picture, and the nets on the invented citizens."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.camera.face_files import IRIS
from drivers.camera.face_wire import parse_glimpses
from drivers.camera.face_worker import Sight
from drivers.camera.liveness import CHALLENGES, Challenge, Glimpse, Watch, drawn
from drivers.camera.matching import load_matcher
from drivers.camera.worker_wire import WireError

FACES = Path(__file__).parents[2] / "simulator" / "faces"
FRONT = Glimpse(1, "ok", 0.02, 0.8, 0.30)
LEFT = Glimpse(1, "look", 0.45, 0.6, 0.34)
RIGHT = Glimpse(1, "look", -0.45, 0.6, 0.34)
SHUT = Glimpse(1, "ok", 0.01, 0.8, 0.08)
NOBODY, TWO = Glimpse(0, "look"), Glimpse(2, "one-person")
STRANGER = Glimpse(1, "ok", 0.0, 0.1, 0.3)


def steps(challenge: Challenge, *seen: Glimpse) -> list[str]:
    watch = Watch(challenge)
    return [watch.see(glimpse) for glimpse in seen]


@pytest.mark.parametrize(("challenge", "act"), [("turn-left", LEFT), ("turn-right", RIGHT)])
def test_a_turn_and_back(challenge: Challenge, act: Glimpse) -> None:
    assert steps(challenge, FRONT, act, act, FRONT, NOBODY) == ["act", "return", "return", "done", "done"]


def test_eyes_shut_in_two_pictures_and_open_again() -> None:
    seen = (FRONT, FRONT, FRONT, SHUT, FRONT, SHUT, SHUT, SHUT, FRONT)
    assert steps("close-eyes", *seen) == ["front", "front", "act", "act", "act", "act", "return", "return", "done"]


def test_the_other_side_is_said_and_does_not_count() -> None:
    assert steps("turn-left", FRONT, RIGHT, FRONT, LEFT, FRONT) == ["act", "wrong-way", "act", "return", "done"]


def test_a_photo_that_is_held_still_never_comes_to_an_end() -> None:
    for challenge in CHALLENGES:
        assert steps(challenge, *[FRONT] * 200)[-1] == "act"


def test_a_turned_photo_of_somebody_else_does_not_count() -> None:
    assert steps("turn-left", FRONT, Glimpse(1, "look", 0.5, 0.2, 0.3), FRONT)[-1] == "act"


@pytest.mark.parametrize("gap", [NOBODY, TWO])
def test_who_leaves_or_brings_somebody_starts_again(gap: Glimpse) -> None:
    assert steps("turn-left", FRONT, LEFT, gap, FRONT) == ["act", "return", "front", "act"]


def test_another_person_ends_it_for_good() -> None:
    assert steps("turn-left", FRONT, LEFT, STRANGER, STRANGER, STRANGER, FRONT)[-2:] == ["stranger", "stranger"]
    assert steps("turn-left", FRONT, LEFT, STRANGER, FRONT)[-1] == "done", "one bad picture is no stranger"


def test_the_order_is_random_and_fair() -> None:
    chance = random.Random(7)
    seen = {drawn(3, eyes=True, chance=chance) for _ in range(200)}
    assert len(seen) == 6
    assert {drawn(1, eyes=True, chance=chance)[0] for _ in range(100)} == set(CHALLENGES)
    for count in range(4):
        without = drawn(count, eyes=False, chance=chance)
        assert len(without) == count
        assert "close-eyes" not in without
        assert all(a != b for a, b in itertools.pairwise(without))
    for wrong in (-1, 4):
        with pytest.raises(ValueError, match="0 to 3"):
            drawn(wrong, eyes=True, chance=chance)


def test_what_comes_over_the_wire_is_checked() -> None:
    good = FRONT.as_head()
    assert parse_glimpses({"seen": [good]}) == [FRONT]
    wrong = [{"seen": []}, {"seen": [good] * 13}, {}, {"seen": ["x"]}, {"seen": [{**good, "faces": "1"}]}]
    wrong += [{"seen": [{**good, "yaw": float("nan")}]}, {"seen": [{**good, "guidance": "hm"}]}, {"seen": [{}]}]
    for head in wrong:
        with pytest.raises(WireError):
            parse_glimpses(head)


# The nets on the invented citizens.


@pytest.fixture(scope="module")
def sight() -> Sight:
    return Sight(load_matcher("sface"))


def picture(index: int, pose: str) -> np.ndarray:
    frame = np.full((480, 640, 3), 135, np.uint8)
    frame[:, 120:520] = cv2.imread(str(FACES / f"{index:02d}" / f"{pose}.jpg"))
    return frame


def stirred(still: np.ndarray, seed: int) -> np.ndarray:
    """`still` with a sway and sensor noise."""
    chance = np.random.default_rng(seed)
    move = cv2.getRotationMatrix2D((320, 240), float(chance.normal(0, 0.6)), 1 + float(chance.normal(0, 0.01)))
    noise = chance.normal(0, 3, still.shape)
    swayed = cv2.warpAffine(still, move, (640, 480), borderMode=cv2.BORDER_REPLICATE)
    return np.clip(swayed + noise, 0, 255).astype(np.uint8)


def acted(sight: Sight, index: int, challenge: Challenge, *poses: str) -> str:
    watch = Watch(challenge)
    pictures = [stirred(picture(index, pose), seed) for seed, pose in enumerate(poses)]
    for glimpse in sight.watch([picture(index, "front"), *pictures]):
        watch.see(glimpse)
    return watch.step


def test_all_citizens_turn_and_are_the_same_person(sight: Sight) -> None:
    for index in range(0, 24, 4):
        assert acted(sight, index, "turn-left", "front", "left35", "front") == "done", index
        assert acted(sight, index, "turn-right", "front", "right35", "front") == "done", index


def test_nearly_all_citizens_shut_their_eyes_and_no_still_picture_does(sight: Sight) -> None:
    blinked = [
        acted(sight, index, "close-eyes", *["front"] * 3, "blink", "blink", "front") for index in range(0, 24, 3)
    ]
    assert blinked.count("done") >= 7, blinked  # behind glasses the lids are not always seen
    still = [acted(sight, index, "close-eyes", *["front"] * 7) for index in range(1, 24, 6)]
    assert "done" not in still


def test_somebody_elses_turned_face_does_not_finish_it(sight: Sight) -> None:
    watch = Watch("turn-left")
    pictures = [picture(12, "front"), picture(12, "front"), picture(15, "left35"), picture(15, "front")]
    last = [watch.see(glimpse) for glimpse in sight.watch(pictures)][-1]
    assert last != "done"


def test_without_the_finer_nets_turning_is_still_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.camera.face_landmarks.IRIS", type(IRIS)("no_such_package", "", "x", "0"))
    sight = Sight(load_matcher("sface"))
    assert sight.landmarks is None
    assert "not installed" in sight.without
    assert acted(sight, 3, "turn-left", "front", "left35", "front") == "done"
