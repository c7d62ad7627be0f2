"""JPEG damage, the MJPEG stream's bytes, pictures. Judged by Pillow's decoder and by bytes written out by hand."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from drivers.camera.frames import (
    MAX_JPEG,
    FrameError,
    Picture,
    jpeg_damage,
    part,
    refusal,
    requested_path,
    shown,
    stream_head,
)


def jpeg(width: int = 64, height: int = 48, **options: object) -> bytes:
    noise = np.random.default_rng(7).integers(0, 255, (height, width, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "JPEG", **options)
    return out.getvalue()


WHOLE = {
    "baseline": jpeg(),
    "progressive": jpeg(progressive=True),
    "restart markers": jpeg(restart_marker_rows=1),
    "grey": jpeg(optimize=True, quality=30),
    "with a comment that holds an end marker": jpeg(comment=b"\xff\xd9 and \xff\xd8"),
}


@pytest.mark.oracle
@pytest.mark.parametrize("name", WHOLE)
def test_whole_pictures_of_another_encoder_pass(name: str) -> None:
    assert jpeg_damage(WHOLE[name]) is None
    assert jpeg_damage(WHOLE[name] + b"\0" * 100) is None, "cameras pad"


@pytest.mark.parametrize("name", WHOLE)
def test_cut_anywhere_is_damage(name: str) -> None:
    whole = WHOLE[name]
    for end in range(len(whole)):
        assert jpeg_damage(whole[:end]) is not None, end


def test_two_pictures_run_together_are_damage() -> None:
    whole = WHOLE["baseline"]
    assert jpeg_damage(whole + whole) is not None
    assert jpeg_damage(whole[: len(whole) // 2] + whole) is not None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no start"),
        (b"\x89PNG\r\n\x1a\n", "no start"),
        (b"\xff\xd8\xff\xd9", "no picture"),
        (b"\xff\xd8\xff\xe0\x00\x01", "cut short"),
        (b"\xff\xd8\xff\xe0\xff\xff", "cut short"),
        (b"\xff\xd8" + b"\0" * MAX_JPEG, "more than"),
    ],
)
def test_what_is_wrong_is_said(data: bytes, words: str) -> None:
    assert words in str(jpeg_damage(data))


def test_a_picture_that_claims_to_be_huge_is_refused_before_decoding() -> None:
    whole = bytearray(WHOLE["baseline"])
    sof = whole.index(b"\xff\xc0")
    whole[sof + 5 : sof + 9] = b"\xff\xff\xff\xff"
    assert "65535 x 65535" in str(jpeg_damage(bytes(whole)))


def test_the_stream_byte_for_byte() -> None:
    assert stream_head() == (
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nCache-Control: no-store\r\n"
        b"Content-Type: multipart/x-mixed-replace; boundary=picture\r\n\r\n"
    )
    assert part(b"abc") == b"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: 3\r\n\r\nabc\r\n"
    assert refusal(404, "Not Found").startswith(b"HTTP/1.1 404 Not Found\r\n")


def test_requests() -> None:
    assert requested_path(b"GET /face.mjpg?x=1 HTTP/1.1\r\nHost: a\r\n\r\n") == "/face.mjpg"
    for bad in (b"POST / HTTP/1.1\r\n\r\n", b"GET /\r\n\r\n", b"GET /\xff HTTP/1.0\r\n\r\n", b"GET / " + b"x" * 9000):
        with pytest.raises(FrameError):
            requested_path(bad)


def test_a_link_is_shown_without_its_secrets() -> None:
    assert shown("rtsp://user:secret@192.0.2.9:554/one?token=abc") == "rtsp://192.0.2.9:554/one"
    assert shown("/dev/video0") == "/dev/video0"


def test_pictures_are_checked_and_can_be_wiped() -> None:
    array = np.full((4, 5, 3), 9, np.uint8)
    picture = Picture.of(array)
    assert (picture.width, picture.height) == (5, 4)
    picture.wipe()
    assert bytes(picture.bgr) == bytes(60)
    assert array.all(), "a copy of its own"
    for bad in ((0, 4, b""), (5, 4, b"\0" * 59), (5000, 1, b"\0" * 15000)):
        with pytest.raises(FrameError):
            Picture(*bad)
    with pytest.raises(FrameError):
        Picture.of(np.zeros((4, 5), np.uint8))
    with pytest.raises(FrameError):
        Picture.of(np.zeros((4, 5, 3), np.float32))
