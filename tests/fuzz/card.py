"""The ID-card reader's codecs and host end from bytes."""

from __future__ import annotations

from contextlib import suppress

from drivers.id_card.card import card_read
from drivers.id_card.frames import (
    MAX_LEN,
    Damaged,
    FrameError,
    Reply,
    ReplyParser,
    Request,
    RequestParser,
    build_address,
    build_text,
    check_foreign_2023_number,
    encode_reply,
    encode_request,
    finger_name,
    join_read,
    old_foreign_number,
    pack_standin,
    parse_address,
    parse_card_body,
    parse_text,
    sam_number,
    sam_number_bytes,
    split_fingerprints,
    split_read,
    unpack_standin,
)
from drivers.id_card.host import FIND, PRESENCE, STATUS, Failed, Finished, SamHost, identify, reading
from drivers.id_card.wlt_call import WltCall, wlt_call
from drivers.id_card.wlt_picture import BMP_BYTES, PICTURE_BYTES, upright

_JOBS = (STATUS, FIND, PRESENCE, identify(3), reading(), reading(fingerprints=True, body=True))


def frames(data: bytes) -> None:
    """Any stream, in any pieces: the same frames, each of them in the stream, and little memory."""
    step, stream = 1 + (data[0] if data else 0) % 64, data[1:]
    for make in (ReplyParser, RequestParser):
        whole, pieces = make(), make()
        expected = whole.feed(stream)
        found = [frame for at in range(0, len(stream), step) for frame in pieces.feed(stream[at : at + step])]
        assert found == expected, "pieces matter"
        assert len(pieces._buffer) <= MAX_LEN + 5
        for frame in found:
            if isinstance(frame, Reply):
                assert encode_reply(frame)[2:] in stream
            elif isinstance(frame, Request):
                assert encode_request(frame)[2:] in stream
        for _ in range(len(stream) + 1):
            if not pieces.waiting:
                break
            assert isinstance(pieces.give_up()[0], Damaged)
        assert not pieces.waiting


def content(data: bytes) -> None:
    """Blocks of a card: a value or a named error; what is built of a value reads back."""
    with suppress(FrameError):
        block = parse_text(data[:256].ljust(256, b"\0"))
        with suppress(FrameError):
            assert parse_text(build_text(block)) == block
        card = card_read(block, b"")
        assert card.name not in repr(card) or not card.name.strip("< >:")
        check_foreign_2023_number(card.number)
        old_foreign_number(card.number, card.nationality, card.version)
    with suppress(FrameError):
        address = parse_address(data[:70].ljust(70, b" "))
        assert parse_address(build_address(address)) == address
    for fingerprints in (False, True):
        with suppress(FrameError):
            parts = split_read(data, fingerprints=fingerprints)
            assert join_read(parts, fingerprints=fingerprints) == data
            for template in split_fingerprints(parts.fingerprints):
                finger_name(template)
    with suppress(FrameError):
        body = parse_card_body(data)
        assert body.iin + body.sn + body.dn == data
    with suppress(FrameError):
        assert sam_number_bytes(sam_number(data[:16])) == data[:16]
    with suppress(FrameError):
        sam_number_bytes(data.decode("utf-8", "replace"))
    with suppress(FrameError):
        blob = data.ljust(1024, b"\0")
        assert unpack_standin(pack_standin(unpack_standin(blob)))


def host(data: bytes) -> None:
    """The host end fed by a script: it stays within its bounds and every job ends."""
    script = iter(data)
    machine, now = SamHost(), 0.0
    machine.request(now, _JOBS[next(script, 0) % len(_JOBS)])
    for op in script:
        if machine.wake_at is None:
            machine.request(now, _JOBS[op % len(_JOBS)])
        elif op < 64:
            machine.receive(now, bytes(next(script, 0) for _ in range(op)))
        elif op < 160:
            sizes = (0, 4, 8, 16, 70, 260, 1284, 1286)
            size = sizes[op % len(sizes)]
            machine.receive(now, encode_reply(Reply(next(script, 0), bytes(size), next(script, 0), op)))
        elif op < 200:
            now += (op - 159) / 20
            machine.wake(now)
        else:
            now = max(now, machine.wake_at)
            machine.wake(now)
    for _ in range(100):
        if machine.wake_at is None:
            return
        assert machine.wake_at <= now + 10
        now = max(now, machine.wake_at)
        over = machine.wake(now)
        assert machine.wake_at is not None or isinstance(over[-1], Finished | Failed)
    raise AssertionError("the job does not end")


def portraits(data: bytes) -> None:
    """What decoders hand back, and how profiles name decoders."""
    if data:
        fill = (data[54:] or b"\0") * (BMP_BYTES // max(1, len(data) - 54) + 1)
        for size in (PICTURE_BYTES, BMP_BYTES, len(data)):
            with suppress(FrameError):
                assert len(upright((data[:54] + fill)[:size], "rgb")) == PICTURE_BYTES
    with suppress(ValueError):
        call = wlt_call("ctypes:/" + data.decode("utf-8", "replace"))
        assert WltCall.of_json(call.json()) == call
