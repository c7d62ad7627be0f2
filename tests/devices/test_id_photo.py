"""ID photos by their rules: the rules themselves, what is wrong with a picture, the finished file."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from config.id_photos import PhotoRule, photo_rules
from drivers.camera.face_photo import measure
from drivers.camera.face_wire import parse_measures
from drivers.camera.face_worker import Sight
from drivers.camera.id_photo import PhotoMeasures, developed, faults_of, plan, quality, with_density
from drivers.camera.matching import load_matcher
from drivers.camera.worker_wire import WireError
from simulator.models.camera_scenes import Scene, draw

ID_CARD = photo_rules()["id-card"]
GOOD = PhotoMeasures(
    1, 640, 480, 320, 240, 0.5, 0.02, 8, 110, 390, 232, 408, 82, 0.3, 0.3, 0.02, 140, 0.05, 0.0, 2.0, 0.0, 240, 2, 0.0
)


@pytest.fixture(scope="module")
def sight() -> Sight:
    return Sight(load_matcher("sface"))


def sitting(index: int) -> np.ndarray:
    """An invented citizen before a white wall, with sensor noise."""
    still = draw(Scene("citizen", f"citizen-{index:02d}", pose="id"))
    noise = np.random.default_rng(index).integers(-3, 4, still.shape)
    return np.clip(still.astype(int) + noise, 0, 255).astype(np.uint8)


def faults(sight: Sight, picture: np.ndarray, rule: PhotoRule = ID_CARD) -> tuple[str, ...]:
    assert sight.landmarks is not None
    return faults_of(measure(np.ascontiguousarray(picture), sight.finder, sight.landmarks), rule)


# The rules.


def test_every_rule_says_where_it_comes_from() -> None:
    rules = photo_rules()
    assert {"id-card", "exit-entry", "driving-licence", "social-security-card"} <= set(rules)
    assert all(rule.source for rule in rules.values())
    assert (ID_CARD.width_px, ID_CARD.height_px, ID_CARD.dpi) == (358, 441, 350)
    assert ID_CARD.face_width_px == (193, 221)  # GA 461-2004: 207 +- 14


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"face_width_px": (221, 193)}, "no range"),
        ({"face_width_px": None, "head_height_px": None}, "fixes"),
        ({"dpi": 300}, "are not"),
        ({"wall": {"luma": 300, "hue": 1}}, "255"),
        ({"shape": "round"}, "shape"),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        PhotoRule.model_validate(ID_CARD.model_dump() | change)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"faces": 0}, "nobody"),
        ({"faces": 2}, "one-person"),
        ({"covered": "mask"}, "mask"),
        ({"covered": "sunglasses"}, "sunglasses"),
        ({"luma": 40}, "light"),
        ({"blown": 0.2}, "light"),
        ({"crown_y": -1.0}, "further"),
        ({"face_left": 150, "face_right": 490}, "further"),
        ({"face_left": 290, "face_right": 350}, "closer"),
        ({"face_left": 20, "face_right": 196}, "left"),
        ({"face_left": 450, "face_right": 626}, "right"),
        ({"crown_y": 1.0, "pivot_y": 131, "chin_y": 281}, "lower"),
        ({"crown_y": 190, "pivot_y": 320, "chin_y": 470}, "higher"),
        ({"roll": 9}, "level"),
        ({"yaw": -0.2}, "straight"),
        ({"nod": 50}, "nod"),
        ({"left_open": 0.05}, "eyes"),
        ({"mouth": 0.5}, "mouth"),
        ({"glare": 0.1, "left_open": 0.05}, "glare"),
        ({"wall_luma": 150}, "background"),
        ({"wall_hue": 40}, "background"),
        ({"wall_other": 0.3}, "background"),
        ({"luma_apart": 0.5}, "uneven-light"),
        ({"sharp": 0.9}, "blurred"),
    ],
)
def test_each_fault_is_found(change: dict[str, object], fault: str) -> None:
    assert faults_of(GOOD, ID_CARD) == ()
    assert fault in faults_of(replace(GOOD, **change), ID_CARD)


def test_the_cut_keeps_the_rule_and_the_eyes_before_the_hair() -> None:
    cut = plan(GOOD, ID_CARD)
    assert cut is not None
    assert (GOOD.face_right - GOOD.face_left) * cut.scale == pytest.approx(207, abs=14)
    assert 7 <= (GOOD.crown_y - cut.top) * cut.scale <= 21
    assert 441 - (GOOD.pivot_y - cut.top) * cut.scale >= 207
    tall = plan(replace(GOOD, crown_y=60, pivot_y=300, chin_y=420), ID_CARD)
    assert tall is not None
    assert 441 - (300 - tall.top) * tall.scale == pytest.approx(207)
    assert (60 - tall.top) * tall.scale < 7, "hair that stands up is cut"


def test_a_broad_head_is_placed_by_its_height() -> None:
    rule = photo_rules()["exit-entry"]
    cut = plan(replace(GOOD, face_left=200, face_right=440), rule)
    assert cut is not None
    assert rule.head_height_px is not None
    assert 330.9 <= (GOOD.chin_y - GOOD.crown_y) * cut.scale <= 390.1


def test_measures_over_the_wire_are_checked() -> None:
    head = GOOD.as_head()
    assert parse_measures({"measures": [head]}) == [GOOD]
    for wrong in ({"faces": -1}, {"roll": "x"}, {"yaw": float("nan")}, {"covered": "hat"}, {"more": 1}, {"luma": 1e9}):
        with pytest.raises(WireError):
            parse_measures({"measures": [head | wrong]})


# Pictures.


def test_most_citizens_get_their_photo_at_once(sight: Sight) -> None:
    assert sight.landmarks is not None
    good = 0
    for index in range(0, 24, 2):
        picture = sitting(index)
        seen = measure(picture, sight.finder, sight.landmarks)
        if faults_of(seen, ID_CARD):
            continue
        good += 1
        jpeg = developed(picture, seen, ID_CARD)
        assert len(jpeg) <= ID_CARD.max_bytes
        photo = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert photo.shape == (441, 358, 3)
        assert jpeg[13:18] == b"\x01" + (350).to_bytes(2, "big") * 2
        again = measure(photo, sight.finder, sight.landmarks)
        assert again.face_right - again.face_left == pytest.approx(207, abs=14)
        assert abs(again.roll) < 2
        assert (again.face_left + again.face_right) / 2 == pytest.approx(179, abs=8)
        assert 441 - again.pivot_y >= 205
    assert good >= 10


def gain(picture: np.ndarray, factor: object) -> np.ndarray:
    return np.clip(picture * factor, 0, 255).astype(np.uint8)


def moved(picture: np.ndarray, x: int) -> np.ndarray:
    """The person `x` pixels further right in the camera's picture: that is further to their own left."""
    return cv2.warpAffine(picture, np.float32([[1, 0, x], [0, 1, 0]]), (640, 480), borderMode=cv2.BORDER_REPLICATE)


def test_spoiled_pictures_are_told_what_is_wrong(sight: Sight) -> None:
    good = sitting(3)
    assert faults(sight, good) == ()
    turned = cv2.getRotationMatrix2D((320, 260), 10, 1)
    side = np.interp(np.arange(640), [280, 360], [1.0, 0.45])[None, :, None]
    lamp = good.copy()
    for eye in sight.finder.faces(good)[0].points[:2]:
        cv2.circle(lamp, (int(eye[0]) + 6, int(eye[1])), 12, (255, 255, 255), -1)
    hung = good.copy()
    hung[120:260, 150:215] = (40, 90, 160)
    scenes = {
        "nobody": draw(Scene()),
        "one-person": draw(Scene("two", "citizen-03", "citizen-09")),
        "light": gain(good, 0.3),
        "level": cv2.warpAffine(good, turned, (640, 480), borderMode=cv2.BORDER_REPLICATE),
        "blurred": cv2.GaussianBlur(good, (0, 0), 4),
        "uneven-light": gain(good, side),
        "background": hung,
        "further": cv2.resize(good[60:420, 80:560], (640, 480)),
        "closer": draw(Scene("citizen", "citizen-12", pose="far")),
        "left": moved(good, -170),
        "right": moved(good, 170),
        "straight": draw(Scene("citizen", "citizen-03", pose="left15")),
        "eyes": draw(Scene("citizen", "citizen-08", pose="blink")),
        "glare": lamp,
    }
    told = {name: faults(sight, picture) for name, picture in scenes.items()}
    assert {name: found for name, found in told.items() if name not in found} == {}


def test_the_sharper_picture_is_the_better_one() -> None:
    assert quality(GOOD) > quality(replace(GOOD, sharp=1.3))
    assert quality(GOOD) > quality(replace(GOOD, left_open=0.2))
    assert quality(GOOD) > quality(replace(GOOD, yaw=0.1))


def test_a_file_that_cannot_be_small_enough_is_an_error() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (480, 640, 3)).astype(np.uint8)
    with pytest.raises(ValueError, match="more than 20480 bytes"):
        developed(noise, GOOD, ID_CARD)
    with pytest.raises(ValueError, match="cannot be cut"):
        developed(noise, replace(GOOD, crown_y=-1.0), ID_CARD)
    with pytest.raises(ValueError, match="JFIF"):
        with_density(b"\xff\xd8\xff\xe1 no head", 350)
