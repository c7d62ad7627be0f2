"""The simulator's scenes against the readers that the terminal uses: what is drawn is what is seen."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import Any, get_args

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.camera.codes import read_codes
from drivers.camera.document import find_page
from drivers.camera.face_finder import Finder, yaw_of
from drivers.camera.faces import FaceEngine
from drivers.camera.frames import read_mrz_lines
from drivers.camera.liveness import FRONT_YAW, TURNED_YAW, Challenge, Watch
from simulator.people import CITIZENS
from simulator.scenes import codes, documents, people
from simulator.scenes.acting import CHALLENGES, Act, ActKind, Side, scene_at
from simulator.scenes.documents import Desk, DeskScene
from simulator.scenes.papers import KINDS, SIZES, Kind, latin_name, paper

TODAY = date(2026, 11, 22)
FPS = 12


@pytest.fixture(scope="module")
def finder() -> Finder:
    return Finder()


def overlap(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    both = cv2.intersectConvexConvex(a, b)[0]
    return float(both / (cv2.contourArea(a) + cv2.contourArea(b) - both))


# Documents.


@pytest.mark.parametrize("kind", KINDS)
def test_every_document_lies_where_its_truth_says(kind: Kind) -> None:
    lies: tuple[tuple[float, Desk], ...] = ((-7.0, "dark"), (4.0, "wood"))
    for turn, desk in lies:
        pixels, truth = documents.draw(DeskScene(kind, desk=desk, turn=turn, holder="citizen-13"))
        assert pixels.shape == (1440, 1920, 3)
        page = find_page(pixels)
        assert page is not None
        assert truth.corners is not None
        assert overlap(np.asarray(page.corners, np.float32), np.array(truth.corners, np.float32)) > 0.97
        assert truth.size_mm == SIZES[kind]


def test_an_empty_desk_has_no_page_on_any_desk() -> None:
    for desk in get_args(Desk):
        pixels, truth = documents.draw(DeskScene(desk=desk))
        assert truth.corners is None
        assert find_page(pixels) is None


@pytest.mark.parametrize("kind", ["passport", "permit"])
def test_every_citizens_zone_checks(kind: Kind) -> None:
    for holder in CITIZENS.values():
        made = read_mrz_lines(paper(kind, holder).zone, TODAY)
        assert made.valid
        assert (made.surname, made.given) == latin_name(holder)
        assert made.birth == holder.birth


def test_what_is_wrong_with_a_picture_is_in_its_truth() -> None:
    scene = DeskScene("id-front")
    for changes, flaw in (
        ({"hand": True}, "hand"),
        ({"glare": 0.8}, "glare"),
        ({"blur": 5.0}, "blur"),
        ({"light": 0.2}, "dark"),
        ({"shift": (200.0, 0.0)}, "crop"),
        ({"turning": 0.3}, "turning"),
    ):
        assert documents.still_of(replace(scene, **changes))[1].flaws == {flaw}
    assert not documents.still_of(scene)[1].flaws
    first, second = (documents.draw(replace(scene, seed=seed))[0] for seed in (1, 2))
    assert not np.array_equal(first, second), "no two pictures of a camera are the same"
    assert np.array_equal(first, documents.draw(scene)[0]), "the same scene gives the same picture"


def test_a_desk_says_nothing_of_what_lies_there_in_words() -> None:
    assert CITIZENS["citizen-07"].number not in DeskScene("id-front").words
    wrong: tuple[dict[str, Any], ...] = (
        {"kind": "napkin"},
        {"holder": "citizen-99"},
        {"desk": "glass"},
        {"blur": -1.0},
        {"page": 0},
        {"shift": (900.0, 0.0)},
        {"tilt": (0.9, 0.0)},
    )
    for args in wrong:
        with pytest.raises(ValueError, match="desk:"):
            DeskScene(**args)


# Codes.


@pytest.mark.parametrize("carrier", ["phone", "paper"])
@pytest.mark.parametrize("size", [(640, 480), (1280, 720)])
def test_codes_are_read_and_lie_where_their_truth_says(carrier: codes.Carrier, size: tuple[int, int]) -> None:
    for text in ("WHA1.3710022611220001", "威海市营业执照", "https://example.invalid/t/8f3a6c2e9b7d4510"):
        pixels, truth = codes.draw(codes.CodeScene(text, carrier, size, turn=-9.0))
        assert pixels.shape == (size[1], size[0], 3)
        (code,) = read_codes(pixels, {"qr"})
        assert code.text == truth.text == text
        flat = np.array([[0, 0], [200, 0], [200, 200], [0, 200]], np.float32)
        matrix = cv2.getPerspectiveTransform(np.array(truth.corners, np.float32), flat)
        straight = cv2.warpPerspective(pixels, matrix, (200, 200))
        corner = straight[:200, :200].mean(axis=2)
        assert corner[3, 3] < 90, "a finder pattern stands in the corner"
        assert corner[3, -4] < 90
        assert corner[-4, 3] < 90


def test_a_code_scene_checks_what_it_is_given() -> None:
    for args in (
        {"payload": ""},
        {"payload": "x" * 1001},
        {"payload": "a", "share": 0.0},
        {"payload": "a", "carrier": "x"},
    ):
        with pytest.raises(ValueError, match="code:"):
            codes.CodeScene(**args)
    assert "SECRET" not in codes.CodeScene("SECRET").words


# People.


def test_landmarks_are_where_the_detector_sees_them(finder: Finder) -> None:
    for key in list(CITIZENS)[::4]:
        for turn in (-1.0, 0.0, 1.0):
            pixels, truth = people.draw(people.PeopleScene((people.Person(key, turn=turn, near=0.9, x=0.03),)))
            (face,) = finder.faces(pixels)
            (true,) = truth.faces
            eye = math.dist(true.points[0], true.points[1])
            assert np.abs(face.points - np.array(true.points)).max() < 0.35 * eye


@pytest.mark.parametrize("side", ["left", "right"])
def test_heads_turn_steadily_and_come_back(finder: Finder, side: Side) -> None:
    sign = 1 if side == "left" else -1
    for key in list(CITIZENS)[1::12]:
        act = Act("turn", key, side)
        yaws = []
        for i in range(int((act.length_s + 0.3) * FPS)):
            (face,) = finder.faces(people.draw(scene_at(act, i / FPS))[0])
            yaws.append(sign * yaw_of(face))
        assert abs(yaws[0]) < FRONT_YAW
        assert abs(yaws[-1]) < FRONT_YAW
        assert max(yaws) > TURNED_YAW
        assert min(yaws) > -FRONT_YAW, "never the other way"


def test_who_can_be_seen(finder: Finder) -> None:
    scenes = {
        0: (people.PeopleScene(), people.PeopleScene(covered=True)),
        1: (people.PeopleScene(photo="citizen-02"), people.PeopleScene((people.Person("citizen-03"),), light=0.2)),
        2: (scene_at(Act("join", "citizen-01", other="citizen-09"), 5.0),),
    }
    for count, drawn in scenes.items():
        for scene in drawn:
            pixels, truth = people.draw(scene)
            assert len(finder.faces(pixels)) == len(truth.faces) == count
    assert not people.draw(scenes[1][0])[1].faces[0].living
    assert not people.draw(scene_at(Act("leave", "citizen-05"), 9.0))[1].faces
    afar = people.draw(scene_at(Act("approach", "citizen-00"), 1.0))[1].faces
    near = people.draw(scene_at(Act("approach", "citizen-00"), 9.0))[1].faces
    assert math.dist(*near[0].points[:2]) > 1.4 * math.dist(*afar[0].points[:2]) if afar else near


async def test_who_obeys_is_seen_obeying_and_who_does_not_is_not() -> None:
    engine = FaceEngine(deadline_s=10)
    try:
        await engine.start()
        person = people.draw(people.PeopleScene((people.Person("citizen-03"),)))[0]
        assert set(CHALLENGES) == set(get_args(Challenge))
        acts: tuple[tuple[Challenge, Act, bool], ...] = (
            ("turn-right", Act(*_act("turn-right")), True),
            ("close-eyes", Act(*_act("close-eyes")), True),
            ("turn-left", Act("turn", "citizen-03", "right"), False),
        )
        for challenge, act, obeys in acts:
            watch, step = Watch(challenge), ""
            for i in range(-6, int((act.length_s + 0.5) * FPS), 2):
                picture = people.draw(scene_at(act, i / FPS))[0]
                (glimpse,) = await engine.watch(person, [picture])
                step = watch.see(glimpse)
            assert (step == "done") is obeys, (challenge, act.words, step)
    finally:
        await engine.close()


def _act(challenge: Challenge) -> tuple[ActKind, str, Side]:
    """What obeys, as done by citizen 3."""
    kind, side = CHALLENGES[challenge]
    return kind, "citizen-03", side


def test_acts_check_what_they_are_given() -> None:
    wrong: tuple[dict[str, Any], ...] = (
        {"kind": "dance", "face": "citizen-00"},
        {"kind": "turn", "face": "citizen-77"},
        {"kind": "turn", "face": "citizen-00", "side": "up"},
        {"kind": "turn", "face": "citizen-00", "seconds": 61.0},
        {"kind": "join", "face": "citizen-00"},
        {"kind": "turn", "face": "citizen-00", "other": "citizen-01"},
    )
    for args in wrong:
        with pytest.raises(ValueError):
            Act(**args)
