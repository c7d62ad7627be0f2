"""The camera's bytes, the face process's messages, and settings files."""

from __future__ import annotations

from contextlib import suppress

from pydantic import ValidationError

from config.load import SettingsError, parse_toml
from config.settings import Settings
from drivers.camera.face_wire import (
    checked_sizes,
    parse_boxes,
    parse_glimpses,
    parse_measures,
    parse_verdict,
    verdict_head,
)
from drivers.camera.frames import FrameError, jpeg_damage, requested_path
from drivers.camera.worker_wire import MAX_BODY, MAX_HEAD, PREFIX, WireError, head_bytes, lengths, parse_head


def pictures(data: bytes) -> None:
    """Damage in a JPEG, and the head of a request for a stream."""
    said = jpeg_damage(data)
    assert said is None or 0 < len(said) < 100
    damage = jpeg_damage(b"\xff\xd8" + data + b"\xff\xd9")
    assert damage is None or damage
    with suppress(FrameError):
        assert requested_path(data).isascii()
    with suppress(FrameError):
        requested_path(b"GET " + data + b" HTTP/1.1\r\n\r\n")


def faces(data: bytes) -> None:
    """Messages between the terminal and its face, document and text processes."""
    with suppress(WireError):
        head, body = lengths(data[: PREFIX.size])
        assert head <= MAX_HEAD
        assert body <= MAX_BODY
    with suppress(WireError):
        head = parse_head(data)
        with suppress(WireError):
            assert len(checked_sizes(head.get("sizes"))) <= 9
        with suppress(WireError):
            parse_glimpses(head)
        with suppress(WireError):
            parse_measures(head)
        with suppress(WireError):
            parse_boxes(head)
        with suppress(WireError):
            verdict = parse_verdict(head)
            with suppress(WireError):
                assert parse_head(head_bytes(verdict_head(verdict))[PREFIX.size :])


def settings(data: bytes) -> None:
    """A settings file: settings, or one error that says where."""
    try:
        tree = parse_toml(data, "fuzz")
    except SettingsError:
        return
    with suppress(ValidationError):
        Settings.model_validate(tree)
